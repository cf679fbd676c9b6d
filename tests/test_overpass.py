"""Networks through Overpass: over real HTTP on loopback, from real and made-up data."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import osmnx as ox
import pytest
import shapely
from pandas.testing import assert_frame_equal
from pyproj import Geod

import corridors as co
from corridors.sources import overpass, web
from corridors.sources.osm_tags import road_classes, wanted_pairs
from corridors.sources.pbf import clipped, read_pbf
from tests.overpass_server import PAGE, SAID, Answer, Data, Interpreter, OverpassServer

DATA = Path(__file__).parent / "data"
TODAY, IN_2014 = DATA / "overpass_today.osm", DATA / "overpass_2014.osm"
BBOX = (43.3, 41.0, 43.8, 41.5)
AREA = shapely.box(*BBOX)
TIMED_OUT = 'runtime error: Query timed out in "query" at line 1 after 181 seconds.'


@pytest.fixture(scope="module")
def _server():
    with OverpassServer({None: TODAY, "2014-01-01T00:00:00Z": IN_2014}) as server:
        yield server


@pytest.fixture
def server(_server):
    _server.script.clear()
    _server.requests.clear()
    _server.most_at_once = 0
    return _server


@pytest.fixture
def ask(server, tmp_path):
    """Ask the server for rail, keeping answers in a folder of the test."""

    def run(**given):
        options = {"cache": tmp_path, "max_wait": 5, "progress": False, "endpoint": server.endpoint}
        area = {} if {"polygon", "place"} & set(given) else {"bbox": BBOX}
        return co.from_overpass(**(area | {"modes": ["rail"]} | options | given))

    return run


def client(**given) -> web.Client:
    return web.Client(agent="tests", **({"cache": None, "max_wait_s": 5.0} | given))


def same_arrays(a, b):
    columns = [name for name in a.ways.columns if name != "file"]
    assert_frame_equal(a.ways[columns], b.ways[columns])
    assert np.array_equal(a.refs, b.refs)
    assert np.array_equal(a.offsets, b.offsets)
    places = [name for name in a.places.columns if name != "file"]
    assert_frame_equal(a.places[places], b.places[places], check_dtype=False)
    used = np.unique(a.refs)
    for x, y in ((a.lon, b.lon), (a.lat, b.lat)):
        at_a = x[np.searchsorted(a.node_id, used)]
        assert np.allclose(at_a, y[np.searchsorted(b.node_id, used)], rtol=0, atol=1e-7)


# -- what comes out ----------------------------------------------------------------------------


@pytest.mark.parametrize("modes", [["rail"], ["road"], ["ferry"], ["rail", "road", "ferry"]])
def test_the_server_gives_what_the_file_holds(server, modes):
    raw = overpass.read_overpass(
        client(), server.endpoint, AREA, modes=modes, roads="drivable", boundaries=True,
        max_query_km2=10_000,
    )  # fmt: skip
    file = clipped(read_pbf(TODAY, modes=modes, roads="drivable", progress=False), bbox=BBOX)
    same_arrays(raw, file)
    assert sorted(raw.borders) == ["GE", "TR"]
    assert len(server.queries) == 1


def test_a_network_from_overpass_is_the_network_from_the_file(ask):
    net = ask(modes=["rail", "road", "ferry"], boundaries=True)
    file = co.from_pbf(TODAY, bbox=BBOX, progress=False)
    # All but where and when it was read.
    told = ["source", "length_source", "position_source", "state_source", "snapshot"]
    for name in ("links", "places", "states"):
        a, b = (getattr(one, name).drop(columns=told, errors="ignore") for one in (net, file))
        assert_frame_equal(a, b)
    assert len(net.build_report)


def test_gauge_breaks_and_lonely_pieces_survive(ask):
    links = ask().links
    assert {"1520", "1435+1520", "1435"} <= set(links["gauge_mm"].dropna())
    assert "under_construction" in set(links["state"])
    ends = set(links["from_place"]) | set(links["to_place"])
    assert ends <= set(ask(offline=True).places["place_id"])
    lonely = links[links.geometry.intersects(shapely.Point(43.70, 41.10).buffer(0.001))]
    assert len(lonely) == 1


def test_pieces_put_together_are_the_whole(server):
    whole = overpass.read_overpass(client(), server.endpoint, AREA, modes=["rail", "road"])
    asked = len(server.queries)
    pieces = overpass.read_overpass(
        client(), server.endpoint, AREA, modes=["rail", "road"], max_query_km2=300
    )
    assert len(server.queries) - asked >= 4
    same_arrays(whole, pieces)


def test_a_date_asks_for_the_past(ask, server):
    net = ask(date="2014-01-01")
    assert '[date:"2014-01-01T00:00:00Z"]' in server.queries[0]
    assert str(net.as_of) == "2014-01-01"
    standard = net.links[net.links["gauge_mm"] == "1435"]
    assert set(standard["state"]) == {"under_construction"}
    assert set(ask().links.query("gauge_mm == '1435'")["state"]) == {"open", "under_construction"}


def test_a_place_is_asked_of_the_geocoder(ask, server):
    net = ask(place="Georgia", geocoder=server.host)
    assert [row["path"] for row in server.requests] == ["/search", "/api/interpreter"]
    assert net.links.geometry.union_all().bounds[1] > 41.1
    server.requests.clear()
    assert len(ask(place="Georgia", geocoder=server.host, offline=True).links) == len(net.links)
    assert server.requests == []
    with pytest.raises(co.UnknownPlaceError, match="knows no area of that name"):
        ask(place="Atlantis", geocoder=server.host)


def test_real_extracts_come_through(shared):
    extract = shared / "osm" / "elsewhere" / "liechtenstein.osm.pbf"
    area = shapely.box(9.45, 47.04, 9.60, 47.2)
    with OverpassServer(extract) as server:
        raw = overpass.read_overpass(
            client(), server.endpoint, area, modes=["rail", "road"], roads="drivable",
            boundaries=True,
        )  # fmt: skip
    file = read_pbf(extract, modes=["rail", "road"], roads="drivable", progress=False)
    same_arrays(raw, clipped(file, polygon=area))
    assert len(raw.ways) > 2000


@pytest.mark.shared
def test_a_genuine_server_is_asked_the_same_way(shared):
    """Set OVERPASS_ENDPOINT to a server that holds south-caucasus-rail.osm.pbf."""
    endpoint = os.environ.get("OVERPASS_ENDPOINT")
    extract = shared / "osm" / "south-caucasus-rail.osm.pbf"
    bbox = (38, 36, 55, 48)
    file = clipped(read_pbf(extract, modes=["rail"], progress=False), bbox=bbox)
    if endpoint:
        raw = overpass.read_overpass(client(), endpoint, shapely.box(*bbox), modes=["rail"])
    else:
        with OverpassServer(extract) as server:
            raw = overpass.read_overpass(
                client(), server.endpoint, shapely.box(*bbox), modes=["rail"]
            )
    same_arrays(raw, file)


# -- queries -----------------------------------------------------------------------------------


def test_queries_are_plain_overpass_ql():
    pairs = wanted_pairs(("rail", "ferry"), road_classes("main"))
    (query,) = overpass.queries(
        AREA, pairs, moment="2020-01-01T00:00:00Z", timeout_s=90, max_query_km2=10_000
    )
    assert query.startswith('[out:json][timeout:90][date:"2020-01-01T00:00:00Z"];(way["railway"~"^')
    assert query.endswith(";);(._;>;);out;")
    assert '["route"~"^(ferry)$"](poly:"41.000000 43.800000 ' in query
    assert overpass.queries(AREA, pairs) == overpass.queries(AREA, pairs)


@pytest.mark.parametrize(
    "bounds", [(38, 36, 55, 48), (-3, -2, 3.1234567891, 2), (9, 47, 9.1, 47.1)]
)
@pytest.mark.parametrize("max_km2", [2_500, 300_000])
def test_pieces_cover_a_large_area(bounds, max_km2):
    area = shapely.box(*bounds)
    pieces = []
    for query in overpass.queries(area, [("railway", "rail")], max_query_km2=max_km2):
        corners = np.array(query.split('poly:"')[1].split('"')[0].split(), float).reshape(-1, 2)
        pieces.append(shapely.Polygon(corners[:, ::-1]))
    assert shapely.union_all(pieces).covers(area)
    sizes = [Geod(ellps="WGS84").geometry_area_perimeter(piece)[0] for piece in pieces]
    assert np.abs(sizes).max() <= max_km2 * 1e6 * 1.001


def test_an_outline_with_many_corners_is_asked_for_a_little_larger(server):
    disc = shapely.Point(43.5, 41.3).buffer(0.2, quad_segs=4000)
    (query,) = overpass.queries(disc, [("railway", "rail")])
    corners = query.split('poly:"')[1].split('"')[0].split()
    outline = shapely.Polygon(np.array(corners, float).reshape(-1, 2)[:, ::-1])
    assert len(corners) <= 1000
    assert outline.covers(disc)
    raw = overpass.read_overpass(client(), server.endpoint, disc, modes=["rail"])
    same_arrays(raw, clipped(read_pbf(TODAY, modes=["rail"], progress=False), polygon=disc))


def test_the_server_goes_down_from_relations_as_overpass_does(tmp_path):
    path = tmp_path / "nested.osm"
    path.write_text(
        '<osm version="0.6"><node id="1" version="1" lat="1" lon="1"/>'
        '<node id="2" version="1" lat="1.1" lon="1"/>'
        '<way id="1" version="1"><nd ref="1"/><nd ref="2"/></way>'
        '<relation id="1" version="1"><member type="node" ref="1" role=""/></relation>'
        '<relation id="2" version="1"><member type="way" ref="1" role=""/>'
        '<member type="relation" ref="1" role=""/><member type="way" ref="9" role=""/>'
        '<tag k="a" v="b"/></relation></osm>'
    )
    query = '[out:json];rel["a"="b"];(._;>;);out;'
    found = Interpreter({None: Data(path)}, query).run()
    assert [(one["type"], one["id"]) for one in found] == [
        ("node", 1), ("node", 2), ("way", 1), ("relation", 2),
    ]  # fmt: skip
    # Members that the database lacks are named all the same.
    assert len(found[-1]["members"]) == 3


def test_osmnx_is_left_as_it_was(ask):
    names = [name for name in vars(ox.settings) if not name.startswith("_")]
    before = {name: getattr(ox.settings, name) for name in names}
    resolver = socket.getaddrinfo
    ask()
    with pytest.raises(RuntimeError), overpass.osmnx_settings(requests_timeout=1):
        raise RuntimeError
    assert {name: getattr(ox.settings, name) for name in names} == before
    assert socket.getaddrinfo is resolver


def test_osmnx_finds_our_answers_in_its_cache(ask, server, tmp_path):
    ask()
    query = server.queries[0]
    server.requests.clear()
    with overpass.osmnx_settings(cache_folder=tmp_path, overpass_url=server.endpoint):
        answer = ox._overpass._overpass_request({"data": query})
    assert any(element["type"] == "way" for element in answer["elements"])
    assert server.requests == []


def test_osmnx_itself_can_ask_the_server(server, tmp_path, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", socket.getaddrinfo)  # osmnx replaces it
    with overpass.osmnx_settings(cache_folder=tmp_path, overpass_url=server.endpoint):
        graph = ox.graph_from_bbox(
            BBOX, custom_filter='["railway"="rail"]', simplify=False, retain_all=True
        )
    assert {data["osmid"] for *_, data in graph.edges(data=True)} == {100, 101, 102, 104, 105}
    assert [row["path"] for row in server.requests] == ["/api/status", "/api/interpreter"]


# -- manners -----------------------------------------------------------------------------------


def test_the_server_learns_who_asks(ask, server):
    ask(contact="someone@example.org")
    agent = server.requests[-1]["agent"]
    assert agent == f"corridors/{co.__version__} (someone@example.org)"
    assert server.requests[-1]["method"] == "POST"


def test_the_public_server_is_not_asked_without_a_contact():
    with pytest.raises(co.ArgumentError, match=r"contact= is needed to ask overpass-api\.de"):
        co.from_overpass(bbox=BBOX)
    with pytest.raises(co.ArgumentError, match="nominatim"):
        co.from_overpass(place="Gyumri", endpoint="http://127.0.0.1:1/api", cache=False)


@pytest.mark.parametrize("contact", ["", "me", "a@b\r\nX: y", "ä@example.org", "@"])
def test_a_contact_is_an_address(contact):
    with pytest.raises(co.ArgumentError, match="no e-mail address or web page"):
        co.from_overpass(bbox=BBOX, contact=contact)


def test_one_request_at_a_time(server):
    def work(number):
        area = shapely.box(43.3, 41.0, 43.8, 41.3 + number / 100)
        found.append(overpass.read_overpass(client(), server.endpoint, area, modes=["rail"]))

    found = []
    server.script.extend([Answer(delay_s=0.1)] * 4)
    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert server.most_at_once == 1


@pytest.mark.parametrize("code", [429, 504])
def test_waits_as_long_as_the_server_asks(ask, server, caplog, code):
    server.script.append(Answer(code, retry_after="1"))
    ask()
    first, second = (row["time"] for row in server.requests)
    assert 1 <= second - first < 3
    assert f"is busy ({code}: it asks to wait 1 s): waiting 1 s" in caplog.text


def test_waits_for_the_slot_that_the_status_promises(ask, server, caplog):
    server.script.append(Answer(429, slot_in_s=1))
    ask()
    paths = [row["path"] for row in server.requests]
    assert paths == ["/api/interpreter", "/api/status", "/api/interpreter"]
    assert "a slot for us is free in 1 s" in caplog.text


def test_a_slot_that_is_free_since_is_taken(ask, server):
    server.script.append(Answer(429, slot_in_s=-3))
    ask()
    times = [row["time"] for row in server.requests if row["path"] == "/api/interpreter"]
    assert 1 <= times[1] - times[0] < 3


def test_a_public_server_gets_the_rest_it_asks_for(ask, server, monkeypatch):
    server.script.append(Answer(429, slot_in_s=1))
    monkeypatch.setattr(web, "_is_near", lambda _: False)
    with pytest.raises(co.OverpassError, match=r"free in 1 s.*waiting 30 s more"):
        ask(contact="me@example.org")


def test_the_same_question_waits_until_it_is_no_duplicate(tmp_path, monkeypatch, caplog):
    """A server that does not allow duplicate queries refuses them with a page and status 200."""
    monkeypatch.setattr(web, "_SAME_QUESTION_S", 1.1)
    with OverpassServer(TODAY, duplicate_s=1) as server:
        asking = {"bbox": BBOX, "modes": ["rail"], "endpoint": server.endpoint, "progress": False}
        one = co.from_overpass(**asking, cache=tmp_path)
        two = co.from_overpass(**asking, cache=tmp_path, refresh=True, max_wait=5)
        assert len(server.queries) == 3
        with pytest.raises(co.OverpassError, match="it was asked the same a moment ago"):
            co.from_overpass(**asking, cache=False, max_wait=0)
    assert_frame_equal(one.links, two.links)
    assert "asked the same a moment ago): waiting 1 s" in caplog.text


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(504, body=b"<p>The dispatcher is turned off.</p>"), "The dispatcher is turned off"),
        (Answer(200, body=PAGE.format(text=SAID[429]).encode()), "is busy .200: .*rate_limited"),
    ],
)
def test_a_server_says_why_it_cannot_answer(ask, server, answer, says):
    server.script.append(answer)
    with pytest.raises(co.OverpassError, match=says):
        ask()


def test_a_server_that_keeps_no_past_says_so(tmp_path):
    with OverpassServer(TODAY) as server:
        given = {"bbox": BBOX, "modes": ["rail"], "endpoint": server.endpoint, "cache": tmp_path}
        with pytest.raises(co.OverpassError, match="does not keep the past: leave out date="):
            co.from_overpass(**given, date="2020-01-01", progress=False)
    assert list(tmp_path.iterdir()) == []


def test_gives_up_when_it_would_wait_too_long(ask, server):
    server.script.append(Answer(429, retry_after="3600"))
    with pytest.raises(co.OverpassError, match=r"gave up after 1 request.*3600 s more") as caught:
        ask()
    assert isinstance(caught.value, ConnectionError)
    server.script.extend([Answer(504, retry_after="0")] * 10)
    server.requests.clear()
    with pytest.raises(co.OverpassError, match=r"is busy \(504.*pass max_wait=2"):
        ask(max_wait=2)
    # Asked at once again and again, a server would never be less busy: each wait is longer.
    assert len(server.requests) == 2


def test_waits_longer_each_time_where_the_server_says_nothing(ask, server):
    server.script.append(Answer(504))
    with pytest.raises(co.OverpassError, match=r"no room for the query.*waiting 15 s more"):
        ask()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(remark=TIMED_OUT), r"cut short \(remark: runtime error: Query timed out.*smaller"),
        (Answer(406), "answered 406: it refuses this client by its User-Agent; set contact="),
        (Answer(400), r"answered 400: .*parse error: Unknown type \"foo\""),
        (Answer(500), "answered 500: try later"),
        (
            Answer(301, location="https://else.example/api/interpreter"),
            "answered 301: it moved; set endpoint='https://else.example/api'",
        ),
        (Answer(cut=0.5), "broke off in the middle"),
        (Answer(cut=0.5, chunked=True), "broke off in the middle"),
        (Answer(body=b'{"elements": [{"type": "node", "i'), "no whole JSON"),
        (Answer(body=b"<html><body>maintenance</body></html>"), "page instead of data: maint"),
        (Answer(body=b"[]"), "no list of elements"),
        (Answer(body=b'{"elements": [{"lat": 1}]}'), r"1 element\(s\) are damaged"),
        (Answer(body=b'{"elements": [{"type": "node", "id": 1}]}'), "are damaged, such as"),
        (Answer(body=b'{"elements": [{"type": "way", "id": 1, "nodes": ["2"]}]}'), "damaged"),
        (Answer(body=b'{"elements": [{"type": "area", "id": 1}]}'), "damaged"),
        (Answer(body=b""), "no whole JSON"),
    ],
)
def test_a_bad_answer_is_an_error_and_not_kept(ask, server, tmp_path, answer, says):
    server.script.append(answer)
    with pytest.raises(co.OverpassError, match=says):
        ask()
    assert list(tmp_path.iterdir()) == []
    assert len(server.queries) == 1
    assert len(ask().links)


@pytest.mark.parametrize("answer", [Answer(delay_s=3), Answer(drip_s=0.05)])
def test_a_slow_server_is_given_up_on(server, monkeypatch, answer):
    monkeypatch.setattr(web, "_CONNECT_S", 0.3)
    server.script.append(answer)
    with pytest.raises(co.OverpassError, match=r"did not answer in time|too slow"):
        client(timeout_s=0.4).overpass(server.endpoint, "[out:json];node(1,1,2,2);out;")


def test_a_slow_but_whole_answer_is_taken(ask, server):
    server.script.append(Answer(delay_s=0.5, chunked=True))
    assert len(ask().links)


def test_a_closed_door_is_said_so(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    with pytest.raises(co.OverpassError, match="cannot be reached"):
        co.from_overpass(bbox=BBOX, endpoint=f"http://127.0.0.1:{port}/api", cache=tmp_path)


# -- cache -------------------------------------------------------------------------------------


def test_a_kept_answer_is_not_asked_for_again(ask, server, tmp_path):
    net = ask()
    (file,) = tmp_path.iterdir()
    assert file.suffix == ".json"
    assert json.loads(file.read_text(encoding="utf-8"))["elements"]
    again = ask()
    offline = ask(offline=True)
    assert len(server.queries) == 1
    for other in (again, offline):
        assert_frame_equal(net.links, other.links)
    ask(refresh=True)
    assert len(server.queries) == 2


def test_offline_never_touches_the_network(ask, server, monkeypatch):
    ask()

    def shut(*_, **__):
        raise AssertionError

    monkeypatch.setattr(socket, "socket", shut)
    monkeypatch.setattr(socket, "getaddrinfo", shut)
    assert len(ask(offline=True).links)
    with pytest.raises(co.OverpassError, match=r"offline=True, and .*\.json does not exist"):
        ask(offline=True, modes=["road"])
    with pytest.raises(co.OverpassError, match="offline=True"):
        ask(offline=True, place="Georgia", geocoder=server.host)
    with pytest.raises(co.ArgumentError, match="needs a cache"):
        ask(offline=True, cache=False)


@pytest.mark.parametrize("damage", ["half", "remark", "bytes"])
def test_a_damaged_cache_file_is_asked_for_again(ask, tmp_path, caplog, damage):
    whole = ask().links
    (file,) = tmp_path.iterdir()
    text = file.read_text(encoding="utf-8")
    if damage == "half":
        file.write_text(text[: len(text) // 2], encoding="utf-8")
    elif damage == "remark":
        file.write_text(json.dumps(json.loads(text) | {"remark": TIMED_OUT}), encoding="utf-8")
    else:
        file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(co.OverpassError, match=r"cached answer .* cannot be used"):
        ask(offline=True)
    assert_frame_equal(ask().links, whole)
    assert "asking again" in caplog.text
    assert_frame_equal(ask(offline=True).links, whole)


def test_a_folder_that_cannot_be_written_costs_the_cache_only(ask, tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    assert len(ask(cache=tmp_path / "file" / "cache").links)
    assert "not kept" in caplog.text


def test_killed_while_writing_leaves_no_half_file(server, tmp_path):
    """A process that dies the moment before an answer is in its place leaves none."""
    code = (
        "import os, pathlib, corridors as co\n"
        "pathlib.Path.replace = lambda *_: os._exit(9)\n"
        "os.replace = lambda *_: os._exit(9)\n"
        f"co.from_overpass(bbox={BBOX}, modes=['rail'], endpoint={server.endpoint!r}, "
        f"cache={str(tmp_path)!r}, progress=False)"
    )
    died = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    assert died.returncode == 9
    assert list(tmp_path.glob("[!.]*.json")) == []


def test_the_default_cache_is_the_users(monkeypatch, tmp_path):
    if sys.platform.startswith("linux"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert web.cache_folder() == tmp_path / "corridors" / "overpass"
    assert web.cache_folder().parts[-2:] == ("corridors", "overpass")


# -- arguments ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"bbox": None}, "give one of bbox, polygon and place"),
        ({"place": "x"}, "give one of bbox, polygon and place"),
        ({"bbox": (50, 40, 40, 50)}, "west < east"),
        ({"endpoint": "overpass-api.de"}, "no address of a server"),
        ({"endpoint": "file:///etc/passwd"}, "no address of a server"),
        ({"modes": ["air"]}, "modes="),
        ({"roads": "all"}, "roads="),
        ({"timeout": 0}, "timeout=0"),
        ({"date": "yesterday"}, "not a date"),
        ({"date": '2020-01-01"];'}, "not a date"),
        ({"date": "2999-01-01"}, "outside what Overpass servers keep"),
        # Overpass would answer with the map of September 2012, and not say so.
        ({"date": "2010-01-01"}, "outside what Overpass servers keep: from 2012-09-12"),
    ],
)
def test_wrong_arguments_are_named(server, given, says):
    options = {"bbox": BBOX, "endpoint": server.endpoint, "cache": False}
    with pytest.raises(co.ArgumentError, match=says):
        co.from_overpass(**(options | given))
    assert server.requests == []


def test_an_empty_area_is_said_so(ask):
    with pytest.raises(co.DataError, match="nothing of rail lies in the area"):
        ask(bbox=(10, 10, 11, 11))


def test_without_osmnx_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ImportError, match=r"pip install 'corridors\[osm\]'"):
        co.from_overpass(bbox=BBOX)
