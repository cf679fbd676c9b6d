"""A compiled graph under one set of arc weights: trees, paths and tables of least weight.

Re-weighting or closing makes a new, small object from the same graph; nothing about the network is
read again. With ``contract`` the chains of the graph are contracted first, which pays where many
questions are asked; the answers are the same.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from corridors.errors import ArgumentError
from corridors.routing.contraction import Contracted, Readout, first_least
from corridors.routing.core import NONE
from corridors.routing.graph import Path
from corridors.routing.skeleton import Skeleton

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy.sparse import csr_array

    from corridors.routing.graph import FloatArray, Graph, IntArray

BoolArray = npt.NDArray[np.bool_]
_NOWHERE: IntArray = np.zeros(0, np.int64)
NodeArray = npt.NDArray[np.signedinteger]


GRID, TAG, TAGGED_REACH = 2.0**-26, 2.0**-40, 2.0**13
"""A double holds weights below the last in steps of the second; in km the grid is 0.015 mm."""


class Weighted:
    """A graph and a weight for each arc.

    Where trains turn (``graph.has_turns``) all answers respect it: searches run over vertices, of
    which the first are the nodes, each as a place where a journey ends; see :class:`.Steps`.

    Parameters
    ----------
    graph : Graph
    weight : ndarray of float, one an arc of the graph
        Not negative and not NaN; ``inf`` where an arc may not be used.
    reversal_weight : float
        What each change of direction of a train adds.
    contract : bool
        Contract chains before the first search.

    Attributes
    ----------
    tail, head : ndarray of int
        Vertices of each usable step, sorted.
    arc : ndarray of int
        Arc that each usable step travels; -1: none.
    step_weight : ndarray of float
        Weight of each usable step.

    Raises
    ------
    ArgumentError
        If a weight is negative or NaN, or there is not one for each arc.
    """

    def __init__(
        self,
        graph: Graph,
        weight: FloatArray,
        reversal_weight: float = 0.0,
        *,
        contract: bool = False,
    ) -> None:
        if weight.shape != graph.tail.shape:
            msg = f"{len(weight)} weights for {len(graph.tail)} arcs; give one for each arc"
            raise ArgumentError(msg)
        if np.isnan(weight).any() or (weight < 0).any():
            msg = "a weight of an arc is negative or not a number; weights start at 0"
            raise ArgumentError(msg)
        self.graph = graph
        self.weight = weight
        self.reversal_weight = reversal_weight
        self.contract = contract
        self._keep = True
        steps = graph.steps
        weights = steps.weights(weight, reversal_weight)
        self.step = np.flatnonzero(np.isfinite(weights))
        """Number of each usable step among those of the graph."""
        self.arc = steps.arc[self.step]
        self.tail, self.head = steps.tail[self.step], steps.head[self.step]
        self.step_weight = weights[self.step]
        self._sources, self._targets = steps.depart, steps.arrive

    def reweighted(
        self, weight: FloatArray, reversal_weight: float | None = None, *, once: bool = False
    ) -> Weighted:
        """The same graph under other weights; what was compiled is kept where it still holds.

        Parameters
        ----------
        weight : ndarray of float, one an arc
        reversal_weight : float, optional
            As it is, if not given.
        once : bool
            Whether a question or two will be all, so that nothing need be prepared for more.
        """
        turning = self.reversal_weight if reversal_weight is None else reversal_weight
        other = Weighted(self.graph, weight, turning, contract=self.contract)
        other._keep = not once
        if self.contract and np.array_equal(other.step, self.step):
            other.__dict__["skeleton"] = self.skeleton
        return other

    def without(self, links: BoolArray) -> Weighted:
        """The same with some links closed.

        Parameters
        ----------
        links : ndarray of bool, one a link
            True where a link is closed.
        """
        return self.reweighted(np.where(links[self.graph.link], np.inf, self.weight))

    def reversed(self) -> Weighted:
        """The same with every arc turned round; its trees lead *to* a place.

        Vertices keep their numbers; :meth:`nearest` and :meth:`distances` count from where a
        journey begins.
        """
        return self._reversed

    @cached_property
    def _reversed(self) -> Weighted:
        back = object.__new__(Weighted)
        back.__dict__ |= {
            name: value for name, value in self.__dict__.items() if name not in _COMPILED
        }
        order = np.lexsort((self.tail, self.head))
        if self.contract:
            back.__dict__["skeleton"] = self.skeleton.reversed
        back.step, back.arc = self.step[order], self.arc[order]
        back.step_weight = self.step_weight[order]
        back.tail, back.head = self.head[order], self.tail[order]
        back._sources, back._targets = self._targets, self._sources
        return back

    # -- what searches run on --------------------------------------------------------------

    @cached_property
    def lightest(self) -> IntArray:
        """Of the steps between each two vertices the lightest, the first where they tie."""
        new = np.ones(len(self.tail), bool)
        new[1:] = (np.diff(self.tail) != 0) | (np.diff(self.head) != 0)
        if new.all():
            return np.arange(len(self.tail))
        return first_least(self.step_weight, np.flatnonzero(new))[1]

    @cached_property
    def _key(self) -> IntArray:
        first = self.lightest
        return np.asarray(self.tail[first] * self.graph.steps.size + self.head[first], np.int64)

    @cached_property
    def matrix(self) -> csr_array[np.float64, tuple[int, int]]:
        """Sparse matrix of least weights from vertex to vertex, for ``scipy.sparse.csgraph``.

        Of parallel steps only the lightest stands in it: scipy would add them up.
        """
        from scipy.sparse import csr_array

        first, size = self.lightest, self.graph.steps.size
        ends = np.searchsorted(self.tail[first], np.arange(size + 1)).astype(np.int32)
        return csr_array(
            (self.step_weight[first], self.head[first].astype(np.int32), ends), shape=(size, size)
        )

    @cached_property
    def skeleton(self) -> Skeleton:
        """Where chains run, whatever the weights."""
        return Skeleton(self.graph.steps.size, self.tail, self.head)

    @cached_property
    def _contracted(self) -> Contracted:
        return Contracted(self.skeleton, self.step_weight, keep=self._keep)

    @cached_property
    def _readout(self) -> Readout:
        return self._contracted.readout(self._targets)

    # -- questions -------------------------------------------------------------------------

    def entries(self, nodes: IntArray) -> IntArray:
        """Vertices where journeys from nodes begin."""
        return np.asarray(self._sources[nodes], np.int64)

    def exits(self, nodes: IntArray) -> IntArray:
        """Vertices where journeys to nodes end."""
        return np.asarray(self._targets[nodes], np.int64)

    @cached_property
    def links(self) -> IntArray:
        """Row of the link table of each usable step; -1: on no link."""
        return np.where(self.arc >= 0, self.graph.link[self.arc], -1)

    def tree(self, sources: IntArray) -> tuple[FloatArray, NodeArray]:
        """Least weight from the nearest source to every vertex, and the vertex before it.

        Parameters
        ----------
        sources : ndarray of int
            Node numbers.

        Returns
        -------
        distance : ndarray of float
            ``inf`` where no way leads. The first values are those of the nodes.
        before : ndarray of int
            Negative at sources and where no way leads.
        """
        if self.contract:
            return self._contracted.tree(self._sources[sources])
        from scipy.sparse.csgraph import dijkstra

        distance, before, _ = dijkstra(
            self.matrix, indices=self._sources[sources], min_only=True, return_predecessors=True
        )
        return distance, before

    def distances(self, sources: IntArray | Sequence[IntArray]) -> FloatArray:
        """Least weight from each source, or the nearest of several (rows), to every node (columns).

        Parameters
        ----------
        sources : ndarray of int, or sequence of them
            One node a row, or several.
        """
        groups = [np.atleast_1d(one) for one in sources]
        if not self.contract:
            rows = [self.nearest(one)[None] for one in groups]
            return np.concatenate(rows) if rows else np.zeros((0, self.graph.size))
        begin = [self._sources[one] for one in groups]
        return self._contracted.distances(begin, self._targets, self._readout)

    def distances_and_turns(self, sources: Sequence[IntArray]) -> tuple[FloatArray, FloatArray]:
        """The :meth:`distances`, and what the reversals on the way weigh in each of them.

        Both are exact to :data:`GRID` a step. One search yields both: each reversal carries a tag
        so small that all of them together stay below the grid on which the weights lie.
        """
        if not (self.graph.has_turns and self.reversal_weight):
            far = self.distances(sources)
            return far, np.zeros_like(far)
        far = self._tagged.distances(sources)
        reach = float(far.max(initial=0.0, where=np.isfinite(far)))
        if max(reach, reach / self.reversal_weight * TAG / GRID) >= TAGGED_REACH:
            return self._distances_and_turns_by_trees(sources)
        on_grid = np.floor(far / GRID) * GRID
        count = np.subtract(far, on_grid, out=np.zeros_like(far), where=np.isfinite(far)) / TAG
        return on_grid, count * (self._tagged.reversal_weight - TAG)

    @cached_property
    def _tagged(self) -> Weighted:
        """The same with weights on the grid and a tag on each reversal."""
        turning = _on_grid(self.reversal_weight)
        return self.reweighted(_on_grid(self.weight), float(turning) + TAG)

    def _distances_and_turns_by_trees(
        self, sources: Sequence[IntArray]
    ) -> tuple[FloatArray, FloatArray]:
        """The same for weights of any size, from the whole tree of each row."""
        turning = np.flatnonzero(self.graph.steps.reverses[self.step])
        tail, head = self.tail[turning], self.head[turning]
        far, turns = np.zeros((2, len(sources), self.graph.size))
        for number, one in enumerate(sources):
            distance, before = self.tree(one)
            turned = np.zeros(len(before))
            turned[head[before[head] == tail]] = self.reversal_weight
            far[number] = distance[self._targets]
            turns[number] = along_tree(before, turned)[self._targets]
        return far, turns

    def nearest(self, sources: IntArray) -> FloatArray:
        """Least weight from the nearest of the sources to every node."""
        if self.contract:
            return np.asarray(self.distances([sources])[0], float)
        return np.asarray(self.tree(sources)[0][self._targets], float)

    def _steps_of(self, links: IntArray) -> IntArray:
        """Usable steps that travel some links."""
        by_link, begin = self._by_link
        known = links[links < len(begin) - 1].tolist()
        parts = [by_link[begin[link] : begin[link + 1]] for link in known]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    @cached_property
    def _by_link(self) -> tuple[IntArray, IntArray]:
        """Usable steps by link, and where those of each begin."""
        rows = np.flatnonzero(self.arc >= 0)
        link = self.graph.link[self.arc[rows]]
        order = np.argsort(link, kind="stable")
        links = int(self.graph.link.max(initial=-1)) + 1
        return rows[order], np.searchsorted(link[order], np.arange(links + 1))

    def closing(self, links: IntArray) -> Weighted:
        """The same as :meth:`without`, quicker: what was contracted stays.

        Parameters
        ----------
        links : ndarray of int
            Rows of the link table.
        """
        if not self.contract:
            closed = np.zeros(int(self.graph.link.max(initial=0)) + 1, bool)
            closed[links[links < len(closed)]] = True
            return self.without(closed)
        gone = self._steps_of(links)
        other = object.__new__(Weighted)
        other.__dict__ |= {
            name: value for name, value in self.__dict__.items() if name not in _WEIGHED
        }
        other._contracted = self._contracted.without(gone)
        other.weight = self.weight.copy()
        other.weight[self.graph.steps.arc[self.step[gone]]] = np.inf
        other.step_weight = other._contracted.weight
        return other

    def into(self, before: NodeArray) -> IntArray:
        """Usable step by which a tree enters each vertex; -1 at roots and outside."""
        vertices = np.flatnonzero(before >= 0)
        found = np.full(len(before), -1)
        key = before[vertices].astype(np.int64) * self.graph.steps.size + vertices
        found[vertices] = self.lightest[np.searchsorted(self._key, key)]
        return found

    def path(self, sources: IntArray, targets: IntArray) -> Path | None:
        """Lightest path from any source to any target; None if there is none."""
        if self.contract:
            way = self._contracted.way(self._sources[sources], self._targets[targets])
            return None if way is None else self.over_steps(way, self._targets[targets[:1]])
        distance, before = self.tree(sources)
        return self.path_in(distance, before, targets)

    def path_in(self, distance: FloatArray, before: NodeArray, targets: IntArray) -> Path | None:
        """Path in a tree made by :meth:`tree` to the nearest of the targets."""
        ends = self._targets[targets]
        best = int(ends[np.argmin(distance[ends])])
        if not np.isfinite(distance[best]):
            return None
        return self.along(unwind(before, best)[::-1])

    def along(self, vertices: list[int]) -> Path:
        """Path over vertices in order, each two joined by their lightest step."""
        at = np.array(vertices, np.int64)
        return self.over_steps(self.steps_along(at), at[-1:])

    def steps_along(self, vertices: IntArray) -> IntArray:
        """The lightest usable step from each vertex of a path to the next."""
        key = vertices[:-1] * self.graph.steps.size + vertices[1:]
        return np.asarray(self.lightest[np.searchsorted(self._key, key)], np.int64)

    def over_steps(self, way: IntArray, end: IntArray) -> Path:
        """Path over steps in order; over none it is its end."""
        steps, arcs = self.graph.steps, self.step[way]
        reversals = _NOWHERE
        if not steps.plain:
            taken = arcs[steps.arc[arcs] >= 0]
            arcs, reversals = steps.arc[taken], np.flatnonzero(steps.reverses[taken])
        if not len(arcs):
            return self.over(arcs, end, reversals)
        nodes = np.empty(len(arcs) + 1, np.int64)
        nodes[0], nodes[1:] = self.graph.tail[arcs[0]], self.graph.head[arcs]
        return self.over(arcs, nodes, reversals)

    def over(self, arcs: IntArray, nodes: IntArray, reversals: IntArray | None = None) -> Path:
        """Path over arcs in order, with changes of direction at some places of ``nodes``."""
        turns = _NOWHERE if reversals is None else reversals
        return Path(
            links=self.graph.link[arcs],
            forward=self.graph.forward[arcs],
            nodes=nodes,
            cost=float(self.weight[arcs].sum()) + self.reversal_weight * len(turns),
            arcs=arcs,
            reversals=turns,
        )


def _on_grid(weight: FloatArray | float) -> FloatArray:
    return np.asarray(np.rint(np.asarray(weight) / GRID) * GRID, float)


def along_tree(before: NodeArray, value: FloatArray) -> FloatArray:
    """Sum of the values of the vertices on the way from the root of a tree to each vertex.

    Parameters
    ----------
    before : ndarray of int
        The vertex before each, negative at roots, as :meth:`Weighted.tree` gives it.
    value : ndarray of float, one a vertex
    """
    total, up = value.copy(), np.array(before, np.int64)
    below = np.flatnonzero(up >= 0)
    while len(below):
        total[below] += total[up[below]]
        up[below] = up[up[below]]
        below = below[up[below] >= 0]
    return total


_WEIGHED = ("_reversed", "lightest", "_key", "matrix", "_contracted", "_readout", "_tagged")
_COMPILED = (*_WEIGHED, "skeleton", "_by_link", "links")


def unwind(before: NodeArray | list[int], vertex: int) -> list[int]:
    """Vertices from ``vertex`` back to the root of a tree, ``vertex`` first."""
    vertices = [vertex]
    while (vertex := int(before[vertex])) != NONE:
        vertices.append(vertex)
    return vertices
