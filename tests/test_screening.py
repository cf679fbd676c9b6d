"""Many single changes at once equal each change made by itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import corridors as co
from corridors.errors import ArgumentError
from corridors.network import Network
from tests.strategies import networks, place_ids
from tests.worlds import DAY, line, link, network, place, state


def slow(net, a, b):
    return net.skim(a, b, modes=["rail"])["length"].iloc[0, 0]


def with_link(net, start, end, km):
    """The network and one link more, made from its rows anew."""
    tables = net.tables
    places = [
        place(row.place_id, row.lon, row.lat) for row in net.places.itertuples()
    ]  # fmt: skip
    links = [
        link(
            row.from_place, row.to_place, row.length_km, row.line_id, link_id=row.link_id,
            oneway=bool(row.oneway),
        )
        for row in net.links.itertuples()
    ]  # fmt: skip
    lines = [line(name) for name in dict.fromkeys(tables.links["line_id"])]
    states = [state("line", row.subject_id, row.state) for row in tables.states.itertuples()]
    links.append(link(start, end, km, "new", link_id="new"))
    return network(places, links, [*lines, line("new")], [*states, state("line", "new")])


@settings(max_examples=25, deadline=None)
@given(some.data())
def test_equals_the_slow_way(data):
    net = data.draw(networks(oneway=True))
    pairs = data.draw(
        some.lists(some.tuples(place_ids(net), place_ids(net)), min_size=1, max_size=3)
    )
    ids = sorted({*net.links["link_id"], *net.links["line_id"]})
    opened = data.draw(some.lists(some.sampled_from(ids), max_size=4, unique=True))
    closed = data.draw(some.lists(some.sampled_from(ids), max_size=4, unique=True))
    ends = data.draw(some.tuples(place_ids(net), place_ids(net)))
    chord = net.skim(*ends)["length"].iloc[0, 0]
    km = 400.0 if np.isnan(chord) else max(chord / 2, 200.0)
    flows = pd.DataFrame(pairs, columns=["origin", "destination"]).assign(tonnes=1.0, modes="rail")
    built = {"new": (*ends, km)} if ends[0] != ends[1] else {}
    found = net.screen(flows, closed=closed, opened=opened, built=built, progress=False)
    worlds: dict[tuple[str, object], Network] = {
        **{("closed", number): net.with_closed(name) for number, name in enumerate(closed)},
        **{("opened", name): net.with_open(name) for name in opened},
        **{("built", name): with_link(net, *given) for name, given in built.items()},
    }
    assert len(found) == len(worlds) * len(pairs)
    for (kind, name), world in worlds.items():
        rows = found[(found["kind"] == kind) & (found["change"] == name)]
        for row, (a, b) in zip(rows.to_dict("records"), pairs, strict=True):
            before, after = slow(net, a, b), slow(world, a, b)
            assert row["before"] == pytest.approx(before, nan_ok=True)
            assert row["after"] == pytest.approx(after, nan_ok=True), (kind, name)
            assert row["stranded"] == (np.isnan(after) and not np.isnan(before))
            assert row["newly_possible"] == (np.isnan(before) and not np.isnan(after))


def ring():
    """Two closed lines on the way round a ring whose other half is open; an end inside one."""
    names = ["a", "b", "c", "d", "e", "f"]
    at = [(44 + 0.3 * number, 40 + 0.3 * (number % 3)) for number in range(6)]
    places = [place(name, *point) for name, point in zip(names, at, strict=True)]
    links = [
        link("a", "b", 100, "open1"), link("b", "c", 120, "shut"), link("c", "d", 130, "shut"),
        link("d", "e", 90, "open2"), link("e", "f", 80, "shut"), link("a", "f", 95, "shut"),
        link("a", "e", 700, "open3"),
    ]  # fmt: skip
    lines = [line(name) for name in ("open1", "open2", "open3", "shut")]
    states = [state("line", row.line_id, row.line_id.strip("123").replace("shut", "closed"))
              for row in lines]  # fmt: skip
    return network(places, links, lines, states)


def test_a_way_may_leave_what_is_opened_and_come_back():
    net = ring()
    assert net.as_of == DAY
    flows = pd.DataFrame(
        [("c", "f"), ("f", "c"), ("b", "d"), ("a", "e")], columns=["origin", "destination"]
    ).assign(tonnes=1.0)
    found = net.screen(flows, opened=["shut"])
    world = net.with_open("shut")
    expected = [slow(world, row.origin, row.destination) for row in flows.itertuples()]
    np.testing.assert_allclose(found["after"], expected)
    assert set(found["how"]) == {"distances"}


def test_the_reference_network_equals_the_slow_way(net):
    flows = {
        name: co.flows()[name] for name in ("kazakh-grain", "middle-corridor", "tripp-transit")
    }
    opened = ["tripp", "meghri-railway", "yeraskh-nakhchivan", "sadarak-yeraskh-rail-border"]
    closed = ["GE", "sadakhlo-ayrum-rail-border", "btk-georgia"]
    known = {*net.links["line_id"], *net.places["place_id"], *net.links["country"]}
    closed = [name for name in closed if name in known]
    for weight in ("length", "generalised"):
        found = net.screen(flows, opened=opened, closed=closed, weight=weight)
        for (kind, name), rows in found.groupby(["kind", "change"], sort=False):
            ids = closed[name] if kind == "closed" else name
            for row in rows.itertuples():
                flow = flows[row.flow_id]
                ask = {
                    "modes": flow.modes, "commodity": flow.commodity, "weights": [weight],
                    "cargo_origin": flow.origin_country,
                    "cargo_destination": flow.destination_country,
                }  # fmt: skip
                if kind == "closed":
                    table = net.skim(flow.origin, flow.destination, avoid=[ids], **ask)
                else:
                    table = net.with_open(ids).skim(flow.origin, flow.destination, **ask)
                assert row.after == pytest.approx(table[weight].iloc[0, 0], nan_ok=True), row


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"built": [("baku", "tbilisi")]}, "give (from, to, length_km)"),
        ({"built": [("baku", "narnia", 3.0)]}, "no place has the id"),
        ({"built": [("kars", "ayrum", -3)]}, "length_km=-3"),
        ({"built": [("kars", "ayrum", 3.0)], "weight": "hours"}, "known by length only"),
        ({"closed": ["narnia"]}, "closed='narnia'"),
        ({"opened": ["narnia"]}, "'narnia' is no"),
    ],
)
def test_wrong_input_is_named(net, given, told):
    import re

    with pytest.raises((ArgumentError, LookupError), match=re.escape(told)):
        net.screen(co.flows(), **given)
