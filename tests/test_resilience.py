"""Curves of what is served: greedy order, random orders, the same seed the same bits."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import corridors as co
from corridors.errors import ArgumentError
from tests.strategies import HALF
from tests.test_interdiction import FLOW, _borders, _harm, asked


@HALF
@given(asked())
def test_the_worst_first_is_greedy_and_what_routing_says(case):
    net, flows = case
    found = net.resilience(flows, n=4, progress=False)
    table = found.table
    assert table["closures"].tolist() == list(range(len(table)))
    closed = [name for name in table["closed"] if name is not None]
    assert len(closed) == len(table) - 1
    ids = sorted(net.links["link_id"][net.links["usable"]])
    for step in range(len(table)):
        stranded, extra = _harm(net, flows, closed[:step])
        assert table["served_t"][0] - table["served_t"][step] == pytest.approx(stranded)
        if table["served_t"][step]:
            mean = extra / table["served_t"][step]
            assert table["extra_km"][step] == pytest.approx(mean, abs=1e-3)
        if step < len(closed):
            worst = max(_harm(net, flows, [*closed[:step], name]) for name in ids)
            assert worst == pytest.approx(_harm(net, flows, closed[: step + 1]), abs=2e-3)
    assert (np.diff(table["served_t"]) <= 0).all()
    greedy = net.interdict(flows, k=4, exact=False).greedy
    assert tuple(sorted(closed)) == greedy.ids


def test_random_orders_are_uniform_and_reproducible():
    """Two closures at random out of five links, against all orders of two."""
    net = _borders()
    ids = net.links["link_id"].tolist()
    every = [
        10 - _harm(net, FLOW, pair)[0] for pair in itertools.permutations(ids, 2)
    ]  # fmt: skip
    found = net.resilience(FLOW, "random", 2, repetitions=4000, seed=7)
    last = found.table.iloc[2]
    error = np.std(every) / np.sqrt(4000)
    assert abs(last["served_t"] - np.mean(every)) < 5 * error
    assert (last["served_t_low"], last["served_t_high"]) == (min(every), max(every))
    again = net.resilience(FLOW, "random", 2, repetitions=4000, seed=7)
    pd.testing.assert_frame_equal(found.table, again.table, check_exact=True)
    other = net.resilience(FLOW, "random", 2, repetitions=4000, seed=8)
    assert not found.table["served_t"].equals(other.table["served_t"])


def test_more_closures_than_links():
    net = _borders()
    table = net.resilience(FLOW, "random", 50, repetitions=3).table
    assert len(table) == 6
    assert table["served_t"].iloc[-1] == 0
    assert np.isnan(table["extra_km"].iloc[-1])
    worst = net.resilience(FLOW, "worst", 50).table
    assert worst["closed"].tolist() == [None, "x--b", "a--y"]


def test_flows_without_a_way_are_not_served():
    net = _borders().with_closed("x", "y")
    found = net.resilience(FLOW, n=2)
    assert found.table["served_t"].tolist() == [0]
    assert found.tonnes == 10
    assert "0 t served" in found.explain()


def test_reference_network(net, tmp_path):
    found = net.resilience(co.flows(), n=5, of="crossings")
    assert found.table["closed"].tolist()[1] == "boyuk-kesik-gardabani-rail-border"
    assert "Boyuk Kesik" in found.explain()
    assert found.chart().save(tmp_path / "a.svg").read_text().startswith("<?xml")
    json.dumps(found.to_dict(), allow_nan=False)
    drawn = net.resilience(co.flows(), "random", n=5, repetitions=20, progress=False)
    assert drawn.table["served_t"].is_monotonic_decreasing
    assert (drawn.table["served_t_low"] <= drawn.table["served_t_high"]).all()
    assert drawn.chart().svg() == drawn.chart().svg()
    json.dumps(drawn.to_dict(), allow_nan=False)
    assert "seed 0" in drawn.explain()


def test_wrong_input_is_named(net):
    flows = co.flows()
    with pytest.raises(ArgumentError, match="order='best'"):
        net.resilience(flows, "best")
    for name in ("n", "repetitions"):
        with pytest.raises(ArgumentError, match=f"{name}=0"):
            net.resilience(flows, **{name: 0})
    with pytest.raises(ArgumentError, match="seed=-1"):
        net.resilience(flows, seed=-1)
    with pytest.raises(ArgumentError, match="flows is empty"):
        net.resilience({})
