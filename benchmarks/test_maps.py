"""How large maps are, how long they take to make, and how soon a browser can use them.

``make bench`` runs it. Sizes are bounds that must hold; times are only printed, beside a peer in
the same run: folium with a ``PolyLine`` for each line. A Chromium, if there is one, opens the
pages: by the page's own clock, from the start of the navigation until the map answers, and by the
processor time that its main thread took, which a busy machine does not stretch.
"""

from __future__ import annotations

import io
import time
from pathlib import Path

import folium
import numpy as np
import pytest

import corridors as co
from corridors.maps.encode import encode_points
from corridors.report import flows_table
from tests.pages import ARGUMENTS, CHROMIUM, needs_browser

VERTICES, LINES = 100_000, 10_000
PEER_SHARE = 20
"""The peer draws one line in so many: all of them take it half a minute."""


@pytest.fixture(scope="module")
def reference():
    net = co.load("2026-06-01")
    return net, flows_table(net, co.flows().values())[1]


@pytest.fixture(scope="module")
def osm():
    shared = Path(__file__).resolve().parents[2] / "shared"
    extract = shared / "osm" / "south-caucasus-rail.osm.pbf"
    if not extract.exists():
        pytest.skip("the shared material does not lie beside this checkout")
    return co.from_pbf(extract, progress=False)


def _random_lines():
    rng = np.random.default_rng(7)
    counts = np.full(LINES, VERTICES // LINES)
    starts = np.repeat(rng.uniform([40, 38], [50, 44], (LINES, 2)), counts, axis=0)
    return starts + np.cumsum(rng.normal(0, 1e-4, (VERTICES, 2)), axis=0), counts


@pytest.mark.benchmark(group="100,000 vertices")
def test_geometry_against_a_polyline_each(benchmark):
    points, counts = _random_lines()
    encoded = benchmark(encode_points, points, counts.tolist())
    ours_mb = len(encoded["data"]) / 1e6
    start = time.perf_counter()
    peer = folium.Map()
    lines = np.split(points[:, ::-1], np.cumsum(counts)[:-1])[::PEER_SHARE]
    for line in lines:
        folium.PolyLine(line.tolist()).add_to(peer)
    page = io.BytesIO()
    peer.save(page, close_file=False)
    peer_s = (time.perf_counter() - start) * PEER_SHARE
    peer_mb = len(page.getvalue()) / 1e6 * PEER_SHARE
    ours_s = benchmark.stats.stats.min
    for what, ours, theirs in (("MB", ours_mb, peer_mb), ("s", ours_s, peer_s)):
        print(f"\n{ours:.3f} {what}; a PolyLine each some {theirs:.0f} {what}, ", end="")  # noqa: T201
        print(f"{theirs / ours:.0f} times as much")  # noqa: T201
    assert ours_mb < 0.8


@pytest.mark.benchmark(group="pages")
def test_reference_map_with_all_flows(benchmark, reference):
    net, routes = reference
    page = benchmark(lambda: net.map(flows=routes).html())
    assert len(page.encode()) <= 1_000_000


@pytest.mark.shared
@pytest.mark.benchmark(group="pages")
def test_all_railways_of_openstreetmap(benchmark, osm):
    page = benchmark.pedantic(lambda: osm.map().html(), rounds=3)
    print(f"\n{len(osm.links):,} links, {osm.links.count_coordinates().sum():,} vertices: ")  # noqa: T201
    print(f"{len(page.encode()) / 1e6:.2f} MB")  # noqa: T201
    assert len(page.encode()) <= 2_500_000


@needs_browser
@pytest.mark.benchmark(group="pages")
def test_reference_map_in_a_browser(benchmark, reference, tmp_path, browser):
    net, routes = reference
    _opened(benchmark, browser, net.map(flows=routes).save(tmp_path / "map.html"))


@needs_browser
@pytest.mark.shared
@pytest.mark.benchmark(group="pages")
def test_all_railways_in_a_browser(benchmark, osm, tmp_path, browser):
    _opened(benchmark, browser, osm.map().save(tmp_path / "map.html"))


def _opened(benchmark, browser, path):
    ready_ms, thread_ms = [], []

    def open_page():
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready=true]", state="attached")
        ready_ms.append(float(page.evaluate("document.documentElement.dataset.ms")))
        metrics = session.send("Performance.getMetrics")["metrics"]
        thread_ms.append(1000 * next(m["value"] for m in metrics if m["name"] == "TaskDuration"))
        page.close()

    benchmark.pedantic(open_page, rounds=5)
    print(f"\ninteractive after {min(ready_ms):.0f} to {max(ready_ms):.0f} ms, ", end="")  # noqa: T201
    print(f"{min(thread_ms):.0f} ms of processor time")  # noqa: T201


@pytest.fixture(scope="module")
def browser():
    from playwright import sync_api

    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()
