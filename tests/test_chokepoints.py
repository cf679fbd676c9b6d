"""Chokepoints: every figure against the network asked again without the subject."""

from __future__ import annotations

import itertools
import json

import igraph
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import corridors as co
from corridors.analysis.chokepoints import COLUMNS
from corridors.analysis.structure import Structure, minimum_cuts
from corridors.analysis.subjects import BY
from corridors.errors import ArgumentError, UnknownSubjectError
from corridors.routing.terms import terms
from tests.strategies import networks, place_ids
from tests.worlds import chain, line, link, network, place


def table(*rows: tuple[str, str, float], **columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["origin", "destination", "tonnes"]).assign(**columns)


@pytest.fixture(scope="module")
def found(net):
    return net.chokepoints(co.flows(), by="link", progress=False)


# -- what it says ------------------------------------------------------------------------------


def test_every_column_has_a_unit_and_a_definition(found):
    assert list(found.table.columns) == [*COLUMNS, "geometry"]
    assert all(unit and words for unit, words in COLUMNS.values())
    json.dumps(found.to_dict(), allow_nan=False)


def test_the_worst_comes_first_and_sums_agree(found):
    rows = found.table
    keys = list(zip(-rows["stranded_t"], -rows["extra_tonne_km"], -rows["tonnes"], strict=True))
    assert keys == sorted(keys)
    np.testing.assert_allclose(rows["stranded_t"] + rows["diverted_t"], rows["tonnes"])
    np.testing.assert_allclose(rows["tonnes_own"] + rows["tonnes_transit"], rows["tonnes"])
    diverted = rows[rows["diverted_t"] > 0]
    np.testing.assert_allclose(
        diverted["extra_usd_per_t"] * diverted["diverted_t"], diverted["extra_usd"]
    )
    assert {"ferry", "gauge_change", "rail", "road"} <= set(" ".join(rows["mode"]).split())


def test_every_link_and_flow_of_the_reference_network(net, found):
    """The fast answer equals the loop that closes each link by itself."""
    lengths = found.flows.set_index("flow_id")["length_km"]
    after = found.by_flow.set_index(["subject", "flow_id"])["extra_km"]
    rows = {name: row for row, name in enumerate(net.links["link_id"])}
    from corridors.analysis.demands import loads

    ready, _ = loads(net, co.flows())
    assert len(ready) == len(lengths)
    seen = 0
    for load in ready:
        world, ends = load.world, (load.start.nodes, load.end.nodes)
        path = world.path(*ends)
        assert path.cost == pytest.approx(lengths[load.flow_id])
        for row in set(path.links.tolist()):
            shut = np.zeros(len(net.link_modes), bool)
            shut[row] = True
            far = world.without(shut).nearest(ends[0])[ends[1]].min()
            extra = after[net.links["link_id"].iloc[row], load.flow_id]
            assert (far == np.inf and np.isnan(extra)) or far == pytest.approx(
                lengths[load.flow_id] + extra
            )
            seen += 1
    assert seen == len(after)
    assert seen > 400
    assert set(found.table["subject"]) <= set(rows)


@given(some.data())
def test_equals_the_loop_on_random_networks(data):
    net = data.draw(networks(oneway=True))
    ends = some.tuples(place_ids(net), place_ids(net), some.sampled_from([0.0, 10.0, 25.0]))
    flows = table(*data.draw(some.lists(ends, min_size=1, max_size=3)))
    by = data.draw(some.sampled_from(["link", "place", "country"]))
    found = net.chokepoints(flows, by=by, progress=False)
    before = [net.skim(a, b)["length"].iloc[0, 0] for a, b, _ in flows.itertuples(index=False)]
    assert found.flows["routed"].sum() == np.isfinite(before).sum()
    for subject in found.table.to_dict("records"):
        stranded = extra = 0.0
        for (a, b, tonnes), least in zip(flows.itertuples(index=False), before, strict=True):
            after = net.skim(a, b, avoid=[subject["subject"]])["length"].iloc[0, 0]
            if np.isnan(least) or after == pytest.approx(least):
                continue
            stranded += tonnes * np.isnan(after)
            extra += 0.0 if np.isnan(after) else tonnes * (after - least)
        assert subject["stranded_t"] == pytest.approx(stranded)
        assert subject["extra_tonne_km"] == pytest.approx(extra, abs=1e-6)


