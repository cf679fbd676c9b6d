"""Search over the vertices where ways part; chains between them count as one step.

The search runs over the ends of chains alone, and what lies inside is filled in from them
(degree-two contraction; Delling et al. 2009, "Engineering route planning algorithms"). What
can only be left (a place to board) or only be entered (a place to alight) stays out of the search
too. The answers are those of Dijkstra's algorithm on all vertices; of equals the first step wins.

:class:`.Skeleton` is where the chains run: it depends on which steps are usable, not on their
weights, and is made once. :class:`Contracted` is a skeleton under weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from corridors.routing.skeleton import Skeleton

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
NONE = -9999
"""What stands for no predecessor, as scipy has it."""
_CELLS = 1 << 21  # of a table that are worked on at a time


class _Lead(NamedTuple):
    """Steps from a source to where a search goes on: one to board (-1: none), then some rows."""

    board: int
    row: int
    stop: int


@dataclass
class _Start:
    """What is reached from some sources without a search.

    Parameters
    ----------
    sources : ndarray of int
    seeds : dict of int to (float, _Lead)
        Core vertices (by number) with the weight up to them.
    walked : list of (vertices, weights, _Lead to the first)
        Vertices inside the chains that the sources lie in, each a row further.
    """

    sources: IntArray
    seeds: dict[int, tuple[float, _Lead]] = field(default_factory=dict)
    walked: list[tuple[IntArray, FloatArray, _Lead]] = field(default_factory=list)

    def seed(self, number: int, weight: float, lead: _Lead) -> None:
        """Reach a core vertex, unless it is reached as well already."""
        if number not in self.seeds or weight < self.seeds[number][0]:
            self.seeds[number] = (weight, lead)


class Contracted:
    """A skeleton under weights.

    Parameters
    ----------
    skeleton : Skeleton
    weight : ndarray of float, one a step
        Not negative; ``inf`` where a step of the skeleton is closed.
    """

    def __init__(self, skeleton: Skeleton, weight: FloatArray) -> None:
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

    def nearest(self, sources: IntArray) -> FloatArray:
        """Least weight from the nearest of some vertices to every vertex."""
        return np.asarray(self._rows([self._start(sources)])[0], float)

    def distances(self, sources: Sequence[IntArray]) -> Iterator[FloatArray]:
        """Least weights to every vertex from the nearest of each row's sources, some at a time."""
        some = max(1, _CELLS // max(1, self.skeleton.size))
        for low in range(0, len(sources), some):
            yield self._rows([self._start(one) for one in sources[low : low + some]])

    def tree(self, sources: IntArray) -> tuple[FloatArray, IntArray]:
        """Least weight from the nearest source to every vertex, and the vertex before it.

        :data:`NONE` is before a source and where no way leads.
        """
        bones, start = self.skeleton, self._start(sources)
        count = len(bones.core)
        far_core, core_before = self._grown(start)
        far = np.full(bones.size, np.inf)
        before = np.full(bones.size, NONE)
        far[bones.core] = far_core
        known = np.flatnonzero((core_before >= 0) & np.isfinite(far_core))
        seeded = core_before[known] == count
        for number in known[seeded].tolist():
            before[bones.core[number]] = self._before(start.seeds[number][1])
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
        far, before = self._grown(start)
        found = [
            end for target in targets.tolist() for end in self._ends(start, far, before, target)
        ]
        best = min(found, key=lambda end: end[0], default=None)
        if best is None or best[0] == np.inf:
            return None
        _, number, lead, last = best
        parts = [last, bones.steps[lead.row : lead.stop]]
        if number >= 0:
            along, back, root = [number], before.tolist(), len(bones.core)
            while (number := back[number]) != root:
                along.append(number)
            way = np.array(along[::-1], np.int64)
            chains = self._chain(way[:-1], way[1:])
            parts += [bones.steps[_spans(bones.begin[chains], bones.length[chains])]]
            lead = start.seeds[along[-1]][1]
            parts += [bones.steps[lead.row : lead.stop]]
        if lead.board >= 0:
            parts.append(np.array([lead.board]))
        return np.concatenate(parts[::-1])

    def _ends(
        self,
        start: _Start,
        far: FloatArray,
        before: IntArray,
        vertex: int,
        weight: float = 0.0,
        last: Sequence[int] = (),
    ) -> Iterator[tuple[float, int, _Lead, IntArray]]:
        """Ways to come to a vertex: weight, core vertex last passed, rows from it, steps after.

        A core vertex of -1 is none: the rows then follow from a source.
        """
        bones, steps = self.skeleton, np.array(last, np.int64)
        if vertex in start.sources:
            yield weight, -1, _Lead(-1, 0, 0), steps
        if bones.final[vertex]:
            low, high = np.searchsorted(bones.enter_head, [vertex, vertex + 1]).tolist()
            for step in bones.enter[low:high].tolist():
                more = float(self.weight[step])
                yield from self._ends(start, far, before, int(bones.tail[step]), more, (step,))
            return
        number = int(bones.number[vertex])
        if number >= 0:
            yield weight + float(far[number]), number, _Lead(-1, 0, 0), steps
            return
        for vertices, weights, lead in start.walked:
            for at in np.flatnonzero(vertices == vertex).tolist():
                onward = _Lead(lead.board, lead.row, lead.row + at)
                yield weight + float(weights[at]), -1, onward, steps
        at = int(np.searchsorted(bones.inside, vertex))
        if at < len(bones.inside) and bones.inside[at] == vertex:
            sides = int(bones.feed[at]), int(bones.other[at])
            for row, across in (sides, sides[::-1]):
                if self._passed(before, row, across):
                    continue
                chain = bones.chain_of[row]
                begun = float(far[bones.start[chain]]) + float(self._reach[row])
                onward = _Lead(-1, int(bones.begin[chain]), row + 1)
                yield weight + begun, int(bones.start[chain]), onward, steps

    def _passed(self, before: IntArray, row: int, across: int) -> bool:
        """Whether a search comes to the start of a row's chain by the chain from across."""
        bones = self.skeleton
        if across < 0:
            return False
        chain = bones.chain_of[across]
        one, other = bones.start[chain], bones.start[bones.chain_of[row]]
        return bool(before[other] == one and self._chain(one, other) == chain)

    def _grown(self, start: _Start) -> tuple[FloatArray, IntArray]:
        """Least weights of the core vertices and the one before each; their number: a seed."""
        from scipy.sparse.csgraph import dijkstra

        count = len(self.skeleton.core)
        far, before = dijkstra(self._matrix([start]), indices=[count], return_predecessors=True)
        return far[0, :count], np.asarray(before[0, :count], np.int64)

    def _chain(self, one: IntArray, other: IntArray) -> IntArray:
        """The lightest chain from each core vertex to another."""
        key = one * len(self.skeleton.core) + other
        return np.asarray(self._chosen[np.searchsorted(self.skeleton.key, key)], np.int64)

    def _before(self, lead: _Lead) -> int:
        """The vertex before the end of a lead."""
        if lead.stop > lead.row:
            return int(self.skeleton.tails[lead.stop - 1])
        return int(self.skeleton.tail[lead.board]) if lead.board >= 0 else NONE

    def _rows(self, starts: Sequence[_Start]) -> FloatArray:
        """Least weights to every vertex, a row for each start."""
        from scipy.sparse.csgraph import dijkstra

        bones = self.skeleton
        count = len(bones.core)
        numbers = np.arange(count, count + len(starts))
        core = dijkstra(self._matrix(starts), indices=numbers)[:, :count]
        far = np.full((len(starts), bones.size), np.inf)
        far[:, bones.core] = core
        far[:, bones.inside] = np.minimum(*self._sides(core))
        for row, start in zip(far, starts, strict=True):
            for vertices, weights, _ in start.walked:
                row[vertices] = np.minimum(row[vertices], weights)
            row[start.sources] = 0.0
        if len(bones.gate):
            ways = far[:, bones.enter_tail] + self.weight[bones.enter]
            least = np.minimum.reduceat(ways, bones.gates, axis=1)
            far[:, bones.gate] = np.minimum(far[:, bones.gate], least)
        return far

    def _sides(self, core: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weights of the vertices inside chains, from one end and from the other."""
        bones = self.skeleton
        return (
            core[..., bones.feed_start] + self._reach[bones.feed],
            core[..., bones.other_start] + self._reach[bones.other],
        )

    def _matrix(self, starts: Sequence[_Start]) -> csr_array[np.float64, tuple[int, int]]:
        """Weights between core vertices, and a vertex for each start that leads to its seeds."""
        from scipy.sparse import csr_array

        bones = self.skeleton
        numbers: list[int] = []
        weights: list[float] = []
        ends: list[int] = []
        for start in starts:
            for number, (weight, _) in sorted(start.seeds.items()):
                numbers.append(number)
                weights.append(weight)
            ends.append(len(bones.columns) + len(numbers))
        parts = (
            np.concatenate([self._least, np.array(weights, float)]),
            np.concatenate([bones.columns, np.array(numbers, np.int32)]),
            np.concatenate([bones.indptr, np.array(ends, np.int32)]),
        )
        if len(starts) == 1:
            # Known to be in order: checking it anew takes longer than a search.
            matrix = copy(self._empty)
            matrix.data, matrix.indices, matrix.indptr = parts
            return matrix
        size = len(bones.core) + len(starts)
        return csr_array(parts, shape=(size, size))

    @cached_property
    def _empty(self) -> csr_array[np.float64, tuple[int, int]]:
        """A matrix for the core and one start."""
        from scipy.sparse import csr_array

        size = len(self.skeleton.core) + 1
        return csr_array((size, size))

    def _start(self, sources: IntArray) -> _Start:
        bones, start = self.skeleton, _Start(sources)
        for source in sources.tolist():
            if not bones.first[source]:
                self._reached(start, source, 0.0, -1)
                continue
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
