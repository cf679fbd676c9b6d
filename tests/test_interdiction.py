"""The worst closures equal those found by trying every set."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

import corridors as co
from corridors.analysis.detours import Detours
from corridors.analysis.effects import exposed
from corridors.analysis.targets import members
from corridors.errors import ArgumentError
from tests.strategies import HALF, networks, place_ids
from tests.worlds import link, network, place


@some.composite
def asked(draw, tonnes=(0.0, 1.0, 2.0, 7.5)):
    """A random multigraph and flows on it; some tie, some carry nothing, some have no way."""
    net = draw(networks(oneway=True))
    pairs = draw(
        some.lists(some.tuples(place_ids(net), place_ids(net)), min_size=1, max_size=4)
    )  # fmt: skip
    return net, pd.DataFrame(
        [
            {"flow_id": "same name", "origin": a, "destination": b,
             "tonnes": draw(some.sampled_from(tonnes))}
            for a, b in pairs
        ]
    )  # fmt: skip


def _harm(net, flows, shut):
    """Stranded tonnes and extra tonne-km with links closed, by routing every flow again."""
    stranded = extra = 0.0
    for row in flows.itertuples():
        before = net.skim(row.origin, row.destination)["length"].iloc[0, 0]
        after = net.skim(row.origin, row.destination, avoid=shut)["length"].iloc[0, 0]
        if np.isnan(after) and not np.isnan(before):
            stranded += row.tonnes
        elif not np.isnan(after):
            extra += row.tonnes * (after - before)
    return stranded, round(extra, 3)


def _brute(net, flows, k):
    """All sets of up to k links, the worst first; of equals the smallest, then by ids."""
    ids = sorted(net.links["link_id"][net.links["usable"]])
    sets = itertools.chain.from_iterable(itertools.combinations(ids, n) for n in range(k + 1))
    harm = {chosen: _harm(net, flows, chosen) for chosen in sets}
    return min(harm, key=lambda s: (-harm[s][0], -harm[s][1], len(s), s)), harm


@HALF
@given(asked(), some.integers(1, 2))
def test_equals_brute_force(case, k):
    net, flows = case
    found = net.interdict(flows, k=k, progress=False)
    expected, harm = _brute(net, flows, k)
    assert found.proven
    assert found.worst.ids == expected
    assert found.worst.stranded_t == harm[expected][0]
    assert found.worst.extra == pytest.approx(harm[expected][1], abs=1e-3)
    assert (found.greedy.stranded_t, found.greedy.extra) <= (
        found.worst.stranded_t, found.worst.extra
    )  # fmt: skip
    table = found.flows
    stranded = table[table["outcome"] == "stranded"]["tonnes"].sum()
    assert stranded == pytest.approx(found.worst.stranded_t)
    diverted = table[table["outcome"] == "diverted"]
    assert (diverted["tonnes"] * diverted["extra_km"]).sum() == pytest.approx(found.worst.extra)
    for alike in found.worst.alike:
        others = set(found.worst.ids) - set(alike)
        for one in alike:
            again = _harm(net, flows, sorted({*others, one}))
            assert again == pytest.approx((found.worst.stranded_t, found.worst.extra), abs=1e-2)
    json.dumps(found.to_dict(), allow_nan=False)


@HALF
@given(asked())
def test_three_closures_equal_brute_force_on_the_same_ways(case):
    """k = 3 against every set of three targets, on ways that were checked one by one above."""
    net, flows = case
    found = net.interdict(flows, k=3, progress=False)
    detours = exposed(net, flows, "links", {}).detours
    count = range(len(detours.targets.names))
    sets = itertools.chain.from_iterable(itertools.combinations(count, n) for n in range(4))
    harm = {s: detours.harm(sum(1 << n for n in s)) for s in sets}
    best = min(harm, key=lambda s: (-harm[s].stranded_t, -harm[s].extra, len(s), s))
    assert found.worst.ids == detours.targets.ids(sum(1 << n for n in best))


@HALF
@given(asked(), some.data())
def test_remembered_ways_equal_new_searches(case, data):
    """A way found with part of the closures stays right; bounds are no less than the harm."""
    net, flows = case
    detours = exposed(net, flows, "links", {}).detours
    everything = (1 << len(detours.targets.names)) - 1
    for _ in range(4):
        closed = data.draw(some.integers(0, everything))
        fresh = exposed(net, flows, "links", {}).detours
        assert detours.harm(closed) == fresh.harm(closed)
        ids = detours.targets.ids(closed)
        assert detours.harm(closed).stranded_t == _harm(net, flows, ids)[0]
        allowed = everything & ~closed
        for trip in detours.trips:
            worst = trip.worst(closed, allowed, 1)
            one_by_one = [
                trip.way(closed | 1 << number).weight for number in members(allowed)
            ] + [trip.way(closed).weight]  # fmt: skip
            assert worst == max(one_by_one)
            assert trip.bound(closed, allowed, 2)[0] >= worst


def _borders(other="y"):
    """Two crossings, one of two tracks; or one, if the second lies between the same stations."""
    places = [
        place("a", 44, 40), place("b", 45, 40),
        place("x", 44.5, 40, kind="border"), place("y", 44.5, 40.2, kind="border"),
    ]  # fmt: skip
    links = [
        link("a", "x", 50, link_id="ax1"), link("a", "x", 50, link_id="ax2"),
        link("x", "b", 50), link("a", "y", 80), link("y", "b", 80),
    ]  # fmt: skip
    row = {"mode": "rail", "country_a": "AZ", "country_b": "GE", "border_place_a": "a",
           "source": "own-estimate", "confidence": "assumption"}  # fmt: skip
    crossings = [
        co.schema.CrossingRow.model_validate({"place_id": name, "border_place_b": post, **row})
        for name, post in (("x", "b"), ("y", other))
    ]
    return network(places, links, crossings=crossings)


FLOW = pd.DataFrame([{"flow_id": "f", "origin": "a", "destination": "b", "tonnes": 10.0}])


def test_closing_a_crossing_closes_every_link_through_it():
    net = _borders()
    one = net.interdict(FLOW, k=1, of="crossings")
    assert one.worst.ids == ("x",)
    assert one.worst.extra == pytest.approx(10 * 60)
    assert set(one.table["links"].iloc[0].split()) == {"ax1", "ax2", "x--b"}
    both = net.interdict(FLOW, k=3, of="crossings")
    assert both.worst.ids == ("x", "y")
    assert both.worst.stranded_t == 10
    # Two border points between the same stations are one crossing.
    whole = _borders("b").interdict(FLOW, k=1, of="crossings")
    assert whole.worst.ids == ("x",)
    assert whole.worst.stranded_t == 10
    links = set(whole.table["links"].iloc[0].split())
    assert links == {"ax1", "ax2", "x--b", "a--y", "y--b"}
    # Of two tracks, closing one does nothing; of the links, only the one behind them does.
    assert net.interdict(FLOW, k=1).worst.ids == ("x--b",)


def test_greedy_can_be_worse():
    """A flow with two ways is worth more than one with a single link, but not link by link."""
    places = [place(name, 44 + n, 40) for n, name in enumerate("abcd")]
    links = [
        link("a", "b", 90, link_id="track1"), link("a", "b", 91, link_id="track2"),
        link("c", "d", 90, link_id="single"),
    ]  # fmt: skip
    flows = pd.DataFrame(
        [
            {"origin": "a", "destination": "b", "tonnes": 10.0},
            {"origin": "c", "destination": "d", "tonnes": 6.0},
        ]
    )
    found = network(places, links).interdict(flows, k=2)
    assert found.worst.ids == ("track1", "track2")
    assert found.worst.stranded_t == 10
    assert found.greedy.ids == ("single", "track1")
    assert (found.gap_t, found.gap_extra) == (4, -10)
    assert "strands 4 t less" in found.explain()


def test_more_closures_than_links_and_nothing_to_carry():
    net = _borders()
    every = net.interdict(FLOW, k=99)
    assert every.worst.stranded_t == 10
    assert every.worst.ids == ("a--y", "x--b")
    idle = net.interdict(FLOW.assign(tonnes=0.0), k=2)
    assert idle.worst.ids == ()
    assert "does these flows any harm" in idle.explain()
    no_way = net.with_closed("x", "y").interdict(FLOW, k=2)
    assert no_way.worst.ids == ()
    assert no_way.flows["outcome"].tolist() == ["no way"]
    assert no_way.flows["reason"].iloc[0]


def test_stopped_searches_say_so(net):
    found = net.interdict(co.flows(), k=3, max_searches=1)
    assert not found.proven
    assert "Not proven" in found.explain()
    assert found.worst.stranded_t >= found.greedy.stranded_t
    quick = net.interdict(co.flows(), k=2, exact=False)
    assert not quick.proven
    assert quick.worst.ids == quick.greedy.ids


def test_wrong_input_is_named(net):
    flows = co.flows()
    for wrong in (0, -1, 1.5, True, "2"):
        with pytest.raises(ArgumentError, match="k="):
            net.interdict(flows, k=wrong)
    with pytest.raises(ArgumentError, match="flows is empty"):
        net.interdict([])
    with pytest.raises(ArgumentError, match="flows='russian-grain'"):
        net.interdict("russian-grain")
    with pytest.raises(ArgumentError, match="of='nodes'"):
        net.interdict(flows, of="nodes")
    with pytest.raises(ArgumentError, match="max_searches=0"):
        net.interdict(flows, max_searches=0)
    with pytest.raises(ArgumentError, match="weight='colour'"):
        net.interdict(flows, weight="colour")


@pytest.mark.parametrize("weight", ["length", "usd_per_t"])
def test_reference_network_pairs_equal_brute_force(net, weight):
    """Every pair of links and of crossings on the whole network, each flow on its own terms."""
    for of, k in (("crossings", 2), ("links", 1)):
        found = net.interdict(co.flows(), k=k, of=of, weight=weight, progress=False)
        detours = exposed(net, co.flows(), of, {"weight": weight}).detours
        sets = itertools.combinations(range(len(detours.targets.names)), k)
        worst = max(detours.harm(sum(1 << n for n in chosen)) for chosen in sets)
        assert (found.worst.stranded_t, found.worst.extra) == (worst.stranded_t, worst.extra)


def test_what_the_closures_do_is_what_routing_says(net):
    """Stranded flows have no route and diverted ones the length told, with the links closed."""
    found = net.interdict(co.flows(), k=2, progress=False)
    shut = net.with_closed(*found.worst.ids)
    flows = co.flows()
    for row in found.flows.itertuples():
        flow = flows[row.flow_id]
        if row.outcome == "stranded":
            with pytest.raises(co.NoRoute):
                flow.route(shut)
        elif row.outcome != "no way":
            assert flow.route(shut).route.length_km == pytest.approx(row.length_km)


def test_pictures(net, tmp_path):
    found = net.interdict(co.flows(), k=2, of="crossings")
    assert "stranded" in found.map().html()
    assert found.chart().save(tmp_path / "worst.png").stat().st_size > 5000
    assert "stranded" in found.chart().alt
    assert "Boyuk Kesik" in found._repr_html_()
    assert isinstance(found._exposed.detours, Detours)
