"""What must hold between any places of the reference network, and an oracle for its lengths.

Access rules look at where cargo comes from, so a way may be open in one direction only; with all
rules lifted the network itself shows.
"""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import corridors as co
from corridors.geodesy import distance_km

TODAY = co.load("2026-06-01")
NET = TODAY.with_open(*(rule.rule_id for rule in TODAY.rules))
AT = NET.places.set_index("place_id")[["lon", "lat"]]
PLACES = some.sampled_from(AT.index.tolist())
LINES = some.sampled_from(sorted(set(NET.links["line_id"])))
MODES = some.sampled_from([None, ["rail"], ["road"], ["rail", "ferry"]])


def km(net: co.Network, a: str, b: str, modes: list[str] | None) -> float:
    try:
        return net.route(a, b, modes=modes).length_km
    except co.NoRoute:
        return float("inf")


@given(PLACES, PLACES, MODES)
def test_symmetric(a, b, modes):
    assert km(NET, a, b, modes) == pytest.approx(km(NET, b, a, modes))


@given(PLACES, PLACES, PLACES)
def test_triangle_inequality(a, b, c):
    assert km(NET, a, c, None) <= km(NET, a, b, None) + km(NET, b, c, None) + 1e-6


@given(PLACES, PLACES)
def test_at_least_geodesic(a, b):
    chord = float(distance_km(*AT.loc[a], *AT.loc[b]))
    assert km(NET, a, b, None) >= chord - 0.01


@given(PLACES, PLACES, LINES)
def test_closing_a_line_never_shortens(a, b, line):
    assert km(NET.with_closed(line), a, b, None) >= km(NET, a, b, None) - 1e-6


@given(PLACES, PLACES, some.sampled_from(sorted(co.corridors())))
def test_opening_a_corridor_never_lengthens(a, b, corridor):
    assert km(NET.with_open(corridor), a, b, None) <= km(NET, a, b, None) + 1e-6


@given(PLACES, PLACES)
@settings(max_examples=30)
def test_what_no_route_proposes_opens_a_route(a, b):
    error = None
    try:
        TODAY.route(a, b, modes=["rail", "ferry"])
    except co.NoRoute as found:
        error = found
    if error is None:
        return
    assert error.reasons
    if error.changes:
        opened = TODAY.with_open(*(change.subject for change in error.changes))
        assert opened.route(a, b, modes=["rail", "ferry"]).length_km > 0


def test_lengths_equal_those_of_networkx():
    links = NET.links[NET.links["usable"] & NET.links["mode"].isin(["rail", "gauge_change"])]
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(AT.index)
    for row in links.to_dict("records"):
        graph.add_edge(row["from_place"], row["to_place"], weight=row["length_km"])
        graph.add_edge(row["to_place"], row["from_place"], weight=row["length_km"])
    for start in ("yalama", "poti", "tehran", "kostanay"):
        expected = nx.single_source_dijkstra_path_length(graph, start)
        for place in expected:
            assert km(NET, start, place, ["rail"]) == pytest.approx(expected[place])
