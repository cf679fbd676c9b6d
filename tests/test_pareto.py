"""The Pareto set equals what brute force finds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as some

import corridors as co
from corridors.network import Network
from tests.strategies import networks, place_ids
from tests.worlds import line, link, network, place, state

CRITERIA = ("length", "borders", "gauge_breaks")


def simple_ways(net: Network, a: str, b: str) -> Iterator[list[dict]]:
    """Rows of the links of every way that passes no place twice; parallel links count apart."""
    rows = net.links[net.links["usable"]].to_dict("records")

    def go(here: str, passed: tuple[str, ...], way: list[dict]) -> Iterator[list[dict]]:
        if here == b:
            yield way
            return
        for row in rows:
            steps = [(row["from_place"], row["to_place"])]
            steps += [] if row["oneway"] else [(row["to_place"], row["from_place"])]
            for start, end in steps:
                if start == here and end not in passed:
                    yield from go(end, (*passed, end), [*way, row])

    yield from go(a, (a,), [])


def vector(way: list[dict]) -> tuple[float, float, float]:
    """Length, borders and gauge breaks, counted anew (as :class:`corridors.Route` defines them)."""
    # All places of these worlds lie in AZ.
    countries = ["AZ", *(row["country"] for row in way if row["country"] != "XZ"), "AZ"]
    borders = sum(one != two for one, two in itertools.pairwise(countries))
    breaks, wheels = 0, set()
    for row in way:
        gauges = set(row["gauge_mm"].split("+")) if isinstance(row["gauge_mm"], str) else set()
        if gauges:
            breaks += bool(wheels) and not wheels & gauges
            wheels = wheels & gauges or gauges
    return round(sum(row["length_km"] for row in way), 6), borders, breaks


def best(vectors: set[tuple[float, ...]]) -> list[tuple[float, ...]]:
    return sorted(
        one for one in vectors
        if not any(
            two != one and all(x <= y for x, y in zip(two, one, strict=True)) for two in vectors
        )
    )  # fmt: skip


@some.composite
def worlds(draw: some.DrawFn) -> Network:
    """Up to six places and ten links in three countries, at sea, on three kinds of gauge."""
    count = draw(some.integers(2, 6))
    names = [f"p{number}" for number in range(count)]
    places = [place(name, 44 + number, 40) for number, name in enumerate(names)]
    pairs = some.tuples(some.sampled_from(names), some.sampled_from(names))
    ends = draw(some.lists(pairs.filter(lambda p: p[0] != p[1]), min_size=1, max_size=10))
    lines = [
        line(f"g{gauge[-4:]}-{len(gauge)}", gauge_mm=gauge)
        for gauge in ("1520", "1435", "1520+1435")
    ]
    links = [
        link(
            a, b, 100 * draw(some.integers(5, 9)), draw(some.sampled_from(lines)).line_id,
            link_id=f"l{number}", country=draw(some.sampled_from(["AZ", "GE", "AM", "XZ"])),
            oneway=draw(some.integers(0, 4)) == 0,
        )
        for number, (a, b) in enumerate(ends)
    ]  # fmt: skip
    return network(places, links, lines, [state("line", row.line_id) for row in lines])


@given(some.data())
def test_equals_brute_force(data):
    net = data.draw(worlds())
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    expected = best({vector(way) for way in simple_ways(net, a, b)})
    if not expected:
        with pytest.raises(co.NoRoute):
            net.pareto(a, b, criteria=CRITERIA)
        return
    found = net.pareto(a, b, criteria=CRITERIA)
    assert found.complete
    assert [tuple(round(x, 6) for x in values) for values in found.values] == expected
    for route, values in zip(found, found.values, strict=True):
        assert route.length_km == pytest.approx(values[0])
        assert len(route.borders) == values[1]
        assert len(route.gauge_breaks) == values[2]


@given(some.data())
def test_one_criterion_gives_the_shortest_route(data):
    net = data.draw(networks(oneway=True))
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    try:
        km = net.route(a, b).length_km
    except co.NoRoute:
        return
    found = net.pareto(a, b, criteria="length")
    assert [route.length_km for route in found] == [pytest.approx(km)]


def test_a_bound_that_is_hit_is_told(net):
    ask = {"criteria": ("length", "borders", "transfers"), "modes": ["rail", "road", "ferry"]}
    whole = net.pareto("Kostanay", "Yerevan", commodity="wheat", **ask)
    assert whole.complete
    assert len(whole) >= 5
    part = net.pareto("Kostanay", "Yerevan", commodity="wheat", max_labels=whole.labels - 20, **ask)
    assert not part.complete
    assert "stopped at its bound" in repr(part)
    with pytest.raises(co.ArgumentError, match="max_labels=1 ended the search"):
        net.pareto("Kostanay", "Yerevan", commodity="wheat", max_labels=1, **ask)


def test_the_table_says_what_each_is_best_at(net):
    found = net.pareto(
        "Kostanay", "Yerevan", commodity="wheat", modes=["rail", "road", "ferry"],
        criteria=("length", "transfers"),
    )  # fmt: skip
    table = found.table
    assert table["best_at"].iloc[0] == "length"
    assert table["best_at"].iloc[-1] == "transfers"
    assert table["length"].is_monotonic_increasing
    assert table["transfers"].is_monotonic_decreasing
    transfers = [(route.legs["mode"] == "transfer").sum() for route in found]
    assert table["transfers"].tolist() == transfers


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"criteria": ("beauty",)}, "criteria="),
        ({"criteria": ()}, "criteria="),
        ({"criteria": None}, "criteria=None"),
        ({"criteria": ("length", "length")}, "criteria="),
        ({"max_labels": 0}, "max_labels=0"),
        ({"criteria": "length", "weight": "length"}, "not a weight"),
    ],
)
def test_bad_arguments_are_named(net, wrong, told):
    with pytest.raises(co.ArgumentError, match=told):
        net.pareto("Aktau", "Poti", **wrong)
