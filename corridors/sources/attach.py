"""Where points stand on lines: stations on their tracks, ends of track that miss each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.sources.chains import Runs, ranges

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
METRES_PER_DEGREE = 111_195.0
"""Of latitude, on a sphere of 6,371 km; good to 0.6 % for the short distances compared here."""
BESIDE_M = 40.0
"""Tracks this much farther from a station than its nearest one are tracks of the station too."""
MAX_TRACKS = 8
_SAME_SPOT_M = 0.5


@dataclass(frozen=True)
class Lines:
    """Runs with the positions of their vertices, degrees; vertex numbers index ``lon``, ``lat``."""

    runs: Runs
    lon: FloatArray
    lat: FloatArray

    @property
    def x(self) -> FloatArray:
        """Longitude of each flat position."""
        return self.lon[self.runs.vertex]

    @property
    def y(self) -> FloatArray:
        """Latitude of each flat position."""
        return self.lat[self.runs.vertex]


def project(
    lon: FloatArray, lat: FloatArray, radius_m: float, lines: Lines, eligible: BoolArray
) -> pd.DataFrame:
    """Nearest spot on every eligible line within a radius of each point.

    Parameters
    ----------
    lon, lat : ndarray of float
        Points, degrees.
    radius_m : float
        Metres.
    lines : Lines
    eligible : ndarray of bool, one a run

    Returns
    -------
    DataFrame
        ``point``, ``run``, ``segment`` (flat position of its start), ``fraction`` on it,
        ``distance_m``, ``end_m`` (from the spot to the nearer end of the line), sorted by point
        and distance.
    """
    import shapely

    runs = lines.runs
    chosen = np.flatnonzero(eligible)
    columns = ["point", "run", "segment", "fraction", "distance_m", "end_m"]
    if len(lon) == 0 or len(chosen) == 0:
        return pd.DataFrame({name: np.zeros(0) for name in columns})
    x, y = lines.x, lines.y
    sizes = runs.sizes[chosen]
    take = ranges(runs.offsets[chosen], sizes)
    shapes: Any = shapely.linestrings(
        np.column_stack([x[take], y[take]]), indices=np.repeat(np.arange(len(chosen)), sizes)
    )
    reach = radius_m / METRES_PER_DEGREE
    shrink = np.maximum(np.cos(np.radians(lat)), 0.01)
    boxes = shapely.box(lon - reach / shrink, lat - reach, lon + reach / shrink, lat + reach)
    point, hit = shapely.STRtree(shapes).query(boxes, predicate="intersects")
    run = chosen[hit]
    counts = runs.sizes[run] - 1
    segment = ranges(runs.offsets[run], counts)
    pair = np.repeat(np.arange(len(run)), counts)
    scale = np.column_stack([shrink, np.ones(len(lon))]) * METRES_PER_DEGREE
    here = np.column_stack([lon, lat])[point][pair]
    unit = scale[point][pair]
    a = (np.column_stack([x[segment], y[segment]]) - here) * unit
    b = (np.column_stack([x[segment + 1], y[segment + 1]]) - here) * unit
    along = b - a
    square = (along**2).sum(axis=1)
    fraction = np.clip(-(a * along).sum(axis=1) / np.where(square > 0, square, 1.0), 0.0, 1.0)
    spot = a + along * fraction[:, None]
    distance = np.hypot(spot[:, 0], spot[:, 1])
    order = np.lexsort((distance, pair))
    best = order[np.unique(pair[order], return_index=True)[1]]
    where, units = here[best], unit[best]
    gaps = []
    for side in (runs.first[run], runs.last[run]):
        end = (np.column_stack([lines.lon[side], lines.lat[side]]) - where) * units
        gaps.append(np.hypot(*(end - spot[best]).T))
    table = pd.DataFrame(
        {
            "point": point, "run": run, "segment": segment[best], "fraction": fraction[best],
            "distance_m": distance[best], "end_m": np.minimum(*gaps),
        }
    )  # fmt: skip
    table = table[table["distance_m"] <= radius_m]
    return table.sort_values(["point", "distance_m", "run"], ignore_index=True)


def stops(found: pd.DataFrame, *, tracks: int = MAX_TRACKS) -> pd.DataFrame:
    """Of the spots near each point, those that stand for it: its nearest and those beside.

    A spot at the end of a line is that line's neighbour's too, so only the nearest may be one.
    Adds ``rank``, 0 for the nearest.
    """
    if found.empty:
        return found.assign(rank=np.zeros(0, np.int64))
    nearest = found.groupby("point")["distance_m"].transform("min")
    first = ~found["point"].duplicated()
    keep = first | ((found["distance_m"] <= nearest + BESIDE_M) & (found["end_m"] > _SAME_SPOT_M))
    kept = found[keep]
    rank = kept.groupby("point").cumcount()
    return kept.assign(rank=rank)[rank < tracks].reset_index(drop=True)


def vertex_spots(spots: pd.DataFrame, lines: Lines) -> IntArray:
    """Flat position of the vertex that each spot falls on; -1 where it falls between vertices."""
    segment = spots["segment"].to_numpy(np.int64)
    fraction = spots["fraction"].to_numpy(float)
    if len(segment) == 0:
        return np.zeros(0, np.int64)
    x, y = lines.x, lines.y
    shrink = np.cos(np.radians(y[segment]))
    length = METRES_PER_DEGREE * np.hypot(
        (x[segment + 1] - x[segment]) * shrink, y[segment + 1] - y[segment]
    )
    at_start = fraction * length <= _SAME_SPOT_M
    at_end = (1 - fraction) * length <= _SAME_SPOT_M
    return np.where(at_start, segment, np.where(at_end, segment + 1, -1)).astype(np.int64)


def bearings(
    lon: FloatArray, lat: FloatArray, to_lon: FloatArray, to_lat: FloatArray
) -> FloatArray:
    """Direction from one point to another near by, degrees clockwise from north; NaN if none."""
    dx = (to_lon - lon) * np.cos(np.radians(lat))
    dy = to_lat - lat
    angle = np.degrees(np.arctan2(dx, dy)) % 360
    return np.where((dx == 0) & (dy == 0), np.nan, angle)


def turn(one: FloatArray, other: FloatArray) -> FloatArray:
    """Angle between two directions, 0 to 180 degrees."""
    return np.asarray(np.abs((one - other + 180) % 360 - 180), float)


def end_bearings(lines: Lines, reach_m: float, of: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Direction in which lines leave their first and their last vertex, degrees from north.

    Taken to the spot ``reach_m`` along the line, so that a first segment of a metre or two, drawn
    askew, does not decide.

    Parameters
    ----------
    lines : Lines
    reach_m : float
        Metres.
    of : ndarray of bool, one a run
        Lines asked for; NaN for the others.

    Returns
    -------
    first, last : ndarray of float, one a run
    """
    import shapely

    runs = lines.runs
    chosen = np.flatnonzero(of)
    sizes = runs.sizes[chosen]
    vertex = runs.vertex[ranges(runs.offsets[chosen], sizes)]
    shapes = shapely.linestrings(
        np.column_stack([lines.lon[vertex], lines.lat[vertex]]),
        indices=np.repeat(np.arange(len(chosen)), sizes),
    )
    found = []
    for side, sign in ((runs.first, 1), (runs.last, -1)):
        angle = np.full(len(of), np.nan)
        lon, lat = lines.lon[side[chosen]], lines.lat[side[chosen]]
        # Metres to degrees: exact northwards, a little less than reach_m eastwards.
        spot: Any = shapely.line_interpolate_point(shapes, sign * reach_m / METRES_PER_DEGREE)
        x, y = shapely.get_coordinates(spot).T
        angle[chosen] = bearings(lon, lat, x, y)
        found.append(angle)
    return found[0], found[1]
