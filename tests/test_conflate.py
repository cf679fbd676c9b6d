"""Laying a reference network on tracks: small worlds in which every figure is known."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from typer.testing import CliRunner

import corridors as co
from corridors.cli.app import app
from corridors.cli.match_tables import match_places_table, match_summary, match_table
from corridors.geodesy import distance_km, line_lengths_km
from corridors.network import Network
from corridors.schema import ShapeRow, SourceRow
from corridors.sources.conflate import conflate
from corridors.sources.match_places import match_places, name_keys
from corridors.sources.track_search import TrackSearch
from corridors.sources.tracks import Tracks
from corridors.tables import frame
from tests.strategies import networks
from tests.worlds import DAY, FACT, line, link, network, place, state

SOURCE = SourceRow(source_id="map", title="A map", publisher="Us", date="2026", url="https://a.b")
AT = {"alfa": (45.0, 40.0), "bravo": (45.1, 40.0), "charlie": (45.2, 40.0), "delta": (45.3, 40.0)}
KM = float(distance_km(45.0, 40.0, 45.1, 40.0))


def reference(**given_places: dict) -> Network:
    """Four stations in a row, published 9 km apart each."""
    places = [
        place(**{"place_id": name, "lon": x, "lat": y} | given_places.get(name, {}))
        for name, (x, y) in AT.items()
    ]
    links = [link(a, b, 9.0) for a, b in pairwise(AT)]
    return network(places, links, **given_places.get("tables", {}))


def tracks(
    ways: dict[str, list[tuple[float, float]]], stations=AT, states=(), names=None, **tables
) -> Network:
    """An OSM-like network: ways between junctions, stations that no way touches."""
    places, links, shapes = [], [], []
    for way, points in ways.items():
        ends = [f"n{round(x * 1e5)}-{round(y * 1e5)}" for x, y in (points[0], points[-1])]
        for end, at in zip(ends, (points[0], points[-1]), strict=True):
            if end not in {p.place_id for p in places}:
                places.append(place(end, *at, kind="junction"))
        km = sum(float(distance_km(*a, *b)) for a, b in pairwise(points))
        links.append(link(*ends, km, way, link_id=way))
        shapes += [
            ShapeRow(link_id=way, seq=n, lon=x, lat=y, source="own-estimate")
            for n, (x, y) in enumerate(points[1:-1], 1)
        ]
    for name, at in stations.items():
        called = (names or {}).get(name, name.title())
        places.append(place(f"osm-{name}", *at, name_en=called))
    lines = [line(way) for way in ways]
    shut = {row.subject_id for row in states}
    history = [state("line", way) for way in ways if way not in shut]
    net = network(places, links, lines, [*history, *states], shapes=shapes, **tables)
    return Network(dataclasses.replace(net._tables, sources=frame([SOURCE], SourceRow)), as_of=DAY)


STRAIGHT = {"way": [(44.99, 40.001), (45.31, 40.001)]}


def row(net: Network, link_id: str):
    return net.match_report.set_index("link_id").loc[link_id]


# -- places ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("called", "how"),
    [
        ("Bravo", "name"), ("BRÁVO stansiyası", "name"), ("Bravo / Other", "name"),
        ("Bravvo", "similar name"), ("Nothing alike", "position"),
    ],
)  # fmt: skip
def test_a_place_is_matched_by_name_in_any_spelling(called, how):
    osm = tracks(STRAIGHT, names={"bravo": called})
    found = match_places(reference(), osm).set_index("place_id")
    assert found.loc["bravo", "osm_place_id"] == "osm-bravo"
    assert found.loc["bravo", "how"] == how


def test_a_place_is_matched_by_code_before_name():
    from corridors.schema import StationCodeRow

    def code(number: str, place_id: str) -> StationCodeRow:
        return StationCodeRow.model_validate(
            {"station_code": number, "place_id": place_id, "railway": "AZ",
             "name_official": "x" + number, **FACT}
        )  # fmt: skip

    ref = reference(tables={"codes": [code("123456", "bravo"), code("000000", "alfa")]})
    stations = AT | {"elsewhere": (45.15, 40.01)}
    osm = tracks(
        STRAIGHT, stations, codes=[code("123450", "osm-elsewhere"), code("000001", "osm-delta")]
    )
    found = match_places(ref, osm).set_index("place_id")
    assert tuple(found.loc["bravo", ["osm_place_id", "how"]]) == ("osm-elsewhere", "code")
    assert tuple(found.loc["alfa", ["osm_place_id", "how"]]) == ("osm-alfa", "name")


def test_names_of_far_places_do_not_match_and_a_place_is_given_once():
    far = {name: (x, y + 0.5) for name, (x, y) in AT.items()}
    assert set(match_places(reference(), tracks(STRAIGHT, far))["how"]) == {"none"}
    same = reference(bravo={"name_en": "Alfa"}, alfa={"lon": 45.1001})
    found = match_places(same, tracks(STRAIGHT, {"alfa": AT["bravo"]}))
    assert (found["osm_place_id"] == "osm-alfa").sum() == 1
    assert found.set_index("place_id").loc["alfa", "how"] == "none"


def test_generic_words_alone_stay():
    assert name_keys(["Station", "Вокзал Ереван", None, 3.0]) == {"station", "ереван"}


# -- links -------------------------------------------------------------------------------------


def test_a_chain_is_laid_on_its_track():
    net = conflate(reference(), tracks(STRAIGHT))
    assert set(net.match_report["status"]) == {"matched"}
    links = net.links
    assert links["length_km"].tolist() == [9.0] * 3
    assert links["osm_length_km"].to_numpy() == pytest.approx([KM] * 3, abs=0.002)
    assert row(net, "alfa--bravo")["ratio"] == pytest.approx(KM / 9, abs=0.001)
    assert net.match_report["suspect"].all()
    assert net.match_report["within_rounding"].all()
    assert set(links["geometry_source"]) == {"osm"}
    assert links["geometry_km"].to_numpy() == pytest.approx([KM] * 3, abs=0.002)
    # Places move onto the track, and lines meet there.
    assert net.places["lat"].to_numpy() == pytest.approx([40.001] * 4, abs=1e-6)
    route = net.route("Alfa", "Delta", modes=["rail"])
    assert route.length_km == 27.0
    assert route.geometry.geom_type == "LineString"
    assert "map" in set(net.sources["source_id"])


def test_parallel_tracks_and_loose_ends_in_a_yard_do_not_shorten_it():
    ways = {
        "north": [(44.99, 40.001), (45.3, 40.001)],
        "south": [(44.99, 40.0), (45.3, 40.0)],
        "siding": [(45.095, 40.0005), (45.105, 40.0005)],
        "left": [(44.99, 40.0), (44.99, 40.001)],
    }
    net = conflate(reference(), tracks(ways))
    assert net.match_report["osm_length_km"].to_numpy() == pytest.approx([KM] * 3, abs=0.01)
    assert (net.match_report["missing_km"] == 0).all()


def test_a_missing_bridge_is_bridged_and_counted():
    gap = 0.3 / KM * 0.1  # degrees of 300 m
    ways = {
        "west": [(44.99, 40.0), (45.15, 40.0)],
        "east": [(45.15 + gap, 40.0), (45.31, 40.0)],
    }
    found = row(conflate(reference(), tracks(ways)), "bravo--charlie")
    assert found["status"] == "partly"
    assert found["missing_km"] == pytest.approx(0.3, abs=0.001)
    assert found["matched_km"] + found["missing_km"] == pytest.approx(KM, abs=0.002)


def test_what_osm_lacks_keeps_the_reference_geometry_and_says_so():
    ways = {"way": [(44.99, 40.001), (45.21, 40.001)]}
    net = conflate(reference(), tracks(ways))
    last = row(net, "charlie--delta")
    assert last["status"] == "missing"
    assert last["missing_km"] == 9.0
    assert last["reason"] == "no track near delta"
    assert np.isnan(last["osm_length_km"])
    drawn = net.links.set_index("link_id").loc["charlie--delta"]
    assert drawn["geometry_source"] == "reference"
    assert drawn["osm_status"] == "missing"
    assert drawn["geometry"].coords[-1] == AT["delta"]


@pytest.mark.parametrize(
    ("ways", "reason"),
    [
        (
            {"a": [(44.99, 40.0), (45.12, 40.0)], "b": [(45.18, 40.0), (45.31, 40.0)]},
            "no way by track within",
        ),
        (
            {"a": [(44.99, 40.0), (45.1, 40.0), (45.1, 40.1), (45.2, 40.1), (45.2, 40.0),
                   (45.31, 40.0)]},
            "another way round",
        ),
    ],
)  # fmt: skip
def test_no_false_path(ways, reason):
    found = row(conflate(reference(), tracks(ways)), "bravo--charlie")
    assert found["status"] == "missing"
    assert reason in found["reason"]


def test_planned_track_is_counted_apart_and_open_track_preferred():
    ways = {
        "a": [(44.99, 40.0), (45.15, 40.0)],
        "new": [(45.15, 40.0), (45.31, 40.0)],
    }
    building = [state("line", "new", "under_construction")]
    net = conflate(reference(), tracks(ways, states=building))
    assert row(net, "alfa--bravo")["status"] == "matched"
    assert row(net, "bravo--charlie")["planned_km"] == pytest.approx(KM / 2, abs=0.01)
    assert row(net, "charlie--delta")["status"] == "planned"
    both = ways | {"old": [(45.15, 40.0), (45.2, 40.005), (45.31, 40.0)]}
    net = conflate(reference(), tracks(both, states=building))
    assert row(net, "charlie--delta")["planned_km"] < 0.1


def test_shared_track_is_shown():
    """Two links of the reference on one stretch of track: one of them stands for another line."""
    places = [place(name, *at) for name, at in AT.items()]
    links = [link("alfa", "bravo", 9.0), link("alfa", "charlie", 17.0), link("charlie", "delta", 9)]
    net = conflate(network(places, links), tracks(STRAIGHT))
    assert row(net, "alfa--charlie")["shared_km"] == pytest.approx(KM, abs=0.01)
    assert row(net, "charlie--delta")["shared_km"] == 0


def test_parts_add_up():
    net = conflate(reference(), tracks(STRAIGHT))
    parts = net.report("match_parts")
    sums = parts.groupby("link_id")["km"].sum()
    assert sums.to_numpy() == pytest.approx(net.match_report["osm_length_km"].to_numpy(), abs=1e-3)
    assert set(parts["osm_link_id"]) == {"way"}


@settings(max_examples=25)
@given(net=networks(), shift=some.integers(0, 3))
def test_a_network_laid_on_itself_is_itself(net, shift):
    """Every link drawn straight is found again; nothing is invented, nothing published changes."""
    osm = network_moved(net, shift * 1e-4)
    laid = conflate(net, osm)
    report = laid.match_report
    assert laid.links["length_km"].equals(net.links["length_km"])
    assert report["link_id"].tolist() == net.links["link_id"].tolist()
    total = report[["matched_km", "planned_km", "missing_km"]].sum(axis=1)
    found = report["status"] != "missing"
    assert total[found].to_numpy() == pytest.approx(report["osm_length_km"][found], abs=0.01)
    assert total[~found].to_numpy() == pytest.approx(report["length_km"][~found], abs=0.01)
    # Never longer than the way the link itself is drawn, by more than the ways into the yard.
    chord = line_lengths_km(net.link_table.geometry.to_numpy())
    assert (report["osm_length_km"].fillna(0).to_numpy() <= chord * 1.5 + 1).all()
    again = conflate(net, osm)
    assert again.match_report.equals(report)


def network_moved(net: Network, degrees: float) -> Network:
    places = net._tables.places.copy()
    places["lat"] += degrees
    places = places.set_geometry(places.geometry.translate(0, degrees))
    links = net._tables.links.set_geometry(net._tables.links.geometry.translate(0, degrees))
    return Network(dataclasses.replace(net._tables, places=places, links=links), as_of=net.as_of)


def test_conflated_networks_are_saved_whole(tmp_path):
    net = conflate(reference(), tracks(STRAIGHT))
    again = co.open(net.save(tmp_path / "net.gpkg"))
    assert again.match_report.equals(net.match_report)
    assert again.links["osm_length_km"].equals(net.links["osm_length_km"])


def test_what_is_no_network():
    with pytest.raises(co.ArgumentError, match="osm='x' is no Network"):
        conflate(reference(), "x")
    road = network(
        [place("a", 45, 40, mode="road"), place("b", 45.1, 40, mode="road")],
        [link("a", "b", 9)],
        [line("main", mode="road")],
    )
    with pytest.raises(co.ArgumentError, match="reference has no rail links"):
        conflate(road, tracks(STRAIGHT))


# -- tracks ------------------------------------------------------------------------------------


def test_no_path_runs_through_another_place():
    """Two tracks beside one station that do not meet are not joined by it."""
    ways = {"a": [(44.99, 40.0), (45.1, 40.0)], "b": [(45.1, 40.04), (45.31, 40.04)]}
    points = frame([place(n, *at) for n, at in AT.items()], type(place("x", 45, 40)))
    points = points[["place_id", "lon", "lat"]].assign(reach_km=6.0, station=True)
    graph = Tracks(tracks(ways), points)
    search = TrackSearch(graph, graph.costs())
    assert search.path(0, 1) is not None
    assert search.path(0, 3) is None


# -- tables and command line ---------------------------------------------------------------------


def test_tables_add_up():
    net = conflate(reference(), tracks({"way": [(44.99, 40.001), (45.21, 40.001)]}))
    (row_of_line,) = match_table(net).to_dict("records")
    assert row_of_line["links"] == 3
    assert row_of_line["length_km"] == 27
    assert row_of_line["compared_km"] == 18
    assert row_of_line["missing_km"] == 9
    assert row_of_line["osm_length_km"] == pytest.approx(2 * KM, abs=0.01)
    assert row_of_line["ratio"] == pytest.approx(2 * KM / 18, abs=0.001)
    assert row_of_line["suspect"]
    assert match_table(net, "link").equals(net.match_report)
    assert match_table(net, "country")["country"].tolist() == ["AZ"]
    assert match_table(net, "corridor").empty
    text = match_summary(net)
    assert "3 rail links, 27 km: matched 2, planned 0, partly 0, missing 1" in text
    assert "4 rail places: 4 by name" in text


def test_a_map_of_elsewhere_is_said_so():
    text = match_summary(conflate(reference(), tracks({"way": [(9.0, 47.0), (9.2, 47.0)]})))
    assert "nothing of the reference network lies on this map" in text


def test_tables_of_a_network_that_was_not_matched():
    for table in (match_table, match_places_table, match_summary):
        with pytest.raises(co.ArgumentError, match="was not matched to OpenStreetMap"):
            table(reference())
    with pytest.raises(co.ArgumentError, match="by='mood': give one of"):
        match_table(conflate(reference(), tracks(STRAIGHT)), "mood")


def test_osm_match_where_the_map_has_little(tmp_path):
    path = tracks(STRAIGHT).save(tmp_path / "osm.gpkg")
    done = CliRunner().invoke(app, ["osm", "match", str(path), "--by", "country", "--csv"])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("country,links,length_km,compared_km")
    done = CliRunner().invoke(app, ["osm", "match", str(path), str(path)])
    assert isinstance(done.exception, co.ArgumentError)
    done = CliRunner().invoke(app, ["osm", "match", str(path), "--json", "--csv"])
    assert done.exit_code == 2


# -- what trains can do -------------------------------------------------------------------------


def search(ways: dict[str, list[tuple[float, float]]], at: dict[str, tuple[float, float]]):
    points = frame([place(n, *xy) for n, xy in at.items()], type(place("x", 45, 40)))
    graph = Tracks(
        tracks(ways, at), points[["place_id", "lon", "lat"]].assign(reach_km=1.0, station=True)
    )
    return graph, TrackSearch(graph, graph.costs())


FORK = {
    "stem": [(45.0, 40.0), (45.1, 40.0)],
    "main": [(45.1, 40.0), (45.2, 40.0)],
    "branch": [(45.1, 40.0), (45.15, 40.005), (45.2, 40.02)],
}


def test_no_sharp_turn_at_a_switch():
    at = {"west": (45.02, 40.0), "east": (45.18, 40.0), "hill": (45.18, 40.0137)}
    graph, sought = search(FORK, at)
    for a, b, km in ((0, 1, 0.16), (0, 2, 0.16)):
        path = sought.path(a, b)
        assert path is not None
        assert path.reversals == 0
        assert graph.pieces["km"].to_numpy()[path.pieces].sum() == pytest.approx(
            km * KM * 10, rel=0.03
        )
    # From one leg of the fork to the other a train goes on to the next station and turns there.
    path = sought.path(1, 2)
    assert path is not None
    assert path.reversals == 1
    assert graph.pieces["km"].to_numpy()[path.pieces].sum() == pytest.approx(
        (0.08 + 0.08 + 2 * 0.08) * KM * 10, rel=0.03
    )
    back = sought.path(2, 1)
    assert back is not None
    assert back.pieces.tolist() == path.pieces.tolist()[::-1]


def test_no_turning_back_where_no_station_is():
    at = {"east": (45.18, 40.0), "hill": (45.18, 40.0137)}
    _, sought = search(FORK, at)
    assert sought.path(0, 1) is None


def test_a_kink_between_two_ways_is_only_drawn():
    ways = {"a": [(45.0, 40.0), (45.1, 40.0)], "b": [(45.1, 40.0), (45.1, 40.1)]}
    _, sought = search(ways, {"west": (45.02, 40.0), "north": (45.1, 40.05)})
    path = sought.path(0, 1)
    assert path is not None
    assert path.reversals == 0


def test_a_limit_stops_the_search():
    _, sought = search(FORK, {"west": (45.02, 40.0), "east": (45.18, 40.0)})
    assert sought.path(0, 1, limit_km=5.0) is None
    assert sought.path(0, 1, limit_km=20.0) is not None
