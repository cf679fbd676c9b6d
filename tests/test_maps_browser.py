"""Maps in a browser with the network cut off: they open, answer, and let nothing in or out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corridors.maps import encode, network_map, route_map
from tests.pages import DESKTOP, PHONE, Opened, needs_browser
from tests.test_maps import HOSTILE, flow_on, hostile_world

pytestmark = needs_browser


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("maps")
    net = hostile_world(folder)
    drawn = network_map(
        net, flows=[flow_on(net), flow_on(net, "oil", title=HOSTILE[2])], title=HOSTILE[1]
    )
    frame = folder / "notebook.html"
    frame.write_text(f"<!DOCTYPE html><meta charset=utf-8>{drawn._repr_html_()}", encoding="utf-8")
    way = route_map(net.route("p0", "p6", modes=["rail"]))
    return {
        "network": drawn.save(folder / "network.html"),
        "plain": network_map(net).save(folder / "plain.html"),
        "route": way.save(folder / "route.html"),
        "notebook": frame,
    }


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("name", ["network", "plain", "route"])
def test_opens_without_the_network(
    show: Callable[..., Opened], name: str, size: tuple[int, int]
) -> None:
    opened = show(name, size)
    assert opened.painted() > 500
    wide = opened.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= size[0]
    attribution = opened.page.locator(".leaflet-control-attribution")
    assert "© OpenStreetMap contributors" in attribution.inner_text()
    assert attribution.locator("a").count() == 0
    assert opened.page.locator("header p").inner_text().startswith("Network on 2026-06-01")


def test_layers_toggle(show: Callable[..., Opened]) -> None:
    opened = show("network")
    before = opened.painted()
    for name in ("grain", "oil", "rail-1520", "road", "station"):
        box = opened.layer(name)
        assert box.is_checked()
        box.uncheck()
        after = opened.painted()
        assert after < before, name
        before = after
    opened.page.get_by_role("button", name="Show all").click()
    assert opened.layer("grain").is_checked()
    assert opened.layer("oil").is_checked()
    both = opened.painted()
    assert both > before
    opened.page.get_by_role("button", name="Hide all").click()
    assert not opened.layer("oil").is_checked()
    assert opened.painted() == before
    opened.layer("names").uncheck()
    assert opened.page.locator(".name.station").count() == 0
    opened.layer("road").check()
    assert opened.painted() > before


def test_panel_works_by_keyboard(show: Callable[..., Opened]) -> None:
    opened = show("network", PHONE)
    toggle = opened.page.locator(".panel-toggle")
    assert toggle.get_attribute("aria-expanded") == "false"
    assert not opened.page.locator(".panel-body").is_visible()
    toggle.focus()
    opened.page.keyboard.press("Enter")
    assert toggle.get_attribute("aria-expanded") == "true"
    for _ in range(6):
        opened.page.keyboard.press("Tab")
        if opened.page.evaluate("document.activeElement.dataset.layer") == "grain":
            break
    opened.page.keyboard.press("Space")
    assert not opened.layer("grain").is_checked()
    toggle.focus()
    opened.page.keyboard.press("Enter")
    assert not opened.page.locator(".panel-body").is_visible()


def test_a_click_on_a_line_opens_its_facts_and_source(show: Callable[..., Opened]) -> None:
    opened = show("plain")
    text = opened.click(40.175, 43.45)
    for fact in ("open on 2026-06-01, since 1990-01-01", "90 km", "1520 mm", "Azerbaijan", "Op"):
        assert fact in text
    assert "Our <b>own</b> {{6*7}} estimate" in text
    link = opened.page.locator(".leaflet-popup-content a").first
    assert link.get_attribute("href") == "https://example.org/a?b=1&c=2"
    assert link.get_attribute("rel") == "noopener noreferrer"
    opened.page.locator(".leaflet-popup-content summary").click()
    assert (
        "1988-01-01 – 1990-01-01: closed"
        in opened.page.locator(".leaflet-popup-content").inner_text()
    )
    opened.page.evaluate("map_corridors.closePopup()")
    opened.layer("rail-1520").uncheck()
    assert opened.click(40.175, 43.45) == ""


def test_lines_are_where_they_are_after_zoom_and_pan(show: Callable[..., Opened]) -> None:
    opened = show("plain")
    opened.page.locator(".leaflet-control-zoom-in").click()
    opened.page.wait_for_timeout(500)
    opened.page.evaluate("map_corridors.panTo([40.175, 43.45], {animate: false})")
    assert "90 km" in opened.click(40.175, 43.45)
    opened.page.locator(".home").click()
    opened.page.wait_for_timeout(200)
    assert "95 km" in opened.click(40.35, 47.95)


def test_flows_lie_beside_each_other(show: Callable[..., Opened]) -> None:
    opened = show("network")
    text = opened.click(40.175, 43.45)
    assert "of 3 here" in text
    titles = set()
    for _ in range(3):
        titles.add(opened.page.locator(".leaflet-popup-content h2").inner_text())
        opened.page.get_by_label("Next object here").click()
    assert {HOSTILE[0], HOSTILE[2]} < titles


def test_wicked_names_are_text_everywhere(show: Callable[..., Opened]) -> None:
    opened = show("network")
    assert opened.page.locator("h1").inner_text() == HOSTILE[1]
    opened.page.evaluate("map_corridors.setZoom(map_corridors.getZoom() - 0.5, {animate: false})")
    for i, name in enumerate(HOSTILE):
        text = opened.click(40.0 + 0.35 * (i % 3), 43.0 + 0.9 * i)
        shown = " ".join(encode.clean(name).split())
        assert shown in " ".join(text.split())
    names = opened.page.locator(".name").all_inner_texts()
    assert {HOSTILE[0], HOSTILE[1]} < set(names)
    opened.page.locator("details.tables > summary").click()
    table = opened.page.locator(".tables").inner_text()
    assert HOSTILE[0] in table
    assert "Our <b>own</b> {{6*7}} estimate" in table
    assert opened.page.locator("img, b, iframe, object").count() == 0
    assert opened.page.evaluate("document.scripts.length") == 4


def test_names_do_not_overlap(show: Callable[..., Opened]) -> None:
    for name in ("network", "route"):
        boxes = show(name).page.evaluate(
            """() => [...document.querySelectorAll(".name")].map((node) => {
                const box = node.getBoundingClientRect();
                return [box.left, box.top, box.right, box.bottom];
            })"""
        )
        assert len(boxes) >= 4
        for i, a in enumerate(boxes):
            for b in boxes[:i]:
                apart = a[0] >= b[2] - 2 or b[0] >= a[2] - 2 or a[1] >= b[3] - 2 or b[1] >= a[3] - 2
                assert apart, (a, b)


def test_the_policy_stops_what_slips_in(browser: Any, files: dict[str, Path]) -> None:
    page = browser.new_page()
    answered: list[str] = []
    page.on("response", lambda response: answered.append(response.url))
    page.goto(files["network"].as_uri())
    blocked = page.evaluate(
        """async () => {
            const blocked = [];
            document.addEventListener(
                "securitypolicyviolation", (event) => blocked.push(event.effectiveDirective));
            const script = document.createElement("script");
            script.textContent = "window.slipped = true";
            document.body.append(script);
            const image = new Image();
            image.src = "https://example.org/x.png";
            await fetch("https://example.org/").catch(() => null);
            await new Promise((done) => setTimeout(done, 100));
            return blocked;
        }"""
    )
    assert {"script-src-elem", "img-src", "connect-src"} <= set(blocked)
    assert page.evaluate("window.slipped") is None
    assert not [url for url in answered if url.startswith("http")]
    page.close()


def test_shows_inline_in_a_notebook(show: Callable[..., Opened]) -> None:
    opened = show("notebook")
    frame = opened.page.frame_locator("iframe")
    frame.locator("html[data-ready=true]").wait_for(state="attached")
    frame.locator(".panel-toggle").wait_for()
    assert frame.locator(".name").count() >= 4
