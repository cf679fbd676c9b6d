"""From OpenStreetMap files to networks: small files whose every link is known."""

from __future__ import annotations

import bz2

import numpy as np
import pytest
import shapely
from typer.testing import CliRunner

import corridors as co
from corridors.cli.app import app
from corridors.geodesy import distance_km, line_lengths_km
from corridors.sources.borders import assemble
from corridors.sources.build_report import summary
from corridors.sources.osm_tags import classify, clean, electrification, gauge_mm, names
from tests.osm_xml import Osm

RAIL = {"railway": "rail"}
ROAD = {"highway": "primary"}
MAIN = frozenset({"primary"})


def row(**tags: str) -> Osm:
    """Nodes 1 to 5 a kilometre apart, one way over the first three, one over the rest."""
    osm = Osm()
    for number in range(1, 6):
        osm.node(number, 1000 * number, 0)
    return osm.way([1, 2, 3], RAIL).way([3, 4, 5], RAIL | tags)


def track(net: co.Network):
    links = net.links
    return links[links["link_kind"] == "track"]


def count(net: co.Network, words: str) -> int:
    report = net.build_report
    return int(report.loc[report["what"].str.contains(words, regex=False), "count"].sum())


# -- tags --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "kind", "state"),
    [
        ({"railway": "rail"}, "rail", "open"),
        ({"railway": "narrow_gauge"}, "narrow_gauge", "open"),
        ({"railway": "construction", "construction": "rail"}, "rail", "under_construction"),
        ({"railway": "construction"}, "rail", "under_construction"),
        ({"construction:railway": "rail"}, "rail", "under_construction"),
        ({"railway": "proposed", "proposed": "narrow_gauge"}, "narrow_gauge", "planned"),
        ({"railway": "disused"}, "rail", "closed"),
        ({"disused:railway": "rail"}, "rail", "closed"),
        ({"railway": "abandoned"}, "rail", "destroyed"),
        ({"abandoned:railway": "rail"}, "rail", "destroyed"),
        ({"razed:railway": "rail"}, "rail", "destroyed"),
        ({"railway": "rail", "seasonal": "yes"}, "rail", "seasonal"),
    ],
)
def test_life_cycle_in_both_spellings(tags, kind, state):
    way = classify(tags, ("rail",), MAIN)
    assert (way.layer, way.kind, way.state) == ("rail", kind, state)


@pytest.mark.parametrize(
    ("tags", "oneway", "reverse", "state"),
    [
        ({}, False, False, "open"),
        ({"oneway": "yes"}, True, False, "open"),
        ({"oneway": "-1"}, True, True, "open"),
        ({"junction": "roundabout"}, True, False, "open"),
        ({"junction": "roundabout", "oneway": "no"}, False, False, "open"),
        ({"access": "no"}, False, False, "closed"),
        ({"access": "no", "motor_vehicle": "yes"}, False, False, "open"),
        ({"motor_vehicle": "private"}, False, False, "closed"),
    ],
)
def test_roads(tags, oneway, reverse, state):
    way = classify(ROAD | tags, ("road",), MAIN)
    assert (way.oneway, way.reverse, way.state) == (oneway, reverse, state)


def test_what_is_no_link_says_so():
    assert "tram" in classify({"railway": "tram"}, ("rail",), MAIN)
    assert "area" in classify(ROAD | {"area": "yes"}, ("road",), MAIN)


def test_train_ferries_carry_wagons():
    assert classify({"railway": "ferry"}, ("ferry",), MAIN).wagons
    assert not classify({"route": "ferry"}, ("ferry",), MAIN).wagons


def test_gauges_and_currents():
    assert gauge_mm("1435;1520") == gauge_mm("1520;1435") == "1435+1520"
    assert gauge_mm(None) is gauge_mm("broad") is None
    assert electrification("contact_line", "3000", "0") == "3 kV DC"
    assert electrification("contact_line", "15000", "16.7") == "15 kV AC"
    assert electrification("yes", None, None) == "electrified"
    assert electrification("no", None, None) == "none"
    assert electrification(None, "3000", "0") is None


