"""Compiled arrays of a network: the only module that knows indices.

Built once per set of links and reused for every day, shipment and closure, which come in as a
weight per link (infinite: unusable). Parallel links stay apart: a sparse matrix would add their
weights up, so for each pair of places the lightest link is chosen before a matrix is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    reversals : ndarray of int
        Positions in ``nodes`` at which a train changes direction; empty where turns are free.
    """

    links: IntArray
    forward: npt.NDArray[np.bool_]
    nodes: IntArray
    cost: float
    reversals: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))


class Graph:
    """Places and links as arrays.

    Parameters
    ----------
    place_ids : Series of str
        Nodes, in the order of the place table.
    links : DataFrame
        Columns ``from_place``, ``to_place``, ``oneway``; arcs keep its row numbers.
    """

    def __init__(self, place_ids: pd.Series[str], links: pd.DataFrame) -> None:
        self.index = pd.Index(place_ids)
        self.size = len(self.index)
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
        self._indptr = np.searchsorted(pair_tail, np.arange(self.size + 1)).astype(np.int32)
        self.out_start = np.searchsorted(self.tail, np.arange(self.size + 1))

    def nodes(self, place_ids: Sequence[str]) -> IntArray:
        """Node numbers of places (-1: unknown)."""
        return np.asarray(self.index.get_indexer(pd.Index(place_ids)), np.int64)

    def shortest_path(
        self, sources: IntArray, targets: IntArray, link_weight: FloatArray
    ) -> Path | None:
        """Lightest path from any of the sources to any of the targets (Dijkstra 1959).

        Parameters
        ----------
        sources, targets : ndarray of int
            Node numbers.
        link_weight : ndarray of float, one a link
            Not negative; ``inf`` where a link may not be used.

        Returns
        -------
        Path or None
            None if no target can be reached.
        """
        from scipy.sparse.csgraph import dijkstra

        weight = link_weight[self.link]
        distance, before, _ = dijkstra(
            self._matrix(weight), indices=sources, min_only=True, return_predecessors=True
        )
        best = targets[np.argmin(distance[targets])]
        if not np.isfinite(distance[best]):
            return None
        nodes = [int(best)]
        while before[nodes[-1]] != _NO_PREDECESSOR:
            nodes.append(int(before[nodes[-1]]))
        nodes.reverse()
        arcs = [self._lightest(u, v, weight) for u, v in pairwise(nodes)]
        return Path(
            links=self.link[arcs],
            forward=self.forward[arcs],
            nodes=np.array(nodes),
            cost=float(weight[arcs].sum()),
        )

    def reverses_between(self, one: Path, other: Path) -> bool:  # noqa: ARG002
        """Whether a train that came by one path must reverse to go on by another: never here."""
        return False

    def distances(self, sources: IntArray, link_weight: FloatArray) -> FloatArray:
        """Least weight from the nearest of the sources to every node; ``inf`` where none leads."""
        from scipy.sparse.csgraph import dijkstra

        weight = link_weight[self.link]
        return np.asarray(dijkstra(self._matrix(weight), indices=sources, min_only=True), float)

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

    def _matrix(self, weight: FloatArray):  # type: ignore[no-untyped-def]  # noqa: ANN202
        from scipy.sparse import csr_array

        lightest = (
            np.minimum.reduceat(weight, self._pair_start) if len(weight) else np.zeros(0, float)
        )
        return csr_array((lightest, self._pair_head, self._indptr), shape=(self.size, self.size))

    def _lightest(self, u: int, v: int, weight: FloatArray) -> int:
        first, last = self.out_start[u], self.out_start[u + 1]
        arcs = np.arange(first, last)[self.head[first:last] == v]
        return int(arcs[np.argmin(weight[arcs])])
