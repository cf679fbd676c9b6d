"""Routes, tables, alternatives and closures beside networkx and the bare call; `make bench`.

Machines differ and are shared, so nothing here fails by a time: read the ratios inside a group, or
run ``python -m benchmarks.cases``, which prints them.
"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.cases import cases

ALL = {case.name: case for case in cases()}
WAYS = [
    (name, way)
    for name, case in ALL.items()
    for way in ("ours", "networkx", "bare")
    if getattr(case, way) is not None
]


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_speed(benchmark, name, way):
    benchmark.group = name
    slow = way == "networkx" and name != "route"
    if slow:
        benchmark.pedantic(getattr(ALL[name], way), rounds=3, warmup_rounds=1)
    else:
        benchmark(getattr(ALL[name], way))


def test_the_ways_agree():
    """What is compared is the same work."""
    route, table = ALL["route"], ALL["table"]
    assert route.networkx is not None
    assert route.ours().place_ids == route.networkx()
    ours = table.ours()["length"].to_numpy()
    places = table.ours()["length"].columns
    theirs = np.array([[row.get(place, np.nan) for place in places] for row in table.networkx()])
    np.testing.assert_allclose(ours, theirs)
    for name in ("closures", "closures of 5 links"):
        np.testing.assert_allclose(ALL[name].ours()["after"], ALL[name].networkx())
