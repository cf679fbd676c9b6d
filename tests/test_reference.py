"""What the reference network must show, on its real data."""

from __future__ import annotations

import pytest

import corridors as co
from corridors.report import lengths_table, tariff_table

RU = {"modes": ["rail"], "cargo_origin": "RU", "cargo_destination": "AM"}


# -- size --------------------------------------------------------------------------------------


def test_it_covers_the_region(net):
    places, links = net.places, net.links
    core = places["country"].isin(["AZ", "GE", "AM"])
    rail = places["mode"] == "rail"
    coded = places["place_id"].isin(net.station_code_table["place_id"])
    assert int((core & rail & coded).sum()) >= 220
    assert int((~core & rail).sum()) >= 60
    assert int((places["mode"] == "road").sum()) >= 130
    assert {"rail", "road", "ferry", "transfer", "gauge_change"} <= set(links["mode"])
    assert set(links["state"]) >= {"open", "closed", "destroyed", "under_construction", "planned"}


@pytest.mark.parametrize(
    "corridor",
    ["middle-corridor", "tripp", "instc-west", "instc-caspian", "north-south",
     "crossroads-of-peace", "kars-gyumri-yerevan", "ijevan-gazakh", "aras-iran", "btk"],
)  # fmt: skip
def test_corridors(net, corridor):
    for name, route in co.corridors()[corridor].routes(net, opened=True).items():
        assert route.length_km > 0, name


# -- kilometres --------------------------------------------------------------------------------


def test_yalama_export_to_boyuk_kesik_export(net):
    a, b = "yalama-samur-rail-border", "boyuk-kesik-gardabani-rail-border"
    assert net.route(a, b, modes=["rail"]).length_km == pytest.approx(680, abs=0.5)


def test_ayrum_gyumri(net):
    assert net.route("Ayrum", "Gyumri", modes=["rail"]).length_km == pytest.approx(141, abs=0.5)


def test_alat_julfa_in_1988(net):
    route = net.route("Alat", "julfa", modes=["rail"], as_of="1988-06-01")
    assert route.length_km == pytest.approx(409, abs=0.5)
    assert "meghri" in route.place_ids
    assert set(route.by_country) == {"AZ", "AM"}


def test_georgian_transit(net):
    a, b = "boyuk-kesik-gardabani-rail-border", "sadakhlo-ayrum-rail-border"
    assert net.route(a, b, modes=["rail"]).length_km == pytest.approx(111, abs=0.5)


KNOWN_TARIFF_MISSES = {
    ("547800", "Culfa (eksport)"),  # Hövsan
    ("553604", "Акстафа"),  # Liman
    ("548235", "Алят"),  # Tapa
    ("569301", "Ерасх"),  # Artashat
    ("569509", "Ерасх"),  # Ararat
    ("567414", "Ерасх"),  # Mkhchyan
}
"""Rows off by more than 1 % and 2 km; the note of each row in the data says why."""


def test_every_row_of_the_official_tables(net):
    """Within 1 % or 2 km; the misses are listed by name with the reason."""
    table = tariff_table(net)
    assert len(table) == 939
    missed = table[~table["agrees"]].set_index(["station_code", "reference"])
    print(missed.to_string())  # noqa: T201  (the list, with pytest -s)
    assert set(missed.index) == KNOWN_TARIFF_MISSES, "\n" + missed.to_string()
    assert missed["note"].notna().all()


def test_the_shared_table_is_the_embedded_one(shared):
    """Nothing was left out of the official table, nothing changed."""
    import csv

    from corridors import schema
    from corridors.tables import data_folder, read_frame

    embedded = read_frame(data_folder(), "tariff_distances", schema.TariffDistanceRow)
    with (shared / "facts" / "rail-tariff-distances.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(r["station_code"], r["to"], float(r["km"])) for r in rows] == list(
        zip(embedded["station_code"], embedded["reference"], embedded["km"], strict=True)
    )


