"""Maps in the frames of notebooks, in a browser with the network cut off."""

from __future__ import annotations

import corridors as co
from tests.pages import needs_browser

pytestmark = needs_browser


def test_a_map_in_a_folded_cell_waits_until_it_is_shown(browser, tmp_path):
    """A notebook holds the map in a frame; a frame that is hidden has no size."""
    frame = co.load("2026-06-01").map()._repr_html_().replace("<iframe ", "<iframe hidden ", 1)
    (tmp_path / "page.html").write_text(f"<!DOCTYPE html><body>{frame}</body>", encoding="utf-8")
    page = browser.new_context(offline=True).new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_timeout(500)
    inner = page.frames[1]
    assert inner.evaluate("document.documentElement.dataset.ready") is None
    page.evaluate("document.querySelector('iframe').hidden = false")
    inner.wait_for_selector("html[data-ready=true]", state="attached")
    assert inner.locator(".leaflet-network-pane canvas").count() == 1
    assert complaints == []
