"""OpenStreetMap objects as arrays: what every reader makes and :mod:`.topology` takes.

:class:`RawBuilder` is fed object by object (by the PBF reader, by the Overpass reader), looks at
the tags once and keeps only what a network needs; :meth:`RawBuilder.build` joins it into arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.sources.build_report import BuildReport
from corridors.sources.osm_tags import (
    MAIN_ROADS,
    NAME_LANGUAGES,
    STATION_CODE_KEYS,
    STATION_KINDS,
    TOWN_KINDS,
    WAY_COLUMNS,
    Tags,
    classify,
    clean,
    names,
)

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
MODES = ("rail", "road", "ferry")
Member = tuple[str, int, str]
"""Type ("n", "w", "r"), id and role of a member of a relation."""

PLACE_COLUMNS = [
    "osm_type", "osm_id", "kind", "osm_kind", "mode", "name_en",
    *(f"name_{language}" for language in NAME_LANGUAGES), "names_other", "station_code",
    "lon", "lat", "file",
]  # fmt: skip


@dataclass(frozen=True)
class RawOsm:
    """What was read, before any topology.

    Parameters
    ----------
    node_id : ndarray of int
        Nodes with a known position, sorted, each once.
    lon, lat : ndarray of float
        Their positions, degrees.
    ways : DataFrame
        One row a way, sorted by id: ``way_id``, ``layer`` (rail, road, ferry), ``kind``,
        ``state``, ``oneway``, ``reversed``, ``wagons``, ``file`` (row of ``files``) and the tags
        of :data:`~corridors.sources.osm_tags.WAY_COLUMNS` as text.
    refs : ndarray of int
        Node ids of all ways, one way after the other, already turned round where ``reversed``.
    offsets : ndarray of int
        Where each way starts in ``refs``; one more than ways.
    places : DataFrame
        Stations, yards, border controls, ports and towns; see ``PLACE_COLUMNS``.
    borders : mapping of str to tuple of arrays of int
        Country code to the node ids of each way of its border.
    flat_crossings : ndarray of int
        Nodes where rails cross without a switch.
    files : DataFrame
        ``file``, ``snapshot`` (ISO date and time, or empty) of each file or answer read.
    report : DataFrame
        What was counted while reading; see :mod:`.build_report`.
    modes : tuple of str
        Layers asked for.
    """

    node_id: IntArray
    lon: FloatArray
    lat: FloatArray
    ways: pd.DataFrame
    refs: IntArray
    offsets: IntArray
    places: pd.DataFrame
    borders: Mapping[str, tuple[IntArray, ...]]
    flat_crossings: IntArray
    files: pd.DataFrame
    report: pd.DataFrame
    modes: tuple[str, ...] = MODES


@dataclass
class _Border:
    code: str
    way_ids: set[int] = field(default_factory=set)


class RawBuilder:
    """Takes OSM objects one at a time and makes a :class:`RawOsm`.

    Parameters
    ----------
    modes : sequence of {"rail", "road", "ferry"}
        Layers wanted.
    roads : frozenset of str
        Road classes wanted; see :func:`corridors.sources.osm_tags.road_classes`.

    Notes
    -----
    For each file or answer call :meth:`start_file`, then the ``add_`` methods in any order.
    An object given twice (overlapping files) counts once: the newest version is kept.
    """

    def __init__(
        self, modes: Sequence[str] = MODES, roads: frozenset[str] = frozenset(MAIN_ROADS)
    ) -> None:
        self.modes = tuple(modes)
        self.roads = roads
        self.report = BuildReport()
        self._files: list[tuple[str, str]] = []
        self._ways: dict[int, tuple[int, tuple[Any, ...], IntArray]] = {}
        self._locations: list[tuple[IntArray, FloatArray, FloatArray]] = []
        self._places: dict[tuple[str, int], dict[str, Any]] = {}
        self._area_places: dict[int, tuple[dict[str, Any], IntArray]] = {}
        self._flat_crossings: set[int] = set()
        self._borders: dict[int, _Border] = {}
        self._border_ways: dict[int, IntArray] = {}

    def start_file(self, name: str, snapshot: str = "") -> None:
        """Say where the objects that follow come from, and when that was OpenStreetMap's state."""
        self._files.append((clean(name) or "", clean(snapshot) or ""))

    def add_way(
        self, way_id: int, tags: Tags, refs: Sequence[int] | IntArray, version: int = 0
    ) -> None:
        """Take a way if it is a link or a station drawn as an area.

        Parameters
        ----------
        way_id : int
        tags : mapping of str to str
        refs : sequence of int
            Node ids in order.
        version : int
            0 if unknown.
        """
        known = self._ways.get(way_id)
        if known is not None:
            self.report.add("read", "ways found in more than one file, kept once", 1)
            if version <= known[0]:
                return
        found = classify(tags, self.modes, self.roads)
        nodes = np.asarray(refs, np.int64)
        if isinstance(found, str):
            if not self._take_area(way_id, tags, nodes):
                self.report.add("read", f"ways not used: {clean(found)}", 1, examples=[way_id])
            return
        if found.reverse:
            nodes = nodes[::-1]
        row = (
            way_id, found.layer, found.kind, found.state, found.oneway, found.reverse,
            found.wagons, len(self._files) - 1,
            *[clean(tags[key]) if key in tags else None for key in WAY_COLUMNS.values()],
        )  # fmt: skip
        self._ways[way_id] = (version, row, nodes)

    def _take_area(self, way_id: int, tags: Tags, nodes: IntArray) -> bool:
        place = _place(tags, self.modes)
        if place is None:
            return False
        place |= {"osm_type": "w", "osm_id": way_id, "file": len(self._files) - 1}
        self._area_places[way_id] = (place, nodes)
        return True

    def add_locations(self, ids: IntArray, lon: FloatArray, lat: FloatArray) -> None:
        """Positions of nodes, degrees; an id may come again."""
        self._locations.append((ids, lon, lat))

    def add_node(self, node_id: int, tags: Tags, lon: float, lat: float) -> None:
        """Take a tagged node if it is a place or a crossing of rails."""
        if tags.get("railway") == "railway_crossing":
            self._flat_crossings.add(node_id)
        place = _place(tags, self.modes)
        if place is not None:
            place |= {
                "osm_type": "n", "osm_id": node_id, "lon": lon, "lat": lat,
                "file": len(self._files) - 1,
            }  # fmt: skip
            self._places["n", node_id] = place

    def add_relation(self, relation_id: int, tags: Tags, members: Iterable[Member]) -> None:
        """Take a relation if it is the border of a country."""
        code = country_code(tags)
        if code is None:
            return
        border = self._borders.setdefault(relation_id, _Border(code))
        border.way_ids.update(ref for kind, ref, _ in members if kind == "w")

    @property
    def border_way_ids(self) -> frozenset[int]:
        """Ways that the borders taken so far consist of; give them to :meth:`add_border_way`."""
        return frozenset().union(*(border.way_ids for border in self._borders.values()))

    @property
    def border_ways_to_find(self) -> frozenset[int]:
        """Those of :attr:`border_way_ids` that :meth:`add_border_way` has not seen."""
        return self.border_way_ids - self._border_ways.keys()

    def add_border_way(self, way_id: int, refs: Sequence[int] | IntArray) -> None:
        """A way that is part of a border."""
        self._border_ways.setdefault(way_id, np.asarray(refs, np.int64))

    def build(self) -> RawOsm:
        """Join everything into arrays, sorted by id."""
        node_id, lon, lat = self._nodes()
        order = sorted(self._ways)
        rows = [self._ways[way_id][1] for way_id in order]
        columns = [
            "way_id", "layer", "kind", "state", "oneway", "reversed", "wagons", "file",
            *WAY_COLUMNS,
        ]  # fmt: skip
        ways = _object_frame(rows, columns).astype(
            {"way_id": "int64", "oneway": bool, "reversed": bool, "wagons": bool, "file": "int64"}
        )
        nodes = [self._ways[way_id][2] for way_id in order]
        sizes = np.array([len(one) for one in nodes], np.int64)
        flat = np.concatenate(nodes) if nodes else np.zeros(0, np.int64)
        return RawOsm(
            node_id=node_id,
            lon=lon,
            lat=lat,
            ways=ways,
            refs=flat,
            offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            places=self._place_frame(node_id, lon, lat),
            borders=self._border_arrays(),
            flat_crossings=np.array(sorted(self._flat_crossings), np.int64),
            files=pd.DataFrame(self._files, columns=["file", "snapshot"]),
            report=self.report.frame(),
            modes=self.modes,
        )

    def _nodes(self) -> tuple[IntArray, FloatArray, FloatArray]:
        if not self._locations:
            empty = np.zeros(0)
            return empty.astype(np.int64), empty, empty.copy()
        ids, lon, lat = (np.concatenate(part) for part in zip(*self._locations, strict=True))
        on_globe = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)  # noqa: PLR2004  (degrees)
        off = np.unique(ids[~on_globe])
        self.report.add(
            "read", "nodes without a position on the globe, not used", len(off), examples=off
        )
        ids, lon, lat = ids[on_globe], lon[on_globe], lat[on_globe]
        ids, first = np.unique(ids, return_index=True)
        return ids.astype(np.int64), lon[first], lat[first]

    def _place_frame(self, node_id: IntArray, lon: FloatArray, lat: FloatArray) -> pd.DataFrame:
        rows = [row for _, row in sorted(self._places.items())]
        for way_id, (place, nodes) in sorted(self._area_places.items()):
            at = positions(node_id, np.unique(nodes))
            at = at[at >= 0]
            if len(at) == 0:
                self.report.add("read", "areas without nodes, not used", 1, examples=[way_id])
                continue
            rows.append(place | {"lon": float(lon[at].mean()), "lat": float(lat[at].mean())})
        cells = [tuple(row[column] for column in PLACE_COLUMNS) for row in rows]
        table = _object_frame(cells, PLACE_COLUMNS).astype(
            {"osm_id": "int64", "lon": float, "lat": float, "file": "int64"}
        )
        on_globe = table["lon"].abs().le(180) & table["lat"].abs().le(90)
        self.report.add("read", "places off the globe, not used", int((~on_globe).sum()))
        return table[on_globe].reset_index(drop=True)

    def _border_arrays(self) -> dict[str, tuple[IntArray, ...]]:
        found: dict[str, tuple[IntArray, ...]] = {}
        for _, border in sorted(self._borders.items()):
            have = [self._border_ways[w] for w in sorted(border.way_ids) if w in self._border_ways]
            missing = len(border.way_ids) - len(have)
            self.report.add(
                "country", "ways of a country's border that are not in the file", missing,
                examples=[border.code],
            )  # fmt: skip
            found[border.code] = (*found.get(border.code, ()), *have)
        return found


