"""Gauges that meet in OpenStreetMap, and official codes of stations: small files, known answers."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

import corridors as co
from corridors.columns import own_km
from corridors.sources.gauges import fitting
from corridors.sources.station_codes import official, with_check_digit
from tests.osm_xml import Osm


def count(net: co.Network, words: str) -> int:
    report = net.build_report
    return int(report.loc[report["what"].str.contains(words, regex=False), "count"].sum())


def rail(gauge: str | None) -> dict[str, str]:
    return {"railway": "rail"} | ({} if gauge is None else {"gauge": gauge})


def line(*gauges: str | None, gap_m: float = 0.0) -> Osm:
    """A straight line of a kilometre for each gauge; node 1 begins it, the last node ends it."""
    osm = Osm()
    for number, gauge in enumerate(gauges):
        start = 10 * number + 1 if gap_m or number == 0 else 10 * number - 8
        if start % 10 == 1:
            osm.node(start, number * (1000 + gap_m), 0)
        osm.node(10 * number + 2, number * (1000 + gap_m) + 1000, 0)
        osm.way([start, 10 * number + 2], rail(gauge))
    return osm


def changes(net: co.Network) -> pd.DataFrame:
    return net.links[net.links["mode"] == "gauge_change"]


def test_where_two_gauges_meet_wagons_change_gauge(tmp_path):
    net = line("1435", "1520").network(tmp_path)
    (change,) = changes(net).to_dict("records")
    assert {change["from_place"], change["to_place"]} == {"n2-rail", "n2-rail-1520"}
    assert change["length_km"] == 0
    assert "1435 and of 1520 mm" in change["note"]
    assert change["confidence"] == "low"
    assert change["length_source"] in set(net.sources["source_id"])
    assert count(net, "joined by a gauge_change link") == 1
    kinds = net.places.set_index("place_id")["kind"]
    assert kinds["n2-rail"] == kinds["n2-rail-1520"] == "gauge_change"
    names = net.places.set_index("place_id")["name_en"]
    assert names["n2-rail"] == "Change of gauge (1435 mm)"
    assert names["n2-rail-1520"] == "Change of gauge (1520 mm)"
    route = net.route("n1-rail", "n12-rail")
    assert route.length_km == pytest.approx(2, rel=0.01)
    (change,) = route.gauge_breaks
    assert (change.from_gauge_mm, change.to_gauge_mm) == ("1435", "1520")
    same = line("1520", "1520").network(tmp_path).route("n1-rail", "n12-rail")
    assert same.gauge_breaks == ()
    assert route.hours > same.hours + 1
    assert route.usd_per_t > same.usd_per_t


def test_closing_the_change_of_gauge_parts_the_gauges(tmp_path):
    net = line("1435", "1520").network(tmp_path)
    closed = net.with_closed(changes(net)["link_id"].item())
    with pytest.raises(co.NoRoute):
        closed.route("n1-rail", "n12-rail")


@pytest.mark.parametrize("gauges", [("1435;1520", "1520"), ("1435", "1520;1435"), (None, "1520")])
def test_track_of_several_or_unknown_gauges_is_passed(tmp_path, gauges):
    net = line(*gauges).network(tmp_path)
    assert changes(net).empty
    assert net.route("n1-rail", "n12-rail").gauge_breaks == ()
    assert count(net, "meets track of unknown gauge") == (gauges[0] is None)
    assert count(net, "several gauges meets track of one") == (gauges[0] is not None)


def test_track_of_both_gauges_is_no_way_round_the_change(tmp_path):
    net = line("1435", "1435;1520", "1520").network(tmp_path)
    route = net.route("n1-rail", "n22-rail")
    assert len(route.gauge_breaks) == 1
    assert route.length_km == pytest.approx(3, rel=0.01)
    assert route.hours > line("1520", "1520", "1520").network(tmp_path).route(
        "n1-rail", "n22-rail"
    ).hours + 1  # fmt: skip
    with pytest.raises(co.NoRoute):
        net.with_closed(*changes(net)["link_id"]).route("n1-rail", "n22-rail")
    both = net.links[net.links["gauge_mm"] == "1435+1520"]
    assert sorted(both["link_kind"]) == ["same_track", "track"]
    assert count(net, "a further link each gauge") == 1


def test_a_track_of_both_gauges_counts_once_in_sums(tmp_path):
    net = line("1435", "1435;1520", "1520").network(tmp_path)
    links = net.links
    there_is = links[~links["link_kind"].isin(["same_track"])]["length_km"].sum()
    assert links["length_km"].sum() - there_is == pytest.approx(1, rel=0.01)
    report = net.build_report.set_index("what")["km"]
    for what in ("rail links, open", "rail links of unknown electrification"):
        assert report[what] == pytest.approx(there_is)
    assert report["rail components"] == pytest.approx(2 / 3 * there_is, rel=0.01)
    assert net.summary().set_index("mode").loc["rail", "km"] == round(there_is)
    assert "3 km>" in repr(net)
    twin = links[links["link_kind"] == "same_track"]
    both = links[links["way_ids"] == twin["way_ids"].item()]
    # Alone it counts, beside its own track it does not.
    assert own_km(twin).sum() == own_km(both).sum() == pytest.approx(twin["length_km"].item())
    assert "1.0 km of rail" in net.audit_closure(*both["link_id"]).explain()


def test_trains_of_either_gauge_share_a_track_of_both(tmp_path):
    """From both gauges to both gauges over one track: each train keeps its wheels."""
    osm = Osm().node(5, 0, 0).node(6, 1000, 0)
    for number, (x, y) in enumerate([(-1000, 90), (-1000, -90), (2000, 90), (2000, -90)], 1):
        osm.node(number, x, y)
    osm.way([5, 6], rail("1435;1520"))
    osm.way([1, 5], rail("1435")).way([6, 3], rail("1435"))
    osm.way([2, 5], rail("1520")).way([6, 4], rail("1520"))
    net = osm.network(tmp_path)
    for one, other, breaks in ((1, 3, 0), (2, 4, 0), (1, 4, 1), (2, 3, 1)):
        route = net.route(f"n{one}-rail", f"n{other}-rail")
        assert len(route.gauge_breaks) == breaks
        assert route.length_km == pytest.approx(3, rel=0.02)


def test_the_gauge_of_most_tracks_keeps_the_place_and_its_name(tmp_path):
    osm = Osm().node(1, 0, 0).node(2, 1000, 0, railway="station", name="Yard").node(3, 2000, 0)
    osm.node(4, 2000, 100).way([1, 2], rail("1520")).way([2, 3], rail("1520"))
    net = osm.way([2, 4], rail("1435")).network(tmp_path)
    table = net.places.set_index("place_id")
    assert table.loc["n2-rail", ["kind", "name_en"]].tolist() == ["station", "Yard"]
    assert table.loc["n2-rail-1435", "name_en"] == "Yard (1435 mm)"
    assert net.route("n1-rail", "n3-rail").gauge_breaks == ()
    assert [change.from_gauge_mm for change in net.route("n4-rail", "n1-rail").gauge_breaks] == [
        "1435"
    ]
    assert net.route("n4-rail", "Yard").length_km == pytest.approx(1, rel=0.02)


def test_ends_of_two_gauges_are_not_joined_by_a_snap(tmp_path):
    net = line("1435", "1520", gap_m=10).network(tmp_path)
    assert "snap" not in set(net.links["link_kind"])
    (change,) = changes(net).to_dict("records")
    assert change["length_km"] == pytest.approx(0.01, rel=0.02)
    assert "ends 10 m apart" in change["note"]
    assert len(net.route("n1-rail", "n12-rail").gauge_breaks) == 1
    assert set(line("1435", None, gap_m=10).network(tmp_path).links["link_kind"]) == {
        "track", "snap",
    }  # fmt: skip


def test_rails_that_cross_without_a_switch_are_not_joined(tmp_path):
    osm = Osm().node(5, 0, 0, railway="railway_crossing")
    osm.node(1, -1000, 0).node(2, 1000, 0).node(3, 0, -1000).node(4, 0, 1000)
    osm.way([1, 5, 2], rail("1435")).way([3, 5, 4], rail("1520"))
    net = osm.network(tmp_path)
    assert changes(net).empty
    with pytest.raises(co.NoRoute):
        net.route("n1-rail", "n4-rail")


def test_a_network_with_gauge_changes_comes_back_from_a_file(tmp_path):
    net = line("1435", "1520").network(tmp_path)
    back = co.open(net.save(tmp_path / "net.gpkg"))
    assert changes(back)["link_id"].tolist() == changes(net)["link_id"].tolist()
    assert len(back.route("n1-rail", "n12-rail").gauge_breaks) == 1


gauges = some.sampled_from([None, "1520", "1435", "900", "1435;1520"])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tags=some.lists(gauges, min_size=2, max_size=6))
def test_no_place_has_track_of_gauges_that_no_wagon_fits(tmp_path, tags):
    """At one node any number of tracks: every place's gauges hang together, all stay reachable."""
    osm = Osm().node(1, 0, 0)
    for number, gauge in enumerate(tags, 2):
        osm.node(number, 1000, 300 * number**2)
        osm.way([1, number], rail(gauge))
    net = osm.network(tmp_path)
    links = net.links
    track = links[links["mode"] == "rail"]
    sides = [track[[side, "gauge_mm"]] for side in ("from_place", "to_place")]
    ends = pd.concat([side.set_axis(["place", "gauge"], axis=1) for side in sides])
    single = [gauge for gauge in tags if gauge and ";" not in gauge]
    wide = tags.count("1435;1520")
    twins = wide if len(fitting(single)) > 1 else 0
    if twins:
        ends = ends[~ends["gauge"].str.contains("+", regex=False, na=False)]
        single += ["1435", "1520"]
    else:
        single += ["1435+1520"] * wide
    for _, group in ends.dropna().groupby("place"):
        assert len(fitting(group["gauge"].tolist())) == 1
    # Each gauge of a track of both has an end of its own, where wagons may change as well.
    assert len(changes(net)) == len(fitting(single) or [()]) - 1 + twins
    # Two tracks that differ in nothing are one link.
    assert len(track) == len(tags) + twins - (len(tags) == 2 and len(set(tags)) == 1)


