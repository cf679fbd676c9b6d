"""What the loss of each link, crossing, place, corridor, country or operator does to flows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.analysis.bridges import bridges
from corridors.analysis.demands import Load, loads
from corridors.analysis.described import records
from corridors.analysis.losses import Way, Ways
from corridors.analysis.structure import Structure, minimum_cuts
from corridors.analysis.subjects import Subject, subjects
from corridors.errors import ArgumentError

if TYPE_CHECKING:
    from typing import Unpack

    import geopandas as gpd

    from corridors.analysis.subjects import BoolArray
    from corridors.charts import Chart
    from corridors.flow import Flow
    from corridors.maps import CorridorMap
    from corridors.network import Network
    from corridors.routing.terms import WeighedAsk

COLUMNS: dict[str, tuple[str, str]] = {
    "subject": ("id", "what is lost: a link, crossing, place, corridor, country, operator"),
    "name": ("text", "its name; of a link, its two ends"),
    "mode": ("text", "modes of the links it closes that flows go by"),
    "country": ("codes", "countries of the links it closes that flows go by"),
    "flows": ("ids", "flows whose route goes through it, the largest first"),
    "tonnes": ("t", "tonnes of these flows: a year's, or those of a flow's own period"),
    "tonnes_of_periods": ("t", "the part of tonnes that is a period's, not a year's"),
    "share": (
        "0 to 1",
        "tonnes, of those of all flows that have a route: betweenness weighted by flow",
    ),
    "tonnes_own": (
        "t",
        "the part of tonnes that comes from or goes to that country, owner's country, or place",
    ),
    "tonnes_transit": ("t", "the rest of tonnes: others' cargo"),
    "stranded_t": ("t", "tonnes that have no other route if it is lost"),
    "stranded_transit_t": ("t", "the part of stranded_t that is others' cargo"),
    "diverted_t": ("t", "tonnes that have another route if it is lost"),
    "extra_tonne_km": ("t-km", "what the other routes add, over all diverted tonnes"),
    "extra_tonne_hours": ("t-h", "the same in hours, central"),
    "extra_usd": ("USD", "the same in dollars, central; below 0 where the detour is cheaper"),
    "extra_km_per_t": ("km", "extra_tonne_km for each tonne diverted"),
    "extra_hours_per_t": ("h", "extra_tonne_hours for each tonne diverted"),
    "extra_usd_per_t": ("USD/t", "extra_usd for each tonne diverted"),
    "detour": (
        "text",
        (
            "way round of the largest flow diverted: where it leaves the route, what it passes, "
            "where it joins it again"
        ),
    ),
    "detour_countries": ("codes", "countries that this way round goes through, in order"),
    "detour_spare_t_per_year": (
        "t/year",
        (
            "least published capacity along it, less the tonnes that go there already; below 0: "
            "overfull; NaN: none published"
        ),
    ),
    "detour_capacity_known": ("0 to 1", "share of its kilometres whose capacity is published"),
    "bridge": (
        "yes/no",
        (
            "without it the open network, of the modes of a flow through it, falls apart: of a "
            "link, two places that are joined would not be; of anything else, two places that "
            "keep links of their own"
        ),
    ),
    "min_cut_flows": (
        "ids",
        "flows between whose ends a link of it lies in a minimum cut, by number of links",
    ),
    "betweenness": (
        "0 to 1",
        (
            "of joined pairs of places, the share whose shortest way (km, modes of all flows) uses "
            "it; the largest of its links; NaN: not computed"
        ),
    ),
}
"""Every column of a table of chokepoints with its unit and definition; lines of geometry apart."""
BETWEENNESS_PLACES = 3000
"""In networks of more places betweenness, which takes a search from each, is left out unless asked
for."""
_WORST = ["stranded_t", "extra_tonne_km", "tonnes", "subject"]
_FLOWS = ("flow_id", "tonnes", "basis", "routed", "length_km", "min_cut_links", "reason", "sources")


@dataclass(frozen=True)
class Chokepoints:
    """What losses do to flows.

    Parameters
    ----------
    net : Network
        On the day looked at.
    by, weight : str
        Kind of subject, and what routes make least.
    table : GeoDataFrame
        One row a subject that flows go through, the worst first: by tonnes stranded, then by extra
        tonne-km, then by tonnes. Columns: :data:`COLUMNS`, and the links or the point.
    by_flow : DataFrame
        One row a subject and flow: ``subject``, ``flow_id``, ``tonnes``, ``basis`` ("year" or
        "period"), ``own``, ``stranded``, ``extra_km``, ``extra_hours``, ``extra_usd_per_t``, and of
        the detour its words, countries, kilometres, capacity and spare capacity.
    flows : DataFrame
        One row a flow: ``flow_id``, ``tonnes``, ``basis``, ``routed``, ``length_km``,
        ``min_cut_links`` (links that must be lost to part its ends), ``reason`` (why there is no
        route), ``sources`` (ids).
    skipped : dict of str to str
        Flows left out, with the reason.
    """

    net: Network
    by: str
    weight: str
    table: gpd.GeoDataFrame
    by_flow: pd.DataFrame
    flows: pd.DataFrame
    skipped: dict[str, str]

    def explain(self) -> str:
        """The worst losses in sentences, with figures, sources, and what was left out."""
        from corridors.analysis.chokepoint_words import explain

        return explain(self)

    def map(self, **options: Any) -> CorridorMap:
        """Draw them, sized by what they strand; see :func:`.chokepoint_map`."""
        from corridors.maps.chokepoint_map import chokepoint_map

        return chokepoint_map(self, **options)

    def chart(self, top: int = 12) -> Chart:
        """Bars of tonnes stranded and diverted, the worst at the top; links in a row are one bar.

        Parameters
        ----------
        top : int
            How many.
        """
        from corridors.analysis.chokepoint_words import chart

        return chart(self, top)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that can be written as JSON, with the columns' units and definitions."""
        return {
            "by": self.by,
            "weight": self.weight,
            "as_of": self.net.as_of.isoformat(),
            "columns": {name: {"unit": u, "definition": d} for name, (u, d) in COLUMNS.items()},
            "chokepoints": records(self.table),
            "by_flow": records(self.by_flow),
            "flows": records(self.flows),
            "skipped": self.skipped,
        }

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        routed = self.flows[self.flows["routed"]]
        worst = self.table["name"].iloc[0] if len(self.table) else "none"
        return (
            f"<Chokepoints on {self.net.as_of}: {len(self.table)} by {self.by}, {len(routed)} of "
            f"{len(self.flows)} flows with a route, {routed['tonnes'].sum():,.0f} t; worst: "
            f"{worst}>"
        )

    def _repr_html_(self) -> str:
        shown = pd.DataFrame(self.table[[
            "name", "country", "tonnes", "share", "stranded_t", "diverted_t", "extra_km_per_t",
            "extra_usd_per_t", "detour", "bridge",
        ]])  # fmt: skip
        return f"<p>{escape(repr(self)[1:-1])}</p>{shown.to_html(index=False, max_rows=20)}"


