"""Networks as osmnx graphs and back."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import networkx as nx
import numpy as np
import osmnx as ox
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from pandas.testing import assert_frame_equal

import corridors as co
from corridors.network import Network
from tests.strategies import networks
from tests.worlds import link, network, place

OSM = Path(__file__).parent / "data" / "overpass_today.osm"


def same(a: Network, b: Network) -> None:
    """Every table of two networks is equal: values, types, order."""
    for field in fields(a._tables):
        one, other = getattr(a._tables, field.name), getattr(b._tables, field.name)
        if field.name == "folder":
            continue
        if field.name == "sources":
            one, other = a.sources, b.sources
        if isinstance(one, pd.DataFrame):
            assert type(one) is type(other), field.name
            assert_frame_equal(one, other)
        elif field.name == "reports":
            assert list(one) == list(other)
            for name in one:
                assert_frame_equal(one[name], other[name])
        else:
            assert one == other, field.name
    assert (a.as_of, a.lifted) == (b.as_of, b.lifted)
    assert_frame_equal(a.links, b.links)


def through_graphml(graph, folder):
    ox.save_graphml(graph, folder / "net.graphml")
    return ox.load_graphml(folder / "net.graphml")


def number(graph, place_id):
    return next(n for n, data in graph.nodes(data=True) if data["place_id"] == place_id)


@pytest.fixture(scope="module")
def osm():
    return co.from_pbf(OSM, progress=False)


def test_osmnx_works_out_speeds_and_hours_on_all_modes(osm):
    graph = ox.add_edge_speeds(osm.to_osmnx(), hwy_speeds={"ferry": 30}, fallback=50)
    graph = ox.add_edge_travel_times(graph)
    edges = pd.DataFrame([data for *_, data in graph.edges(data=True)])
    assert set(edges["mode"]) >= {"rail", "road", "ferry", "transfer"}
    hours = edges["length"] / 1000 / edges["speed_kph"]
    assert np.allclose(edges["travel_time"], hours * 3600)
    same(osm, co.from_osmnx(graph))


@pytest.mark.parametrize("given", [None, 5, nx.path_graph(3)])
def test_what_is_no_graph_of_ours_is_said_so(given):
    with pytest.raises(co.ArgumentError, match=r"not made by net\.to_osmnx"):
        co.from_osmnx(given)


# -- back and forth ----------------------------------------------------------------------------


def test_the_reference_network_comes_back_as_it_was(net, tmp_path):
    graph = net.to_osmnx()
    same(net, co.from_osmnx(graph))
    same(net, co.from_osmnx(through_graphml(graph, tmp_path)))


def test_a_network_of_openstreetmap_comes_back_as_it_was(osm, tmp_path):
    graph = osm.to_osmnx()
    same(osm, co.from_osmnx(graph))
    same(osm, co.from_osmnx(through_graphml(graph, tmp_path)))


def test_what_ifs_come_back(net):
    changed = net.with_open("tripp").with_closed("alat")
    same(changed, co.from_osmnx(changed.to_osmnx()))


@settings(max_examples=25)
@given(net=networks(oneway=True))
def test_any_network_comes_back_as_it_was(net):
    same(net, co.from_osmnx(net.to_osmnx()))


@settings(max_examples=25)
@given(
    texts=some.lists(some.none() | some.text(), min_size=3, max_size=3),
    numbers=some.lists(some.floats(), min_size=3, max_size=3),
    pairs=some.lists(some.tuples(some.text(), some.integers()), min_size=3, max_size=3),
)
def test_any_cell_survives_graphml(tmp_path_factory, texts, numbers, pairs):
    world = network(
        [place("a", 44, 40), place("b", 45, 40)],
        [link("a", "b", 90, link_id=f"l{n}") for n in range(3)],
    )
    # JSON and XML cannot carry half a surrogate pair; no table of ours holds one.
    texts = [t and t.encode("utf-8", "replace").decode() for t in texts]
    pairs = [(t.encode("utf-8", "replace").decode(), n) for t, n in pairs]
    links = world._tables.links.assign(
        text=pd.Series(texts, dtype=object), number=numbers, pair=pairs, length=texts, osmid=pairs
    )
    odd = Network(replace(world._tables, links=links), as_of=world.as_of)
    same(odd, co.from_osmnx(odd.to_osmnx()))
    folder = tmp_path_factory.mktemp("graph")
    same(odd, co.from_osmnx(through_graphml(odd.to_osmnx(), folder)))


def test_parallel_links_stay_apart(tmp_path):
    world = network(
        [place("a", 44, 40), place("b", 45, 40)],
        [
            link("a", "b", 90, link_id="one"),
            link("b", "a", 91, link_id="two"),
            link("a", "b", 92, link_id="three", oneway=True),
        ],
    )
    graph = world.to_osmnx()
    assert graph.number_of_edges(1, 2) == 3
    assert graph.number_of_edges(2, 1) == 2
    same(world, co.from_osmnx(through_graphml(graph, tmp_path)))


def test_the_same_network_gives_the_same_graph(net):
    assert nx.utils.graphs_equal(net.to_osmnx(), net.to_osmnx())


# -- what osmnx makes of it --------------------------------------------------------------------


def test_osmnx_routes_as_we_do(net):
    graph = net.to_osmnx(usable_only=True)
    ours = net.route("alat", "boyuk-kesik", modes=["rail"])
    rail = graph.edge_subgraph(
        [(u, v, k) for u, v, k, m in graph.edges(keys=True, data="mode") if m == "rail"]
    ).copy()
    path = ox.routing.shortest_path(
        rail, number(rail, "alat"), number(rail, "boyuk-kesik"), weight="length"
    )
    edges = ox.routing.route_to_gdf(rail, path)
    assert edges["length"].sum() / 1000 == pytest.approx(ours.length_km, abs=0.001)


@pytest.mark.parametrize("which", ["net", "osm"])
def test_osmnx_counts_and_draws(which, request, tmp_path):
    import matplotlib as mpl

    mpl.use("Agg")
    world = request.getfixturevalue(which)
    graph = world.to_osmnx()
    counts = ox.stats.count_streets_per_node(graph)
    assert counts == dict(graph.nodes(data="street_count"))
    stats = ox.stats.basic_stats(graph)
    assert stats["n"] == len(world.places)
    assert stats["street_segment_count"] == len(world.links)
    assert stats["street_length_total"] == pytest.approx(world.links["length_km"].sum() * 1000)
    ox.plot.plot_graph(graph, show=False, close=True, filepath=tmp_path / "net.png", save=True)
    assert (tmp_path / "net.png").stat().st_size > 1000
    nodes, edges = ox.convert.graph_to_gdfs(graph)
    assert nodes.crs == edges.crs == "EPSG:4326"
    assert len(ox.convert.to_undirected(graph).edges) == len(world.links)
    assert ox.projection.project_graph(graph).graph["crs"] != graph.graph["crs"]


def test_edges_know_their_ways(osm, net, tmp_path):
    graph = through_graphml(osm.to_osmnx(), tmp_path)
    ways = {str(osmid) for *_, osmid in graph.edges(data="osmid") if str(osmid)[0] != "-"}
    assert {"101", "102", "103", "104"} <= ways
    assert all(osmid < 0 for *_, osmid in net.to_osmnx().edges(data="osmid"))


def test_the_gauge_break_is_in_the_graph(osm):
    gauges = {gauge for *_, gauge in osm.to_osmnx().edges(data="gauge_mm")}
    assert {"1520", "1435", "1435+1520"} <= gauges


# -- graphs that were changed ------------------------------------------------------------------


def test_a_part_of_the_graph_is_a_part_of_the_network(net):
    graph = ox.truncate.truncate_graph_bbox(net.to_osmnx(), (44, 39, 46, 41))
    part = co.from_osmnx(graph)
    assert 0 < len(part.places) == len(graph) < len(net.places)
    whole = net.links.set_index("link_id").loc[part.links["link_id"]].reset_index()
    assert_frame_equal(part.links[whole.columns], whole, check_like=True)
    known = set(part.places["place_id"])
    assert set(part.crossings["place_id"]) <= known
    states = part.states.query("subject_kind == 'place'")
    assert set(states["subject_id"]) <= known


def test_changed_attributes_count():
    world = network(
        [place("a", 44, 40), place("b", 45, 40), place("c", 46, 40)],
        [link("a", "b", 90), link("b", "c", 91), link("c", "a", 180)],
    )
    graph = world.to_osmnx()
    for *_, data in graph.edges(data=True):
        data["length_km"] += 1
    graph.remove_edge(1, 2)
    back = co.from_osmnx(graph).links.set_index("link_id")
    assert list(back["length_km"]) == [91, 92, 181]
    ab = back.loc["a--b"]
    assert (ab["from_place"], ab["to_place"], ab["oneway"]) == ("b", "a", True)
    assert ab.geometry.coords[0] == (45, 40)
    assert not back.loc["b--c", "oneway"]


def test_graphs_of_others_are_refused(net):
    with pytest.raises(co.ArgumentError, match=r"not made by net\.to_osmnx"):
        co.from_osmnx(nx.MultiDiGraph(crs="epsg:4326"))
    with pytest.raises(co.ArgumentError, match="to_latlong=True"):
        co.from_osmnx(ox.projection.project_graph(net.to_osmnx()))


def test_merged_moved_and_new_parts_are_refused():
    world = network([place("a", 44, 40), place("b", 45, 40)], [link("a", "b", 90)])
    graph = world.to_osmnx()
    graph.add_edge(1, 2, 7)
    with pytest.raises(co.ArgumentError, match=r"edge \(1, 2, 7\) has no link_id"):
        co.from_osmnx(graph)
    graph = world.to_osmnx()
    graph.add_node(9, x=1, y=1)
    with pytest.raises(co.ArgumentError, match="node 9 has no place_id"):
        co.from_osmnx(graph)
    graph = world.to_osmnx()
    graph.add_edge(1, 2, 5, **graph.edges[1, 2, 0])
    with pytest.raises(co.ArgumentError, match="more than once"):
        co.from_osmnx(graph)
    graph = world.to_osmnx()
    graph.nodes[1]["place_id"], graph.nodes[2]["place_id"] = "b", "a"
    with pytest.raises(co.ArgumentError, match="no longer joins a to b"):
        co.from_osmnx(graph)


def test_damage_and_newer_versions_are_said_so():
    world = network([place("a", 44, 40), place("b", 45, 40)], [link("a", "b", 90)])
    for spoil, says in (
        (lambda g: g.graph.update(corridors="{"), "damaged"),
        (lambda g: g.edges[1, 2, 0].pop("geometry"), "damaged"),
        (lambda g: g.edges[1, 2, 0].update(length_km="long"), "damaged"),
        (lambda g: g.graph.update(corridors=_newer(g)), "newer than this"),
    ):
        graph = world.to_osmnx()
        spoil(graph)
        with pytest.raises(co.DataError, match=says):
            co.from_osmnx(graph)


def _newer(graph):
    return json.dumps(json.loads(graph.graph["corridors"]) | {"version": 99})


def test_absent_values_are_absent_attributes(net):
    for _, data in net.to_osmnx().nodes(data=True):
        values = [value for value in data.values() if isinstance(value, float)]
        assert None not in data.values()
        assert not np.isnan(values).any()
