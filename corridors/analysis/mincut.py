"""Minimum cuts and disjoint routes between two sides of a multigraph, as arrays.

The largest flow equals the smallest cut (Ford and Fulkerson 1956; Menger 1927 for disjoint ways).
Of several smallest cuts one lies nearest the source and one nearest the sink, and what lies in any
of them can be read from the strong components of the residual graph (Picard and Queyranne 1980).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from corridors.routing.weighted import unwind

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from corridors.routing.graph import FloatArray, Graph, IntArray
    from corridors.routing.offers import BoolArray


@dataclass(frozen=True)
class Sides:
    """Two sides of a graph, drawn together to one vertex each, and what joins them.

    Parameters
    ----------
    size : int
        Number of vertices; the last two are the source and the sink.
    tail, head : ndarray of int
        Vertices of each arc.
    capacity : ndarray of float, one an arc
        Above zero.
    owner : ndarray of int, one an arc
        What the capacity is of: a row of the link table, or a node where crossings are cut; -1
        for an arc that is not to be cut.
    arc : ndarray of int, one an arc
        The arc of the graph; -1 inside a crossing.
    large : float
        Stands for a capacity without a bound: more than all others together.
    """

    size: int
    tail: IntArray
    head: IntArray
    capacity: FloatArray
    owner: IntArray
    arc: IntArray
    large: float

    @property
    def source(self) -> int:
        """Vertex of the one side."""
        return self.size - 2

    @property
    def sink(self) -> int:
        """Vertex of the other side."""
        return self.size - 1

    @cached_property
    def _flow(self) -> FloatArray:
        """A largest flow, one value an arc."""
        from igraph import Graph as Multigraph

        graph = Multigraph(self.size, np.column_stack([self.tail, self.head]), directed=True)
        found = graph.maxflow(self.source, self.sink, self.capacity.tolist())
        return np.asarray(found.flow, float)

    @cached_property
    def value(self) -> float:
        """The largest flow, which is the smallest cut."""
        away, back = self.tail == self.source, self.head == self.source
        return float(self._flow[away].sum() - self._flow[back].sum())

    @cached_property
    def _least(self) -> float:
        """What counts as some: sums of capacities are exact to about this."""
        return max(1e-6, float(self.capacity.max(initial=0.0)) * 1e-12)

    @cached_property
    def _residual(self) -> csr_array[np.float64, tuple[int, int]]:
        """Which vertex more could flow to from which, once the largest flow flows."""
        from scipy.sparse import csr_array

        more, less = self.capacity - self._flow > self._least, self._flow > self._least
        tail = np.concatenate([self.tail[more], self.head[less]])
        head = np.concatenate([self.head[more], self.tail[less]])
        return csr_array((np.ones(len(tail)), (tail, head)), (self.size, self.size))

    @cached_property
    def _sides(self) -> tuple[BoolArray, BoolArray]:
        """What the source still reaches, and what still reaches the sink."""
        return (
            _reached(self._residual, self.source),
            _reached(self._residual.T.tocsr(), self.sink),
        )

    def _between(self, near: BoolArray, far: BoolArray) -> IntArray:
        """Owners of the arcs from one side to the other."""
        return np.unique(self.owner[near[self.tail] & far[self.head]])

    @cached_property
    def near_source(self) -> IntArray:
        """Owners in the smallest cut nearest the source, ascending."""
        near, _ = self._sides
        return self._between(near, ~near)

    @cached_property
    def near_sink(self) -> IntArray:
        """Owners in the smallest cut nearest the sink."""
        _, near = self._sides
        return self._between(~near, near)

    @cached_property
    def in_every(self) -> IntArray:
        """Owners that lie in every smallest cut."""
        return self._between(*self._sides)

    @cached_property
    def in_some(self) -> IntArray:
        """Owners that lie in a smallest cut."""
        from scipy.sparse.csgraph import connected_components

        _, strong = connected_components(self._residual, connection="strong")
        # What flows there could not flow round: some smallest cut goes through.
        cut = (strong[self.tail] != strong[self.head]) & (self._flow > self._least)
        return np.unique(self.owner[cut])

    def ways(self, weight: FloatArray) -> list[tuple[float, IntArray]]:
        """Ways that carry the largest flow and weigh least together, the lightest first.

        Successive lightest ways in the residual graph (Suurballe 1974; Edmonds and Karp 1972).

        Parameters
        ----------
        weight : ndarray of float, one an arc
            0 or more.

        Returns
        -------
        list of (float, ndarray of int)
            What each carries, and its arcs (numbers in the arrays of this object) in order.
        """
        flow = np.zeros(len(self.tail))
        potential = np.zeros(self.size)
        while True:
            step = self._lightest(flow, weight, potential)
            if step is None:
                return self._taken_apart(flow, weight)
            forward, back, room = step
            flow[forward] += room
            flow[back] -= room

    def _lightest(
        self, flow: FloatArray, weight: FloatArray, potential: FloatArray
    ) -> tuple[IntArray, IntArray, float] | None:
        """Arcs on which the lightest way adds to the flow, those it takes from, and how much."""
        more = np.flatnonzero(self.capacity - flow > self._least)
        less = np.flatnonzero(flow > self._least)
        arc = np.concatenate([more, less])
        tail = np.concatenate([self.tail[more], self.head[less]])
        head = np.concatenate([self.head[more], self.tail[less]])
        cost = np.concatenate([weight[more], -weight[less]]) + potential[tail] - potential[head]
        room = np.concatenate([self.capacity[more] - flow[more], flow[less]])
        distance, way = _lightest_way(
            self.size, tail, head, np.maximum(cost, 0.0), self.source, self.sink
        )
        if way is None:
            return None
        # Vertices out of reach stay so; as far as the sink is far enough for the others.
        potential += np.minimum(distance, distance[self.sink])
        added = way < len(more)
        return arc[way[added]], arc[way[~added]], float(room[way].min())

    def _taken_apart(self, flow: FloatArray, weight: FloatArray) -> list[tuple[float, IntArray]]:
        """Ways that a flow consists of, once what passes a link in both directions is taken out."""
        order = np.argsort(self.owner, kind="stable")
        owner = self.owner[order]
        same = np.flatnonzero((owner[1:] == owner[:-1]) & (owner[1:] >= 0))
        ahead, back = order[same], order[same + 1]
        both = np.minimum(flow[ahead], flow[back])
        flow[ahead] -= both
        flow[back] -= both
        found: list[tuple[float, IntArray]] = []
        while True:
            used = np.flatnonzero(flow > self._least)
            _, way = _lightest_way(
                self.size, self.tail[used], self.head[used], weight[used], self.source, self.sink
            )
            if way is None:
                return found
            arcs = used[way]
            amount = float(flow[arcs].min())
            flow[arcs] -= amount
            found.append((amount, arcs))


def _reached(graph: csr_array[np.float64, tuple[int, int]], start: int) -> BoolArray:
    from scipy.sparse.csgraph import breadth_first_order

    mask = np.zeros(graph.shape[0], bool)
    order, _ = breadth_first_order(graph, start, return_predecessors=True)
    mask[order] = True
    return mask


def _lightest_way(
    size: int, tail: IntArray, head: IntArray, cost: FloatArray, start: int, end: int
) -> tuple[FloatArray, IntArray | None]:
    """Distances from the start, and the arcs of the lightest way to the end; None if there is none.

    Of parallel arcs the lightest is taken, and of equals the first.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    order = np.lexsort((cost, head, tail))
    key = tail[order] * size + head[order]
    first = np.ones(len(key), bool)
    first[1:] = key[1:] != key[:-1]
    chosen, key = order[first], key[first]
    matrix = csr_array((cost[chosen], (tail[chosen], head[chosen])), (size, size))
    distance, before, _ = dijkstra(
        matrix, indices=np.array([start]), min_only=True, return_predecessors=True
    )
    if not np.isfinite(distance[end]):
        return distance, None
    at = np.array(unwind(before.tolist(), end)[::-1])
    return distance, chosen[np.searchsorted(key, at[:-1] * size + at[1:])]


