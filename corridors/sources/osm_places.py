"""The places of a network built from OpenStreetMap: junctions, crossings, stations, towns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors import schema
from corridors.names import fold
from corridors.sources.build_report import BuildReport
from corridors.sources.osm import RawOsm

if TYPE_CHECKING:
    import geopandas as gpd

    from corridors.sources.topology import Built

IntArray = npt.NDArray[np.int64]
ObjectArray = npt.NDArray[np.object_]
CRS = "EPSG:4326"
MODE_OF_LAYER = np.array(["rail", "road", "sea"], object)
SAME_TOWN_DEG = 0.05
SAME_STATION_DEG = 0.004
"""Some 400 m: within it two stations that share a spelling are one, mapped twice."""
_NAMES = ("name_en", "name_az", "name_hy", "name_ka", "name_ru", "names_other")


def used_vertices(built: Built) -> tuple[IntArray, IntArray]:
    """Vertices that become places, sorted, and the row among them of each vertex (-1: none)."""
    runs = built.lines.runs
    used = np.unique(np.concatenate([runs.first, runs.last]))
    row = np.full(len(built.node), -1, np.int64)
    row[used] = np.arange(len(used))
    return used, row


def place_table(
    built: Built, raw: RawOsm, used: IntArray, sources: pd.DataFrame, report: BuildReport
) -> tuple[gpd.GeoDataFrame, IntArray]:
    """The place table, and its row for each used vertex."""
    import geopandas as gpd

    count = len(used)
    mode = MODE_OF_LAYER[built.layer[used]]
    real = used < built.real
    node = built.node[used]
    ids = np.array(
        [
            f"n{number}-{layer}" if known else ""
            for number, layer, known in zip(
                node.tolist(), mode.tolist(), real.tolist(), strict=True
            )
        ],
        object,
    )
    runs = built.lines.runs
    country = np.full(len(built.node), schema.UNKNOWN_COUNTRY, object)
    country[runs.last] = built.country
    country[runs.first] = built.country
    flat = np.isin(node, raw.flat_crossings) & (mode == "rail")
    table = pd.DataFrame(
        {
            "source": sources["source_id"].iloc[0],
            "confidence": "high",
            "note": None,
            "place_id": ids,
            "kind": "junction",
            "mode": mode,
            "country": country[used],
            "locality": None,
            **dict.fromkeys(_NAMES),
            "lon": built.lines.lon[used],
            "lat": built.lines.lat[used],
            "position_source": sources["source_id"].iloc[0],
            "position_accuracy": "surveyed",
            "osm_id": [
                f"n{n}" if known else None for n, known in zip(node.tolist(), real, strict=True)
            ],
            "osm_kind": ["railway_crossing" if one else None for one in flat],
            "station_code": None,
            "off_m": 0.0,
        }
    ).astype(
        dict.fromkeys(("note", "locality", "osm_id", "osm_kind", "station_code", *_NAMES), object)
    )
    row_of = np.full(len(built.node), -1, np.int64)
    row_of[used] = np.arange(count)
    _name_borders(built, table, row_of)
    _name_stations(built, raw, table, row_of, report)
    _name_gaps(built, table, row_of)
    _name_gauges(built, table, row_of)
    lost = _unreached(built, raw, table, sources)
    table = pd.concat([table, lost], ignore_index=True) if len(lost) else table
    table["place_id"] = _once_each(table["place_id"])
    unnamed = table["name_en"].isna().to_numpy(bool)
    table.loc[unnamed, "name_en"] = table.loc[unnamed, "place_id"]
    table["names_other"] = [x if isinstance(x, tuple) else () for x in table["names_other"]]
    geometry = gpd.points_from_xy(table["lon"], table["lat"])
    return gpd.GeoDataFrame(table, geometry=geometry, crs=CRS), np.arange(count)


def _once_each(ids: pd.Series[str]) -> ObjectArray:
    """Ids with a number behind those met before: a stop and a node may claim the same one."""
    found = ids.to_numpy(object).copy()
    seen: set[str] = set()
    for row in np.flatnonzero(ids.duplicated(keep=False).to_numpy(bool)).tolist():
        stem, number = str(found[row]), 1
        while found[row] in seen:
            number += 1
            found[row] = f"{stem}-twin-{number}"
        seen.add(found[row])
    return found


def _name_borders(built: Built, table: pd.DataFrame, row_of: IntArray) -> None:
    seen: dict[str, int] = {}
    runs = built.lines.runs
    way_at = dict(zip(runs.last.tolist(), runs.way[runs.offsets[1:] - 2].tolist(), strict=True))
    way_id = built.ways["way_id"].to_numpy()
    layers = MODE_OF_LAYER[built.layer]
    columns = {
        name: table[name].to_numpy(object).copy()
        for name in ("place_id", "kind", "name_en", "country")
    }
    for vertex, (one, other) in sorted(built.borders.items()):
        row = row_of[vertex]
        if row < 0:
            continue
        stem = f"border-{one.lower()}-{other.lower()}-{layers[vertex]}-w{way_id[way_at[vertex]]}"
        seen[stem] = seen.get(stem, 0) + 1
        if not columns["place_id"][row]:
            columns["place_id"][row] = stem if seen[stem] == 1 else f"{stem}-{seen[stem]}"
        columns["kind"][row] = "border"
        columns["name_en"][row] = (
            f"{one}–{other} {layers[vertex]} border (w{way_id[way_at[vertex]]})"
        )
        columns["country"][row] = one
    for name, values in columns.items():
        table[name] = values


def _name_stations(
    built: Built, raw: RawOsm, table: pd.DataFrame, row_of: IntArray, report: BuildReport
) -> None:
    """Give the places where stations stand their names; a station with several tracks, several."""
    stands = built.stands
    rows = row_of[stands["vertex"].to_numpy(np.int64)]
    columns = {name: table[name].to_numpy(object).copy() for name in (
        "place_id", "kind", "locality", "osm_id", "osm_kind", "station_code", "off_m", *_NAMES
    )}  # fmt: skip
    source = {name: raw.places[name].to_numpy(object) for name in (
        "osm_type", "osm_id", "kind", "osm_kind", "station_code", "mode", *_NAMES
    )}  # fmt: skip
    town = _localities(raw.places)
    taken: set[int] = set()
    shared = 0
    numbers = zip(
        rows.tolist(), stands["place"].astype(int).tolist(), stands["rank"].astype(int).tolist(),
        stands["distance_m"].tolist(), strict=True,
    )  # fmt: skip
    for row, place, rank, distance in numbers:
        stem = f"{source['osm_type'][place]}{source['osm_id'][place]}"
        named = source["name_en"][place]
        if row in taken:
            shared += 1
            more = (named, *source["names_other"][place]) if named else ()
            columns["names_other"][row] = tuple(
                dict.fromkeys((*(columns["names_other"][row] or ()), *more))
            )
            continue
        taken.add(row)
        mode = source["mode"][place]
        border = columns["kind"][row] == "border"
        if not columns["place_id"][row] or rank == 0:
            suffix = "" if rank == 0 else f"-{rank + 1}"
            columns["place_id"][row] = f"{stem}-{mode}{suffix}"
        if not border:
            kind = source["kind"][place]
            columns["kind"][row] = "terminal" if kind == "border" else kind
        columns["locality"][row] = town[place]
        columns["osm_id"][row] = stem
        columns["osm_kind"][row] = source["osm_kind"][place]
        columns["station_code"][row] = source["station_code"][place]
        columns["off_m"][row] = round(distance, 1)
        for name in _NAMES:
            columns[name][row] = source[name][place]
    for name, values in columns.items():
        table[name] = values
    table["off_m"] = table["off_m"].astype(float)
    report.add("place", "stations, towns and ports placed on links", len(stands["place"].unique()))
    report.add("place", "further tracks of stations, each a place of its own",
               int((stands["rank"] > 0).sum()))  # fmt: skip
    report.add("place", "places on a spot that another has, their names added to it", shared)


def _name_gaps(built: Built, table: pd.DataFrame, row_of: IntArray) -> None:
    """Spots on a line at which a loose end is joined to it are named after that end."""
    ids = table["place_id"].to_numpy(object).copy()
    ends = zip(built.snaps["vertex"].tolist(), built.snaps["target"].tolist(), strict=True)
    for vertex, target in ends:
        if not ids[row_of[int(target)]]:
            ids[row_of[int(target)]] = f"{ids[row_of[int(vertex)]]}-gap"
    table["place_id"] = ids


def _name_gauges(built: Built, table: pd.DataFrame, row_of: IntArray) -> None:
    """Places where gauge changes: a second place is called after the first and its own gauge.

    Where no station stands, both are called after what happens there.
    """
    columns = {
        name: table[name].to_numpy(object).copy()
        for name in ("place_id", "kind", "name_en", "locality", "osm_id")
    }
    for change in built.gauge_changes.to_dict("records"):
        one, other = row_of[change["vertex"]], row_of[change["other"]]
        if change["fresh"]:
            gauge = change["other_gauge"]
            columns["place_id"][other] = f"{columns['place_id'][one]}-{gauge.replace('+', '-')}"
            name = columns["name_en"][one]
            if not isinstance(name, str):
                name = "Change of gauge"
                columns["name_en"][one] = f"{name} ({change['gauge']} mm)"
            columns["name_en"][other] = f"{name} ({gauge} mm)"
            columns["locality"][other] = columns["locality"][one]
            columns["osm_id"][other] = columns["osm_id"][one]
        for row in (one, other):
            if columns["kind"][row] == "junction":
                columns["kind"][row] = "gauge_change"
    for name, values in columns.items():
        table[name] = values


def _localities(places: pd.DataFrame) -> ObjectArray:
    """What answers to one name together: places close to each other that share one.

    OpenStreetMap often holds a station twice, as a stop and as an area, and a town as well. Two
    places of one mode share their main name, or stand side by side; those of a town and of its
    station or port may differ ("Batumi" and "Batumi-Central"). One spelling is always the same.
    """
    stem = ("osm-" + places["osm_type"] + places["osm_id"].astype(str)).to_numpy(object)
    lon, lat = places["lon"].to_numpy(float), places["lat"].to_numpy(float)
    mode = places["mode"].to_numpy(object)
    main = [fold(name) if name else "" for name in places["name_en"]]
    columns = zip(*(places[name] for name in _NAMES), strict=True)
    keys = [
        {fold(name) for name in (*own, *(other or ())) if isinstance(name, str)} - {""}
        for *own, other in columns
    ]
    head = list(range(len(places)))

    def first(row: int) -> int:
        while head[row] != row:
            row = head[row]
        return row

    called: dict[str, list[int]] = {}
    for row in range(len(places)):
        for key in sorted(keys[row]):
            for other in called.setdefault(key, []):
                alike = mode[other] != mode[row] or main[other] == main[row]
                within = SAME_TOWN_DEG if alike else SAME_STATION_DEG
                if abs(lat[other] - lat[row]) < within and abs(lon[other] - lon[row]) < 2 * within:
                    one, two = sorted((first(row), first(other)))
                    head[two] = one
            called[key].append(row)
    return stem[[first(row) for row in head]]


def _unreached(
    built: Built, raw: RawOsm, table: pd.DataFrame, sources: pd.DataFrame
) -> pd.DataFrame:
    """Stations and towns that nothing of their mode comes near: kept, without links."""
    left = np.setdiff1d(np.arange(len(raw.places)), built.stands["place"].to_numpy(np.int64))
    places = raw.places.iloc[left]
    stem = (places["osm_type"] + places["osm_id"].astype(str)).astype(object)
    lost = pd.DataFrame(
        {
            "source": sources["source_id"].iloc[0],
            "confidence": "high",
            "place_id": stem + "-" + places["mode"],
            "kind": places["kind"].where(places["kind"] != "border", "terminal"),
            "mode": places["mode"],
            "country": schema.UNKNOWN_COUNTRY,
            "locality": _localities(raw.places)[left],
            **{name: places[name] for name in _NAMES},
            "lon": places["lon"].astype(float),
            "lat": places["lat"].astype(float),
            "position_source": sources["source_id"].iloc[0],
            "position_accuracy": "surveyed",
            "osm_id": stem,
            "osm_kind": places["osm_kind"],
            "station_code": places["station_code"],
            "off_m": np.nan,
        }
    )
    lost = lost[~lost["place_id"].isin(table["place_id"])]
    result: pd.DataFrame = lost.reindex(columns=table.columns).astype(
        {name: table[name].dtype for name in table.columns}
    )
    return result


def name_crossings(places: pd.DataFrame, crossings: pd.DataFrame) -> None:
    """Call a crossing after the nearest stations or towns, where it has no name of its own."""
    asked = crossings[["place_id", "border_place_a", "border_place_b"]]
    near = places["place_id"].isin(asked.to_numpy().ravel())
    names = places.loc[near].set_index("place_id")["name_en"].to_dict()
    new = {
        row["place_id"]: f"{names[row['border_place_a']]}–{names[row['border_place_b']]} "
        f"{row['mode']} border"
        for row in crossings.to_dict("records")
        if row["border_place_a"] != row["place_id"] != row["border_place_b"]
    }
    rows = np.flatnonzero(places["place_id"].isin(list(new)).to_numpy(bool))
    column = places["name_en"].to_numpy(object).copy()
    ids = places["place_id"].to_numpy(object)
    for row in rows.tolist():
        if ids[row].startswith("border-") and column[row].endswith(")"):
            column[row] = new[ids[row]]
    places["name_en"] = column