def _object_frame(rows: Sequence[tuple[Any, ...]], columns: list[str]) -> pd.DataFrame:
    """A table of Python objects: text stays text, and what is absent is None."""
    cells = np.empty((len(rows), len(columns)), object)
    for number, row in enumerate(rows):
        cells[number] = row
    return pd.DataFrame(cells, columns=columns, dtype=object)


def positions(sorted_ids: IntArray, wanted: IntArray) -> IntArray:
    """Where each wanted id stands in a sorted array of ids; -1 where it is not."""
    if len(sorted_ids) == 0:
        return np.full(len(wanted), -1, np.int64)
    at = np.minimum(np.searchsorted(sorted_ids, wanted), len(sorted_ids) - 1)
    return np.where(sorted_ids[at] == wanted, at, -1).astype(np.int64)


_ALPHA3 = {
    "TUR": "TR", "RUS": "RU", "GEO": "GE", "AZE": "AZ", "ARM": "AM", "IRN": "IR", "KAZ": "KZ",
    "TKM": "TM", "UZB": "UZ", "IRQ": "IQ", "SYR": "SY", "UKR": "UA", "LIE": "LI", "CHE": "CH",
    "AUT": "AT", "DEU": "DE", "MLT": "MT", "ITA": "IT", "BGR": "BG", "ROU": "RO", "KGZ": "KG",
    "TJK": "TJ", "AFG": "AF", "PAK": "PK", "CHN": "CN", "POL": "PL", "BLR": "BY", "MDA": "MD",
    "GRC": "GR",
}  # fmt: skip