def sides(
    graph: Graph,
    usable: BoolArray,
    sources: IntArray,
    sinks: IntArray,
    *,
    capacity: FloatArray | None = None,
    nodes: BoolArray | None = None,
) -> Sides:
    """Draw two sides of a graph together.

    Parameters
    ----------
    graph : Graph
    usable : ndarray of bool, one an arc
    sources, sinks : ndarray of int
        Nodes of the two sides; they share none.
    capacity : ndarray of float, one a link, optional
        1 each if not given, ``inf`` where there is no bound. A link that leads both ways has it in
        either. Links of none are left out.
    nodes : ndarray of bool, one a node, optional
        Cut these and not links.
    """
    arcs = np.flatnonzero(usable if capacity is None else usable & (capacity[graph.link] > 0))
    split = np.zeros(0, np.int64) if nodes is None else np.flatnonzero(nodes)
    split = split[~np.isin(split, np.concatenate([sources, sinks]))]
    size = graph.size + len(split) + 2
    into = np.arange(graph.size)
    into[sources], into[sinks] = size - 2, size - 1
    out = into.copy()
    out[split] = graph.size + np.arange(len(split))
    tail, head = out[graph.tail[arcs]], into[graph.head[arcs]]
    between = tail != head
    arcs, tail, head = arcs[between], tail[between], head[between]
    if nodes is not None:
        owner, room = np.full(len(arcs), -1), np.full(len(arcs), np.inf)
    else:
        owner = graph.link[arcs]
        room = np.ones(len(arcs)) if capacity is None else capacity[owner]
    room = np.concatenate([room, np.ones(len(split))])
    large = float(room[np.isfinite(room)].sum()) + 1.0
    return Sides(
        size,
        np.concatenate([tail, into[split]]),
        np.concatenate([head, out[split]]),
        np.where(np.isfinite(room), room, large),
        np.concatenate([owner, split]),
        np.concatenate([arcs, np.full(len(split), -1)]),
        large,
    )
