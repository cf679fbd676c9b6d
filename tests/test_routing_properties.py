"""What must hold on every network, whatever it looks like; networkx is the oracle."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from corridors.errors import NoRoute
from corridors.geodesy import distance_km
from corridors.network import Network
from tests.strategies import networks, place_ids


def km(net: Network, a: str, b: str) -> float:
    """Length of the route, infinite where there is none."""
    try:
        return net.route(a, b).length_km
    except NoRoute:
        return float("inf")


def oracle(net: Network) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(net.places["place_id"])
    for row in net.links.to_dict("records"):
        if row["usable"]:
            graph.add_edge(row["from_place"], row["to_place"], weight=row["length_km"])
            if not row["oneway"]:
                graph.add_edge(row["to_place"], row["from_place"], weight=row["length_km"])
    return graph


@given(some.data())
def test_length_equals_that_of_networkx(data):
    net = data.draw(networks(oneway=True))
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    try:
        expected = nx.shortest_path_length(oracle(net), a, b, weight="weight")
    except nx.NetworkXNoPath:
        expected = float("inf")
    assert km(net, a, b) == pytest.approx(expected)


@given(some.data())
def test_lengths_are_symmetric(data):
    net = data.draw(networks())
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    assert km(net, a, b) == pytest.approx(km(net, b, a))


@given(some.data())
def test_triangle_inequality(data):
    net = data.draw(networks(oneway=True))
    a, b, c = (data.draw(place_ids(net)) for _ in range(3))
    assert km(net, a, c) <= km(net, a, b) + km(net, b, c) + 1e-9


@given(some.data())
def test_length_is_at_least_geodesic(data):
    net = data.draw(networks())
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    at = net.places.set_index("place_id")[["lon", "lat"]]
    assert km(net, a, b) >= float(distance_km(*at.loc[a], *at.loc[b])) - 1e-6


@given(some.data())
def test_closing_a_link_never_shortens(data):
    net = data.draw(networks(oneway=True))
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    shut = data.draw(some.sampled_from(net.links["link_id"].tolist()))
    assert km(net.with_closed(shut), a, b) >= km(net, a, b) - 1e-9


@given(some.data())
def test_opening_never_lengthens(data):
    net = data.draw(networks(oneway=True))
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    opened = data.draw(some.sampled_from(net.links["line_id"].tolist()))
    assert km(net.with_open(opened), a, b) <= km(net, a, b) + 1e-9


@given(some.data())
def test_avoid_equals_closing(data):
    net = data.draw(networks())
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    name = data.draw(some.sampled_from(net.links["link_id"].tolist()))
    try:
        avoiding = net.route(a, b, avoid=[name]).length_km
    except NoRoute:
        avoiding = float("inf")
    assert avoiding == pytest.approx(km(net.with_closed(name), a, b))


@given(some.data())
def test_a_route_is_its_legs(data):
    net = data.draw(networks(oneway=True))
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    try:
        route = net.route(a, b)
    except NoRoute:
        return
    assert route.length_km == pytest.approx(route.legs["length_km"].sum())
    assert route.length_km == pytest.approx(sum(route.by_country.values()))
    assert route.length_km == pytest.approx(sum(route.by_mode.values()))
    assert route.length_km == pytest.approx(sum(route.by_operator.values()))
    assert route.place_ids[0] == a
    assert route.place_ids[-1] == b
    ends = [list(line.coords) for line in route.legs.geometry]
    assert all(one[-1] == two[0] for one, two in itertools.pairwise(ends))


@given(some.data())
def test_smallest_changes_open_a_route_and_none_smaller_does(data):
    net = data.draw(networks())
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    try:
        net.route(a, b)
    except NoRoute as error:
        changes = error.changes
    else:
        return
    lines = net.links["line_id"][~net.links["usable"]].tolist()
    if not changes:
        assert km(net.with_open(*lines) if lines else net, a, b) == float("inf")
        return
    assert np.isfinite(km(net.with_open(*(change.subject for change in changes)), a, b))
    for fewer in itertools.combinations(lines, len(changes) - 1):
        assert km(net.with_open(*fewer) if fewer else net, a, b) == float("inf")


@given(some.data())
def test_answers_do_not_depend_on_what_was_asked_before(data):
    net = data.draw(networks())
    pairs = [(data.draw(place_ids(net)), data.draw(place_ids(net))) for _ in range(3)]
    first = [km(net, a, b) for a, b in pairs]
    again = [km(net, a, b) for a, b in reversed(pairs)]
    assert first == again[::-1]