def test_sadakhlo_strands_all_rail_imports_of_armenia(net):
    catalog = co.flows()
    flows = [
        catalog[name] for name in ("kazakh-grain", "russian-grain", "azerbaijani-oil-products")
    ]
    found = net.chokepoints(flows, by="crossing", progress=False)
    row = found.table.set_index("subject").loc["sadakhlo-ayrum-rail-border"]
    assert row["stranded_t"] == row["tonnes"] == 156000 + 1000 + 6881
    assert row["tonnes_of_periods"] == 1000 + 6881
    assert row["share"] == 1
    assert row["bridge"]
    assert set(row["min_cut_flows"].split()) == {flow.flow_id for flow in flows}
    text = found.explain()
    assert "Sadakhlo–Ayrum rail border (GE AM) strands 163,881 t, 100%" in text
    assert "flows-rferl-kazakh" in text
    opened = net.with_open("kars-gyumri-yerevan").chokepoints(flows, by="crossing", progress=False)
    row = opened.table.set_index("subject").loc["sadakhlo-ayrum-rail-border"]
    assert row["stranded_t"] == 0
    assert row["extra_km_per_t"] > 0
    assert "TR" in row["detour_countries"]
    assert not row["bridge"]


def test_own_trade_is_told_from_transit(net):
    found = net.chokepoints([co.flows()["kazakh-grain"]], by="country", progress=False)
    rows = found.table.set_index("subject")
    assert rows.loc["KZ", "tonnes_own"] == rows.loc["AM", "tonnes_own"] == 1000
    assert rows.loc["AZ", "tonnes_transit"] == rows.loc["GE", "stranded_transit_t"] == 1000
    assert rows.loc["RU", "stranded_t"] == 1000
    owners = net.chokepoints([co.flows()["kazakh-grain"]], by="operator", progress=False).table
    assert owners.set_index("subject").loc["scr", "tonnes_transit"] == 1000


def test_somebody_else_may_run_a_line(net):
    world = net.with_open("tripp")
    flows = table(("alat", "nakhchivan", 5.0))
    ask = {"by": "owner", "modes": ["rail"], "progress": False}
    own = world.chokepoints(flows, **ask).table["subject"].tolist()
    other = world.chokepoints(flows, run_by={"meghri-railway": "scr"}, **ask).table
    assert own == ["AZ", "US"]
    assert other["subject"].tolist() == ["AZ", "RU"]


# -- corners -----------------------------------------------------------------------------------


def two_tracks():
    places, links = chain({"a": (45, 40), "b": (46, 40), "c": (47, 40)})
    second = link("b", "c", 120, "second", link_id="second-track")
    return network(places, [*links, second], [line("main"), line("second")])


def test_the_parallel_track_is_the_detour(net):
    net = two_tracks()
    found = net.chokepoints(table(("a", "c", 7.0)), progress=False).table.set_index("subject")
    track = found.loc["b--c"]
    assert not track["bridge"]
    assert track["diverted_t"] == 7
    assert "second-track, side by side" in track["detour"]
    assert found.loc["a--b", "bridge"]
    assert found.loc["a--b", "stranded_t"] == 7
    # Both tracks together are in no minimum cut of one link.
    assert found.loc["b--c", "min_cut_flows"] == ""
    assert found.loc["a--b", "min_cut_flows"] == "0"


def test_flows_that_share_a_name_stay_apart():
    flows = table(("a", "c", 7.0), ("c", "a", 5.0), flow_id=["x", "x"])
    found = two_tracks().chokepoints(flows, progress=False)
    assert found.flows["flow_id"].tolist() == ["x", "x #2"]
    assert found.table.set_index("subject").loc["a--b", "stranded_t"] == 12


def test_flows_without_tonnes_or_route():
    places, links = chain({"a": (45, 40), "b": (46, 40)})
    alone, far = chain({"c": (48, 40), "d": (49, 40)})
    net = network([*places, *alone], [*links, *far])
    flows = table(("a", "b", 0.0), ("a", "d", 3.0), ("a", "b", np.nan), ("c", "c", 2.0))
    found = net.chokepoints(flows, progress=False)
    assert found.skipped == {"2": "tonnes not known"}
    assert found.flows.set_index("flow_id")["routed"].to_dict() == {
        "0": True,
        "1": False,
        "3": True,
    }
    assert found.table["subject"].tolist() == ["a--b"]
    row = found.table.iloc[0]
    assert row["tonnes"] == row["stranded_t"] == row["share"] == 0
    assert np.isnan(row["extra_km_per_t"])
    text = found.explain()
    assert "No route: 1: " in text
    assert "Left out: 2 (tonnes not known)." in text
    nothing = net.chokepoints(table(("a", "d", 3.0)), progress=False)
    assert len(nothing) == 0
    assert list(nothing.table.columns) == [*COLUMNS, "geometry"]
    assert "nothing can be lost" in nothing.explain()
    nothing.chart()


def test_wrong_input_is_named(net):
    flows = co.flows()
    with pytest.raises(ArgumentError, match="flows is empty"):
        net.chokepoints([])
    with pytest.raises(ArgumentError, match="by='bridge' is unknown; available: link, crossing"):
        net.chokepoints(flows, by="bridge")
    with pytest.raises(UnknownSubjectError, match="run_by: 'narnia' is no line"):
        net.chokepoints(flows, run_by={"narnia": "scr"})
    with pytest.raises(UnknownSubjectError, match="run_by: 'narnia' is no operator"):
        net.chokepoints(flows, run_by={"meghri-railway": "narnia"})
    with pytest.raises(ArgumentError, match="weight='miles'"):
        net.chokepoints(flows, weight="miles")


