"""Which country a point lies in, from the embedded Natural Earth polygons (public domain)."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corridors.errors import DataError
from corridors.tables import data_folder

FloatArray = npt.NDArray[np.float64]
_KM_PER_DEGREE = 111.2
EXTENT_LON = (24.0, 84.0)
EXTENT_LAT = (24.0, 62.0)
"""Degrees that the polygons cover."""


@lru_cache(maxsize=4)
def polygons(folder: Path | None = None) -> dict[str, Any]:
    """Country polygons by two-letter code; 24–84° E, 24–62° N, simplified to about 0.5 km.

    Parameters
    ----------
    folder : Path, optional
        Data folder; the embedded one if not given.

    Returns
    -------
    dict of str to shapely MultiPolygon
    """
    import shapely

    path = (folder or data_folder()) / "countries.geojson"
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path.name}: cannot be read as GeoJSON: {error}") from None
    shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
    return {
        feature["properties"]["iso_a2"]: shape
        for feature, shape in zip(features, shapes, strict=True)
    }


def km_outside(country: str, lon: npt.ArrayLike, lat: npt.ArrayLike) -> FloatArray:
    """How far points lie outside a country; 0 inside, NaN for a country without a polygon.

    Parameters
    ----------
    country : str
        Two-letter code.
    lon, lat : array_like of float
        Degrees.

    Returns
    -------
    ndarray of float
        Kilometres, to about 1 km near the border (that is how exact the polygons are).
    """
    import shapely

    x, y = np.broadcast_arrays(np.asarray(lon, float), np.asarray(lat, float))
    shape = polygons().get(country)
    if shape is None:
        return np.full(x.shape, np.nan)
    # Stretch longitude so that a degree is as long as one of latitude at these places.
    shrink = float(np.cos(np.radians(np.mean(y)))) if y.size else 1.0
    flat = shapely.transform(shape, lambda c: c * [shrink, 1.0])
    distance = shapely.distance(flat, shapely.points(x * shrink, y))
    return np.asarray(distance, float) * _KM_PER_DEGREE
