"""Ways into chains: split where links meet, joined again where nothing changes. Arrays only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Runs:
    """Rows of vertices, one run after the other.

    Parameters
    ----------
    vertex : ndarray of int
        Vertex numbers, flat.
    offsets : ndarray of int
        Where each run starts; one more than runs.
    way : ndarray of int
        The way (a row number) of the segment that starts at each flat position; the value at the
        last position of a run has no meaning.
    """

    vertex: IntArray
    offsets: IntArray
    way: IntArray

    @property
    def sizes(self) -> IntArray:
        """Vertices of each run."""
        return np.diff(self.offsets)

    @property
    def owner(self) -> IntArray:
        """The run of each flat position."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @property
    def first(self) -> IntArray:
        """First vertex of each run."""
        return self.vertex[self.offsets[:-1]]

    @property
    def last(self) -> IntArray:
        """Last vertex of each run."""
        return self.vertex[self.offsets[1:] - 1]


def ranges(start: IntArray, sizes: IntArray, step: IntArray | None = None) -> IntArray:
    """Positions ``start, start + step, …`` of each range, one range after the other."""
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes)
    if step is not None:
        within *= np.repeat(step, sizes)
    return np.asarray(within + np.repeat(start, sizes), np.int64)


def clean_runs(vertex: IntArray, offsets: IntArray) -> Runs:
    """Ways without their unknown nodes (-1) and without a node twice in a row.

    A way is cut where nodes are unknown; pieces of fewer than two nodes are left out.
    """
    owner = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    same_way = owner[1:] == owner[:-1]
    twice = np.zeros(len(vertex), bool)
    twice[1:] = same_way & (vertex[1:] == vertex[:-1])
    here = np.flatnonzero((vertex >= 0) & ~twice)
    # A piece goes on as long as no unknown node stood between.
    gaps = np.cumsum(vertex < 0)
    new = np.ones(len(here), bool)
    new[1:] = (owner[here[1:]] != owner[here[:-1]]) | (gaps[here[1:]] != gaps[here[:-1]])
    start = np.flatnonzero(new)
    sizes = np.diff(np.append(start, len(here)))
    long = sizes > 1
    take = here[ranges(start[long], sizes[long])]
    return Runs(
        vertex[take],
        np.concatenate([[0], np.cumsum(sizes[long])]).astype(np.int64),
        owner[take].astype(np.int64),
    )


def make_chains(
    runs: Runs, vertices: int, signature: IntArray, directed: BoolArray, forced: BoolArray
) -> Runs:
    """Chains between junctions.

    A vertex is a junction unless exactly two segments meet there, of ways with the same
    signature (and, where directed, one arriving and one leaving), and it is not forced.

    Parameters
    ----------
    runs : Runs
    vertices : int
        Number of vertices.
    signature : ndarray of int, one a way
        Ways with different values are never joined.
    directed : ndarray of bool, one a way
        The direction of these is kept.
    forced : ndarray of bool, one a vertex
        Always a junction.

    Returns
    -------
    Runs
        No chain ends where it began: a ring is cut at its middle.
    """
    if len(runs.sizes) == 0:
        return runs
    junction, partner_of = _junctions(runs, vertices, signature, directed, forced)
    start, end = _split(runs, junction)
    order, backward, chain_sizes = _join(runs, start, end, junction, partner_of, directed)
    return _assemble(runs, start[order], end[order], backward, chain_sizes)


def _junctions(
    runs: Runs, vertices: int, signature: IntArray, directed: BoolArray, forced: BoolArray
) -> tuple[BoolArray, BoolArray]:
    """Junctions, and the vertices at which two runs are joined."""
    ends = np.concatenate([runs.first, runs.last])
    run = np.tile(np.arange(len(runs.sizes)), 2)
    degree = 2 * np.bincount(runs.vertex, minlength=vertices) - np.bincount(
        ends, minlength=vertices
    )
    at_end = np.bincount(ends, minlength=vertices)
    junction = (degree != 2) | forced | (at_end == 1)  # noqa: PLR2004  (two segments)
    # Two ends at one vertex of two segments: compare the ways.
    pair = (degree == 2) & (at_end == 2) & ~forced  # noqa: PLR2004
    chosen = np.flatnonzero(pair[ends])
    chosen = chosen[np.argsort(ends[chosen], kind="stable")]
    one, other = chosen[0::2], chosen[1::2]
    way = runs.way[runs.offsets[:-1]]
    way_one, way_other = way[run[one]], way[run[other]]
    leaves_one, leaves_other = one < len(runs.sizes), other < len(runs.sizes)
    fits = signature[way_one] == signature[way_other]
    fits &= ~(directed[way_one] | directed[way_other]) | (leaves_one != leaves_other)
    junction[ends[one[~fits]]] = True
    joined = np.zeros(vertices, bool)
    joined[ends[one[fits]]] = True
    return junction, joined