def test_names_in_all_languages():
    found = names({"name": "Ələt", "name:en": "Alat", "name:ru": "Алят", "name:tr": "Alet"})
    assert (found["name_en"], found["name_ru"]) == ("Alat", "Алят")
    assert {"Ələt", "Alet"} <= set(found["names_other"])
    assert clean("a\x00\u202eb") == "a b"


# -- topology ----------------------------------------------------------------------------------


def test_ways_that_differ_in_nothing_become_one_link(tmp_path):
    net = row().network(tmp_path)
    links = track(net)
    assert len(links) == 1
    assert links["way_ids"].iloc[0] == "101;102"
    assert set(net.places["place_id"]) == {"n1-rail", "n5-rail"}
    a, b = Osm().degrees(1000, 0), Osm().degrees(5000, 0)
    assert links["length_km"].iloc[0] == pytest.approx(float(distance_km(*a, *b)), rel=1e-6)
    assert links["length_kind"].iloc[0] == "osm"
    assert np.allclose(line_lengths_km(links.geometry.to_numpy()), links["length_km"])


@pytest.mark.parametrize(
    "tags",
    [
        {"gauge": "1435"}, {"electrified": "no"}, {"bridge": "yes"}, {"tunnel": "yes"},
        {"disused:railway": "rail", "railway": "razed"}, {"usage": "branch"}, {"maxspeed": "40"},
    ],
)  # fmt: skip
def test_a_change_ends_a_link(tmp_path, tags):
    net = row(**tags).network(tmp_path)
    assert len(track(net)) == 2
    assert "n3-rail" in set(net.places["place_id"])


def test_rail_and_road_share_a_node_at_a_level_crossing_but_no_place(tmp_path):
    osm = row().node(6, 2000, 900).node(7, 2000, -900).way([6, 2, 7], ROAD)
    net = osm.network(tmp_path)
    assert len(track(net)) == 2
    assert not set(net.links["mode"]) & {"transfer"}
    with pytest.raises(co.NoRoute):
        net.route("n1-rail", "n7-road")


def test_parallel_tracks_stay_parallel(tmp_path):
    osm = row().node(6, 3000, 60).way([1, 6, 5], RAIL)
    osm.node(7, 0, 0).node(8, 6000, 0).way([7, 1], RAIL).way([5, 8], RAIL)
    links = track(osm.network(tmp_path))
    pairs = links[["from_place", "to_place"]].apply(frozenset, axis=1)
    assert (pairs == {"n1-rail", "n5-rail"}).sum() == 2
    assert len(links) == 4


def test_rings_and_small_pieces_are_kept(tmp_path):
    osm = row().node(6, 9000, 0).node(7, 9500, 500).node(8, 9000, 900).way([6, 7, 8, 6], RAIL)
    net = osm.network(tmp_path)
    assert len(track(net)) == 3
    assert (net.links["from_place"] != net.links["to_place"]).all()
    assert count(net, "rail components") == 2


def test_a_directed_way_is_turned_and_never_joined_against_its_direction(tmp_path):
    osm = Osm()
    for number in range(1, 5):
        osm.node(number, 1000 * number, 0)
    osm.way([2, 1], ROAD | {"oneway": "-1"}).way([2, 3], ROAD | {"oneway": "yes"})
    osm.way([4, 3], ROAD | {"oneway": "yes"})
    net = osm.network(tmp_path)
    links = track(net).set_index("from_place")
    assert links.loc["n1-road", "to_place"] == "n3-road"
    assert links.loc["n4-road", "to_place"] == "n3-road"
    assert net.route("n1-road", "n3-road").length_km == pytest.approx(2, rel=0.01)
    with pytest.raises(co.NoRoute):
        net.route("n3-road", "n1-road")


def test_preferred_direction_follows_the_nodes_and_forbids_nothing(tmp_path):
    net = row(**{"railway:preferred_direction": "backward"}).network(tmp_path)
    links = track(net)
    turned = links[links["preferred_direction"].notna()].iloc[0]
    assert (turned["from_place"], turned["preferred_direction"]) == ("n5-rail", "forward")
    assert net.route("n1-rail", "n5-rail").length_km == pytest.approx(4, rel=0.01)


