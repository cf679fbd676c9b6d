"""Maps in the frames of notebooks, in a browser with the network cut off."""

from __future__ import annotations

import pytest

import corridors as co
from tests.test_maps_browser import ARGUMENTS, CHROMIUM, sync_api

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def page():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_context(offline=True).new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        yield page
        browser.close()


def test_a_map_in_a_folded_cell_waits_until_it_is_shown(page, tmp_path):
    """A notebook holds the map in a frame; a frame that is hidden has no size."""
    frame = co.load("2026-06-01").map()._repr_html_().replace("<iframe ", "<iframe hidden ", 1)
    (tmp_path / "page.html").write_text(f"<!DOCTYPE html><body>{frame}</body>", encoding="utf-8")
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_timeout(500)
    inner = page.frames[1]
    assert inner.evaluate("document.documentElement.dataset.ready") is None
    page.evaluate("document.querySelector('iframe').hidden = false")
    inner.wait_for_selector("html[data-ready=true]")
    assert inner.locator(".leaflet-network-pane canvas").count() == 1
    assert page.complaints == []
