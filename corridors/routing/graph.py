"""Compiled arrays of a network: the only module that knows indices.

Built once per set of links and reused for every day, shipment and closure, which come in as a
weight per link, or per arc where the two directions differ (infinite: unusable). Parallel links
stay apart: a sparse matrix would add their weights up, so for each pair of places the lightest
link is chosen before a matrix is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy.sparse import csr_array

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
_NO_PREDECESSOR = -9999  # what scipy writes where a node has none


@dataclass(frozen=True)
class Path:
    """A way through the graph.

    Parameters
    ----------
    links : ndarray of int
        Rows of the link table, in the order travelled.
    forward : ndarray of bool
        Whether each link is travelled from its ``from_place`` to its ``to_place``.
    nodes : ndarray of int
        Rows of the place table, one more than links.
    cost : float
        Sum of the weights.
    arcs : ndarray of int
        The arcs travelled: rows of the arrays of the graph.
    reversals : ndarray of int
        Positions in ``nodes`` at which a train changes direction; empty where turns are free.
    """

    links: IntArray
    forward: npt.NDArray[np.bool_]
    nodes: IntArray
    cost: float
    arcs: IntArray
    reversals: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))


class Arcs:
    """What is travelled, as arrays: vertices joined by arcs, each on a link or on none.

    Attributes
    ----------
    size : int
        Number of vertices.
    tail, head : ndarray of int
        Vertices that each arc leads from and to. Arcs are sorted by tail, then head.
    link : ndarray of int
        Row of the link table of each arc; -1: on no link.
    """

    size: int
    tail: IntArray
    head: IntArray
    link: IntArray
    vertex_link: IntArray | None = None
    """Link that what is at each vertex has come by, -1: none; None where vertices are places."""

    def entries(self, nodes: IntArray) -> IntArray:
        """Vertices where a journey from places starts."""
        return nodes

    def exits(self, nodes: IntArray) -> IntArray:
        """Vertices where a journey to places ends."""
        return nodes

    def on(self, links: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Which arcs are on links of a mask."""
        return links[self.link] & (self.link >= 0) if len(links) else np.zeros(len(self.link), bool)

    def path_over(self, arcs: IntArray, vertices: IntArray, weight: FloatArray) -> Path:
        """Path over arcs in order."""
        raise NotImplementedError