def country_code(tags: Tags) -> str | None:
    """Two-letter code of the country whose border a relation is; None for anything else."""
    if tags.get("admin_level") != "2" or tags.get("boundary") != "administrative":
        return None
    for key in ("ISO3166-1:alpha2", "ISO3166-1", "country_code_iso3166_1_alpha_2"):
        code = (tags.get(key) or "").upper()
        if len(code) == 2 and code.isascii() and code.isalpha():  # noqa: PLR2004
            return code
    return _ALPHA3.get((tags.get("ISO3166-1:alpha3") or "").upper())


def _place(tags: Tags, modes: Sequence[str]) -> dict[str, Any] | None:
    """The place that a node or an area is, without position; None if it is none."""
    railway, kind = tags.get("railway"), None
    osm_kind, mode = "", ""
    if "rail" in modes and railway in STATION_KINDS:
        kind, osm_kind, mode = STATION_KINDS[railway], railway, "rail"
        if tags.get("station") in {"subway", "light_rail", "monorail", "funicular"}:
            return None
    elif "road" in modes and tags.get("barrier") == "border_control":
        kind, osm_kind, mode = "border", "border_control", "road"
    elif "road" in modes and tags.get("place") in TOWN_KINDS and "boundary" not in tags:
        # A capital's point has an admin_level too; only a border drawn round a town is no town.
        kind, osm_kind, mode = "town", tags["place"], "road"
    elif "ferry" in modes and tags.get("amenity") == "ferry_terminal":
        kind, osm_kind, mode = "port", "ferry_terminal", "sea"
    if kind is None:
        return None
    # Zeros stand for a number that nobody knew.
    code = next((clean(tags[k]) for k in STATION_CODE_KEYS if tags.get(k, "").strip("0 ")), None)
    return {
        "kind": kind, "osm_kind": osm_kind, "mode": mode, "station_code": code, **names(tags),
    }  # fmt: skip
