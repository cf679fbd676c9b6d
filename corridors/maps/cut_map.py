"""What is cut or closed on the map, and the routes that it stops or leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from corridors.maps import result_map

if TYPE_CHECKING:
    import geopandas as gpd

    from corridors.maps.corridor_map import CorridorMap
    from corridors.network import Network
    from corridors.routing.route import Route

_FACTS = {
    "links": {
        "line": "Line", "mode": "Mode", "country": "Country",
        "capacity_t_per_year": "Capacity, t a year", "state": "State",
    },
    "crossings": {"countries": "Countries", "mode": "Mode", "links": "Links", "state": "State"},
}  # fmt: skip


def cut_map(
    net: Network,
    closed: gpd.GeoDataFrame,
    *,
    of: str,
    routes: Mapping[str, Route],
    title: str,
    size: str,
    online_tiles: bool = False,
) -> CorridorMap:
    """Draw links or crossings over the faint network, with routes beside each other.

    Parameters
    ----------
    net : Network
    closed : GeoDataFrame
        Rows of :func:`.links_table` or :func:`.crossings_table`.
    of : {"links", "crossings"}
    routes : mapping of str to Route
        By what the legend calls them.
    title : str
    size : str
        What the rows are; heading of their layer in the legend.
    online_tiles : bool
        See :func:`corridors.maps.network_map`.
    """
    shown = closed.copy()
    if of == "links":
        shown["name"] = shown["from"] + "–" + shown["to"]
    return result_map(
        net, lines=shown if of == "links" else None, points=None if of == "links" else shown,
        label="name", facts=_FACTS[of], size=size, flows=routes, title=title,
        online_tiles=online_tiles,
    )  # fmt: skip
