"""The tracks of a network, cut where places stand, with the gaps between loose ends.

Stations of a map lie beside the track or in the middle of a link. A place is therefore tied to
the tracks that pass it (its *anchors*) and each link is cut there. Loose ends that miss each
other may be joined by a *gap*, which is dear in a search and is reported.
:mod:`corridors.sources.track_search` finds paths.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.geodesy import distance_km, line_lengths_km

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corridors.network import Network
    from corridors.sources.track_search import TrackPath

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

TRACK_MODES = ("rail", "border", "gauge_change")
STATE_COST = {"under_construction": 1.2, "planned": 1.3, "closed": 1.05, "destroyed": 1.5}
"""What a kilometre counts for in the search where it is not open: worse tracks only at need."""
NOT_LAID = frozenset({"under_construction", "planned", "destroyed"})
GAP_COST = 5.0
"""What a kilometre of gap counts for: a detour of five times as much track is taken first."""
GAP_START_KM = 15.0
"""What the shortest gap counts for, km: no way round should be saved by one."""
CHEAP_GAP_START_KM = 1.0
"""The same where two places are known to be neighbours and the way round is long."""
MAX_GAP_KM = 1.0
BESIDE_KM = 0.15
"""Tracks this much farther from a place than the nearest that lies pass it too (yards)."""
MOST_ANCHORS = 24
_EARTH_M = 6378137.0
_NEIGHBOURS = 6
_END_M = 3.0
_LEAST = 1e-9  # km; scipy would drop an edge of weight 0 when it meets another
_DIGITS = 7  # of a degree, as in OpenStreetMap


class Tracks:
    """Rail links of a network, cut at the anchors of places.

    Parameters
    ----------
    net : Network
        Any network; its rail links with their states on its day.
    points : DataFrame
        Places to tie: ``place_id``, ``lon``, ``lat``, ``reach_km`` (how far a track may lie),
        ``station`` (whether trains can turn back there).

    Attributes
    ----------
    pieces : DataFrame
        ``link`` (row of the link table; -1: gap), ``tail``, ``head`` (node numbers), ``km``,
        ``state``, ``country``; geometries are in :attr:`lines`.
    anchors : DataFrame
        ``place`` (row of ``points``), ``node``, ``apart_km``, ``lon``, ``lat``; nearest first.
    """

    def __init__(self, net: Network, points: pd.DataFrame) -> None:
        links = net.links
        rows = np.flatnonzero(links["mode"].isin(TRACK_MODES).to_numpy())
        self.points = points.reset_index(drop=True)
        flat = _flatten(links.geometry.to_numpy()[rows])
        lies = ~links["state"].isin(NOT_LAID).to_numpy()[rows]
        cuts = _nearest(flat, lies, self.points)
        nodes = pd.Index(net.place_table["place_id"])
        ends = [
            nodes.get_indexer(pd.Index(links[c].iloc[rows])) for c in ("from_place", "to_place")
        ]
        owner, tail, head, self.lines = _cut(flat, cuts, ends, len(nodes))
        self.size = len(nodes) + len(cuts)
        table = links.iloc[rows[owner]]
        self.pieces = pd.DataFrame(
            {
                "link": rows[owner],
                "tail": tail,
                "head": head,
                "km": line_lengths_km(self.lines),
                "state": table["state"].to_numpy(object),
                "country": table["country"].to_numpy(object),
            }
        )
        self.anchors = cuts[["place", "node", "apart_km", "lon", "lat"]].sort_values(
            ["place", "apart_km", "node"], ignore_index=True
        )
        self._close_gaps()

    # -- gaps ------------------------------------------------------------------------------

    def _close_gaps(self) -> None:
        """Join each loose end to the nearest nodes that its own track does not lead to at once."""
        import shapely
        from scipy.spatial import cKDTree

        at = self._node_positions()
        degree = np.bincount(self.pieces[["tail", "head"]].to_numpy().ravel(), minlength=self.size)
        loose = np.flatnonzero(degree == 1)
        known = np.flatnonzero(degree > 0)
        if len(loose) == 0:
            return
        near = cKDTree(_on_earth(at[known])).query(
            _on_earth(at[loose]), k=min(_NEIGHBOURS, len(known)), distance_upper_bound=MAX_GAP_KM
        )[1]
        start = np.repeat(loose, near.shape[1])
        found = near.ravel() < len(known)
        start, end = start[found], known[near.ravel()[found]]
        pairs = np.unique(np.sort(np.column_stack([start, end])[start != end], axis=1), axis=0)
        if len(pairs) == 0:
            return
        a, b = at[pairs[:, 0]], at[pairs[:, 1]]
        lines = shapely.linestrings(np.stack([a, b], axis=1))
        gaps = pd.DataFrame(
            {
                "link": -1,
                "tail": pairs[:, 0],
                "head": pairs[:, 1],
                "km": distance_km(a[:, 0], a[:, 1], b[:, 0], b[:, 1]),
                "state": "gap",
                "country": "",
            }
        )
        self.pieces = pd.concat([self.pieces, gaps], ignore_index=True)
        self.lines = np.concatenate([self.lines, lines])

    def _node_positions(self) -> FloatArray:
        import shapely

        at = np.full((self.size, 2), np.nan)
        for column, which in (("tail", 0), ("head", -1)):
            at[self.pieces[column]] = shapely.get_coordinates(shapely.get_point(self.lines, which))
        return at

    # -- paths -----------------------------------------------------------------------------

    def costs(self, *, gap_start_km: float = GAP_START_KM) -> FloatArray:
        """What each piece counts for in a search, km.

        Parameters
        ----------
        gap_start_km : float
            What the shortest gap counts for.
        """
        factor = self.pieces["state"].map(STATE_COST).fillna(1.0).to_numpy(float)
        gap = (self.pieces["link"] < 0).to_numpy(bool)
        km = self.pieces["km"].to_numpy(float)
        return np.where(gap, gap_start_km + GAP_COST * km, np.maximum(km * factor, _LEAST))

    def flat_lines(self) -> npt.NDArray[np.object_]:
        """The pieces in Mercator's projection, where directions are those on the ground."""
        return _flatten(self.lines)

    def geometry(self, path: TrackPath) -> FloatArray:
        """Vertices of a path in the direction travelled, each once."""
        import shapely

        parts = []
        for piece, forward in zip(path.pieces, path.forward, strict=True):
            coordinates = shapely.get_coordinates(self.lines[piece])
            parts.append(coordinates if forward else coordinates[::-1])
        joined = np.concatenate(parts)
        new = np.ones(len(joined), bool)
        new[1:] = (np.diff(joined, axis=0) != 0).any(axis=1)
        return joined[new]


