"""The embedded reference network: ``data/`` in, :class:`corridors.Network` out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from corridors import schema
from corridors.errors import ArgumentError, DataError
from corridors.geodesy import line_lengths_km
from corridors.network import Network, Tables
from corridors.states import as_day
from corridors.tables import data_folder, frame, read_table

if TYPE_CHECKING:
    import geopandas as gpd

CRS = "EPSG:4326"
RowT = TypeVar("RowT", bound=schema.Row)
_INHERITED = ("gauge_mm", "electrification", "tracks")


def load(as_of: str | dt.date | None = None, *, data: str | Path | None = None) -> Network:
    """Load the reference network of the South Caucasus, offline.

    Parameters
    ----------
    as_of : str or date, optional
        The day whose world is wanted, such as ``"2025-12-18"``; today if not given.
    data : path, optional
        A data folder of your own with the same tables; the embedded one if not given.

    Returns
    -------
    Network

    Raises
    ------
    DateError
        If ``as_of`` is not a date or lies outside the years covered.
    DataError
        If a table is missing or broken; the message names file, row and column.
    ArgumentError
        If ``data`` is no folder.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2025-12-18")
    >>> net.route("Yalama", "Dalarik", modes=["rail"], cargo_origin="RU").borders[0].name
    'Boyuk Kesik–Gardabani rail border'
    """
    day = as_day(as_of)
    if not isinstance(data, (str, Path, NoneType)):
        raise ArgumentError(f"data={data!r} is no path; give the data folder")
    folder = data_folder() if data is None else Path(data)
    if not folder.is_dir():
        msg = f"data={str(data)!r} is not a folder"
        raise ArgumentError(msg)
    return Network(read_tables(folder), as_of=day)


def read_tables(folder: Path) -> Tables:
    """Read every table of a data folder and join what belongs together.

    Raises
    ------
    DataError
        If a table breaks the schema, an id is given twice, or a row names what does not exist.
    """
    return build_tables(
        places=read_table(folder, "places", schema.PlaceRow),
        lines=read_table(folder, "lines", schema.LineRow),
        links=read_table(folder, "links", schema.LinkRow),
        shapes=read_table(folder, "shapes", schema.ShapeRow, optional=True),
        states=read_table(folder, "states", schema.StateRow),
        operators=read_table(folder, "operators", schema.OperatorRow),
        crossings=read_table(folder, "crossings", schema.CrossingRow),
        codes=read_table(folder, "station_codes", schema.StationCodeRow),
        rules=read_table(folder, "rules", schema.RuleRow),
        corridors=read_table(folder, "corridors", schema.CorridorRow),
        commodities=read_table(folder, "commodities", schema.CommodityRow),
        folder=folder,
    )


def build_tables(
    *,
    places: Sequence[schema.PlaceRow],
    lines: Sequence[schema.LineRow],
    links: Sequence[schema.LinkRow],
    states: Sequence[schema.StateRow],
    operators: Sequence[schema.OperatorRow],
    shapes: Sequence[schema.ShapeRow] = (),
    crossings: Sequence[schema.CrossingRow] = (),
    codes: Sequence[schema.StationCodeRow] = (),
    rules: Sequence[schema.RuleRow] = (),
    corridors: Sequence[schema.CorridorRow] = (),
    commodities: Sequence[schema.CommodityRow] = (),
    folder: Path | None = None,
) -> Tables:
    """Join validated rows into the tables of a network, sorted by id.

    Raises
    ------
    DataError
        If an id is given twice or a row names what does not exist.
    """
    places = _unique(places, "place_id", "places")
    lines = _unique(lines, "line_id", "lines")
    links = _unique(links, "link_id", "links")
    operators = _unique(operators, "operator_id", "operators")
    crossings = _unique(crossings, "place_id", "crossings")
    codes = _unique(codes, "station_code", "station_codes")
    ids = {
        "place": {row.place_id for row in places},
        "line": {row.line_id for row in lines},
        "link": {row.link_id for row in links},
    }
    _known(links, "link_id", "from_place", ids["place"], "places")
    _known(links, "link_id", "to_place", ids["place"], "places")
    _known(links, "link_id", "line_id", ids["line"], "lines")
    _known(lines, "line_id", "operator_id", {row.operator_id for row in operators}, "operators")
    _known(crossings, "place_id", "place_id", ids["place"], "places")
    _known(codes, "station_code", "place_id", ids["place"], "places")
    _known(shapes, "link_id", "link_id", ids["link"], "links")
    for kind, known in ids.items():
        about = [row for row in states if row.subject_kind == kind]
        _known(about, "subject_id", "subject_id", known, f"{kind}s")
    return Tables(
        places=place_frame(places),
        links=link_frame(places, lines, links, shapes),
        states=state_frame(states),
        rules=tuple(_unique(rules, "rule_id", "rules")),
        crossings=frame(crossings, schema.CrossingRow),
        operators=frame(operators, schema.OperatorRow),
        station_codes=frame(codes, schema.StationCodeRow),
        corridors={row.corridor_id: row for row in _unique(corridors, "corridor_id", "corridors")},
        commodities={
            row.commodity_id: row for row in _unique(commodities, "commodity_id", "commodities")
        },
        folder=data_folder() if folder is None else folder,
    )


def _unique(rows: Sequence[RowT], key: str, table: str) -> list[RowT]:
    first: dict[str, RowT] = {}
    for row in rows:
        name = getattr(row, key)
        if name in first:
            places = " and ".join(filter(None, (first[name].where, row.where))) or table
            raise DataError(f"{places}: {key} {name!r} is given twice; ids must be unique")
        first[name] = row
    return [first[name] for name in sorted(first)]


def _known(rows: Iterable[schema.Row], key: str, column: str, known: set[str], table: str) -> None:
    for row in rows:
        value = getattr(row, column)
        if value not in known:
            where = row.where or f"{type(row).__name__.removesuffix('Row')} {getattr(row, key)}"
            raise DataError(f"{where}: {column} {value!r} is not in table {table}")


def place_frame(rows: Sequence[schema.PlaceRow]) -> gpd.GeoDataFrame:
    """Places as points."""
    import geopandas as gpd

    table = frame(rows, schema.PlaceRow)
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs=CRS)


def link_frame(
    places: Sequence[schema.PlaceRow],
    lines: Sequence[schema.LineRow],
    links: Sequence[schema.LinkRow],
    shapes: Sequence[schema.ShapeRow],
) -> gpd.GeoDataFrame:
    """Links with what their line says and their geometry from places and shape points."""
    import geopandas as gpd

    by_id = {line.line_id: line for line in lines}
    records: list[dict[str, Any]] = []
    for link in links:
        line = by_id[link.line_id]
        record = dict(vars(link))
        record["length_source"] = record.pop("source")
        for name in _INHERITED:
            record[name] = getattr(line, name) if record[name] is None else record[name]
        record |= {
            "line_name": line.name,
            "mode": line.mode,
            "operator_id": line.operator_id,
            "road_class": line.road_class,
            "road_ref": line.road_ref,
            "wagons": line.wagons,
        }
        records.append(record)
    table = pd.DataFrame(records)
    geometry = _geometries(places, links, shapes)
    result = gpd.GeoDataFrame(table, geometry=geometry, crs=CRS)
    result["geometry_km"] = line_lengths_km(geometry)
    return result


def _geometries(
    places: Sequence[schema.PlaceRow],
    links: Sequence[schema.LinkRow],
    shapes: Sequence[schema.ShapeRow],
) -> Any:
    import shapely

    at = {place.place_id: (place.lon, place.lat) for place in places}
    between: dict[str, list[schema.ShapeRow]] = {}
    for point in shapes:
        between.setdefault(point.link_id, []).append(point)
    coords: list[tuple[float, float]] = []
    owner: list[int] = []
    for number, link in enumerate(links):
        middle = sorted(between.get(link.link_id, ()), key=lambda point: point.seq)
        if len({point.seq for point in middle}) != len(middle):
            raise DataError(f"shapes: link {link.link_id!r} has the same seq twice")
        path = [at[link.from_place], *((p.lon, p.lat) for p in middle), at[link.to_place]]
        coords += path
        owner += [number] * len(path)
    return shapely.linestrings(np.array(coords), indices=np.array(owner))


def state_frame(rows: Sequence[schema.StateRow]) -> pd.DataFrame:
    """Dated states, sorted."""
    table = frame(rows, schema.StateRow)
    for column in ("valid_from", "valid_to"):
        table[column] = np.array(table[column].tolist(), dtype="datetime64[D]").astype(
            "datetime64[s]"
        )
    return table.sort_values(
        ["subject_kind", "subject_id", "valid_from"], kind="stable", ignore_index=True
    )
