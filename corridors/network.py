"""The network: immutable tables of places, links, states and rules, seen from one day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from corridors import states as st
from corridors import whatif
from corridors.columns import Columns, own_km
from corridors.names import Gazetteer
from corridors.questions import Questions
from corridors.revisions import in_force, revised
from corridors.schema import CommodityRow, CorridorRow, RuleRow, SourceRow

if TYPE_CHECKING:
    import geopandas as gpd

    from corridors.costs.model import CostModel
    from corridors.costs.parameters import Values
    from corridors.routing.graph import Graph
    from corridors.routing.groups import GroupRow

T = TypeVar("T")


@dataclass(frozen=True)
class Tables:
    """Everything a network consists of, before a day is chosen."""

    places: gpd.GeoDataFrame
    links: gpd.GeoDataFrame
    states: pd.DataFrame
    rules: tuple[RuleRow, ...]
    crossings: pd.DataFrame
    operators: pd.DataFrame
    station_codes: pd.DataFrame
    corridors: Mapping[str, CorridorRow]
    commodities: Mapping[str, CommodityRow]
    folder: Path
    sources: pd.DataFrame | None = None
    """What the rows cite, columns of :class:`~corridors.schema.SourceRow`; None: in ``folder``."""
    revisions: pd.DataFrame | None = None
    """Cells of the link table that other values replace between two dates; see
    :mod:`corridors.revisions`."""
    reports: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """What was counted while the network was made: ``build``, ``match``."""


class Network(Columns, Questions):
    """Places and links, the states and rules that govern them, and a day.

    A network never changes: :meth:`at`, :meth:`with_open` and :meth:`with_closed` give new ones.
    Tables are handed out as copies.

    Parameters
    ----------
    tables : Tables
        From :func:`corridors.load` or another source.
    as_of : date
        The day whose states and rules hold.
    scenarios : tuple of str
        Names of the scenarios applied so far, in order.
    """

    def __init__(self, tables: Tables, *, as_of: dt.date, scenarios: tuple[str, ...] = ()) -> None:
        self._tables = tables
        self._as_of = as_of
        self._days: dict[dt.date, Network] = {as_of: self}
        revisions = in_force(tables.revisions, as_of)
        self._revised = tuple(revisions.index)
        self._links = revised(tables.links, revisions)
        self.scenarios = scenarios
        self.memo: dict[tuple[str, ...], Any] = {}
        """Masks that routing computed on this day, by what they depend on."""
        self.shared: dict[str, Any] = {}
        """What depends on the tables alone, the same for every day."""
        self.link_state_table = st.link_states(self._links, tables.states, as_of)

    def __getstate__(self) -> dict[str, Any]:
        """The tables, the day and changed parameters; what follows from them is made anew."""
        state = {name: self.__dict__[name] for name in ("_tables", "_as_of", "scenarios")}
        costs = self.__dict__.get("costs")
        if costs is not None and costs is not self.shared.get("costs"):
            state["costs"] = costs
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        Network.__init__(
            self, state["_tables"], as_of=state["_as_of"], scenarios=state["scenarios"]
        )
        self.__dict__.update({"costs": state["costs"]} if "costs" in state else {})

    # -- tables ----------------------------------------------------------------------------

    @property
    def as_of(self) -> dt.date:
        """The day whose states and rules hold."""
        return self._as_of

    @property
    def places(self) -> gpd.GeoDataFrame:
        """Places, one a row, with ``place_id``, names, position and its source; WGS 84 points."""
        return self._tables.places.copy()

    @property
    def links(self) -> gpd.GeoDataFrame:
        """Links, one a row, in link_id order; WGS 84 lines.

        ``length_km`` is the published length, ``geometry_km`` that of the drawn line; ``state``
        and ``usable`` hold on ``as_of``, before access rules, which depend on the shipment.
        """
        columns = ["state", "state_subject", "state_source", "usable"]
        table = self._links.copy()
        table[columns] = self.link_state_table[columns]
        table["usable"] &= ~self._passing_closed_place
        return table

    @property
    def states(self) -> pd.DataFrame:
        """The dated states of lines, links and places, all years."""
        return self._tables.states.copy()

    @property
    def crossings(self) -> gpd.GeoDataFrame:
        """Border crossings with their countries, border stations and state on ``as_of``."""
        closed = self.closed_places
        table = self._tables.places[["place_id", "name_en", "geometry"]].merge(
            self._tables.crossings, on="place_id"
        )
        table["state"] = [closed.get(place, "open") for place in table["place_id"]]
        return table

    @property
    def rules(self) -> tuple[RuleRow, ...]:
        """Access rules, all years."""
        return self._tables.rules

    @property
    def operators(self) -> pd.DataFrame:
        """Operators and who owns them."""
        return self._tables.operators.copy()

    @property
    def corridors(self) -> Mapping[str, CorridorRow]:
        """Named corridors by id."""
        return self._tables.corridors

    @property
    def commodities(self) -> Mapping[str, CommodityRow]:
        """Commodities by id."""
        return self._tables.commodities

    # -- what follows from the tables ------------------------------------------------------

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Index of ids, names and station codes."""
        codes = self._tables.station_codes
        return self._once(
            "gazetteer",
            lambda: Gazetteer(
                self._tables.places,
                dict(zip(codes["station_code"], codes["place_id"], strict=True)),
                zip(codes["name_official"], codes["place_id"], strict=True),
            ),
        )

    @cached_property
    def graph(self) -> Graph:
        """Compiled arrays, the same for every day and shipment."""
        return self._once("graph", lambda: _compiled(self._tables.places, self._links))

    @cached_property
    def costs(self) -> CostModel:
        """The numbers that hours and dollars are made from, read from the data folder."""
        from corridors.costs.model import CostModel

        return self._once("costs", lambda: CostModel.read(self._tables.folder))

    def _once(self, name: str, make: Callable[[], T]) -> T:
        """What is made once for this network and all what-ifs of its tables."""
        if name not in self.shared:
            self.shared[name] = make()
        made: T = self.shared[name]
        return made

    def same_costs(self, other: Network) -> bool:
        """Whether another network has the same cost model, known without reading any.

        Parameters
        ----------
        other : Network
        """
        mine, theirs = self.__dict__.get("costs"), other.__dict__.get("costs")
        if mine is None and theirs is None:
            return self._tables.folder == other._tables.folder
        return self.costs is other.costs

    @property
    def parameters(self) -> pd.DataFrame:
        """Parameters of the cost model: low, central, high, unit, what they apply to, source."""
        return self.costs.table()

    @property
    def groups(self) -> Mapping[str, GroupRow]:
        """Named groups of places by id, for :meth:`cut`."""
        from corridors.routing.groups import read_groups

        if "groups" not in self.shared:
            self.shared["groups"] = read_groups(self._tables.folder)
        return dict(self.shared["groups"])

    @cached_property
    def borders(self) -> dict[str, frozenset[str]]:
        """Crossing place id to its two countries."""
        table = self._tables.crossings
        pairs = zip(table["country_a"], table["country_b"], strict=True)
        return dict(zip(table["place_id"], map(frozenset, pairs), strict=True))

    @cached_property
    def closed_places(self) -> dict[str, str]:
        """Places that nothing may pass on ``as_of``, with their state."""
        return st.closed_places(self._tables.states, self._as_of)

    @cached_property
    def lifted(self) -> frozenset[str]:
        """Crossings opened on purpose on ``as_of``, which rules on whole borders spare."""
        return st.spared_places(self._tables.states, self._as_of)

    @cached_property
    def _passing_closed_place(self) -> st.BoolArray:
        links, closed = self._links, list(self.closed_places)
        return (links["from_place"].isin(closed) | links["to_place"].isin(closed)).to_numpy(bool)

    @cached_property
    def state_allows(self) -> st.BoolArray:
        """Mask of the links whose own and whose ends' states let traffic pass."""
        usable = self.link_state_table["usable"].to_numpy(bool)
        return np.asarray(usable & ~self._passing_closed_place)

    @property
    def sources(self) -> pd.DataFrame:
        """Sources that the data cites: id, title, publisher, date, url or reference, licence."""
        from corridors.tables import read_frame

        if self._tables.sources is not None:
            return self._tables.sources.copy()
        if "sources" not in self.shared:
            self.shared["sources"] = read_frame(self._tables.folder, "sources", SourceRow)
        table: pd.DataFrame = self.shared["sources"]
        return table.copy()

    @property
    def build_report(self) -> pd.DataFrame:
        """What building from OpenStreetMap repaired, dropped or did not know; may be empty."""
        return self._tables.reports.get("build", pd.DataFrame()).copy()

    @property
    def match_report(self) -> pd.DataFrame:
        """Every link with what :func:`corridors.conflate` found for it; may be empty."""
        return self.report("match")

    def report(self, name: str) -> pd.DataFrame:
        """What was counted while the network was made.

        Parameters
        ----------
        name : str
            ``"build"``, ``"match"``, ``"match_places"`` or ``"match_parts"``.

        Returns
        -------
        DataFrame
            Empty if nothing was counted.
        """
        return self._tables.reports.get(name, pd.DataFrame()).copy()

    def label(self, subject: str) -> str:
        """Name of a place, a line or a link (its two ends).

        Parameters
        ----------
        subject : str
            An id.

        Returns
        -------
        str
            The id itself for anything else.
        """
        places, links = self._tables.places, self._links
        for ids, names in (
            (places["place_id"], places["name_en"]),
            (links["line_id"], links["line_name"]),
        ):
            rows = np.flatnonzero((ids == subject).to_numpy(bool))
            if len(rows):
                return str(names.iloc[int(rows[0])])
        rows = np.flatnonzero((links["link_id"] == subject).to_numpy(bool))
        if len(rows):
            ends = links[["from_place", "to_place"]].iloc[int(rows[0])]
            return "–".join(self.label(str(end)) for end in ends)
        return subject

    def state_rows(self, subject: str) -> pd.DataFrame:
        """Rows of the state table about one id that hold on ``as_of``.

        Parameters
        ----------
        subject : str
            Id of a line, link or place.

        Returns
        -------
        DataFrame
            Columns of ``states``; empty where none holds.
        """
        now = st.states_on(self._tables.states, self._as_of)
        return now[now["subject_id"] == subject]

    # -- other days, other tables ----------------------------------------------------------

    def at(self, day: str | dt.date) -> Network:
        """The same network on another day.

        Parameters
        ----------
        day : str or date

        Returns
        -------
        Network

        Raises
        ------
        DateError
            If it is not a date or lies outside the years covered.
        """
        when = st.as_day(day, "day")
        if when not in self._days:
            other = self.like(self._tables, as_of=when)
            other._days = self._days  # noqa: SLF001  (the same class)
            self._days[when] = other
        return self._days[when]

    def like(
        self,
        tables: Tables,
        *,
        as_of: dt.date | None = None,
        costs: CostModel | None = None,
        scenarios: tuple[str, ...] | None = None,
    ) -> Network:
        """A network of other tables, another day or other costs; what stays the same is shared."""
        other = Network(
            tables,
            as_of=self._as_of if as_of is None else as_of,
            scenarios=self.scenarios if scenarios is None else scenarios,
        )
        mine = self._tables
        kept = ["costs"] if costs is None else []
        shared = ["costs"]
        if tables.places is mine.places:
            kept += ["place_countries", "place_names"]
            shared += ["gazetteer"]
            if tables.crossings is mine.crossings:
                kept += ["borders"]
            if tables.links is mine.links:
                shared += ["graph"]
                if other._revised == self._revised and tables.revisions is mine.revisions:
                    other.shared = self.shared
        if other.shared is not self.shared:
            other.shared = {name: self.shared[name] for name in shared if name in self.shared}
        if costs is not None:
            other.__dict__["costs"] = costs
        for name in kept:
            if name in self.__dict__:
                other.__dict__[name] = self.__dict__[name]
        return other

    # -- what-ifs --------------------------------------------------------------------------

    def with_parameters(self, changes: Mapping[str, Values]) -> Network:
        """A network in which some numbers of the cost model are others.

        Parameters
        ----------
        changes : mapping of str to float or (low, central, high)
            New numbers by parameter id, in the parameter's own unit; ``net.parameters`` lists
            them.

        Raises
        ------
        UnknownSubjectError
            If there is no such parameter.
        ArgumentError
            If a number cannot be, such as a speed of zero or a rate that is NaN.

        Examples
        --------
        >>> import corridors as co
        >>> net = co.load(as_of="2025-12-02")
        >>> asked = net.with_parameters({"tariff-ge-fuel-az-am": 92})
        >>> ask = {"modes": ["rail"], "commodity": "diesel"}
        >>> more = asked.route("Bilajari", "Ayrum", **ask).usd_per_t
        >>> round(more - net.route("Bilajari", "Ayrum", **ask).usd_per_t, 1)
        88.7
        """
        return self.like(self._tables, costs=self.costs.with_parameters(changes))

    def with_open(self, *subjects: str) -> Network:
        """A network in which these work, on every day.

        Parameters
        ----------
        *subjects : str
            Ids of corridors (their missing lines and crossings open), lines, links, places
            (a crossing opened this way is spared by rules that close the whole border) or
            access rules (they are lifted).

        Returns
        -------
        Network

        Raises
        ------
        UnknownSubjectError
            If an id is none of these.

        Examples
        --------
        >>> import corridors as co
        >>> open_meghri = co.load(as_of="2026-06-01").with_open("tripp")
        >>> open_meghri.route("Baku", "Nakhchivan", modes=["rail"]).by_country["AM"] > 30
        True
        """
        return self.like(whatif.opened(self._tables, subjects))

    def with_closed(self, *subjects: str) -> Network:
        """A network in which these are closed, on every day.

        Parameters
        ----------
        *subjects : str
            Ids of lines, links or places; closing a place closes every link that ends there.

        Returns
        -------
        Network

        Raises
        ------
        UnknownSubjectError
            If an id is none of these.
        """
        return self.like(whatif.closed(self._tables, subjects))

    # -- cards -----------------------------------------------------------------------------

    def summary(self) -> pd.DataFrame:
        """Kilometres and number of links by mode and state on ``as_of``."""
        links = self.links.assign(km=own_km(self._links))
        table = links.groupby(["mode", "state"], sort=True)["km"].agg(["count", "sum"])
        table = table.rename(columns={"count": "links", "sum": "km"}).round({"km": 0})
        return table.reset_index()

    def __repr__(self) -> str:
        links = self._links
        usable = int(self.state_allows.sum())
        return (
            f"<Network on {self._as_of}: {len(self._tables.places)} places, "
            f"{len(links)} links ({usable} usable), {own_km(links).sum():,.0f} km>"
        )

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p><b>{escape(repr(self)[1:-1])}</b></p>{self.summary().to_html(index=False)}"


def _compiled(places: pd.DataFrame, links: pd.DataFrame) -> Graph:
    from corridors.routing.graph import Graph

    if "bearing_from" in links and links["bearing_from"].notna().any():
        from corridors.routing.turns import TurnGraph

        return TurnGraph(places, links)
    return Graph(places["place_id"], links)
