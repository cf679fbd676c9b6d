"""The base map: countries and sea of the embedded Natural Earth polygons, without any tile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from corridors.errors import DataError
from corridors.maps import style
from corridors.maps.encode import clean, encode_points

_SCALE = 1000
"""Three decimals, about 100 m, are what the simplified polygons have."""


def base_layer(folder: Path | None = None) -> dict[str, Any]:
    """Countries as encoded rings, their names, the names of seas, and the area covered.

    Parameters
    ----------
    folder : Path, optional
        Folder with ``countries.geojson``; the embedded data if not given.

    Returns
    -------
    dict

    Raises
    ------
    DataError
        If the file is missing or is no GeoJSON of polygons.
    """
    import json

    import numpy as np
    import shapely

    from corridors.tables import data_folder

    path = (data_folder() if folder is None else folder) / "countries.geojson"
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        shapes = shapely.from_geojson([json.dumps(item["geometry"]) for item in features])
        countries = [_country(item["properties"]) for item in features]
    except (OSError, ValueError, KeyError, TypeError, shapely.errors.ShapelyError) as error:
        raise DataError(f"{path.name}: cannot be read as GeoJSON polygons: {error}") from None
    parts, country = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    counts = shapely.get_num_coordinates(rings)
    west, south, east, north = shapely.total_bounds(shapes)
    return {
        "countries": countries,
        "rings": encode_points(shapely.get_coordinates(rings), counts.tolist(), _SCALE),
        "owner": np.asarray(country[part]).tolist(),
        "seas": [{"names": names, "box": box} for names, box in style.SEAS],
        "area": [[float(south), float(west)], [float(north), float(east)]],
    }


def _country(properties: dict[str, Any]) -> dict[str, Any]:
    code = clean(properties["iso_a2"])
    names = {"en": clean(properties["name"])}
    for language in style.LANGUAGES:
        if name := clean(properties.get(f"name_{language}")):
            names[language] = name
    return {"code": code, "names": names, "core": code in style.CORE_COUNTRIES}
