"""Maps in a browser: days, comparison, search, languages, colours, tables and keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import corridors as co
from corridors.maps import comparison_map, network_map, result_map
from corridors.maps.page import asset
from corridors.names import fold
from tests.pages import DESKTOP, PHONE, Opened, needs_browser
from tests.test_maps import HOSTILE, flow_on, hostile_world

pytestmark = needs_browser
Show = Callable[..., Opened]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("explore")
    net = hostile_world(folder)
    points = pd.DataFrame({"place_id": ["p1", "p3"], "t": [900.0, 100.0], "why": HOSTILE[:2]})
    results = result_map(net, points=points, value="t", facts={"why": "Why"}, size=HOSTILE[3])
    opened = net.with_open("p6--p7").with_closed("p2")
    reference = co.load("2026-06-01")
    return {
        "network": network_map(net, flows=[flow_on(net)]).save(folder / "network.html"),
        "results": results.save(folder / "results.html"),
        "scenario": comparison_map(
            net,
            {HOSTILE[2]: opened, "Closed": net.with_closed("main")},
            names=(HOSTILE[0], ""),
            title=HOSTILE[1],
        ).save(folder / "scenario.html"),
        "reference": network_map(reference).save(folder / "reference.html"),
    }


def news(opened: Opened) -> str:
    text: str = opened.page.locator(".news").inner_text()
    return text


def test_the_slider_opens_and_closes_links(show: Show) -> None:
    opened = show("network")
    opened.layer("grain").uncheck()
    assert "open on 2026-06-01" in opened.click(40.175, 43.45)
    opened.set_day("1989-12-31")
    assert opened.page.locator(".panel summary", has_text="Network on 1989-12-31").count() == 1
    assert "closed on 1989-12-31" in opened.click(40.175, 43.45)
    opened.page.get_by_label("Next change").first.click()
    assert news(opened) == f"1990-01-01 {HOSTILE[0]}: open"
    opened.page.get_by_label("Next change").first.click()
    assert "1995-01-01" not in news(opened)  # nothing is said of p5 after 1995: no state begins
    slider = opened.page.get_by_label("Day shown, by month")
    slider.focus()
    opened.page.keyboard.press("Home")
    assert slider.get_attribute("aria-valuetext") == "1988-01-01"
    assert "closed on 1988-01-01" in opened.click(40.175, 43.45)
    opened.layer("state-shut").uncheck()
    assert opened.click(40.175, 43.45) == ""
    opened.page.get_by_label("Back to the map's own day").first.click()
    assert "open on 2026-06-01" in opened.click(40.175, 43.45)


def test_a_railway_that_closed_in_1993_is_closed_from_that_day(show: Show) -> None:
    opened = show("reference")
    links = co.load("1993-01-01").links
    link = links[links["line_id"] == "kocharli-aghdam"].iloc[0]
    middle = link.geometry.interpolate(0.5, normalized=True)
    opened.page.evaluate(
        "([lat, lon]) => map_corridors.setView([lat, lon], 12, {animate: false})",
        [middle.y, middle.x],
    )
    for day, state in (("1993-07-22", "open"), ("1993-07-23", "lifted or destroyed")):
        opened.set_day(day)
        assert f"{state} on {day}" in opened.click(middle.y, middle.x)
    assert "1988-01-01 – 1993-07-23: open" in opened.page.locator(".card details").text_content()


@pytest.mark.parametrize("typed", ["Agbend", "AĞBƏND", "агбенд", "aghband"])
def test_search_finds_a_place_in_any_spelling(show: Show, typed: str) -> None:
    opened = show("reference")
    field = opened.page.get_by_role("combobox", name="Find a place")
    field.fill(typed)
    first = opened.page.get_by_role("option").first
    assert "Aghband" in first.inner_text()
    field.press("ArrowDown")
    field.press("ArrowUp")
    field.press("Enter")
    popup = opened.page.locator(".leaflet-popup-content")
    assert popup.locator("h2").inner_text() == "Aghband"
    assert "Ağbənd" in popup.inner_text()
    assert "Source" in popup.inner_text()
    field.fill("Atlantis")
    assert "No place of this name" in opened.page.locator(".found").inner_text()


def test_search_folds_names_as_the_library_does(browser: Any) -> None:
    names = sorted({
        name for column in ("name_en", "name_az", "name_hy", "name_ka", "name_ru")
        for name in co.load("2026-06-01").places[column].dropna()
    } | set(HOSTILE[:4]) | {"Straße Łódź", "Ёлка", "İzmir Iğdır", "ﬁne ½ Ⅷ", "Διάς"})  # fmt: skip
    page = browser.new_page()
    folded = page.evaluate(f"(names) => {{ {asset('names.js')}; return names.map(fold); }}", names)
    page.close()
    assert dict(zip(names, folded, strict=True)) == {name: fold(name) for name in names}


def test_two_days_are_compared(show: Show) -> None:
    opened = show("network")
    opened.layer("grain").uncheck()
    opened.page.get_by_label("Compare", exact=True).select_option("dates")
    assert opened.page.locator(".side").all_inner_texts() == ["1988-01-01", "2026-06-01"]
    summary = opened.page.locator(".differences summary")
    assert summary.inner_text() == "What differs: 3 links, 1 crossings"
    summary.click()
    assert f"{HOSTILE[0]} closed → open, 273 km" in opened.page.locator(".differences").inner_text()
    opened.set_day("2026-05-31", number=0)
    assert summary.inner_text() == "What differs: 0 links, 0 crossings"
    opened.set_day("1989-01-01", number=0)
    text = opened.click(40.175, 43.45)
    assert "closed on 1989-01-01" in text
    assert "open on 2026-06-01" in text
    opened.page.get_by_label("Compare", exact=True).select_option("none")
    assert not opened.page.locator(".swipe").is_visible()
    assert opened.page.locator(".timebar input[type=date]").first.input_value() == "2026-06-01"


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_scenario_lies_beside_the_base(show: Show, size: tuple[int, int]) -> None:
    opened = show("scenario", size)
    page = opened.page
    assert page.locator(".side").all_inner_texts() == [HOSTILE[0], HOSTILE[2]]
    handle = page.get_by_role("slider", name="Divider")
    assert handle.get_attribute("aria-valuenow") == "50"
    handle.focus()
    page.keyboard.press("End")
    assert handle.get_attribute("aria-valuenow") == "100"
    all_left = opened.picture()
    page.keyboard.press("Home")
    all_right = opened.picture()
    assert all_left != all_right
    box = handle.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(size[0] * 0.25, 300, steps=3)
    page.mouse.up()
    assert 23 <= int(handle.get_attribute("aria-valuenow")) <= 27
    assert page.locator(".differences summary").inner_text() == "What differs: 1 links, 1 crossings"
    page.get_by_label("Compare", exact=True).select_option(label=f"{HOSTILE[0]} | Closed")
    assert page.locator(".differences summary").inner_text() == "What differs: 3 links, 0 crossings"
    page.locator(".tables > summary").click()
    table = page.locator(".tables table").first.inner_text()
    assert f"{HOSTILE[2]}: 1 links differ" in table
    assert "lifted or destroyed" in table


def test_results_say_what_they_are(show: Show) -> None:
    opened = show("results")
    text = opened.click(40.35, 43.9)
    assert HOSTILE[3] in text
    assert "900" in text
    assert HOSTILE[0] in text
    before = opened.painted()
    opened.layer("results-points").uncheck()
    assert opened.painted() < before
    assert opened.page.locator(".sizes, .entry.size").count() >= 2


def test_names_change_their_language_and_say_what_is_missing(show: Show) -> None:
    opened = show("reference")
    language = opened.page.get_by_label("Language of the names")
    shown = {}
    for code in ("en", "az", "hy", "ka", "ru"):
        language.select_option(code)
        shown[code] = set(opened.page.locator(".name").all_inner_texts())
    for code, town, country in (
        ("en", "Yerevan", "ARMENIA"), ("hy", "Երևան", "ՀԱՅԱՍՏԱՆ"), ("ka", "ერევანი", "სომხეთი"),
        ("ru", "Ереван", "АРМЕНИЯ"),
    ):  # fmt: skip
        assert town in shown[code]
        assert country in shown[code]
    assert {"Bakı", "ERMƏNİSTAN"} & shown["az"]
    net = co.load("2026-06-01")
    language.select_option("hy")
    hint = opened.page.locator(".panel .hint", has_text="Armenian").inner_text()
    known = int(net.places["name_hy"].notna().sum())
    assert hint.startswith(f"{known} of {len(net.places)} places have a name in Armenian")


def test_colours_follow_the_system_until_chosen(show: Show) -> None:
    ground = "getComputedStyle(document.querySelector('.timebar')).backgroundColor"
    theme = "document.documentElement.dataset.theme"
    light = show("network")
    assert light.page.evaluate(theme) == "light"
    dark = show("network", color_scheme="dark")
    assert dark.page.evaluate(theme) == "dark"
    assert light.page.evaluate(ground) != dark.page.evaluate(ground)
    switch = dark.page.get_by_label("Dark colours")
    assert switch.get_attribute("aria-pressed") == "true"
    switch.click()
    assert dark.page.evaluate(theme) == "light"
    light.page.emulate_media(color_scheme="dark")
    light.page.wait_for_selector("html[data-theme=dark]", state="attached")


def test_paper_is_light_and_shows_the_tables(show: Show) -> None:
    opened = show("network", color_scheme="dark")
    opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert opened.page.evaluate("document.documentElement.dataset.theme") == "light"
    assert opened.page.locator("details.tables[open]").count() == 1
    opened.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert opened.page.evaluate("document.documentElement.dataset.theme") == "dark"
    opened.page.emulate_media(media="print")
    assert not opened.page.locator(".tools").is_visible()


def test_everything_can_be_reached_by_keyboard(show: Show) -> None:
    page = show("network").page
    wanted = {
        "Find a place, in any spelling", "Language of the names", "Dark colours", "Map",
        "Day shown", "Day shown, by month", "Change before", "Next change", "Compare",
        "Zoom in", "Back to the first view", "panel-body", "grain",
    }  # fmt: skip
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached |= set(json.loads(page.evaluate(
            """JSON.stringify([
                document.activeElement.getAttribute('aria-label'),
                document.activeElement.getAttribute('aria-controls'),
                document.activeElement.dataset.layer || '',
            ])"""
        )))  # fmt: skip
    assert wanted <= reached
    described = page.evaluate(
        "document.getElementById(document.querySelector('.folium-map')"
        ".getAttribute('aria-describedby')).textContent"
    )
    assert described.startswith("Map of 8 places and 8 links")
    assert HOSTILE[0] in described
