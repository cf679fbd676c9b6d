"""Closing one of two tracks is never taken for closing the line."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

import corridors as co
from corridors.errors import ArgumentError
from tests.strategies import networks
from tests.worlds import line, link, network, place


def _world():
    """A double track a–b, a siding round c, a road beside it all, a way far round."""
    places = [
        place("a", 44, 40), place("b", 44.5, 40), place("c", 45, 40), place("s", 44.75, 40.005),
        place("far", 44.5, 40.3), place("ra", 44, 40.003, mode="road"),
        place("rc", 45, 40.003, mode="road"),
    ]  # fmt: skip
    lines = [line("main"), line("m1", mode="road")]
    links = [
        link("a", "b", 43, link_id="track1"), link("a", "b", 43.5, link_id="track2"),
        link("b", "c", 43), link("b", "s", 21.8), link("s", "c", 21.8),
        link("a", "far", 60), link("far", "c", 60), link("ra", "rc", 86, "m1"),
    ]  # fmt: skip
    return network(places, links, lines)


def test_one_of_two_tracks_is_not_the_line():
    net = _world()
    found = net.audit_closure("track1")
    assert found.bypassed
    row = found.table.iloc[0]
    assert row["parallel"]
    assert (row["links"], row["extra_km"], row["away_km"]) == ("track2", 0.5, 0)
    assert "the parallel link track2" in found.note
    assert net.with_closed("track1").route("a", "c").length_km == 86.5
    # The other track has gone as well: what is left is the long way round.
    both = net.audit_closure("track1", "track2")
    assert not both.bypassed
    assert both.note == ""
    assert "No way by the same mode" in both.explain()
    wider = net.audit_closure("track1", "track2", within_km=200)
    assert wider.table["links"].tolist() == ["a--far far--c b--c"]
    assert wider.table["extra_km"].iloc[0] == pytest.approx(120)
    assert wider.table["away_km"].iloc[0] == pytest.approx(42.6, abs=0.1)  # c is farthest


def test_links_beside_are_found_by_any_mode():
    found = _world().audit_closure("b--c")
    assert found.table["links"].tolist() == ["b--s s--c"]
    assert set(found.beside["link_id"]) == {"b--s", "s--c", "ra--rc"}
    assert set(found.beside["mode"]) == {"rail", "road"}
    road = found.beside.set_index("link_id").loc["ra--rc"]
    assert road["away_km"] == pytest.approx(0.3336, rel=0.01)
    assert road["beside_share"] == pytest.approx(0.5, abs=0.02)
    assert _world().audit_closure("b--c", beside_km=0.1).beside["link_id"].tolist() == []


def test_closing_a_place_closes_every_link_there():
    found = _world().audit_closure("b")
    assert set(found.closed["link_id"]) == {"b--c", "b--s", "track1", "track2"}
    # The siding s hangs on c alone now; from a to c the way goes far round.
    assert not found.bypassed
    assert _world().audit_closure("b", within_km=40).table["links"].iloc[0] == "a--far far--c"


def test_closing_a_line_and_what_could_not_be_used():
    net = _world().with_closed("track2")
    found = net.audit_closure("main")
    assert found.not_usable == 1
    assert not found.bypassed
    nothing = net.with_closed("track1").audit_closure("track1")
    assert len(nothing.closed) == 0
    assert "none that could be used" in nothing.explain()
    json.dumps(found.to_dict(), allow_nan=False)
    assert "main" in found._repr_html_()


@given(networks(oneway=True), some.data())
def test_ways_round_are_the_shortest_and_all_of_them(net, data):
    """One link closed: the audit finds the way round exactly where routing does."""
    name = data.draw(some.sampled_from(sorted(net.links["link_id"])))
    within = data.draw(some.sampled_from([0.0, 30.0, 1e4]))
    found = net.audit_closure(name, within_km=within)
    row = net.links.set_index("link_id").loc[name]
    shut = net.with_closed(name)
    ways = []
    if row["usable"]:
        ends = [(row["from_place"], row["to_place"])]
        ends += [] if row["oneway"] else [ends[0][::-1]]
        for a, b in ends:
            km = shut.skim(a, b)["length"].iloc[0, 0]
            ways += [km] if abs(km - row["length_km"]) <= within else []
    assert found.bypassed == bool(ways)
    if ways:
        assert len(found.table) == 1
        assert found.table["bypass_km"].iloc[0] == pytest.approx(min(ways))
        links = found.table["links"].iloc[0].split()
        assert name not in links
        kms = shut.links.set_index("link_id")["length_km"]
        assert kms[links].sum() == pytest.approx(min(ways))


def test_reference_network(net):
    assert not net.audit_closure("sadakhlo-ayrum-rail-border").bypassed
    # Round Georgia, from one of its borders with Armenia to the other.
    assert "bavra-ninotsminda" in net.audit_closure("GE").table["from_place"].iloc[0]
    audit = net.audit_closure("masis--noragavit")
    assert np.isclose(audit.table["extra_km"].iloc[0], 0.3)


def test_wrong_input_is_named(net):
    with pytest.raises(ArgumentError, match="subjects is empty"):
        net.audit_closure()
    with pytest.raises(co.UnknownSubjectError, match="narnia"):
        net.audit_closure("narnia")
    with pytest.raises(ArgumentError, match="within_km=-1"):
        net.audit_closure("GE", within_km=-1)
    with pytest.raises(ArgumentError, match="beside_km='x'"):
        net.audit_closure("GE", beside_km="x")