def test_published_lengths_that_the_model_follows(net):
    table = lengths_table(net)
    preferred = table[table["preferred"]]
    assert len(preferred) > 60
    assert preferred["model_km"].notna().all(), preferred[preferred["model_km"].isna()].to_string()
    share = preferred["agrees"].mean()
    assert share > 0.9, preferred[~preferred["agrees"]].to_string()


# -- states and rules --------------------------------------------------------------------------


def test_baku_nakhchivan_needs_meghri(net):
    with pytest.raises(co.NoRoute) as caught:
        net.route("Baku", "Nakhchivan", modes=["rail"])
    assert "meghri-railway" in {reason.subject for reason in caught.value.reasons}
    assert caught.value.changes
    opened = net.with_open(*(change.subject for change in caught.value.changes))
    assert opened.route("Baku", "Nakhchivan", modes=["rail"]).length_km > 0
    route = net.with_open("tripp").route("Baku", "Nakhchivan", modes=["rail"])
    assert "meghri" in route.place_ids
    assert list(route.by_country) == ["AZ", "AM"]


def test_kazakh_wheat_to_armenia_before_and_after_the_rule():
    net = co.load()
    ask = {"modes": ["rail"], "commodity": "wheat"}
    with pytest.raises(co.NoRoute) as caught:
        net.route("Kostanay", "Yerevan", as_of="2025-10-01", **ask)
    assert "rule" in {reason.kind for reason in caught.value.reasons}
    route = net.route("Kostanay", "Yerevan", as_of="2025-11-05", **ask)
    assert list(route.by_country) == ["KZ", "RU", "AZ", "GE", "AM"]


def test_azerbaijan_stops_freight_over_its_border_with_iran_for_four_days(net):
    ask = {"modes": ["road"], "commodity": "wheat"}
    for day in ("2026-03-04", "2026-03-09"):
        assert list(net.route("Tabriz", "Baku", as_of=day, **ask).by_country) == ["IR", "AZ"]
    for day in ("2026-03-05", "2026-03-08"):
        assert "GE" in net.route("Tabriz", "Baku", as_of=day, **ask).by_country
    # The ban is on the whole border, its railways too.
    rail = {"modes": ["rail"], "commodity": "wheat"}
    by_rail = net.route("astara-ir", "Baku", as_of="2026-03-04", **rail).by_country
    assert list(by_rail) == ["IR", "AZ"]
    with pytest.raises(co.NoRoute, match="az-iran-freight-stopped-2026"):
        net.route("astara-ir", "Baku", as_of="2026-03-06", **rail)


def test_gyumri_kars_is_closed(net):
    with pytest.raises(co.NoRoute) as caught:
        net.route("Gyumri", "Kars", modes=["rail"], avoid=["kartsakhi-canbaz-rail-border"])
    assert any("dogukapi" in reason.subject for reason in caught.value.reasons)
    assert net.route("Gyumri", "Kars", modes=["rail"], as_of="1990-06-01").gauge_breaks


def test_btk_changes_gauge_at_akhalkalaki(net):
    route = net.route("Baku", "Kars", modes=["rail"])
    assert [g.place_id.startswith("akhalkalaki") for g in route.gauge_breaks] == [True]
    assert route.by_gauge.keys() == {"1520", "1435"}
    with pytest.raises(co.NoRoute):
        net.route("Baku", "Kars", modes=["rail"], as_of="2016-01-01")


# -- flows -------------------------------------------------------------------------------------


@pytest.mark.parametrize("flow_id", ["kazakh-grain", "russian-grain", "azerbaijani-oil-products"])
def test_reported_trains_are_reproduced_crossing_by_crossing(flow_id):
    flow = co.flows()[flow_id]
    found = flow.route()
    assert flow.waypoints
    assert found.follows_report, found.explain()
    crossings = [border.place_id for border in found.route.borders]
    assert crossings[-2:] == ["boyuk-kesik-gardabani-rail-border", "sadakhlo-ayrum-rail-border"]
    if flow_id != "azerbaijani-oil-products":
        assert "yalama-samur-rail-border" in crossings