def _split(runs: Runs, junction: BoolArray) -> tuple[IntArray, IntArray]:
    """First and last flat position of each piece between junctions and ends of runs."""
    flat = np.arange(len(runs.vertex))
    is_first = np.zeros(len(flat), bool)
    is_first[runs.offsets[:-1]] = True
    is_last = np.zeros(len(flat), bool)
    is_last[runs.offsets[1:] - 1] = True
    inside = junction[runs.vertex] & ~is_first & ~is_last
    start = np.flatnonzero(is_first | inside)
    end = np.flatnonzero(is_last | inside)
    return start.astype(np.int64), end.astype(np.int64)


def _join(
    runs: Runs,
    start: IntArray,
    end: IntArray,
    junction: BoolArray,
    joined: BoolArray,
    directed: BoolArray,
) -> tuple[IntArray, BoolArray, IntArray]:
    """Order of the pieces in chains, which are turned round, and how many make each chain."""
    count = len(start)
    # End number 2k is where piece k starts, 2k + 1 where it ends.
    ends = np.empty(2 * count, np.int64)
    ends[0::2], ends[1::2] = runs.vertex[start], runs.vertex[end]
    partner = np.full(2 * count, -1, np.int64)
    meet = np.flatnonzero(joined[ends] & ~junction[ends])
    meet = meet[np.argsort(ends[meet], kind="stable")]
    partner[meet[0::2]], partner[meet[1::2]] = meet[1::2], meet[0::2]
    alone = (partner[0::2] < 0) & (partner[1::2] < 0)
    order: list[int] = []
    backward: list[bool] = []
    sizes: list[int] = []
    used = alone.copy()
    link = partner.tolist()
    piece_directed = directed[runs.way[start]]
    # Chains with two ends first, then rings; a step for each piece, not for each vertex.
    terminal = np.flatnonzero((partner < 0) & ~np.repeat(alone, 2)).tolist()
    for entry in [*terminal, *(2 * np.flatnonzero(~alone)).tolist()]:
        if used[entry // 2]:
            continue
        pieces: list[int] = []
        turned: list[bool] = []
        here = entry
        while here >= 0 and not used[here // 2]:
            used[here // 2] = True
            pieces.append(here // 2)
            turned.append(here % 2 == 1)
            here = link[here ^ 1]
        lowest = min(range(len(pieces)), key=pieces.__getitem__)
        if turned[0] if piece_directed[pieces[0]] else turned[lowest]:
            pieces.reverse()
            turned = [not flag for flag in reversed(turned)]
        order += pieces
        backward += turned
        sizes.append(len(pieces))
    single = np.flatnonzero(alone)
    return (
        np.concatenate([single, np.array(order, np.int64)]),
        np.concatenate([np.zeros(len(single), bool), np.array(backward, bool)]),
        np.concatenate([np.ones(len(single), np.int64), np.array(sizes, np.int64)]),
    )


def _assemble(
    runs: Runs, start: IntArray, end: IntArray, backward: BoolArray, chain_sizes: IntArray
) -> Runs:
    """Chains as runs of vertices, sorted by their first flat position; rings cut in two."""
    piece_sizes = end - start + 1
    last_of_chain = np.cumsum(chain_sizes) - 1
    keep = piece_sizes - 1  # the last vertex of a piece is the first of the next
    keep[last_of_chain] += 1
    step = np.where(backward, -1, 1)
    take = ranges(np.where(backward, end, start), keep, step)
    turned = np.repeat(backward, keep)
    way = runs.way[np.maximum(take - turned, 0)]
    vertex = runs.vertex[take]
    chain = np.repeat(np.arange(len(chain_sizes)), chain_sizes)
    sizes = np.bincount(chain, weights=keep, minlength=len(chain_sizes)).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    ring = np.flatnonzero(vertex[offsets[:-1]] == vertex[offsets[1:] - 1])
    if len(ring):
        middle = offsets[ring] + sizes[ring] // 2
        return split_runs(Runs(vertex, offsets, way), middle)
    return Runs(vertex, offsets, way)


def split_runs(runs: Runs, at: IntArray) -> Runs:
    """Runs cut at flat positions strictly inside them; the vertex there ends one, begins one."""
    at = np.unique(at)
    times = np.ones(len(runs.vertex), np.int64)
    times[at] = 2
    take = np.repeat(np.arange(len(runs.vertex)), times)
    starts = np.sort(np.concatenate([runs.offsets[:-1], at]))
    shift = np.searchsorted(at, starts, side="left") + np.isin(starts, at)
    offsets = np.append(starts + shift, len(take)).astype(np.int64)
    return Runs(runs.vertex[take], offsets, runs.way[take])


def insert_vertices(runs: Runs, segment: IntArray, fraction: FloatArray, vertex: IntArray) -> Runs:
    """Runs with further vertices inside their segments.

    Parameters
    ----------
    runs : Runs
    segment : ndarray of int
        Flat position at which the segment starts.
    fraction : ndarray of float
        Where on it, 0 to 1; settles the order of several on one segment.
    vertex : ndarray of int
        Number of each new vertex.
    """
    order = np.lexsort((fraction, segment))
    segment, vertex = segment[order], vertex[order]
    flat = np.insert(runs.vertex, segment + 1, vertex)
    way = np.insert(runs.way, segment + 1, runs.way[segment])
    before = np.searchsorted(segment, runs.offsets, side="left")
    return Runs(flat, (runs.offsets + before).astype(np.int64), way)
