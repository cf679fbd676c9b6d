"""Hours and dollars of one route: totals, ranges, causes, and which of it is assumed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.costs.costing import CAUSES, Component
from corridors.costs.model import CASES, costing, subject_of
from corridors.costs.sections import KINDS, SCALAR, section, unplaced

if TYPE_CHECKING:
    from corridors.costs.costing import Costing
    from corridors.costs.parameter_schema import ParameterRow
    from corridors.network import Network
    from corridors.routing.graph import FloatArray, IntArray
    from corridors.states import Shipment

_CAUSE_WORDS = {
    "moving": "moving", "reversal": "changes of direction",
    "tariff": "published section tariffs", "border": "borders", "gauge": "gauge changes",
    "port": "ports", "ferry": "at sea", "transfer": "transfers",
}  # fmt: skip


_WHOLE = 0.95
"""A section tariff is for a stretch if it covers as much of it."""
_ALIKE = 0.02


class RouteCosts:
    """What a route costs, from the arcs it uses.

    Parameters
    ----------
    net : Network
    arcs : ndarray of int
        Arcs of ``net.graph``, in the order travelled; one passed twice is paid twice.
    shipment : Shipment
    commodity : str or None
    vehicle : {"wagon", "lorry"}
    turns : sequence of int
        Legs before which the train changes direction.
    """

    def __init__(
        self,
        net: Network,
        arcs: IntArray,
        shipment: Shipment,
        commodity: str | None,
        vehicle: str,
        turns: Sequence[int] = (),
    ) -> None:
        self._net, self._arcs, self._turns = net, arcs, np.array(turns, np.int64)
        self._subject = subject_of(net, shipment, commodity, vehicle)
        self.costing: Costing = costing(net, shipment, commodity, vehicle=vehicle)

    @cached_property
    def hours(self) -> FloatArray:
        """Hours of each leg, with the change of direction before it: low, central, high by leg."""
        hours = self.costing.hours[:, self._arcs]
        turns = np.bincount(self._turns, minlength=hours.shape[1])
        return np.asarray(hours + self.costing.reversal_hours[:, None] * turns, float)

    @cached_property
    def usd(self) -> FloatArray:
        """USD a tonne of each leg: low, central, high by leg; NaN for passengers."""
        return self.costing.usd[:, self._arcs]

    def total(self, measure: str) -> tuple[float, float, float]:
        """Low, central, high of the route, h or USD/t."""
        low, central, high = (self.hours if measure == "hours" else self.usd).sum(axis=1).tolist()
        return low, central, high

    def value_of_time(self, given: float | None) -> float:
        """USD a tonne and hour that a generalised cost counts with; NaN for passengers."""
        return self.costing.value_of_time[1] if given is None else float(given)

    @cached_property
    def _parts(self) -> list[tuple[Component, IntArray]]:
        """Components the route pays, each with the places of its arcs in the component."""
        found = []
        for part in self.costing.components:
            at = np.minimum(np.searchsorted(part.arcs, self._arcs), len(part.arcs) - 1)
            at = at[part.arcs[at] == self._arcs]
            if len(at):
                found.append((part, at))
        turning = np.arange(len(self._turns))
        if len(turning):
            hours = np.repeat(self.costing.reversal_hours[:, None], len(turning), axis=1)
            number = np.full(len(turning), self.costing.reversal_parameter)
            found.append((Component("reversal", "hours", turning, hours, number), turning))
        return found

    def _rows_of(self, parts: Sequence[tuple[Component, IntArray]]) -> list[ParameterRow]:
        """Parameters behind some parts, by id."""
        numbers = {int(n) for part, at in parts for n in (*part.parameter[at], *part.also)}
        rows = [self._net.costs.parameters.rows[number] for number in sorted(numbers - {-1})]
        return sorted(rows, key=lambda row: row.parameter_id)

    @property
    def parameters(self) -> list[ParameterRow]:
        """Parameters used, by id."""
        return self._rows_of(self._parts)

    def _loads(self, parts: Sequence[tuple[Component, IntArray]]) -> list[tuple[str, str]]:
        """Loads of commodities behind some parts: name, and source; no source: an assumption."""
        found = {}
        for part, _ in parts:
            if part.load:
                commodity, column = part.load
                row = self._net.commodities[commodity]
                # Only wagon loads were reported; the rest is textbook knowledge (commodities.yaml).
                known = column == "wagon_load_t" and row.confidence != "assumption"
                found[f"{commodity}.{column}"] = row.source if known else ""
        return sorted(found.items())

    def table(self) -> pd.DataFrame:
        """Hours and dollars by cause; see :attr:`corridors.routing.route.Route.costs`."""
        records = []
        for cause in CAUSES:
            parts = [(part, at) for part, at in self._parts if part.cause == cause]
            if not parts:
                continue
            record: dict[str, object] = {"cause": cause}
            for measure in ("hours", "usd"):
                sums = np.zeros(3)
                for part, at in parts:
                    if part.measure == measure:
                        sums += part.amounts[:, at].sum(axis=1)
                if measure == "usd" and np.isnan(self.usd).any():
                    sums[:] = np.nan
                name = "usd" if measure == "usd" else "hours"
                record |= {f"{name}_{case}": v for case, v in zip(CASES, sums, strict=True)}
            rows, loads = self._rows_of(parts), self._loads(parts)
            assumed = [row.parameter_id for row in rows if row.assumed]
            assumed += [name for name, source in loads if not source]
            used = [*(row.parameter_id for row in rows), *(name for name, _ in loads)]
            cited = {row.source for row in rows} | {source for _, source in loads}
            record |= {
                "assumption": bool(assumed),
                "assumed": " ".join(assumed),
                "parameters": " ".join(used),
                "sources": " ".join(sorted(source for source in cited if source)),
            }
            records.append(record)
        columns = [
            "cause", *(f"hours_{case}" for case in CASES), *(f"usd_{case}" for case in CASES),
            "assumption", "assumed", "parameters", "sources",
        ]  # fmt: skip
        return pd.DataFrame(records, columns=columns)

    def by_country(self) -> pd.DataFrame:
        """Hours and dollars by country, mode and cause, central; ``XZ``: at sea.

        Charges of a port fall on the port's country, half a border on either side of it.
        """
        links, arcs = self._net.link_table["country"].to_numpy(object), self._net.graph.link
        parts = [
            pd.DataFrame(
                {
                    "country": links[arcs[part.arcs[at]]] if part.payee is None else part.payee[at],
                    "mode": self._net.link_modes[arcs[part.arcs[at]]],
                    "cause": part.cause,
                    "hours": part.amounts[1, at] * (part.measure == "hours"),
                    "usd": part.amounts[1, at] * (part.measure == "usd"),
                }
            )
            for part, at in self._parts
        ]
        keys = ["country", "mode", "cause"]
        if not parts:
            return pd.DataFrame(columns=[*keys, "hours", "usd"])
        return pd.concat(parts, ignore_index=True).groupby(keys, as_index=False).sum()

    def sentences(self) -> list[str]:
        """Time and money in words, with what is assumed."""
        table = self.table()
        low, central, high = self.total("hours")
        parts = [
            f"Time: {_span(low, central, high, 'h')}"
            + (f" ({central / 24:,.1f} days)" if central >= 48 else "")  # noqa: PLR2004
            + _causes(table, "hours_central", "{:,.0f} h")
            + "."
        ]
        low, central, high = self.total("usd")
        if not np.isnan(central):
            text = f"Cost: {_span(low, central, high, 'USD/t')}"
            parts.append(text + _causes(table, "usd_central", "{:,.1f}") + ".")
        used = {name for cell in table["parameters"] for name in cell.split()}
        assumed = sorted({name for cell in table["assumed"] for name in cell.split()})
        if assumed:
            parts.append(
                f"Of {len(used)} parameters behind time and cost {len(assumed)} are assumptions: "
                + ", ".join(assumed)
                + "."
            )
        return [*parts, *self._exactly_published(), *self._left_out()]

    def _exactly_published(self) -> list[str]:
        """Tariffs for just the stretch travelled, where what is spread from longer ones differs."""
        tariffs = [(part, at) for part, at in self._parts if part.cause == "tariff"]
        used = [self._net.graph.link[part.arcs[at]] for part, at in tariffs]
        paid = [part.amounts[1, at] for part, at in tariffs]
        if not used:
            return []
        links, usd = np.concatenate(used), np.concatenate(paid)
        country = self._net.link_table["country"].to_numpy(object)[links]
        km, parameters = self._net.graph_lengths[links], self._net.costs.parameters
        found = []
        for row in (parameters.rows[n] for kind in KINDS for n in parameters.of_kind(kind)):
            own = country == row.applies_to.get("country")
            if not own.any() or not self._subject.fits(row):
                continue
            its, length = section(self._net, row)
            if np.isin(its, links).all() and length >= _WHOLE * km[own].sum():
                exact = self._subject.exactness(row, ignore=SCALAR)
                found.append((exact, length, row.parameter_id, row, float(usd[own].sum())))
        # The most exact of a country, and of those the longest, comes last.
        best = {
            one[3].applies_to["country"]: one[3:] for one in sorted(found, key=itemgetter(0, 1, 2))
        }
        return [
            f"Published for this stretch alone: {row.central:g} USD/t ({row.parameter_id}); "
            f"{spread:.1f} are counted, the price of a longer one by the kilometre."
            for row, spread in best.values()
            if abs(row.central - spread) > _ALIKE * row.central
        ]

    def _left_out(self) -> list[str]:
        """Published tariffs for this cargo that the network has no stations for."""
        links = self._net.graph.link[self._arcs]
        rail = links[self._net.link_modes[links] == "rail"]
        passed = set(self._net.link_table["country"].iloc[rail])
        rows = [
            row
            for row in unplaced(self._net, self._net.costs.parameters)
            if self._subject.fits(row) and row.applies_to.get("country") in passed
        ]
        if not rows:
            return []
        named = ", ".join(sorted({str(row.applies_to["country"]) for row in rows}))
        what = f"{len(rows)} published section tariffs ({named}), whose stations this network"
        return [f"Not applied: {what} does not know; rates a t-km stand for them."]


def _span(low: float, central: float, high: float, unit: str) -> str:
    digits = 0 if unit == "h" else 1
    return f"{central:,.{digits}f} {unit} (from {low:,.{digits}f} to {high:,.{digits}f})"


def _causes(table: pd.DataFrame, column: str, shape: str) -> str:
    named = [
        f"{_CAUSE_WORDS[str(cause)]} {shape.format(value)}"
        for cause, value in zip(table["cause"], table[column], strict=True)
        if value > 0
    ]
    return f": {', '.join(named)}" if named else ""
