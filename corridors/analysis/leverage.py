"""What each party could strand or make dearer by closing what it holds, flow by flow.

Two days, scenarios or owners stand side by side, so that an answer can be "before and after".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from corridors.analysis.chokepoint_words import cited, some
from corridors.analysis.chokepoints import flow_table, reach_of, ready_flows
from corridors.analysis.described import records
from corridors.analysis.losses import Ways
from corridors.analysis.subjects import subjects
from corridors.errors import ArgumentError

if TYPE_CHECKING:
    from typing import Unpack

    import geopandas as gpd

    from corridors.charts import Chart
    from corridors.flow import Flow
    from corridors.maps import CorridorMap
    from corridors.network import Network
    from corridors.routing.terms import WeighedAsk

    World: TypeAlias = Network | tuple[Network, Mapping[str, str]]

LEVERAGE_COLUMNS: dict[str, tuple[str, str]] = {
    "world": ("text", "day or scenario"),
    "party": ("id", "country, operator, crossing or whatever is asked for"),
    "name": ("text", "its name"),
    "flows": ("count", "flows whose route goes through what it holds"),
    "of_flows": ("count", "flows that have a route in this world"),
    "stranded_flows": ("count", "of flows, those that would have no other route"),
    "stranded": ("ids", "these flows"),
    "tonnes": ("t", "tonnes of flows, as far as they are known"),
    "share": ("0 to 1", "tonnes, of those of all flows that have a route in this world"),
    "stranded_t": ("t", "tonnes that would have no other route"),
    "stranded_share": ("0 to 1", "stranded_t, of the tonnes of all flows that have a route"),
    "stranded_transit_t": ("t", "the part of stranded_t that is others' cargo, not its own trade"),
    "diverted_flows": ("count", "of flows, those that would have another route"),
    "diverted_t": ("t", "tonnes that would have another route"),
    "extra_usd": ("USD", "what these other routes would cost more, central"),
    "extra_usd_per_t": ("USD/t", "extra_usd for each tonne diverted"),
    "extra_km_per_t": ("km", "what they would be longer, for each tonne diverted"),
}
"""Every column of a table of leverage with its unit and definition."""
_FLOW_COLUMNS = (
    "world", "party", "name", "flow_id", "tonnes", "basis", "own", "outcome", "extra_km",
    "extra_hours", "extra_usd_per_t", "detour", "detour_countries", "detour_spare_t_per_year",
)  # fmt: skip
_TOP = 4


@dataclass(frozen=True)
class Leverage:
    """What parties could do to flows, in one world or several.

    Parameters
    ----------
    by, weight : str
        Kind of party, and what routes make least.
    table : DataFrame
        One row a world and party that some flow needs, worlds in the order given, in each the
        party first that strands most tonnes, then most flows. Columns: :data:`LEVERAGE_COLUMNS`.
    by_flow : DataFrame
        One row a world, party and flow through it: ``tonnes`` (NaN: not known), ``basis``, ``own``
        (the flow comes from or goes to the party's country), ``outcome`` ("stranded" or
        "diverted"), ``extra_km``, ``extra_hours``, ``extra_usd_per_t``, ``detour``,
        ``detour_countries``, ``detour_spare_t_per_year``.
    flows : DataFrame
        One row a world and flow: ``tonnes``, ``basis``, ``routed``, ``length_km``, ``reason``.
    skipped : dict of str to str
        Flows left out, with the reason.
    """

    by: str
    weight: str
    table: pd.DataFrame
    by_flow: pd.DataFrame
    flows: pd.DataFrame
    skipped: dict[str, str]
    _shapes: Mapping[str, tuple[Network, gpd.GeoDataFrame]]

    @property
    def worlds(self) -> list[str]:
        """Names of the worlds, in the order given."""
        return list(self._shapes)

    def side_by_side(self, column: str = "stranded_t") -> pd.DataFrame:
        """One column for each party's rows and worlds: parties down, worlds across.

        Parameters
        ----------
        column : str
            One of the columns of numbers of :attr:`table`; 0 where no flow needs the party.

        Raises
        ------
        ArgumentError
            If there is no such column of numbers.
        """
        if column not in self.table or self.table[column].dtype.kind not in "iuf":
            known = [name for name in LEVERAGE_COLUMNS if self.table[name].dtype.kind in "iuf"]
            raise ArgumentError(f"column={column!r} is unknown; available: {', '.join(known)}")
        wide = self.table.pivot_table(
            index=["party", "name"], columns="world", values=column, aggfunc="sum", sort=False
        )
        return wide.reindex(columns=self.worlds).fillna(0)

    def explain(self) -> str:
        """Each world in sentences: who holds what, with figures and the sources of the tonnes."""
        lines: list[str] = []
        for world in self.worlds:
            here = self.flows[self.flows["world"] == world]
            routed = here[here["routed"]]
            lines.append(
                f"{world}: {len(routed)} of {len(here)} flows have a route, "
                f"{routed['tonnes'].sum():,.0f} t of known tonnes."
            )
            rows = self.table[self.table["world"] == world]
            lines += [f"  {_sentence(row)}" for row in rows.head(_TOP).to_dict("records")]
        once = self.flows.drop_duplicates("flow_id")
        return "\n".join([*lines, *cited(once)])

    def chart(self, column: str = "stranded_t", top: int = 8) -> Chart:
        """One column as shaded cells, parties down and worlds across.

        Parameters
        ----------
        column : str
            One of the columns of numbers of :attr:`table`.
        top : int
            How many parties, those of the largest figures.

        Raises
        ------
        ArgumentError
            If ``top`` or ``column`` cannot be used.
        """
        from corridors.charts import INK, Chart, axes

        if not (isinstance(top, int) and not isinstance(top, bool) and top > 0):
            raise ArgumentError(f"top={top!r} must be a whole number, 1 or more")
        wide = self.side_by_side(column)
        wide = wide.loc[wide.max(axis=1).sort_values(ascending=False, kind="stable").index[:top]]
        rows, columns = wide.shape
        words = f"{column.removesuffix('_t').replace('_', ' ')}, {LEVERAGE_COLUMNS[column][0]}"
        figure, axis = axes(
            f"By {self.by}: {words}", width_in=2.6 + 0.95 * columns, height_in=1.8 + 0.36 * rows
        )
        values = wide.to_numpy(float)
        largest = np.abs(values).max(initial=0.0) or 1.0
        if rows:
            axis.imshow(values, cmap="Oranges", vmin=0, vmax=largest * 1.6, aspect="auto")
        # Tonnes and counts are whole; shares are not.
        places = 0 if largest >= 10 or (values == values.round()).all() else 2  # noqa: PLR2004
        for (row, at), value in np.ndenumerate(values):
            axis.text(at, row, f"{value:,.{places}f}", ha="center", va="center", color=INK, size=8)
        axis.set_yticks(range(rows), labels=[name for _, name in wide.index], parse_math=False)
        axis.set_xticks(
            range(columns), labels=self.worlds, parse_math=False, rotation=30, ha="right",
            rotation_mode="anchor",
        )  # fmt: skip
        axis.grid(visible=False)
        return Chart(figure, f"Table of {words} by {self.by}, in {columns} worlds.")

    def map(self, world: str | None = None, *, title: str | None = None) -> CorridorMap:
        """Draw what each party holds of the flows' routes, as wide as what it could strand.

        Parameters
        ----------
        world : str, optional
            Which of :attr:`worlds`; the first if not given.
        title : str, optional
            Heading of the page.

        Raises
        ------
        ArgumentError
            If there is no such world, or nothing to draw in it.
        """
        from corridors.maps import result_map

        name = self.worlds[0] if world is None else world
        if name not in self._shapes:
            raise ArgumentError(f"world={name!r} is unknown; known: {', '.join(self.worlds)}")
        net, shapes = self._shapes[name]
        rows = shapes.merge(self.table[self.table["world"] == name], on="party")
        facts = {
            "stranded": "Would be stranded", "stranded_t": "Stranded, t",
            "diverted_t": "Diverted, t", "extra_usd_per_t": "Diverted: USD/t more",
        }  # fmt: skip
        points = self.by in {"crossing", "place"}
        return result_map(
            net, lines=None if points else rows, points=rows if points else None,
            value="stranded_t", label="name",
            facts=facts, size="Could be stranded, t",
            title=title or f"What each {self.by} could strand: {name}",
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Plain values that can be written as JSON, with the columns' units and definitions."""
        known = LEVERAGE_COLUMNS.items()
        return {
            "by": self.by,
            "weight": self.weight,
            "worlds": self.worlds,
            "columns": {name: {"unit": u, "definition": d} for name, (u, d) in known},
            "leverage": records(self.table),
            "by_flow": records(self.by_flow),
            "flows": records(self.flows),
            "skipped": self.skipped,
        }

    def __repr__(self) -> str:
        return (
            f"<Leverage by {self.by} in {len(self.worlds)} worlds: "
            f"{self.table['party'].nunique()} parties, {self.flows['flow_id'].nunique()} flows>"
        )

    def _repr_html_(self) -> str:
        shown = self.table[[
            "world", "name", "flows", "of_flows", "stranded_flows", "stranded_t",
            "stranded_share", "diverted_t", "extra_usd_per_t",
        ]]  # fmt: skip
        return f"<p>{escape(repr(self)[1:-1])}</p>{shown.to_html(index=False, max_rows=40)}"


