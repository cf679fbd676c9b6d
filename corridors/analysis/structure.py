"""What the shape of the network says: what parts it, minimum cuts, betweenness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from corridors.analysis.mincut import sides

if TYPE_CHECKING:
    from corridors.analysis.subjects import Subject
    from corridors.network import Network
    from corridors.routing.graph import FloatArray, IntArray
    from corridors.routing.weighted import Weighted

BoolArray = npt.NDArray[np.bool_]
_SHORTEST_KM = 1e-9
"""Length that stands for 0 km in betweenness, where igraph asks for more than 0."""


class Structure:
    """The usable links of a network as an undirected multigraph.

    Parameters
    ----------
    net : Network
    usable : ndarray of bool, one a link
    """

    def __init__(self, net: Network, usable: BoolArray) -> None:
        import igraph

        self.net = net
        self.rows = np.flatnonzero(usable)
        table = net.link_table
        starts = net.graph.nodes(table["from_place"].iloc[self.rows].tolist())
        ends = net.graph.nodes(table["to_place"].iloc[self.rows].tolist())
        self.ends = np.column_stack([starts, ends])
        self._graph: Any = igraph.Graph(n=net.graph.size, edges=self.ends.tolist())

    def parting(self, subjects: Sequence[Subject]) -> BoolArray:
        """Whether the loss of each subject parts places that keep links of their own.

        Parameters
        ----------
        subjects : sequence of Subject
        """
        labels = self._labels(np.ones(len(self.rows), bool))
        return np.array([self._parts(one.rows, labels) for one in subjects], bool)

    def _parts(self, lost: IntArray, before: IntArray) -> bool:
        kept = ~np.isin(self.rows, lost)
        if kept.all():
            return False
        after = self._labels(kept)
        alive = np.unique(self.ends[kept])
        pairs = np.unique(np.column_stack([before[alive], after[alive]]), axis=0)
        return len(pairs) > len(np.unique(before[alive]))

    def _labels(self, kept: BoolArray) -> IntArray:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        one, two = self.ends[kept].T
        size = self.net.graph.size
        matrix = coo_array((np.ones(len(one)), (one, two)), (size, size))
        return np.asarray(connected_components(matrix, directed=False)[1], np.int64)

    def betweenness(self) -> FloatArray:
        """Share of the joined pairs of places whose shortest way, km, uses each link.

        Ties share a pair out (Brandes 2001). NaN for links that are not usable.
        """
        km = np.maximum(self.net.graph_lengths[self.rows], _SHORTEST_KM)
        counted = np.array(self._graph.edge_betweenness(directed=False, weights=km.tolist()))
        sizes = np.bincount(self._labels(np.ones(len(self.rows), bool)))
        pairs = (sizes * (sizes - 1) / 2).sum()
        found = np.full(len(self.net.link_modes), np.nan)
        found[self.rows] = counted / max(pairs, 1)
        return found


def minimum_cuts(
    net: Network, world: Weighted, sources: IntArray, targets: IntArray
) -> tuple[int, BoolArray]:
    """How many links the smallest cuts between two ends have, and which lie in one of them.

    Parameters
    ----------
    net : Network
    world : Weighted
        Without turns.
    sources, targets : ndarray of int
        Places.

    Returns
    -------
    size : int
        0 if the ends are not joined, or if they are one place, which no cut parts.
    member : ndarray of bool, one a link
    """
    member = np.zeros(len(net.link_modes), bool)
    if np.isin(sources, targets).any():
        return 0, member
    cut = sides(net.graph, np.isfinite(world.weight), sources, targets)
    member[cut.in_some] = True
    return round(cut.value), member
