"""Minimum cuts between groups of places, and the routes that share no link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.analysis.assignment import link_capacities
from corridors.analysis.crossings import crossing_places
from corridors.analysis.described import crossings_table, links_table, records
from corridors.analysis.mincut import Sides, sides
from corridors.analysis.targets import check_kind
from corridors.errors import ArgumentError
from corridors.routing.graph import Path
from corridors.routing.groups import GroupLike, group
from corridors.routing.terms import Terms, WeighedAsk, terms
from corridors.words import COUNTRY_NAMES, listed

if TYPE_CHECKING:
    from typing import Unpack

    import geopandas as gpd

    from corridors.charts import Chart
    from corridors.maps import CorridorMap
    from corridors.network import Network
    from corridors.routing.ends import End
    from corridors.routing.graph import IntArray
    from corridors.routing.route import Route

MEASURES = ("count", "capacity")
_MANY = 5  # so many links are called by name


@dataclass(frozen=True)
class Cut:
    """The least that has to be closed between two groups of places, and the ways it has to stop.

    Parameters
    ----------
    net : Network
        On the day asked for.
    origin, destination : str
        Names of the two groups.
    by : {"count", "capacity"}
    of : {"links", "crossings"}
    modes : tuple of str
    value : float
        How many links or crossings, or how many tonnes a year they let through. 0: the groups are
        not joined. ``inf``: no number of crossings cuts them apart, or every cut goes through
        links without a published capacity.
    unknown : int
        By capacity: how many links of the cut have no published capacity, at the least.
    reasons : tuple of str
        Why the groups are not joined, if they are not.
    """

    net: Network
    origin: str
    destination: str
    by: str
    of: str
    modes: tuple[str, ...]
    value: float
    unknown: int
    reasons: tuple[str, ...]
    _sides: Sides = field(repr=False)
    _apart: Sides = field(repr=False)
    _asked: Terms = field(repr=False)
    _ends: tuple[End, End] = field(repr=False)

    # -- what is cut -----------------------------------------------------------------------

    @property
    def table(self) -> gpd.GeoDataFrame:
        """The smallest cut nearest the origin, one link or crossing a row, by id.

        Links: ``link_id``, ``line_id``, ``line``, ``mode``, ``country``, ``from_place``,
        ``to_place``, ``from``, ``to``, ``length_km``, ``capacity_t_per_year``,
        ``capacity_source``, ``state``, ``state_source``, ``geometry``. Crossings: ``place_id``,
        ``name``, ``mode``, ``countries``, ``links``, ``state``, ``geometry``. Empty where the
        groups are not joined, or no crossings cut them apart.
        """
        return self._described(self._sides.near_source)

    @property
    def table_near_destination(self) -> gpd.GeoDataFrame:
        """The smallest cut nearest the destination; columns as in :attr:`table`."""
        return self._described(self._sides.near_sink)

    @property
    def necks(self) -> gpd.GeoDataFrame:
        """Everything that lies in some smallest cut; ``in_every``: whether it lies in all.

        Columns as in :attr:`table`.
        """
        found = self._sides.in_some
        table = self._described(found)
        table["in_every"] = np.isin(found, self._sides.in_every) if len(table) else False
        return table

    @property
    def unique(self) -> bool:
        """Whether there is one smallest cut only."""
        return bool(np.array_equal(self._sides.near_source, self._sides.near_sink))

    def _described(self, owners: IntArray) -> gpd.GeoDataFrame:
        describe = links_table if self.of == "links" else crossings_table
        whole = self.of == "links" or np.isfinite(self.value)
        return describe(self.net, owners if whole else owners[:0])

    # -- what it stops ---------------------------------------------------------------------

    @cached_property
    def _ways(self) -> list[tuple[float, Route]]:
        start, end = self._ends
        shipment = self._asked.shipment(start, end)
        graph, inner = self.net.graph, self._apart.arc
        weights = self._asked.arc_weights(shipment, self._asked.weight)
        weight = np.where(inner >= 0, weights[inner], 0.0)
        found = []
        for amount, steps in self._apart.ways(weight):
            arcs = inner[steps][inner[steps] >= 0]
            nodes = np.append(graph.tail[arcs[:1]], graph.head[arcs])
            path = Path(
                graph.link[arcs], graph.forward[arcs], nodes, float(weights[arcs].sum()), arcs
            )
            carried = amount if np.isfinite(self.value) else np.inf
            found.append((carried, self._asked.route([path], self._ends, shipment)))
        return found

    @property
    def routes(self) -> tuple[Route, ...]:
        """Routes that share no link (or no crossing), as many as can be; lightest in all.

        By capacity: routes that carry :attr:`value` together, or, where there is no bound, those
        that share no link and use none with a published capacity.
        """
        return tuple(route for _, route in self._ways)

    @property
    def route_table(self) -> pd.DataFrame:
        """The routes, one a row.

        Returns
        -------
        DataFrame
            ``rank``, ``from``, ``to`` (names), ``length_km``, ``countries`` (codes in order),
            ``borders`` (names), ``modes``, and by capacity ``t_per_year`` (``inf``: no capacity
            of any link on the route is published).
        """
        rows = [
            {
                "rank": rank, "from": route.origin, "to": route.destination,
                "length_km": route.length_km, "countries": " ".join(route.by_country),
                "borders": ", ".join(border.name for border in route.borders),
                "modes": " ".join(route.by_mode), "t_per_year": carried,
            }
            for rank, (carried, route) in enumerate(self._ways, 1)
        ]  # fmt: skip
        columns = ["rank", "from", "to", "length_km", "countries", "borders", "modes"]
        return pd.DataFrame(
            rows, columns=columns + (["t_per_year"] if self.by == "capacity" else [])
        )

    # -- words and pictures ----------------------------------------------------------------

    def explain(self) -> str:
        """The cut in sentences: how much has to be closed, what, and which routes it stops."""
        head = (
            f"{self.origin} – {self.destination} by {' or '.join(self.modes)} on {self.net.as_of}"
        )
        if not self.value:
            return "\n".join([f"{head}: not joined, so nothing has to be closed.", *self.reasons])
        return "\n".join([f"{head}: {self._verdict()}", *self._where(), *self._ways_in_words()])

    def _verdict(self) -> str:
        if self.of == "crossings" and self.value == np.inf:
            return "no number of crossings cuts them apart; a way passes none."
        if self.by == "count":
            return f"closing {_counted(self.value, self.of)} cuts them apart, and no fewer."
        if self.value < np.inf:
            return (
                f"no more than {self.value:,.0f} t a year can pass (links without a published "
                "capacity count as unbounded)."
            )
        known = self.table["capacity_t_per_year"].sum()
        return (
            "no limit is known: every cut goes through links without a published capacity. The "
            f"narrowest goes through {_counted(self.unknown, 'links')} of them"
            + (f" and others of {known:,.0f} t a year." if known else ".")
        )

    def _where(self) -> list[str]:
        table = self.table
        if not len(table):
            return []
        if self.unique:
            return [f"The only smallest cut: {self._named(table)}.", *self._sources(table)]
        far = self.table_near_destination
        necks = self.necks
        every = int(necks["in_every"].sum())
        return [
            f"Nearest {self.origin}: {self._named(table)}.",
            f"Nearest {self.destination}: {self._named(far)}.",
            f"{len(necks)} {self.of} lie in some smallest cut, {every} of them in all.",
            *self._sources(pd.concat([table, far])),
        ]

    def _named(self, table: pd.DataFrame) -> str:
        if self.of == "crossings":
            names = [f"{name} ({codes})" for name, codes in zip(table["name"], table["countries"],
                                                                strict=True)]  # fmt: skip
        else:
            names = [
                f"{row['from']}–{row['to']} ({row['line']}, {row['country']}{_room(row)})"
                for row in table.to_dict("records")
            ]
        more = len(names) - _MANY
        return "; ".join(names[:_MANY]) + (f"; and {more} more" if more > 0 else "")

    def _sources(self, table: pd.DataFrame) -> list[str]:
        if self.of == "crossings":
            return []
        columns = ["state_source"] + (["capacity_source"] if self.by == "capacity" else [])
        cited = sorted({name for column in columns for name in table[column].dropna()})
        what = "state and capacity" if self.by == "capacity" else "state"
        return [f"Sources of their {what}: {', '.join(cited)}."] if cited else []

    def _ways_in_words(self) -> list[str]:
        rows = self.route_table.to_dict("records")
        apart = "share no link" if self.of == "links" else "share no crossing"
        if self.by == "capacity":
            apart = (
                "carry that together" if np.isfinite(self.value) else f"{apart}, and have no limit"
            )
        lines = [f"{len(rows)} routes that {apart}:" if len(rows) > 1 else "The route:"]
        for row in rows[: 2 * _MANY]:
            carried = ""
            if self.by == "capacity":
                amount = row["t_per_year"]
                carried = "" if amount == np.inf else f", {amount:,.0f} t a year"
            lines.append(
                f"  {row['rank']}. {row['from']} → {row['to']}, {row['length_km']:,.0f} km "
                f"through {_countries(row['countries'])}{carried}"
            )
        more = len(rows) - 2 * _MANY
        return lines + ([f"  and {more} more"] if more > 0 else [])

    def map(self, *, title: str | None = None, online_tiles: bool = False) -> CorridorMap:
        """Draw what is cut, bold, and the routes it stops; see :func:`corridors.maps.network_map`.

        Parameters
        ----------
        title : str, optional
            Heading of the page.
        online_tiles : bool
            See :func:`corridors.maps.network_map`.
        """
        from corridors.maps.cut_map import cut_map

        heading = title or f"Cut {self.origin} – {self.destination}, {self.net.as_of}"
        named = {
            f"{rank}. {route.origin} → {route.destination}": route
            for rank, route in enumerate(self.routes, 1)
        }
        return cut_map(
            self.net, self.necks, of=self.of, routes=named, title=heading,
            size="In a smallest cut", online_tiles=online_tiles,
        )  # fmt: skip

    def chart(self) -> Chart:
        """The routes as bars of kilometres by country."""
        from corridors.analysis.cut_charts import routes_chart

        return routes_chart(
            [(f"{route.origin} → {route.destination}", route.by_country) for route in self.routes],
            f"{self.origin} – {self.destination}: routes that share no "
            f"{'link' if self.of == 'links' else 'crossing'}, {self.net.as_of}",
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values that can be written as JSON; ``value`` is None where it is unbounded."""
        return {
            "origin": self.origin,
            "destination": self.destination,
            "as_of": self.net.as_of.isoformat(),
            "modes": list(self.modes),
            "by": self.by,
            "of": self.of,
            "value": self.value if np.isfinite(self.value) else None,
            "unbounded": bool(self.value == np.inf),
            "unknown_capacities": self.unknown,
            "unique": self.unique,
            "reasons": list(self.reasons),
            "cut": records(self.table),
            "cut_near_destination": records(self.table_near_destination),
            "necks": records(self.necks),
            "routes": records(self.route_table),
        }

    def __repr__(self) -> str:
        unit = self.of if self.by == "count" else "t a year"
        return (
            f"<Cut {self.origin} – {self.destination} on {self.net.as_of}: "
            f"{self.value:,.0f} {unit}>"
        )

    def _repr_html_(self) -> str:
        text = "<br>".join(escape(line) for line in self.explain().splitlines())
        shown = self.table.drop(columns="geometry")
        return f"<p>{text}</p>" + (shown.to_html(index=False) if len(shown) else "")


