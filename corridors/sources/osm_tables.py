"""The tables of a network built from OpenStreetMap: places, links, states, crossings, sources."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors import schema
from corridors.columns import own_km
from corridors.geodesy import path_lengths_km
from corridors.names import fold
from corridors.sources.attach import end_bearings
from corridors.sources.build_report import BuildReport
from corridors.sources.osm import RawOsm
from corridors.sources.osm_joints import (
    SHRINK,
    flat_points,
    gauge_links,
    joined,
    snap_links,
    transfer_links,
)
from corridors.sources.osm_places import (
    CRS,
    MODE_OF_LAYER,
    name_crossings,
    place_table,
    used_vertices,
)
from corridors.sources.repair import REACH_M
from corridors.sources.station_codes import station_code_table
from corridors.tables import data_folder, frame

if TYPE_CHECKING:
    import geopandas as gpd

    from corridors.network import Tables
    from corridors.sources.topology import Built

IntArray = npt.NDArray[np.int64]
ObjectArray = npt.NDArray[np.object_]
LICENCE = "ODbL 1.0"
_POST_DEG = 0.5  # a station farther from a border than this is not its border station
_SLUG = re.compile(r"[^a-z0-9]+")
_SAME_TRACK = "another gauge of a track of several, which joins track of different gauges"
_WAY_COLUMNS = (
    "name", "usage", "service", "maxspeed", "voltage", "frequency", "bridge", "tunnel",
    "preferred_direction", "hgv", "toll", "duration",
)  # fmt: skip


def make_tables(built: Built, raw: RawOsm, report: BuildReport) -> Tables:
    """Tables of the network that :func:`.topology.network_from_raw` cut and joined.

    Parameters
    ----------
    built : Built
    raw : RawOsm
    report : BuildReport
        Gains the result's own counts, and becomes ``net.build_report``.
    """
    from corridors.network import Tables

    sources = _sources(raw)
    used, node_of_vertex = used_vertices(built)
    places, name_of = place_table(built, raw, used, sources, report)
    ids = places["place_id"].to_numpy(object)
    links = _links(built, raw, ids[name_of[node_of_vertex]], sources)
    of_vertex = ids[name_of[node_of_vertex]]
    extra = [
        snap_links(built, links, of_vertex),
        gauge_links(built, links, of_vertex),
        transfer_links(built, ids, name_of, node_of_vertex, places, sources),
    ]
    report.add(
        "topology", "loose ends of track joined by a snap link", len(extra[0]),
        km=float(extra[0]["length_km"].sum()) if len(extra[0]) else None,
        examples=extra[0]["link_id"][:5] if len(extra[0]) else (),
    )  # fmt: skip
    bridged = built.snaps[built.snaps["bridged"]] if len(built.snaps) else built.snaps
    report.add(
        "topology", "of these, farther apart than snap_m: nothing else joins the two", len(bridged),
        km=float(bridged["distance_m"].sum() / 1000) if len(bridged) else None,
    )  # fmt: skip
    report.add("topology", "transfers between modes", len(extra[2]))
    table = joined(links, extra)
    places, table = _sorted_tables(places, table)
    crossings = _crossings(built, ids[name_of[node_of_vertex]], places, sources)
    name_crossings(places, crossings)
    _count_result(table, places, report)
    return Tables(
        places=places,
        links=table,
        states=_states(table),
        rules=(),
        crossings=crossings,
        operators=_operators(table, sources),
        station_codes=station_code_table(places, report),
        corridors={},
        commodities=_commodities(),
        folder=data_folder(),
        sources=sources,
        reports={"build": report.frame()},
    )


def slug(text: str) -> str:
    """Text as part of an id; a checksum where no Latin letter or digit is left.

    Examples
    --------
    >>> slug("M 2/E 60")
    'm-2-e-60'
    """
    plain = _SLUG.sub("-", fold(text)).strip("-")[:60].strip("-")
    return plain or f"x{zlib.crc32(text.encode()):08x}"


def _sources(raw: RawOsm) -> pd.DataFrame:
    rows, taken = [], set()
    for name, snapshot in zip(raw.files["file"], raw.files["snapshot"], strict=True):
        stem = f"osm-{slug(name.removesuffix('.pbf').removesuffix('.osm'))}"
        source_id, number = stem, 2
        while source_id in taken:
            source_id, number = f"{stem}-{number}", number + 1
        taken.add(source_id)
        rows.append(
            schema.SourceRow.model_construct(
                source_id=source_id,
                title=f"OpenStreetMap extract {name}",
                publisher="OpenStreetMap contributors",
                date=snapshot[:10] or "n.d.",
                url="https://www.openstreetmap.org/copyright",
                reference=None,
                licence=LICENCE,
                note=None if snapshot else "the file does not say when it was taken",
            )
        )
    return frame(rows, schema.SourceRow)


# -- links -------------------------------------------------------------------------------------


def _links(built: Built, raw: RawOsm, ids: ObjectArray, sources: pd.DataFrame) -> pd.DataFrame:
    import shapely

    lines, runs, ways = built.lines, built.lines.runs, built.ways
    of = built.run_ways()
    way = ways.iloc[of].reset_index(drop=True)
    x, y, owner = lines.x, lines.y, runs.owner
    geometry: Any = shapely.linestrings(np.column_stack([x, y]), indices=owner)
    km = path_lengths_km(x, y, owner, len(of))
    way_ids, lowest = _way_lists(built)
    order = np.lexsort((np.arange(len(lowest)), lowest))
    number = np.empty(len(lowest), np.int64)
    number[order] = pd.Series(lowest[order]).groupby(lowest[order]).cumcount().to_numpy()
    link_id = [f"w{w}-{n + 1}" for w, n in zip(lowest.tolist(), number.tolist(), strict=True)]
    line_id, line_name = _lines_of(ways)
    note = np.full(len(of), None, object)
    note[built.twin] = _SAME_TRACK
    rail = (way["layer"] == "rail").to_numpy(bool)
    first, last = end_bearings(lines, REACH_M, rail)
    source_id = sources["source_id"].to_numpy(object)[way["file"]]
    snapshot = raw.files["snapshot"].str[:10].to_numpy(object)[way["file"]]
    return pd.DataFrame(
        {
            "length_source": source_id,
            "confidence": "high",
            "note": note,
            "link_id": np.array(link_id, object),
            "line_id": line_id[of],
            "from_place": ids[runs.first],
            "to_place": ids[runs.last],
            "country": built.country,
            "length_km": km,
            "length_kind": "osm",
            "oneway": way["oneway"],
            "gauge_mm": way["gauge_mm"].where(rail, None),
            "electrification": way["electrification"].where(rail, None),
            "tracks": way["tracks"],
            "capacity_t_per_year": np.full(len(of), None, object),
            "capacity_source": np.full(len(of), None, object),
            "capacity_note": np.full(len(of), None, object),
            "line_name": line_name[of],
            "mode": way["layer"],
            "operator_id": _operator_ids(ways)[of],
            "road_class": way["kind"].where(way["layer"] == "road", None),
            "road_ref": way["ref"].where(way["layer"] == "road", None),
            "wagons": way["wagons"],
            "geometry_km": km,
            "link_kind": np.where(built.twin, "same_track", "track").astype(object),
            "osm_kind": way["kind"],
            "osm_state": way["state"],
            "osm_operator": way["operator"],
            "way_ids": np.array(way_ids, object),
            **{name: way[name] for name in _WAY_COLUMNS},
            "snapshot": snapshot,
            "bearing_from": first,
            "bearing_to": last,
            "geometry": geometry,
        }
    )


def _way_lists(built: Built) -> tuple[list[str], IntArray]:
    """Ids of the ways of each run in order, ``;`` between them, and the lowest."""
    runs = built.lines.runs
    is_last = np.zeros(len(runs.vertex), bool)
    is_last[runs.offsets[1:] - 1] = True
    at = np.flatnonzero(~is_last)
    owner, way = runs.owner[at], runs.way[at]
    new = np.ones(len(at), bool)
    new[1:] = (owner[1:] != owner[:-1]) | (way[1:] != way[:-1])
    owner = owner[new]
    ids = built.ways["way_id"].to_numpy()[way[new]]
    start = np.searchsorted(owner, np.arange(len(runs.sizes)))
    lowest = np.minimum.reduceat(ids, start)
    texts = ids.astype(str).tolist()
    ends = [*start[1:].tolist(), len(texts)]
    lists = [";".join(texts[a:b]) for a, b in zip(start.tolist(), ends, strict=True)]
    return lists, lowest.astype(np.int64)


def _lines_of(ways: pd.DataFrame) -> tuple[ObjectArray, ObjectArray]:
    """Line id and name of each way: its number or, on rails and at sea, its name."""
    label = ways["ref"].where(ways["ref"].notna() | (ways["layer"] == "road"), ways["name"])
    keys = pd.DataFrame({"layer": ways["layer"], "kind": ways["kind"], "label": label})
    codes = keys.groupby(list(keys), sort=False, dropna=False).ngroup().to_numpy(np.int64)
    values = keys.iloc[np.unique(codes, return_index=True)[1]]
    made: list[tuple[str, str]] = []
    for layer, kind, text in values.itertuples(index=False):
        if isinstance(text, str) and text:
            made.append((f"osm-{layer}-{slug(text)}", text))
        else:
            made.append((f"osm-{layer}-unnamed-{slug(kind)}", f"unnamed {kind.replace('_', ' ')}"))
    ids, names = (np.array(part, object)[codes] for part in zip(*made, strict=True))
    return ids, names


def _operator_ids(ways: pd.DataFrame) -> ObjectArray:
    codes, values = pd.factorize(ways["operator"].to_numpy(object), use_na_sentinel=False)
    ids = [slug(text) if isinstance(text, str) else "unknown-operator" for text in values]
    found: ObjectArray = np.array(ids, object)[codes]
    return found


def _sorted_tables(
    places: gpd.GeoDataFrame, links: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    import geopandas as gpd

    links = links[~links["link_id"].duplicated()].sort_values("link_id", ignore_index=True)
    places = places.sort_values("place_id", ignore_index=True)
    columns = [name for name in links.columns if name != "geometry"]
    geometry = links["geometry"].to_numpy(object)
    return places, gpd.GeoDataFrame(links[columns].copy(), geometry=geometry, crs=CRS)


# -- the rest ----------------------------------------------------------------------------------


def _crossings(
    built: Built, ids: ObjectArray, places: pd.DataFrame, sources: pd.DataFrame
) -> pd.DataFrame:
    """Borders crossed, each with the nearest station or town of its mode in either country."""
    import shapely

    posts = places[
        places["kind"].isin(["station", "town"]) & (places["name_en"] != places["place_id"])
    ]
    posts = posts[~posts["locality"].duplicated()]
    trees: dict[tuple[str, str], tuple[Any, ObjectArray]] = {}
    for (mode, country), group in posts.groupby(["mode", "country"]):
        trees[str(mode), str(country)] = (
            shapely.STRtree(flat_points(*group[["lon", "lat"]].to_numpy(float).T)),
            group["place_id"].to_numpy(object),
        )  # fmt: skip
    rows: list[dict[str, Any]] = []
    for vertex, (one, other) in sorted(built.borders.items()):
        name, mode = ids[vertex], str(MODE_OF_LAYER[built.layer[vertex]])
        apart = {schema.UNKNOWN_COUNTRY, schema.INTERNATIONAL_WATERS}
        if one in apart or other in apart or mode == "sea":
            continue
        at = shapely.Point(built.lines.lon[vertex] * SHRINK, built.lines.lat[vertex])
        near = {}
        for side, country in (("a", one), ("b", other)):
            tree = trees.get((mode, country))
            found = tree[0].query_nearest(at, max_distance=_POST_DEG) if tree else []
            near[side] = tree[1][int(min(found))] if tree and len(found) else name
        rows.append(
            {
                "source": sources["source_id"].iloc[0], "confidence": "medium",
                "note": "border stations: the nearest in either country",
                "place_id": name, "mode": mode, "country_a": one, "country_b": other,
                "border_place_a": near["a"], "border_place_b": near["b"],
            }
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=list(schema.CrossingRow.model_fields), dtype=object)
    return table.drop_duplicates("place_id").sort_values("place_id", ignore_index=True)


def _states(links: pd.DataFrame) -> pd.DataFrame:
    """Every line open, and a row for each link that is not."""
    lines = links.groupby("line_id", sort=True)["length_source"].first()
    other = links[links["osm_state"] != "open"]
    table = pd.DataFrame(
        {
            "source": [*lines.tolist(), *other["length_source"]],
            "confidence": "medium",
            "note": "as mapped when the extract was taken; OpenStreetMap keeps no dates of states",
            "subject_kind": ["line"] * len(lines) + ["link"] * len(other),
            "subject_id": [*lines.index, *other["link_id"]],
            "state": ["open"] * len(lines) + other["osm_state"].tolist(),
            "valid_from": np.datetime64(schema.FIRST_DAY),
            "valid_to": np.datetime64("NaT"),
            "season": None,
        },
        columns=list(schema.StateRow.model_fields),
    )
    for name in ("valid_from", "valid_to"):
        table[name] = table[name].astype("datetime64[s]")
    for name in set(table.columns) - {"valid_from", "valid_to"}:
        table[name] = table[name].astype(object)
    return table.sort_values(
        ["subject_kind", "subject_id", "valid_from"], kind="stable", ignore_index=True
    )


def _operators(links: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    first = links.groupby("operator_id", sort=True)["osm_operator"].first()
    name = first.where(first.notna(), "unknown").astype(object)
    return pd.DataFrame(
        {
            "source": sources["source_id"].iloc[0],
            "confidence": "medium",
            "note": None,
            "operator_id": first.index.to_numpy(object),
            "name": name.to_numpy(object),
            "country": schema.UNKNOWN_COUNTRY,
            "owner": "unknown",
            "owner_country": schema.UNKNOWN_COUNTRY,
        },
        columns=list(schema.OperatorRow.model_fields),
        dtype=object,
    )


def _commodities() -> dict[str, schema.CommodityRow]:
    """The embedded commodities: what is carried does not depend on the map."""
    from corridors.tables import read_table

    rows = read_table(data_folder(), "commodities", schema.CommodityRow)
    return {row.commodity_id: row for row in rows}


def _count_result(links: gpd.GeoDataFrame, places: pd.DataFrame, report: BuildReport) -> None:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    km = own_km(links)
    rail = links[links["mode"] == "rail"]
    for what, column in (("gauge", "gauge_mm"), ("electrification", "electrification")):
        unknown = rail.index[rail[column].isna()]
        report.add("result", f"rail links of unknown {what}", len(unknown),
                   km=float(km[unknown].sum()))  # fmt: skip
    for key, group in links.groupby(["mode", "osm_state"]):
        report.add("result", " links, ".join(map(str, key)), len(group),
                   km=float(km[group.index].sum()))  # fmt: skip
    index = pd.Index(places["place_id"])
    ends = [index.get_indexer(pd.Index(links[c])) for c in ("from_place", "to_place")]
    size = (len(index), len(index))
    for mode in sorted(set(links["mode"]) - {"transfer", "gauge_change"}):
        here = np.flatnonzero((links["mode"] == mode).to_numpy(bool))
        a, b = (end[here] for end in ends)
        _, label = connected_components(coo_array((np.ones(len(a)), (a, b)), size), directed=False)
        sizes = np.sort(own_km(links.iloc[here], label[a]).groupby(label[a]).sum().to_numpy())[::-1]
        report.add("result", f"{mode} components", len(sizes), km=float(sizes[0]),
                   note="km of the largest; all are kept")  # fmt: skip
