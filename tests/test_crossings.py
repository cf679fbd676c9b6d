"""Chokepoints, cuts, interdiction and routes mean the same by a crossing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import corridors as co
from corridors.analysis.crossings import crossing_places, crossings, links_at
from corridors.analysis.subjects import subjects
from corridors.analysis.targets import targets
from corridors.routing.terms import terms
from corridors.schema import INTERNATIONAL_WATERS
from tests.test_interdiction import FLOW, _borders

WHEAT = pd.DataFrame(
    {"flow_id": ["wheat"], "origin": ["Kostanay"], "destination": ["Poti"], "tonnes": [10.0]}
)
SEA = {"modes": ["rail", "ferry"], "commodity": "wheat"}


@pytest.fixture(scope="module")
def net():
    return co.load("2026-06-01")


def test_border_points_and_ports_of_ferries_are_crossings(net):
    found = crossings(net)
    places = {place for group in found.values() for place in group}
    assert set(net.borders) < places
    assert set(net.graph.index[crossing_places(net)]) == places
    ferries = net.link_table[net.link_table["country"] == INTERNATIONAL_WATERS]
    assert places - set(net.borders) == {*ferries["from_place"], *ferries["to_place"]}
    assert list(found) == sorted(found)


def test_every_analysis_means_the_same(net):
    everything = np.ones(len(net.link_modes), bool)
    known = crossings(net)
    lost = {one.subject_id: one.rows for one in subjects(net, "crossing", everything)}
    assert set(lost) == set(known)
    for name, rows in lost.items():
        assert rows.tolist() == links_at(net, known[name]).tolist()
    asked = terms(net, modes=["rail", "road", "ferry"])
    world = asked.weighted(asked.shipment(asked.end("Kostanay", "a"), asked.end("Poti", "b")))
    closed = targets(net, "crossings", [(world, [])])
    open_ones = np.unique(net.graph.link[np.isfinite(world.weight)])
    expected = {name for name, rows in lost.items() if np.isin(rows, open_ones).any()}
    assert {name for alike in closed.names for name in alike} == expected


def test_the_ports_of_a_route_are_its_crossings_in_all_of_them(net):
    route = net.route("Kostanay", "Poti", **SEA)
    assert {border.place_id for border in route.borders} <= set(crossings(net))
    table = net.chokepoints(WHEAT, by="crossing", progress=False, **SEA).table
    passed = {"aktau-port", "alat-port", "boyuk-kesik-gardabani-rail-border"}
    assert set(table["subject"]) == passed
    aktau = table.set_index("subject").loc["aktau-port"]
    assert "Kuryk" in aktau["detour"]  # the way round is told by the ports it passes
    cut = net.cut("Kostanay", "Poti", of="crossings", **SEA)
    assert set(cut.necks["place_id"]) <= set(crossings(net))
    worst = net.interdict(WHEAT, k=1, of="crossings", progress=False, **SEA).worst
    assert worst.extra > 0
    assert set(worst.ids) <= passed


def test_tracks_side_by_side_are_one_crossing_of_several_places():
    whole, apart = _borders("b"), _borders()
    assert crossings(whole) == {"x": ("x", "y")}
    assert crossings(apart) == {"x": ("x",), "y": ("y",)}
    assert whole.chokepoints(FLOW, by="crossing", progress=False).table["stranded_t"].tolist() == [
        10
    ]
    # A cut counts each place, as flow and cut are equal only so; all of them are places of one.
    assert set(whole.cut("a", "b", of="crossings").table["place_id"]) == {"x", "y"}
