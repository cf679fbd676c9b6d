"""Small OpenStreetMap files, written by hand, in which every figure is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

from corridors.network import Network
from corridors.sources.pbf import from_pbf

Tags = Mapping[str, str]


class Osm:
    """Collects nodes, ways and relations; positions in metres from a corner near Tbilisi."""

    def __init__(self, lon: float = 45.0, lat: float = 41.6) -> None:
        self.lon, self.lat = lon, lat
        self.lines: list[tuple[int, str]] = []
        self._way = 100

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        return self.lon + x / 83_000, self.lat + y / 111_000

    def node(self, number: int, x: float, y: float, **tags: str) -> Osm:
        lon, lat = self.degrees(x, y)
        return self.node_at(number, lon, lat, tags)

    def node_at(self, number: int, lon: float, lat: float, tags: Tags | None = None) -> Osm:
        head = f'<node id="{number}" version="1" lon="{lon:.7f}" lat="{lat:.7f}"'
        self.lines.append((0, _element("node", head, (), tags or {})))
        return self

    def way(self, refs: Iterable[int], tags: Tags | None = None, number: int | None = None) -> Osm:
        self._way += 1
        body = [f'<nd ref="{ref}"/>' for ref in refs]
        head = f'<way id="{self._way if number is None else number}" version="1"'
        self.lines.append((1, _element("way", head, body, tags or {"railway": "rail"})))
        return self

    def relation(self, number: int, ways: Iterable[int], tags: Tags) -> Osm:
        body = [f'<member type="way" ref="{way}" role="outer"/>' for way in ways]
        head = f'<relation id="{number}" version="1"'
        self.lines.append((2, _element("relation", head, body, tags)))
        return self

    def text(self) -> str:
        rows = [text for _, text in sorted(self.lines, key=lambda line: line[0])]
        return '<?xml version="1.0"?>\n<osm version="0.6">\n' + "\n".join(rows) + "\n</osm>\n"

    def write(self, folder: Path, name: str = "small.osm") -> Path:
        path = folder / name
        path.write_text(self.text(), encoding="utf-8")
        return path

    def network(self, folder: Path, **options) -> Network:
        return from_pbf(self.write(folder), progress=False, as_of="2026-06-01", **options)


def _element(kind: str, head: str, body: Iterable[str], tags: Tags) -> str:
    inside = [*body, *(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())]
    return head + (">" + "".join(inside) + f"</{kind}>" if inside else "/>")
