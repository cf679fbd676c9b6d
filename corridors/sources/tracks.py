"""The tracks of a network as a graph that can be entered at any point along a link.

Stations of a map lie beside the track or in the middle of a link. A place is therefore tied to
the tracks that pass it (its *anchors*), each link is cut there, and paths are sought between
anchors. Loose ends that miss each other may be joined by a *gap*, which is dear and is reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.geodesy import distance_km, line_lengths_km

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely import LineString, Point

    from corridors.network import Network

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

TRACK_MODES = ("rail", "border", "gauge_change")
STATE_COST = {"under_construction": 1.2, "planned": 1.3, "closed": 1.05, "destroyed": 1.5}
"""What a kilometre counts for in the search where it is not open: worse tracks only at need."""
NOT_LAID = frozenset({"under_construction", "planned", "destroyed"})
GAP_COST = 5.0
"""What a kilometre of gap counts for: a detour of five times as much track is taken first."""
MAX_GAP_KM = 3.0
BESIDE_KM = 0.15
"""Tracks this much farther from a place than the nearest that lies pass it too (yards)."""
MOST_ANCHORS = 24
_EARTH_M = 6378137.0
_NEIGHBOURS = 6
_LEAST = 1e-9  # km; scipy would drop an edge of weight 0 when it meets another
_DIGITS = 7  # of a degree, as in OpenStreetMap


@dataclass(frozen=True)
class TrackPath:
    """A way along the tracks.

    Parameters
    ----------
    pieces : ndarray of int
        Rows of :attr:`Tracks.pieces`, in the order travelled.
    forward : ndarray of bool
        Whether each piece is travelled the way it is drawn.
    """

    pieces: IntArray
    forward: BoolArray


class Tracks:
    """Rail links of a network, cut at the anchors of places.

    Parameters
    ----------
    net : Network
        Any network; its rail links with their states on its day.
    points : DataFrame
        Places to tie: ``place_id``, ``lon``, ``lat``, ``reach_km`` (how far a track may lie).

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

    def costs(self, *, usable: BoolArray | None = None) -> FloatArray:
        """What each piece counts for in a search, km; infinite where it may not be used."""
        factor = self.pieces["state"].map(STATE_COST).fillna(1.0).to_numpy(float)
        factor = np.where(self.pieces["link"] < 0, GAP_COST, factor)
        cost = np.maximum(self.pieces["km"].to_numpy() * factor, _LEAST)
        return cost if usable is None else np.where(usable, cost, np.inf)

    def search(self, cost: FloatArray) -> Search:
        """Prepare to look for cheapest paths at some :meth:`costs`."""
        return Search(self, cost)

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


class Search:
    """Cheapest paths between anchored places.

    Parameters
    ----------
    tracks : Tracks
    cost : ndarray of float
        One a piece; infinite where it may not be used.
    """

    def __init__(self, tracks: Tracks, cost: FloatArray) -> None:
        from scipy.sparse import csr_array

        self._tracks = tracks
        pieces, anchors = tracks.pieces, tracks.anchors
        rows = np.flatnonzero(np.isfinite(cost))
        ends = pieces[["tail", "head"]].to_numpy(np.int64)[rows]
        # A place is left from one node and reached at another, so that none is passed through.
        self._leave = tracks.size + 2 * np.arange(len(tracks.points), dtype=np.int64)
        place, node = (anchors[name].to_numpy(np.int64) for name in ("place", "node"))
        apart = np.maximum(2 * anchors["apart_km"].to_numpy(float), _LEAST)
        tail = np.concatenate([ends[:, 0], ends[:, 1], self._leave[place], node])
        head = np.concatenate([ends[:, 1], ends[:, 0], node, self._leave[place] + 1])
        weight = np.concatenate([cost[rows], cost[rows], apart, apart])
        none = np.full(len(place), -1)
        piece = np.concatenate([rows, rows, none, none])
        forward = np.arange(len(tail)) < len(rows)
        # Of parallel pieces the cheapest counts; a sparse matrix would add them up.
        order = np.lexsort((piece, weight, head, tail))
        tail, head = tail[order], head[order]
        first = np.ones(len(order), bool)
        first[1:] = (np.diff(tail) != 0) | (np.diff(head) != 0)
        kept = order[first]
        size = tracks.size + 2 * len(tracks.points)
        self._key = tail[first] * size + head[first]
        self._size, self._piece, self._forward = size, piece[kept], forward[kept]
        indptr = np.searchsorted(tail[first], np.arange(size + 1))
        self._matrix = csr_array((weight[kept], head[first], indptr), shape=(size, size))
        self._known: dict[tuple[int, float], tuple[FloatArray, IntArray]] = {}

    def path(self, a: int, b: int, *, limit_km: float = np.inf) -> TrackPath | None:
        """Cheapest path from place ``a`` to place ``b`` (rows of the points).

        Parameters
        ----------
        a, b : int
        limit_km : float
            A path that costs more is not looked for.

        Returns
        -------
        TrackPath or None
            None if there is none within the limit.
        """
        cost, before = self._from(a, limit_km)
        end = int(self._leave[b]) + 1
        if not np.isfinite(cost[end]):
            return None
        nodes = [end]
        while nodes[-1] != self._leave[a]:
            nodes.append(int(before[nodes[-1]]))
        way = np.array(nodes[::-1], np.int64)
        arcs = np.searchsorted(self._key, way[:-1] * self._size + way[1:])[1:-1]
        return TrackPath(self._piece[arcs], self._forward[arcs])

    def _from(self, a: int, limit_km: float) -> tuple[FloatArray, IntArray]:
        from scipy.sparse.csgraph import dijkstra

        if (a, limit_km) not in self._known:
            # Questions come sorted by start: the last answer is the one asked for again.
            self._known.clear()
            cost, before = dijkstra(
                self._matrix, indices=self._leave[[a]], return_predecessors=True, limit=limit_km
            )
            self._known[a, limit_km] = (cost[0], before[0].astype(np.int64))
        return self._known[a, limit_km]


