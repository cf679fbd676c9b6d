"""Ends of track that miss each other by metres, and the links that join them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.sources.attach import Lines, bearings, end_bearings, project, turn

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
ObjectArray = npt.NDArray[np.object_]
REACH_M = 20.0
"""How far along a line its direction at the end is taken."""
MAX_BEND_DEG = 45.0
"""Ends are joined only if the track runs on within this angle."""
_TOUCHING_M = 3.0
BRIDGED = 4.0
"""So many times the tolerance may be missing between two tracks that nothing else joins: mappers
leave out a bridge or the last rails at a bay's edge, and a whole line falls apart."""


def loose_ends(lines: Lines, eligible: BoolArray, vertices: int) -> tuple[IntArray, IntArray]:
    """Vertices at which a single eligible line ends: the vertex and the line."""
    runs = lines.runs
    ends = np.concatenate([runs.first, runs.last])
    run = np.tile(np.arange(len(runs.sizes)), 2)
    degree = np.bincount(ends, minlength=vertices)
    loose = (degree[ends] == 1) & eligible[run]
    return ends[loose], run[loose]


def gaps(
    lines: Lines, eligible: BoolArray, vertices: int, snap_m: float, country: ObjectArray
) -> pd.DataFrame:
    """Loose ends with the spot on another line that they should be joined to.

    Two tracks that stop side by side at their buffers are not joined: the track must run on in
    its own direction, within :data:`MAX_BEND_DEG`, and the other must run that way too. Two ends
    of one country that nothing else joins may be :data:`BRIDGED` times as far apart.

    Parameters
    ----------
    lines : Lines
    eligible : ndarray of bool, one a run
    vertices : int
        Number of vertices.
    snap_m : float
        Largest gap, metres.
    country : ndarray of str, one a run

    Returns
    -------
    DataFrame
        ``vertex`` (the loose end) and the columns of :func:`~corridors.sources.attach.project`,
        nearest spot only; ``heading`` of the end, outwards, degrees; ``bridged``: farther apart
        than ``snap_m``.
    """
    vertex, own = loose_ends(lines, eligible, vertices)
    if len(vertex) == 0 or snap_m <= 0:
        return pd.DataFrame({"vertex": [], "segment": [], "fraction": [], "distance_m": []})
    found = _pointing(lines, eligible, vertex, own, snap_m * BRIDGED)
    found["bridged"] = found["distance_m"] > snap_m
    far = found["bridged"].to_numpy(bool, copy=True)
    if far.any():
        label = _pieces(lines, eligible, vertices, found[~far])
        far[far] = ~_bridges(lines, found[far], label, vertex, own, country)
    return found[~far].reset_index(drop=True)


def _pointing(
    lines: Lines, eligible: BoolArray, vertex: IntArray, own: IntArray, within_m: float
) -> pd.DataFrame:
    """For each loose end the nearest spot that its track points at, and that runs its way."""
    lon, lat = lines.lon[vertex], lines.lat[vertex]
    found = project(lon, lat, within_m, lines, eligible)
    point = found["point"].to_numpy(np.int64)
    found = found[found["run"].to_numpy(np.int64) != own[point]].reset_index(drop=True)
    point = found["point"].to_numpy(np.int64)
    first, last = end_bearings(lines, REACH_M, eligible)
    leaving = np.where(lines.runs.first[own] == vertex, first[own], last[own])
    heading = ((leaving + 180) % 360)[point]
    segment = found["segment"].to_numpy(np.int64)
    fraction = found["fraction"].to_numpy(float)
    x, y = lines.x, lines.y
    spot_x = x[segment] + (x[segment + 1] - x[segment]) * fraction
    spot_y = y[segment] + (y[segment + 1] - y[segment]) * fraction
    onward = bearings(lon[point], lat[point], spot_x, spot_y)
    tangent = bearings(x[segment], y[segment], x[segment + 1], y[segment + 1])
    # At the end of the other line only one way along it leads on; elsewhere both do.
    run = found["run"].to_numpy(np.int64)
    at_first, at_last = _at_ends(lines, found)
    bend = np.minimum(turn(heading, tangent), turn(heading, tangent + 180))
    bend = np.where(at_first, turn(heading, first[run]), bend)
    bend = np.where(at_last, turn(heading, last[run]), bend)
    near = found["distance_m"].to_numpy(float) <= _TOUCHING_M
    straight = near | (turn(heading, onward) <= MAX_BEND_DEG)
    good = straight & (bend <= MAX_BEND_DEG)
    table = found[good].assign(vertex=vertex[point[good]], heading=heading[good])
    once: pd.DataFrame = table[~table["vertex"].duplicated()].reset_index(drop=True)
    return once


def _at_ends(lines: Lines, found: pd.DataFrame) -> tuple[BoolArray, BoolArray]:
    """Which spots are the first, and which the last vertex of their line."""
    offsets = lines.runs.offsets
    segment, run = (found[name].to_numpy(np.int64) for name in ("segment", "run"))
    fraction = found["fraction"].to_numpy(float)
    return (
        (segment == offsets[run]) & (fraction <= 0),
        (segment == offsets[run + 1] - 2) & (fraction >= 1),
    )


def _pieces(lines: Lines, eligible: BoolArray, vertices: int, joined: pd.DataFrame) -> IntArray:
    """Which connected piece of track each vertex belongs to, once some ends are joined."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    runs = lines.runs
    start = np.delete(np.arange(len(runs.vertex) - 1), runs.offsets[1:-1] - 1)
    start = start[eligible[runs.owner[start]]]
    one = np.concatenate([runs.vertex[start], joined["vertex"].to_numpy(np.int64)])
    spot = runs.vertex[joined["segment"].to_numpy(np.int64)]
    other = np.concatenate([runs.vertex[start + 1], spot])
    matrix = coo_array((np.ones(len(one)), (one, other)), (vertices, vertices))
    return np.asarray(connected_components(matrix, directed=False)[1], np.int64)


def _bridges(
    lines: Lines,
    found: pd.DataFrame,
    label: IntArray,
    vertex: IntArray,
    own: IntArray,
    country: ObjectArray,
) -> BoolArray:
    """Which joints lead from one loose end to another, in another piece of the same country."""
    runs = lines.runs
    segment, run = (found[name].to_numpy(np.int64) for name in ("segment", "run"))
    at_first, at_last = _at_ends(lines, found)
    target = runs.vertex[np.where(at_last, segment + 1, segment)]
    home = own[found["point"].to_numpy(np.int64)]
    return np.asarray(
        (at_first | at_last)
        & np.isin(target, vertex)
        & (label[found["vertex"].to_numpy(np.int64)] != label[target])
        & (country[home] == country[run])
    )
