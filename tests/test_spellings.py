"""Stations of OpenStreetMap answer to the spellings that people use, on maps made up and real."""

from __future__ import annotations

import pandas as pd
import pytest

import corridors as co
from corridors.sources.spellings import REGION
from tests.osm_xml import Osm

ALAT, YENI_ALAT = (49.40848, 39.97655), (49.38826, 39.94332)
STATION = {"railway": "station"}


def two_stations(name: str, other: str = "Yeni Ələt", at: tuple[float, float] = ALAT) -> Osm:
    """A line with a station where Alat lies, or elsewhere, and one where Yeni Alat does."""
    osm = Osm().node_at(1, *at, {**STATION, "name": name})
    return osm.node_at(2, *YENI_ALAT, {**STATION, "name": other}).way([1, 2])


def learned(net) -> int:
    report = net.build_report
    return int(report["count"][report["what"].str.contains("further names of the reference")].sum())


def test_a_station_answers_to_names_that_the_map_lacks(tmp_path):
    net = two_stations("Bash - Alat").network(tmp_path)
    for name in ("Bash - Alat", "Alat", "Ələt", "elet", "Алят", "Alyat", "Baş Ələt"):
        assert net.gazetteer.find(name) == ("n1-rail",)
    assert net.gazetteer.find("Новый Алят") == ("n2-rail",)
    assert learned(net) == 2
    place = net.places.set_index("place_id").loc["n1-rail"]
    assert place["name_en"] == "Bash - Alat"
    assert "Алят" in place["names_other"]


def test_all_tracks_of_a_station_learn(tmp_path):
    osm = two_stations("Bash - Alat").node_at(3, 49.40853, 39.97655).node_at(4, 49.3884, 39.9433)
    net = osm.way([3, 4]).network(tmp_path)
    assert len(net.gazetteer.find("Bash - Alat")) > 1
    assert net.gazetteer.find("Алят") == net.gazetteer.find("Bash - Alat")


def test_no_name_of_the_map_changes_its_meaning(tmp_path):
    net = two_stations("Bash - Alat", other="Алят").network(tmp_path)
    assert net.gazetteer.find("Алят") == ("n2-rail",)
    assert net.gazetteer.find("Alyat") == ("n1-rail",)


def test_a_town_shares_its_name_with_its_station(tmp_path):
    road = {"highway": "primary"}
    osm = two_stations("Bash - Alat").way([1, 2], road)
    osm.node_at(3, 49.405, 39.975, {"place": "town", "name": "Ələt"})
    net = osm.network(tmp_path)
    modes = net.places.set_index("place_id")["mode"]
    assert set(modes[list(net.gazetteer.find("Ələt"))]) == {"rail", "road"}
    assert net.route("Ələt", "Yeni Ələt", modes=["rail"]).length_km > 3
    osm.node_at(4, 49.2, 39.7, {"place": "town", "name": "Алят"}).node_at(5, 49.21, 39.7)
    net = osm.way([4, 5], road).network(tmp_path)
    assert net.gazetteer.find("Алят") == ("n4-road",)  # far away: another town's name


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("Depot", ALAT),  # the spot alone is no proof
        ("Bash - Alat", (49.9, 40.4)),  # nor is the name alone
        ("Bash - Alat", (9.5, 47.2)),
    ],
)
def test_position_or_name_alone_teaches_nothing(tmp_path, name, at):
    net = two_stations(name, other="Elsewhere", at=at).network(tmp_path)
    assert learned(net) == 0
    with pytest.raises(co.UnknownPlaceError):
        net.gazetteer.find("Ələt")


def test_a_name_of_several_goes_to_the_one_that_is_called_so(net, tmp_path):
    at = net.places.set_index("place_id").loc[["baku-passenger", "baku-freight"], ["lon", "lat"]]
    osm = Osm().node_at(1, *at.iloc[0], {**STATION, "name": "Baku Central Railway Station"})
    osm.node_at(2, *at.iloc[1], {**STATION, "name": "Bakı yük"}).way([1, 2])
    built = osm.network(tmp_path)
    assert built.gazetteer.find("Баку") == ("n1-rail",)
    assert built.gazetteer.find("Баку-Товарная") == ("n2-rail",)