def cut(
    net: Network,
    from_group: GroupLike,
    to_group: GroupLike,
    *,
    by: str = "count",
    of: str = "links",
    capacities: Mapping[str, float] | None = None,
    **options: Unpack[WeighedAsk],
) -> Cut:
    """The least that has to be closed to cut two groups of places apart, and the ways round.

    Parameters
    ----------
    net : Network
    from_group, to_group : place, country, named group, or several of them
        A country (``"AM"``, ``"Armenia"``) is all its places, its border points left out; named
        groups are listed by ``net.groups``; places as in :meth:`.Network.route`; a list is all
        of them together. Nothing inside a group is cut.
    by : {"count", "capacity"}
        The fewest, or those that let the fewest tonnes a year through.
    of : {"links", "crossings"}
        What is closed. Crossings are border points (tracks side by side that have one each count
        each) and the ports of sea ferries; closing one closes every link through it.
    capacities : mapping of str to float, optional
        Tonnes a year by link or line id, in place of those in the data; ``inf``: unbounded.
    **options
        ``modes``, ``commodity``, ``as_of``, ``avoid``, ``weight`` (what the routes make least),
        ``max_snap_km``, ``cargo_origin``, ``cargo_destination``, ``case``, ``value_of_time`` as
        in :meth:`.Network.route`. Access rules look at cargo from the one group to the other.

    Returns
    -------
    Cut

    Raises
    ------
    ArgumentError
        If the groups overlap, one is empty, or another argument cannot be used.
    UnknownPlaceError, AmbiguousPlaceError, NoRoute
        If a place cannot be used.

    Notes
    -----
    Largest flow equals smallest cut (Ford and Fulkerson 1956), on the multigraph: parallel links
    are cut one by one. A link without a published capacity is unbounded; a cut goes through as few
    of them as it can, and then through the least capacity. Turns that trains cannot make are not
    looked at.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> found = net.cut("Armenia", "georgian-ports", modes=["rail"])
    >>> found.value, found.table["country"].tolist()
    (1.0, ['AM'])
    >>> [round(route.length_km) for route in found.routes]
    [390]
    """
    check_kind(of)
    if by not in MEASURES:
        raise ArgumentError(f"by={by!r} is unknown; available: {', '.join(MEASURES)}")
    if by == "capacity" and of == "crossings":
        raise ArgumentError(
            "by='capacity': capacities are those of links; ask of='links', or count the crossings"
        )
    if capacities is not None and by == "count":
        raise ArgumentError("capacities are given, but by='count' does not look at them")
    asked = terms(net, **options)
    net = asked.net
    start, end = group(asked, from_group, "from_group"), group(asked, to_group, "to_group")
    shared = np.intersect1d(start.nodes, end.nodes)
    if len(shared):
        raise ArgumentError(
            f"from_group and to_group overlap: {net.place_names[shared[0]]} "
            f"({net.graph.index[shared[0]]}) is in both"
            + (f", and {len(shared) - 1} more" if len(shared) > 1 else "")
        )
    graph = net.graph
    usable = asked.question(asked.shipment(start, end)).usable
    on_way = usable[graph.link]
    room, _ = link_capacities(net, capacities)
    found = sides(
        graph, on_way, start.nodes, end.nodes,
        capacity=room if by == "capacity" else None,
        nodes=crossing_places(net) if of == "crossings" else None,
    )  # fmt: skip
    bounded = found.value < found.large
    apart = found
    if by == "capacity" and not bounded:
        apart = sides(graph, on_way & np.isinf(room[graph.link]), start.nodes, end.nodes)
    return Cut(
        net, start.label, end.label, by, of, asked.modes,
        found.value if bounded else np.inf,
        int(found.value // found.large) if by == "capacity" else 0,
        () if found.value else _why_not(asked, start, end),
        found, apart, asked, (start, end),
    )  # fmt: skip


def _why_not(asked: Terms, start: End, end: End) -> tuple[str, ...]:
    """Why nothing can pass from one group to the other."""
    world = asked.weighted(asked.shipment(start, end))
    if np.isfinite(world.nearest(start.nodes)[end.nodes].min()):
        return ("Every way goes through links of capacity 0.",)
    why = asked.no_route(start, end)
    return tuple(reason.text for reason in why.reasons) or (str(why).splitlines()[0],)


def _countries(codes: str) -> str:
    return listed(COUNTRY_NAMES.get(code, code) for code in codes.split())


def _counted(count: float, what: str) -> str:
    words = what.removesuffix("s") if count == 1 else what
    return f"{count:,.0f} {words}"


def _room(row: Mapping[Any, Any]) -> str:
    capacity = row["capacity_t_per_year"]
    return "" if pd.isna(capacity) else f", {capacity:,.0f} t a year"