def test_loose_ends_that_point_at_each_other_are_joined(tmp_path):
    osm = row().node(6, 5012, 1).node(7, 7000, 0).way([6, 7], RAIL)
    net = osm.network(tmp_path)
    snap = net.links[net.links["link_kind"] == "snap"]
    assert len(snap) == 1
    assert snap["length_km"].iloc[0] == pytest.approx(0.012, abs=0.001)
    assert snap["confidence"].iloc[0] == "low"
    assert net.route("n1-rail", "n7-rail").length_km == pytest.approx(6, rel=0.01)
    with pytest.raises(co.NoRoute):
        osm.network(tmp_path, snap_m=2).route("n1-rail", "n7-rail")


def test_more_may_be_missing_between_tracks_that_nothing_else_joins(tmp_path):
    osm = row().node(6, 5060, 1).node(7, 7000, 0).way([6, 7], RAIL)
    net = osm.network(tmp_path)
    snap = net.links[net.links["link_kind"] == "snap"]
    assert snap["length_km"].tolist() == pytest.approx([0.060], abs=0.001)
    # Another way round joins them, so that the gap may be meant.
    osm.node(8, 5500, 1500).way([1, 8, 7], RAIL)
    assert not (osm.network(tmp_path).links["link_kind"] == "snap").any()


def test_what_points_at_the_middle_of_a_track_from_far_is_not_joined(tmp_path):
    osm = row().node(6, 5060, -900).node(7, 5060, 900).way([6, 7], RAIL)
    assert not (osm.network(tmp_path).links["link_kind"] == "snap").any()


def test_buffers_side_by_side_are_not_joined(tmp_path):
    osm = row().node(6, 5000, 6).node(7, 3000, 6).way([6, 7], RAIL)
    assert not (osm.network(tmp_path).links["link_kind"] == "snap").any()


# -- places ------------------------------------------------------------------------------------


def station(osm: Osm, number: int, x: float, y: float, name: str, **tags: str) -> Osm:
    return osm.node(number, x, y, railway="station", name=name, **tags)


def test_a_capital_is_a_town_and_its_border_is_none(tmp_path):
    road = {"highway": "primary"}
    osm = Osm().node(1, 0, 0).node(2, 9000, 0).node(3, 9000, 900).node(4, 0, 900)
    osm.node(5, 100, 50, place="city", capital="yes", admin_level="2", name="Valletta")
    osm.way([1, 2], road)
    tags = {"place": "city", "boundary": "administrative", "admin_level": "8", "name": "Round it"}
    net = osm.way([1, 2, 3, 4, 1], tags).network(tmp_path, modes=["road"])
    assert net.gazetteer.find("Valletta")
    with pytest.raises(co.UnknownPlaceError):
        net.gazetteer.find("Round it")


def test_a_town_and_its_stations_answer_together(tmp_path):
    """A town "Batumi" and a station "Batumi-Central" are no two places to choose between."""
    osm = station(row(), 50, 1000, 5, "Batumi-Central").way([1, 3], {"highway": "primary"})
    osm.node(51, 1200, 20, place="town", name="ბათუმი", **{"name:en": "Batumi"})
    station(osm, 52, 3000, 5, "Batumi")
    net = osm.network(tmp_path)
    modes = net.places.set_index("place_id")["mode"]
    assert sorted(modes[list(net.gazetteer.find("Batumi"))]) == ["rail", "rail", "road"]
    assert net.gazetteer.find("Batumi-Central") == ("n50-rail",)
    # Far from each other they are two.
    far = station(Osm().node(1, 0, 0).node(2, 90_000, 0).way([1, 2], RAIL), 3, 0, 0, "Poti-Central")
    far.node(4, 90_000, 0, place="town", name="Poti").way([1, 2], {"highway": "primary"})
    with pytest.raises(co.AmbiguousPlaceError):
        far.network(tmp_path).gazetteer.find("Poti")


def test_a_station_beside_the_line_stands_on_it(tmp_path):
    osm = station(row(), 50, 2500, 40, "Ələt", **{"name:en": "Alat", "uic_ref": "548802"})
    net = osm.network(tmp_path)
    place = net.places.set_index("place_id").loc["n50-rail"]
    assert place["kind"] == "station"
    assert place["off_m"] == pytest.approx(40, abs=1)
    for name in ("Alat", "Ələt", "548802"):
        assert net.route("n1-rail", name).length_km == pytest.approx(1.5, rel=0.01)


