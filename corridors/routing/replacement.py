"""The way round: what a path becomes when any of its links is lost.

Two trees answer for every link of a path at once. A way that avoids one link follows the tree out
of the origin up to some arc and the tree into the destination from there (Malik, Mittal and Gupta
1989, "The k most vital arcs in the shortest path problem"). The lightest such way is the answer
wherever no way at all can be lighter: any way round crosses from what the origin reaches without
the link to what it does not, and the same at the destination's end. Where weights are equal in both
directions the two bounds always meet. Where they do not meet (one-way links, dues that differ by
direction, trains that cannot turn), the graph is searched again without the link. So the answer is
exact for any weights from 0 up.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from corridors.routing.weighted import unwind

if TYPE_CHECKING:
    from corridors.routing.graph import FloatArray, IntArray, Path
    from corridors.routing.weighted import NodeArray, Weighted

_SAME = 1e-10
"""Two weights are one if they differ by less than this share: sums in another order do."""


class Trees:
    """Shortest-path trees of one world, each made once and shared by all pairs.

    Parameters
    ----------
    world : Weighted
    """

    def __init__(self, world: Weighted) -> None:
        self.world = world
        self._kept: dict[tuple[bool, bytes], tuple[FloatArray, NodeArray]] = {}
        self._lists: dict[int, list[int]] = {}

    def out_of(self, nodes: IntArray) -> tuple[FloatArray, NodeArray]:
        """Least weight from the nearest of some nodes to each vertex, and the one before it."""
        return self._tree(nodes, into=False)

    def into(self, nodes: IntArray) -> tuple[FloatArray, NodeArray]:
        """Least weight from each vertex to the nearest of some nodes, and the one after it."""
        return self._tree(nodes, into=True)

    def listed(self, parent: NodeArray) -> list[int]:
        """A tree's pointers as a list, which is quicker to follow one by one."""
        if id(parent) not in self._lists:
            self._lists[id(parent)] = parent.tolist()
        return self._lists[id(parent)]

    def _tree(self, nodes: IntArray, *, into: bool) -> tuple[FloatArray, NodeArray]:
        key = (into, nodes.tobytes())
        if key not in self._kept:
            self._kept[key] = (self.world.reversed() if into else self.world).tree(nodes)
        return self._kept[key]