def leverage(
    net: Network,
    flows: Iterable[Flow] | Mapping[str, Flow] | pd.DataFrame,
    *,
    by: str = "country",
    compare: Mapping[str, World] | None = None,
    run_by: Mapping[str, str] | None = None,
    progress: bool = True,
    **options: Unpack[WeighedAsk],
) -> Leverage:
    """What each party could strand or make dearer by closing what it holds.

    Parameters
    ----------
    net : Network
    flows : Flows or DataFrame
        As in :meth:`.Network.assign`. Flows whose tonnes are not known are kept: what would
        happen to them is known, only not to how many tonnes.
    by : {"country", "operator", "owner", "party", "crossing", "corridor", "place", "link"}
        Who or what. A country holds the links on its ground; an operator those it runs; an owner
        those that operators owned in that country run anywhere, such as Russia those of the South
        Caucasus Railway in Armenia; a party both of the latter.
    compare : mapping of str to Network or (Network, run_by), optional
        Worlds to put side by side with this one, by name: ``{"TRIPP": net.with_open("tripp")}``.
        In a pair, the second says who runs what there.
    run_by : mapping of str to str, optional
        Operator id by line or link id, where another than in the data is to run it.
    progress : bool
        Show a bar where it takes over two seconds.
    **options
        As in :meth:`.Network.chokepoints`.

    Returns
    -------
    Leverage

    Raises
    ------
    ArgumentError, UnknownSubjectError
        If there are no flows, or an argument cannot be used; the message names it.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> grain = [co.flows()["kazakh-grain"]]
    >>> opened = net.with_open("tripp", "yeraskh-nakhchivan")
    >>> found = net.leverage(grain, compare={"TRIPP and Yeraskh": opened})
    >>> found.side_by_side()["2026-06-01"].loc["GE"].tolist()
    [1000.0]
    >>> float(found.side_by_side().loc[("GE", "Georgia"), "TRIPP and Yeraskh"])
    0.0
    """
    given = options.pop("as_of", None)
    day = net if given is None else net.at(given)
    worlds: dict[str, World] = {day.as_of.isoformat(): (day, run_by or {})}
    listed = flows if isinstance(flows, (pd.DataFrame, Mapping)) else list(flows)
    found: list[_Answer] = []
    for name, world in (worlds | dict(compare or {})).items():
        there, who = world if isinstance(world, tuple) else (world, run_by or {})
        if not hasattr(there, "leverage"):
            raise ArgumentError(f"compare: {name!r} is {there!r}; give a Network")
        found.append(_answer(there, listed, name, by, who, progress=progress, **options))
    return Leverage(
        by,
        options.get("weight", "length"),
        pd.concat([one.table for one in found], ignore_index=True),
        pd.concat([one.by_flow for one in found], ignore_index=True),
        pd.concat([one.flows for one in found], ignore_index=True),
        found[0].skipped,
        {one.world: (one.net, one.shapes) for one in found},
    )