def test_a_station_of_two_tracks_answers_for_both(tmp_path):
    osm = station(row().node(6, 1000, 10).node(7, 5000, 10).way([6, 7], RAIL), 50, 2500, 5, "Alat")
    net = osm.network(tmp_path)
    assert net.route("n1-rail", "Alat").length_km == pytest.approx(1.5, rel=0.02)
    assert net.route("n6-rail", "Alat").length_km == pytest.approx(1.5, rel=0.02)


def test_a_station_without_track_is_kept_and_counted(tmp_path):
    net = station(row(), 50, 2500, 9000, "Lost").network(tmp_path)
    assert "n50-rail" in set(net.places["place_id"])
    assert count(net, "rail places with nothing") == 1
    with pytest.raises(co.NoRoute, match="not served"):
        net.route("n1-rail", "Lost")


def test_names_with_markup_stay_text(tmp_path):
    name = '<script>alert("1")</script>\u202e'
    net = station(row(), 50, 2500, 4, name).network(tmp_path)
    assert net.label("n50-rail") == '<script>alert("1")</script>'
    html = net.route("n1-rail", "n50-rail")._repr_html_()
    assert "<script>" not in html


def test_a_ferry_joins_roads_through_transfers_only(tmp_path):
    osm = Osm()
    for number, x in enumerate((0, 1000, 4000, 5000), 1):
        osm.node(number, x, 0)
    osm.way([1, 2], ROAD).way([2, 3], {"route": "ferry"}).way([3, 4], ROAD)
    osm.node(60, 1010, 0, amenity="ferry_terminal", name="Port")
    net = osm.network(tmp_path)
    assert net.route("n1-road", "n4-road").by_mode.keys() >= {"road", "ferry"}
    assert net.route("n1-road", "n4-road").length_km == pytest.approx(5, rel=0.01)
    assert net.route("Port", "n3-sea", modes=["ferry"]).length_km == pytest.approx(3, rel=0.01)
    with pytest.raises(co.NoRoute):
        net.route("n1-road", "n4-road", modes=["road"])


# -- countries ---------------------------------------------------------------------------------


def two_countries(*, whole: bool = True) -> Osm:
    """Two squares, side by side along x = 3000."""
    osm = row()
    corners = [(-9e3, -9e3), (3e3, -9e3), (3e3, 9e3), (-9e3, 9e3), (20e3, -9e3), (20e3, 9e3)]
    for number, at in enumerate(corners, 11):
        osm.node(number, *at)
    border = {"boundary": "administrative", "admin_level": "2"}
    osm.way([12, 13], border, 501).way([13, 14, 11, 12], {"note": "untagged"}, 502)
    if whole:
        osm.way([12, 15, 16, 13], border, 503)
    osm.relation(1, [501, 502], border | {"ISO3166-1:alpha2": "AA"})
    return osm.relation(2, [501, 503], border | {"ISO3166-1:alpha2": "BB"})


def test_links_are_cut_at_a_border_of_the_file(tmp_path):
    net = two_countries().network(tmp_path)
    assert net.route("n1-rail", "n5-rail").by_country == pytest.approx({"AA": 2, "BB": 2}, rel=0.01)
    crossing = net.crossings.iloc[0]
    assert (crossing["country_a"], crossing["country_b"]) == ("AA", "BB")
    assert [b.to_country for b in net.route("n1-rail", "n5-rail").borders] == ["BB"]


def test_a_border_that_does_not_close_is_counted(tmp_path):
    net = two_countries(whole=False).network(tmp_path)
    assert count(net, "do not close") == 1
    assert net.route("n1-rail", "n5-rail").by_country["AA"] == pytest.approx(2, rel=0.01)


def test_a_border_that_crosses_itself_encloses_both_lobes():
    eight = shapely.LineString([(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)])
    area = assemble([eight])
    assert area.area == pytest.approx(2)
    assert assemble([shapely.LineString([(0, 0), (1, 1)])]) is None


def test_an_enclave_is_left_out():
    outer, inner = shapely.box(0, 0, 9, 9).boundary, shapely.box(3, 3, 4, 4).boundary
    assert assemble([outer, inner]).area == pytest.approx(80)


