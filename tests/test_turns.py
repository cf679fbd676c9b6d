"""Trains do not turn sharply: hand-made switches, an oracle, and a real city's tracks."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

import corridors as co
from corridors.routing.graph import Graph
from corridors.routing.turns import MAX_TURN_DEG, TurnGraph
from corridors.routing.weighted import GRID, Weighted
from tests.osm_xml import Osm

NODES = 6
REVERSAL_HOURS, REVERSAL_KM = 0.5, 20.0  # as in the data


def switch() -> Osm:
    """A stem from the west, node 2, that parts into two legs to the east, nodes 4 and 6."""
    osm = Osm().node(1, 0, 0).node(2, 5000, 0)
    osm.node(3, 6000, 60).node(4, 9000, 600).node(5, 6000, -60).node(6, 9000, -600)
    return osm.way([1, 2]).way([2, 3, 4]).way([2, 5, 6])


def test_from_leg_to_leg_is_a_reversal_with_its_time(tmp_path):
    net = switch().network(tmp_path)
    assert net.route("n1-rail", "n4-rail").reversals == ()
    found = net.route("n4-rail", "n6-rail")
    assert [one.place_id for one in found.reversals] == ["n2-rail"]
    assert found.reversal_hours == REVERSAL_HOURS
    assert found.length_km == pytest.approx(8.1, rel=0.02)
    assert "reverses 1 time" in found.explain()
    assert found.to_dict()["reversals"][0]["place_id"] == "n2-rail"


def balloon() -> Osm:
    """A switch whose legs are joined by a loop, so that a train can run round."""
    osm = switch().node(12, 9900, 700).node(13, 11200, 400).node(14, 11600, 0)
    osm.node(15, 11200, -400).node(16, 9900, -700).way([4, 12, 13, 14, 15, 16, 6])
    osm.node(20, 7500, 330, railway="station", name="North")
    return osm.node(21, 7500, -330, railway="station", name="South")


def test_a_plain_shortest_path_gets_it_wrong(tmp_path):
    net = balloon().network(tmp_path)
    ends = [net.graph.nodes([name]) for name in ("n20-rail", "n21-rail")]
    plain = Graph(net.place_table["place_id"], net.link_table)
    wrong = plain.shortest_path(*ends, net.graph_lengths)
    right = net.route("North", "South")
    assert wrong.cost == pytest.approx(5.1, rel=0.03)
    assert right.reversals == ()
    assert right.length_km > wrong.cost


def test_rails_that_cross_without_a_switch_do_not_join(tmp_path):
    osm = Osm().node(1, 0, 0).node(2, 1000, 0, railway="railway_crossing").node(3, 2000, 0)
    osm.node(4, 0, 300).node(5, 2000, -300).way([1, 2, 3]).way([4, 2, 5])
    net = osm.network(tmp_path)
    assert net.route("n1-rail", "n3-rail").length_km == pytest.approx(2, rel=0.01)
    with pytest.raises(co.NoRoute) as caught:
        net.route("n1-rail", "n5-rail")
    assert {reason.kind for reason in caught.value.reasons} == {"turn"}


def test_a_slip_switch_joins_what_crosses(tmp_path):
    osm = Osm().node(1, 0, 0).node(2, 1000, 0, railway="switch").node(3, 2000, 0)
    osm.node(4, 0, 300).node(5, 2000, -300).way([1, 2, 3]).way([4, 2, 5])
    assert osm.network(tmp_path).route("n1-rail", "n5-rail").reversals == ()


def test_a_train_turns_back_where_the_track_ends(tmp_path):
    # Two legs that only meet over a stub: a zigzag.
    osm = Osm().node(1, 0, 0).node(2, 3000, 100).node(3, 3500, 120).node(4, 0, 400)
    osm.way([1, 2]).way([2, 3]).way([4, 2])
    found = osm.network(tmp_path).route("n1-rail", "n4-rail")
    assert len(found.reversals) == 1


def test_a_reversal_at_a_place_on_the_way_counts(tmp_path):
    net = switch().network(tmp_path)
    found = net.route("n1-rail", "n2-rail", via=["n4-rail"])
    assert [one.place_id for one in found.reversals] == ["n4-rail"]


def test_the_reference_network_has_no_turns(net):
    assert type(net.graph) is Graph
    assert net.route("Baku", "Tbilisi", modes=["rail"]).reversals == ()


# -- against networkx --------------------------------------------------------------------------


@some.composite
def tracks(draw):
    """Random links with random directions at their ends."""
    count = draw(some.integers(1, 10))
    ends = some.integers(0, NODES - 1)
    pairs = draw(
        some.lists(
            some.tuples(ends, ends).filter(lambda p: p[0] != p[1]),
            min_size=count, max_size=count,
        )
    )  # fmt: skip

    def column(values):
        return draw(some.lists(values, min_size=count, max_size=count))

    bearing = some.sampled_from([0.0, 5.0, 90.0, 180.0, 185.0, 270.0, math.nan])
    return pd.DataFrame(
        {
            "from_place": [f"p{a}" for a, _ in pairs],
            "to_place": [f"p{b}" for _, b in pairs],
            "oneway": False,
            "mode": column(some.sampled_from(["rail", "rail", "road"])),
            "bearing_from": column(bearing),
            "bearing_to": column(bearing),
            "km": column(some.integers(1, 9)),
        }
    )


PLACES = pd.DataFrame({"place_id": [f"p{n}" for n in range(NODES)], "kind": "junction"})


def bend(links, one, ahead, other, onward):
    """Angle from the end of a link travelled to the start of the next; 0 where unknown."""
    arrive = links["bearing_to" if ahead else "bearing_from"][one] + 180
    leave = links["bearing_from" if onward else "bearing_to"][other]
    angle = abs((leave - arrive + 180) % 360 - 180)
    return 0.0 if math.isnan(angle) else angle


def smooth(links, one, ahead, other, onward):
    here = links["to_place" if ahead else "from_place"][one]
    rails = links[links["mode"] == "rail"]
    meeting = ((rails["from_place"] == here) | (rails["to_place"] == here)).sum()
    return bend(links, one, ahead, other, onward) <= (100 if meeting == 2 else MAX_TURN_DEG)


def oracle(links, start, end):  # noqa: C901  (the rules one by one, as they are written)
    """Least kilometres with reversals counted, over a graph of directed links."""
    graph = nx.DiGraph()
    arcs = [(row, ahead) for row in links.index for ahead in (True, False)]
    tail = {a: links["from_place" if a[1] else "to_place"][a[0]] for a in arcs}
    head = {a: links["to_place" if a[1] else "from_place"][a[0]] for a in arcs}
    rail = {a: links["mode"][a[0]] == "rail" for a in arcs}
    for a in arcs:
        km = int(links["km"][a[0]])
        if tail[a] == start:
            graph.add_edge("start", a, km=km)
        if head[a] == end:
            graph.add_edge(a, "end", km=0)
        for b in arcs:
            if head[a] != tail[b]:
                continue
            step = int(links["km"][b[0]])
            if not (rail[a] and rail[b]):
                graph.add_edge(a, b, km=step)
            elif a[0] == b[0]:
                rails = links[links["mode"] == "rail"]
                if ((rails["from_place"] == head[a]) | (rails["to_place"] == head[a])).sum() == 1:
                    graph.add_edge(a, b, km=step + REVERSAL_KM)
            elif smooth(links, *a, *b):
                graph.add_edge(a, b, km=step)
            else:
                stems = [
                    c for c in arcs
                    if rail[c] and tail[c] == head[a] and c[0] not in {a[0], b[0]}
                    and smooth(links, *a, *c) and smooth(links, b[0], not b[1], *c)
                ]  # fmt: skip
                if stems:
                    graph.add_edge(a, b, km=step + REVERSAL_KM)
    try:
        return nx.dijkstra_path_length(graph, "start", "end", weight="km")
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        return None


@given(links=tracks())
def test_turns_agree_with_networkx(links):
    graph = TurnGraph(PLACES, links)
    km = links["km"].to_numpy(float)
    for target in range(1, NODES):
        want = oracle(links, "p0", f"p{target}")
        ends = np.array([0]), np.array([target])
        for contract in (False, True):
            world = Weighted(graph, graph.arc_weights(km), REVERSAL_KM, contract=contract)
            got = world.path(*ends)
            assert (got is None) == (want is None)
            least = np.inf if want is None else want
            assert world.nearest(ends[0])[target] == pytest.approx(least)
            assert world.distances(ends[0])[0, target] == pytest.approx(least)
            assert world.reversed().nearest(ends[1])[0] == pytest.approx(least)
            if got is not None:
                assert got.cost == pytest.approx(want)
                own = km[got.links].sum()
                assert own + REVERSAL_KM * len(got.reversals) == pytest.approx(want)
                assert len(got.nodes) == len(got.links) + 1


@given(links=tracks(), scale=some.sampled_from([0.1, 1.0, 3000.0]))
def test_turns_are_counted_along_with_the_distances(links, scale):
    """One search with tagged weights tells what the trees tell, for long ways (trees) as well."""
    graph = TurnGraph(PLACES, links)
    km = graph.arc_weights(links["km"].to_numpy(float) * scale)
    # A reversal of two pi: how many there are follows from the weight of the whole.
    for contract in (False, True):
        world = Weighted(graph, km, 2 * math.pi * scale, contract=contract)
        far, turns = world.distances_and_turns([np.array([n]) for n in range(NODES)])
        for node in range(NODES):
            for target, (total, turning) in enumerate(zip(far[node], turns[node], strict=True)):
                path = world.path(np.array([node]), np.array([target]))
                if path is None:
                    assert total == np.inf
                    continue
                assert total == pytest.approx(path.cost, abs=20 * GRID)
                count = len(path.reversals)
                assert turning == pytest.approx(count * world.reversal_weight, abs=20 * GRID)


@given(links=tracks())
def test_without_directions_turns_are_free(links):
    free = links.assign(bearing_from=np.nan, bearing_to=np.nan)
    km = links["km"].to_numpy(float)
    turning, plain = TurnGraph(PLACES, free), Graph(PLACES["place_id"], free)
    for target in range(NODES):
        ends = np.array([0]), np.array([target]), km
        one, other = turning.shortest_path(*ends), plain.shortest_path(*ends)
        assert (one and one.cost) == (other and other.cost)


# -- a real city -------------------------------------------------------------------------------


@pytest.mark.shared
def test_in_cologne_plain_shortest_paths_turn_on_the_spot(shared):
    path = shared / "osm" / "elsewhere" / "cologne-railway.osm.pbf"
    net = co.from_pbf(path, modes=["rail"], progress=False, as_of="2026-06-01")
    graph, links = net.graph, net.link_table
    plain = Graph(net.place_table["place_id"], links)
    weights = np.where(net.state_allows, net.graph_lengths, np.inf)
    main = np.flatnonzero((links["usage"] == "main").to_numpy(bool))
    nodes = np.unique(np.concatenate([graph.tail[np.isin(graph.link, main)]]))
    rng = np.random.default_rng(3)
    wrong = longer = 0
    for a, b in rng.choice(nodes, (60, 2)):
        short = plain.shortest_path(np.array([a]), np.array([b]), weights)
        found = graph.shortest_path(
            np.array([a]), np.array([b]), weights, reversal_weight=REVERSAL_KM
        )
        if short is None or found is None:
            continue
        assert found.cost >= short.cost - 1e-9
        sharp = _sharp(links, short)
        wrong += bool(len(sharp))
        longer += found.cost > short.cost + 0.001
        assert set(_sharp(links, found)) <= set(found.reversals.tolist())
    assert wrong >= 10
    assert longer >= 10


def _sharp(links, path):
    """Positions of a path's places at which the next link does not lie ahead."""
    first = links["bearing_from"].to_numpy(float)[path.links]
    last = links["bearing_to"].to_numpy(float)[path.links]
    leave = np.where(path.forward, first, last)[1:]
    arrive = (np.where(path.forward, last, first) + 180)[:-1]
    angle = np.abs((leave - arrive + 180) % 360 - 180)
    return (np.flatnonzero(angle > 100) + 1).tolist()