@dataclass(frozen=True)
class _Answer:
    """One world's part of the tables."""

    world: str
    net: Network
    table: pd.DataFrame
    by_flow: pd.DataFrame
    flows: pd.DataFrame
    skipped: dict[str, str]
    shapes: gpd.GeoDataFrame


def _answer(
    net: Network,
    flows: Any,
    world: str,
    by: str,
    run_by: Mapping[str, str],
    *,
    progress: bool,
    **options: Unpack[WeighedAsk],
) -> _Answer:
    net, ready, skipped = ready_flows(net, flows, unknown_tonnes=True, **options)
    ways = Ways(net, [load for load in ready if load.obstacle is None])
    held = subjects(net, by, ways.used, run_by)
    rows = ways.table(held, progress=progress)
    number = rows["subject"].to_numpy(int)
    ids = np.array([one.subject_id for one in held], object)
    names = np.array([one.name for one in held], object)
    rows = rows.assign(
        world=world,
        party=ids[number] if len(held) else [],
        name=names[number] if len(held) else [],
        outcome=np.where(rows["stranded"], "stranded", "diverted"),
    )
    listed = flow_table(ready, ways, {}).drop(columns="min_cut_links")
    listed.insert(0, "world", world)
    shapes = reach_of(net, pd.DataFrame({"party": ids}), held, ways.used, by)
    return _Answer(
        world, net, _table(rows, listed), rows[list(_FLOW_COLUMNS)], listed, skipped, shapes
    )