def test_yalama_to_dalarik_total_and_shares():
    route = co.flows()["kazakh-grain"].route().route
    km = route.between("yalama-samur-rail-border", "dalarik")
    assert route.by_country["AZ"] == pytest.approx(680, abs=1)
    assert route.by_country["GE"] == pytest.approx(111, abs=1)
    assert km == pytest.approx(680 + 111 + route.by_country["AM"], abs=1)
    assert 1015 < km < 1035


def test_every_flow_routes_or_says_why(net):
    for flow in co.flows().values():
        assert flow.route(net.at(flow.as_of), opened=True).explain()


def test_sums_leave_out_what_is_impossible():
    fuel = co.flows()["azerbaijani-oil-products"]
    assert fuel.shipped_tonnes == pytest.approx(1220 + 2698 + 979 + 1984)
    flagged = fuel.shipments[fuel.shipments["tonnes"] == 4500]
    assert len(flagged) == 1
    assert not flagged["in_sum"].any()
    assert "115" in flagged["flag"].iloc[0]


def test_catalogues_are_read_only_and_name_what_is_missing():
    with pytest.raises(KeyError, match="no flow has the id 'nothing'"):
        co.flows()["nothing"]
    assert "nothing" not in co.flows()
    with pytest.raises(TypeError):
        co.flows()["x"] = 1
    assert len(co.flows().table) == len(co.flows())


# -- bad questions -----------------------------------------------------------------------------


def test_a_point_in_the_ocean(net):
    with pytest.raises(co.NoRoute) as caught:
        net.route((0, 0), "Baku")
    assert caught.value.reasons[0].kind == "too_far_to_snap"
    assert "max_snap_km is 25" in str(caught.value)


def test_a_point_near_a_station(net):
    import shapely

    route = net.route(shapely.Point(49.85, 40.38), (44.5, 40.15), modes=["rail", "road"])
    assert max(route.snap_km) < 10


@pytest.mark.parametrize(
    "via",
    [
        ["Ganja", "Gəncə"],
        ["Gandja", "Kirovabad"],
        ["Гюмри"],
        ["Tbilisi", "tbilisi", "Tbilisi"],
        ["Yalama"],
        ["Gyumri", "Ganja", "Gyumri"],
    ],
)
def test_a_cycle_in_via(net, via):
    with pytest.raises(co.ArgumentError, match="via="):
        net.route("Yalama", "Gyumri", via=via, **RU)


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"modes": ["plane"]}, "modes=['plane']: give one or more of rail, road, ferry"),
        ({"modes": []}, "modes=[]: give one or more"),
        ({"modes": 5}, "modes=5: 5 is no text"),
        ({"commodity": "gold"}, "commodity='gold' is unknown"),
        ({"commodity": []}, "commodity=[] is no text"),
        ({"weight": "beauty"}, "weight='beauty'"),
        ({"max_snap_km": -1}, "max_snap_km=-1 must be a number of km"),
        ({"max_snap_km": float("nan")}, "max_snap_km=nan must be a number of km"),
        ({"avoid": ["narnia"]}, "avoid='narnia' is no link"),
        ({"avoid": 5}, "avoid=5: 5 is no text"),
        ({"avoid": [[]]}, "avoid=[[]]: [] is no text"),
        ({"cargo_origin": "Narnia"}, "cargo_origin='Narnia': give a country code or a place"),
        ({"cargo_origin": "ZZ"}, "cargo_origin='ZZ': give a country code"),
        ({"cargo_destination": 5}, "cargo_destination=5: give a country code"),
        ({"as_of": "2025-13-01"}, "'2025-13-01' is not a date"),
        ({"as_of": "20251105"}, "'20251105' is not a date"),
        ({"via": ["Narnia"]}, "no place is called 'Narnia'"),
        ({"via": [None]}, "via=None is no place"),
    ],
)
def test_bad_arguments_are_named(net, bad, told):
    with pytest.raises(co.CorridorsError) as caught:
        net.route("Yalama", "Ganja", **bad)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "given", [None, 1.5, True, (), (1,), ("x", "y"), (1, 2, 3), object(), float("nan"), [], {}]
)
def test_what_is_no_place_is_refused_in_our_words(net, given):
    with pytest.raises(co.CorridorsError):
        net.route(given, "Ganja")