def chokepoints(
    net: Network,
    flows: Iterable[Flow] | Mapping[str, Flow] | pd.DataFrame,
    *,
    by: str = "link",
    run_by: Mapping[str, str] | None = None,
    betweenness: bool | None = None,
    progress: bool = True,
    **options: Unpack[WeighedAsk],
) -> Chokepoints:
    """Which links, crossings, places, corridors, countries or operators can hold which flows.

    Each flow takes its best route; then each subject is lost by itself, and every flow that went
    through it takes the best route that is left, or is stranded. Access rules hold for the detour
    as for the route. On networks that know turns, trains turn as in :meth:`.Network.route`;
    minimum cuts, bridges and betweenness do not look at turns.

    Parameters
    ----------
    net : Network
    flows : Flows or DataFrame
        As in :meth:`.Network.assign`. Flows whose tonnes are not known are left out, with the
        reason.
    by : {"link", "crossing", "place", "corridor", "country", "operator", "owner", "party"}
        What is lost. Gauge changes, ferries and transfers are links. A crossing or place takes
        every link that ends there; a crossing is a border point (of all its tracks) or the port of
        a ferry to another country. A country takes the links on its ground, an operator those it
        runs, an owner (a country) those that operators owned there run anywhere, a party both of
        the latter.
    run_by : mapping of str to str, optional
        Operator id by line or link id, where another than in the data is to run it.
    betweenness : bool, optional
        Compute that column; if not given, up to :data:`BETWEENNESS_PLACES` places.
    progress : bool
        Show a bar where it takes over two seconds.
    **options
        Terms for all flows, as in :meth:`.Network.closures`; what a flow says itself comes first.

    Returns
    -------
    Chokepoints

    Raises
    ------
    ArgumentError, UnknownSubjectError
        If there are no flows, or an argument cannot be used; the message names it.

    Notes
    -----
    Replacement paths by Malik, Mittal and Gupta (1989), made exact for directed weights; see
    :mod:`corridors.routing.replacement`.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> found = net.chokepoints([co.flows()["azerbaijani-oil-products"]], by="crossing")
    >>> found.table[["name", "stranded_t"]].head(2)
                                    name  stranded_t
    0  Boyuk Kesik–Gardabani rail border      6881.0
    1         Sadakhlo–Ayrum rail border      6881.0
    """
    day, ready, skipped = ready_flows(net, flows, unknown_tonnes=False, **options)
    ways = Ways(day, [load for load in ready if load.obstacle is None])
    lost = subjects(day, by, ways.used, run_by)
    by_flow = ways.table(lost, progress=progress)
    cuts = _cuts(day, ways)
    many = len(day.place_table) > BETWEENNESS_PLACES
    wanted = not many if betweenness is None else betweenness
    between = Structure(day, _usable(day, ways.ways)).betweenness() if wanted else None
    rows = _rows(day, ways, lost, by_flow)
    rows["bridge"] = _apart(day, ways, lost, by_flow, single=by == "link")
    rows["min_cut_flows"] = [
        " ".join(name for name, (_, member) in cuts.items() if member[one.rows].any())
        for one in lost
    ]
    rows["betweenness"] = [
        np.nan if between is None else float(np.nanmax(between[one.rows], initial=0.0))
        for one in lost
    ]
    order = rows.sort_values(_WORST, ascending=[False, False, False, True], kind="stable").index
    table = reach_of(day, rows.loc[order, list(COLUMNS)], [lost[n] for n in order], ways.used, by)
    names = np.array([one.subject_id for one in lost], object)
    by_flow["subject"] = names[by_flow["subject"].to_numpy(int)] if len(by_flow) else []
    listed = flow_table(ready, ways, {name: size for name, (size, _) in cuts.items()})
    weight = options.get("weight", "length")
    return Chokepoints(day, by, weight, table, by_flow, listed, skipped)