def test_groups_of_gauges_do_not_depend_on_the_order():
    texts = ["1520", "1435", "1435+1520", "900", "1520"]
    assert fitting(texts) == fitting(texts[::-1])
    for one, other in combinations(fitting(["1520", "1435", "900"]), 2):
        assert not {*one} & {*other}


# -- station codes -----------------------------------------------------------------------------


def test_the_check_digit_is_that_of_every_embedded_code():
    codes = co.load().station_code_table["station_code"]
    assert len(codes) > 400
    assert [with_check_digit(code[:5]) for code in codes] == codes.tolist()


@pytest.mark.parametrize(
    ("code", "country", "found"),
    [("57720", "GE", "577204"), ("577204", "GE", "577204"), ("Nd K1", "LI", None),
     ("000000", "GE", None), ("8101262", "LI", None), (None, "GE", None), ("５7720", "GE", None)],
)  # fmt: skip
def test_official_codes(code, country, found):
    assert official(code, country) == found


def test_stations_answer_to_their_official_code(tmp_path):
    osm = Osm(44.75, 41.7).node(1, 0, 0).node(2, 1000, 0).node(3, 2000, 0).node(4, 3000, 0)
    osm.node(5, 0, 10, railway="station", name="One", **{"railway:ref": "57720"})
    osm.node(6, 2000, 10, railway="station", name="Two", **{"railway:ref": "Nd"})
    osm.node(7, 3000, 10, railway="station", name="Three", **{"railway:ref": "57720"})
    osm.node(8, 1000, 10, railway="halt", name="Four", **{"railway:ref": "00000"})
    net = osm.way([1, 2, 3, 4]).network(tmp_path)
    (row,) = net.station_code_table.to_dict("records")
    assert row["station_code"] == "577204"
    assert row["source"] in set(net.sources["source_id"])
    assert "check digit" in row["note"]
    assert net.route("577204", "Two").length_km == pytest.approx(2, rel=0.01)
    assert count(net, "no official six-digit") == 1
    assert count(net, "another station bears too") == 1


