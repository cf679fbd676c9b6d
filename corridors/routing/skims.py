"""Origin–destination tables, and what can be reached within a budget.

One Dijkstra for each origin and each set of access rules that holds between the countries of an
origin and its destinations; everything else is array work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.costs.model import WEIGHTS
from corridors.errors import ArgumentError, NoRoute
from corridors.numeric import is_number
from corridors.routing.terms import NOWHERE, Ask, Terms, everywhere, terms

if TYPE_CHECKING:
    from typing import Unpack

    import geopandas as gpd

    from corridors.network import Network
    from corridors.routing.ends import End, PlaceLike
    from corridors.routing.graph import FloatArray, IntArray
    from corridors.routing.weighted import Weighted

_FEW = 4  # lists of so few names are kept resolved
BUDGETS = {"km": "length", "hours": "hours", "usd_per_t": "usd_per_t"}
"""Budgets of :func:`reach` and the weight that each limits."""


@dataclass(frozen=True)
class Skim(Mapping[str, pd.DataFrame]):
    """Tables of least weights: a mapping from the name of a weight to a table.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Origins as rows, destinations as columns; NaN where no way leads. Each weight is made
        least by itself, so two tables may stand for two different routes.
    unserved : dict of str to str
        Places that the modes do not serve, with the reason; their rows or columns are NaN.
    """

    tables: dict[str, pd.DataFrame]
    unserved: dict[str, str]

    def __getitem__(self, weight: str) -> pd.DataFrame:
        return self.tables[weight]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    @property
    def table(self) -> pd.DataFrame:
        """One row a pair: ``origin``, ``destination`` and a column for each weight."""
        first = next(iter(self.tables.values()))
        rows, columns = first.shape
        pairs = {
            "origin": np.repeat(first.index.to_numpy(object), columns),
            "destination": np.tile(first.columns.to_numpy(object), rows),
        }
        values = {name: table.to_numpy().ravel() for name, table in self.tables.items()}
        return pd.DataFrame(pairs | values)

    def __repr__(self) -> str:
        rows, columns = next(iter(self.tables.values())).shape
        return f"<Skim of {rows} origins and {columns} destinations by {', '.join(self.tables)}>"

    def _repr_html_(self) -> str:
        return "".join(
            f"<p><b>{name}</b></p>{table.to_html(max_rows=20, max_cols=12)}"
            for name, table in self.tables.items()
        )


def skim(
    net: Network,
    origins: Iterable[PlaceLike] | PlaceLike,
    destinations: Iterable[PlaceLike] | PlaceLike | None = None,
    *,
    weights: Iterable[str] = ("length",),
    **options: Unpack[Ask],
) -> Skim:
    """Tables of the least weight from each origin to each destination.

    Parameters
    ----------
    net : Network
    origins, destinations : place or iterable of places
        As in :meth:`.Network.route`. No destinations: every place the modes serve.
    weights : iterable of {"length", "hours", "usd_per_t", "generalised"}
        Each is made least by itself and gives one table (km, h, USD/t, USD/t).
    **options
        ``modes``, ``commodity``, ``as_of``, ``avoid``, ``max_snap_km``, ``cargo_origin``,
        ``cargo_destination``, ``case``, ``value_of_time`` as in
        :meth:`.Network.route`.

    Returns
    -------
    Skim
        Rows and columns are named as they were given (a point: by the nearest place; without
        destinations: by place id). Pairs that no way joins are NaN.

    Raises
    ------
    UnknownPlaceError, AmbiguousPlaceError, ArgumentError
        If an argument cannot be used; the message names it.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> table = net.skim(["Yalama", "Alat"], ["Ganja", "Poti"], modes=["rail"])["length"]
    >>> bool(table.loc["Yalama", "Ganja"] > table.loc["Alat", "Ganja"])
    True
    """
    names = tuple([weights] if isinstance(weights, str) else weights)
    wrong = [name for name in names if name not in WEIGHTS]
    if wrong or not names:
        raise ArgumentError(f"weights={list(names)!r}: give one or more of {', '.join(WEIGHTS)}")
    asked = terms(net, **options)
    unserved: dict[str, str] = {}
    rows = _Ends.of(asked, _listed(origins, "origins"), "origin", unserved)
    if destinations is None:
        columns = _Ends.everywhere(asked)
    else:
        columns = _Ends.of(asked, _listed(destinations, "destinations"), "destination", unserved)
    tables = {
        name: pd.DataFrame(
            _least(asked, rows, columns, name),
            index=rows.names,
            columns=columns.names,
            copy=False,
        )
        for name in names
    }
    return Skim(tables, unserved)


@dataclass(frozen=True)
class _Block:
    """Ends in one country: the first, their numbers, all their nodes, where each one's begin."""

    first: End
    numbers: IntArray
    nodes: IntArray
    begin: IntArray

    @cached_property
    def groups(self) -> list[IntArray]:
        """Nodes of each end."""
        return np.split(self.nodes, self.begin[1:])

    @staticmethod
    def of(members: Sequence[tuple[int, End]]) -> _Block:
        """A block of numbered ends."""
        counts = [len(end.nodes) for _, end in members]
        return _Block(
            members[0][1],
            np.array([number for number, _ in members], np.int64),
            np.concatenate([end.nodes for _, end in members]),
            np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64),
        )


