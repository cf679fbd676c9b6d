"""Links that no way is: over gaps in the track, between gauges and between modes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.geodesy import distance_km

if TYPE_CHECKING:
    from corridors.sources.topology import Built

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
ObjectArray = npt.NDArray[np.object_]
STATION_TO_ROAD_M = 1000.0
"""How far the nearest road junction may lie for a station or a port to have a transfer to it."""
SHRINK = 0.743  # cosine of 42°


def snap_links(built: Built, links: pd.DataFrame, of_vertex: ObjectArray) -> pd.DataFrame:
    """Links that join loose ends of track, each like the track that ends there."""
    snaps = built.snaps
    if snaps.empty:
        return _no_links()
    table = _between(built, links, of_vertex, snaps["vertex"], snaps["target"])
    heading = snaps["heading"].to_numpy(float)
    ends = zip(table["from_place"], table["to_place"], strict=True)
    return table.assign(
        link_id=[f"snap-{x}-{y}" for x, y in ends],
        link_kind="snap",
        note=[
            f"joins ends of track {1000 * d:.1f} m apart: a gap in OpenStreetMap"
            for d in table["length_km"]
        ],
        bearing_from=heading,
        bearing_to=(heading + 180) % 360,
    )


def gauge_links(built: Built, links: pd.DataFrame, of_vertex: ObjectArray) -> pd.DataFrame:
    """Links at which gauge changes; see :func:`.gauges.part_gauges`."""
    changes = built.gauge_changes
    if changes.empty:
        return _no_links()
    table = _between(built, links, of_vertex, changes["vertex"], changes["other"])
    ends = zip(table["from_place"], table["to_place"], strict=True)
    pairs = zip(
        changes["gauge"], changes["other_gauge"], changes["fresh"], changes["distance_m"],
        strict=True,
    )  # fmt: skip
    return table.assign(
        link_id=[f"gauge-{x}-{y}" for x, y in ends],
        line_id="osm-gauge-change",
        line_name="gauge change",
        mode="gauge_change",
        osm_state="open",
        gauge_mm=None,
        electrification=None,
        tracks=None,
        link_kind="gauge_change",
        osm_kind="gauge_change",
        way_ids="",
        note=[
            f"track of {one} and of {other} mm meets here in OpenStreetMap"
            + ("" if fresh else f", ends {apart:.0f} m apart")
            + ": whether and how wagons change gauge is not said"
            for one, other, fresh, apart in pairs
        ],
        bearing_from=np.nan,
        bearing_to=np.nan,
    )


def _no_links() -> pd.DataFrame:
    return pd.DataFrame({"length_km": [], "link_id": []})


def _between(
    built: Built,
    links: pd.DataFrame,
    of_vertex: ObjectArray,
    one: pd.Series[int],
    other: pd.Series[int],
) -> pd.DataFrame:
    """Straight links between pairs of vertices, otherwise like a link that ends at the first."""
    import shapely

    lines, runs = built.lines, built.lines.runs
    run_of = np.zeros(len(built.node), np.int64)
    run_of[runs.last] = np.arange(len(runs.sizes))
    run_of[runs.first] = np.arange(len(runs.sizes))
    a, b = (side.to_numpy(np.int64) for side in (one, other))
    ends = np.stack([np.column_stack([lines.lon[v], lines.lat[v]]) for v in (a, b)], axis=1)
    km = distance_km(ends[:, 0, 0], ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1])
    table = links.iloc[run_of[a]].reset_index(drop=True)
    geometry: Any = shapely.linestrings(ends)
    return table.assign(
        geometry=geometry,
        from_place=of_vertex[a],
        to_place=of_vertex[b],
        length_km=km,
        geometry_km=km,
        confidence="low",
        oneway=False,
    )


def transfer_links(
    built: Built,
    ids: ObjectArray,
    name_of: IntArray,
    node_of_vertex: IntArray,
    places: pd.DataFrame,
    sources: pd.DataFrame,
) -> pd.DataFrame:
    """Links between modes: where a ferry's end is a road's node, and from stations to roads."""
    import shapely

    one = node_of_vertex[built.shared[:, 0]]
    other = node_of_vertex[built.shared[:, 1]]
    pairs = np.column_stack([one, other])[(one >= 0) & (other >= 0)]
    reached = places.iloc[: len(name_of)]
    mode = reached["mode"].to_numpy(object)
    road = np.flatnonzero(mode == "road")
    stop = reached["kind"].isin(["station", "port"]).to_numpy(bool) & reached["locality"].notna()
    stop &= ~reached["place_id"].isin(ids[pairs[:, 0]]).to_numpy(bool)
    stations = np.flatnonzero(stop & (mode != "road"))
    lon, lat = reached["lon"].to_numpy(float), reached["lat"].to_numpy(float)
    if len(road) and len(stations):
        tree = shapely.STRtree(flat_points(lon[road], lat[road]))
        _, first = np.unique(
            (found := tree.query_nearest(flat_points(lon[stations], lat[stations])))[0],
            return_index=True,
        )
        near = found[1][first]
        pairs = np.concatenate([pairs, np.column_stack([stations, road[near]])])
    a, b = pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64)
    km = distance_km(lon[a], lat[a], lon[b], lat[b])
    keep = km * 1000 <= STATION_TO_ROAD_M
    a, b, km = a[keep], b[keep], km[keep]
    if len(a) == 0:
        return pd.DataFrame({"length_km": [], "link_id": []})
    ends = np.stack([np.column_stack([lon[v], lat[v]]) for v in (a, b)], axis=1)
    return pd.DataFrame(
        {
            "length_source": sources["source_id"].iloc[0],
            "confidence": "medium",
            "note": "straight line between the two places",
            "link_id": [f"transfer-{x}-{y}" for x, y in zip(ids[a], ids[b], strict=True)],
            "line_id": "osm-transfer",
            "line_name": "transfer",
            "from_place": ids[a],
            "to_place": ids[b],
            "country": reached["country"].to_numpy(object)[b],
            "length_km": km,
            "geometry_km": km,
            "length_kind": "osm",
            "oneway": False,
            "mode": "transfer",
            "operator_id": "unknown-operator",
            "wagons": False,
            "link_kind": "transfer",
            "osm_kind": "transfer",
            "osm_state": "open",
            "way_ids": "",
            "snapshot": "",
            "bearing_from": np.nan,
            "bearing_to": np.nan,
            "geometry": shapely.linestrings(ends),
        }
    )


def flat_points(lon: FloatArray, lat: FloatArray) -> Any:
    """Points whose distances compare: a degree of longitude as long as at 42° N."""
    import shapely

    return shapely.points(lon * SHRINK, lat)


def joined(links: pd.DataFrame, extra: list[pd.DataFrame]) -> pd.DataFrame:
    """Links of ways and others in one table, with None where there is nothing."""
    parts = [links]
    for one in extra:
        if len(one):
            filled = one.reindex(columns=links.columns)
            parts.append(filled.astype({c: links[c].dtype for c in links.columns}))
    table = pd.concat(parts, ignore_index=True)
    for column in table.columns:
        if table[column].dtype == object or isinstance(table[column].dtype, pd.StringDtype):
            values = table[column].astype(object)
            table[column] = values.where(values.notna(), None).astype(object)
    return table
