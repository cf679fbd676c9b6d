"""Compiled arrays of a network: the only module that knows indices.

Built once per set of links and reused for every day, shipment and closure, which come in as a
weight per link, or per arc where the two directions differ (infinite: unusable). Parallel links
stay apart, each an arc of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


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
        Sum of the weights, with what the reversals count.
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


@dataclass(frozen=True)
class Steps:
    """What a search goes along: from vertex to vertex, mostly over an arc.

    On a graph without turns vertices are nodes and steps are arcs. Where trains turn, a vertex may
    also be an arc just travelled, so that a step knows what came before it.

    Parameters
    ----------
    size : int
        Number of vertices; the first are the nodes, as places where a journey may end.
    tail, head : ndarray of int
        Vertices of each step, sorted by tail, head, arc.
    arc : ndarray of int
        The arc that a step travels; -1: none.
    reverses : ndarray of bool
        Whether the train changes direction at the beginning of the step.
    depart, arrive : ndarray of int, one a node
        Vertices where journeys from a node begin, and where those to it end.
    plain : bool
        Whether steps are the arcs themselves, and none a reversal.
    """

    size: int
    tail: IntArray
    head: IntArray
    arc: IntArray
    reverses: npt.NDArray[np.bool_]
    depart: IntArray
    arrive: IntArray

    plain: bool = False

    def travelled(self, vertices: IntArray) -> npt.NDArray[np.bool_]:
        """Which vertices are arcs just travelled, and not places."""
        return vertices >= 2 * len(self.depart)

    def weights(self, arc_weight: FloatArray, reversal_weight: float) -> FloatArray:
        """Weight of each step."""
        if self.plain:
            return arc_weight
        own = np.where(self.arc >= 0, arc_weight[self.arc], 0.0)
        return np.asarray(own + reversal_weight * self.reverses, float)


class Graph:
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

    @cached_property
    def steps(self) -> Steps:
        """What a search goes along: here, the arcs themselves."""
        nodes, arcs = np.arange(self.size), np.arange(len(self.tail))
        turns = np.zeros(len(arcs), bool)
        return Steps(self.size, self.tail, self.head, arcs, turns, nodes, nodes, plain=True)

    def shortest_path(
        self,
        sources: IntArray,
        targets: IntArray,
        link_weight: FloatArray,
        *,
        reversal_weight: float = 0.0,
    ) -> Path | None:
        """Lightest path from any of the sources to any of the targets (Dijkstra 1959).

        For a single question; :class:`.Weighted` answers many.

        Parameters
        ----------
        sources, targets : ndarray of int
            Node numbers.
        link_weight : ndarray of float, one a link
            Not negative; ``inf`` where a link may not be used.
        reversal_weight : float
            What each change of direction adds, where trains turn.

        Returns
        -------
        Path or None
            None if no target can be reached.
        """
        from corridors.routing.weighted import Weighted

        return Weighted(self, self.arc_weights(link_weight), reversal_weight).path(sources, targets)

    has_turns = False
    """Whether links say how track lies at their ends, so that sharp turns are forbidden."""

    def reverses_between(self, one: Path, other: Path) -> bool:  # noqa: ARG002
        """Whether a train that came by one path must reverse to go on by another: never here."""
        return False

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
