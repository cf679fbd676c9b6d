"""What the shape of the network says: what parts it, minimum cuts, betweenness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from corridors.analysis.subjects import Subject
    from corridors.network import Network
    from corridors.routing.graph import FloatArray, IntArray
    from corridors.routing.weighted import Weighted

BoolArray = npt.NDArray[np.bool_]
_SHORTEST_KM = 1e-9
"""Length that stands for 0 km in betweenness, where igraph asks for more than 0."""
_MANY = 1 << 20


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
    world: Weighted, sources: IntArray, targets: IntArray, links: int
) -> tuple[int, BoolArray]:
    """How many links the smallest cuts between two ends have, and which lie in one of them.

    Parameters
    ----------
    world : Weighted
        Without turns.
    sources, targets : ndarray of int
        Places.
    links : int
        Number of links of the network.

    Returns
    -------
    size : int
        0 if the ends are not joined, or if they are one place, which no cut parts.
    member : ndarray of bool, one a link

    Notes
    -----
    A link lies in some minimum cut if a maximum flow of one unit a link fills it and the residual
    graph has no way past it, that is, if its ends lie in different strong components of the
    residual graph (Picard and Queyranne 1980).
    """
    from scipy.sparse import coo_array, csr_array
    from scipy.sparse.csgraph import connected_components, maximum_flow

    member = np.zeros(links, bool)
    if np.isin(sources, targets).any():
        return 0, member
    graph = world.graph
    arcs = np.flatnonzero(np.isfinite(world.weight))
    tail, head = graph.tail[arcs], graph.head[arcs]
    origin, end = graph.size, graph.size + 1
    row = np.concatenate([tail, np.full(len(sources), origin), targets])
    column = np.concatenate([head, sources, np.full(len(targets), end)])
    units = np.concatenate([np.ones(len(arcs)), np.full(len(sources) + len(targets), _MANY)])
    shape = (graph.size + 2, graph.size + 2)
    capacity = csr_array(coo_array((units.astype(np.int32), (row, column)), shape))
    flow = maximum_flow(capacity, origin, end)
    residual = csr_array(capacity - flow.flow)
    residual.eliminate_zeros()
    _, component = connected_components(residual, directed=True, connection="strong")
    full = np.asarray(capacity[tail, head] == flow.flow[tail, head]).ravel()
    member[graph.link[arcs[full & (component[tail] != component[head])]]] = True
    return int(flow.flow_value), member
