"""What still leads past a closure: a second track, a parallel road, a short way round.

Closing one of two tracks is not closing the line. An audit looks, for each stretch that is closed,
for the shortest way by the same mode that rejoins its two ends, and for links that run beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.analysis.closures import closed_links
from corridors.analysis.described import links_table, records
from corridors.columns import own_km
from corridors.errors import ArgumentError
from corridors.routing.offers import as_names
from corridors.routing.weighted import Weighted
from corridors.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import geopandas as gpd

    from corridors.network import Network
    from corridors.routing.graph import FloatArray, IntArray, Path
    from corridors.routing.offers import BoolArray

WITHIN_KM = 10.0
BESIDE_KM = 1.0
_FAMILIES = (("rail", "gauge_change", "border"), ("road",), ("ferry",), ("transfer",))
"""Modes that stand in for each other."""
_KM_PER_DEGREE = 111.2
_HALF = 0.5
_MANY = 3  # so many ways round are named in a line
_COLUMNS = (
    "mode", "from_place", "to_place", "from", "to", "closed_km", "bypass_km", "extra_km",
    "away_km", "parallel", "closed_links", "links", "geometry",
)  # fmt: skip


@dataclass(frozen=True)
class ClosureAudit:
    """What is closed, and what still leads past it.

    Parameters
    ----------
    net : Network
        Before the closure.
    subjects : tuple of str
        Ids that are closed.
    within_km : float
        How much longer, or shorter, than what is closed a way round may be.
    beside_km : float
        How far from what is closed a link beside it may run.
    not_usable : int
        How many of the links closed could not be used anyway.
    """

    net: Network
    subjects: tuple[str, ...]
    within_km: float
    beside_km: float
    not_usable: int
    _shut: BoolArray = field(repr=False)
    _rest: BoolArray = field(repr=False)

    @property
    def closed(self) -> gpd.GeoDataFrame:
        """Links closed that could be used, by id; columns of :attr:`.Cut.table`."""
        return links_table(self.net, np.flatnonzero(self._shut))

    @cached_property
    def _bypasses(self) -> gpd.GeoDataFrame:
        import geopandas as gpd

        rows = [
            row
            for family in _FAMILIES
            for row in _ways_round(self.net, self._shut, self._rest, family, self.within_km)
        ]
        rows.sort(key=lambda row: (row["extra_km"], row["from_place"], row["to_place"]))
        table = gpd.GeoDataFrame(rows, columns=list(_COLUMNS), geometry="geometry", crs="EPSG:4326")
        return table.astype({"parallel": bool})

    @property
    def table(self) -> gpd.GeoDataFrame:
        """Ways round, one a stretch that is closed, the least longer first.

        Returns
        -------
        GeoDataFrame
            ``mode``; ``from_place``, ``to_place``, ``from``, ``to`` (ends of the stretch);
            ``closed_km``, ``bypass_km``, ``extra_km`` (their difference; below 0: the way round is
            shorter), ``away_km`` (how far it goes from what is closed, to about 1 %),
            ``parallel`` (it is one link between the same two places), ``closed_links`` and
            ``links`` (ids, in order), ``geometry`` (of the way round).
        """
        return self._bypasses.copy()

    @property
    def bypassed(self) -> bool:
        """Whether any way round was found."""
        return bool(len(self._bypasses))

    @cached_property
    def beside(self) -> gpd.GeoDataFrame:
        """Usable links of any mode that run beside what is closed, the nearest first.

        For half of their own length or half of that of what is closed. Lines of the reference
        network are drawn straight from station to station; on networks from OpenStreetMap this
        is as exact as the map.

        Returns
        -------
        GeoDataFrame
            Columns of :attr:`.Cut.table`, and ``beside_share`` (of the link's own length),
            ``away_km`` (least distance).
        """
        return _beside(self.net, self._shut, self._rest, self.beside_km)

    @property
    def note(self) -> str:
        """A line that says what still leads past; empty if nothing does."""
        table = self._bypasses
        if not len(table):
            return ""
        told = listed(map(_way_in_words, table.head(_MANY).to_dict("records")))
        more = len(table) - _MANY
        return f"closing {listed(self.subjects)} leaves a way round: {told}" + (
            f"; and {more} more" if more > 0 else ""
        )

    def explain(self) -> str:
        """What is closed and what leads past it, in sentences."""
        closed = self.closed
        links = self.net.link_table
        links = links[links["link_id"].isin(closed["link_id"])]
        km = own_km(links).groupby(links["mode"]).sum()
        lengths = listed(f"{value:,.1f} km of {mode}" for mode, value in km.items() if value)
        lines = [
            f"Closing {listed(self.subjects)} on {self.net.as_of} closes "
            + ("1 link" if len(closed) == 1 else f"{len(closed)} links")
            + (f", {lengths}." if len(closed) else "; none that could be used."),
        ]
        if self.not_usable and len(closed):
            lines.append(f"{self.not_usable} more could not be used anyway.")
        table = self._bypasses
        if len(closed) and not len(table):
            lines.append(
                f"No way by the same mode rejoins its ends within {self.within_km:g} km more."
            )
        lines += [
            f"{_way_in_words(row)}, up to {row['away_km']:,.1f} km away."
            for row in table.to_dict("records")
        ]
        beside = self.beside
        if len(beside):
            names = listed(
                f"{row['link_id']} ({row['mode']})" for row in beside.head(_MANY).to_dict("records")
            )
            more = len(beside) - _MANY
            lines.append(
                f"Beside it, within {self.beside_km:g} km: {names}"
                + (f", and {more} more." if more > 0 else ".")
            )
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that can be written as JSON."""
        return {
            "subjects": list(self.subjects),
            "as_of": self.net.as_of.isoformat(),
            "within_km": self.within_km,
            "beside_km": self.beside_km,
            "not_usable": self.not_usable,
            "bypassed": self.bypassed,
            "closed": records(self.closed),
            "ways_round": records(self._bypasses),
            "beside": records(self.beside),
        }

    def __repr__(self) -> str:
        return (
            f"<ClosureAudit of {', '.join(self.subjects)}: {int(self._shut.sum())} links closed, "
            f"{len(self._bypasses)} ways round within {self.within_km:g} km>"
        )

    def _repr_html_(self) -> str:
        text = "<br>".join(escape(line) for line in self.explain().splitlines())
        return f"<p>{text}</p>"


def audit_closure(
    net: Network,
    *subjects: str,
    within_km: float = WITHIN_KM,
    beside_km: float = BESIDE_KM,
) -> ClosureAudit:
    """What would still lead past a closure: parallel links and short ways round.

    Parameters
    ----------
    net : Network
        Before the closure.
    *subjects : str
        Ids of links, lines, places (every link that ends there) or operators, or country codes:
        what is to be closed, together.
    within_km : float
        How much longer, or shorter, than what is closed a way round may be.
    beside_km : float
        How far from what is closed a link beside it may run.

    Returns
    -------
    ClosureAudit

    Raises
    ------
    UnknownSubjectError
        If an id is none of these.
    ArgumentError
        If nothing is given, or a distance is no number of 0 or more.

    Notes
    -----
    States count, access rules do not: they depend on the cargo. Ways round are by the mode of what
    is closed; turns that trains cannot make are not looked at.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> net.audit_closure("sadakhlo-ayrum-rail-border").bypassed
    False
    >>> net.audit_closure("masis--noragavit").note
    'closing masis--noragavit leaves a way round: Masis–Noragavit +0.3 km by
    masis--razyezd-9-km and razyezd-9-km--noragavit'
    """
    names = tuple(as_names(subjects, "subjects"))
    if not names:
        raise ArgumentError("subjects is empty; give one id or more of what is to be closed")
    for name, value in (("within_km", within_km), ("beside_km", beside_km)):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not 0 <= value < math.inf:
            raise ArgumentError(f"{name}={value!r} must be a number of km, 0 or more")
    closed = np.zeros(len(net.link_modes), bool)
    closed[closed_links(net, [names])[0]] = True
    usable = net.state_allows
    return ClosureAudit(
        net, names, float(within_km), float(beside_km), int((closed & ~usable).sum()),
        closed & usable, usable & ~closed,
    )  # fmt: skip


def _ways_round(
    net: Network, shut: BoolArray, rest: BoolArray, family: Iterable[str], within_km: float
) -> Iterator[dict[str, Any]]:
    """Stretches of some modes that are closed, with the shortest way round each."""
    graph = net.graph
    fits = np.isin(net.link_modes, list(family))
    km = net.graph_lengths[graph.link]
    lost, left = (fits & shut)[graph.link], (fits & rest)[graph.link]
    # Where something closed and something open meet, a stretch begins or ends.
    ends = np.intersect1d(
        _touched(graph.tail, graph.head, lost), _touched(graph.tail, graph.head, left)
    )
    if len(ends) < 2:  # noqa: PLR2004  (a stretch has two ends)
        return
    inner = np.ones(graph.size, bool)
    inner[ends] = False
    past = Weighted(graph, np.where(left, km, np.inf))
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for start in ends.tolist():
        # Out of this end, and on through places where nothing open leads.
        own = lost & (inner[graph.tail] | (graph.tail == start))
        along = Weighted(graph, np.where(own, km, np.inf))
        through, before = along.tree(np.array([start]))
        others = ends[np.isfinite(through[ends]) & (ends != start)]
        if not len(others):
            continue
        far, back = past.tree(np.array([start]))
        # Much shorter than what is closed means that nothing went by what is closed.
        for end in others[np.abs(far[others] - through[others]) <= within_km].tolist():
            key = (min(start, end), max(start, end))
            extra = float(far[end] - through[end])
            if key in found and found[key]["extra_km"] <= extra:
                continue
            closed = along.path_in(through, before, np.array([end]))
            way = past.path_in(far, back, np.array([end]))
            if closed is not None and way is not None:
                found[key] = _row(net, closed, way)
    yield from found.values()


def _way_in_words(row: Mapping[Any, Any]) -> str:
    links = row["links"].split()
    more = len(links) - _MANY
    named = listed([*links[:_MANY], *([f"{more} links more"] if more > 0 else [])])
    parallel = "the parallel link " if row["parallel"] else ""
    return f"{row['from']}–{row['to']} {row['extra_km']:+,.1f} km by {parallel}{named}"


def _touched(tail: IntArray, head: IntArray, arcs: BoolArray) -> IntArray:
    return np.unique(np.concatenate([tail[arcs], head[arcs]]))


def _row(net: Network, closed: Path, way: Path) -> dict[str, Any]:
    import shapely

    ids = net.link_table["link_id"].to_numpy(object)
    lines = net.link_table.geometry.to_numpy()
    km = net.graph_lengths
    gone, round_it = (float(km[path.links].sum()) for path in (closed, way))
    first, last = int(way.nodes[0]), int(way.nodes[-1])
    return {
        "mode": str(net.link_modes[closed.links[0]]),
        "from_place": str(net.graph.index[first]),
        "to_place": str(net.graph.index[last]),
        "from": str(net.place_names[first]),
        "to": str(net.place_names[last]),
        "closed_km": gone,
        "bypass_km": round_it,
        "extra_km": round_it - gone,
        "away_km": _farthest_km(lines[way.links], lines[closed.links]),
        "parallel": len(way.links) == len(closed.links) == 1,
        "closed_links": " ".join(ids[closed.links]),
        "links": " ".join(ids[way.links]),
        "geometry": shapely.union_all(lines[way.links]),
    }


def _flat(lines: np.ndarray[Any, Any], latitude: float) -> np.ndarray[Any, Any]:
    """Lines in kilometres, true to scale near a latitude."""
    import shapely

    scale = np.array([math.cos(math.radians(latitude)), 1.0]) * _KM_PER_DEGREE
    return np.asarray(shapely.transform(lines, lambda coordinates: coordinates * scale))


def _latitude(lines: np.ndarray[Any, Any]) -> float:
    import shapely

    return float(shapely.get_coordinates(lines)[:, 1].mean())


def _farthest_km(way: np.ndarray[Any, Any], closed: np.ndarray[Any, Any]) -> float:
    """How far the farthest point of a way lies from what is closed."""
    import shapely

    at = _latitude(closed)
    line = shapely.union_all(_flat(closed, at))
    points = shapely.points(shapely.get_coordinates(_flat(way, at)))
    return float(shapely.distance(points, line).max())


def _beside(net: Network, shut: BoolArray, rest: BoolArray, beside_km: float) -> gpd.GeoDataFrame:
    import shapely

    lines = net.link_table.geometry.to_numpy()
    rows = np.flatnonzero(rest)
    share, away = np.zeros(len(rows)), np.full(len(rows), np.inf)
    near = np.zeros(len(rows), bool)
    if shut.any():
        at = _latitude(lines[shut])
        closed, others = _flat(lines[shut], at), _flat(lines[rows], at)
        line = shapely.union_all(closed)
        strip = shapely.buffer(line, beside_km, cap_style="flat")
        shapely.prepare(strip)
        near = shapely.intersects(strip, others)
        within = _lengths(others, strip, near)
        own = np.maximum(shapely.length(others), 1e-9)
        share = within / own
        near &= (share >= _HALF) | (within >= _HALF * shapely.length(line))
        away[near] = shapely.distance(others[near], line)
    kept = np.flatnonzero(near)
    kept = kept[np.lexsort((rows[kept], away[kept]))]
    table = links_table(net, rows[kept])
    table["beside_share"], table["away_km"] = share[kept], away[kept]
    return table


def _lengths(lines: np.ndarray[Any, Any], strip: Any, near: BoolArray) -> FloatArray:
    """Length of each line inside a strip."""
    import shapely

    within = np.zeros(len(lines))
    within[near] = shapely.length(shapely.intersection(lines[near], strip))
    return within