def _table(rows: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """One row a party of one world, the most powerful first."""
    routed = listed[listed["routed"]]
    total = routed["tonnes"].sum()
    stranded = rows["stranded"]
    tonnes = rows["tonnes"].fillna(0.0)
    columns = pd.DataFrame(
        {
            "party": rows["party"],
            "flows": 1,
            "stranded_flows": stranded.astype(int),
            "diverted_flows": (~stranded).astype(int),
            "tonnes": tonnes,
            "stranded_t": tonnes * stranded,
            "stranded_transit_t": tonnes * (stranded & ~rows["own"]),
            "diverted_t": tonnes * ~stranded,
            "extra_usd": (tonnes * rows["extra_usd_per_t"]).where(~stranded, 0.0),
            "extra_km": (tonnes * rows["extra_km"]).where(~stranded, 0.0),
        }
    )
    table = columns.groupby("party", sort=True).sum().reset_index()
    lost = rows[stranded].groupby("party")["flow_id"].agg(" ".join)
    table["stranded"] = table["party"].map(lost).fillna("").astype(object)
    table["name"] = table["party"].map(dict(zip(rows["party"], rows["name"], strict=True)))
    table["world"] = listed["world"].iloc[0]
    table["of_flows"] = len(routed)
    diverted = table["diverted_t"].where(table["diverted_t"] > 0)
    table["extra_usd_per_t"] = table["extra_usd"] / diverted
    table["extra_km_per_t"] = table["extra_km"] / diverted
    whole = total if total > 0 else np.nan
    table["share"] = table["tonnes"] / whole
    table["stranded_share"] = table["stranded_t"] / whole
    order = ["stranded_t", "stranded_flows", "tonnes", "flows", "party"]
    table = table.sort_values(order, ascending=[False] * 4 + [True], ignore_index=True)
    return table[list(LEVERAGE_COLUMNS)]


def _sentence(row: Mapping[Any, Any]) -> str:
    parts = []
    if row["stranded_flows"]:
        share = "" if np.isnan(row["stranded_share"]) else f", {row['stranded_share']:.0%} of all"
        parts.append(
            f"could strand {row['stranded_flows']} of {row['of_flows']} flows "
            f"({some(row['stranded'].split())}; {row['stranded_t']:,.0f} t of known tonnes{share})"
        )
    if row["diverted_flows"]:
        dearer = (
            ""
            if np.isnan(row["extra_usd_per_t"])
            else f" ({row['diverted_t']:,.0f} t, {row['extra_usd_per_t']:+,.1f} USD/t, "
            f"{row['extra_km_per_t']:+,.0f} km)"
        )
        parts.append(f"could send {row['diverted_flows']} round{dearer}")
    return f"{row['name']} {' and '.join(parts)}."
