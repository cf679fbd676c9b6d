"""Time of the worst closures; ``python -m benchmarks.interdiction`` prints the ratios."""

from __future__ import annotations

import pytest

import corridors as co
from benchmarks.interdiction import CASES, DAY, Brute, ours


@pytest.mark.parametrize(("of", "k"), CASES)
def test_speed(benchmark, of, k):
    benchmark.group = "interdiction"
    benchmark.pedantic(
        ours, setup=lambda: ((co.load(DAY), of, k), {}), rounds=3, iterations=1
    )  # fmt: skip


def test_the_ways_agree():
    """The worst pair of crossings is the worst of all pairs."""
    brute = Brute("crossings")
    _, pairs = brute.sets(2)
    found = ours(co.load(DAY), "crossings", 2)
    worst = max(brute.harm(pair) for pair in pairs)
    assert (found.worst.stranded_t, round(found.worst.extra, 1)) == worst
