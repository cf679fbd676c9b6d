"""Lengths on the ellipsoid (WGS 84), in kilometres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyproj

FloatArray = npt.NDArray[np.float64]


def _geod() -> pyproj.Geod:
    import pyproj

    return pyproj.Geod(ellps="WGS84")


def distance_km(
    lon_a: npt.ArrayLike, lat_a: npt.ArrayLike, lon_b: npt.ArrayLike, lat_b: npt.ArrayLike
) -> FloatArray:
    """Geodesic distance between points, element by element.

    Parameters
    ----------
    lon_a, lat_a, lon_b, lat_b : array_like of float
        Degrees; shapes must broadcast.

    Returns
    -------
    ndarray of float
        Kilometres.
    """
    broadcast = np.broadcast_arrays(*(np.asarray(x, float) for x in (lon_a, lat_a, lon_b, lat_b)))
    lon1, lat1, lon2, lat2 = (x.ravel() for x in broadcast)
    _, _, metres = _geod().inv(lon1, lat1, lon2, lat2)
    return np.asarray(metres, float).reshape(broadcast[0].shape) / 1000


def line_lengths_km(geometries: npt.NDArray[np.object_]) -> FloatArray:
    """Geodesic length of each line, all vertices at once.

    Parameters
    ----------
    geometries : ndarray of shapely LineString or MultiLineString
        Gaps between the parts of one are not counted.

    Returns
    -------
    ndarray of float
        Kilometres, one a line.
    """
    import shapely

    parts, line = shapely.get_parts(geometries, return_index=True)
    coords, part = shapely.get_coordinates(parts, return_index=True)
    km = path_lengths_km(coords[:, 0], coords[:, 1], part, len(parts))
    return np.asarray(np.bincount(line, weights=km, minlength=len(geometries)), float)


def path_lengths_km(
    lon: FloatArray, lat: FloatArray, path: npt.NDArray[np.int64], count: int
) -> FloatArray:
    """Geodesic length of each path.

    Parameters
    ----------
    lon, lat : ndarray of float
        Vertices of all paths, one path after the other, degrees.
    path : ndarray of int
        The path of each vertex, from 0.
    count : int
        Number of paths.

    Returns
    -------
    ndarray of float
        Kilometres, one a path.
    """
    at = np.flatnonzero(path[1:] == path[:-1])
    segment = distance_km(lon[at], lat[at], lon[at + 1], lat[at + 1])
    return np.asarray(np.bincount(path[at], weights=segment, minlength=count), float)