class Replacements:
    """The lightest path between two ends, and what stands in for it when links are lost.

    Parameters
    ----------
    trees : Trees
    sources, targets : ndarray of int
        Places; the path leads from any of the ones to any of the others.

    Attributes
    ----------
    path : Path or None
        None if there is no way.
    cost : float
        Its weight; ``inf`` if there is none.
    links : ndarray of int
        Row of the link table of each step of the path; -1: on no link.
    """

    def __init__(self, trees: Trees, sources: IntArray, targets: IntArray) -> None:
        self._trees, self._world = trees, trees.world
        self._ends = sources, targets
        self._sources, self._targets = self._world.entries(sources), self._world.exits(targets)
        distance, self._before = trees.out_of(sources)
        best = int(self._targets[np.argmin(distance[self._targets])])
        self._far = distance
        self.cost = float(distance[best])
        self.path: Path | None = None
        self._vertices = self._steps = self.links = np.zeros(0, np.int64)
        if np.isfinite(self.cost):
            self._vertices = np.array(unwind(trees.listed(self._before), best)[::-1], np.int64)
            self._steps = self._world.steps_along(self._vertices)
            self.links = self._world.links[self._steps]
            self.path = self._world.over_steps(self._steps, self._vertices[-1:])
        self._lost: dict[bytes, tuple[float, Path | None]] = {}
        self._joined: dict[int, tuple[Path, frozenset[int]]] = {}

    # -- one link --------------------------------------------------------------------------

    def without_each(self) -> tuple[IntArray, FloatArray]:
        """Weight that is left when each link of the path is lost by itself.

        Returns
        -------
        links : ndarray of int
            Rows of the link table, in the order travelled, each once.
        cost : ndarray of float
            ``inf`` where no way is left.
        """
        rows, first = np.unique(self.links, return_index=True)
        first = np.sort(first[rows >= 0])
        cost = self._least[first].copy()
        for number in np.flatnonzero(np.isnan(cost)).tolist():
            cost[number] = self.without(self.links[first[number]][None])[0]
        return self.links[first], cost

    @cached_property
    def _least(self) -> FloatArray:
        """Weight of the way round each step of the path; NaN where it must be searched."""
        count = len(self._steps)
        if not count:
            return np.zeros(0)
        cost, leaves, rejoins, other_leaves, other_rejoins, own = self._candidates
        upper, self._by = _least_over(cost, leaves, rejoins, own, count)
        lower = np.maximum(
            _least_over(cost, leaves, other_leaves, own, count)[0],
            _least_over(cost, other_rejoins, rejoins, own, count)[0],
        )
        least = np.where(upper <= lower * (1 + _SAME) + _SAME, upper, np.nan)
        # Where a train passes a link twice, one arc is not all that is lost.
        rows, times = np.unique(self.links, return_counts=True)
        least[np.isin(self.links, rows[times > 1])] = np.nan
        if not self._world.graph.has_turns:
            return least
        # A train may have used the link before, the other way.
        for at in np.flatnonzero(np.isfinite(least)).tolist():
            if self.links[at] in self._join(int(self._by[at]))[1]:
                least[at] = np.nan
        return least

    @cached_property
    def _candidates(self) -> tuple[FloatArray, IntArray, IntArray, IntArray, IntArray, IntArray]:
        """Weight of the way over each arc, and where its two halves leave and join the path.

        The halves of arc (u, v) are the tree to u and the tree from v. Beside arcs of the graph
        stand the ends themselves, each a way from nowhere or to nowhere.

        Returns
        -------
        cost : ndarray of float
        leaves, rejoins : ndarray of int
            The tree to u keeps to the path up to its vertex ``leaves``; the tree from v keeps to it
            from its vertex ``rejoins`` on.
        other_leaves, other_rejoins : ndarray of int
            The same for the tree to v, and for the tree from u. What is lost between ``leaves`` and
            ``other_leaves``, or ``other_rejoins`` and ``rejoins``, has to be gone round by one of
            these steps: that bounds the weight from below.
        own : ndarray of int
            The step of the path that is lost with the step itself, being on the same link; -1:
            none.
        """
        world, count = self._world, len(self._steps)
        left, self._after = self._trees.into(self._ends[1])
        pre = _position_on(self._vertices, self._before, nowhere=0)
        post = _position_on(self._vertices, self._after, nowhere=count)
        # To join the path at a link just travelled is to use that link.
        by_link = world.graph.steps.travelled(self._vertices[post])
        by_link[self._vertices] = False
        post -= by_link
        tail, head = world.tail, world.head
        cost = self._far[tail] + world.step_weight + left[head]
        place = np.full(int(world.links.max(initial=0)) + 2, -1)
        place[self.links] = np.arange(count)
        place[-1] = -1  # steps on no link are lost with none
        starts, ends = self._sources, self._targets
        none, whole = np.zeros(len(starts), np.int64), np.full(len(ends), count)
        return (
            np.concatenate([cost, left[starts], self._far[ends]]),
            np.concatenate([pre[tail], none, pre[ends]]),
            np.concatenate([post[head], post[starts], whole]),
            np.concatenate([pre[head], none, whole]),
            np.concatenate([post[tail], none, post[ends]]),
            np.concatenate([place[world.links], np.full(len(starts) + len(ends), -1)]),
        )

    def _join(self, candidate: int) -> tuple[Path, frozenset[int]]:
        """The path over a candidate, along the trees to it and from it, and the links it takes."""
        if candidate in self._joined:
            return self._joined[candidate]
        world = self._world
        steps = len(world.tail)
        ways: list[IntArray] = []
        if candidate < steps:
            ways.append(self._to(int(world.tail[candidate])))
            ways.append(self._from(int(world.head[candidate])))
            middle = [np.array([candidate])]
        elif candidate < steps + len(self._sources):
            ways.append(self._from(int(self._sources[candidate - steps])))
            middle = []
        else:
            ways.append(self._to(int(self._targets[candidate - steps - len(self._sources)])))
            middle = []
        parts = [world.steps_along(way) for way in ways]
        over = np.concatenate([parts[0], *middle, *parts[1:]])
        path = world.over_steps(over, ways[-1][-1:])
        self._joined[candidate] = path, frozenset(path.links.tolist())
        return self._joined[candidate]

    def _to(self, vertex: int) -> IntArray:
        """Vertices to one, out of the origin; as long as it can, along the path."""
        way = self._off_path(self._trees.listed(self._before), vertex)[::-1]
        at = self._places.get(way[0], 0)
        return np.concatenate([self._vertices[:at], np.array(way, np.int64)])

    def _from(self, vertex: int) -> IntArray:
        """Vertices from one on; once on the path, along the path."""
        way = self._off_path(self._trees.listed(self._after), vertex)
        at = self._places.get(way[-1], len(self._vertices))
        return np.concatenate([np.array(way, np.int64), self._vertices[at + 1 :]])

    def _off_path(self, parent: list[int], vertex: int) -> list[int]:
        """Vertices up a tree from one to the first on the path, or to the root."""
        way = [vertex]
        while way[-1] not in self._places and parent[way[-1]] >= 0:
            way.append(parent[way[-1]])
        return way

    @cached_property
    def _places(self) -> dict[int, int]:
        return {vertex: place for place, vertex in enumerate(self._vertices.tolist())}

    # -- several links ---------------------------------------------------------------------

    def without(self, rows: IntArray) -> tuple[float, Path | None]:
        """Least weight and path with some links lost together.

        Parameters
        ----------
        rows : ndarray of int
            Rows of the link table.

        Returns
        -------
        cost : float
            ``inf`` if no way is left.
        path : Path or None
        """
        key = rows.tobytes()
        if key not in self._lost:
            self._lost[key] = self._without(rows)
        return self._lost[key]

    def _without(self, rows: IntArray) -> tuple[float, Path | None]:
        shut = set(rows.tolist())
        hit = sorted(at for link in shut & self._at.keys() for at in self._at[link])
        if not hit:
            return self.cost, self.path
        # The dearest way round one of them is a bound; it is the answer if it avoids them all.
        known = self._least_listed
        worst = max(hit, key=known.__getitem__)
        if not any(math.isnan(known[at]) for at in hit):
            if known[worst] == np.inf:
                return np.inf, None
            path, travelled = self._join(int(self._by[worst]))
            if shut.isdisjoint(travelled):
                return known[worst], path
        return self._search(rows)

    @cached_property
    def _least_listed(self) -> list[float]:
        """The same as a list, which is quicker to look up one by one."""
        return [float(one) for one in self._least]

    @cached_property
    def _at(self) -> dict[int, list[int]]:
        """Steps of the path by the link they travel."""
        steps: dict[int, list[int]] = {}
        for at, link in enumerate(self.links.tolist()):
            steps.setdefault(link, []).append(at)
        return steps

    def _search(self, rows: IntArray) -> tuple[float, Path | None]:
        """The same by a search of the graph without the links."""
        path = self._world.closing(rows).path(*self._ends)
        return (np.inf if path is None else path.cost, path)


