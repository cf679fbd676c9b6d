"""Ways that a train can take: no sharp turn at a switch, no turning back between stations.

The search runs over directed pieces of track, not over nodes, so that how a piece was entered is
known when it is left (as in the line graph of Winter 2002, "Modeling costs of turns in route
planning").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from corridors.sources.tracks import Tracks

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

SHARPEST_DEGREES = 60.0
"""No train bends more than this from one piece of track to the next."""
LOOK_AHEAD_M = 30.0
"""Direction of a piece at its end is that of the chord to this far along."""
REVERSAL_KM = 5.0
"""What turning back in a station counts for in a search, km: the time it takes."""


@dataclass(frozen=True)
class TrackPath:
    """A way along the tracks.

    Parameters
    ----------
    pieces : ndarray of int
        Rows of :attr:`Tracks.pieces <corridors.sources.tracks.Tracks>`, in the order travelled.
    forward : ndarray of bool
        Whether each piece is travelled the way it is drawn.
    reversals : int
        How often the train turns back.
    """

    pieces: IntArray
    forward: BoolArray
    reversals: int


class TrackSearch:
    """Cheapest ways between anchored places.

    Parameters
    ----------
    tracks : Tracks
    cost : ndarray of float
        One a piece, not negative; infinite where it may not be used.

    Notes
    -----
    Piece ``p`` travelled as drawn is arc ``2 p``, the other way ``2 p + 1``. From one arc to the
    next the bend may be at most 60 degrees, but at a node where only two pieces meet any bend is
    a matter of drawing. Trains turn back at the anchors of stations only, where they may leave by
    another track of the station if tracks lead there at all. Gaps bend at will.
    """

    def __init__(self, tracks: Tracks, cost: FloatArray) -> None:
        from scipy.sparse import csr_array

        pieces = tracks.pieces
        ends = pieces[["tail", "head"]].to_numpy(np.int64)
        # Arcs of a piece side by side: as drawn, then back.
        tail, head = ends.ravel(), ends[:, ::-1].ravel()
        arc_cost = np.repeat(cost, 2)
        self._tail, self._head = tail, head
        before, after, bend = _transitions(tail, head, tracks)
        passable = np.isfinite(arc_cost[before]) & np.isfinite(arc_cost[after])
        before, after, bend = before[passable], after[passable], bend[passable]
        places = np.arange(len(tracks.points), dtype=np.int64)
        self._leave = 2 * len(pieces) + 2 * places
        anchors = tracks.anchors
        place, node = (anchors[name].to_numpy(np.int64) for name in ("place", "node"))
        apart = 2 * anchors["apart_km"].to_numpy(float)
        out, row_out = _arcs_at(tail, node)
        come, row_come = _arcs_at(head, node)
        start, end = self._leave[place[row_out]], self._leave[place[row_come]] + 1
        row = np.concatenate([before, start, come])
        column = np.concatenate([after, out, end])
        weight = np.concatenate(
            [arc_cost[after] + bend, arc_cost[out] + apart[row_out], apart[row_come] + _LEAST]
        )
        usable = np.isfinite(weight) & np.isfinite(
            np.append(arc_cost, np.zeros(2 * len(places)))[row]
        )
        row, column, weight = row[usable], column[usable], weight[usable]
        order = np.lexsort((weight, column, row))
        row, column, weight = row[order], column[order], weight[order]
        # A sparse matrix would add up what stands twice.
        first = np.ones(len(row), bool)
        first[1:] = (np.diff(row) != 0) | (np.diff(column) != 0)
        size = 2 * len(pieces) + 2 * len(places)
        indptr = np.searchsorted(row[first], np.arange(size + 1))
        self._matrix = csr_array((weight[first], column[first], indptr), shape=(size, size))
        self._known: dict[tuple[int, float], tuple[FloatArray, IntArray]] = {}

    def path(self, a: int, b: int, *, limit_km: float = np.inf) -> TrackPath | None:
        """Cheapest way from place ``a`` to place ``b`` (rows of the points).

        Parameters
        ----------
        a, b : int
        limit_km : float
            A way that costs more is not looked for.

        Returns
        -------
        TrackPath or None
            None if there is none within the limit, or both stand on one spot.
        """
        cost, before = self._from(a, limit_km)
        end = int(self._leave[b]) + 1
        if not np.isfinite(cost[end]):
            return None
        arcs = []
        at = int(before[end])
        while at != self._leave[a]:
            arcs.append(at)
            at = int(before[at])
        way = np.array(arcs[::-1], np.int64)
        # A train that turns back takes the same piece again or another track of the station.
        turned = (way[1:] == way[:-1] ^ 1) | (self._tail[way[1:]] != self._head[way[:-1]])
        return TrackPath(way // 2, way % 2 == 0, int(turned.sum()))

    def _from(self, a: int, limit_km: float) -> tuple[FloatArray, IntArray]:
        from scipy.sparse.csgraph import dijkstra

        if (a, limit_km) not in self._known:
            # Questions come sorted by start: the last answer is the one asked for again.
            self._known.clear()
            cost, before = dijkstra(
                self._matrix, indices=self._leave[[a]], return_predecessors=True, limit=limit_km
            )
            self._known[a, limit_km] = (cost[0], before[0].astype(np.int64))
        return self._known[a, limit_km]


_LEAST = 1e-9


def _arcs_at(node_of_arc: IntArray, nodes: IntArray) -> tuple[IntArray, IntArray]:
    """Arcs that touch each of some nodes: the arcs, and the row of ``nodes`` for each."""
    order = np.argsort(node_of_arc, kind="stable")
    low, high = (np.searchsorted(node_of_arc[order], nodes, side) for side in ("left", "right"))
    count = high - low
    row = np.repeat(np.arange(len(nodes)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return order[np.repeat(low, count) + within], row


def _transitions(
    tail: IntArray, head: IntArray, tracks: Tracks
) -> tuple[IntArray, IntArray, FloatArray]:
    """Pairs of arcs that a train can take one after the other, and what it costs in between."""
    after, before = _arcs_at(tail, head)
    gap = np.repeat((tracks.pieces["link"] < 0).to_numpy(bool), 2)
    leaving, arriving = _headings(tracks)
    bend = np.abs((leaving[after] - arriving[before] + 180) % 360 - 180)
    track_ends = np.concatenate([tail[~gap], head[~gap]])
    # Each piece stands in twice, as drawn and back.
    degree = np.bincount(track_ends, minlength=tracks.size) // 2
    smooth = (bend <= SHARPEST_DEGREES) | (degree[head[before]] <= 2) | gap[before] | gap[after]  # noqa: PLR2004
    # Two gaps in a row would be a longer gap than is allowed.
    kept = smooth & (after != before ^ 1) & ~(gap[before] & gap[after])
    before, after = before[kept], after[kept]
    into, out = _reversals(tail, head, tracks, gap)
    against = np.abs((leaving[out] - arriving[into] + 180) % 360 - 180) >= 180 - SHARPEST_DEGREES
    into, out = into[against], out[against]
    cost = np.concatenate([np.zeros(len(before)), np.full(len(into), REVERSAL_KM)])
    return np.concatenate([before, into]), np.concatenate([after, out]), cost


def _reversals(
    tail: IntArray, head: IntArray, tracks: Tracks, gap: BoolArray
) -> tuple[IntArray, IntArray]:
    """Arcs that come into a station and those that leave it again, on tracks that are joined."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rails = ~gap
    ones = np.ones(int(rails.sum()))
    joined = coo_array((ones, (tail[rails], head[rails])), (tracks.size, tracks.size))
    component = np.asarray(connected_components(joined, directed=False)[1])
    turns = tracks.points["station"].to_numpy(bool)
    anchors = tracks.anchors[turns[tracks.anchors["place"].to_numpy(np.int64)]]
    place, node = (anchors[name].to_numpy(np.int64) for name in ("place", "node"))
    come, row_come = _arcs_at(head, node)
    come, at_place = come[~gap[come]], place[row_come][~gap[come]]
    leave, row_leave = _arcs_at(tail, node)
    leave, from_place = leave[~gap[leave]], place[row_leave][~gap[leave]]
    out, row = _arcs_at(from_place, at_place)
    into, out = come[row], leave[out]
    same = component[head[into]] == component[tail[out]]
    return into[same], out[same]


def _headings(tracks: Tracks) -> tuple[FloatArray, FloatArray]:
    """Direction in which each arc leaves its tail and arrives at its head, degrees."""
    import shapely

    lines = tracks.flat_lines()
    length = shapely.length(lines)
    stretch = 1 / np.cos(np.radians(shapely.get_y(shapely.get_point(tracks.lines, 0))))
    ahead = np.minimum(LOOK_AHEAD_M * stretch, length)
    first, last = shapely.get_point(lines, 0), shapely.get_point(lines, -1)
    near_first = shapely.line_interpolate_point(lines, ahead)
    near_last = shapely.line_interpolate_point(lines, length - ahead)
    start, end = _direction(first, near_first), _direction(near_last, last)
    leaving = np.column_stack([start, end + 180]).ravel()
    arriving = np.column_stack([end, start + 180]).ravel()
    return leaving, arriving


def _direction(a: npt.NDArray[np.object_], b: npt.NDArray[np.object_]) -> FloatArray:
    import shapely

    dx, dy = shapely.get_x(b) - shapely.get_x(a), shapely.get_y(b) - shapely.get_y(a)
    return np.asarray(np.degrees(np.arctan2(dx, dy)))