class Graph(Arcs):
    """Places and links as arrays.

    Parameters
    ----------
    place_ids : Series of str
        Nodes, in the order of the place table.
    links : DataFrame
        Columns ``from_place``, ``to_place``, ``oneway``; arcs keep its row numbers.

    Attributes
    ----------
    tail, head : ndarray of int
        Nodes that each arc leads from and to. Arcs are sorted by tail, head and link.
    link : ndarray of int
        Row of the link table of each arc.
    forward : ndarray of bool
        Whether the arc runs from its link's ``from_place`` to its ``to_place``.
    """

    def __init__(self, place_ids: pd.Series[str], links: pd.DataFrame) -> None:
        self.index = pd.Index(place_ids)
        self.size = len(self.index)
        self._links = len(links)
        self._node = {name: node for node, name in enumerate(self.index)}
        start = self.index.get_indexer(pd.Index(links["from_place"])).astype(np.int64)
        end = self.index.get_indexer(pd.Index(links["to_place"])).astype(np.int64)
        back = ~links["oneway"].to_numpy(bool)
        rows = np.arange(len(links))
        tail = np.concatenate([start, end[back]])
        head = np.concatenate([end, start[back]])
        link = np.concatenate([rows, rows[back]])
        forward = np.arange(len(tail)) < len(links)
        # By pair of places, then by row of the link table: ties fall to the first link.
        order = np.lexsort((link, head, tail))
        self.tail, self.head = tail[order], head[order]
        self.link, self.forward = link[order], forward[order]
        new_pair = np.ones(len(order), bool)
        new_pair[1:] = (np.diff(self.tail) != 0) | (np.diff(self.head) != 0)
        self._pair_start = np.flatnonzero(new_pair)
        pair_tail = self.tail[self._pair_start]
        self._pair_head = self.head[self._pair_start].astype(np.int32)
        self._pair_key = pair_tail * self.size + self._pair_head
        self._pair_end = np.append(self._pair_start[1:], len(order))
        self._indptr = np.searchsorted(pair_tail, np.arange(self.size + 1)).astype(np.int32)

    def nodes(self, place_ids: Sequence[str]) -> IntArray:
        """Node numbers of places (-1: unknown)."""
        return np.array([self._node.get(name, -1) for name in place_ids], np.int64)

    def arc_weights(self, link_weight: FloatArray) -> FloatArray:
        """Weights of the arcs, where each link weighs the same in both directions.

        Parameters
        ----------
        link_weight : ndarray of float, one a link

        Returns
        -------
        ndarray of float, one an arc
        """
        if len(link_weight) != self._links:
            raise ArgumentError(
                f"link_weight holds {len(link_weight)} values for {self._links} links; "
                "give one a link, or arc_weight with one an arc"
            )
        return np.asarray(link_weight[self.link], float)

    def shortest_path(
        self,
        sources: IntArray,
        targets: IntArray,
        link_weight: FloatArray | None = None,
        *,
        arc_weight: FloatArray | None = None,
        reversal_weight: float = 0.0,  # noqa: ARG002  (only where trains turn)
    ) -> Path | None:
        """Lightest path from any of the sources to any of the targets (Dijkstra 1959).

        Parameters
        ----------
        sources, targets : ndarray of int
            Node numbers.
        link_weight : ndarray of float, one a link
            Not negative; ``inf`` where a link may not be used.
        arc_weight : ndarray of float, one an arc
            The same where directions differ; give one of the two.

        Returns
        -------
        Path or None
            None if no target can be reached.
        """
        from scipy.sparse.csgraph import dijkstra

        weight = self._weight(link_weight, arc_weight)
        distance, before, _ = dijkstra(
            self.matrix(weight), indices=sources, min_only=True, return_predecessors=True
        )
        best = targets[np.argmin(distance[targets])]
        if not np.isfinite(distance[best]):
            return None
        return self.path_to(int(best), before, weight)

    def path_to(
        self, node: int, before: npt.NDArray[np.signedinteger], arc_weight: FloatArray
    ) -> Path:
        """Path that a tree of predecessors describes.

        Parameters
        ----------
        node : int
            Where it ends.
        before : ndarray of int, one a node
            Predecessors, as scipy gives them.
        arc_weight : ndarray of float, one an arc
            Weights the tree was made with; of parallel arcs the lightest was used.
        """
        nodes = [node]
        while before[nodes[-1]] != _NO_PREDECESSOR:
            nodes.append(int(before[nodes[-1]]))
        nodes.reverse()
        at = np.array(nodes)
        return self.path_over(self.arcs_along(at, arc_weight), at, arc_weight)

    def path_over(self, arcs: IntArray, vertices: IntArray, weight: FloatArray) -> Path:
        """Path over arcs in order.

        Parameters
        ----------
        arcs : ndarray of int
        vertices : ndarray of int
            Those that the arcs join, one more.
        weight : ndarray of float, one an arc of the graph
        """
        return Path(
            links=self.link[arcs],
            forward=self.forward[arcs],
            nodes=vertices,
            cost=float(weight[arcs].sum()),
            arcs=arcs,
        )

    has_turns = False
    """Whether links say how track lies at their ends, so that sharp turns are forbidden."""

    def reverses_between(self, one: Path, other: Path) -> bool:  # noqa: ARG002
        """Whether a train that came by one path must reverse to go on by another: never here."""
        return False

    def distances(
        self,
        sources: IntArray,
        link_weight: FloatArray | None = None,
        *,
        arc_weight: FloatArray | None = None,
    ) -> FloatArray:
        """Least weight from the nearest of the sources to every node; ``inf`` where none leads."""
        from scipy.sparse.csgraph import dijkstra

        weight = self._weight(link_weight, arc_weight)
        return np.asarray(dijkstra(self.matrix(weight), indices=sources, min_only=True), float)

    def components(self, usable: npt.NDArray[np.bool_]) -> IntArray:
        """Number of the connected component of every node, over usable links, either direction."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        arcs = usable[self.link]
        matrix = coo_array(
            (np.ones(int(arcs.sum())), (self.tail[arcs], self.head[arcs])), (self.size, self.size)
        )
        _, label = connected_components(matrix, directed=False)
        return np.asarray(label, np.int64)

    def matrix(self, arc_weight: FloatArray) -> csr_array[np.float64, tuple[int, int]]:
        """Sparse matrix of least weights from place to place, for ``scipy.sparse.csgraph``.

        Of parallel arcs only the lightest stands in it, since a sparse matrix adds up what is
        given twice.
        """
        from scipy.sparse import csr_array

        lightest = (
            np.minimum.reduceat(arc_weight, self._pair_start)
            if len(arc_weight)
            else np.zeros(0, float)
        )
        return csr_array((lightest, self._pair_head, self._indptr), shape=(self.size, self.size))

    def _weight(self, link_weight: FloatArray | None, arc_weight: FloatArray | None) -> FloatArray:
        if arc_weight is None and link_weight is not None:
            return self.arc_weights(link_weight)
        if arc_weight is None or link_weight is not None:
            raise ArgumentError("give link_weight or arc_weight, one of them")
        if len(arc_weight) != len(self.link):
            raise ArgumentError(
                f"arc_weight holds {len(arc_weight)} values for {len(self.link)} arcs"
            )
        return arc_weight

    def arcs_along(self, nodes: IntArray, arc_weight: FloatArray) -> IntArray:
        """The lightest arc from each node of a path to the next; of equals the first.

        Parameters
        ----------
        nodes : ndarray of int
            Each joined to the next by an arc.
        arc_weight : ndarray of float, one an arc
        """
        pair = np.searchsorted(self._pair_key, nodes[:-1] * self.size + nodes[1:])
        arcs = self._pair_start[pair].astype(np.int64)
        count = self._pair_end[pair] - arcs
        for at in np.flatnonzero(count > 1):
            first = arcs[at]
            arcs[at] = first + np.argmin(arc_weight[first : first + count[at]])
        return arcs