def test_the_region_holds_the_reference_network(net):
    west, south, east, north = REGION
    assert net.places["lon"].between(west, east).all()
    assert net.places["lat"].between(south, north).all()


# -- the real extract --------------------------------------------------------------------------

PAIRS = {
    "Baku–Tbilisi": ["Baku Tbilisi", "Баку Тбилиси", "Bakı Tbilisi", "Bakı თბილისი"],
    "Ayrum–Gyumri": ["Ayrum Gyumri", "Айрум Гюмри", "Այրում Գյումրի", "Ayrum Leninakan"],
    "Alat–Horadiz": ["Alat Horadiz", "Ələt Horadiz", "Алят Горадиз", "Alyat Goradiz"],
    "Tbilisi–Batumi": ["Tbilisi Batumi", "Тбилиси Батуми", "თბილისი ბათუმი"],
}
# The table measures from few points: code of the station and point, added (+) or taken off (-).
OFFICIAL = {
    "Baku–Tbilisi": [
        (+1, "547105", "Böyük Kəsik (eksport)"),  # Baku freight station to the border
        (+1, "562603", "Гардабани"),  # from the border to Gardabani
        (+1, "562603", "Тбилиси-Узловая"),
        (+1, "560148", "Тбилиси-Узловая"),
    ],
    "Ayrum–Gyumri": [(+1, "565300", "Айрум"), (+1, "565300", "Гюмри")],
    "Alat–Horadiz": [(+1, "548502", "Culfa (eksport)"), (-1, "551806", "Culfa (eksport)")],
    "Tbilisi–Batumi": [
        (+1, "560148", "Хашури"),
        (+1, "576004", "Хашури"),
        (+1, "576004", "Самтредиа"),
        (+1, "571405", "Самтредиа"),  # the port; the map's station lies kilometres before it
    ],
}


@pytest.fixture(scope="module")
def osm(shared):
    extract = shared / "osm" / "south-caucasus-rail.osm.pbf"
    return co.from_pbf(extract, modes=["rail"], progress=False, as_of="2026-06-01")


@pytest.mark.shared
def test_the_four_lines_by_name_against_the_tariff(osm, shared):
    table = pd.read_csv(shared / "facts" / "rail-tariff-distances.csv", dtype={"station_code": str})
    km = table.drop_duplicates(["station_code", "to"]).set_index(["station_code", "to"])["km"]
    rows = []
    for line, spellings in PAIRS.items():
        official = sum(sign * float(km[code, to]) for sign, code, to in OFFICIAL[line])
        for pair in spellings:
            route = osm.route(*pair.split(), modes=["rail"])
            error = route.length_km / official - 1
            rows.append((line, pair, official, round(route.length_km, 1), round(error, 4)))
    found = pd.DataFrame(rows, columns=["line", "asked", "official_km", "osm_km", "error"])
    print(found.to_string(index=False))  # noqa: T201  (the table, with pytest -s)
    assert (found["error"].abs() <= 0.04).all()


@pytest.mark.shared
@pytest.mark.parametrize("pair", ["Gyumri Kars", "Гюмри Карс"])
def test_there_is_no_false_way_from_gyumri_to_kars(osm, pair):
    with pytest.raises(co.NoRoute):
        osm.route(*pair.split(), modes=["rail"])


@pytest.mark.shared
def test_the_armenian_main_line_hangs_together(osm, net):
    """35 m of track are missing south of Gyumri; nothing else joins the two halves."""
    official = net.route("Tbilisi", "Yerevan", modes=["rail"]).length_km
    route = osm.route("Tbilisi", "Yerevan", modes=["rail"])
    assert route.length_km == pytest.approx(official, rel=0.01)
    assert any(link.startswith("snap-") for link in route.link_ids)