@dataclass(frozen=True)
class _Ends:
    names: pd.Index[Any]
    blocks: tuple[_Block, ...]
    whole: _Block | None

    @staticmethod
    def of(asked: Terms, places: Sequence[PlaceLike], name: str, unserved: dict[str, str]) -> _Ends:
        """Ends of places as the user gave them; names are kept for the next question."""
        names = [place for place in places if isinstance(place, str)]
        key = ("skim", name, *asked.modes, "/", *names)
        keep = len(names) == len(places) <= _FEW
        if keep and key in asked.net.memo:
            known: _Ends = asked.net.memo[key]
            return known
        found: list[tuple[str, End | None]] = []
        for place in places:
            label = str(place) if isinstance(place, (str, int)) else ""
            try:
                end = asked.end(place, name)
            except NoRoute as error:
                unserved[label or repr(place)] = str(error)
                found.append((label or repr(place), None))
            else:
                found.append((label or end.label, end))
        ends = _Ends.join(found, name)
        if keep and not unserved:
            asked.net.memo[key] = ends
        return ends

    @staticmethod
    def everywhere(asked: Terms) -> _Ends:
        """Every place that the modes serve; kept for the next question."""
        key = ("skim", *asked.modes)
        if key not in asked.net.memo:
            asked.net.memo[key] = _Ends.join(everywhere(asked), "destination")
        found: _Ends = asked.net.memo[key]
        return found

    @staticmethod
    def join(ends: Sequence[tuple[str, End | None]], axis: str) -> _Ends:
        members: dict[str, list[tuple[int, End]]] = {}
        for number, (_, end) in enumerate(ends):
            if end is not None:
                members.setdefault(end.country, []).append((number, end))
        blocks = tuple(_Block.of(part) for part in members.values())
        everyone = [(number, end) for number, (_, end) in enumerate(ends) if end is not None]
        names = pd.Index([name for name, _ in ends], dtype=object, name=axis)
        return _Ends(names, blocks, _Block.of(everyone) if everyone else None)


def _least(asked: Terms, starts: _Ends, ends: _Ends, weight: str) -> FloatArray:
    """Least weight from each start (rows) to each end (columns); NaN where no way leads."""
    result = np.full((len(starts.names), len(ends.names)), np.inf)
    turning = asked.net.graph.has_turns
    for start in starts.blocks:
        groups: dict[int, tuple[Weighted, list[_Block]]] = {}
        for end in ends.blocks[:1] if asked.fixed else ends.blocks:
            world = asked.weighted(asked.shipment(start.first, end.first), weight)
            groups.setdefault(id(world), (world, []))[1].append(end)
        for world, blocks in groups.values():
            if turning and weight == "length":
                # A change of direction weighs where lengths are compared, but is in no length.
                far, turns = world.distances_and_turns(start.groups)
            else:
                far, turns = world.distances(start.groups), None
            whole = ends.whole if asked.fixed or len(blocks) == len(ends.blocks) else None
            for end in blocks if whole is None else [whole]:
                some = far.take(end.nodes, axis=1)
                least = _nearest(some, end)
                if turns is not None:
                    least = least - _of_nearest(turns[:, end.nodes], some, least, end)
                if least.shape == result.shape:  # all of them, in order
                    result = least
                else:
                    result[start.numbers[:, None], end.numbers] = least
    result[np.isinf(result)] = np.nan
    return result


def _nearest(far: FloatArray, block: _Block) -> FloatArray:
    """The least over the nodes of each end of a block."""
    if len(block.nodes) == len(block.numbers):
        return far
    return np.asarray(np.minimum.reduceat(far, block.begin, axis=1), float)


def _of_nearest(value: FloatArray, far: FloatArray, least: FloatArray, block: _Block) -> FloatArray:
    """The value at the nearest node of each end."""
    if len(block.nodes) == len(block.numbers):
        return value
    count = np.diff(block.begin, append=len(block.nodes))
    there = np.where(far == np.repeat(least, count, axis=1), value, np.inf)
    return np.asarray(np.minimum.reduceat(there, block.begin, axis=1), float)


def _listed(places: Any, name: str) -> list[PlaceLike]:
    point = isinstance(places, tuple) and len(places) == 2 and not isinstance(places[0], str)  # noqa: PLR2004  (lon, lat)
    if isinstance(places, (str, int)) or hasattr(places, "x") or point:
        return [places]
    listed = list(places)
    if not listed:
        raise ArgumentError(f"{name} is empty; give one place or more")
    return listed


# -- reach -------------------------------------------------------------------------------------