# -- lines in the plane ------------------------------------------------------------------------


def _flatten(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Lines in Mercator's projection: metres grow with latitude, but angles and feet hold."""
    import shapely

    flat: npt.NDArray[np.object_] = shapely.transform(lines, _mercator)
    return flat


def _mercator(degrees: FloatArray) -> FloatArray:
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

    columns = ["place", "line", "at_m", "apart_km", "lon", "lat"]
    if len(flat) == 0 or len(points) == 0:
        return pd.DataFrame({name: [] for name in [*columns, "node"]}).astype({"place": int})
    where = points[["lon", "lat"]].to_numpy(float)
    here = np.asarray(shapely.points(_mercator(where)), object)
    # Mercator stretches by 1 / cos(latitude); 1 % more for what the curve of the Earth adds.
    stretch = 1010 / np.cos(np.radians(where[:, 1]))
    reach = (points["reach_km"].to_numpy(float) + BESIDE_KM) * stretch
    place, line = shapely.STRtree(flat).query(here, predicate="dwithin", distance=reach)
    at = shapely.line_locate_point(flat[line], here[place])
    foot = _degrees(shapely.get_coordinates(shapely.line_interpolate_point(flat[line], at)))
    apart = distance_km(where[place, 0], where[place, 1], foot[:, 0], foot[:, 1])
    feet = pd.DataFrame(
        {"place": place, "line": line, "at_m": at, "apart_km": apart,
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

    cuts["node"] = first_new + np.arange(len(cuts))
    whole = np.ones(len(flat), bool)
    whole[cuts["line"].to_numpy(np.int64)] = False
    owner, tail, head = [np.flatnonzero(whole)], [ends[0][whole]], [ends[1][whole]]
    pieces = [flat[whole]]
    lines_cut, first = np.unique(cuts["line"].to_numpy(np.int64), return_index=True)
    groups = np.split(np.arange(len(cuts)), first[1:]) if len(cuts) else []
    at, node = cuts["at_m"].to_numpy(float), cuts["node"].to_numpy(np.int64)
    for number, group in zip(lines_cut.tolist(), groups, strict=True):
        length = float(shapely.length(flat[number]))
        stops = [0.0, *at[group].tolist(), length]
        nodes = [int(ends[0][number]), *node[group].tolist(), int(ends[1][number])]
        parts = [substring(flat[number], a, b) for a, b in pairwise(stops)]
        owner.append(np.full(len(parts), number))
        tail.append(np.array(nodes[:-1]))
        head.append(np.array(nodes[1:]))
        # A foot at the very end of a line leaves a piece of length 0: a point, drawn twice.
        pieces.append(np.array([_as_line(part) for part in parts], object))
    lines = shapely.transform(np.concatenate(pieces), _degrees)
    numbers = [np.concatenate(each).astype(np.int64) for each in (owner, tail, head)]
    return numbers[0], numbers[1], numbers[2], lines


def _as_line(part: LineString | Point) -> LineString:
    import shapely

    if part.geom_type == "Point":
        return shapely.LineString([part.coords[0], part.coords[0]])
    return part
