"""Flows put on the network: tonnes on every link.

``shortest`` sends each flow by its lightest route; ``logit`` shares it out over really different
routes; ``capacity`` carries as much as the published capacities allow, at the least cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.analysis.bottlenecks import COLUMNS as BOTTLENECK_COLUMNS
from corridors.analysis.bottlenecks import bottlenecks
from corridors.analysis.capacity import Column, Demand, Programme
from corridors.analysis.demands import Load, loads
from corridors.errors import ArgumentError, InfeasibleError, UnknownSubjectError
from corridors.numeric import is_number
from corridors.routing.alternatives import check_bounds
from corridors.routing.different import different_paths

if TYPE_CHECKING:
    from typing import Unpack

    import geopandas as gpd

    from corridors.flow import Flow
    from corridors.network import Network
    from corridors.routing.graph import FloatArray
    from corridors.routing.terms import Ask

METHODS = ("shortest", "logit", "capacity")
THETA = 10.0
"""Default spread of the logit: a route 10 % heavier gets e times fewer tonnes. An assumption."""
_FULL = 1e-6


def _none() -> pd.DataFrame:
    return pd.DataFrame(columns=list(BOTTLENECK_COLUMNS))


@dataclass(frozen=True)
class Assignment:
    """Tonnes on links, by flow and by route.

    Parameters
    ----------
    method, weight : str
    flows : DataFrame
        One row a flow: ``flow_id``, ``origin``, ``destination``, ``commodity``, ``tonnes`` (asked
        for), ``basis`` ("year" or "period" of the flow), ``assigned``, ``unmet``, ``cost`` (mean
        weight of a tonne carried), ``routes`` (how many), ``reason`` (why tonnes are unmet).
    routes : DataFrame
        One row a route used: ``flow_id``, ``tonnes``, ``share``, ``cost``, ``length_km``,
        ``places`` (ids) and ``links`` (ids).
    links : GeoDataFrame
        One row a link: ids, ``mode``, ``country``, ``tonnes``, ``tonnes_forward`` and
        ``tonnes_back`` (with and against the link's direction), ``capacity_t_per_year``,
        ``capacity_known``, ``load`` (share of the capacity used; NaN: not known), ``full``,
        ``price`` (dual of the linear programme: weight saved per tonne of capacity).
    skipped : dict of str to str
        Flows that were not assigned at all, with the reason (tonnes not known).
    """

    method: str
    weight: str
    flows: pd.DataFrame
    routes: pd.DataFrame
    links: gpd.GeoDataFrame
    skipped: dict[str, str] = field(default_factory=dict)
    _narrow: Callable[[], pd.DataFrame] = field(default=_none, repr=False)

    @cached_property
    def bottlenecks(self) -> pd.DataFrame:
        """Full links, joined to what they are in the world, and what more capacity is worth.

        See the module ``corridors.analysis.bottlenecks``. Empty unless the method is ``capacity``.
        """
        return self._narrow()

    @property
    def unmet(self) -> pd.DataFrame:
        """Flows of which tonnes are left behind, with the reason."""
        return self.flows[self.flows["unmet"] > 0].reset_index(drop=True)

    @property
    def unknown_capacity(self) -> pd.DataFrame:
        """Links used whose capacity is not published; they count as unbounded."""
        used = self.links[(self.links["tonnes"] > 0) & ~self.links["capacity_known"]]
        return pd.DataFrame(used.drop(columns="geometry")).reset_index(drop=True)

    @property
    def balance(self) -> pd.DataFrame:
        """Tonnes into, out of, starting and ending at each place that is used.

        ``arriving + starting`` equals ``leaving + ending`` at every place.
        """
        links = self.links[self.links["tonnes"] > 0]
        parts = {
            "arriving": [("to_place", "tonnes_forward"), ("from_place", "tonnes_back")],
            "leaving": [("from_place", "tonnes_forward"), ("to_place", "tonnes_back")],
        }
        sums = {
            name: pd.concat([links.set_index(place)[tonnes] for place, tonnes in columns])
            .groupby(level=0)
            .sum()
            for name, columns in parts.items()
        }
        tonnes = self.routes["tonnes"].to_numpy(float)
        for name, at in (("starting", 0), ("ending", -1)):
            where = [places[at] for places in self.routes["places"]]
            sums[name] = pd.Series(tonnes, index=where, dtype=float).groupby(level=0).sum()
        return pd.DataFrame(sums).fillna(0.0).sort_index().rename_axis("place_id")

    def to_dict(self) -> dict[str, Any]:
        """Plain values that can be written as JSON; links without tonnes are left out."""
        links = self.links[self.links["tonnes"] > 0].drop(columns="geometry")
        return {
            "method": self.method,
            "weight": self.weight,
            "skipped": self.skipped,
        } | {
            name: table.astype(object).where(table.notna(), None).to_dict("records")
            for name, table in {
                "flows": self.flows,
                "bottlenecks": self.bottlenecks,
                "links": pd.DataFrame(links),
            }.items()
        }

    def __repr__(self) -> str:
        asked, unmet = self.flows["tonnes"].sum(), self.flows["unmet"].sum()
        return (
            f"<Assignment of {len(self.flows)} flows by {self.method}: {asked:,.0f} t, "
            f"{unmet:,.0f} t unmet, {int(self.links['full'].sum())} links full, "
            f"{len(self.skipped)} flows skipped>"
        )

    def _repr_html_(self) -> str:
        from html import escape

        parts = [self.flows, self.bottlenecks]
        return f"<p>{escape(repr(self)[1:-1])}</p>" + "".join(
            part.to_html(index=False) for part in parts if len(part)
        )


def assign(
    net: Network,
    flows: Iterable[Flow] | Mapping[str, Flow] | pd.DataFrame,
    *,
    method: str = "shortest",
    weight: str = "length",
    k: int = 4,
    max_overlap: float = 0.6,
    max_stretch: float = 2.0,
    theta: float = THETA,
    capacities: Mapping[str, float] | None = None,
    unmet_cost: float | None = None,
    allow_unmet: bool = True,
    **options: Unpack[Ask],
) -> Assignment:
    """Put flows on the links of a network.

    Parameters
    ----------
    net : Network
    flows : Flows or DataFrame
        Flows of :func:`corridors.flows`, or a table with the columns ``origin``, ``destination``
        and ``tonnes``, and if wanted ``flow_id``, ``commodity``, ``modes``, ``cargo_origin`` and
        ``cargo_destination``. Of a Flow the tonnes a year count, or those of its period where
        no year is given; the result says which.
    method : {"shortest", "logit", "capacity"}
        All tonnes by the lightest route; shared out over different routes; or as much as
        capacities let through, at the least cost.
    weight : {"length", "hours", "usd_per_t", "generalised"}
        What is made least.
    k, max_overlap, max_stretch
        Of the routes that ``logit`` chooses from; see :meth:`.Network.alternatives`.
    theta : float
        How sharply ``logit`` prefers light routes: shares are as exp(-theta × stretch), corrected
        for overlap by path size (Ben-Akiva and Bierlaire 1999).
    capacities : mapping of str to float, optional
        Tonnes a year by link or line id, in place of those in the data; ``inf``: unbounded.
    unmet_cost : float, optional
        Weight of leaving one tonne behind, for ``capacity``. If not given, whatever can be carried
        is carried.
    allow_unmet : bool
        False: raise an error if ``capacity`` cannot carry all.
    **options
        ``avoid``, ``case``, ``value_of_time``, ``max_snap_km`` as in
        :meth:`.Network.route`; ``modes`` and ``commodity`` for flows that name none.

    Returns
    -------
    Assignment

    Raises
    ------
    InfeasibleError
        If ``allow_unmet`` is False and capacities cannot carry all.
    ArgumentError, UnknownSubjectError
        If an argument cannot be used; the message names it.

    Notes
    -----
    A capacity counts tonnes in both directions together. Links without a published capacity are
    unbounded and flagged (``capacity_known``).

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> done = net.assign(co.flows(), method="capacity")
    >>> bool((done.balance.eval("arriving + starting - leaving - ending").abs() < 1).all())
    True
    """
    if method not in METHODS:
        raise ArgumentError(f"method={method!r} is unknown; available: {', '.join(METHODS)}")
    check_bounds(k, max_overlap, max_stretch)
    _check_number("theta", theta)
    if unmet_cost is not None:
        _check_number("unmet_cost", unmet_cost)
    capacity, known = link_capacities(net, capacities)
    wanted, skipped = loads(net, flows, weight=weight, **options)
    price = np.zeros(len(capacity))
    narrow: Callable[[], pd.DataFrame] = _none
    if method == "shortest":
        columns = _shared_out(wanted, 1, 1.0, 1.0, theta)
    elif method == "logit":
        columns = _shared_out(wanted, k, max_overlap, max_stretch, theta)
    else:
        demands = [Demand(one.world, one.start.nodes, one.end.nodes, one.tonnes) for one in wanted]
        programme = Programme(demands, capacity, unmet_cost)
        solution = programme.solve()
        columns, price = solution.columns, solution.price
        narrow = partial(bottlenecks, net, programme, solution)
    table = _flow_table(wanted, columns, method)
    if method == "capacity" and not allow_unmet and (table["unmet"] > 0).any():
        short = table[table["unmet"] > 0]
        named = ", ".join(f"{r.flow_id} ({r.unmet:,.0f} t)" for r in short.itertuples())
        full = "; ".join(narrow()["name"]) or "none"
        raise InfeasibleError(f"not all can be carried: {named} are left; bottlenecks: {full}")
    return Assignment(
        method,
        weight,
        table,
        _route_table(net, wanted, columns),
        _link_table(net, columns, capacity, known, price),
        skipped,
        narrow,
    )


def _check_number(name: str, value: float) -> None:
    if not (is_number(value) and 0 <= value < np.inf):
        raise ArgumentError(f"{name}={value!r} must be a number, 0 or more")


def link_capacities(
    net: Network, given: Mapping[str, float] | None = None
) -> tuple[FloatArray, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Capacity of each link, t a year (``inf``: not known), and whether it is known.

    Raises
    ------
    ArgumentError
        If a capacity is below zero or not a number.
    UnknownSubjectError
        If an id is no link and no line.
    """
    table = net.link_table
    capacity = table["capacity_t_per_year"].to_numpy(float, na_value=np.nan).copy()
    if (capacity < 0).any():
        name = table["link_id"].to_numpy()[capacity < 0][0]
        raise ArgumentError(f"the capacity of link {name!r} is below zero")
    if given is not None and not isinstance(given, Mapping):
        raise ArgumentError(f"capacities={given!r} must be tonnes a year by link or line id")
    for name, value in (given or {}).items():
        if not (is_number(value) and value >= 0):
            raise ArgumentError(f"capacities[{name!r}]={value!r} must be tonnes a year, 0 or more")
        rows = ((table["link_id"] == name) | (table["line_id"] == name)).to_numpy(bool)
        if not rows.any():
            raise UnknownSubjectError(f"capacities[{name!r}]: no link and no line has this id")
        capacity[rows] = value
    known = ~np.isnan(capacity)
    return np.where(known, capacity, np.inf), known


def _shared_out(
    wanted: list[Load], k: int, max_overlap: float, max_stretch: float, theta: float
) -> list[Column]:
    found: list[Column] = []
    for number, one in enumerate(wanted):
        paths = different_paths(
            one.terms, one.start, one.end, shipment=one.shipment,
            k=k, max_overlap=max_overlap, max_stretch=max_stretch,
        )  # fmt: skip
        if not paths:
            continue
        lengths = one.terms.net.graph_lengths
        times = np.zeros(len(lengths))
        for path in paths:
            times[path.links] += 1
        best = paths[0].cost or 1.0
        size = [
            float((lengths[path.links] / times[path.links]).sum() / lengths[path.links].sum())
            if lengths[path.links].sum()
            else 1.0
            for path in paths
        ]
        share = np.array(size) * np.exp(-theta * (np.array([p.cost for p in paths]) / best - 1))
        share /= share.sum()
        found += [
            Column(number, path, one.tonnes * part)
            for path, part in zip(paths, share.tolist(), strict=True)
        ]
    return found


def _flow_table(wanted: list[Load], columns: list[Column], method: str) -> pd.DataFrame:
    carried, cost = np.zeros(len(wanted)), np.zeros(len(wanted))
    routes = np.zeros(len(wanted), int)
    for column in columns:
        carried[column.demand] += column.tonnes
        cost[column.demand] += column.tonnes * column.path.cost
        routes[column.demand] += 1
    rows = []
    for number, one in enumerate(wanted):
        unmet = max(0.0, one.tonnes - carried[number])
        unmet = 0.0 if unmet <= _FULL * one.tonnes else unmet
        reason = one.obstacle if routes[number] == 0 and one.obstacle else None
        if unmet and reason is None and method == "capacity":
            reason = "capacity"
        rows.append(
            {
                "flow_id": one.flow_id, "origin": one.start.label, "destination": one.end.label,
                "commodity": one.terms.commodity, "tonnes": one.tonnes, "basis": one.basis,
                "assigned": one.tonnes - unmet, "unmet": unmet,
                "cost": cost[number] / carried[number] if carried[number] else np.nan,
                "routes": int(routes[number]), "reason": reason,
            }
        )  # fmt: skip
    names = (
        "flow_id", "origin", "destination", "commodity", "tonnes", "basis", "assigned", "unmet",
        "cost", "routes", "reason",
    )  # fmt: skip
    return pd.DataFrame(rows, columns=list(names))


def _route_table(net: Network, wanted: list[Load], columns: list[Column]) -> pd.DataFrame:
    ids, places = net.link_table["link_id"].to_numpy(object), net.graph.index.to_numpy(object)
    rows = [
        {
            "flow_id": wanted[column.demand].flow_id,
            "tonnes": column.tonnes,
            "share": column.tonnes / (wanted[column.demand].tonnes or 1.0),
            "cost": column.path.cost,
            "length_km": float(net.graph_lengths[column.path.links].sum()),
            "places": places[column.path.nodes].tolist(),
            "links": ids[column.path.links].tolist(),
        }
        for column in sorted(columns, key=lambda one: (one.demand, -one.tonnes, one.path.cost))
    ]
    names = ["flow_id", "tonnes", "share", "cost", "length_km", "places", "links"]
    return pd.DataFrame(rows, columns=names)


def _link_table(
    net: Network,
    columns: list[Column],
    capacity: FloatArray,
    known: np.ndarray[Any, np.dtype[np.bool_]],
    price: FloatArray,
) -> gpd.GeoDataFrame:
    ahead, back = np.zeros(len(capacity)), np.zeros(len(capacity))
    for column in columns:
        forward = column.path.forward
        np.add.at(ahead, column.path.links[forward], column.tonnes)
        np.add.at(back, column.path.links[~forward], column.tonnes)
    table = net.link_table[
        ["link_id", "line_id", "line_name", "from_place", "to_place", "mode", "country", "geometry"]
    ].copy()
    total = ahead + back
    table["tonnes"], table["tonnes_forward"], table["tonnes_back"] = total, ahead, back
    table["capacity_t_per_year"] = np.where(known, capacity, np.nan)
    table["capacity_known"] = known
    with np.errstate(divide="ignore", invalid="ignore"):
        table["load"] = np.where(known & np.isfinite(capacity), total / capacity, np.nan)
    table["full"] = known & (total > 0) & (total >= capacity * (1 - _FULL))
    table["price"] = price
    return table
