"""Routing on track whose links say in which direction they leave their ends.

A train passes a switch straight on or on the diverging track; it cannot swing from one leg of a
switch into the other, as a shortest path over places would. Here a state is a link travelled in a
direction, and a step leads to those links at its end that lie ahead. To get from leg to leg a
train draws past the switch on to the stem and comes back: a reversal. So it may turn back in a
station and where the track ends. What each reversal costs is a parameter of the cost model.

Links without directions (roads, ferries, every link of the reference network) are passed freely.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.routing.graph import Graph, IntArray, Path, Steps

BoolArray = npt.NDArray[np.bool_]

MAX_TURN_DEG = 60.0
"""Sharper than this no train turns at a switch; switches diverge by 2 to 15 degrees, and tracks
that are drawn askew by a few tens. The rule of OpenRailRouting is the same in kind."""
MAX_BEND_DEG = 100.0
"""The same where only two links meet, so that there is no switch: there, drawing is to blame."""
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
        # Takes the place of the property of a graph without turns.
        self.__dict__["steps"] = self._expanded(on_rails, stops, crossing)

    has_turns = True

    def _expanded(self, on_rails: BoolArray, stops: BoolArray, crossing: BoolArray) -> Steps:
        """Steps of the expanded graph.

        Vertices: a place (where a journey ends, or goes on by another mode), a place again (where
        a train departs), and each rail arc just travelled.
        """
        n, rail = self.size, self._rail
        tail, head = self.tail[rail], self.head[rail]
        before, after, reverses = self._follow(stops, crossing)
        served = np.zeros(n, bool)
        served[tail] = served[head] = True
        depart = np.where(served, n, 0) + np.arange(n)
        other = np.flatnonzero(~on_rails)
        both = np.flatnonzero(served)
        states = 2 * n + np.arange(len(rail))
        rows = [self.tail[other], depart[both], depart[tail], states, states[before]]
        columns = [depart[self.head[other]], both, states, head, states[after]]
        arcs = [other, np.full(len(both), -1), rail, np.full(len(rail), -1), rail[after]]
        flags = [np.zeros(len(part), bool) for part in rows[:-1]] + [reverses]
        row, column, arc, flag = (np.concatenate(part) for part in (rows, columns, arcs, flags))
        order = np.lexsort((arc, flag, column, row))
        return Steps(
            2 * n + len(rail), row[order], column[order], arc[order].astype(np.int64), flag[order],
            depart, np.arange(n),
        )  # fmt: skip

    def _follow(
        self, stops: BoolArray, crossing: BoolArray
    ) -> tuple[IntArray, IntArray, BoolArray]:
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
