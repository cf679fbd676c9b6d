"""Maps in a real browser with the network cut off: what tests of maps need to open and to ask."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(name))
    ),
    None,
)
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
READ_BACK = "willReadFrequently"
"""Word of the browser's advice to a test that reads the canvas, which the map itself never does."""
DESKTOP = (1280, 800)
PHONE = (390, 844)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@dataclass
class Opened:
    """A page that is open, and everything it did that it should not."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def point(self, lat: float, lon: float) -> tuple[float, float]:
        x, y = self.page.evaluate(
            """([lat, lon]) => {
                const box = map_corridors.getContainer().getBoundingClientRect();
                const at = map_corridors.latLngToContainerPoint([lat, lon]);
                return [at.x + box.left, at.y + box.top];
            }""",
            [lat, lon],
        )
        return x, y

    def click(self, lat: float, lon: float) -> str:
        """Click a place of the map and give the text of the popup, empty if none opens."""
        self.page.evaluate("map_corridors.closePopup()")
        self.page.wait_for_selector(".leaflet-popup", state="detached")
        self.page.mouse.click(*self.point(lat, lon))
        self.page.wait_for_timeout(450)  # a popup may move the map to come into view
        popup = self.page.query_selector(".leaflet-popup-content")
        return popup.inner_text() if popup else ""

    def painted(self) -> int:
        """Number of pixels of the network's canvas that something was drawn on."""
        return self._canvas("n += data[i + 3] > 0")

    def picture(self) -> int:
        """A sum over the network's canvas that no two different pictures are likely to share."""
        return self._canvas("n = (n * 31 + data[i] + 7 * data[i + 1] + 57 * data[i + 2]) % 1e9")

    def _canvas(self, step: str) -> int:
        result: int = self.page.evaluate(
            f"""() => {{
                const canvas = document.querySelector(".leaflet-network-pane canvas");
                const {{ width, height }} = canvas;
                const {{ data }} = canvas.getContext("2d").getImageData(0, 0, width, height);
                let n = 0;
                for (let i = 0; i < data.length; i += 4) {step};
                return n;
            }}"""
        )
        return result

    def set_day(self, day: str, number: int = 0) -> None:
        """Type a day into the field of the time bar."""
        field = self.page.locator(".timebar input[type=date]").nth(number)
        field.fill(day)
        field.dispatch_event("change")

    def layer(self, name: str) -> Any:
        return self.page.locator(f'input[data-layer="{name}"]')


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def show(browser: Any, files: dict[str, Path]) -> Iterator[Callable[..., Opened]]:
    contexts: list[Any] = []
    shown: list[Opened] = []

    def opener(name: str, size: tuple[int, int] = DESKTOP, **options: Any) -> Opened:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, offline=True, **options
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        opened = Opened(context.new_page())
        shown.append(opened)
        page = opened.page
        page.on("request", lambda request: opened.requests.append(request.url))
        page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (opened.complaints.append("dialog"), dialog.dismiss()))
        page.on(
            "console",
            lambda message: (
                opened.complaints.append(message.text)
                if message.type in {"error", "warning"} and READ_BACK not in message.text
                else None
            ),
        )
        page.goto(files[name].as_uri())
        if name != "notebook":
            page.wait_for_selector("html[data-ready=true]", state="attached")
        return opened

    yield opener
    for context in contexts:
        context.close()
    for opened in shown:
        assert opened.complaints == []
        away = [url for url in opened.requests if not url.startswith(("file:", "data:", "about:"))]
        assert away == []
        assert len([url for url in opened.requests if url.startswith("file:")]) == 1