def ready_flows(
    net: Network, flows: Any, *, unknown_tonnes: bool, **options: Unpack[WeighedAsk]
) -> tuple[Network, list[Load], dict[str, str]]:
    """The network on the day asked for, and the flows on it."""
    given = options.pop("as_of", None)
    day = net if given is None else net.at(given)
    listed = flows if isinstance(flows, (pd.DataFrame, Mapping)) else list(flows)
    if not len(listed):
        raise ArgumentError("flows is empty; give one flow or more, such as co.flows()")
    ready, skipped = loads(day, listed, unknown_tonnes=unknown_tonnes, **options)
    return day, ready, skipped


def _cuts(net: Network, ways: Ways) -> dict[str, tuple[int, BoolArray]]:
    """Minimum cuts between the ends of each flow, those of equal ends worked out once."""
    known: dict[tuple[int, bytes, bytes], tuple[int, BoolArray]] = {}
    found = {}
    for way in ways.ways:
        load = way.load
        key = (id(load.world), load.start.nodes.tobytes(), load.end.nodes.tobytes())
        if key not in known:
            known[key] = minimum_cuts(net, load.world, load.start.nodes, load.end.nodes)
        found[way.name] = known[key]
    return found


def _usable(net: Network, ways: Iterable[Way]) -> BoolArray:
    """Links that are open on the day to a mode of one of some flows."""
    modes = np.zeros(len(net.link_modes), bool)
    for way in ways:
        modes |= way.load.terms.in_modes
    return np.asarray(modes & net.state_allows)


def _apart(
    net: Network, ways: Ways, lost: Sequence[Subject], by_flow: pd.DataFrame, *, single: bool
) -> BoolArray:
    """Whether the network of the modes of a flow through each subject falls apart without it."""
    same: dict[bytes, list[Way]] = {}
    for way in ways.ways:
        same.setdefault(way.load.terms.in_modes.tobytes(), []).append(way)
    found = np.zeros(len(lost), bool)
    for group in same.values():
        names = {way.name for way in group}
        through = np.unique(by_flow.loc[by_flow["flow_id"].isin(names), "subject"].to_numpy(int))
        usable = _usable(net, group)
        if single:
            rows = np.array([int(lost[number].rows[0]) for number in through], np.int64)
            found[through] |= bridges(net.graph, usable)[rows]
        else:
            found[through] |= Structure(net, usable).parting([lost[n] for n in through])
    return found


