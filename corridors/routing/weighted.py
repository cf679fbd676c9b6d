"""A compiled graph under one set of arc weights: trees, paths and tables of least weight.

Arcs of infinite weight are left out of the matrix and, of parallel arcs, all but the lightest:
scipy would add parallel entries up. Re-weighting or closing makes a new, small object from the
same graph; nothing about the network is read again.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from corridors.errors import ArgumentError

if TYPE_CHECKING:
    from corridors.routing.graph import Arcs, FloatArray, IntArray, Path

BoolArray = npt.NDArray[np.bool_]
NodeArray = npt.NDArray[np.signedinteger]
_NONE = -9999  # what scipy writes where a node has no predecessor


class Weighted:
    """A graph and a weight for each arc.

    Parameters
    ----------
    graph : Arcs
        A :class:`~corridors.routing.graph.Graph`, or one that knows turns.
    weight : ndarray of float, one an arc of the graph
        Not negative and not NaN; ``inf`` where an arc may not be used.

    Raises
    ------
    ArgumentError
        If a weight is negative or NaN, or there is not one for each arc.
    """

    def __init__(self, graph: Arcs, weight: FloatArray) -> None:
        from scipy.sparse import csr_array

        if weight.shape != graph.tail.shape:
            msg = f"{len(weight)} weights for {len(graph.tail)} arcs; give one for each arc"
            raise ArgumentError(msg)
        if np.isnan(weight).any() or (weight < 0).any():
            msg = "a weight of an arc is negative or not a number; weights start at 0"
            raise ArgumentError(msg)
        self.graph = graph
        self.weight = weight
        self.arc, self.crowded = _lightest(graph, weight)
        """The arc that stands for each pair of places, by tail and then head."""
        tail, head = graph.tail[self.arc], graph.head[self.arc]
        self._key = tail * graph.size + head
        ends = np.searchsorted(tail, np.arange(graph.size + 1)).astype(np.int32)
        self.matrix = csr_array(
            (weight[self.arc], head.astype(np.int32), ends), shape=(graph.size, graph.size)
        )

    def without(self, links: BoolArray) -> Weighted:
        """The same with some links closed.

        Parameters
        ----------
        links : ndarray of bool, one a link
            True where a link is closed.
        """
        return Weighted(self.graph, np.where(self.graph.on(links), np.inf, self.weight))

    def reversed(self) -> Weighted:
        """The same with every arc turned round; its trees lead *to* a place."""
        back = copy(self)
        back.matrix = self.matrix.T.tocsr()
        return back

    def tree(self, sources: IntArray) -> tuple[FloatArray, NodeArray]:
        """Least weight from the nearest source to every node, and the node before it.

        Returns
        -------
        distance : ndarray of float
            ``inf`` where no way leads.
        before : ndarray of int
            Negative at sources and where no way leads.
        """
        from scipy.sparse.csgraph import dijkstra

        distance, before, _ = dijkstra(
            self.matrix, indices=sources, min_only=True, return_predecessors=True
        )
        return distance, before

    def distances(self, sources: IntArray) -> FloatArray:
        """Least weight from each source (rows) to every node (columns); one Dijkstra a source."""
        from scipy.sparse.csgraph import dijkstra

        return np.asarray(dijkstra(self.matrix, indices=sources), float)

    def nearest(self, sources: IntArray) -> FloatArray:
        """Least weight from the nearest of the sources to every node."""
        from scipy.sparse.csgraph import dijkstra

        return np.asarray(dijkstra(self.matrix, indices=sources, min_only=True), float)

    def closing(self, links: IntArray) -> Weighted:
        """The same as :meth:`without`, without compiling anything anew where that can be.

        Parameters
        ----------
        links : ndarray of int
            Rows of the link table.
        """
        from scipy.sparse import csr_array

        closed = np.zeros(
            max(int(self.graph.link.max(initial=0)), int(links.max(initial=0))) + 1, bool
        )
        closed[links] = True
        gone = self.graph.on(closed)[self.arc]
        if (gone & self.crowded).any():
            # A closed link has a parallel one, which must now stand for the pair.
            return self.without(closed)
        other = copy(self)
        data = np.where(gone, np.inf, self.matrix.data)
        other.matrix = csr_array((data, self.matrix.indices, self.matrix.indptr), self.matrix.shape)
        return other

    def path(self, sources: IntArray, targets: IntArray) -> Path | None:
        """Lightest path from any source to any target; None if there is none."""
        distance, before = self.tree(sources)
        return self.path_in(distance, before, targets)

    def path_in(self, distance: FloatArray, before: NodeArray, targets: IntArray) -> Path | None:
        """Path in a tree made by :meth:`tree` to the nearest of the targets."""
        best = int(targets[np.argmin(distance[targets])])
        if not np.isfinite(distance[best]):
            return None
        return self.along(unwind(before.tolist(), best)[::-1])

    def along(self, nodes: list[int]) -> Path:
        """Path over nodes in order, each two joined by their lightest arc."""
        at = np.array(nodes, np.int64)
        return self.over(self.arcs_along(at), at)

    def arcs_along(self, nodes: IntArray) -> IntArray:
        """The lightest arc from each node of a path to the next."""
        return self.arc[np.searchsorted(self._key, nodes[:-1] * self.graph.size + nodes[1:])]

    def over(self, arcs: IntArray, nodes: IntArray) -> Path:
        """Path over arcs in order."""
        return self.graph.path_over(arcs, nodes, self.weight)


def unwind(before: list[int], node: int) -> list[int]:
    """Nodes from ``node`` back to the root of a tree, ``node`` first."""
    nodes = [node]
    while (node := before[node]) != _NONE:
        nodes.append(node)
    return nodes


def _lightest(graph: Arcs, weight: FloatArray) -> tuple[IntArray, BoolArray]:
    """Of the usable arcs between each two places the lightest, the first where they tie.

    Also whether the two places have more than one usable arc.
    """
    arcs = np.flatnonzero(np.isfinite(weight))
    tail, head = graph.tail[arcs], graph.head[arcs]
    new_pair = np.ones(len(arcs), bool)
    new_pair[1:] = (np.diff(tail) != 0) | (np.diff(head) != 0)
    if new_pair.all():
        return arcs, np.zeros(len(arcs), bool)
    # Only pairs with parallel arcs need sorting; arcs come by tail, head and link.
    order = np.lexsort((arcs, weight[arcs], head, tail))
    begin = np.flatnonzero(new_pair)
    return np.asarray(arcs[order][begin], np.int64), np.diff(begin, append=len(arcs)) > 1
