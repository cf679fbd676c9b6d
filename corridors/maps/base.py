"""The base map: countries and sea of the embedded Natural Earth polygons, without any tile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from corridors.errors import DataError
from corridors.maps import style
from corridors.maps.encode import clean, encode_points
from corridors.tables import data_folder

_SCALE = 1000
"""Three decimals, about 100 m, are what the simplified polygons have."""


@dataclass(frozen=True)
class Outline:
    """A country: its code, its names by language, whether the project is about it, its polygons."""

    code: str
    names: Mapping[str, str]
    core: bool
    shape: Any


@lru_cache(maxsize=2)
def outlines(folder: Path | None = None) -> tuple[Outline, ...]:
    """Countries of the base map, by code.

    Parameters
    ----------
    folder : Path, optional
        Folder with ``countries.geojson``; the embedded data if not given.

    Raises
    ------
    DataError
        If the file is missing or is no GeoJSON of polygons.
    """
    import shapely

    path = (data_folder() if folder is None else folder) / "countries.geojson"
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        shapes = shapely.from_geojson([json.dumps(item["geometry"]) for item in features])
        return tuple(
            _outline(item["properties"], shape)
            for item, shape in zip(features, shapes, strict=True)
        )
    except (OSError, ValueError, KeyError, TypeError, shapely.errors.ShapelyError) as error:
        raise DataError(f"{path.name}: cannot be read as GeoJSON polygons: {error}") from None


def _outline(properties: dict[str, Any], shape: Any) -> Outline:
    code = clean(properties["iso_a2"])
    names = {"en": clean(properties["name"])}
    for language in style.LANGUAGES:
        if name := clean(properties.get(f"name_{language}")):
            names[language] = name
    return Outline(code, names, code in style.CORE_COUNTRIES, shape)


def base_layer(folder: Path | None = None) -> dict[str, Any]:
    """Countries as encoded rings, their names, the names of seas, and the area covered.

    See :func:`outlines`.
    """
    import shapely

    found = outlines(folder)
    shapes = np.array([country.shape for country in found])
    parts, country = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    counts = shapely.get_num_coordinates(rings)
    west, south, east, north = shapely.total_bounds(shapes)
    return {
        "countries": [{"code": c.code, "names": c.names, "core": c.core} for c in found],
        "rings": encode_points(shapely.get_coordinates(rings), counts.tolist(), _SCALE),
        "owner": np.asarray(country[part]).tolist(),
        "seas": [{"names": names, "box": box} for names, box in style.SEAS],
        "area": [[float(south), float(west)], [float(north), float(east)]],
    }
