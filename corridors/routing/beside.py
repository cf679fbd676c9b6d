"""Track beside track: the second track of a line is no other way.

Where track is drawn as it lies (OpenStreetMap), each track of a line is a link of its own. Two
routes that change tracks at every station share few links and are the same way all the same.
Reference links are drawn straight from place to place, which says nothing about where they lie:
there only the link itself counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from shapely import STRtree

    from corridors.network import Network
    from corridors.routing.graph import FloatArray, IntArray

NEAR_KM = 1.0
"""Links of one mode that lie as near as this are taken for the same line. Our choice."""
_STEP_KM = 0.5
_MOST = 40  # points looked at on one link
_AS_LONG = 0.99  # geometry as long as the link is drawn as it lies


@dataclass(frozen=True)
class _Points:
    """Points along the links that are drawn as they lie."""

    lines: npt.NDArray[np.object_]
    tree: STRtree
    link: IntArray
    count: IntArray


def beside(net: Network, links: IntArray) -> FloatArray:
    """How much of each link lies on, or side by side with, some links.

    Parameters
    ----------
    net : Network
    links : ndarray of int
        Rows of the link table, such as those of a route.

    Returns
    -------
    ndarray of float, one a link
        Share of its length, 0 to 1.
    """
    if "beside" not in net.shared:
        net.shared["beside"] = _points(net)
    points: _Points | None = net.shared["beside"]
    share = np.zeros(len(net.link_modes))
    if points is not None:
        drawn = links[points.count[links] > 0]
        line, found = points.tree.query(points.lines[drawn], "dwithin", NEAR_KM)
        near = points.link[found]
        found = np.unique(found[net.link_modes[near] == net.link_modes[drawn[line]]])
        hits = np.bincount(points.link[found], minlength=len(share))
        share = hits / np.maximum(points.count, 1)
    share[links] = 1.0
    return share


def _points(net: Network) -> _Points | None:
    """Points along every link that is drawn as it lies; None where none is."""
    import shapely
    from pyproj import Transformer

    table = net.link_table
    km = table["geometry_km"].to_numpy(float, na_value=0.0)
    drawn = (table["length_kind"] == "osm").to_numpy(bool) & (km > 0)
    drawn &= km >= _AS_LONG * net.graph_lengths
    if not drawn.any():
        return None
    lines = table.geometry.to_numpy(object)
    west, south, east, north = shapely.total_bounds(lines[drawn])
    # Kilometres on a plane that touches the middle of the network.
    plane = f"+proj=aeqd +lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +units=km"
    project = Transformer.from_crs(4326, plane, always_xy=True).transform
    lines = lines.copy()
    lines[~drawn] = None
    lines[drawn] = shapely.transform(lines[drawn], lambda xy: np.column_stack(project(*xy.T)))
    count = np.where(drawn, np.clip(np.ceil(km / _STEP_KM), 1, _MOST), 0).astype(np.int64)
    link = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(link)) - np.repeat(np.cumsum(count) - count, count)
    at = shapely.line_interpolate_point(lines[link], (within + 0.5) / count[link], normalized=True)
    return _Points(lines, shapely.STRtree(at), link, count)
