"""Where the chains of a graph run: what contraction needs to know, whatever the weights.

A vertex lies inside a chain if it is passed in one way only: from one neighbour to the other, or
both ways between two. All others that steps lead to and out of are core vertices.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class Skeleton:
    """Where the chains of a graph run.

    Parameters
    ----------
    size : int
        Number of vertices.
    tail, head : ndarray of int
        Ends of each usable step, sorted by tail, head and rank among equals.

    Attributes
    ----------
    core : ndarray of int
        Vertices that the search runs over, ascending.
    steps : ndarray of int
        Steps inside chains (a step between two core vertices is a chain of its own), chain after
        chain in the order travelled; chains by start, end and first step.
    begin : ndarray of int
        Where in ``steps`` each chain begins.
    enter : ndarray of int
        Steps into vertices that nothing leads out of, by head.
    """

    def __init__(self, size: int, tail: IntArray, head: IntArray) -> None:
        self.size, self.tail, self.head = size, tail, head
        self.first = np.bincount(head, minlength=size) == 0
        """Vertices that nothing leads to."""
        self.final = np.bincount(tail, minlength=size) == 0
        """Vertices that nothing leads out of."""
        inner = np.flatnonzero(~self.first[tail] & ~self.final[head])
        self._chain(inner, _inside(size, tail[inner], head[inner]))
        self.out = np.searchsorted(tail, np.arange(size + 1))
        """Where in the steps those out of each vertex begin."""
        self.row = np.full(len(tail), -1)
        """Row of ``steps`` of each step; -1: not of a chain."""
        self.row[self.steps] = np.arange(len(self.steps))
        self._pair()
        self._feed()
        entering = np.flatnonzero(self.final[head])
        self.enter = entering[np.argsort(head[entering], kind="stable")]
        self.enter_tail, self.enter_head = tail[self.enter], head[self.enter]
        self.gate, self.gates = np.unique(self.enter_head, return_index=True)
        """Vertices that steps enter for good, and where in ``enter`` theirs begin."""

    def _chain(self, inner: IntArray, inside: BoolArray) -> None:
        """Follow each inner step through the vertices inside chains."""
        tail, head = self.tail[inner], self.head[inner]
        rank, start = _ranked(_next(self.size, tail, head, inside), ~inside[tail])
        if (start < 0).any():
            # A ring without a core vertex: its first becomes one.
            lost = start < 0
            inside[_first_of_rings(self.size, tail[lost], head[lost])] = False
            self._chain(inner, inside)
            return
        end = np.zeros(len(inner), np.int64)
        closing = ~inside[head]
        end[start[closing]] = head[closing]
        order = np.lexsort((rank, start, end[start], tail[start]))
        self.steps = inner[order]
        self.tails, self.heads = tail[order], head[order]
        self.begin = np.flatnonzero(rank[order] == 0)
        self.length = np.diff(self.begin, append=len(order))
        self.last = self.begin + self.length - 1
        self.chain_of = np.repeat(np.arange(len(self.begin)), self.length)
        """Chain of each row of ``steps``."""
        joined = np.zeros(self.size, bool)
        joined[tail] = joined[head] = True
        self.core = np.flatnonzero(joined & ~inside)
        self.number = np.full(self.size, -1)
        """Place of each vertex in ``core``; -1: not there."""
        self.number[self.core] = np.arange(len(self.core))

    def _pair(self) -> None:
        """Chains by the pair of core vertices that they join; loops join none."""
        count = len(self.core)
        self.start = self.number[self.tails[self.begin]]
        self.end = self.number[self.heads[self.last]]
        self.real = np.flatnonzero(self.start != self.end)
        key = self.start[self.real] * count + self.end[self.real]
        self.key, first, number = np.unique(key, return_index=True, return_inverse=True)
        """Pairs joined."""
        self.pair = np.append(first, len(key))
        """Where in ``real`` the chains of each pair begin, and where the last ones end."""
        self.pair_of = np.full(len(self.begin), -1)
        """Pair of each chain; -1: a loop."""
        self.pair_of[self.real] = number
        self.rows, column = np.divmod(self.key, max(1, count))
        self.columns = column.astype(np.int32)
        self.indptr = np.searchsorted(self.rows, np.arange(count + 1)).astype(np.int32)

    def _feed(self) -> None:
        """The one or two rows of ``steps`` that lead to each vertex inside a chain."""
        feeding = np.flatnonzero(self.number[self.heads] < 0)
        feeding = feeding[np.argsort(self.heads[feeding], kind="stable")]
        self.inside, at = np.unique(self.heads[feeding], return_index=True)
        two = np.diff(at, append=len(feeding)) > 1
        self.feed = feeding[at]
        self.other = np.where(two, feeding[np.minimum(at + 1, max(0, len(feeding) - 1))], -1)
        """The second; -1: none, which reads the infinity after the last row."""
        self.feed_start = self.start[self.chain_of[self.feed]]
        self.other_start = self.start[self.chain_of[self.other]]
        self.place_inside = np.full(self.size, -1)
        """Place of each vertex in ``inside``; -1: not there."""
        self.place_inside[self.inside] = np.arange(len(self.inside))

    @cached_property
    def reversed(self) -> Skeleton:
        """The same with every step turned round, sorted by the new tail and head."""
        order = np.lexsort((self.tail, self.head))
        return Skeleton(self.size, self.head[order], self.tail[order])


def _inside(size: int, tail: IntArray, head: IntArray) -> BoolArray:
    """Vertices that are passed in one way only: from one neighbour to the other, or both ways."""
    into, out = np.bincount(head, minlength=size), np.bincount(tail, minlength=size)
    # Least and greatest of the vertices before and after.
    low, high = np.full((2, size), size), np.full((2, size), -1)
    for row, (here, there) in enumerate(((head, tail), (tail, head))):
        np.minimum.at(low[row], here, there)
        np.maximum.at(high[row], here, there)
    loop = np.zeros(size, bool)
    loop[tail[tail == head]] = True
    one_way = (into == 1) & (out == 1) & (low[0] != low[1])
    both = (into == 2) & (out == 2) & (low[0] == low[1]) & (high[0] == high[1])  # noqa: PLR2004
    both &= low[0] != high[0]
    return np.asarray((one_way | both) & ~loop)


def _next(size: int, tail: IntArray, head: IntArray, inside: BoolArray) -> IntArray:
    """The step that follows each step inside a chain; -1 at the end of one."""
    order = np.argsort(tail, kind="stable")
    begin = np.searchsorted(tail[order], np.arange(size + 1))
    at = np.minimum(begin[head], len(tail) - 1)
    first = order[at]
    # Of two steps out of the vertex the one that does not lead back.
    second = order[np.minimum(at + 1, len(tail) - 1)]
    onward = np.where(head[first] == tail, second, first)
    return np.where(inside[head], onward, -1)


def _ranked(after: IntArray, begins: BoolArray) -> tuple[IntArray, IntArray]:
    """Place of each step in its chain and the step that begins it (-1: none, a ring).

    By doubling the strides back towards the beginning (Wyllie 1979).
    """
    size = len(after)
    back = np.arange(size)
    follows = np.flatnonzero(after >= 0)
    back[after[follows]] = follows
    back[begins] = np.flatnonzero(begins)
    rank = (back != np.arange(size)).astype(np.int64)
    for _ in range(size.bit_length() + 1):
        further = back[back]
        if (further == back).all():
            break
        rank += rank[back]
        back = further
    return rank, np.where(begins[back], back, -1)


def _first_of_rings(size: int, tail: IntArray, head: IntArray) -> IntArray:
    """The first vertex of each ring of steps."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    matrix = coo_array((np.ones(len(tail)), (tail, head)), (size, size))
    label = connected_components(matrix, directed=False)[1][tail]
    order = np.lexsort((tail, label))
    new = np.ones(len(order), bool)
    new[1:] = np.diff(label[order]) != 0
    return np.asarray(tail[order][new])
