"""The loss of every link by replacement paths, beside a search for each; `make bench`.

Nothing here fails by a time; ``python -m benchmarks.chokepoint_cases`` prints the ratios.
"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.chokepoint_cases import bare, cases, ours

ALL = {case.name: case for case in cases()}


@pytest.mark.parametrize("name", ALL)
def test_the_ways_agree(name):
    for one, other in zip(ours(ALL[name]), bare(ALL[name]), strict=True):
        order, theirs = np.argsort(one[0]), np.argsort(other[0])
        np.testing.assert_array_equal(one[0][order], other[0][theirs])
        np.testing.assert_allclose(one[1][order], other[1][theirs])


@pytest.mark.parametrize("way", [ours, bare])
@pytest.mark.parametrize("name", ALL)
def test_speed(benchmark, name, way):
    benchmark.group = name
    benchmark.pedantic(way, (ALL[name],), rounds=3, warmup_rounds=1)
