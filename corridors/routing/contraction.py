"""Search over the vertices where ways part; chains between them count as one step.

The search runs over the ends of chains alone, and what lies inside is filled in from them
(degree-two contraction; Delling et al. 2009, "Engineering route planning algorithms"). What
can only be left (a place to board) or only be entered (a place to alight) stays out of the search
too. The answers are those of Dijkstra's algorithm on all vertices; of equals the first step wins.

:class:`.Skeleton` is where the chains run: it depends on which steps are usable, not on their
weights, and is made once. :class:`Contracted` is a skeleton under weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.routing.core import NONE, Core

if TYPE_CHECKING:
    from corridors.routing.skeleton import Skeleton

IntArray = npt.NDArray[np.int64]
NodeArray = npt.NDArray[np.signedinteger]
FloatArray = npt.NDArray[np.float64]
_CELLS = 1 << 21  # of a table that are worked on at a time
_FEW = 64  # core vertices on a way: up to so many are quicker one by one


class _Lead(NamedTuple):
    """Steps from a source to where a search goes on: one to board (-1: none), then some rows."""

    board: int
    row: int
    stop: int


_NO_LEAD = _Lead(-1, 0, 0)


@dataclass
class _Start:
    """What is reached from some sources without a search.

    Parameters
    ----------
    sources : list of int
    seeds : dict of int to float
        Core vertices (by number) with the weight up to them.
    leads : dict of int to _Lead
        How to come to each.
    walked : list of (vertices, weights, _Lead to the first)
        Vertices inside the chains that the sources lie in, each a row further.
    """

    sources: list[int]
    seeds: dict[int, float] = field(default_factory=dict)
    leads: dict[int, _Lead] = field(default_factory=dict)
    walked: list[tuple[IntArray, FloatArray, _Lead]] = field(default_factory=list)

    def seed(self, number: int, weight: float, lead: _Lead) -> None:
        """Reach a core vertex, unless it is reached as well already."""
        if number not in self.seeds or weight < self.seeds[number]:
            self.seeds[number], self.leads[number] = weight, lead

    @cached_property
    def passed(self) -> tuple[IntArray, FloatArray]:
        """The sources and all vertices walked, and the weight up to each."""
        walked = [vertices for vertices, _, _ in self.walked]
        weights = [weights for _, weights, _ in self.walked]
        return (
            np.concatenate([np.array(self.sources, np.int64), *walked]),
            np.concatenate([np.zeros(len(self.sources)), *weights]),
        )


@dataclass(frozen=True)
class Readout:
    """Where the weights of some vertices are read once those of the core are known.

    Parameters
    ----------
    place : ndarray of int
        Place of each vertex of the graph among those read; -1: not read.
    first : (ndarray, ndarray)
        For each place the core vertex to come from, and the weight from there; infinite where no
        search can lead.
    others : list of (ndarray, ndarray, ndarray)
        Places with another core vertex to come from, those vertices and the weights.
    """

    place: IntArray
    first: tuple[IntArray, FloatArray]
    others: list[tuple[IntArray, IntArray, FloatArray]]

    def of(self, core: FloatArray) -> FloatArray:
        """Weights of the places (columns) from those of the core, a row each."""
        number, more = self.first
        far = core.take(number, axis=1) if core.shape[1] else np.zeros((len(core), len(more)))
        far += more
        for places, number, more in self.others:
            ways = core.take(number, axis=1)
            ways += more
            far[:, places] = np.minimum(far.take(places, axis=1), ways)
        return far


class Contracted:
    """A skeleton under weights.

    Parameters
    ----------
    skeleton : Skeleton
    weight : ndarray of float, one a step
        Not negative; ``inf`` where a step of the skeleton is closed.
    keep : bool
        Whether more than a question or two will be asked.
    """

    def __init__(self, skeleton: Skeleton, weight: FloatArray, *, keep: bool) -> None:
        self.skeleton, self.weight = skeleton, weight
        bones = skeleton
        own = weight[bones.steps]
        self._shut = np.isinf(own)
        self._closed = bool(self._shut.any())
        own[self._shut] = 0.0
        sums = np.concatenate([[0.0], np.cumsum(own)])
        self._along = sums[1:] - np.repeat(sums[bones.begin], bones.length)
        """Weight from the start of its chain through each row of ``steps``."""
        # A lone step weighs what it weighs; differences of sums are for longer chains.
        lone = bones.begin[bones.length == 1]
        self._along[lone] = own[lone]
        self._reach = np.append(self._along, np.inf)
        """The same, infinite from the first closed step on; and infinity for no row at all."""
        for row in np.flatnonzero(self._shut).tolist():
            self._reach[row : bones.last[bones.chain_of[row]] + 1] = np.inf
        total = self._reach[bones.last[bones.real]]
        self._least, best = first_least(total, bones.pair[:-1])
        self._chosen = bones.real[best]
        """The lightest chain of each pair of core vertices, the first of equals."""
        self._core = Core(bones.indptr, bones.columns, self._least, keep=keep)
        self._starts: dict[int, _Start] = {}
        self._between: dict[tuple[int, int], IntArray] = {}
        """Steps of the lightest chain to a core vertex from another, as far as they were asked."""

    def without(self, closed: IntArray) -> Contracted:
        """The same with some steps closed."""
        other = copy(self)
        other._close(closed)  # noqa: SLF001  (the same class)
        return other

    def _close(self, closed: IntArray) -> None:
        """Close steps; arrays are replaced, not written to."""
        bones = self.skeleton
        self.weight = self.weight.copy()
        self.weight[closed] = np.inf
        self._starts, self._between = {}, {}
        rows = bones.row[closed]
        rows = rows[rows >= 0]
        if not len(rows):
            return
        self._shut, self._reach = self._shut.copy(), self._reach.copy()
        self._least, self._chosen = self._least.copy(), self._chosen.copy()
        self._shut[rows], self._closed = True, True
        for row in rows.tolist():
            self._reach[row : bones.last[bones.chain_of[row]] + 1] = np.inf
        for pair in {int(bones.pair_of[bones.chain_of[row]]) for row in rows.tolist()} - {-1}:
            alike = bones.real[bones.pair[pair] : bones.pair[pair + 1]]
            total = self._reach[bones.last[alike]]
            best = int(np.argmin(total))
            self._least[pair], self._chosen[pair] = total[best], alike[best]
        self._core = Core(bones.indptr, bones.columns, self._least, keep=False)

    def distances(
        self, sources: Sequence[IntArray], targets: IntArray, readout: Readout
    ) -> FloatArray:
        """Least weights from the nearest of each row's sources to some vertices (columns).

        Parameters
        ----------
        sources : sequence of ndarray of int
        targets : ndarray of int
        readout : Readout
            That of the targets.
        """
        some = max(1, _CELLS // max(1, self._core.size, len(targets)))
        parts = [
            self._rows(sources[low : low + some], readout) for low in range(0, len(sources), some)
        ]
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else np.zeros((0, len(targets)))

    def readout(self, vertices: IntArray) -> Readout:
        """Where the weights of some vertices are read."""
        bones = self.skeleton
        # To one that nothing leads out of: from those before it.
        low, high = np.searchsorted(bones.enter_head, [vertices, vertices + 1])
        rows = _spans(low, high - low)
        lasting = np.flatnonzero(~bones.final[vertices])
        place = np.concatenate([lasting, np.repeat(np.arange(len(vertices)), high - low)])
        at = np.concatenate([vertices[lasting], bones.enter_tail[rows]])
        more = np.concatenate([np.zeros(len(lasting)), self.weight[bones.enter[rows]]])
        number, row = bones.number[at], bones.place_inside[at]
        core, one = np.flatnonzero(number >= 0), np.flatnonzero(row >= 0)
        two = one[bones.other[row[one]] >= 0]
        feed, other = bones.feed[row[one]], bones.other[row[two]]
        numbers = np.concatenate(
            [number[core], bones.feed_start[row[one]], bones.other_start[row[two]]]
        )
        more = np.concatenate(
            [more[core], more[one] + self._reach[feed], more[two] + self._reach[other]]
        )
        place = np.concatenate([place[core], place[one], place[two]])
        rank = pd.Series(place).groupby(place).cumcount().to_numpy()
        first = np.zeros(len(vertices), np.int64), np.full(len(vertices), np.inf)
        first[0][place[rank == 0]] = numbers[rank == 0]
        first[1][place[rank == 0]] = more[rank == 0]
        others = [
            (place[rank == level], numbers[rank == level], more[rank == level])
            for level in range(1, int(rank.max(initial=0)) + 1)
        ]
        places = np.full(bones.size, -1)
        places[vertices] = np.arange(len(vertices))
        return Readout(places, first, others)

    def tree(self, sources: IntArray) -> tuple[FloatArray, IntArray]:
        """Least weight from the nearest source to every vertex, and the vertex before it.

        :data:`NONE` is before a source and where no way leads.
        """
        bones, start = self.skeleton, self._start(sources)
        count = self._core.size
        far_core, core_before = self._core.tree(start.seeds)
        far = np.full(bones.size, np.inf)
        before = np.full(bones.size, NONE)
        far[bones.core] = far_core
        known = np.flatnonzero((core_before >= 0) & np.isfinite(far_core))
        seeded = core_before[known] == count
        for number in known[seeded].tolist():
            before[bones.core[number]] = self._before(start.leads[number])
        known = known[~seeded]
        chain = self._chain(core_before[known], known)
        before[bones.core[known]] = bones.tails[bones.last[chain]]
        # Inside a chain the lighter side; where they tie, that from which the tree passes it.
        used = np.zeros(len(bones.begin) + 1, bool)
        used[chain] = True
        one, two = self._sides(far_core)
        other = (two < one) | (used[bones.chain_of[bones.other]] & (bones.other >= 0))
        far[bones.inside] = np.where(other, two, one)
        from_side = bones.tails[np.where(other, bones.other, bones.feed)]
        before[bones.inside] = np.where(np.isfinite(far[bones.inside]), from_side, NONE)
        for vertices, weights, lead in start.walked:
            mine = (weights <= far[vertices]) & np.isfinite(weights)
            previous = np.append(self._before(lead), vertices[:-1])
            far[vertices[mine]], before[vertices[mine]] = weights[mine], previous[mine]
        far[sources], before[sources] = 0.0, NONE
        least, best = first_least(far[bones.enter_tail] + self.weight[bones.enter], bones.gates)
        better = least < far[bones.gate]
        far[bones.gate[better]] = least[better]
        before[bones.gate[better]] = bones.enter_tail[best[better]]
        return far, before

    def way(self, sources: IntArray, targets: IntArray) -> IntArray | None:
        """Steps of the lightest way from any source to any target; None if there is none.

        The same way as in :meth:`tree`, without filling in the rest.
        """
        bones, start = self.skeleton, self._start(sources)
        far, before = self._core.pointwise(start.seeds)
        best = None
        for target in targets.tolist():
            for end in self._ends(start, far, before, target):
                if best is None or end[0] < best[0]:
                    best = end
        if best is None or best[0] == np.inf:
            return None
        _, number, lead, last = best
        parts = [] if last < 0 else [np.array([last])]
        parts.append(bones.steps[lead.row : lead.stop])
        if number >= 0:
            along, root = [number], self._core.size
            while (number := before(number)) != root:
                along.append(number)
            parts += self._stretches(along)
            lead = start.leads[along[-1]]
            parts.append(bones.steps[lead.row : lead.stop])
        if lead.board >= 0:
            parts.append(np.array([lead.board]))
        return np.concatenate(parts[::-1])

    def _stretches(self, along: list[int]) -> list[IntArray]:
        """Steps between core vertices on a way, which are given from its end to its start."""
        bones = self.skeleton
        if len(along) > _FEW:
            way = np.array(along[::-1], np.int64)
            chains = self._chain(way[:-1], way[1:])
            return [bones.steps[_spans(bones.begin[chains], bones.length[chains])]]
        for pair in pairwise(along):
            if pair not in self._between:
                chain = int(self._chain(np.array(pair[1]), np.array(pair[0])))
                self._between[pair] = bones.steps[bones.begin[chain] : bones.last[chain] + 1]
        return [self._between[pair] for pair in pairwise(along)]

    def _ends(
        self,
        start: _Start,
        far: Callable[[int], float],
        before: Callable[[int], int],
        vertex: int,
        weight: float = 0.0,
        last: int = -1,
    ) -> Iterator[tuple[float, int, _Lead, int]]:
        """Ways to come to a vertex: weight, core vertex last passed, rows from it, last step.

        A core vertex of -1 is none: the rows then follow from a source. A last step of -1 is none.
        """
        bones = self.skeleton
        if vertex in start.sources:
            yield weight, -1, _NO_LEAD, last
        if bones.final[vertex]:
            low, high = np.searchsorted(bones.enter_head, [vertex, vertex + 1]).tolist()
            for step in bones.enter[low:high].tolist():
                more = float(self.weight[step])
                yield from self._ends(start, far, before, int(bones.tail[step]), more, step)
            return
        number = int(bones.number[vertex])
        if number >= 0:
            yield weight + far(number), number, _NO_LEAD, last
            return
        for vertices, weights, lead in start.walked:
            for at in np.flatnonzero(vertices == vertex).tolist():
                onward = _Lead(lead.board, lead.row, lead.row + at)
                yield weight + float(weights[at]), -1, onward, last
        at = int(bones.place_inside[vertex])
        if at >= 0:
            sides = int(bones.feed[at]), int(bones.other[at])
            for row, across in (sides, sides[::-1]):
                if self._passed(before, row, across):
                    continue
                chain = bones.chain_of[row]
                begun = far(int(bones.start[chain])) + float(self._reach[row])
                onward = _Lead(-1, int(bones.begin[chain]), row + 1)
                yield weight + begun, int(bones.start[chain]), onward, last

    def _passed(self, before: Callable[[int], int], row: int, across: int) -> bool:
        """Whether a search comes to the start of a row's chain by the chain from across."""
        bones = self.skeleton
        if across < 0:
            return False
        chain = bones.chain_of[across]
        one, other = bones.start[chain], bones.start[bones.chain_of[row]]
        return bool(before(int(other)) == one and self._chain(one, other) == chain)

    def _chain(self, one: IntArray, other: IntArray) -> IntArray:
        """The lightest chain from each core vertex to another."""
        key = one * self._core.size + other
        return np.asarray(self._chosen[np.searchsorted(self.skeleton.key, key)], np.int64)

    def _before(self, lead: _Lead) -> int:
        """The vertex before the end of a lead."""
        if lead.stop > lead.row:
            return int(self.skeleton.tails[lead.stop - 1])
        return int(self.skeleton.tail[lead.board]) if lead.board >= 0 else NONE

    def _rows(self, sources: Sequence[IntArray], readout: Readout) -> FloatArray:
        """Least weights to the places of a readout, a row for each group of sources."""
        bones = self.skeleton
        starts = [self._start(one) for one in sources]
        far = readout.of(self._core.distances([start.seeds for start in starts]))
        for row, start in zip(far, starts, strict=True):
            if not (start.walked or len(bones.gate)):
                continue  # all that lies ahead is the core's
            vertices, weights = start.passed
            if len(bones.gate):
                vertices, weights = self._and_gates(vertices, weights)
            place = readout.place[vertices]
            read = place >= 0
            np.minimum.at(row, place[read], weights[read])
        return far

    def _and_gates(self, vertices: IntArray, weights: FloatArray) -> tuple[IntArray, FloatArray]:
        """Some vertices with what is entered from them for good, and the weight up to each."""
        bones = self.skeleton
        low = bones.out[vertices]
        count = bones.out[vertices + 1] - low
        steps = _spans(low, count)
        entering = bones.final[bones.head[steps]]
        beyond = np.repeat(weights, count) + self.weight[steps]
        return (
            np.concatenate([vertices, bones.head[steps[entering]]]),
            np.concatenate([weights, beyond[entering]]),
        )

    def _sides(self, core: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weights of the vertices inside chains, from one end and from the other."""
        bones = self.skeleton
        return (
            core[..., bones.feed_start] + self._reach[bones.feed],
            core[..., bones.other_start] + self._reach[bones.other],
        )

    def _start(self, sources: IntArray) -> _Start:
        if len(sources) > 1 or not self._core.keeps:
            return self._started(sources.tolist())
        source = int(sources[0])
        if source not in self._starts:
            self._starts[source] = self._started([source])
        return self._starts[source]

    def _started(self, sources: list[int]) -> _Start:
        bones, start = self.skeleton, _Start(sources)
        for source in sources:
            if not bones.first[source]:
                self._reached(start, source, 0.0, -1)
                continue
            start.walked.append((np.array([source]), np.zeros(1), _NO_LEAD))
            for step in range(int(bones.out[source]), int(bones.out[source + 1])):
                vertex, weight = int(bones.head[step]), float(self.weight[step])
                if not bones.final[vertex] and weight < np.inf:
                    self._reached(start, vertex, weight, step)
        return start

    def _reached(self, start: _Start, vertex: int, weight: float, board: int) -> None:
        """Go on from a vertex to the ends of the chains that it lies in."""
        bones = self.skeleton
        number = int(bones.number[vertex])
        if number >= 0:
            start.seed(number, weight, _Lead(board, 0, 0))
            return
        rows = bones.row[bones.out[vertex] : bones.out[vertex + 1]]
        rows = rows[rows >= 0]
        if not len(rows):
            lone = np.array([vertex]), np.array([weight]), _Lead(board, 0, 0)
            start.walked.append(lone)
        for row in rows.tolist():
            chain = int(bones.chain_of[row])
            stop = int(bones.last[chain]) + 1
            base = self._along[row - 1] if row > bones.begin[chain] else 0.0
            ahead = np.empty(stop - row + 1)
            ahead[0] = weight
            ahead[1:] = self._along[row:stop]
            ahead[1:] += weight - base
            if self._closed:
                ahead[1:][np.logical_or.accumulate(self._shut[row:stop])] = np.inf
            start.seed(int(bones.end[chain]), float(ahead[-1]), _Lead(board, row, stop))
            start.walked.append((bones.tails[row:stop], ahead[:-1], _Lead(board, row, row)))


def _spans(begin: IntArray, length: IntArray) -> IntArray:
    """Numbers from each beginning on, so many each, one after the other."""
    ends = length.cumsum()
    count = int(ends[-1]) if len(ends) else 0
    shift: IntArray = (begin - ends + length).repeat(length)
    return np.arange(count) + shift


def first_least(values: FloatArray, begin: IntArray) -> tuple[FloatArray, IntArray]:
    """The least of each group of values, and where it stands first; groups begin at ``begin``."""
    if not len(values):
        return np.zeros(0), np.zeros(0, np.int64)
    least = np.minimum.reduceat(values, begin)
    equal = values == np.repeat(least, np.diff(begin, append=len(values)))
    rank = np.where(equal, np.arange(len(values)), len(values))
    return least, np.minimum.reduceat(rank, begin)
