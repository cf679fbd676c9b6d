"""OpenStreetMap extracts (.osm.pbf, .osm, .osm.bz2, .osm.gz) in, a network out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.errors import ArgumentError, DataError
from corridors.sources import sieve
from corridors.sources.opl import NOWHERE, CareNeededError, Item, SieveError, sieved
from corridors.sources.osm import MODES, RawBuilder, RawOsm
from corridors.sources.osm_tags import road_classes, wanted_pairs
from corridors.sources.topology import network_from_raw

if TYPE_CHECKING:
    import shapely

    from corridors.network import Network

SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.bz2", ".osm.gz", ".osm.xml")


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
        other, are joined by a marked link; up to four times as far apart where nothing else
        joins the two (a bridge that is not mapped).
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
    asked = list(modes) if isinstance(modes, Iterable) and not isinstance(modes, str) else [modes]
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
    given = [path] if isinstance(path, str) or not isinstance(path, Iterable) else list(path)
    if not given or not all(isinstance(one, (str, Path)) for one in given):
        raise ArgumentError(f"path={path!r}: give a file's name, or several")
    paths = [Path(one) for one in given]
    try:
        raw = _read_files(paths, RawBuilder(chosen, classes), careful=False, progress=progress)
    except CareNeededError:
        raw = _read_files(paths, RawBuilder(chosen, classes), careful=True, progress=progress)
    if raw.ways.empty:
        names = ", ".join(one.name for one in paths)
        raise DataError(
            f"{names}: holds no {' or '.join(chosen)} ways; is it an OpenStreetMap extract of the "
            "area you mean, and is it complete?"
        )
    return raw


def _read_files(
    paths: Iterable[Path], builder: RawBuilder, *, careful: bool, progress: bool
) -> RawOsm:
    for path in paths:
        header = _header(path)
        try:
            snapshot = header.get("osmosis_replication_timestamp") or header.get("timestamp")
            builder.start_file(path.name, snapshot)
            _take(path, builder, careful=careful, progress=progress)
        except (SieveError, RuntimeError, OSError, ValueError, OverflowError) as error:
            raise _unreadable(path, error) from None
    return builder.build()


def _unreadable(path: Path, error: Exception) -> DataError:
    problem = " ".join(str(error).split()) or type(error).__name__
    return DataError(
        f"{path.name}: cannot be read as OpenStreetMap data: {problem}; "
        "it may be damaged or cut off"
    )


def _header(path: Path) -> Any:
    if path.is_dir():
        raise DataError(f"{path}: a folder, not an OpenStreetMap file; name the files in it")
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    if not path.name.lower().endswith(SUFFIXES):
        raise DataError(f"{path.name}: not an OpenStreetMap file; expected {', '.join(SUFFIXES)}")
    if path.stat().st_size == 0:
        raise DataError(f"{path.name}: the file is empty")
    try:
        import osmium
    except ImportError:
        from corridors.storage import MissingExtraError

        raise MissingExtraError(
            "extracts are read with osmium; install it with: pip install 'corridors[osm]'"
        ) from None
    try:
        return osmium.FileProcessor(str(path)).header
    except (RuntimeError, OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def _take(path: Path, builder: RawBuilder, *, careful: bool, progress: bool) -> None:
    """Hand a file's objects to the builder."""
    from tqdm import tqdm

    pairs = [sieve.BORDER, *wanted_pairs(builder.modes, builder.roads)]
    missing: set[int] = set()
    with (
        sieved(path, pairs, careful=careful) as batches,
        tqdm(desc=path.name, unit=" objects", disable=not progress, leave=False) as bar,
    ):
        _load_libraries()
        for batch in batches:
            for item in batch.items:
                _add(item, builder)
            for word, number in batch.left_out:
                builder.report.add("read", _LEFT_OUT[word], 1, examples=[number])
            known = batch.lon != NOWHERE
            builder.add_locations(batch.node_id[known], batch.lon[known], batch.lat[known])
            missing.update(batch.node_id[~known].tolist())
            bar.update(len(batch.items))
    if missing and not (path.name.lower().endswith(".pbf") and min(missing) >= 0):
        _find_missing(path, missing, builder)


def _load_libraries() -> None:
    """Load what the network will be made with while osmium is busy with the nodes."""
    import geopandas  # noqa: F401
    import pyproj  # noqa: F401
    import scipy.sparse.csgraph  # noqa: F401


def _add(item: Item, builder: RawBuilder) -> None:
    if item.kind == "w":
        refs = np.asarray(item.refs, np.int64)
        of_border = item.border or item.tags.get("admin_level") == "2"
        if of_border:
            builder.add_border_way(item.number, refs)
        if not item.border and not (of_border and item.tags.keys().isdisjoint(_LINK_KEYS)):
            builder.add_way(item.number, item.tags, refs, item.version)
    elif item.kind == "n":
        builder.add_node(item.number, item.tags, item.lon, item.lat)
    else:
        builder.add_relation(item.number, item.tags, item.members)


def _find_missing(path: Path, missing: set[int], builder: RawBuilder) -> None:
    """Look for nodes that come after their ways, or have negative ids, as editors write."""
    import osmium

    nodes: Iterable[Any] = osmium.FileProcessor(str(path), osmium.osm.NODE)
    found = [
        (node.id, node.location.x / 1e7, node.location.y / 1e7)
        for node in nodes
        if node.id in missing
    ]
    table = np.array(found, float).reshape(-1, 3)
    builder.add_locations(table[:, 0].astype(np.int64), table[:, 1], table[:, 2])


_LEFT_OUT = {
    sieve.POSITION: "nodes without a position on the globe, not used",
    sieve.TEXT: "objects whose tags are not UTF-8, not used",
}
_LINK_KEYS = frozenset({"railway", "highway", "route", "ferry"})
