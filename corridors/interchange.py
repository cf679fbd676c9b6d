"""Networks as osmnx graphs and back: all of osmnx and networkx for our networks, nothing lost.

Nodes are places and edges are links. What osmnx expects stands beside the columns of our own
tables; what has no place in a graph (states, rules, crossings, sources, reports) travels as one
JSON text in the graph's attributes. That text and all attributes survive
``osmnx.save_graphml`` and ``osmnx.load_graphml``, which turn every value into text.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.encoding import Recipe, decode
from corridors.errors import ArgumentError, CorridorsError, DataError
from corridors.network import Network
from corridors.storage import FORMAT, VERSION, MissingExtraError, pack, unpack

if TYPE_CHECKING:
    import networkx as nx

_KEY = "corridors"
_ROW = "corridors_row"
_CRS = "epsg:4326"
# Text that XML, or osmnx's guess at lists in text, would change on the way.
_FRAGILE = re.compile(r"^$|^[\[{]|[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SOURCE = Path("osmnx graph")
_TAKEN = frozenset(
    {"osmid", "length", "reversed", "geometry", "x", "y", "street_count", "bearing", "grade",
     "grade_abs", "speed_kph", "travel_time", "elevation", "id", _ROW}
)  # fmt: skip
"""Attributes that mean something else to osmnx; a column of the same name gets a prefix."""


def to_osmnx(net: Network, *, usable_only: bool = False) -> nx.MultiDiGraph[int]:
    """Turn a network into a graph that osmnx's functions accept.

    Parameters
    ----------
    net : Network
    usable_only : bool
        Leave out links that cannot be used on the day of the network, so that osmnx's routing
        does not take them. The graph then holds less than the network.

    Returns
    -------
    networkx.MultiDiGraph
        A node a place, numbered in table order: ``x``, ``y``, ``street_count`` and the columns
        of ``net.places``. An edge a link and direction: ``osmid`` (OSM's ways; for links that
        are not from OpenStreetMap a negative number), ``length`` (metres, as routes count),
        ``oneway``, ``reversed``, ``geometry``, ``highway`` (the class of a road, else the mode),
        ``railway``, ``state``, ``usable`` and the columns of ``net.links``. Absent values are
        absent attributes.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> G = net.to_osmnx()
    >>> G.number_of_nodes() == len(net.places)
    True
    >>> co.from_osmnx(G).links.equals(net.links)
    True
    """
    nx = _networkx()
    tables, manifest = pack(net)
    places, links = tables.pop("places"), tables.pop("links")
    recipes = manifest["tables"]
    tables = {name: pd.DataFrame(table) for name, table in tables.items()}
    document = manifest | {
        "frames": {name: _columns(table, recipes[name], name) for name, table in tables.items()}
    }
    graph = nx.MultiDiGraph(
        crs=_CRS, simplified=True, created_with=manifest["written_by"], **{_KEY: ""}
    )
    number = {place: row for row, place in enumerate(places["place_id"], start=1)}
    point = places.geometry
    for row, attributes in enumerate(_records(places, recipes["places"]), start=1):
        at = point.iloc[row - 1]
        graph.add_node(row, x=at.x, y=at.y, street_count=0, **{_ROW: row}, **attributes)
    view = net.links
    modes = zip(view["mode"], view["road_class"], strict=True)
    kinds = [_kind(mode, road_class) for mode, road_class in modes]
    facts = zip(
        _numbers(links["from_place"], number),
        _numbers(links["to_place"], number),
        links.geometry,
        view["length_km"].to_numpy(float) * 1000,
        view["oneway"].to_numpy(bool).tolist(),
        view["state"],
        view["usable"].to_numpy(bool).tolist(),
        kinds,
        _osmids(view),
        strict=True,
    )
    records = _records(links, recipes["links"])
    for row, (attributes, fact) in enumerate(zip(records, facts, strict=True), start=1):
        u, v, line, metres, oneway, state, usable, kind, osmid = fact
        if usable_only and not usable:
            continue
        common = {
            "osmid": osmid, _ROW: row, "length": float(metres), "state": state, "usable": usable,
            **kind, **attributes, "oneway": oneway,
        }  # fmt: skip
        forward = common | {"reversed": False, "geometry": line}
        graph.nodes[u]["street_count"] += 1
        graph.nodes[v]["street_count"] += 1
        graph.add_edge(u, v, _free_key(graph, u, v), **forward)
        if not oneway:
            back = common | {"reversed": True, "geometry": line.reverse()}
            graph.add_edge(v, u, _free_key(graph, v, u), **back)
    graph.graph[_KEY] = json.dumps(document, separators=(",", ":"))
    return graph


def _numbers(places: Iterable[str], number: Mapping[str, int]) -> list[int]:
    """Node numbers of places."""
    return [number[place] for place in places]


def _osmids(links: pd.DataFrame) -> list[int | list[int]]:
    """Ids of the OSM ways of every link, one or several as osmnx has them."""
    empty = pd.Series("", index=links.index)
    found: list[int | list[int]] = []
    for row, text in enumerate(links.get("way_ids", empty).tolist(), start=1):
        ids = [int(way) for way in re.findall(r"\d+", text)] if isinstance(text, str) else []
        found.append(-row if not ids else ids[0] if len(ids) == 1 else ids)
    return found


def _free_key(graph: nx.MultiDiGraph[int], u: int, v: int) -> int:
    return next(key for key in count() if not graph.has_edge(u, v, key))


def _kind(mode: str, road_class: Any) -> dict[str, str]:
    """The tags by which osmnx and its users tell ways apart.

    Where osmnx works out speeds it wants a ``highway`` on every edge; what is no road gets its
    mode there.
    """
    if mode == "road":
        return {"highway": road_class if isinstance(road_class, str) else "road"}
    return {"highway": mode} | ({"railway": "rail"} if mode == "rail" else {"route": mode})


def from_osmnx(graph: nx.MultiDiGraph[Any]) -> Network:
    """Turn a graph made by :meth:`.Network.to_osmnx` back into a network.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        As made, as read back by ``osmnx.load_graphml``, or with nodes and edges taken out
        (``osmnx.truncate``) and values changed: the attributes of nodes and edges count. A
        two-way link of which one direction was taken out is a one-way link from then on.

    Returns
    -------
    Network
        On the day that the graph was made for.

    Raises
    ------
    ArgumentError
        If the graph was not made by :meth:`.Network.to_osmnx`, is projected, or its edges no
        longer join the places that they name.
    DataError
        If what it carries is damaged or written by a newer version.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> again = co.from_osmnx(net.to_osmnx())
    >>> round(again.route("Yalama", "Ganja", modes=["rail"]).length_km, 1)
    534.5
    """
    manifest = _manifest(graph)
    if str(graph.graph.get("crs", _CRS)).casefold() not in {_CRS, "4326", "ogc:crs84"}:
        raise ArgumentError(
            f"the graph is in {graph.graph['crs']}; undo that with "
            "osmnx.project_graph(graph, to_latlong=True) or hand over the graph as it was made"
        )
    recipes = manifest["tables"]
    try:
        frames = {
            name: decode(_frame(columns, recipes[name]), recipes[name], name)
            for name, columns in manifest["frames"].items()
        }
        frames["places"] = _place_table(graph, recipes["places"])
        frames["links"] = _link_table(graph, recipes["links"])
        tables = unpack(frames, manifest, _SOURCE)
        day = dt.date.fromisoformat(manifest["as_of"])
    except CorridorsError:
        raise
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        text = f"{type(error).__name__}: {error}"
        raise DataError(f"the graph cannot be read, something in it is damaged ({text})") from None
    return Network(_without_strays(tables), as_of=day)


def _manifest(graph: nx.MultiDiGraph[Any]) -> dict[str, Any]:
    text = getattr(graph, "graph", {}).get(_KEY)
    if text is None:
        raise ArgumentError(
            "the graph was not made by net.to_osmnx(): it carries no states, rules and sources; "
            "build a network of OpenStreetMap with co.from_overpass or co.from_pbf"
        )
    try:
        manifest: dict[str, Any] = json.loads(text)
        known = manifest["format"] == FORMAT
        version = manifest["version"]
    except (ValueError, TypeError, KeyError):
        known, version = False, 0
    if not known:
        raise DataError("graph attribute 'corridors' is damaged; make the graph again")
    if version > VERSION:
        raise DataError(
            f"the graph was made by {manifest.get('written_by')}, which is newer than this "
            "corridors; install a newer one"
        )
    return manifest


def _without_strays(tables: Any) -> Any:
    """Tables without states, codes and crossings of places and links that were taken out."""
    from dataclasses import replace

    known = {
        "place": set(tables.places["place_id"]),
        "link": set(tables.links["link_id"]),
        "line": set(tables.links["line_id"]),
    }
    about = zip(tables.states["subject_kind"], tables.states["subject_id"], strict=True)
    # A line without links is kept by its states in the reference data too; only links go.
    keep = np.array([kind == "line" or name in known[kind] for kind, name in about], bool)
    crossings = tables.crossings["place_id"].isin(known["place"]).to_numpy(bool)
    codes = tables.station_codes["place_id"].isin(known["place"]).to_numpy(bool)
    return replace(
        tables,
        states=tables.states[keep].reset_index(drop=True),
        crossings=tables.crossings[crossings].reset_index(drop=True),
        station_codes=tables.station_codes[codes].reset_index(drop=True),
    )


# -- attributes --------------------------------------------------------------------------------


def _columns(table: pd.DataFrame, recipe: Recipe, where: str) -> dict[str, list[Any]]:
    """Columns of a plain table as JSON-ready lists; text and absent values only where needed."""
    if "geometry" in recipe:
        raise DataError(f"{where}: only places and links may have geometry in a graph")
    columns = {}
    for column in recipe["columns"]:
        values = table[column["name"]].tolist()
        # JSON has no NaN and no infinity.
        odd = column["kind"] == "number" and column["dtype"].startswith("float")
        columns[column["name"]] = [
            repr(value) if odd else None if _absent(value) else value for value in values
        ]
    return columns


def _frame(columns: Mapping[str, list[Any]], recipe: Recipe) -> pd.DataFrame:
    return pd.DataFrame(
        {c["name"]: _typed(columns[c["name"]], c) for c in recipe["columns"]},
        columns=[c["name"] for c in recipe["columns"]],
    )


def _records(table: pd.DataFrame, recipe: Recipe) -> list[dict[str, Any]]:
    """One dict of attributes a row; notes in the recipe which text travels as JSON."""
    records: list[dict[str, Any]] = [{} for _ in range(len(table))]
    for column in recipe["columns"]:
        name, kind = column["name"], column["kind"]
        if kind == "geometry":
            continue
        values = table[name].tolist()
        if kind == "flag":
            values = [bool(value) for value in values]
        elif kind == "text" and any(not _absent(v) and _FRAGILE.search(v) for v in values):
            column["kind"] = "json"
            values = [json.dumps(None if _absent(value) else value) for value in values]
        for record, value in zip(records, values, strict=True):
            if not _absent(value):
                record[_attribute(name)] = value
    return records


def _absent(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _attribute(column: str) -> str:
    return f"{_KEY}_{column}" if column in _TAKEN else column


def _typed(values: list[Any], column: Mapping[str, Any]) -> Any:
    """Values of one column as :func:`corridors.encoding.decode` wants them."""
    kind, dtype = column["kind"], column["dtype"]
    if kind == "number" and dtype.startswith("float"):
        return np.array([np.nan if value is None else float(value) for value in values], float)
    if kind == "number":
        return np.array([int(value) for value in values], dtype)
    if kind == "flag":
        return np.array([str(value) in {"True", "1"} for value in values], np.uint8)
    if kind == "json":
        # osmnx turns text that looks like a list or a dict into one.
        values = [value if isinstance(value, str) else json.dumps(value) for value in values]
    texts = np.empty(len(values), object)
    texts[:] = values
    return pd.Series(texts, dtype=object)


def _table(rows: list[Mapping[str, Any]], geometry: list[Any], recipe: Recipe, where: str) -> Any:
    import geopandas as gpd

    data = {
        column["name"]: _typed([row.get(_attribute(column["name"])) for row in rows], column)
        for column in recipe["columns"]
        if column["kind"] != "geometry"
    }
    data[recipe["geometry"]] = gpd.GeoSeries(geometry, dtype="geometry")
    return decode(pd.DataFrame(data), recipe | {"rows": len(rows)}, where)


def _place_table(graph: nx.MultiDiGraph[Any], recipe: Recipe) -> Any:
    from shapely import Point

    nodes = list(graph.nodes(data=True))
    strange = [node for node, data in nodes if "place_id" not in data or _ROW not in data]
    if strange:
        raise ArgumentError(
            f"node {strange[0]!r} has no place_id: nodes that net.to_osmnx() did not make cannot "
            "become places"
        )
    rows = sorted((data for _, data in nodes), key=lambda data: int(data[_ROW]))
    return _table(rows, [Point(row["x"], row["y"]) for row in rows], recipe, "places")


def _link_table(graph: nx.MultiDiGraph[Any], recipe: Recipe) -> Any:
    found: dict[int, dict[bool, tuple[Any, ...]]] = {}
    for u, v, key, data in graph.edges(keys=True, data=True):
        if "link_id" not in data or _ROW not in data:
            raise ArgumentError(
                f"edge {(u, v, key)} has no link_id: edges that net.to_osmnx() did not make "
                "cannot become links"
            )
        back = str(data["reversed"]) == "True"
        ends = (data["to_place"], data["from_place"]) if back else (
            data["from_place"], data["to_place"]
        )  # fmt: skip
        if ends != (graph.nodes[u].get("place_id"), graph.nodes[v].get("place_id")):
            raise ArgumentError(
                f"edge {(u, v, key)}, link {data['link_id']!r}, no longer joins "
                f"{ends[0]} to {ends[1]}; merged or moved nodes cannot become a network again"
            )
        directions = found.setdefault(int(data[_ROW]), {})
        if back in directions:
            raise ArgumentError(f"link {data['link_id']!r} is in the graph more than once")
        directions[back] = (data, data["geometry"])
    rows: list[Mapping[str, Any]] = []
    lines = []
    for _, directions in sorted(found.items()):
        data, line = directions.get(False) or directions[True]
        row = dict(data)
        if len(directions) == 1:
            row["oneway"] = True
        if False not in directions:
            row["from_place"], row["to_place"] = row["to_place"], row["from_place"]
        rows.append(row)
        lines.append(line)
    return _table(rows, lines, recipe, "links")


def _networkx() -> Any:
    try:
        import networkx as nx
    except ImportError:
        raise MissingExtraError(
            "networkx is not installed; install what osmnx graphs need with: "
            "pip install 'corridors[osm]'"
        ) from None
    return nx