# -- lines in the plane ------------------------------------------------------------------------


def _flatten(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Lines in Mercator's projection: metres grow with latitude, but angles and feet hold."""
    import shapely

    flat: npt.NDArray[np.object_] = shapely.transform(lines, mercator)
    return flat


def mercator(degrees: FloatArray) -> FloatArray:
    """Points (longitude, latitude) in Mercator's projection; metres grow by 1 / cos(latitude)."""
    lon, lat = np.radians(degrees).T
    return np.asarray(_EARTH_M * np.column_stack([lon, np.arcsinh(np.tan(lat))]))


def _degrees(metres: FloatArray) -> FloatArray:
    x, y = (metres / _EARTH_M).T
    degrees = np.degrees(np.column_stack([x, np.arctan(np.sinh(y))]))
    return np.asarray(np.round(degrees, _DIGITS))


def _on_earth(degrees: FloatArray) -> FloatArray:
    """Points in space, km: near points are as far apart as on the ground."""
    lon, lat = np.radians(degrees).T
    unit = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    return np.asarray(unit * _EARTH_M / 1000)


def _nearest(flat: npt.NDArray[np.object_], lies: BoolArray, points: pd.DataFrame) -> pd.DataFrame:
    """Feet of places on the tracks that pass them, and how far along the line they stand.

    Where track that lies is in reach, planned track that is nearer does not shut it out.
    """
    import shapely

    columns = ["place", "line", "at_m", "end", "apart_km", "lon", "lat"]
    if len(flat) == 0 or len(points) == 0:
        return pd.DataFrame({name: [] for name in [*columns, "node"]}).astype({"place": int})
    where = points[["lon", "lat"]].to_numpy(float)
    here = np.asarray(shapely.points(mercator(where)), object)
    # Mercator stretches by 1 / cos(latitude); 1 % more for what the curve of the Earth adds.
    stretch = 1010 / np.cos(np.radians(where[:, 1]))
    reach = (points["reach_km"].to_numpy(float) + BESIDE_KM) * stretch
    place, line = shapely.STRtree(flat).query(here, predicate="dwithin", distance=reach)
    at = shapely.line_locate_point(flat[line], here[place])
    length = shapely.length(flat[line])
    # A foot at the very end of a line stands on its end, so that no piece is too short to have a
    # direction.
    at = np.where(at < _END_M, 0.0, np.where(at > length - _END_M, length, at))
    foot = _degrees(shapely.get_coordinates(shapely.line_interpolate_point(flat[line], at)))
    apart = distance_km(where[place, 0], where[place, 1], foot[:, 0], foot[:, 1])
    end = np.select([at == 0, at == length], [0, 1], -1)
    feet = pd.DataFrame(
        {"place": place, "line": line, "at_m": at, "end": end, "apart_km": apart,
         "lon": foot[:, 0], "lat": foot[:, 1]}
    )  # fmt: skip
    allowed = points["reach_km"].to_numpy(float)[place]
    by_place = feet.groupby("place")
    nearest = by_place["apart_km"].transform("min")
    laid = feet["apart_km"].where(lies[line] & (apart <= allowed)).groupby(feet["place"])
    limit = laid.transform("min").fillna(nearest) + BESIDE_KM
    feet = feet[(nearest <= allowed) & (feet["apart_km"] <= limit)]
    feet = feet.sort_values(["place", "apart_km", "line"]).groupby("place").head(MOST_ANCHORS)
    ordered: pd.DataFrame = feet.sort_values(["line", "at_m", "place"], ignore_index=True)
    return ordered


def _cut(
    flat: npt.NDArray[np.object_], cuts: pd.DataFrame, ends: Sequence[IntArray], first_new: int
) -> tuple[IntArray, IntArray, IntArray, npt.NDArray[np.object_]]:
    """Cut lines at feet; every foot becomes a node, numbered from ``first_new`` on.

    Returns
    -------
    owner, tail, head : ndarray of int
        Of each piece: row of the line, node numbers.
    lines : ndarray of LineString
        Pieces in degrees.
    """
    import shapely
    from shapely.ops import substring

    # Feet on one spot of a line share a node; those on its ends stand on the nodes there.
    line, at = cuts["line"].to_numpy(np.int64), cuts["at_m"].to_numpy(float)
    inner = (cuts["end"] < 0).to_numpy(bool)
    new = inner.copy()
    new[1:] &= ~((line[1:] == line[:-1]) & (at[1:] - at[:-1] < _END_M) & inner[:-1])
    node = first_new - 1 + np.cumsum(new)
    last = (cuts["end"] == 1).to_numpy(bool)
    cuts["node"] = np.select([inner, last], [node, ends[1][line]], ends[0][line])
    line, at, node = line[new], at[new], node[new]
    whole = np.ones(len(flat), bool)
    whole[line] = False
    owner, tail, head = [np.flatnonzero(whole)], [ends[0][whole]], [ends[1][whole]]
    pieces = [flat[whole]]
    lines_cut, first = np.unique(line, return_index=True)
    groups = np.split(np.arange(len(line)), first[1:]) if len(line) else []
    for number, group in zip(lines_cut.tolist(), groups, strict=True):
        length = float(shapely.length(flat[number]))
        stops = [0.0, *at[group].tolist(), length]
        nodes = [int(ends[0][number]), *node[group].tolist(), int(ends[1][number])]
        parts = [substring(flat[number], a, b) for a, b in pairwise(stops)]
        owner.append(np.full(len(parts), number))
        tail.append(np.array(nodes[:-1]))
        head.append(np.array(nodes[1:]))
        pieces.append(np.array(parts, object))
    lines = shapely.transform(np.concatenate(pieces), _degrees)
    numbers = [np.concatenate(each).astype(np.int64) for each in (owner, tail, head)]
    return numbers[0], numbers[1], numbers[2], lines
