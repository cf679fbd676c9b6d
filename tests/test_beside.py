"""The second track of a line is no other way; another line is."""

from __future__ import annotations

import numpy as np
import pytest

import corridors as co
from corridors.routing.beside import beside
from tests.osm_xml import Osm

FAR = 12_000  # metres to the other line
STATIONS = range(0, 40_000, 10_000)


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """Two tracks with crossovers at every station, and a line round them through Away."""
    osm = Osm()
    names = {0: "West", 30_000: "East"}
    for number, x in enumerate(STATIONS):
        osm.node(
            10 + number, x, 0, **({"railway": "station", "name": names[x]} if x in names else {})
        )
        osm.node(20 + number, x + 300, 5).node(30 + number, x + 9_700, 5)
    for number in range(3):
        osm.way([10 + number, 11 + number])
        osm.way([10 + number, 20 + number, 30 + number, 11 + number])
    osm.node(40, 15_000, FAR, railway="station", name="Away")
    osm.node(41, 4_000, 0.8 * FAR).node(42, 26_000, 0.8 * FAR)
    osm.way([10, 41, 40]).way([40, 42, 13])
    return osm.network(tmp_path_factory.mktemp("osm"))


def test_the_other_track_is_the_same_way(net):
    ways = net.alternatives("West", "East")
    assert len(ways) == 2
    assert ways[0].length_km == pytest.approx(30, rel=0.01)
    assert 40 < ways[1].length_km < 50
    assert ways.words[1].startswith("via Away; +1")


def test_with_all_of_it_shared_the_other_track_will_do(net):
    ways = net.alternatives("West", "East", k=3, max_overlap=1.0)
    assert ways[1].length_km == pytest.approx(30, rel=0.01)


def test_logit_sends_nothing_by_the_other_track(net):
    import pandas as pd

    flows = pd.DataFrame({"origin": ["West"], "destination": ["East"], "tonnes": [100.0]})
    done = net.assign(flows, method="logit")
    assert len(done.routes) == 2
    assert done.routes["tonnes"].sum() == pytest.approx(100)


def test_shares_by_hand(net):
    table = net.link_table
    route = net.route("West", "East")
    rows = np.flatnonzero(table["link_id"].isin(route.link_ids))
    share = beside(net, rows)
    assert (share[rows] == 1).all()
    far = table["geometry"].apply(lambda line: line.bounds[3]).to_numpy() > 41.65
    assert (share[~far] == 1).all()
    assert (share[far] < 0.2).all()
    assert beside(net, rows[:0]).sum() == 0


def test_links_drawn_straight_stand_for_themselves():
    net = co.load("2026-06-01")
    rows = np.flatnonzero(net.link_table["line_id"] == "baku-yalama")
    share = beside(net, rows)
    assert share.sum() == len(rows)