@pytest.mark.shared
def test_codes_and_gauges_of_the_region(shared):
    net = co.from_pbf(
        shared / "osm" / "south-caucasus-rail.osm.pbf", modes=["rail"], progress=False
    )
    ours = net.station_code_table.set_index("station_code")
    known = co.load().station_code_table.set_index("station_code")
    both = ours.index.intersection(known.index)
    assert len(both) >= 40
    assert net.route("577204", "560148").length_km == pytest.approx(119, abs=2)
    # Track of 1435 mm begins at Akhalkalaki, metres from the end of the broad one.
    found = changes(net)
    assert len(found) >= 3
    assert (found["country"] == "GE").all()
    # Kartsakhi, of 1435 mm, to the east of Akhalkalaki: one change, with its hours.
    route = net.route("Kartsakhi", "n20000011829-rail")
    assert [(b.from_gauge_mm, b.to_gauge_mm) for b in route.gauge_breaks] == [("1435", "1520")]
    assert route.hours > 20
    broad = net.links[(net.links["gauge_mm"] == "1520") & (net.links["country"] == "GE")]
    place = net.places.set_index("place_id")
    inside = place.loc[found["from_place"], ["lon", "lat"]]
    assert inside["lon"].between(43.48, 43.51).all()
    assert len(broad) > 1000
