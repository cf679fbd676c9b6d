"""What a change does to the tables of a network, once it is known what it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors import whatif
from corridors.costs.model import CostModel
from corridors.revisions import COLUMNS
from corridors.schema import OperatorRow
from corridors.states import ALWAYS, Period
from corridors.tables import frame

if TYPE_CHECKING:
    from corridors.costs.parameter_schema import ParameterRow
    from corridors.costs.parameters import Values
    from corridors.flow import Flow
    from corridors.network import Network, Tables
    from corridors.schema import RuleRow

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Draft:
    """A network in the making: nothing of the old one is written to.

    Parameters
    ----------
    tables : Tables
    old : Network
        The network that it comes from.
    new_costs : CostModel or None
        None: those of the old network, which are only read where they are needed.
    """

    tables: Tables
    old: Network
    new_costs: CostModel | None = None

    @property
    def costs(self) -> CostModel:
        """The numbers of the cost model."""
        return self.old.costs if self.new_costs is None else self.new_costs


@dataclass(frozen=True)
class Effect:
    """What one change does.

    Parameters
    ----------
    period : Period
        When it holds.
    label : str
        Card and change, for messages and notes.
    """

    period: Period = ALWAYS
    label: str = ""

    def on(self, draft: Draft) -> Draft:
        """The draft with the effect."""
        return draft


@dataclass(frozen=True)
class StateEffect(Effect):
    """Links and places get a state.

    Parameters
    ----------
    kinds : mapping of str to {"line", "link", "place"}
    rows : ndarray of int
        Rows of the link table, those of whole lines among them.
    places : tuple of str
    state : str
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    rows: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    places: tuple[str, ...] = ()
    state: str = "open"

    def on(self, draft: Draft) -> Draft:
        """The draft with dated states."""
        tables = whatif.restated(draft.tables, self.kinds, self.state, self.period, self.label)
        return replace(draft, tables=tables)


@dataclass(frozen=True)
class ParameterEffect(Effect):
    """Numbers of the cost model change, or one is added."""

    values: Mapping[str, Values] = field(default_factory=dict)
    new: tuple[ParameterRow, ...] = ()

    def on(self, draft: Draft) -> Draft:
        """The draft with other costs."""
        parameters = draft.costs.parameters.changed(self.values, self.period)
        for row in self.new:
            parameters = parameters.added(row)
        return replace(draft, new_costs=CostModel(parameters))


@dataclass(frozen=True)
class CellEffect(Effect):
    """Links get other properties.

    Parameters
    ----------
    cells : mapping of str to mapping of str to object
        New values by column and link id.
    """

    cells: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def on(self, draft: Draft) -> Draft:
        """The draft with revisions of its link table."""
        rows = [
            (link, column, value)
            for column, values in self.cells.items()
            for link, value in values.items()
        ]
        table = pd.DataFrame(rows, columns=list(COLUMNS[:3]))
        table["value"] = table["value"].astype(object)
        table["valid_from"] = np.datetime64(self.period.start, "s")
        end = "NaT" if self.period.end is None else self.period.end
        table["valid_to"] = np.datetime64(end, "s")
        table["source"] = whatif.WHAT_IF
        table["note"] = self.label
        tables = draft.tables
        old = tables.revisions
        both = table if old is None else pd.concat([old, table], ignore_index=True)
        return replace(draft, tables=replace(tables, revisions=both))


@dataclass(frozen=True)
class OperatorEffect(Effect):
    """An operator is added to the table."""

    row: OperatorRow | None = None

    def on(self, draft: Draft) -> Draft:
        """The draft with the operator."""
        table = draft.tables.operators
        both = pd.concat([table, frame([self.row], OperatorRow)] if self.row else [table])
        both = both.sort_values("operator_id", kind="stable", ignore_index=True)
        return replace(draft, tables=replace(draft.tables, operators=both))


@dataclass(frozen=True)
class RuleEffect(Effect):
    """Access rules are lifted or imposed."""

    lifted: tuple[str, ...] = ()
    imposed: tuple[RuleRow, ...] = ()

    def on(self, draft: Draft) -> Draft:
        """The draft with other rules."""
        rules = whatif.ruled(draft.tables.rules, self.lifted, self.period)
        return replace(draft, tables=replace(draft.tables, rules=(*rules, *self.imposed)))


@dataclass(frozen=True)
class FlowEffect(Effect):
    """Flows are scaled, added or removed; the network stays as it is.

    Parameters
    ----------
    flows : tuple of str
        Ids of the flows scaled or removed.
    factor, tonnes_per_year : float or None
        What scales them; neither: they are removed.
    new : Flow or None
    """

    flows: tuple[str, ...] = ()
    factor: float | None = None
    tonnes_per_year: float | None = None
    new: Flow | None = None

    def on_flows(self, flows: Iterable[Flow]) -> list[Flow]:
        """Flows with the effect."""
        result: list[Flow] = []
        for flow in flows:
            if flow.flow_id not in self.flows:
                result.append(flow)
            elif self.factor is not None or self.tonnes_per_year is not None:
                result.append(flow.model_copy(update=self._tonnes(flow)))
        return result if self.new is None else [*result, self.new]

    def _tonnes(self, flow: Flow) -> dict[str, float | None]:
        if self.factor is None:
            return {"tonnes_per_year": self.tonnes_per_year}
        names = ("tonnes", "tonnes_per_year", "wagons")
        values = {name: getattr(flow, name) for name in names}
        return {name: None if v is None else v * self.factor for name, v in values.items()}


def in_force(effects: Iterable[Effect], day: dt.date) -> list[Effect]:
    """Effects that hold on a day, in order."""
    return [effect for effect in effects if effect.period.holds(day)]
