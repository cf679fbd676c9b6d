"""What a comparison found: tables, a chart, a map, sentences, a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.comparison import countries, exposure, opening, rows, words
from corridors.comparison.cases import BASE, Case
from corridors.errors import ArgumentError, UnknownSubjectError
from corridors.routing.route import Route

if TYPE_CHECKING:
    from corridors.charts import Chart
    from corridors.comparison.ranges import Ranges
    from corridors.maps import CorridorMap
    from corridors.network import Network
    from corridors.routing.parametric import Small


@dataclass(frozen=True)
class Comparison:
    """Flows in the world as it is and in others; :func:`.compare` makes it.

    Parameters
    ----------
    cases : tuple of Case
        The worlds: the base first, then the scenarios in the order given.
    weight : str
        What routes made least.
    options : dict
        Other terms of all routes.
    found : mapping of (scenario, flow_id) to Route or str
        The routes, or what stands in the way.
    ranges : Ranges or None
        What the draws of the parameters gave, if there were any.
    """

    cases: tuple[Case, ...]
    weight: str
    options: Mapping[str, Any]
    found: Mapping[tuple[str, str], Route | str]
    ranges: Ranges | None = None
    question: str = ""
    """What the reader of a report wants to know; the scenarios' titles if empty."""

    @property
    def network(self) -> Network:
        """The network of the base."""
        return self.cases[0].net

    @property
    def scenarios(self) -> dict[str, str]:
        """Titles by name, the base first."""
        return {case.name: case.title for case in self.cases}

    @cached_property
    def _table(self) -> pd.DataFrame:
        return rows.table(list(self.cases), self.found)

    @property
    def table(self) -> pd.DataFrame:
        """One row a scenario and flow, the base first.

        Returns
        -------
        DataFrame
            ``scenario``, ``flow_id``, ``title``, ``origin``, ``destination``, ``commodity``,
            ``tonnes``, ``basis`` ("year" or "period"), ``change`` ("newly possible", "no longer
            possible", "way", "cost", "none", "impossible", "new flow"), ``length_km``, ``hours``,
            ``usd_per_t``, ``generalised``, ``borders``, ``gauge_breaks``, ``countries`` (km each),
            ``via`` (crossings), ``stranded_t``, the differences from the base (``d_length_km``
            and so on; NaN where one of the two has no route) and ``obstacle``.
        """
        return self._table.copy()

    @property
    def changes(self) -> pd.DataFrame:
        """The rows of :attr:`table` in which a scenario changes something."""
        table = self._table
        kept = ~table["change"].isin([rows.SAME, rows.NEVER]) & (table["scenario"] != BASE)
        return table[kept].reset_index(drop=True)

    def pivot(self, value: str = "length_km", *, changed: bool = False) -> pd.DataFrame:
        """One figure, flows down and scenarios across.

        Parameters
        ----------
        value : str
            A column of :attr:`table`.
        changed : bool
            Leave out flows that no scenario touches.

        Raises
        ------
        ArgumentError
            If there is no such column.
        """
        if value not in rows.COLUMNS[3:]:
            known = ", ".join(rows.COLUMNS[3:])
            raise ArgumentError(f"value={value!r} is no column; available: {known}")
        table = self._table
        wide = table.set_index(["flow_id", "scenario"])[value].unstack("scenario")  # noqa: PD010  (no sums)
        kept = dict.fromkeys(self.changes["flow_id"] if changed else table["flow_id"])
        wide = wide.loc[list(kept), list(self.scenarios)].rename_axis(columns=None)
        titles = table.drop_duplicates("flow_id").set_index("flow_id")["title"]
        wide.insert(0, "title", titles)
        return wide

    def route(self, flow_id: str, scenario: str = BASE) -> Route:
        """The route of a flow in a scenario.

        Parameters
        ----------
        flow_id : str
        scenario : str
            Name of a scenario; the base if not given.

        Raises
        ------
        UnknownSubjectError
            If there is no such flow, scenario or route; the message says which.
        """
        if (scenario, flow_id) not in self.found:
            raise UnknownSubjectError(
                f"no flow {flow_id!r} in scenario {scenario!r}; scenarios: "
                f"{', '.join(self.scenarios)}"
            )
        route = self.found[scenario, flow_id]
        if isinstance(route, str):
            raise UnknownSubjectError(f"{flow_id} has no route in {scenario}: {route}")
        return route

    @cached_property
    def countries(self) -> pd.DataFrame:
        """Who wins and who loses; see :func:`corridors.comparison.countries.table`."""
        return countries.table(list(self.cases), self.found)

    @cached_property
    def exposure(self) -> pd.DataFrame:
        """Crossings that flows come to depend on; see :func:`.exposure.table`."""
        return exposure.table(self)

    @cached_property
    def dates(self) -> pd.DataFrame:
        """Days on which routes change; see :func:`.opening.table`."""
        return opening.table(self)

    @cached_property
    def problems(self) -> dict[tuple[str, str], Small | None]:
        """What each flow can choose from in each world; see :mod:`corridors.routing.parametric`."""
        from corridors.comparison.ranges import problems

        return problems(list(self.cases), dict(self.options))

    @cached_property
    def switches(self) -> pd.DataFrame:
        """Values of parameters at which routes change; see :func:`.prices.table`."""
        from corridors.comparison import prices

        return prices.table(self)

    # -- what people look at ---------------------------------------------------------------

    def explain(self) -> str:
        """What each scenario changes and what it does not, in sentences."""
        return "\n".join(words.sentences(self))

    def chart(self, value: str = "usd_per_t", *, flows: Sequence[str] | None = None) -> Chart:
        """Each flow a line, each scenario a mark on it.

        Parameters
        ----------
        value : {"length_km", "hours", "usd_per_t", "generalised"}
        flows : sequence of str, optional
            Flow ids; those that a scenario changes if not given.

        Raises
        ------
        ArgumentError
            If the figure cannot be drawn or a flow is unknown.
        """
        from corridors.comparison.drawings import marks

        return marks(self, value, flows)

    def map(self, *, flows: Iterable[str] | None = None, title: str | None = None) -> CorridorMap:
        """Routes that change, over the networks of the base and of each scenario side by side.

        Parameters
        ----------
        flows : iterable of str, optional
            Flow ids; those whose way changes if not given.
        title : str, optional
        """
        from corridors.maps import comparison_map, network_map

        wanted = self.flow_ids(flows)
        drawn: dict[str, Route] = {}
        for flow_id in wanted:
            seen: list[list[str]] = []
            for case in self.cases:
                route = self.found.get((case.name, flow_id))
                if route is None or isinstance(route, str) or route.link_ids in seen:
                    continue
                seen.append(route.link_ids)
                drawn[f"{self._title(flow_id)} · {case.title}"] = route
        heading = title or " · ".join(case.title for case in self.cases[1:])
        base, *others = self.cases
        if not others:
            return network_map(self.network, flows=drawn, title=base.title)
        same = len({case.title for case in others}) < len(others)
        worlds = {case.name if same else case.title: case.net for case in others}
        return comparison_map(base.net, worlds, names=("As it is", ""), flows=drawn, title=heading)

    def flow_ids(self, flows: Iterable[str] | None = None) -> list[str]:
        """Ids of the flows that are meant.

        Parameters
        ----------
        flows : iterable of str, optional
            Ids to check; those whose way changes if not given.

        Raises
        ------
        ArgumentError
            If a flow was not compared.
        """
        known = list(dict.fromkeys(self._table["flow_id"]))
        if flows is None:
            changed = self.changes
            ways = changed[changed["change"] != rows.COST]
            return list(dict.fromkeys((ways if len(ways) else changed)["flow_id"])) or known
        wanted = [flows] if isinstance(flows, str) else list(flows)
        for name in wanted:
            if name not in known:
                raise ArgumentError(f"flows: no flow {name!r} was compared; known: {known}")
        return wanted

    def _title(self, flow_id: str) -> str:
        titles = self._table.drop_duplicates("flow_id").set_index("flow_id")["title"]
        return str(titles[flow_id])

    def report(self, path: str | Path) -> Path:
        """Write a report: ``.html`` (one self-contained page), ``.md``, ``.csv`` or ``.xlsx``.

        Parameters
        ----------
        path : path
            The suffix names the format.

        Raises
        ------
        ArgumentError
            If the suffix is none of these.
        OutputError
            If it cannot be written; what was there before is untouched.
        """
        from corridors.comparison.report import write

        return write(self, path)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that can be written as JSON; None for what is not known."""
        return {
            "as_of": self.network.as_of.isoformat(),
            "weight": self.weight,
            "scenarios": self.scenarios,
            "table": plain(self._table),
            "countries": plain(self.countries),
            "dates": plain(self.dates),
            "exposure": plain(self.exposure),
            **({} if self.ranges is None else self.ranges.to_dict()),
        }

    def __repr__(self) -> str:
        changed = len(set(self.changes["flow_id"]))
        flows = len(self.cases[0].flows)
        return (
            f"<Comparison of {len(self.cases) - 1} scenarios and {flows} flows on "
            f"{self.network.as_of} by {self.weight}: {changed} flows change>"
        )

    def _repr_html_(self) -> str:
        table = self.pivot(changed=True).round(0)
        return f"<p><b>{escape(repr(self)[1:-1])}</b></p>{table.to_html(index=False)}"


def plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values; None for NaN, which JSON has no word for."""
    rounded = table.round(6).astype(object)
    records: Any = rounded.where(rounded.notna(), None).to_dict("records")
    return list(records)