def _position_on(vertices: IntArray, parent: NodeArray, nowhere: int) -> IntArray:
    """Where the way of each vertex up a tree meets a path, as a place in the path.

    Pointers are doubled, so that a tree of depth d takes log d steps (Wyllie 1979).
    """
    at = np.arange(len(parent))
    jump = np.where(parent < 0, at, parent)
    jump[vertices] = vertices
    while True:
        further = jump[jump]
        if np.array_equal(further, jump):
            break
        jump = further
    place = np.full(len(parent), nowhere, np.int64)
    place[vertices] = np.arange(len(vertices))
    return place[jump]


def _least_over(
    value: FloatArray, begin: IntArray, end: IntArray, skip: IntArray, count: int
) -> tuple[FloatArray, IntArray]:
    """Least value over each of ``count`` cells, of values that each cover a run of cells.

    Parameters
    ----------
    value : ndarray of float
    begin, end : ndarray of int
        Each value covers the cells from ``begin`` to before ``end``.
    skip : ndarray of int
        A cell that it does not cover even so.
    count : int

    Returns
    -------
    least : ndarray of float
        ``inf`` where nothing covers a cell.
    by : ndarray of int
        Which value it is, of equal ones the first; -1: none.
    """
    which = np.flatnonzero((begin < end) & np.isfinite(value))
    begin, end, skip = begin[which], end[which], skip[which]
    broken = np.flatnonzero((begin <= skip) & (skip < end))
    which = np.concatenate([which, which[broken]])
    rest = end[broken]
    end[broken] = skip[broken]
    begin, end = np.concatenate([begin, skip[broken] + 1]), np.concatenate([end, rest])
    kept = np.flatnonzero(begin < end)
    kept = kept[np.lexsort((which[kept], value[which[kept]]))]
    which, begin, end = which[kept], begin[kept], end[kept]
    none = len(which)
    level = np.frexp(np.maximum(end - begin, 1))[1] - 1
    # A run is two overlapping runs of a power of two cells; ranks go down from run to run.
    rank = np.full((int(level.max(initial=0)) + 1, count), none)
    order = np.arange(none)
    np.minimum.at(rank, (level, begin), order)
    np.minimum.at(rank, (level, end - (1 << level)), order)
    for height in range(len(rank) - 1, 0, -1):
        half = 1 << (height - 1)
        np.minimum(rank[height - 1], rank[height], out=rank[height - 1])
        np.minimum(
            rank[height - 1, half:], rank[height, : count - half], out=rank[height - 1, half:]
        )
    first = rank[0]
    return np.append(value[which], np.inf)[first], np.append(which, -1)[first]
