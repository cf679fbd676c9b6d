"""One question on a network small enough to be asked thousands of times with other numbers.

What cannot be on any way between the two ends is cut off, and links in a row become one. Costs
stay sums of products of parameters (:mod:`corridors.costs.linear`), so that new numbers mean one
product of a sparse matrix and a vector, and a Dijkstra on some hundred places. A problem holds
nothing but small arrays: it can be sent to another process, and two problems with equal
arrays have equal answers whatever else differs between their networks.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.costs.linear import LinearCosts, linear_costs
from corridors.costs.model import vehicle_of
from corridors.routing.graph import Path

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from corridors.routing.ends import End
    from corridors.routing.graph import FloatArray, IntArray
    from corridors.routing.route import Route
    from corridors.routing.terms import Terms

MEASURES = ("length_km", "hours", "usd_per_t", "generalised")
WEIGHT_COLUMN = {"length": 0, "hours": 1, "usd_per_t": 2, "generalised": 3}
"""Which measure each weight makes least."""
_TWO = 2  # neighbours of a place in the middle of a line


@dataclass(frozen=True)
class Problem:
    """The least of one weight from some places to others, for any numbers of the parameters.

    Parameters
    ----------
    size : int
        Places left.
    tail, head : ndarray of int
        Stretches between them, sorted by tail and head; parallel ones stay apart.
    km : ndarray of float
    hours, usd : sparse matrix, (stretches, forms)
        Coefficients; see :class:`.LinearCosts`.
    sources, targets : ndarray of int
    weight : int
        Column of :data:`MEASURES` that is made least.
    value_of_time : float
        USD a tonne and hour that was given; NaN: that of the parameters.
    """

    size: int
    tail: IntArray
    head: IntArray
    km: FloatArray
    hours: csr_array[np.float64, tuple[int, int]]
    usd: csr_array[np.float64, tuple[int, int]]
    sources: IntArray
    targets: IntArray
    weight: int
    value_of_time: float = np.nan

    @cached_property
    def _pairs(self) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        """First stretch of each pair of places, key of each pair, and the matrix's structure."""
        key = self.tail * self.size + self.head
        first = np.flatnonzero(np.diff(key, prepend=-1))
        ends = np.searchsorted(self.tail[first], np.arange(self.size + 1))
        return first, key[first], self.head[first].astype(np.int32), ends.astype(np.int32)

    def costs(self, forms: FloatArray, value_of_time: float) -> FloatArray:
        """Each measure of each stretch, (4, stretches), for values of the forms."""
        hours, usd = np.asarray(self.hours @ forms), np.asarray(self.usd @ forms)
        time = value_of_time if np.isnan(self.value_of_time) else self.value_of_time
        return np.stack([self.km, hours, usd, usd + time * hours])

    def best(self, weight: FloatArray) -> IntArray | None:
        """Stretches of the lightest way, in order, for a weight of each; None if there is none."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra

        first, key, columns, ends = self._pairs
        if not len(self.tail):
            return None
        lightest = np.minimum.reduceat(weight, first)
        matrix = csr_array((lightest, columns, ends), shape=(self.size, self.size))
        far, before, _ = dijkstra(
            matrix, indices=self.sources, min_only=True, return_predecessors=True
        )
        node = int(self.targets[np.argmin(far[self.targets])])
        if not np.isfinite(far[node]):
            return None
        nodes = [node]
        while before[node] >= 0:
            node = int(before[node])
            nodes.append(node)
        at = np.array(nodes[::-1])
        pair = np.searchsorted(key, at[:-1] * self.size + at[1:])
        last = np.append(first[1:], len(self.tail))
        return np.array(
            [first[one] + int(np.argmin(weight[first[one] : last[one]])) for one in pair.tolist()],
            np.int64,
        )

    @cached_property
    def digest(self) -> str:
        """The same for problems whose answers are the same for all numbers."""
        digest = hashlib.sha256(f"{self.size} {self.weight} {self.value_of_time}".encode())
        parts: list[np.ndarray[Any, Any]]
        parts = [self.tail, self.head, self.km, self.sources, self.targets]
        for matrix in (self.hours, self.usd):
            parts += [matrix.indptr, matrix.indices, matrix.data]
        for part in parts:
            digest.update(f"|{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()

    def __getstate__(self) -> dict[str, object]:
        """Without what is worked out from the arrays."""
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class Small:
    """A problem with the way back from its stretches to the arcs of the network.

    Parameters
    ----------
    problem : Problem
    costs : LinearCosts
        What the forms are.
    members : tuple of ndarray of int
        Arcs of the network's graph in each stretch, in order.
    asked : Terms
    start, end : End
    """

    problem: Problem
    costs: LinearCosts
    members: tuple[IntArray, ...] = field(repr=False)
    asked: Terms = field(repr=False)
    start: End
    end: End

    def arcs(self, stretches: IntArray) -> IntArray:
        """Arcs of the network that a way over stretches passes."""
        none = np.zeros(0, np.int64)
        return np.concatenate([none, *(self.members[one] for one in stretches.tolist())])

    def route(self, stretches: IntArray) -> Route:
        """The route that goes by some stretches."""
        graph, arcs = self.asked.net.graph, self.arcs(stretches)
        nodes = np.append(graph.tail[arcs[:1]], graph.head[arcs])
        path = Path(graph.link[arcs], graph.forward[arcs], nodes, np.nan, arcs)
        shipment = self.asked.shipment(self.start, self.end)
        return self.asked.route([path], (self.start, self.end), shipment)


def small(asked: Terms, start: End, end: End) -> Small:
    """The question of one pair of ends under some terms, made small.

    Turns are not looked at, as in tables and closures.
    """
    net, graph = asked.net, asked.net.graph
    shipment = asked.shipment(start, end)
    costs = linear_costs(net, shipment, asked.commodity, vehicle=vehicle_of(asked.modes))
    usable = np.flatnonzero(asked.question(shipment).usable[graph.link])
    arcs = _between(graph.tail, graph.head, usable, graph.size, start.nodes, end.nodes)
    kept = np.zeros(graph.size, bool)
    kept[start.nodes] = kept[end.nodes] = True
    stretches = _stretches(graph.tail, graph.head, arcs, kept)
    ends = np.array([(one[0], one[1]) for one in stretches], np.int64).reshape(-1, 2)
    nodes = np.unique(np.concatenate([start.nodes, end.nodes, ends.ravel()]))
    first = np.array([one[2][0] for one in stretches], np.int64)
    order = np.lexsort((first, ends[:, 1], ends[:, 0]))
    members = tuple(np.array(stretches[at][2], np.int64) for at in order.tolist())
    sums = _summing(members, len(graph.link))
    given = asked.value_of_time
    problem = Problem(
        len(nodes),
        np.searchsorted(nodes, ends[order, 0]),
        np.searchsorted(nodes, ends[order, 1]),
        np.asarray(sums @ net.graph_lengths[graph.link], float),
        (sums @ costs.hours).tocsr(),
        (sums @ costs.usd).tocsr(),
        np.searchsorted(nodes, start.nodes),
        np.searchsorted(nodes, end.nodes),
        WEIGHT_COLUMN[asked.weight],
        np.nan if given is None else float(given),
    )
    return Small(problem, costs, members, asked, start, end)


def _summing(members: tuple[IntArray, ...], arcs: int) -> csr_array[np.float64, tuple[int, int]]:
    """Matrix that adds up what the arcs of each stretch have."""
    from scipy.sparse import csr_array

    none = np.zeros(0, np.int64)
    ends = np.concatenate([[0], np.cumsum([len(one) for one in members])]).astype(np.int64)
    columns = np.concatenate([none, *members])
    return csr_array((np.ones(len(columns)), columns, ends), shape=(len(members), arcs))


def _between(
    tail: IntArray, head: IntArray, arcs: IntArray, size: int, starts: IntArray, ends: IntArray
) -> IntArray:
    """Arcs that lead on from a start and on to an end, without dead ends."""
    ahead = _reached(tail[arcs], head[arcs], size, starts)
    back = _reached(head[arcs], tail[arcs], size, ends)
    arcs = arcs[ahead[tail[arcs]] & back[head[arcs]]]
    low, high = np.minimum(tail[arcs], head[arcs]), np.maximum(tail[arcs], head[arcs])
    pairs, pair = np.unique(np.stack([low, high], axis=1), axis=0, return_inverse=True)
    kept = np.ones(len(pairs), bool)
    while True:
        # A place with one neighbour leads nowhere, unless it is an end.
        degree = np.bincount(pairs[kept].ravel(), minlength=size)
        degree[starts] = degree[ends] = _TWO
        alive = kept & (degree[pairs] >= _TWO).all(axis=1)
        if (alive == kept).all():
            return arcs[kept[pair.ravel()]]
        kept = alive


def _reached(
    tail: IntArray, head: IntArray, size: int, starts: IntArray
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Mask of the places that arcs lead to from some places."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    # One place more, from which all starts are reached.
    rows = np.concatenate([tail, np.full(len(starts), size)])
    columns = np.concatenate([head, starts])
    matrix = coo_array((np.ones(len(rows)), (rows, columns)), (size + 1, size + 1)).tocsr()
    found = np.zeros(size + 1, bool)
    found[breadth_first_order(matrix, size, return_predecessors=False)] = True
    return found[:size]


def _stretches(
    tail: IntArray, head: IntArray, arcs: IntArray, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> list[tuple[int, int, list[int]]]:
    """Arcs joined where a place has two neighbours and one arc to and from each, at most.

    Returns
    -------
    list of (tail, head, arcs)
    """
    out: dict[int, list[int]] = {}
    near: dict[int, set[int]] = {}
    count: dict[tuple[int, int], int] = {}
    for arc, one, two in zip(arcs.tolist(), tail[arcs].tolist(), head[arcs].tolist(), strict=True):
        out.setdefault(one, []).append(arc)
        for here, there in ((one, two), (two, one)):
            near.setdefault(here, set()).add(there)
        count[one, two] = count.get((one, two), 0) + 1
    crowded = {node for pair, number in count.items() if number > 1 for node in pair}
    inner = {
        node
        for node, others in near.items()
        if len(others) == _TWO and not kept[node] and node not in crowded
    }
    found = []
    for start in sorted(set(near) - inner):
        for arc in out.get(start, ()):
            way, before, node = [arc], start, int(head[arc])
            while node in inner:
                onward = [one for one in out.get(node, ()) if int(head[one]) != before]
                if not onward:
                    break
                way.append(onward[0])
                before, node = node, int(head[onward[0]])
            if node not in inner and node != start:
                found.append((start, node, way))
    return found
