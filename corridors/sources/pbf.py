"""OpenStreetMap extracts (.osm.pbf, .osm, .osm.bz2, .osm.gz) in, a network out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from corridors.errors import ArgumentError, DataError
from corridors.sources.osm import MODES, RawBuilder, RawOsm
from corridors.sources.osm_tags import road_classes, wanted_pairs
from corridors.sources.topology import network_from_raw

if TYPE_CHECKING:
    import shapely

    from corridors.network import Network

IntArray = npt.NDArray[np.int64]
SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.bz2", ".osm.gz", ".osm.xml")
_BORDER = ("admin_level", "2")
_LOCATION_STORES = ("sparse_mmap_array", "flex_mem")
"""Of these, the first that the platform has: as small as the second, and half the time to fill."""
_BATCH = 5_000


def from_pbf(
    path: str | Path | Iterable[str | Path],
    *,
    modes: Iterable[str] = MODES,
    bbox: tuple[float, float, float, float] | None = None,
    polygon: shapely.Polygon | shapely.MultiPolygon | None = None,
    roads: str | Iterable[str] = "main",
    as_of: str | dt.date | None = None,
    snap_m: float = 25.0,
    progress: bool = True,
) -> Network:
    """Build a network from one or more OpenStreetMap extracts.

    Parameters
    ----------
    path : path or iterable of paths
        ``.osm.pbf``, ``.osm``, ``.osm.bz2`` or ``.osm.gz``. Files that overlap are merged by id.
    modes : iterable of {"rail", "road", "ferry"}
        Layers wanted.
    bbox : (west, south, east, north), optional
        Degrees; only what reaches into it.
    polygon : shapely Polygon or MultiPolygon, optional
        The same for any area, longitude and latitude.
    roads : {"main", "drivable"} or iterable of str
        Road classes: motorway to tertiary, all that a car may drive, or values of ``highway``.
    as_of : str or date, optional
        The day whose states hold; today if not given. States are those of the extract.
    snap_m : float
        Ends of track that miss each other by no more than this, in metres, and point at each
        other, are joined by a marked link.
    progress : bool
        Show a progress bar on standard error.

    Returns
    -------
    Network
        With full geometry, ``length_kind`` "osm", and ``build_report``: everything dropped, cut,
        joined or unknown, counted.

    Raises
    ------
    DataError
        If a file is missing, broken, cut off or holds nothing of the modes; the message names it.
    ArgumentError
        If an argument cannot be used.

    Notes
    -----
    Data © OpenStreetMap contributors, Open Database Licence 1.0.

    Examples
    --------
    >>> import corridors as co
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> extract = '''<osm version="0.6">
    ... <node id="1" version="1" lat="40.790" lon="43.840">
    ...   <tag k="railway" v="station"/><tag k="name" v="A"/></node>
    ... <node id="2" version="1" lat="40.790" lon="43.900">
    ...   <tag k="railway" v="station"/><tag k="name" v="B"/></node>
    ... <way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="railway" v="rail"/></way>
    ... </osm>'''
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "small.osm"
    ...     _ = file.write_text(extract)
    ...     net = co.from_pbf(file, modes=["rail"], progress=False)
    >>> round(net.route("A", "B", modes=["rail"]).length_km, 2)
    5.06
    """
    raw = read_pbf(path, modes=modes, roads=roads, progress=progress)
    raw = clipped(raw, bbox=bbox, polygon=polygon)
    if raw.ways.empty:
        names = ", ".join(raw.files["file"])
        raise DataError(f"{names}: nothing of {', '.join(raw.modes)} lies in the area asked for")
    return network_from_raw(raw, as_of=as_of, snap_m=snap_m, progress=progress)


def check_modes(modes: Iterable[str]) -> tuple[str, ...]:
    """Modes in a fixed order.

    Raises
    ------
    ArgumentError
        If one is unknown, or none is given.
    """
    asked = [modes] if isinstance(modes, str) else list(modes)
    if not asked or any(mode not in MODES for mode in asked):
        raise ArgumentError(f"modes={asked!r}: give one or more of {', '.join(MODES)}")
    return tuple(mode for mode in MODES if mode in asked)


def clipped(
    raw: RawOsm,
    *,
    bbox: tuple[float, float, float, float] | None = None,
    polygon: shapely.Polygon | shapely.MultiPolygon | None = None,
) -> RawOsm:
    """Cut what was read to an area; see :func:`from_pbf`."""
    from corridors.sources.clip import area_of, clip

    area = area_of(bbox, polygon)
    return raw if area is None else clip(raw, area)


def read_pbf(
    path: str | Path | Iterable[str | Path],
    *,
    modes: Iterable[str] = MODES,
    roads: str | Iterable[str] = "main",
    progress: bool = True,
) -> RawOsm:
    """Read one or more extracts into arrays; see :func:`from_pbf`."""
    chosen = check_modes(modes)
    classes = road_classes(roads)
    paths = [Path(path)] if isinstance(path, (str, Path)) else [Path(one) for one in path]
    if not paths:
        raise ArgumentError("path: give at least one file")
    builder = RawBuilder(chosen, classes)
    for one in paths:
        _read_file(one, builder, progress=progress)
    raw = builder.build()
    if raw.ways.empty:
        names = ", ".join(one.name for one in paths)
        raise DataError(
            f"{names}: holds no {' or '.join(chosen)} ways; is it an OpenStreetMap extract of the "
            "area you mean, and is it complete?"
        )
    return raw


def _read_file(path: Path, builder: RawBuilder, *, progress: bool) -> None:
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    if not path.name.lower().endswith(SUFFIXES):
        raise DataError(f"{path.name}: not an OpenStreetMap file; expected {', '.join(SUFFIXES)}")
    if path.stat().st_size == 0:
        raise DataError(f"{path.name}: the file is empty")
    try:
        import osmium  # noqa: F401
    except ImportError:
        from corridors.storage import MissingExtraError

        raise MissingExtraError(
            "extracts are read with osmium; install it with: pip install 'corridors[osm]'"
        ) from None
    try:
        _FileReader(path, builder, progress=progress).run()
    except (RuntimeError, OSError, ValueError, OverflowError) as error:
        if isinstance(error, (DataError, ArgumentError)):
            raise
        problem = " ".join(str(error).split()) or type(error).__name__
        raise DataError(
            f"{path.name}: cannot be read as OpenStreetMap data: {problem}; "
            "it may be damaged or cut off"
        ) from None


class _FileReader:
    """One file: borders first, then everything else in one pass."""

    def __init__(self, path: Path, builder: RawBuilder, *, progress: bool) -> None:
        self.path, self.builder, self.progress = path, builder, progress
        self.hexes: list[str] = []
        self.whole: list[IntArray] = []
        self.ids: list[int] = []
        self.lon: list[float] = []
        self.lat: list[float] = []
        self.missing: set[int] = set()
        self.kept = 0

    def run(self) -> None:
        """Read the file into the builder."""
        import osmium
        from osmium import filter as filters

        processor = osmium.FileProcessor(str(self.path))
        header = processor.header
        snapshot = header.get("osmosis_replication_timestamp") or header.get("timestamp")
        self.builder.start_file(self.path.name, snapshot)
        relations = osmium.FileProcessor(str(self.path), osmium.osm.RELATION)
        for one in self._bar(relations.with_filter(filters.TagFilter(_BORDER)), "borders"):
            members = [(member.type, member.ref, member.role) for member in one.members]
            self.builder.add_relation(one.id, dict(one.tags), members)
        border_ways = set(self.builder.border_way_ids)
        pairs = [_BORDER, *wanted_pairs(self.builder.modes, self.builder.roads)]
        # Most of a file has none of these keys: asking for the keys first halves the time.
        keys = dict.fromkeys(key for key, _ in pairs)
        store = next(name for name in _LOCATION_STORES if name in osmium.index.map_types())
        processor.with_locations(store).with_filter(filters.KeyFilter(*keys))
        processor.with_filter(filters.TagFilter(*pairs))
        factory = osmium.geom.WKBFactory()
        self._pass(processor, border_ways, factory)
        left = border_ways - self.seen_borders
        if left:
            self._untagged_borders(left, processor.node_location_storage)
        self._hand_over()

    def _bar(self, objects: Iterable[Any], what: str) -> Iterator[Any]:
        from tqdm import tqdm

        bar = tqdm(
            objects, desc=f"{self.path.name}: {what}", unit=" objects",
            disable=not self.progress, leave=False,
        )  # fmt: skip
        return iter(bar)

    def _pass(self, objects: Iterable[Any], border_ways: set[int], factory: Any) -> None:
        self.seen_borders: set[int] = set()
        builder = self.builder
        for one in self._bar(objects, "ways and places"):
            try:
                tags = dict(one.tags)
            except UnicodeDecodeError:
                builder.report.add(
                    "read", "objects whose tags are not UTF-8, not used", 1, examples=[one.id]
                )
                continue
            if one.is_way():
                refs = np.array([node.ref for node in one.nodes], np.int64)
                if one.id in border_ways:
                    self.seen_borders.add(one.id)
                    builder.add_border_way(one.id, refs)
                    self._locate(one, refs, factory)
                if tags.get("admin_level") == "2" and len(tags.keys() & _LINK_KEYS) == 0:
                    continue
                builder.add_way(one.id, tags, refs, one.version)
                self._locate(one, refs, factory)
            elif one.is_node():
                # Coordinates may lie off the globe: only .x and .y give them all the same.
                where = one.location
                builder.add_node(one.id, tags, where.x / 1e7, where.y / 1e7)

    def _locate(self, way: Any, refs: IntArray, factory: Any) -> None:
        """Positions of a way's nodes: in one piece, or one by one where some are unknown."""
        import osmium

        if len(refs) > 1:
            try:
                self.hexes.append(factory.create_linestring(way, osmium.geom.use_nodes.ALL))
            except (osmium.InvalidLocationError, RuntimeError):
                pass
            else:
                self.whole.append(refs)
                if len(self.hexes) >= _BATCH:
                    self._decode()
                return
        for node in way.nodes:
            if node.location.valid():
                self.ids.append(node.ref)
                self.lon.append(node.location.lon)
                self.lat.append(node.location.lat)
            else:
                self.missing.add(node.ref)

    def _untagged_borders(self, left: set[int], store: Any) -> None:
        """Ways of borders that carry no tags of a border themselves."""
        import osmium
        from osmium import filter as filters

        ways = osmium.FileProcessor(str(self.path), osmium.osm.WAY)
        for way in self._bar(ways.with_filter(filters.IdFilter(sorted(left))), "borders"):
            refs = [node.ref for node in way.nodes]
            self.builder.add_border_way(way.id, refs)
            for ref in refs:
                try:
                    where = store.get(ref)
                except (KeyError, TypeError):
                    continue
                if where.valid():
                    self.ids.append(ref)
                    self.lon.append(where.lon)
                    self.lat.append(where.lat)

    def _hand_over(self) -> None:
        if self.missing:
            self._find_missing()
        self._decode()
        self.builder.add_locations(
            np.array(self.ids, np.int64), np.array(self.lon, float), np.array(self.lat, float)
        )

    def _decode(self) -> None:
        """Positions of the ways that pyosmium wrote out in one piece."""
        import shapely

        if not self.hexes:
            return
        lines: Any = shapely.from_wkb(self.hexes)
        coords = shapely.get_coordinates(lines)
        flat = np.concatenate(self.whole)
        first = np.unique(flat, return_index=True)[1]
        self.builder.add_locations(flat[first], coords[first, 0], coords[first, 1])
        self.hexes.clear()
        self.whole.clear()

    def _find_missing(self) -> None:
        """Look for nodes that come after their ways, or have negative ids, as editors write."""
        import osmium

        if self.path.name.lower().endswith(".pbf") and min(self.missing) >= 0:
            return
        for node in self._bar(osmium.FileProcessor(str(self.path), osmium.osm.NODE), "nodes"):
            if node.id in self.missing:
                self.ids.append(node.id)
                self.lon.append(node.location.x / 1e7)
                self.lat.append(node.location.y / 1e7)


_LINK_KEYS = frozenset({"railway", "highway", "route", "ferry"})
