"""OpenStreetMap through an Overpass server: an area in, a network out.

Queries have osmnx's form (its head, its polygons) and answers lie where osmnx would keep them, so
that each finds the other's. What osmnx does between, we do ourselves: it cuts large areas in a
plane, where the sides of a box bend, and misses a strip along them; it asks once for each filter
instead of once for all; its way of sending breaks our rules, see :mod:`.web`. Our own topology
step then makes the network: nothing is simplified away and isolated pieces stay, as with osmnx's
``simplify=False, retain_all=True``, with all tags that matter.
"""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from corridors.errors import ArgumentError, DataError, DateError, UnknownPlaceError
from corridors.sources.osm import MODES, RawBuilder, RawOsm
from corridors.sources.osm_tags import STATION_KINDS, road_classes, wanted_pairs
from corridors.sources.web import NOMINATIM, OVERPASS, Client, cache_folder, user_agent

if TYPE_CHECKING:
    import shapely

    from corridors.network import Network

_SETTINGS = threading.Lock()
_PLACE_KEYS = frozenset({"barrier", "place", "amenity"})
_MOST_CORNERS = 500
_KM_A_DEGREE = 111.7
_BORDERS = 'relation["boundary"="administrative"]["admin_level"="2"]'
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_FIRST_KEPT = "2012-09-12T06:55:00Z"
"""Since when Overpass keeps the past; before, it answers with that day's map and does not say so.
wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL#Date"""


def from_overpass(
    *,
    bbox: tuple[float, float, float, float] | None = None,
    polygon: shapely.Polygon | shapely.MultiPolygon | None = None,
    place: str | None = None,
    modes: Iterable[str] = MODES,
    roads: str | Iterable[str] = "main",
    date: str | dt.date | None = None,
    boundaries: bool = False,
    contact: str | None = None,
    endpoint: str = OVERPASS,
    geocoder: str = NOMINATIM,
    cache: bool | str | Path = True,
    offline: bool = False,
    refresh: bool = False,
    timeout: float = 180,
    max_wait: float = 300,
    max_query_km2: float | None = None,
    snap_m: float = 25.0,
    progress: bool = True,
) -> Network:
    """Build a network of an area from an Overpass server.

    Parameters
    ----------
    bbox : (west, south, east, north), optional
        Degrees. Give one of bbox, polygon and place.
    polygon : shapely Polygon or MultiPolygon, optional
        Longitude and latitude.
    place : str, optional
        A name that the geocoder knows as an area, such as ``"Gyumri, Armenia"``.
    modes : iterable of {"rail", "road", "ferry"}
        Layers wanted.
    roads : {"main", "drivable"} or iterable of str
        Road classes: motorway to tertiary, all that a car may drive, or values of ``highway``.
    date : str or date, optional
        OpenStreetMap as it was then (``"2020-09-01"`` or ``"2020-09-01T12:00:00Z"``), since 12
        September 2012; now if not given. The server must keep the past, as the main one does.
    boundaries : bool
        Also ask for the borders of the countries, whole, which for large countries is much; if
        not, the embedded outlines tell countries apart, to about a kilometre.
    contact : str, optional
        E-mail address or web page at which the server's operators reach you. Needed unless the
        servers run on this machine or a private network.
    endpoint : str
        Base address of the Overpass API, such as ``"http://localhost:12345/api"``.
    geocoder : str
        Base address of a Nominatim, asked for ``place`` only.
    cache : bool or path
        Folder of answers (named as osmnx names them); True: the platform's folder for caches;
        False: keep none.
    offline : bool
        Never touch the network: use the cache, or fail.
    refresh : bool
        Ask again although the cache has an answer.
    timeout : float
        Seconds the server may work on one query.
    max_wait : float
        Seconds to wait in all, for each query, while the server is busy.
    max_query_km2 : float, optional
        Larger areas are asked for in pieces; if not given, by what is wanted: 2,500 for
        "drivable" roads, 50,000 for other roads, 1,000,000 for rail and ferries.
    snap_m : float
        Ends of track that miss each other by no more than this, in metres, and point at each
        other, are joined by a marked link; up to four times as far apart where nothing else
        joins the two (a bridge that is not mapped).
    progress : bool
        Show progress bars on standard error.

    Returns
    -------
    Network
        As from :func:`corridors.from_pbf`, on the day of ``date``.

    Raises
    ------
    OverpassError
        If a server gives no complete answer: it is busy for too long, refuses, breaks off, or
        adds a remark (it ran out of time or memory). Nothing of such an answer is kept.
    ArgumentError
        If an argument cannot be used, or ``contact`` is missing.
    MissingExtraError
        If osmnx is not installed.
    UnknownPlaceError
        If the geocoder knows no area of that name.
    DataError
        If the area holds nothing of the modes.

    Notes
    -----
    Queries go out one at a time. Data © OpenStreetMap contributors, Open Database Licence 1.0.

    Examples
    --------
    Ask the public server, and keep its answers::

        gyumri = co.from_overpass(
            place="Gyumri, Armenia", modes=["rail"], contact="you@example.org"
        )
        gyumri.build_report

    Without a network and without a kept answer there is an error, never half a network:

    >>> import corridors as co
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     co.from_overpass(bbox=(43.8, 40.7, 43.9, 40.8), cache=folder, offline=True)
    Traceback (most recent call last):
        ...
    corridors.errors.OverpassError: ...
    """
    from corridors.sources.topology import network_from_raw

    _need_osmnx()
    if timeout < 1 or max_wait < 0:
        raise ArgumentError(f"timeout={timeout!r} must be at least 1, max_wait={max_wait!r} 0")
    if sum(one is not None for one in (bbox, polygon, place)) != 1:
        raise ArgumentError("give one of bbox, polygon and place")
    moment = _moment(date)
    client = Client(
        agent=_agent(contact, endpoint, *([geocoder] if place else []), offline=offline),
        cache=_folder(cache, offline=offline),
        offline=offline,
        refresh=refresh,
        timeout_s=timeout,
        max_wait_s=max_wait,
    )
    area = _area(client, geocoder, bbox, polygon, place)
    raw = read_overpass(
        client,
        endpoint,
        area,
        modes=modes,
        roads=roads,
        moment=moment,
        boundaries=boundaries,
        max_query_km2=max_query_km2,
        progress=progress,
    )
    if raw.ways.empty:
        raise DataError(
            f"{urlsplit(endpoint).hostname}: nothing of {', '.join(raw.modes)} lies in the area "
            "asked for; is bbox in the order west, south, east, north?"
        )
    day = None if moment is None else moment[:10]
    return network_from_raw(raw, as_of=day, snap_m=snap_m, progress=progress)


