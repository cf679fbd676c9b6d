"""Routing on track whose links say in which direction they leave their ends.

A train passes a switch straight on or on the diverging track; it cannot swing from one leg of a
switch into the other, as a shortest path over places would. Here a state is a link travelled in a
direction, and a step leads to those links at its end that lie ahead. To get from leg to leg a
train draws past the switch on to the stem and comes back: a reversal. So it may turn back in a
station and where the track ends. Each reversal costs time.

Links without directions (roads, ferries, every link of the reference network) are passed freely.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.routing.graph import FloatArray, Graph, IntArray, Path

if TYPE_CHECKING:
    from collections.abc import Sequence

BoolArray = npt.NDArray[np.bool_]

MAX_TURN_DEG = 60.0
"""Sharper than this no train turns at a switch; switches diverge by 2 to 15 degrees, and tracks
that are drawn askew by a few tens. The rule of OpenRailRouting is the same in kind."""
MAX_BEND_DEG = 100.0
"""The same where only two links meet, so that there is no switch: there, drawing is to blame."""
REVERSAL_HOURS = 0.5
"""What a reversal takes: stop, change of end or locomotive run-around, brake test (assumption)."""
REVERSAL_KM = 20.0
"""Detour that is as bad as a reversal when length is made least: the same time at 40 km/h."""
_NONE = -9999  # what scipy writes where a node has none
_STOPS = ("station", "terminal", "port", "gauge_change")


class TurnGraph(Graph):
    """A graph in which trains do not turn sharply.

    Parameters
    ----------
    places : DataFrame
        ``place_id``, ``kind``; ``osm_kind`` "railway_crossing" marks rails that cross without a
        switch: there a train keeps to its track.
    links : DataFrame
        As for :class:`~corridors.routing.graph.Graph`, with ``mode`` and with ``bearing_from`` and
        ``bearing_to``, the direction in which the link leaves either end, degrees clockwise from
        north. A rail link where it is NaN is passed freely.
    """

    def __init__(self, places: pd.DataFrame, links: pd.DataFrame) -> None:
        super().__init__(places["place_id"], links)
        leaves_from = links["bearing_from"].to_numpy(float)
        leaves_to = links["bearing_to"].to_numpy(float)
        on_rails = (links["mode"] == "rail").to_numpy(bool)[self.link]
        self._rail = np.flatnonzero(on_rails)
        """Arcs that are states, sorted by tail."""
        rail_link, ahead = self.link[self._rail], self.forward[self._rail]
        self._leave = np.where(ahead, leaves_from[rail_link], leaves_to[rail_link])
        self._arrive = np.where(ahead, leaves_to[rail_link], leaves_from[rail_link]) + 180
        self._state_of = np.full((len(links), 2), -1, np.int64)
        self._state_of[rail_link, ahead.astype(int)] = np.arange(len(self._rail))
        kind = places["kind"].to_numpy(object)
        stops = np.isin(kind, _STOPS)
        crossing = np.zeros(self.size, bool)
        if "osm_kind" in places:
            crossing = (places["osm_kind"] == "railway_crossing").to_numpy(bool)
        self._compile(on_rails, stops, crossing)

    has_turns = True

    def _compile(self, on_rails: BoolArray, stops: BoolArray, crossing: BoolArray) -> None:
        """Edges of the expanded graph.

        Vertices: a place (where a journey starts, or goes on by another mode), a place again (where
        a train has arrived), and each rail arc just travelled.
        """
        n, rail = self.size, self._rail
        tail, head = self.tail[rail], self.head[rail]
        before, after, reverses = self._steps(stops, crossing)
        served = np.zeros(n, bool)
        served[tail] = served[head] = True
        self._arrived = np.where(served, n, 0) + np.arange(n)
        other = np.flatnonzero(~on_rails)
        both = np.flatnonzero(served)
        states = 2 * n + np.arange(len(rail))
        nothing = np.full(len(both), -1)
        rows = [self._arrived[self.tail[other]], both, tail, states, states[before]]
        columns = [self.head[other], n + both, states, n + head, states[after]]
        arcs = [other, nothing, rail, np.full(len(rail), -1), rail[after]]
        flags = [np.zeros(len(part), bool) for part in rows[:-1]] + [reverses]
        row, column, arc, flag = (np.concatenate(part) for part in (rows, columns, arcs, flags))
        order = np.lexsort((arc, flag, column, row))
        self._row, self._column = row[order], column[order]
        self._arc, self._reverses = arc[order].astype(np.int64), flag[order]
        new = np.ones(len(order), bool)
        new[1:] = (np.diff(self._row) != 0) | (np.diff(self._column) != 0)
        self._first = np.flatnonzero(new)
        self._vertices = 2 * n + len(rail)
        bounds = np.arange(self._vertices + 1)
        self._turn_indptr = np.searchsorted(self._row[self._first], bounds).astype(np.int32)
        self._row_start = np.searchsorted(self._row, bounds)

    def _steps(self, stops: BoolArray, crossing: BoolArray) -> tuple[IntArray, IntArray, BoolArray]:
        """Which state may follow which, and whether the train reverses in between."""
        from scipy.sparse import csr_array

        rail = self._rail
        tail, head, link = self.tail[rail], self.head[rail], self.link[rail]
        start = np.searchsorted(tail, np.arange(self.size + 1))
        counts = start[head + 1] - start[head]
        before = np.repeat(np.arange(len(rail)), counts)
        offsets = np.concatenate([[0], np.cumsum(counts)])[:-1]
        after = np.arange(len(before)) - np.repeat(offsets - start[head], counts)
        place = head[before]
        back = link[before] == link[after]
        bend = np.abs((self._leave[after] - self._arrive[before] + 180) % 360 - 180)
        bend = np.where(np.isnan(bend), 0.0, bend)
        meeting = self._links_at(tail, head, link)
        limit = np.where(meeting[place] == 2, MAX_BEND_DEG, MAX_TURN_DEG)  # noqa: PLR2004
        smooth = (bend <= limit) & ~back
        straightest = np.full(len(rail), np.inf)
        np.minimum.at(straightest, before[~back], bend[~back])
        smooth &= ~crossing[place] | (bend <= straightest[before])
        # Leg to leg over a stem: what arrives on the one and what would arrive on the other
        # have a track ahead in common.
        shape = (len(rail), len(rail))
        ahead = csr_array(
            (np.ones(int(smooth.sum()), np.int32), (before[smooth], after[smooth])), shape
        )
        state_of = self._state_of[link, (~self.forward[rail]).astype(int)]
        sharp = np.flatnonzero(~smooth & ~back & ~crossing[place])
        facing = state_of[after[sharp]]
        sharp, facing = sharp[facing >= 0], facing[facing >= 0]
        shared = ahead[before[sharp]].multiply(ahead[facing]).sum(axis=1) if len(sharp) else []
        by_stem = np.zeros(len(before), bool)
        by_stem[sharp] = np.asarray(shared).ravel() > 0
        turn_back = back & ((meeting[place] == 1) | stops[place])
        allowed = smooth | by_stem | turn_back
        return before[allowed], after[allowed], ~smooth[allowed]

    def _links_at(self, tail: IntArray, head: IntArray, link: IntArray) -> IntArray:
        """Number of links that meet at each place (a link has one arc, or one each way)."""
        pairs = np.unique(
            np.concatenate([np.column_stack([tail, link]), np.column_stack([head, link])]), axis=0
        )
        return np.asarray(np.bincount(pairs[:, 0], minlength=self.size), np.int64)

    def shortest_path(
        self,
        sources: IntArray,
        targets: IntArray,
        link_weight: FloatArray | None = None,
        *,
        arc_weight: FloatArray | None = None,
        reversal_weight: float = REVERSAL_KM,
    ) -> Path | None:
        """Lightest path on which trains do not turn sharply; see :meth:`Graph.shortest_path`.

        Parameters
        ----------
        sources, targets : ndarray of int
            Node numbers.
        link_weight : ndarray of float, one a link
            Not negative; ``inf`` where a link may not be used.
        arc_weight : ndarray of float, one an arc
            The same, where the two directions differ; instead of ``link_weight``.
        reversal_weight : float
            What each reversal adds when paths are compared; not part of the path's cost.

        Notes
        -----
        Dijkstra's algorithm (1959) on the graph of directed links (Caldwell 1961, "On finding
        minimum routes in a network with turn penalties").
        """
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra

        given = self._weight(link_weight, arc_weight)
        own = np.where(self._arc >= 0, given[self._arc], 0.0)
        weight = own + reversal_weight * self._reverses
        lightest = np.minimum.reduceat(weight, self._first) if len(weight) else weight
        columns = self._column[self._first].astype(np.int32)
        matrix: Any = csr_array(
            (lightest, columns, self._turn_indptr), shape=(self._vertices, self._vertices)
        )
        distance, before, _ = dijkstra(
            matrix, indices=sources, min_only=True, return_predecessors=True
        )
        ends = self._arrived[targets]
        best = int(ends[np.argmin(distance[ends])])
        if not np.isfinite(distance[best]):
            return None
        way = [best]
        while before[way[-1]] != _NONE:
            way.append(int(before[way[-1]]))
        way.reverse()
        return self._path(way, own, weight)

    def _path(self, way: Sequence[int], own: FloatArray, weight: FloatArray) -> Path:
        """The links of a way through the expanded graph."""
        nodes = [way[0]]
        edges: list[int] = []
        reversals: list[int] = []
        for one, other in pairwise(way):
            low, high = self._row_start[one], self._row_start[one + 1]
            here = np.arange(low, high)[self._column[low:high] == other]
            edge = int(here[np.argmin(weight[here])])
            if self._arc[edge] < 0:
                continue
            if self._reverses[edge]:
                reversals.append(len(edges))
            edges.append(edge)
            nodes.append(int(self.head[self._arc[edge]]))
        arcs = self._arc[edges] if edges else np.zeros(0, np.int64)
        return Path(
            links=self.link[arcs],
            forward=self.forward[arcs],
            nodes=np.array(nodes),
            cost=float(own[edges].sum()) if edges else 0.0,
            arcs=arcs,
            reversals=np.array(reversals, np.int64),
        )

    def reverses_between(self, one: Path, other: Path) -> bool:
        """Whether a train that came by one path must reverse to go on by another."""
        if not (len(one.links) and len(other.links)):
            return False
        arrived = self._state_of[one.links[-1], int(one.forward[-1])]
        leaving = self._state_of[other.links[0], int(other.forward[0])]
        if arrived < 0 or leaving < 0:
            return False
        if one.links[-1] == other.links[0]:
            return True
        bend = abs((self._leave[leaving] - self._arrive[arrived] + 180) % 360 - 180)
        return bool(bend > MAX_BEND_DEG)