def reach(
    net: Network,
    place: PlaceLike,
    *,
    km: float | None = None,
    hours: float | None = None,
    usd_per_t: float | None = None,
    **options: Unpack[Ask],
) -> gpd.GeoDataFrame:
    """What can be reached from a place within so many kilometres, hours or dollars a tonne.

    Parameters
    ----------
    net : Network
    place : place
        As in :meth:`.Network.route`.
    km, hours, usd_per_t : float
        The budget; give one of the three.
    **options
        As in :func:`skim`. Access rules look at the cargo's destination, which here is none
        unless ``cargo_destination`` names it.

    Returns
    -------
    GeoDataFrame
        Rows of ``kind`` "place" (points) and "link" (lines, cut where the budget ends), with
        ``id``, ``name``, ``mode``, ``country``, ``cost`` (of a link: at its nearer end) and
        ``share`` of the link that is reached (1 for places); places first, each by cost and id.

    Raises
    ------
    ArgumentError
        If not exactly one budget is given, or it is negative or not a number.

    Examples
    --------
    >>> import corridors as co
    >>> found = co.load(as_of="2026-06-01").reach("Tbilisi", km=50, modes=["rail"])
    >>> "Rustavi" in set(found["name"])
    True
    """
    budget, limit = _budget({"km": km, "hours": hours, "usd_per_t": usd_per_t})
    asked = terms(net, **options)
    start = asked.end(place, "place")
    world = asked.weighted(asked.shipment(start, NOWHERE), BUDGETS[budget])
    return _frame(net, world, world.tree(start.nodes)[0], limit)


def _budget(given: Mapping[str, float | None]) -> tuple[str, float]:
    named = {name: value for name, value in given.items() if value is not None}
    if len(named) != 1:
        raise ArgumentError(f"give one of {', '.join(given)}, not {', '.join(named) or 'none'}")
    ((name, value),) = named.items()
    if not is_number(value) or not 0 <= value < np.inf:
        raise ArgumentError(f"{name}={value!r} must be a number, 0 or more")
    return name, float(value)


def _frame(net: Network, world: Weighted, distance: FloatArray, limit: float) -> gpd.GeoDataFrame:
    import geopandas as gpd

    far = distance[: net.graph.size]
    near = np.flatnonzero(far <= limit)
    places = net.place_table.iloc[near]
    found = gpd.GeoDataFrame(
        {
            "kind": "place",
            "id": places["place_id"].to_numpy(object),
            "name": places["name_en"].to_numpy(object),
            "mode": places["mode"].to_numpy(object),
            "country": places["country"].to_numpy(object),
            "cost": far[near],
            "share": 1.0,
        },
        geometry=places.geometry.to_numpy(),
        crs=net.place_table.crs,
    )
    ahead, back, cost = _shares(net, world, distance, limit)
    rows = np.flatnonzero(ahead + back > 0)
    links = net.link_table.iloc[rows]
    whole = ahead[rows] + back[rows] >= 1
    lines = [
        line if full else _cut(line, from_start, from_end)
        for line, full, from_start, from_end in zip(
            links.geometry, whole, ahead[rows], back[rows], strict=True
        )
    ]
    reached = gpd.GeoDataFrame(
        {
            "kind": "link",
            "id": links["link_id"].to_numpy(object),
            "name": links["line_name"].to_numpy(object),
            "mode": links["mode"].to_numpy(object),
            "country": links["country"].to_numpy(object),
            "cost": cost[rows],
            "share": np.minimum(ahead[rows] + back[rows], 1.0),
        },
        geometry=lines,
        crs=net.link_table.crs,
    )
    parts = [part.sort_values(["cost", "id"], kind="stable") for part in (found, reached)]
    joined = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=net.place_table.crs)


def _shares(
    net: Network, world: Weighted, distance: FloatArray, limit: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Share of each link reached from its start and from its end, and the cost at the nearer."""
    graph = net.graph
    own = np.where(world.arc >= 0, world.weight[world.arc], 0.0)
    # A change of direction comes before its step.
    begun = distance[world.tail] + (world.step_weight - own)
    entered = np.flatnonzero((world.arc >= 0) & (begun <= limit))
    arc, begun, own = world.arc[entered], begun[entered], own[entered]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(own > 0, np.clip((limit - begun) / own, 0.0, 1.0), 1.0)
    count = len(net.link_modes)
    ahead, back, cost = np.zeros(count), np.zeros(count), np.full(count, np.inf)
    link, forward = graph.link[arc], graph.forward[arc]
    np.maximum.at(ahead, link[forward], share[forward])
    np.maximum.at(back, link[~forward], share[~forward])
    np.minimum.at(cost, link, begun)
    return ahead, back, cost


def _cut(line: Any, from_start: float, from_end: float) -> Any:
    """The parts of a line that are reached from its two ends."""
    import shapely
    from shapely.ops import substring

    parts: list[Any] = [
        substring(line, *span, normalized=True)
        for share, span in ((from_start, (0.0, from_start)), (from_end, (1.0 - from_end, 1.0)))
        if share > 0
    ]
    return parts[0] if len(parts) == 1 else shapely.MultiLineString(parts)
