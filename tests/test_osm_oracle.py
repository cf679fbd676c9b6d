"""Real extracts against osmnx and networkx, and the South Caucasus against what is known of it."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

import corridors as co
from corridors.analysis.bridges import bridges
from corridors.geodesy import distance_km
from corridors.sources.osm_tags import DRIVABLE_ROADS, classify

osmium = pytest.importorskip("osmium")
ox = pytest.importorskip("osmnx")
pytestmark = pytest.mark.shared

PAIRS = 300
TOLERANCE = 0.001
ROADS = frozenset(DRIVABLE_ROADS)
TAGS = ("access", "area", "ferry", "highway", "junction", "motor_vehicle", "motorcar", "oneway",
        "railway", "route", "seasonal", "vehicle")  # fmt: skip


def osmnx_graph(path, target):
    """The drivable part of an extract as osmnx reads it, edges with geodesic km."""
    wanted = osmium.filter.KeyFilter("highway", "route")
    with osmium.BackReferenceWriter(str(target), ref_src=str(path), overwrite=True) as writer:
        for one in osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(wanted):
            if not isinstance(classify(dict(one.tags), ("road", "ferry"), ROADS), str):
                writer.add(one)
    before = list(ox.settings.useful_tags_way)
    ox.settings.useful_tags_way = sorted({*before, *TAGS})
    try:
        graph = ox.graph_from_xml(target, simplify=False, retain_all=True)
    finally:
        ox.settings.useful_tags_way = before
    for u, v, key, data in list(graph.edges(keys=True, data=True)):
        tags = {name: value for name, value in data.items() if name in TAGS}
        tags["oneway"] = "no"  # osmnx has made its arcs already
        if classify(tags, ("road", "ferry"), ROADS).state not in {"open", "seasonal"}:
            graph.remove_edge(u, v, key)
    nodes = graph.nodes
    ends = np.array(
        [(*(nodes[u][c] for c in "xy"), *(nodes[v][c] for c in "xy")) for u, v in graph.edges()]
    )
    # osmnx measures on a sphere, 0.1 to 0.3 % off here; what is compared is the network.
    km = distance_km(*ends.T)
    for (*_, data), length in zip(graph.edges(data=True), km, strict=True):
        data["km"] = float(length)
    return graph


@pytest.mark.parametrize(
    ("name", "modes"), [("liechtenstein", ["road"]), ("malta", ["road", "ferry"])]
)
def test_drivable_lengths_equal_osmnx(shared, tmp_path, name, modes):
    path = shared / "osm" / "elsewhere" / f"{name}.osm.pbf"
    graph = osmnx_graph(path, tmp_path / "roads.osm")
    net = co.from_pbf(path, modes=modes, roads="drivable", progress=False, as_of="2026-06-01")
    ids = {
        int(n[1:-5]): n for n in net.places["place_id"] if n.startswith("n") and n.endswith("-road")
    }
    # A pier 30 m from the nearest road is joined to it here, by a marked transfer; not by osmnx.
    made = net.links[(net.links["mode"] == "transfer") & (net.links["length_km"] > 0)]
    net = net.with_closed(*made["link_id"])
    nodes = sorted(set(ids) & {node for node, degree in graph.degree if degree})
    rng = np.random.default_rng(20260601)
    compared, ferries = 0, 0
    for a, b in rng.choice(nodes, (PAIRS, 2)).tolist():
        try:
            want = nx.dijkstra_path_length(graph, a, b, weight="km")
        except nx.NetworkXNoPath:
            with pytest.raises(co.NoRoute):
                net.route(ids[a], ids[b], modes=modes)
            continue
        found = net.route(ids[a], ids[b], modes=modes)
        assert found.length_km == pytest.approx(want, rel=TOLERANCE, abs=1e-6), (a, b)
        compared += 1
        ferries += "ferry" in found.by_mode
    assert compared > 0.9 * PAIRS
    if "ferry" in modes:
        assert ferries > 5


@pytest.fixture(scope="module")
def caucasus(shared):
    path = shared / "osm" / "south-caucasus-rail.osm.pbf"
    return co.from_pbf(path, modes=["rail"], progress=False, as_of="2026-06-01")


@pytest.mark.parametrize(
    ("a", "b", "km", "countries"),
    [
        ("Baku", "Tbilisi", 549, ["AZ", "GE"]),
        ("Ayrum", "Gyumri", 141, ["AM"]),
        ("Yeni Ələt", "Horadiz", 200, ["AZ"]),
        ("Tbilisi", "Batumi", 341, ["GE"]),
    ],
)
def test_the_lines_that_must_be_there(caucasus, a, b, km, countries):
    found = caucasus.route(a, b, modes=["rail"])
    assert found.length_km == pytest.approx(km, rel=0.02)
    assert list(found.by_country) == countries
    assert len(found.borders) == len(countries) - 1
    assert found.reversals == ()


def test_one_track_of_a_double_line_is_not_the_line(caucasus):
    """The longest pair of tracks between two switches: an audit finds the other track."""
    links = caucasus.links
    ends = list(zip(links["from_place"], links["to_place"], strict=True))
    pair = np.array(["|".join(sorted(two)) for two in ends])
    _, group, count = np.unique(pair, return_inverse=True, return_counts=True)
    double = links[(count[group] == 2) & links["usable"].to_numpy(bool)]
    track = double.loc[double["length_km"].idxmax(), "link_id"]
    found = caucasus.audit_closure(track, within_km=1)
    assert found.table["parallel"].iloc[0]
    assert abs(found.table["extra_km"].iloc[0]) < 0.1
    assert found.table["away_km"].iloc[0] < 0.1
    assert found.beside["link_id"].iloc[0] == found.table["links"].iloc[0]
    assert not bridges(caucasus.graph, caucasus.state_allows)[links["link_id"] == track].any()


def test_no_way_from_gyumri_to_kars(caucasus):
    with pytest.raises(co.NoRoute):
        caucasus.route("Gyumri", "Kars", modes=["rail"])


def test_nothing_of_the_file_disappears(caucasus, shared):
    """Every railway way is in a link or counted."""
    path = shared / "osm" / "south-caucasus-rail.osm.pbf"
    wanted = osmium.filter.KeyFilter("railway")
    ways = {one.id for one in osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(wanted)}
    linked = {int(n) for text in caucasus.links["way_ids"] for n in text.split(";") if n}
    report = caucasus.build_report
    counted = report.loc[report["what"].str.startswith(("ways not used", "ways of fewer")), "count"]
    assert len(ways) == len(linked) + counted.sum()
    assert (report["what"] == "rail components").any()