def read_overpass(
    client: Client,
    endpoint: str,
    area: shapely.Polygon | shapely.MultiPolygon,
    *,
    modes: Iterable[str] = MODES,
    roads: str | Iterable[str] = "main",
    moment: str | None = None,
    boundaries: bool = False,
    max_query_km2: float | None = None,
    progress: bool = False,
) -> RawOsm:
    """Ask for an area piece by piece and put the answers into arrays; see :func:`from_overpass`."""
    from tqdm import tqdm

    from corridors.sources.clip import clip
    from corridors.sources.pbf import check_modes

    builder = RawBuilder(check_modes(modes), road_classes(roads))
    asked = queries(
        area,
        wanted_pairs(builder.modes, builder.roads),
        moment=moment,
        boundaries=boundaries,
        timeout_s=client.timeout_s,
        max_query_km2=max_query_km2 or _piece_km2(builder.modes, roads),
    )
    host = str(urlsplit(endpoint).hostname)
    elements: dict[tuple[str, int], Mapping[str, Any]] = {}
    snapshots = []
    for query in tqdm(asked, desc=host, unit="query", disable=not progress or len(asked) == 1):
        answer = client.overpass(endpoint, query)
        snapshots.append(str((answer.get("osm3s") or {}).get("timestamp_osm_base") or ""))
        elements |= {(one["type"], one["id"]): one for one in answer["elements"]}
    # The oldest answer says what all of them show.
    builder.start_file(f"Overpass API at {host}", moment or min(snapshots, default=""))
    _feed(builder, elements)
    return clip(builder.build(), area)


