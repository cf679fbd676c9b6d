"""Maps that open by double click on a machine without internet: one page builder, three maps.

Nothing heavy is imported until a map is drawn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from corridors.maps.corridor_map import CorridorMap

if TYPE_CHECKING:
    from corridors.flow import FlowRoute
    from corridors.network import Network
    from corridors.routing.route import Route

__all__ = ["CorridorMap", "flows_map", "network_map", "route_map"]


def network_map(
    net: Network,
    *,
    as_of: str | dt.date | None = None,
    flows: Iterable[FlowRoute | Route] | Mapping[str, FlowRoute | Route] | None = None,
    shown: Sequence[str] | None = None,
    title: str | None = None,
    online_tiles: bool = False,
) -> CorridorMap:
    """Draw a network on its day, and flows on it.

    Parameters
    ----------
    net : Network
    as_of : str or date, optional
        Draw another day than the network's own.
    flows : iterable or mapping of FlowRoute or Route, optional
        Drawn as coloured routes, beside each other where they share a line. Keys of a mapping
        name plain routes. A flow whose reported way differs from the shortest is drawn the way
        it was reported.
    shown : sequence of str, optional
        Ids of the flows to show when the map opens, first in the legend; the others wait there to
        be switched on. All are shown if not given.
    title : str, optional
        Heading of the page.
    online_tiles : bool
        Put OpenStreetMap's tiles under the network instead of the built-in base map. Such a map
        needs the internet, tells the tile server who looks at it, and falls under its terms of
        use: the server may refuse a page that was opened from a file.

    Returns
    -------
    CorridorMap

    Examples
    --------
    >>> import corridors as co
    >>> co.load(as_of="2025-12-18").map().html().startswith("<!DOCTYPE html>")
    True
    """
    from corridors.maps.builder import build_network_map

    day = net if as_of is None else net.at(as_of)
    return build_network_map(day, flows=flows, shown=shown, title=title, online_tiles=online_tiles)


def route_map(route: Route, *, title: str | None = None, online_tiles: bool = False) -> CorridorMap:
    """Draw one route in bold with its ends, borders and gauge breaks, the network faint below.

    Parameters
    ----------
    route : Route
    title : str, optional
        Heading of the page; origin, destination and length if not given.
    online_tiles : bool
        See :func:`network_map`.

    Returns
    -------
    CorridorMap
    """
    from corridors.maps.builder import build_route_map

    return build_route_map(route, title=title, online_tiles=online_tiles)


def flows_map(
    flow_routes: Iterable[FlowRoute | Route] | Mapping[str, FlowRoute | Route],
    net: Network,
    *,
    title: str | None = None,
    online_tiles: bool = False,
) -> CorridorMap:
    """Draw flows with the whole of their routes in view, the network faint below.

    Parameters
    ----------
    flow_routes : iterable or mapping of FlowRoute or Route
        See :func:`network_map`.
    net : Network
        The network below, on its day; each flow keeps the day it was routed on.
    title : str, optional
        Heading of the page.
    online_tiles : bool
        See :func:`network_map`.

    Returns
    -------
    CorridorMap
    """
    from corridors.maps.builder import build_flows_map

    return build_flows_map(flow_routes, net, title=title, online_tiles=online_tiles)
