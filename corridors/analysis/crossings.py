"""Where a border is crossed: at border points by land, and in the ports of ferries at sea.

The one definition for :meth:`.Network.chokepoints`, :meth:`~.Network.cut`,
:meth:`~.Network.interdict` and :meth:`~.Network.resilience`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corridors.schema import INTERNATIONAL_WATERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from corridors.network import Network
    from corridors.routing.graph import IntArray
    from corridors.routing.offers import BoolArray


def crossings(net: Network) -> dict[str, tuple[str, ...]]:
    """Places of each crossing, by the first of their ids.

    Border points between the same two border stations, as of tracks side by side, are one
    crossing. A port is one by itself; the ships of several lines may share it.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    columns = ["mode", "country_a", "country_b", "border_place_a", "border_place_b"]
    for row in net.crossings.sort_values("place_id").to_dict("records"):
        key = tuple(str(row[name]) for name in columns)
        groups.setdefault(key, []).append(str(row["place_id"]))
    table = net.link_table
    at_sea = (table["country"] == INTERNATIONAL_WATERS).to_numpy(bool)
    ports = {*table["from_place"][at_sea], *table["to_place"][at_sea]} - set(net.borders)
    found = [*map(tuple, groups.values()), *((port,) for port in ports)]
    return {places[0]: places for places in sorted(found)}


def crossing_places(net: Network) -> BoolArray:
    """Mask of the places of all crossings."""
    places = {place for group in crossings(net).values() for place in group}
    return np.asarray(net.graph.index.isin(places))


def links_at(net: Network, places: Iterable[str]) -> IntArray:
    """Rows of the links that end at any of some places."""
    table, names = net.link_table, list(places)
    return np.flatnonzero(table["from_place"].isin(names) | table["to_place"].isin(names))