def _feed(builder: RawBuilder, elements: Mapping[tuple[str, int], Mapping[str, Any]]) -> None:
    """Hand elements to the builder: borders first, which tell their ways from links."""
    kinds: dict[str, list[Mapping[str, Any]]] = {"node": [], "way": [], "relation": []}
    for (kind, _), element in sorted(elements.items()):
        kinds.setdefault(kind, []).append(element)
    for one in kinds["relation"]:
        members = [(m["type"][0], m["ref"], str(m.get("role", ""))) for m in one["members"]]
        builder.add_relation(one["id"], one.get("tags", {}), members)
    border_ways = builder.border_way_ids
    wanted = set(wanted_pairs(builder.modes, builder.roads))
    for one in kinds["way"]:
        tags = one.get("tags", {})
        if one["id"] in border_ways:
            builder.add_border_way(one["id"], one["nodes"])
        if not wanted.isdisjoint(tags.items()):
            builder.add_way(one["id"], tags, one["nodes"])
    ids = np.array([one["id"] for one in kinds["node"]], np.int64)
    lon = np.array([one["lon"] for one in kinds["node"]], float)
    lat = np.array([one["lat"] for one in kinds["node"]], float)
    builder.add_locations(ids, lon, lat)
    for one in kinds["node"]:
        if "tags" in one:
            builder.add_node(one["id"], one["tags"], one["lon"], one["lat"])


# -- queries -----------------------------------------------------------------------------------


def queries(
    area: shapely.Polygon | shapely.MultiPolygon,
    pairs: Sequence[tuple[str, str]],
    *,
    moment: str | None = None,
    boundaries: bool = False,
    timeout_s: float = 180.0,
    max_query_km2: float = 2_500.0,
) -> list[str]:
    """Overpass QL that asks for an area, one query a piece.

    Parameters
    ----------
    area : shapely Polygon or MultiPolygon
        Degrees; a polygon with many corners is asked for a little larger.
    pairs : sequence of (key, value)
        Tags of which a way or node must have one.
    moment : str, optional
        ``YYYY-MM-DDTHH:MM:SSZ``.
    boundaries : bool
        Ask for whole borders of countries too.
    timeout_s, max_query_km2 : float
        As for :func:`from_overpass`.
    """
    from osmnx import _overpass

    ways = _filters(pairs)
    nodes = _filters([pair for pair in pairs if _is_of_place(*pair)])
    head = "[out:json][timeout:{timeout}]{maxsize}" + (f'[date:"{moment}"]' if moment else "")
    found = []
    with osmnx_settings(
        overpass_settings=head,
        requests_timeout=int(timeout_s),
        overpass_memory=None,
    ):
        settings = _overpass._make_overpass_settings()  # noqa: SLF001  (osmnx has no other door)
        for piece in _pieces(area, max_query_km2):
            corners = " ".join(f"{lat:.6f} {lon:.6f}" for lon, lat in piece.exterior.coords)
            within = f'(poly:"{corners}");'
            parts = [f"way{one}{within}" for one in ways] + [f"node{one}{within}" for one in nodes]
            parts += [f"{_BORDERS}{within}"] if boundaries else []
            found.append(f"{settings};({''.join(parts)});(._;>;);out;")
    return found


def _is_of_place(key: str, value: str) -> bool:
    stations = key == "railway" and value in {*STATION_KINDS, "railway_crossing"}
    return stations or key in _PLACE_KEYS