def _rows(net: Network, ways: Ways, lost: Sequence[Subject], by_flow: pd.DataFrame) -> pd.DataFrame:
    """The columns that add up flows, one row a subject in the order given."""
    tonnes = by_flow["tonnes"].to_numpy(float)
    subject = by_flow["subject"].to_numpy(int)
    stranded, own = by_flow["stranded"].to_numpy(bool), by_flow["own"].to_numpy(bool)
    of_period = (by_flow["basis"] == "period").to_numpy(bool)

    def total(amount: Any) -> Any:
        return np.bincount(subject, amount, minlength=len(lost))

    through, diverted = total(tonnes), total(tonnes * ~stranded)
    everything = sum(way.load.tonnes for way in ways.ways)
    columns: dict[str, Any] = {
        "subject": [one.subject_id for one in lost],
        "name": [one.name for one in lost],
        "tonnes": through,
        "tonnes_of_periods": total(tonnes * of_period),
        "share": through / everything if everything else np.full(len(lost), np.nan),
        "tonnes_own": total(tonnes * own),
        "tonnes_transit": total(tonnes * ~own),
        "stranded_t": total(tonnes * stranded),
        "stranded_transit_t": total(tonnes * (stranded & ~own)),
        "diverted_t": diverted,
    }
    moved = ~stranded
    for name, unit in (("km", "km"), ("hours", "hours"), ("usd", "usd_per_t")):
        each = by_flow[f"extra_{unit}"].to_numpy(float)
        extra = total(np.where(moved, tonnes * each, 0.0))
        columns["extra_usd" if name == "usd" else f"extra_tonne_{name}"] = extra
        with np.errstate(invalid="ignore", divide="ignore"):
            columns["extra_usd_per_t" if name == "usd" else f"extra_{name}_per_t"] = np.where(
                diverted > 0, extra / diverted, np.nan
            )
    columns |= _texts(net, ways, lost, by_flow)
    return pd.DataFrame(columns)


def _texts(
    net: Network, ways: Ways, lost: Sequence[Subject], by_flow: pd.DataFrame
) -> dict[str, list[Any]]:
    """Modes, countries, flows, and the way round of the largest flow that is diverted."""
    modes, countries = net.link_modes, net.link_table["country"].to_numpy(object)
    used = [one.rows[ways.used[one.rows]] for one in lost]
    largest = by_flow.sort_values("tonnes", ascending=False, kind="stable")
    members = largest.groupby("subject")["flow_id"].agg(" ".join)
    wanted = ["detour", "detour_countries", "detour_spare_t_per_year", "detour_capacity_known"]
    first = largest[~largest["stranded"].astype(bool)].drop_duplicates("subject")
    detours = first.set_index("subject")[wanted].reindex(range(len(lost)))
    return {
        "mode": [" ".join(dict.fromkeys(modes[rows])) for rows in used],
        "country": [" ".join(dict.fromkeys(countries[rows])) for rows in used],
        "flows": members.reindex(range(len(lost))).tolist(),
        "detour": detours["detour"].fillna("").tolist(),
        "detour_countries": detours["detour_countries"].fillna("").tolist(),
        **{name: detours[name].tolist() for name in wanted[2:]},
    }


def reach_of(
    net: Network, rows: pd.DataFrame, lost: Sequence[Subject], used: BoolArray, by: str
) -> gpd.GeoDataFrame:
    """Points of crossings and places; of anything else, the links of it that flows go by."""
    import geopandas as gpd
    import shapely

    if by in {"crossing", "place"}:
        place = dict(zip(net.place_table["place_id"], net.place_table.geometry, strict=True))
        shapes = [place[one.subject_id] for one in lost]
    else:
        lines = net.link_table.geometry.to_numpy()
        shapes = [
            shapely.line_merge(shapely.MultiLineString(list(lines[rows])))
            for rows in (one.rows[used[one.rows]] for one in lost)
        ]
    return gpd.GeoDataFrame(rows.reset_index(drop=True), geometry=shapes, crs=net.link_table.crs)


def flow_table(ready: Sequence[Load], ways: Ways, cuts: Mapping[str, int]) -> pd.DataFrame:
    """One row a flow, those with a route first; see :class:`Chokepoints`."""
    lengths = ways.net.graph_lengths
    rows = [
        {
            "flow_id": way.name, "tonnes": way.load.tonnes, "basis": way.load.basis, "routed": True,
            "length_km": float(lengths[way.around.links[way.around.links >= 0]].sum()),
            "min_cut_links": cuts.get(way.name), "reason": "",
            "sources": " ".join(way.load.sources),
        }
        for way in ways.ways
    ] + [
        {
            "flow_id": load.flow_id, "tonnes": load.tonnes, "basis": load.basis, "routed": False,
            "length_km": np.nan, "min_cut_links": 0, "reason": load.obstacle,
            "sources": " ".join(load.sources),
        }
        for load in ready
        if load.obstacle is not None
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=list(_FLOWS))
    return table.astype({"tonnes": float, "routed": bool, "length_km": float})