def test_an_empty_point_and_wrong_kinds_are_refused_in_our_words(net):
    import shapely

    for ask in (
        lambda: net.route(shapely.Point(), "Ganja"),
        lambda: net.route(shapely.Point(50, 40, 3).buffer(1), "Ganja"),
        lambda: net.with_open(["tripp"]),
        lambda: net.with_closed(5),
        lambda: co.load(data=5),
        lambda: co.flows()["kazakh-grain"].route(5),
        lambda: net.at("soon"),
    ):
        with pytest.raises(co.CorridorsError):
            ask()


def test_countries_by_name_code_or_place(net):
    ask = {"modes": ["rail"], "cargo_destination": "AM"}
    found = {
        net.route("Yalama", "Dalarik", cargo_origin=origin, **ask).shipment.origin
        for origin in ("KZ", "kz", "Kazakhstan", "Kostanay")
    }
    assert found == {"KZ"}


def test_one_point_may_be_given_as_via(net):
    route = net.route("Yalama", "Gyumri", via=(46.36, 40.71), **RU)
    assert "ganja" in route.place_ids


def test_start_is_end(net):
    route = net.route("Baku", "baku-passenger", modes=["rail"])
    assert route.length_km == 0
    assert route.by_country == {}
    assert route.explain()
    assert route.to_dict()["legs"] == []


# -- a route's parts ---------------------------------------------------------------------------


def test_a_route_tells_everything(net):
    route = net.route("Yalama", "Dalarik", **RU)
    legs = route.legs
    assert {"length_km", "geometry_km", "length_source", "confidence", "state"} <= set(legs.columns)
    assert legs["length_km"].sum() == pytest.approx(route.length_km)
    assert len(route.sources) > 1
    assert route.sources["title"].notna().all()
    assert route.geometry.geom_type == "LineString"
    assert "Azerbaijan" in route.explain()
    assert "Sources of lengths" in route._repr_html_()
    assert route.by_operator.keys() >= {"ady", "georgian-railway", "scr"}
    assert route.gauge_breaks == ()
    with pytest.raises(co.UnknownPlaceError):
        route.between("yalama", "kars")


def test_a_route_is_json(net):
    import json

    answer = json.dumps(net.route("Yalama", "Dalarik", **RU).to_dict(), allow_nan=False)
    assert json.loads(answer)["borders"][0]["from_country"] == "AZ"


def test_loading_twice_gives_the_same(net):
    again = co.load("2026-06-01")
    assert again.links.drop(columns="geometry").equals(net.links.drop(columns="geometry"))
    one, two = (n.route("Yalama", "Dalarik", **RU).to_dict() for n in (net, again))
    assert one == two


@pytest.mark.parametrize(
    "text", ["Böyük Kəsik", "Boyuk Kesik", "Беюк-Кясик", "558631", "BOYUK KESIK"]
)
def test_spellings(net, text):
    assert "boyuk-kesik" in net.gazetteer.find(text)


def test_borders_at_sea_count_once_at_the_port_of_arrival(net):
    route = net.route("aktau-port", "poti-port", modes=["rail", "ferry"])
    assert [(b.from_country, b.to_country) for b in route.borders] == [("KZ", "AZ"), ("AZ", "GE")]
    route = net.route("alat-port", "aktau-port", modes=["ferry"])
    assert [(b.place_id, b.to_country) for b in route.borders] == [("aktau-port", "KZ")]