def _filters(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Tag filters, as few as possible: keys that share their values share a filter."""
    values: dict[str, list[str]] = {}
    for key, value in pairs:
        values.setdefault(key, []).append(value)
    keys: dict[str, list[str]] = {}
    for key, several in values.items():
        keys.setdefault(_any_of(several), []).append(key)
    return [
        f'["{names[0]}"~"{pattern}"]' if len(names) == 1 else f'[~"{_any_of(names)}"~"{pattern}"]'
        for pattern, names in keys.items()
    ]


def _any_of(words: Iterable[str]) -> str:
    """Regular expression for whole words; tags of ours hold no character that it would read."""
    return f"^({'|'.join(sorted(set(words)))})$"


def _pieces(area: shapely.Polygon | shapely.MultiPolygon, max_km2: float) -> list[shapely.Polygon]:
    """Polygons that cover the area, none larger than asked for.

    Cut along meridians and parallels, which stay straight in Overpass too.
    """
    import shapely

    west, south, east, north = area.bounds
    side = np.sqrt(max_km2) / _KM_A_DEGREE
    nearest_equator = 0.0 if south <= 0 <= north else min(abs(south), abs(north))
    columns = int(np.ceil((east - west) * np.cos(np.radians(nearest_equator)) / side))
    rows = int(np.ceil((north - south) / side))
    if (columns, rows) == (1, 1):
        cells = [area]
    else:
        # Corners are written with six decimals; lines cut there are the same on both sides.
        x = [west, *np.linspace(west, east, columns + 1)[1:-1].round(6), east]
        y = [south, *np.linspace(south, north, rows + 1)[1:-1].round(6), north]
        cells = [
            area.intersection(shapely.box(x[i], y[j], x[i + 1], y[j + 1]))
            for i in range(columns)
            for j in range(rows)
        ]
    parts = [part for cell in cells for part in shapely.get_parts(cell).tolist()]
    return [_outline(part) for part in parts if isinstance(part, shapely.Polygon) and part.area > 0]


def _outline(part: shapely.Polygon) -> shapely.Polygon:
    """The polygon, or one around it with few corners, none of which loses by being rounded."""
    import shapely

    around: Any = shapely.Polygon(part.exterior)
    corners = shapely.get_coordinates(around)
    if not np.allclose(corners, corners.round(6), rtol=0, atol=1e-9):
        around = around.buffer(2e-6, join_style="mitre")
    margin = 0.001
    while shapely.get_num_coordinates(around) > _MOST_CORNERS:
        around = part.buffer(2 * margin).simplify(margin)
        around = shapely.Polygon(around.exterior)
        margin *= 2
    return around  # type: ignore[no-any-return]


def _piece_km2(modes: Sequence[str], roads: str | Iterable[str]) -> float:
    if "road" not in modes:
        return 1_000_000.0
    return 50_000.0 if roads == "main" else 2_500.0


def _need_osmnx() -> None:
    from importlib.util import find_spec

    from corridors.storage import MissingExtraError

    if find_spec("osmnx") is None:
        raise MissingExtraError(
            "osmnx is not installed; install what Overpass needs with: pip install 'corridors[osm]'"
        )


@contextmanager
def osmnx_settings(**values: Any) -> Iterator[None]:
    """Change osmnx's settings, and put them back whatever happens."""
    from osmnx import settings

    with _SETTINGS:
        before = {name: getattr(settings, name) for name in values}
        try:
            for name, value in values.items():
                setattr(settings, name, value)
            yield
        finally:
            for name, value in before.items():
                setattr(settings, name, value)


# -- arguments ---------------------------------------------------------------------------------


def _agent(contact: str | None, *hosts: str, offline: bool) -> str:
    for host in hosts:
        if urlsplit(host).scheme not in {"http", "https"} or not urlsplit(host).hostname:
            raise ArgumentError(f"{host!r} is no address of a server; write one like {OVERPASS!r}")
    return user_agent(contact, *([] if offline else hosts))


def _folder(cache: bool | str | Path, *, offline: bool) -> Path | None:
    if cache is False:
        if offline:
            raise ArgumentError("offline=True needs a cache; cache=False leaves nothing to use")
        return None
    return cache_folder() if cache is True else Path(cache)


def _moment(date: str | dt.date | None) -> str | None:
    """The moment asked for as Overpass writes it."""
    if date is None:
        return None
    if isinstance(date, dt.datetime):
        if date.tzinfo is None:
            raise DateError(f"date={date!r} has no time zone; give it one, or a plain date")
        date = f"{date.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    text = str(date).strip()
    text = text if "T" in text else f"{text}T00:00:00Z"
    try:
        if not _DATE.fullmatch(text):
            raise ValueError  # noqa: TRY301
        then = dt.datetime.fromisoformat(text)
    except ValueError:
        raise DateError(
            f"date={date!r} is not a date; write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ"
        ) from None
    if text < _FIRST_KEPT or then > dt.datetime.now(dt.UTC):
        raise DateError(
            f"date={date} is outside what Overpass servers keep: from {_FIRST_KEPT} to now"
        )
    return text


def _area(
    client: Client,
    geocoder: str,
    bbox: tuple[float, float, float, float] | None,
    polygon: shapely.Polygon | shapely.MultiPolygon | None,
    place: str | None,
) -> shapely.Polygon | shapely.MultiPolygon:
    import shapely

    from corridors.sources.clip import area_of

    if place is None:
        area = area_of(bbox, polygon)
        assert area is not None  # noqa: S101  (one of the two is given)
        return area
    if not place.strip():
        raise ArgumentError("place= is empty; give a name, such as 'Gyumri, Armenia'")
    for row in client.nominatim(geocoder, place.strip()):
        outline = row.get("geojson") or {}
        if outline.get("type") in {"Polygon", "MultiPolygon"}:
            shape: Any = shapely.geometry.shape(outline)
            area = area_of(None, shape)
            assert area is not None  # noqa: S101
            return area
    raise UnknownPlaceError(
        f"place={place!r}: {urlsplit(geocoder).hostname} knows no area of that name; write it as "
        "on openstreetmap.org, or give bbox or polygon"
    )
