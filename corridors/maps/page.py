"""The page round a folium map: everything inlined, a policy that lets nothing else in.

This module needs folium and branca, so it is imported only when a map is built.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import folium
from branca.element import Element, Figure
from folium.template import Template

from corridors.maps.encode import html_text

MAP_ID = "corridors"
_SCRIPTS = (
    "dom.js", "geometry.js", "names.js", "theme.js", "symbols.js", "world.js", "results.js",
    "model.js", "sheet.js", "basemap.js", "flows.js", "network.js", "pick.js", "popup.js",
    "areas.js", "labels.js", "swatches.js", "panel.js", "search.js", "timeline.js", "swipe.js",
    "main.js",
)  # fmt: skip
_LEAFLET = ("js_lib_leaflet", "static/js_lib_leaflet")
_IMAGE = re.compile(r"url\((images/[\w.-]+\.png)\)")
_SOURCE_MAP = re.compile(r"\n?//# sourceMappingURL=\S+")


@dataclass(frozen=True)
class Content:
    """What stands on a page, made harmless already.

    Parameters
    ----------
    title : str
        Plain text.
    caption : str
        Plain text below the title.
    words : str
        What the map shows, in sentences, for those who cannot see it.
    data : str
        JSON for the script, escaped for a script element.
    tables : str
        Markup of ours.
    image_hosts : sequence of str
        Where images may come from, besides the page itself; empty unless tiles were asked for.
    """

    title: str
    caption: str
    words: str
    data: str
    tables: str
    image_hosts: Sequence[str] = ()


class PageMap(folium.Map):  # type: ignore[misc, unused-ignore]
    """A folium map that asks for no script or style from elsewhere and has a fixed name.

    folium names elements at random; the same input must give the same page.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012  (folium's own way of declaring it)
    default_css: list[tuple[str, str]] = []  # noqa: RUF012
    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <div class="folium-map" id={{ this.get_name()|tojson }}></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
            center: {{ this.location|tojson }},
            crs: L.CRS.{{ this.crs }},
            ...{{ this.options|tojavascript }}
        });
        {% endmacro %}
        """
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(tiles=None, **options)
        self._id = MAP_ID


class Page(Figure):  # type: ignore[misc, unused-ignore]
    """The document: built by joining texts, so that data never passes through a template.

    Parameters
    ----------
    content : Content
    """

    def __init__(self, content: Content) -> None:
        super().__init__(title=content.title)
        self.content = content
        self.header._children.clear()  # noqa: SLF001  (branca puts its own charset there)

    def render(self, **kwargs: Any) -> str:
        """The whole page."""
        for child in self._children.values():
            child.render(**kwargs)
        content = self.content
        leaflet, program = leaflet_script(), our_script()
        setup = str(self.script.render(**kwargs)).strip()
        body = [
            '<div class="screen">\n<header><div class="titles">',
            f"<h1>{html_text(content.title)}</h1>",
            f"<p>{html_text(content.caption)}</p></div></header>\n",
            f'<p class="unseen" id="map-in-words">{html_text(content.words)}</p>\n',
            _without_indent(self.html),
            "</div>\n",
            '<details class="tables"><summary>The same in tables</summary>\n',
            f"{content.tables}</details>\n",
            f'<script type="application/json" id="corridors-data">{content.data}</script>\n',
            *(f"<script>{text}</script>\n" for text in (leaflet, setup, program)),
        ]
        head = [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            '<meta http-equiv="Content-Security-Policy" content="',
            policy([leaflet, setup, program], content.image_hosts),
            '">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f"<title>{html_text(content.title)}</title>\n",
            f"<style>{leaflet_style()}</style>\n<style>{asset('map.css')}</style>\n",
            _without_indent(self.header),
            "</head>\n<body>\n",
        ]
        return "".join([*head, *body, "</body>\n</html>\n"])


def _without_indent(element: Element) -> str:
    return re.sub(r"\n\s+", "\n", str(element.render())).strip() + "\n"


def policy(scripts: Sequence[str], image_hosts: Sequence[str] = ()) -> str:
    """Content-Security-Policy under which only these scripts run and nothing is fetched.

    The hashes are of the scripts we wrote, not of whatever scripts stand on the page: one that
    slipped in would not run.
    """
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in scripts
    )
    images = " ".join(["data:", *image_hosts])
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        f"img-src {images}; base-uri 'none'; form-action 'none'"
    )


@lru_cache(maxsize=16)
def asset(name: str) -> str:
    """Text of one of our own files."""
    return (resources.files("corridors.maps") / "assets" / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def our_script() -> str:
    """Our files as one script, in one scope of its own."""
    return "\n".join(['(() => {\n"use strict";', *map(asset, _SCRIPTS), "})();"])


def _leaflet(name: str) -> Any:
    package, folder = _LEAFLET
    return resources.files(package) / folder / name


@lru_cache(maxsize=1)
def leaflet_script() -> str:
    """Leaflet, without the pointer to its source map, which a browser would go and fetch."""
    text: str = _leaflet("leaflet.js").read_text(encoding="utf-8")
    return _SOURCE_MAP.sub("", text)


@lru_cache(maxsize=1)
def leaflet_style() -> str:
    """Leaflet's style sheet with its images inside."""

    def inline(match: re.Match[str]) -> str:
        data = base64.b64encode(_leaflet(match[1]).read_bytes()).decode()
        return f"url(data:image/png;base64,{data})"

    return _IMAGE.sub(inline, _leaflet("leaflet.css").read_text(encoding="utf-8"))
