"""Any table of a network as plain columns that every file format holds, and back, exactly.

File formats know numbers, text and geometry. A column of anything else (tuples, dates, absent
values of several kinds, categories) travels as JSON text; how each column travels is written
beside it, so that nothing has to be guessed when it comes back.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.errors import DataError

if TYPE_CHECKING:
    import geopandas as gpd

Recipe = dict[str, Any]
"""How a table travels: ``rows``, ``columns`` (name, dtype, kind each), geometry name and CRS."""

_PLAIN_KINDS = "iuf"


def encode(table: pd.DataFrame, where: str) -> tuple[pd.DataFrame, Recipe]:
    """Turn a table into numbers, text and at most one geometry column.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        Its index is not kept: tables of a network are known by their id columns.
    where : str
        Name of the table, for messages.

    Returns
    -------
    plain : DataFrame or GeoDataFrame
    recipe : dict
        JSON-ready; what :func:`decode` needs.

    Raises
    ------
    DataError
        If a cell holds what cannot be written down.
    """
    geometry = getattr(table, "_geometry_column_name", None)
    columns: list[dict[str, Any]] = []
    data: dict[str, Any] = {}
    for name in table.columns:
        column = table[name]
        recipe: dict[str, Any] = {"name": name, "dtype": str(column.dtype)}
        if name == geometry:
            recipe["kind"] = "geometry"
            data[name] = column.to_numpy()
        else:
            recipe["kind"], data[name] = _encode_column(column, f"{where}, column {name!r}")
        if isinstance(column.dtype, pd.CategoricalDtype):
            recipe["categories"] = [_to_json(v, where) for v in column.cat.categories]
            recipe["ordered"] = bool(column.cat.ordered)
        columns.append(recipe)
    about: Recipe = {"rows": len(table), "columns": columns}
    plain = pd.DataFrame(data, columns=[column["name"] for column in columns])
    if geometry is None or geometry not in table.columns:
        return plain, about
    import geopandas as gpd

    crs = table.crs
    about |= {"geometry": geometry, "crs": None if crs is None else crs.to_string()}
    return gpd.GeoDataFrame(plain, geometry=geometry, crs=crs), about


def decode(plain: pd.DataFrame, recipe: Recipe, where: str) -> pd.DataFrame | gpd.GeoDataFrame:
    """Turn plain columns back into the table they came from.

    Raises
    ------
    DataError
        If rows or columns are missing or a cell is not what the recipe says.
    """
    if len(plain) != recipe["rows"]:
        msg = f"{where}: {recipe['rows']} rows expected, {len(plain)} found; the file is damaged"
        raise DataError(msg)
    data: dict[str, Any] = {}
    for column in recipe["columns"]:
        name = column["name"]
        if name not in plain.columns:
            raise DataError(f"{where}: column {name!r} is missing; the file is damaged")
        try:
            data[name] = _decode_column(plain[name], column)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            msg = f"{where}, column {name!r}: {error}; the file is damaged"
            raise DataError(msg) from None
    table = pd.DataFrame(data, columns=[column["name"] for column in recipe["columns"]])
    if "geometry" not in recipe:
        return table
    import geopandas as gpd

    return gpd.GeoDataFrame(table, geometry=recipe["geometry"], crs=recipe["crs"])


def _encode_column(column: pd.Series[Any], where: str) -> tuple[str, Any]:
    dtype = column.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in _PLAIN_KINDS:
        return "number", column.to_numpy()
    if isinstance(dtype, np.dtype) and dtype.kind == "b":
        return "flag", column.to_numpy().astype(np.uint8)
    if isinstance(dtype, np.dtype) and dtype.kind == "M":
        # ISO text is exact in every unit and readable in any program.
        days = np.datetime_as_string(column.to_numpy()).tolist()
        return "date", _objects([None if day == "NaT" else day for day in days])
    values = column.tolist()
    if isinstance(dtype, pd.StringDtype):
        texts = [v if isinstance(v, str) else None for v in values]
    elif dtype.kind == "O" and set(map(type, values)) <= {str, type(None)}:
        texts = values
    else:
        nothing = _dumps((), where)  # what most cells of such a column hold
        return "json", _objects(
            [nothing if type(v) is tuple and not v else _dumps(v, where) for v in values]
        )
    if not _carries("".join(filter(None, texts))):
        return "json", _objects([_dumps(text, where) for text in texts])
    return "text", _objects(texts)


def _carries(text: str) -> bool:
    """Whether text passes C strings and UTF-8 unchanged: no zero, no half of a surrogate pair."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def _objects(values: list[Any]) -> np.ndarray[Any, Any]:
    result = np.empty(len(values), object)
    result[:] = values
    return result


def _decode_column(column: pd.Series[Any], recipe: Mapping[str, Any]) -> Any:
    kind = recipe["kind"]
    if kind == "geometry":
        return column.array
    if kind == "number":
        return column.to_numpy().astype(recipe["dtype"])
    if kind == "flag":
        return column.to_numpy().astype(np.uint8).astype(bool)
    values: list[Any] = [None if _absent(value) else value for value in column.tolist()]
    if kind == "date":
        return np.array(["NaT" if v is None else v for v in values], dtype=recipe["dtype"])
    if kind == "json":
        return _as_dtype([_from_json(json.loads(value)) for value in values], recipe)
    if kind == "text":
        return _as_dtype(values, recipe)
    msg = f"unknown kind {kind!r}"
    raise ValueError(msg)


def _as_dtype(values: list[Any], recipe: Mapping[str, Any]) -> Any:
    if "categories" in recipe:
        categories = [_from_json(v) for v in recipe["categories"]]
        return pd.Categorical(values, categories=categories, ordered=recipe["ordered"])
    return pd.Series(_objects(values), dtype=object).astype(recipe["dtype"])


def _absent(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _dumps(value: Any, where: str) -> str:
    return json.dumps(_to_json(value, where), separators=(",", ":"))


def _to_json(value: Any, where: str) -> Any:
    """JSON that says apart what JSON alone would confuse: tuples, dates, NaN, NA."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": repr(value)}
    if value is pd.NA or value is pd.NaT:
        return {"none": "NA" if value is pd.NA else "NaT"}
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return {"date": value.isoformat()}
    if isinstance(value, (tuple, list)):
        return {type(value).__name__: [_to_json(item, where) for item in value]}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: _to_json(item, where) for key, item in value.items()}}
    msg = f"{where}: {value!r} ({type(value).__name__}) cannot be saved"
    raise DataError(msg)


def _from_json(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "float":
        return float(content)
    if kind == "none":
        return pd.NaT if content == "NaT" else pd.NA
    if kind == "date":
        return dt.date.fromisoformat(content)
    if kind in {"tuple", "list"}:
        items = [_from_json(item) for item in content]
        return tuple(items) if kind == "tuple" else items
    if kind == "dict":
        return {key: _from_json(item) for key, item in content.items()}
    msg = f"unknown value {value!r}"
    raise ValueError(msg)
