"""Bridges: links whose loss alone takes the network apart.

Parallel links stay apart: of two tracks between the same places neither is a bridge. Libraries
that look at pairs of places (``networkx.Graph``, ``rustworkx.bridges``) call both one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from corridors.routing.graph import Graph
    from corridors.routing.offers import BoolArray


def bridges(graph: Graph, usable: BoolArray) -> BoolArray:
    """Whether each link is a bridge of the usable multigraph, its direction ignored.

    Parameters
    ----------
    graph : Graph
    usable : ndarray of bool, one a link
        Links that are there; the others are neither bridges nor ways round one.

    Returns
    -------
    ndarray of bool, one a link
        True where two places that are joined would not be without this link. False for links that
        are not usable, that have a parallel one, or that lead from a place to itself.

    Notes
    -----
    Tarjan (1974), "A note on finding the bridges of a graph", as igraph has it for multigraphs.
    A one-way link counts as if it led both ways: a link that is no bridge may still be the only
    way in one direction.

    Examples
    --------
    >>> import corridors as co
    >>> from corridors.analysis.bridges import bridges
    >>> net = co.load(as_of="2026-06-01")
    >>> rail = net.state_allows & (net.link_modes == "rail")
    >>> lost = net.links.loc[bridges(net.graph, rail), "link_id"]
    >>> "sadakhlo--sadakhlo-ayrum-rail-border" in set(lost)
    True
    """
    from igraph import Graph as Multigraph

    # The arc that goes with its link: one for each link, one-way or not.
    arcs = np.flatnonzero(graph.forward & usable[graph.link])
    ends = np.column_stack([graph.tail[arcs], graph.head[arcs]])
    found = np.zeros(len(usable), bool)
    found[graph.link[arcs[Multigraph(graph.size, ends).bridges()]]] = True
    return found
