"""Links in a row: which of them is closed does not matter to what passes through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from corridors.routing.ends import End
    from corridors.routing.graph import IntArray
    from corridors.routing.weighted import Weighted


def chains(world: Weighted, ends: Iterable[End], links: int) -> IntArray:
    """A number for each link; links of one number cut the same places apart when closed.

    Links in a row through places where nothing else meets and nothing starts or ends share a
    number. A link with a usable parallel one has a number of its own.

    Parameters
    ----------
    world : Weighted
    ends : iterable of End
        Where something starts or ends.
    links : int
        How many links the network has.

    Returns
    -------
    ndarray of int, one a link
        -1: not usable anyway.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = world.graph
    arcs = np.flatnonzero(np.isfinite(world.weight))
    link = np.unique(graph.link[arcs])
    first = np.zeros(links, np.int64)
    first[graph.link[arcs]] = arcs
    one, two = graph.tail[first[link]], graph.head[first[link]]
    low, high = np.minimum(one, two), np.maximum(one, two)
    _, pair, members = np.unique(low * graph.size + high, return_inverse=True, return_counts=True)
    pairs = np.unique(np.stack([low, high], axis=1), axis=0)
    neighbours = np.bincount(pairs.ravel(), minlength=graph.size)
    inner = neighbours == 2  # noqa: PLR2004  (a place in the middle of a line)
    for end in ends:
        inner[end.nodes] = False
    alone = members[pair] == 1
    # Join the pairs that meet at an inner place.
    number = np.arange(len(pairs))
    at = np.concatenate([pairs[:, 0], pairs[:, 1]])
    both = np.concatenate([number, number])
    order = np.argsort(at, kind="stable")
    at, both = at[order], both[order]
    meet = np.flatnonzero((at[1:] == at[:-1]) & inner[at[1:]])
    graph_of_pairs = coo_array(
        (np.ones(len(meet)), (both[meet], both[meet + 1])), (len(pairs), len(pairs))
    )
    _, chain = connected_components(graph_of_pairs, directed=False)
    kinds = np.full(links, -1, np.int64)
    kinds[link] = np.where(alone, chain[pair], len(pairs) + link)
    return kinds
