"""Maps without a browser: what stands in the page, and that nothing else can get in."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import corridors as co
from corridors.files import OutputError
from corridors.flow import Flow, FlowRoute
from corridors.maps import (
    CorridorMap,
    comparison_map,
    encode,
    flows_map,
    network_map,
    route_map,
    style,
)
from corridors.network import Network
from corridors.schema import FlowRow, State
from tests import worlds

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "{{7*7}}{% raw %}",
    "`${alert(1)}` \"double\" 'single' & <!--",
    "turned\u202eround",
    "bell\u0007 line\u2028end",
    "javascript:alert(1)",
    "]]> --> &lt;b&gt;",
)
SOURCES = """\
source_id,title,publisher,date,url,reference
own-estimate,Our <b>own</b> {{6*7}} estimate,corridors,2026,https://example.org/a?b=1&c=2,
bad-address,A source with a wicked address,nobody,2026,javascript:alert(1),
"""


def hostile_world(folder: Path) -> Network:
    """A line of eight places with wicked names, a road beside it, and a source with an address."""
    (folder / "sources.csv").write_text(SOURCES, encoding="utf-8")
    at = [(43.0 + 0.9 * i, 40.0 + 0.35 * (i % 3)) for i in range(len(HOSTILE))]
    kinds = ["station", "port", "border", "station", "gauge_change", "border", "station", "town"]
    places = [
        worlds.place(
            f"p{i}", *at[i], name_en=name, name_hy=name, name_ru="Ереван", kind=kinds[i],
            country="AZ" if i < 4 else "AM", note=name,
        )
        for i, name in enumerate(HOSTILE)
    ]  # fmt: skip
    links = [
        worlds.link(
            f"p{i}", f"p{i + 1}", 90 + i, line_id=("main", "second")[i > 2], note=HOSTILE[i],
            country="AZ" if i < 3 else "AM",
        )
        for i in range(len(HOSTILE) - 1)
    ]  # fmt: skip
    links.append(worlds.link("p0", "p7", 700, line_id="way", source="bad-address"))
    lines = [
        worlds.line("main", name=HOSTILE[0]),
        worlds.line("second", name=HOSTILE[1], gauge_mm="1435"),
        worlds.line("way", name=HOSTILE[2], mode="road", road_ref="M1"),
    ]
    states = [
        worlds.state("line", "main", valid_from="1990-01-01"),
        worlds.state("line", "main", "closed", valid_to="1990-01-01", note=HOSTILE[1]),
        worlds.state("line", "second"),
        worlds.state("line", "way"),
        worlds.state("link", "p6--p7", "destroyed"),
        worlds.state("place", "p5", "closed", valid_to="1995-01-01"),
    ]
    crossings = [
        worlds.schema.CrossingRow.model_validate(
            {
                "place_id": place, "mode": "rail", "country_a": "AM", "country_b": "AZ",
                "border_place_a": "p1", "border_place_b": "p3", **worlds.FACT,
            }
        )
        for place in ("p2", "p5")
    ]  # fmt: skip
    return worlds.network(places, links, lines, states, crossings=crossings, folder=folder)


def flow_on(net: Network, flow_id: str = "grain", **given: object) -> FlowRoute:
    row = {
        "flow_id": flow_id, "title": HOSTILE[0], "commodity": "wheat", "origin": "p0",
        "origin_country": "AZ", "destination": "p6", "destination_country": "AM",
        "modes": ("rail",), "as_of": "2026-06-01", "period": "2026", "tonnes": 1000.0,
        "evidence": "observed", "sources": ("own-estimate",), "confidence": "high",
        "note": HOSTILE[1],
    }  # fmt: skip
    flow = Flow.from_rows(FlowRow.model_validate(row | given), pd.DataFrame(), Path())
    way = net.route(flow.origin, flow.destination, modes=flow.modes)
    return FlowRoute(flow, way, way)


@pytest.fixture
def net(tmp_path: Path) -> Network:
    return hostile_world(tmp_path)


class Elements(HTMLParser):
    """All elements of a page with their attributes, and the text of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[int, str] = {}
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.inside = tag in {"script", "style"}

    def handle_endtag(self, _tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            number = len(self.found) - 1
            self.texts[number] = self.texts.get(number, "") + data

    def of(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        rows = enumerate(self.found)
        return [(attrs, self.texts.get(i, "")) for i, (name, attrs) in rows if name == tag]


def data_of(page: str) -> dict[str, object]:
    blocks = [text for attrs, text in Elements(page).of("script") if "type" in attrs]
    assert len(blocks) == 1
    loaded: dict[str, object] = json.loads(blocks[0])
    return loaded


def decode(encoded: dict[str, object]) -> np.ndarray:
    """The encoding read back, written a second time on purpose."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    values, value, place = [], 0, 0
    for char in str(encoded["data"]):
        digit = digits.index(char)
        value += (digit & 31) << place
        place += 5
        if digit < 32:
            values.append(-(value + 1) // 2 if value % 2 else value // 2)
            value, place = 0, 0
    return np.cumsum(np.array(values).reshape(-1, 2), axis=0) / encoded["scale"]


def test_geometry_survives_encoding() -> None:
    rng = np.random.default_rng(1)
    points = np.vstack([rng.uniform([-180, -90], [180, 90], (500, 2)), [[0, 0], [180, -90]]])
    encoded = encode.encode_points(points, [300, 202])
    assert encoded["counts"] == [300, 202]
    assert np.abs(decode(encoded) - points).max() <= 0.5e-5 + 1e-9
    assert encode.encode_points(np.zeros((0, 2)), []) == {
        "scale": 100_000, "counts": [], "data": ""
    }  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (None, ""), (float("nan"), ""), ("a\tb\nc", "a b c"), ("a\u202eb", "a‹U+202E›b"),
        ("\u0007", "‹U+0007›"), ("\u2028", "‹U+2028›"), ("Ağbənd Աղբենտ", "Ağbənd Աղբենտ"),
        ("نیم\u200cفاصله", "نیم\u200cفاصله"), ("\ud800", "‹U+D800›"), (3, "3"),
    ],
)  # fmt: skip
def test_hidden_characters_become_visible(raw: object, shown: str) -> None:
    assert encode.clean(raw) == shown


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.org/x", True), ("http://example.org", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False), (None, False), ("//example.org", False),
        ("https://[broken", False), ("JAVASCRIPT:alert(1)", False),
    ],
)  # fmt: skip
def test_only_web_addresses_become_links(url: str | None, kept: bool) -> None:
    assert encode.web_address(url) == (url if kept else "")


def test_json_cannot_leave_its_element() -> None:
    text = encode.to_json(list(HOSTILE))
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == list(HOSTILE)


def test_column_forms() -> None:
    assert encode.column(["x", "x"]) == {"v": ["x"]}
    assert encode.column(["b", "a", "b", "b"]) == {"v": ["a", "b"], "i": [1, 0, 1, 1]}
    assert encode.column(["b", "a", None]) == {"a": ["b", "a", ""]}
    assert encode.numbers([1.0, float("nan"), 2.345], 2) == {"a": [1, None, 2.35]}


def test_names_stay_text(net: Network) -> None:
    page = network_map(net, flows=[flow_on(net)], title=HOSTILE[1]).html()
    names = data_of(page)["places"]["columns"]["name_en"]["a"]  # type: ignore[index]
    assert names == [encode.clean(name) for name in HOSTILE]
    allowed = {
        "html", "head", "meta", "title", "style", "body", "div", "header", "h1", "p", "details",
        "summary", "script", "table", "caption", "thead", "tbody", "tr", "th", "td", "a",
    }  # fmt: skip
    elements = Elements(page)
    assert {tag for tag, _ in elements.found} <= allowed
    assert not any(key.startswith("on") for _, attrs in elements.found for key in attrs)
    assert len(elements.of("script")) == 4
    assert "{{7*7}}" in page
    assert "{{6*7}}" in page


def test_nothing_is_fetched(net: Network) -> None:
    elements = Elements(network_map(net, flows=[flow_on(net)]).html())
    assert not [tag for tag, _ in elements.found if tag in {"link", "img", "iframe", "object"}]
    assert not [attrs for _, attrs in elements.found if "src" in attrs or "srcset" in attrs]
    links = elements.of("a")
    assert {attrs["href"] for attrs, _ in links} == {"https://example.org/a?b=1&c=2"}
    assert {attrs["rel"] for attrs, _ in links} == {"noopener noreferrer"}
    for _, text in elements.of("style"):
        assert "@import" not in text
        assert all(url.startswith(("data:", "#")) for url in re.findall(r"url\(([^)]*)\)", text))
    assert not any("sourceMappingURL" in text for _, text in elements.of("script"))


def test_policy_lets_only_our_scripts_run(net: Network) -> None:
    elements = Elements(network_map(net).html())
    policy = next(
        attrs["content"] or "" for attrs, _ in elements.of("meta")
        if attrs.get("http-equiv") == "Content-Security-Policy"
    )  # fmt: skip
    run = [text for attrs, text in elements.of("script") if "type" not in attrs]
    hashes = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in run}
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == hashes
    assert len(run) == 3
    assert policy.startswith("default-src 'none'; ")
    assert "script-src 'sha256-" in policy
    assert "http" not in policy
    assert "unsafe-eval" not in policy


def test_tiles_are_asked_for_by_name_only(net: Network) -> None:
    page = network_map(net, online_tiles=True).html()
    assert "img-src data: https://tile.openstreetmap.org;" in page
    assert "tile.openstreetmap" not in network_map(net).html()
    assert page == network_map(net, online_tiles=True).html()


def test_the_same_input_gives_the_same_bytes(net: Network, tmp_path: Path) -> None:
    first = network_map(net, flows=[flow_on(net)]).html()
    assert first == network_map(hostile_world(tmp_path), flows=[flow_on(net)]).html()
    code = (
        "import sys; from pathlib import Path; from tests.test_maps import *;"
        "net = hostile_world(Path(sys.argv[1]));"
        "page = network_map(net, flows=[flow_on(net)]).html();"
        "print(hashlib.sha256(page.encode()).hexdigest())"
    )
    root = Path(__file__).resolve().parents[1]
    result = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=root, text=True, capture_output=True,
        check=True, env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert result.stdout.strip() == hashlib.sha256(first.encode()).hexdigest()


def test_importing_maps_imports_nothing_heavy() -> None:
    code = (
        "import sys, corridors.maps as m; heavy = {'folium', 'branca', 'matplotlib', 'geopandas'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    root = Path(__file__).resolve().parents[1]
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=root, text=True, capture_output=True, check=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert result.stdout.strip() == "[]"


def test_save_makes_folders_and_replaces_whole_files(net: Network, tmp_path: Path) -> None:
    drawn = network_map(net)
    target = drawn.save(tmp_path / "new" / "folder" / "map.html")
    assert target.read_text(encoding="utf-8") == drawn.html()
    assert [path.name for path in target.parent.iterdir()] == ["map.html"]


def test_a_write_that_fails_leaves_the_old_file(
    net: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out" / "map.html"
    target.parent.mkdir()
    target.write_text("old", encoding="utf-8")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OutputError, match=r"map\.html: No space left"):
        network_map(net).save(target)
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in target.parent.iterdir()] == ["map.html"]
    with pytest.raises(co.CorridorsError):
        network_map(net).save(target / "below-a-file.html")


def cells(column: dict[str, list[object]], count: int) -> list[object]:
    """A column of the page, read back."""
    if "a" in column:
        return column["a"]
    return [column["v"][i] for i in column.get("i", [0] * count)]


def test_links_are_told_apart_by_mode_and_gauge(net: Network) -> None:
    page = data_of(network_map(net).html())
    count = len(net.links)
    kinds = cells(page["links"]["columns"]["kind"], count)
    ids = cells(page["links"]["columns"]["link_id"], count)
    kind = dict(zip(ids, kinds, strict=True))
    assert kind["p0--p1"] == "rail-1520"
    assert kind["p6--p7"] == "rail-1435"
    assert kind["p0--p7"] == "road"
    assert set(kinds) <= {entry["id"] for entry in page["kinds"]}


def test_every_mode_gauge_and_state_has_its_own_look() -> None:
    kinds = {kind.id: kind for kind in style.KINDS}
    modes = ("rail", "road", "ferry", "transfer", "gauge_change", "border")
    gauges = (None, "", "1520", "1524", "1435", "1435+1520", "900", "750")
    assert {style.kind_of(mode, gauge) for mode in modes for gauge in gauges} == set(kinds)
    strokes = {(kind.colour, kind.width, kind.core) for kind in style.KINDS}
    assert len(strokes) == len(kinds)
    assert {name for state in style.STATES for name in state.states} == set(State.__args__)  # type: ignore[attr-defined]
    assert len({state.dash for state in style.STATES}) == len(style.STATES)
    light, dark = style.palettes().values()
    assert light.keys() == dark.keys()
    assert len(light["flows"]) == len(dark["flows"]) == len(set(light["flows"]))
    assert {kind.colour for kind in style.KINDS} <= light.keys()


def test_history_travels_with_the_map(net: Network) -> None:
    then = data_of(network_map(net.at("1994-06-01")).html())
    assert then["asOf"] == "1994-06-01"
    assert then["days"] == ["1988-01-01", "2030-12-31"]
    assert [row[:3] for row in then["history"]["main"]] == [
        ["closed", "1988-01-01", "1990-01-01"],
        ["open", "1990-01-01", ""],
    ]
    assert [row[:3] for row in then["history"]["p5"]] == [["closed", "1988-01-01", "1995-01-01"]]
    assert set(then["places"]["crossings"]) == {"2", "5"}
    assert then["sources"]["own-estimate"]["url"] == "https://example.org/a?b=1&c=2"
    assert "url" not in then["sources"]["bad-address"]
    assert data_of(network_map(net.at("2040-01-01")).html())["days"][1] == "2040-01-01"


def test_flows_follow_their_links_in_direction(net: Network) -> None:
    there, back = flow_on(net), flow_on(net, "back", origin="p6", destination="p0")
    page = data_of(flows_map([there, back, there], net).html())
    ids = page["links"]["columns"]["link_id"]["a"]
    rows = [1 + ids.index(f"p{i}--p{i + 1}") for i in range(6)]
    assert [flow["steps"] for flow in page["flows"][:2]] == [rows, [-row for row in reversed(rows)]]
    assert [flow["id"] for flow in page["flows"]] == ["grain", "back", "grain-2"]
    assert len({flow["colour"] for flow in page["flows"]}) == 3
    assert page["flows"][0]["detail"] == "1,000 t · 555 km"


def test_a_flow_is_drawn_as_reported(net: Network) -> None:
    observed = flow_on(net)
    longer = net.route("p0", "p7", modes=["road"])
    result = FlowRoute(observed.flow, observed.route, longer, ("p7",))
    page = data_of(flows_map({"x": result}, net).html())
    assert len(page["flows"][0]["steps"]) == 1
    planned = flow_on(net, evidence="forecast")
    assert data_of(flows_map([planned], net).html())["flows"][0]["dash"]


def test_plain_routes_take_their_name_from_the_mapping(net: Network) -> None:
    way = net.route("p0", "p3", modes=["rail"])
    flows = data_of(network_map(net, flows={"By rail": way}).html())["flows"]
    assert [flow["title"] for flow in flows] == ["By rail"]
    with pytest.raises(co.ArgumentError, match="route a flow first"):
        network_map(net, flows=[flow_on(net).flow])  # type: ignore[list-item]


def test_links_of_a_what_if_are_drawn_too(net: Network) -> None:
    places, links = worlds.chain({"p0": (43.0, 40.0), "x": (43.2, 40.5)})
    other = worlds.network(places, links)
    page = data_of(network_map(net, flows=[other.route("p0", "x")]).html())
    assert "p0--x" in page["links"]["columns"]["link_id"]["a"]
    assert len(page["links"]["from"]) == len(net.links) + 1


def test_route_map_points_out_ends_borders_and_gauge(net: Network) -> None:
    drawn = route_map(net.route("p0", "p6", modes=["rail"]))
    page = data_of(drawn.html())
    kinds = [mark["kind"] for mark in page["marks"]]
    assert kinds == ["border", "gauge", "origin", "destination"]
    assert page["flows"][0]["width"] == style.ROUTE_WIDTH
    assert "Route, line by line" in drawn.html()
    assert page["faint"] is True


def test_notebook_shows_the_same_page_in_a_sandbox(net: Network) -> None:
    drawn = network_map(net, title='A "quoted" <title>')
    assert isinstance(drawn, CorridorMap)
    frame = Elements(drawn._repr_html_()).of("iframe")[0][0]
    assert frame["srcdoc"] == drawn.html()
    assert frame["title"] == 'A "quoted" <title>'
    assert "allow-same-origin" not in (frame["sandbox"] or "")
    assert html.escape('A "quoted" <title>') in drawn.html()


def test_reference_map_with_all_flows_is_small() -> None:
    drawn = co.flows().map(co.load(as_of="2026-06-01"))
    assert len(data_of(drawn.html())["flows"]) == len(co.flows())  # type: ignore[arg-type]
    assert len(drawn.html().encode()) < 1_000_000


def test_flows_named_are_shown_first_and_the_others_wait(net: Network) -> None:
    from corridors.errors import ArgumentError
    from corridors.maps.routes import as_drawn, shown_first

    route = flow_on(net).route
    drawn = as_drawn({"one": route, "two": route, "three": route})
    order = [(item.key, item.shown) for item in shown_first(drawn, ["three"])]
    assert order == [("three", True), ("one", False), ("two", False)]
    assert all(item.shown for item in shown_first(drawn, None))
    with pytest.raises(ArgumentError, match="shown: 'four' is not among"):
        shown_first(drawn, ["four"])


def test_flows_draw_themselves_and_name_those_without_a_way() -> None:
    from corridors.catalog import Flows

    known = co.flows()
    some = Flows({name: known[name] for name in ("btk", "kazakh-grain")})
    closed = co.load("2026-06-01").with_closed(some["kazakh-grain"].destination)
    drawn = some.map(closed)
    assert [flow["id"] for flow in data_of(drawn.html())["flows"]] == ["btk"]
    assert f"no route for {some['kazakh-grain'].title}" in drawn.html()


def test_two_networks_are_compared_link_by_link(net: Network) -> None:
    places, links = worlds.chain({"p0": (43.0, 40.0), "new": (43.2, 40.5)})
    short = worlds.network(places, links)
    page = data_of(comparison_map(net, short, names=("Long", HOSTILE[0])).html())
    base, other = page["sides"]
    ids = cells(page["links"]["columns"]["link_id"], len(net.links) + 1)
    assert [ids[row] for row in base["no_links"]] == ["p0--new"]
    assert len(other["no_links"]) == len(net.links)
    assert other["title"] == HOSTILE[0]
    assert len(other["no_places"]) == len(net.places) - 1
    opened = net.with_open("p6--p7")
    drawn = comparison_map(net, opened)
    page = data_of(drawn.html())
    assert page["sides"][0]["history"] is None
    assert [row[:3] for row in page["sides"][1]["history"]["p6--p7"]] == [
        ["open", "1988-01-01", ""]
    ]
    assert page["sides"][1]["changes"] == {}
    assert "What if: 1 links differ" in drawn.html()
    assert "<td>lifted or destroyed</td><td>open</td>" in drawn.html().replace("\n", "")


def test_changed_figures_are_listed(net: Network) -> None:
    from dataclasses import replace

    links = net.link_table.copy()
    links.loc[links["link_id"] == "p1--p2", "length_km"] = 80.5
    other = Network(replace(net._tables, links=links), as_of=net.as_of)
    drawn = comparison_map(net, other)
    page = data_of(drawn.html())
    row = cells(page["links"]["columns"]["link_id"], len(links)).index("p1--p2")
    assert page["sides"][1]["changes"] == {str(row): [["Length, km", "91", "80.5"]]}
    assert "Length, km: 91 → 80.5" in drawn.html()


@pytest.mark.parametrize("wanted", ["nowhere", 3, "OpenWeatherMap.Clouds"])
def test_tiles_of_nobody_are_refused(net: Network, wanted: object) -> None:
    with pytest.raises(co.ArgumentError, match="online_tiles="):
        network_map(net, online_tiles=wanted)  # type: ignore[arg-type]


def test_tiles_bring_the_terms_of_their_provider(net: Network) -> None:
    page = network_map(net, online_tiles="OpenTopoMap").html()
    assert "img-src data: https://a.tile.opentopomap.org;" in page
    assert str(data_of(page)["attribution"]).startswith("Tiles: Map data: © OpenStreetMap")
    assert "CC-BY-SA" in str(data_of(page)["attribution"])
