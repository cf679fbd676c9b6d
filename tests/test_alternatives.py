"""Really different routes: the bounds hold on every network, the Caucasus shows its corridors."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as some

import corridors as co
from tests.strategies import networks, place_ids
from tests.worlds import line, link, network, place

CORNERS = {"west": (45, 40), "north": (46, 41), "south": (46, 39), "east": (47, 40)}


def square(**north):
    """Two ways from west to east, the southern one longer."""
    links = [
        link("west", "north", 140, **north), link("north", "east", 140, **north),
        link("west", "south", 160), link("south", "east", 160),
    ]  # fmt: skip
    return network([place(name, *at) for name, at in CORNERS.items()], links)


@given(some.data())
def test_bounds_hold_for_every_pair(data):
    net = data.draw(networks(oneway=True))
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    k = data.draw(some.integers(1, 5))
    most = data.draw(some.sampled_from([0.0, 0.3, 0.6, 1.0]))
    stretch = data.draw(some.sampled_from([1.0, 1.5, 3.0]))
    try:
        best = net.route(a, b)
    except co.NoRoute:
        with pytest.raises(co.NoRoute):
            net.alternatives(a, b, k=k)
        return
    ways = net.alternatives(a, b, k=k, max_overlap=most, max_stretch=stretch)
    assert 1 <= len(ways) <= k
    assert ways.costs[0] == pytest.approx(best.length_km)
    assert list(ways.costs) == sorted(ways.costs)
    assert ways.costs[-1] <= stretch * ways.costs[0] + 1e-6
    for route, cost in zip(ways, ways.costs, strict=True):
        assert route.length_km == pytest.approx(cost)
        assert (route.place_ids[0], route.place_ids[-1]) == (a, b)
        assert len(set(route.place_ids)) == len(route.place_ids)
    for one, two in itertools.combinations(ways, 2):
        km = one.legs.set_index("link_id")["length_km"]
        shared = km[km.index.isin(two.link_ids)].sum()
        assert shared <= most * min(one.length_km, two.length_km) + 1e-6
        assert set(one.link_ids) != set(two.link_ids)


@given(some.data())
def test_the_same_question_has_the_same_answer(data):
    net = data.draw(networks())
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    try:
        first = net.alternatives(a, b, max_overlap=0.8)
    except co.NoRoute:
        return
    again = net.alternatives(a, b, max_overlap=0.8)
    assert [route.link_ids for route in first] == [route.link_ids for route in again]
    assert first.explain() == again.explain()


def test_two_ways_round_a_square():
    ways = square().alternatives("west", "east")
    assert [round(route.length_km) for route in ways] == [280, 320]
    assert ways.overlap.loc[1, 2] == 0
    assert "+40 km" in ways.words[1]
    assert "4 were asked for" in ways.explain()
    assert ways.table["stretch"].tolist() == [1.0, pytest.approx(320 / 280, abs=1e-4)]
    assert len(square().alternatives("west", "east", max_stretch=1.1)) == 1


def test_parallel_links_are_alternatives_and_are_not_added_up():
    rows = [link("west", "east", 200), link("west", "east", 210, "second", link_id="second")]
    places = [place(name, *CORNERS[name]) for name in ("west", "east")]
    net = network(places, rows, [line("main"), line("second")])
    ways = net.alternatives("west", "east")
    assert [route.length_km for route in ways] == [200, 210]
    assert [route.link_ids for route in ways] == [["west--east"], ["second"]]


def test_start_is_end():
    ways = square().alternatives("west", "west")
    assert len(ways) == 1
    assert ways[0].length_km == 0
    assert ways.table["cost"].tolist() == [0]
    assert ways.words == ["start and end are the same place"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"k": 0}, "k=0"),
        ({"k": -1}, "k=-1"),
        ({"k": 2.5}, "k=2.5"),
        ({"k": True}, "k=True"),
        ({"max_overlap": 1.1}, "max_overlap=1.1"),
        ({"max_overlap": float("nan")}, "max_overlap=nan"),
        ({"max_stretch": 0.5}, "max_stretch=0.5"),
        ({"weight": "beauty"}, "weight='beauty'"),
        ({"commodity": "gold"}, "commodity='gold'"),
    ],
)
def test_bad_arguments_are_named(wrong, told):
    with pytest.raises(co.ArgumentError, match=told):
        square().alternatives("west", "east", **wrong)


def test_kostanay_yerevan_by_gates_of_their_own(net):
    ask = {"commodity": "wheat", "modes": ["rail", "road", "ferry"], "weight": "generalised"}
    ways = net.alternatives("Kostanay", "Yerevan", k=7, max_overlap=0.9, distinct_by="gates", **ask)
    gates = [
        {border.place_id for border in way.borders}.union(
            way.legs["line_id"][way.legs["mode"] == "ferry"]
        )
        for way in ways
    ]
    for number, own in enumerate(gates):
        assert own - set().union(*gates[:number])
    assert ways.table["overlap"].max() <= 0.9
    assert "aktau-alat-ferry" in gates[0]
    assert "kuryk-alat-ferry" in gates[1]
    assert "yalama-samur-rail-border" in gates[2]
    lars = [way for way in ways if "verkhny-lars-road-border" in way.place_ids]
    assert "transfer" in lars[0].by_mode
    assert {"kigash-ganyushkino-rail-border"} <= set(lars[0].place_ids)


def test_gates_are_named_or_an_error():
    with pytest.raises(co.ArgumentError, match="distinct_by='ports'"):
        square().alternatives("west", "east", distinct_by="ports")
    assert len(square().alternatives("west", "east", distinct_by="gates")) == 1


def test_kostanay_yerevan_by_each_of_its_ways(net):
    rails = net.alternatives(
        "Kostanay", "Yerevan", k=6, max_overlap=0.9, modes=["rail", "ferry"], commodity="wheat"
    )
    lines = [set(route.legs["line_id"]) for route in rails]
    assert any("aktau-alat-ferry" in used for used in lines)
    assert any("kuryk-alat-ferry" in used for used in lines)
    assert any("yalama-samur-rail-border" in route.place_ids for route in rails)
    three = net.alternatives(
        "Kostanay", "Yerevan", modes=["rail", "road", "ferry"], commodity="wheat"
    )
    lars = [r for r in three if any("lars" in border.place_id for border in r.borders)]
    assert lars
    assert {"rail", "transfer", "road"} <= set(lars[0].by_mode)
    assert any("astrakhan" in place or "aksarayskaya" in place for place in lars[0].place_ids)
    assert three.table["overlap"].max() <= 0.6