@pytest.mark.parametrize("by", BY)
def test_each_kind_shows_itself(net, by):
    catalog = co.flows()
    flows = [catalog["russian-grain"], catalog["middle-corridor"]]
    found = net.chokepoints(flows, by=by, weight="usd_per_t", as_of="2026-05-01", progress=False)
    assert len(found) > 1
    assert found.net.as_of.isoformat() == "2026-05-01"
    assert found.table.geometry.is_valid.all()
    assert found.explain().startswith("On 2026-05-01, by dollars a tonne: 2 of 2 flows")
    assert found.table["name"].iloc[0] in found.chart().alt
    assert "<table" in found._repr_html_()
    assert by in repr(found)
    if by in {"link", "crossing", "owner"}:
        assert found.map().html().startswith("<!DOCTYPE html>")


def test_names_are_never_markup():
    places = [place("a", 45, 40, name_en="<b>A</b> $x$"), place("b", 46, 40, name_en="$y$ <i>")]
    net = network(places, [link("a", "b", 90)])
    found = net.chokepoints(table(("a", "b", 1.0)), progress=False)
    assert "<b>A</b>" not in found._repr_html_()
    assert "<b>A</b>" not in found.map().html()
    assert "$x$" in found.chart().alt
    found.chart().svg()


@pytest.mark.shared
def test_on_openstreetmap_both_tracks_are_the_crossing(shared):
    pbf = shared / "osm" / "south-caucasus-rail.osm.pbf"
    osm = co.from_pbf(pbf, modes=["rail"], progress=False)
    flows = table(("Batumi", "Bakı", 10.0))
    found = osm.chokepoints(flows, by="crossing", modes=["rail"], progress=False)
    (crossing,) = found.table.to_dict("records")
    assert "Gardabani" in crossing["name"]
    assert crossing["stranded_t"] == 10
    assert np.isnan(crossing["betweenness"])
    links = osm.chokepoints(flows, modes=["rail"], progress=False)
    track = links.by_flow[links.by_flow["subject"].str.contains("border")]
    assert not track["stranded"].any()  # one track of two
    # Each loss against the route asked for again, with its turns.
    base = links.flows["length_km"].iloc[0]
    some_rows = links.by_flow.iloc[:: len(links.by_flow) // 12]
    for row in some_rows.to_dict("records"):
        ask = {"modes": ["rail"], "avoid": [row["subject"]]}
        if row["stranded"]:
            with pytest.raises(co.NoRoute):
                osm.route("Batumi", "Bakı", **ask)
        else:
            again = osm.route("Batumi", "Bakı", **ask)
            assert again.length_km == pytest.approx(base + row["extra_km"])


# -- the shape of the network ------------------------------------------------------------------


@given(networks(oneway=True), some.data())
def test_minimum_cuts_are_those_of_all_sets_of_links(net, data):
    count = len(net.links)
    asked = terms(net)
    start, end = (asked.end(data.draw(place_ids(net)), "end") for _ in range(2))
    world = asked.weighted(asked.shipment(start, end))

    def joined(shut: tuple[int, ...]) -> bool:
        mask = np.zeros(count, bool)
        mask[list(shut)] = True
        return world.without(mask).path(start.nodes, end.nodes) is not None

    size, member = minimum_cuts(net, world, start.nodes, end.nodes)
    if start.nodes.tolist() == end.nodes.tolist() or not joined(()):
        assert size == 0
        assert not member.any()
        return
    if size > 3:
        return  # too many sets to try
    for fewer in range(size):
        assert all(joined(shut) for shut in itertools.combinations(range(count), fewer))
    cuts = [shut for shut in itertools.combinations(range(count), size) if not joined(shut)]
    assert set(np.flatnonzero(member).tolist()) == {row for shut in cuts for row in shut}


@settings(max_examples=30)
@given(networks(closed=False))
def test_betweenness_and_parting_as_networkx_has_them(net):
    shape = Structure(net, np.ones(len(net.link_modes), bool))
    graph = nx.MultiGraph()
    graph.add_nodes_from(net.graph.index)
    table = net.links
    for row in table.itertuples():
        graph.add_edge(row.from_place, row.to_place, row.link_id, km=row.length_km)
    counted = nx.edge_betweenness_centrality(graph, normalized=False, weight="km")
    pairs = sum(len(part) * (len(part) - 1) / 2 for part in nx.connected_components(graph))
    ours = dict(zip(table["link_id"], shape.betweenness(), strict=True))
    for (_, _, name), count in counted.items():
        assert ours[name] == pytest.approx(count / pairs)
    assert igraph.Graph(edges=[(0, 1), (0, 1)]).bridges() == []
