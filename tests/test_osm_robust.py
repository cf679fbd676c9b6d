"""Damaged, odd and hostile files: a clear error or a counted repair, never a crash."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

import corridors as co
from corridors.schema import LinkRow
from tests.osm_xml import Osm

SLUG = re.compile(r"[a-z0-9]+(-+[a-z0-9]+)*")


def count(net: co.Network, words: str) -> int:
    report = net.build_report
    return int(report.loc[report["what"].str.contains(words, regex=False), "count"].sum())


def line() -> Osm:
    return Osm().node(1, 0, 0).node(2, 1000, 0).node(3, 2000, 0).way([1, 2, 3])


@pytest.mark.parametrize("name", ["a.osm", "a.osm.pbf", "a.osm.bz2"])
@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 40, b"<osm", b"<html></html>", b"\x00\x00\x00\x0d\x0a\x09OSMHeader"]
)
def test_what_is_no_osm_file_is_refused_by_name(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(co.DataError, match=re.escape(name)):
        co.from_pbf(path, progress=False)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(co.DataError, match="no such file"):
        co.from_pbf(tmp_path / "none.osm.pbf", progress=False)
    with pytest.raises(co.DataError, match="a folder, not an OpenStreetMap file"):
        co.from_pbf(tmp_path, progress=False)
    with pytest.raises(co.DataError, match="expected"):
        co.from_pbf(__file__, progress=False)


@pytest.mark.parametrize(
    "given", [{"path": []}, {"path": None}, {"path": 5}, {"path": [5]}, {"modes": None},
              {"modes": [["rail"]]}, {"roads": None}, {"roads": []}],
)  # fmt: skip
def test_arguments_of_the_wrong_type_are_named(tmp_path, given):
    with pytest.raises(co.ArgumentError, match=next(iter(given))):
        co.from_pbf(**({"path": line().write(tmp_path), "progress": False} | given))


def test_a_file_with_nothing_of_the_modes(tmp_path):
    path = line().write(tmp_path)
    with pytest.raises(co.DataError, match=r"small\.osm"):
        co.from_pbf(path, modes=["ferry"], progress=False)
    with pytest.raises(co.DataError, match="holds no"):
        co.from_pbf(Osm().write(tmp_path), progress=False)


def test_nodes_that_are_not_in_the_file_are_counted(tmp_path):
    osm = line().node(5, 5000, 0).node(6, 6000, 0).way([2, 99, 5, 6])
    net = osm.network(tmp_path)
    assert count(net, "nodes of ways that are not") == 1
    assert count(net, "ways cut or shortened") == 1
    assert net.route("n5-rail", "n6-rail").length_km == pytest.approx(1, rel=0.01)
    with pytest.raises(co.NoRoute):
        net.route("n1-rail", "n6-rail")


def test_ways_without_length_or_without_nodes(tmp_path):
    osm = line().node(4, 2000, 0).way([3, 4]).way([4]).way([]).way([1, 1])
    net = osm.network(tmp_path)
    assert count(net, "ways of no length") == 1
    assert count(net, "fewer than two nodes") == 3
    assert net.route("n1-rail", "n4-rail").length_km == pytest.approx(2, rel=0.01)


def test_positions_off_the_globe_are_counted(tmp_path):
    osm = line().node_at(4, 200.0, 41.0).node_at(5, 46.0, 95.0).way([3, 4]).way([3, 5])
    osm.node_at(6, 190.0, 99.0, {"railway": "station", "name": "Nowhere"})
    net = osm.network(tmp_path)
    assert count(net, "not in the data") + count(net, "on the globe") >= 2
    assert net.places["lon"].between(-180, 180).all()
    assert net.places["lat"].between(-90, 90).all()


def test_ids_as_editors_write_them(tmp_path):
    osm = Osm().node(-1, 0, 0).node(-2, 1000, 0).way([-1, -2], number=-7)
    net = osm.network(tmp_path)
    assert net.links["link_id"].tolist() == ["w-7-1"]
    assert all(SLUG.fullmatch(name) for name in net.places["place_id"])


def test_nodes_after_their_ways(tmp_path):
    osm = line()
    osm.lines.reverse()
    text = osm.text().splitlines()
    path = tmp_path / "late.osm"
    body = sorted(text[2:-1], key=lambda row: not row.startswith("<way"))
    path.write_text("\n".join([*text[:2], *body, text[-1]]), encoding="utf-8")
    assert len(co.from_pbf(path, progress=False).links) == 1


def test_a_country_polygon_that_is_no_polygon(tmp_path):
    tags = {"boundary": "administrative", "admin_level": "2", "ISO3166-1": "XX"}
    osm = line().way([1, 2], tags, 900).relation(1, [900, 901], tags)
    assert count(osm.network(tmp_path), "do not close") == 1


def test_a_border_that_crosses_itself_is_counted(tmp_path):
    tags = {"boundary": "administrative", "admin_level": "2", "ISO3166-1:alpha3": "AUT"}
    osm = Osm(10, 47).node(1, 0, 0).node(2, 10_000, 0).node(3, 0, 8000).node(4, 10_000, 8000)
    osm.node(5, 1000, 500).node(6, 9000, 500).node(7, 1000, 7500).node(8, 9000, 7500)
    osm.way([1, 2, 3, 4, 1], tags, 900).relation(1, [900], tags).way([5, 6]).way([7, 8])
    net = osm.network(tmp_path)
    assert count(net, "cross themselves") == 1
    assert set(net.links["country"]) == {"AT"}


def test_islands_that_touch_are_no_crossing(tmp_path):
    tags = {"boundary": "administrative", "admin_level": "2", "ISO3166-1:alpha3": "AUT"}
    osm = Osm(10, 47).node(1, 0, 0).node(2, 5000, 0).node(3, 5000, 5000).node(4, 9000, 5000)
    osm.node(5, 9000, 9000).way([1, 2, 3, 1], tags, 900).way([3, 4, 5, 3], tags, 901)
    osm.node(6, 4000, 500).node(7, 4500, 1000).relation(1, [900, 901], tags).way([6, 7])
    net = osm.network(tmp_path)
    assert count(net, "borders taken from the file") == 1
    assert count(net, "cross themselves") == 0


def test_text_that_is_no_utf_8_is_counted_and_left_out(tmp_path):
    import osmium

    path = tmp_path / "bytes.osm.pbf"
    kind = osmium.osm.mutable
    with osmium.SimpleWriter(osmium.io.File(str(path), "pbf,pbf_compression=none")) as writer:
        for number in (1, 2, 3):
            writer.add_node(kind.Node(id=number, location=(45.0, 41.0 + number / 100)))
        rail = {"railway": "rail", "name": "AAAA"}
        writer.add_way(kind.Way(id=1, nodes=[1, 2], tags=rail | {"name": "ქართლი"}))
        writer.add_way(kind.Way(id=2, nodes=[2, 3], tags=rail))
    path.write_bytes(path.read_bytes().replace(b"AAAA", b"\xff\xc3\x28\xfe"))
    net = co.from_pbf(path, progress=False)
    assert net.links["name"].tolist() == ["ქართლი"]
    assert count(net, "not UTF-8") == 1


def test_stopping_early_leaves_no_reader_behind(tmp_path):
    osm = Osm()
    for number in range(20_000):
        osm.node(number + 1, number, 0)
        osm.way([number, number + 1], {"railway": "rail", "note": "x" * 100})
    path, before = osm.write(tmp_path), children()
    with pytest.raises(KeyboardInterrupt):
        read_a_little(path)
    assert children() == before


def read_a_little(path: Path) -> None:
    from corridors.sources.opl import sieved

    before = children()
    with sieved(path, [("railway", "rail")]) as batches:
        assert next(batches).items
        assert len(children()) == len(before) + 1
        raise KeyboardInterrupt


def children() -> list[str]:
    """Processes that this one started, as the system knows them."""
    tasks = Path("/proc/self/task")
    if not tasks.is_dir():
        pytest.skip("the system has no /proc")
    return [pid for file in tasks.glob("*/children") for pid in file.read_text().split()]


# -- any file ----------------------------------------------------------------------------------

ids = some.integers(1, 9)
coordinate = some.floats(-3000, 3000)
words = some.text(max_size=8).filter(lambda t: not any(ord(c) < 32 for c in t) and t.isprintable())
tag_sets = some.fixed_dictionaries(
    {},
    optional={
        "railway": some.sampled_from(["rail", "narrow_gauge", "construction", "tram", "station"]),
        "disused:railway": some.sampled_from(["rail", "tram"]),
        "highway": some.sampled_from(["primary", "motorway", "construction", "footway"]),
        "route": some.just("ferry"),
        "oneway": some.sampled_from(["yes", "no", "-1", "maybe"]),
        "railway:preferred_direction": some.sampled_from(["forward", "backward", "both"]),
        "gauge": some.sampled_from(["1520", "1435;1520", "broad", ""]),
        "electrified": some.sampled_from(["no", "contact_line"]),
        "voltage": some.sampled_from(["3000", "nan", "x", "1e999"]),
        "frequency": some.sampled_from(["0", "50", "-"]),
        "bridge": some.sampled_from(["yes", "no"]),
        "tracks": some.sampled_from(["1", "2", "-1", "²", "many"]),
        "name": words,
        "operator": words,
        "ref": words,
    },
)
node_tags = some.one_of(
    some.just({}),
    some.fixed_dictionaries(
        {"railway": some.sampled_from(["station", "halt", "railway_crossing", "border", "yard"])},
        optional={"name": words, "uic_ref": words},
    ),
    some.fixed_dictionaries({"barrier": some.just("border_control")}, optional={"name": words}),
    some.fixed_dictionaries({"amenity": some.just("ferry_terminal")}, optional={"name": words}),
)


@some.composite
def files(draw) -> Osm:
    osm = Osm()
    for number in sorted(draw(some.sets(ids, min_size=2))):
        osm.node(number, draw(coordinate), draw(coordinate), **draw(node_tags))
    ways = draw(some.lists(some.tuples(some.lists(ids, max_size=6), tag_sets), max_size=6))
    for refs, tags in ways:
        osm.way(refs, tags)
    return osm


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(osm=files(), snap=some.sampled_from([0, 25, 2000]))
def test_any_small_file_gives_a_sound_network_or_a_clear_error(tmp_path, osm, snap):
    try:
        net = osm.network(tmp_path, snap_m=snap)
    except co.DataError as error:
        assert "small.osm" in str(error)  # noqa: PT017
        return
    links, places = net.links, net.places
    assert links["link_id"].is_unique
    assert places["place_id"].is_unique
    assert all(SLUG.fullmatch(name) for name in (*places["place_id"], *links["link_id"]))
    known = set(places["place_id"])
    assert set(links["from_place"]) | set(links["to_place"]) <= known
    assert (links["from_place"] != links["to_place"]).all()
    assert (links["length_km"] >= 0).all()
    assert links.geometry.notna().all()
    assert set(LinkRow.model_fields) - {"source"} <= set(links.columns)
    ends = dict(zip(places["place_id"], places.geometry, strict=True))
    for one in links.itertuples():
        assert one.geometry.coords[0] == ends[one.from_place].coords[0]
        assert one.geometry.coords[-1] == ends[one.to_place].coords[0]
    _ = net.summary(), net.crossings, net._repr_html_(), net.gazetteer
    for target in links["to_place"][:2]:
        try:
            found = net.route(links["from_place"].iloc[0], target)
        except co.NoRoute:
            continue
        assert found.length_km >= 0
        assert found.explain()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_a_file_cut_off_anywhere(tmp_path, data):
    whole = line().text().encode()
    path = tmp_path / "cut.osm"
    path.write_bytes(whole[: data.draw(some.integers(0, len(whole) - 8))])
    with pytest.raises(co.DataError, match=r"cut\.osm"):
        co.from_pbf(path, progress=False)


@pytest.mark.shared
@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(share=some.floats(0.0, 0.999), flip=some.booleans(), seed=some.integers(0, 255))
def test_a_real_file_cut_off_or_damaged(tmp_path, shared, share, flip, seed):
    whole = (shared / "osm" / "elsewhere" / "cologne-railway.osm.pbf").read_bytes()
    at = int(len(whole) * share)
    path = tmp_path / "damaged.osm.pbf"
    broken = whole[:at] + bytes([whole[at] ^ (seed or 1)]) + whole[at + 1 :] if flip else whole[:at]
    path.write_bytes(broken)
    try:
        net = co.from_pbf(path, modes=["rail"], progress=False)
    except co.DataError as error:
        assert "damaged.osm.pbf" in str(error)  # noqa: PT017
    else:
        # Cut between two blocks the file is a whole one, only shorter.
        assert len(net.links) > 0
