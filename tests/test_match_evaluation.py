"""The tracks of OpenStreetMap against the official tables, on the real extract of the region."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

import corridors as co
from corridors.cli.app import app
from corridors.cli.match_tables import match_places_table, match_summary, match_table
from corridors.cli.track_tariffs import LARGE_SHARE, track_tariff_table
from corridors.sources.conflate import lay
from corridors.sources.match_places import match_places
from corridors.sources.track_search import TrackSearch

pytestmark = pytest.mark.shared
DAY = "2026-06-01"

# Reasons that the table gives of itself; a miss with none of them is not understood.
KNOWN_REASONS = {
    "the table counts by": "a tariff follows its line, the map's way is shorter: round Bilajari, "
    "not by Guzdek; to Yevlakh, Narimanov, Sumgaitchay and back; by the old line over Tsipa",
    "published": "one or two links differ: a station moved, or kilometres of another alignment",
    "within 2 km": "whole kilometres and the middles of two stations, on a short distance",
    "misprint": "the table is wrong",
    "the table prints": "the table is wrong",
    "the table counts to": "the point of the table is not the place of that name",
    "the table gives the kilometres of": "the point of the table is not the place of that name",
    "lies at about": "the point of the table is not the place of that name",
    "the old port": "the code moved with the port",
    "gaps between loose ends": "the map lacks a piece of track",
    "does not name": "the map has no such place: it stands where the reference thinks",
    "no single cause": "",
    "do not lead there": "the line is lifted, or the map lacks it",
}


@pytest.fixture(scope="module")
def osm(shared):
    return co.from_pbf(
        shared / "osm" / "south-caucasus-rail.osm.pbf", modes=["rail"], progress=False
    ).at(DAY)


@pytest.fixture(scope="module")
def matched(net, osm):
    return co.conflate(net, osm)


@pytest.fixture(scope="module")
def tariffs(net, osm):
    return track_tariff_table(net, osm)


def test_tariff_distances_along_tracks(tariffs):
    """At least 150 pairs of stations, matched by code or name, each once."""
    pairs = tariffs.drop_duplicates(["place_id", "reference_place", "official_km"])
    named = pairs[pairs["by_name"] & pairs["osm_km"].notna() & (pairs["official_km"] > 0)]
    columns = ["station", "reference", "official_km", "osm_km", "error", "reason"]
    error = named["error"].abs()
    print(named[columns].to_string(index=False))  # noqa: T201  (the table, with pytest -s)
    print(  # noqa: T201
        f"{len(named)} pairs: median {error.median():.2%}, 90th percentile "
        f"{error.quantile(0.9):.2%}; {len(pairs)} pairs with those placed by position"
    )
    assert len(named) >= 150
    assert error.median() <= 0.015
    assert error.quantile(0.9) <= 0.04


def test_every_larger_miss_is_explained(tariffs):
    missed = tariffs[(tariffs["error"].abs() > LARGE_SHARE) | tariffs["osm_km"].isna()]
    assert len(missed) > 20
    known = re.compile("|".join(map(re.escape, KNOWN_REASONS)))
    strange = [reason for reason in missed["reason"] if not known.search(reason)]
    assert not strange
    # A cause that nobody can name stays the rare exception.
    assert missed["reason"].str.contains("no single cause").sum() <= 5
    within = tariffs[tariffs["error"].abs() <= LARGE_SHARE]
    assert (within["reason"] == "").all()


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        ("baku-passenger", "tbilisi", (540, 560)),
        ("ayrum", "gyumri", (138, 144)),
        ("alat", "horadiz", (198, 208)),
        ("tbilisi", "batumi-central", (333, 350)),
    ],
)  # fmt: skip
def test_lines_that_must_be_there(net, osm, a, b, km):
    laid = lay(net, osm)
    path = TrackSearch(laid.tracks, laid.tracks.costs()).path(laid.row_of[a], laid.row_of[b])
    assert path is not None
    pieces = laid.tracks.pieces.iloc[path.pieces]
    assert km[0] < pieces["km"].sum() < km[1]
    assert pieces["km"][pieces["link"] < 0].sum() < 0.1
    assert path.reversals <= 1


@pytest.mark.parametrize(
    ("a", "b"),
    [("baku-passenger", "tbilisi"), ("ayrum", "gyumri"), ("tbilisi", "batumi-central")],
)
def test_the_network_itself_finds_the_same_way(net, osm, a, b):
    """Routing on the network and the search between anchors know of each other nothing."""
    names = match_places(net, osm).set_index("place_id")["osm_place_id"]
    route = osm.route(names[a], names[b], modes=["rail"])
    laid = lay(net, osm)
    path = TrackSearch(laid.tracks, laid.tracks.costs()).path(laid.row_of[a], laid.row_of[b])
    assert path is not None
    km = laid.tracks.pieces["km"].to_numpy()[path.pieces].sum()
    assert route.length_km == pytest.approx(km, abs=1.0)


def test_no_false_way_from_gyumri_to_kars(net, osm, matched):
    laid = lay(net, osm)
    search = TrackSearch(laid.tracks, laid.tracks.costs())
    assert search.path(laid.row_of["gyumri"], laid.row_of["kars"]) is None
    names = match_places(net, osm).set_index("place_id")["osm_place_id"]
    with pytest.raises(co.NoRoute):
        osm.route(names["gyumri"], names["kars"], modes=["rail"])
    report = matched.match_report.set_index("line_id")
    assert set(report.loc[["gyumri-akhurik"], "status"]) == {"missing"}


def test_what_is_lifted_stays_and_is_marked(net, matched):
    links = matched.links.set_index("link_id")
    meghri = links[links["line_id"] == "meghri-railway"]
    assert set(meghri["osm_status"]) == {"missing"}
    assert set(meghri["geometry_source"]) == {"reference"}
    report = matched.match_report.set_index("link_id").loc[meghri.index]
    assert report["missing_km"].to_numpy() == pytest.approx(report["length_km"].to_numpy())
    assert (report["reason"] != "").all()
    # Published figures stay as they were, and so do routes.
    assert matched.links["length_km"].equals(net.links["length_km"])
    ask = {"modes": ["rail"], "cargo_origin": "RU", "cargo_destination": "AM"}
    one, two = (n.route("Yalama", "Dalarik", **ask) for n in (net, matched))
    assert one.length_km == two.length_km
    assert two.geometry.geom_type == "LineString"
    assert two.legs["geometry_km"].sum() == pytest.approx(two.length_km, rel=0.05)


def test_the_core_is_matched_and_lengths_agree(matched):
    table = match_table(matched, "country").set_index("country")
    for country, least in (("AZ", 0.85), ("GE", 0.7), ("AM", 0.45)):
        row = table.loc[country]
        assert row["compared_km"] / row["length_km"] > least
        assert row["ratio"] == pytest.approx(1, abs=0.03)
    lines = match_table(matched).set_index("line_id")
    for line in ("bilajari-boyuk-kesik", "gyumri-masis", "tbilisi-khashuri", "alat-horadiz"):
        assert lines.loc[line, "ratio"] == pytest.approx(1, abs=0.015)
        assert lines.loc[line, "missing_km"] < 1
    assert lines.loc["horadiz-aghband", "planned_km"] > 30
    report = matched.match_report
    far = report[report["suspect"] & ~report["within_rounding"]]
    assert len(far) < 0.1 * (report["status"] != "missing").sum()
    assert (((report["ratio"] - 1).abs() > 0.03) == report["suspect"]).all()


def test_by_corridor(matched):
    table = match_table(matched, "corridor")
    assert len(table) > 5
    assert (table["compared_km"] <= table["length_km"] + 1e-6).all()
    tripp = table[table["corridor"].str.startswith("tripp:")]
    assert (tripp["missing_km"] > 20).any()


def test_places(matched):
    table = match_places_table(matched)
    assert len(table) == (matched.places["mode"] == "rail").sum()
    assert table["how"].isin(["code", "name"]).sum() > 300
    assert table["osm_place_id"][table["osm_place_id"] != ""].is_unique
    near = table[table["how"] == "name"]
    assert near["apart_km"].median() < 0.1
    assert "rail links" in match_summary(matched)


def test_it_is_saved_and_deterministic(net, osm, matched, tmp_path):
    path = matched.save(tmp_path / "matched.gpkg")
    again = co.open(path)
    assert again.match_report.equals(matched.match_report)
    assert co.conflate(net, co.open(osm.save(tmp_path / "osm.gpkg"))).match_report.equals(
        matched.match_report
    )


# -- command line --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(osm, tmp_path_factory):
    return osm.save(tmp_path_factory.mktemp("osm") / "osm.gpkg")


def run(*arguments: object):
    done = CliRunner().invoke(app, ["osm", "match", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done


def test_osm_match_prints_lines_and_a_summary(saved):
    text = run(saved).output
    assert "bilajari-boyuk-kesik" in text
    assert "published km compared" in text
    line = next(row for row in text.splitlines() if row.startswith("bilajari-boyuk-kesik"))
    assert re.search(r"\b(0\.99\d|1\.00\d)\b", line)


def test_osm_match_as_data(saved, tmp_path):
    rows = json.loads(run(saved, "--by", "link", "--suspects", "--json").stdout)
    assert rows
    assert all(row["suspect"] for row in rows)
    out = tmp_path / "net.gpkg"
    lines = run(saved, "--by", "place", "--csv", "--output", out).stdout.splitlines()
    assert lines[0].startswith("place_id,osm_place_id")
    assert np.isfinite(co.open(out).match_report["osm_length_km"]).any()


def test_osm_match_against_tariffs(saved):
    rows = json.loads(run(saved, "--by", "tariff", "--json", "--suspects").stdout)
    assert all(row["reason"] for row in rows)