def test_without_borders_the_embedded_polygons_say_the_country(tmp_path):
    assert set(row().network(tmp_path).links["country"]) == {"GE"}


def test_a_country_nobody_knows_is_said_to_be_unknown(tmp_path):
    osm = Osm(lon=-100, lat=30).node(1, 0, 0).node(2, 900, 0).way([1, 2])
    net = osm.network(tmp_path)
    assert set(net.links["country"]) == {"ZZ"}
    assert count(net, "country is unknown") == 1


# -- files -------------------------------------------------------------------------------------


def test_several_files_are_merged_by_id(tmp_path):
    one = row().write(tmp_path, "one.osm")
    other = Osm()
    for number in (4, 5, 6):
        other.node(number, 1000 * number, 0)
    other.node(3, 3000, 0).way([3, 4, 5], RAIL, 102).way([5, 6], RAIL, 103)
    two = other.write(tmp_path, "two.osm")
    net = co.from_pbf([one, two], progress=False)
    assert net.route("n1-rail", "n6-rail").length_km == pytest.approx(5, rel=0.01)
    assert count(net, "more than one file") == 1
    assert len(net.sources) == 2


def test_the_same_file_gives_the_same_tables(tmp_path):
    one, two = (two_countries().network(tmp_path) for _ in range(2))
    assert one.links.equals(two.links)
    assert one.places.equals(two.places)


def test_bz2_and_pbf_read_the_same(tmp_path):
    osmium = pytest.importorskip("osmium")
    plain = row().write(tmp_path)
    packed = tmp_path / "small.osm.bz2"
    packed.write_bytes(bz2.compress(plain.read_bytes()))
    binary = tmp_path / "small.osm.pbf"
    with osmium.SimpleWriter(str(binary)) as writer:
        for one in osmium.FileProcessor(str(plain)):
            writer.add(one)
    nets = [co.from_pbf(path, progress=False) for path in (plain, packed, binary)]
    assert len({tuple(net.links["length_km"].round(6)) for net in nets}) == 1


def test_bbox_and_polygon_cut(tmp_path):
    osm = Osm()
    west, east = osm.degrees(500, 0)[0], osm.degrees(2500, 0)[0]
    box = (west, 41, east, 42)
    for area in ({"bbox": box}, {"polygon": shapely.box(*box)}):
        net = row().network(tmp_path, **area)
        assert set(net.places["place_id"]) == {"n1-rail", "n3-rail"}
        assert count(net, "wholly outside") == 1
    with pytest.raises(co.DataError, match="area"):
        row().network(tmp_path, bbox=(0, 0, 1, 1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"bbox": (1, 2, 3)}, {"bbox": (3, 0, 1, 1)}, {"polygon": "x"}, {"modes": ["tram"]},
        {"modes": []}, {"roads": "cart"}, {"snap_m": -1}, {"as_of": "soon"},
        {"bbox": (0, 0, 1, 1), "polygon": shapely.box(0, 0, 1, 1)},
    ],
)  # fmt: skip
def test_arguments_that_cannot_be_used(tmp_path, wrong):
    path = row().write(tmp_path)
    with pytest.raises(co.ArgumentError):
        co.from_pbf(path, **({"progress": False} | wrong))


def test_the_command_builds_and_saves(tmp_path):
    target = tmp_path / "net.gpkg"
    path = two_countries().write(tmp_path)
    done = CliRunner().invoke(app, ["osm", "build", str(path), "-o", str(target), "-q"])
    assert done.exit_code == 0, done.output
    assert "rail links, open" in done.output
    assert len(co.open(target).links) == 2


def test_the_report_reads_as_text(tmp_path):
    net = row().network(tmp_path)
    assert "ways split and contracted" in summary(net.build_report)
    assert (net.build_report["count"] > 0).all()


def test_what_if_works_on_built_networks(tmp_path):
    net = row(railway="construction").network(tmp_path)
    with pytest.raises(co.NoRoute) as caught:
        net.route("n1-rail", "n5-rail")
    opened = net.with_open(*(change.subject for change in caught.value.changes))
    assert opened.route("n1-rail", "n5-rail").length_km == pytest.approx(4, rel=0.01)