def _confidence(net) -> list[str]:
    """How sure the data is, in the README's words."""
    links, places, states = net.links, net.places, net.states
    rail, road = (links[links["mode"] == mode] for mode in ("rail", "road"))
    core = rail[rail["country"].isin(["AZ", "GE", "AM"])]

    def share(table, kind: str) -> str:
        km = table.loc[table["length_kind"] == kind, "length_km"].sum()
        return f"{km / table['length_km'].sum():.0%}".replace("%", " %")

    own = float((states["source"] == "own-estimate").mean())
    return [
        f"| {share(core, 'tariff')} of the kilometres in Azerbaijan, Georgia and Armenia",
        f"{share(rail, 'tariff')} of all; {share(rail, 'estimate')} of all are our estimates",
        f"| {share(road, 'estimate')} of the kilometres are our estimates",
        f"| {int((places['position_accuracy'] == 'surveyed').sum())} of {len(places)} places",
        f"; {int((places['position_source'] == 'own-estimate').sum())} are set by hand",
        f"| {own:.0%}".replace("%", " %") + f" of {len(states)} dated rows",
    ]


def test_the_readme_counts_what_there_is(net):
    """The table "What it knows" of the README, figure by figure."""
    from pathlib import Path

    text = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
    places, table = net.places, tariff_table(net)
    core_rail = places["country"].isin(["AZ", "GE", "AM"]) & (places["mode"] == "rail")
    coded = core_rail & places["place_id"].isin(net.station_code_table["place_id"])
    figures = sum(len(flow.shipments) for flow in co.flows().values())
    for told in (
        f"| {len(places)} stations",
        f"; {int(coded.sum())} rail places",
        f"| {len(net.links):,} of rail, road and sea",
        f"and {len(net.rules)} access rules",
        f"| {len(co.flows())} flows with {figures} single trains",
        f"| {int(table['agrees'].sum())} of {len(table)} rows",
        *_confidence(net),
    ):
        assert told in text, told


def test_a_way_through_places_says_what_stands_in_every_part(net):
    with pytest.raises(co.NoRoute) as caught:
        net.route("Horadiz", "Nakhchivan", via=["Mincivan", "Meghri"], modes=["rail"])
    subjects = {reason.subject for reason in caught.value.reasons}
    assert {"horadiz-aghband", "meghri-railway", "julfa-ordubad"} <= subjects
    opened = net.with_open(*(change.subject for change in caught.value.changes))
    assert opened.route("Horadiz", "Nakhchivan", via=["Mincivan", "Meghri"], modes=["rail"])


def test_lorries_between_trains_break_no_gauge(net):
    route = net.route("Tbilisi", "Tehran")
    assert route.gauge_breaks == ()
    assert [(t.from_mode, t.to_mode) for t in route.transhipments] == [
        ("rail", "road"),
        ("road", "rail"),
    ]
    assert "Transhipments (2)" in route.explain()


def test_train_ferries_carry_the_wagons_and_bulk_ships_do_not(net):
    by_wagon_ferry = net.route("aktau-port", "ganja", modes=["rail", "ferry"])
    assert by_wagon_ferry.transhipments == ()
    by_ship = net.route("rostov", "yerevan", modes=["rail", "ferry"], avoid=["AZ"])
    assert [t.to_mode for t in by_ship.transhipments] == ["ferry", "rail"]


def test_a_route_says_what_only_the_what_if_has_open(net):
    text = net.with_open("tripp").route("Baku", "Nakhchivan", modes=["rail"]).explain()
    assert "Opened for this question: Horadiz–Mincivan–Aghband" in text
    assert "Meghri railway (TRIPP section) 44 km" in text


def test_a_day_after_the_newest_source_says_so():
    text = co.load("2026-11-22").route("Baku", "Ganja", modes=["rail"]).explain()
    assert "The newest source is of 2026-06-01" in text
    text = co.load("2026-01-22").route("Baku", "Ganja", modes=["rail"]).explain()
    assert "newest source" not in text
