"""What a set of closures does to each flow: nothing, a detour with its kilometres, or no way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.analysis.demands import Load, loads
from corridors.analysis.detours import Detours, Way
from corridors.analysis.meter import MEASURES, Meter
from corridors.errors import ArgumentError
from corridors.words import listed

if TYPE_CHECKING:
    from corridors.network import Network
    from corridors.routing.graph import FloatArray

UNITS = {"length": "t-km", "hours": "t-h", "usd_per_t": "USD", "generalised": "USD"}
"""Unit of the extra weight of tonnes that are diverted."""
_MANY = 5  # so many sources are named
COLUMNS = (
    "flow_id", "origin", "destination", "commodity", "tonnes", "basis", "outcome", "length_km",
    "extra_km", "extra_hours", "extra_usd_per_t", "countries", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class Exposed:
    """Flows that closures can harm, and those left out.

    Parameters
    ----------
    net : Network
        On the day asked for.
    loads : list of Load
    skipped : dict of str to str
        Flows whose tonnes are not known, with the reason.
    sources : tuple of str
        What the flows rest on.
    detours : Detours
    """

    net: Network
    loads: list[Load]
    skipped: dict[str, str]
    sources: tuple[str, ...]
    detours: Detours
    _extras: dict[tuple[int, int], FloatArray] = field(default_factory=dict, repr=False)

    @cached_property
    def tonnes(self) -> float:
        """Tonnes of all flows, those without a way included."""
        return float(sum(load.tonnes for load in self.loads))

    @cached_property
    def _meter(self) -> Meter:
        return Meter(self.net)

    def ways(self, closed: int) -> list[tuple[Way, Way]]:
        """The way of each flow today, and with a set of targets closed."""
        return [(trip.way(0), trip.way(closed)) for trip in self.detours.trip_of]

    def table(self, closed: int) -> pd.DataFrame:
        """One row a flow.

        Returns
        -------
        DataFrame
            ``flow_id``, ``origin``, ``destination``, ``commodity``, ``tonnes``, ``basis``,
            ``outcome`` ("untouched", "diverted", "stranded", or "no way" where there was none
            before), ``length_km`` (of the way left), ``extra_km``, ``extra_hours`` and
            ``extra_usd_per_t`` (NaN where there is none), ``countries`` (of the way left, in
            order), ``reason`` (why there was none before).
        """
        country = self.net.link_table["country"].to_numpy(object)
        rows = []
        for number, (before, after) in enumerate(self.ways(closed)):
            load = self.loads[number]
            row: dict[str, Any] = {
                "flow_id": load.flow_id, "origin": load.start.label,
                "destination": load.end.label, "commodity": load.terms.commodity,
                "tonnes": load.tonnes, "basis": load.basis, "outcome": _outcome(before, after),
                "reason": load.obstacle,
            }  # fmt: skip
            if before.path is not None and after.path is not None:
                extra = self._extra(number, before, after)
                row["length_km"] = self._meter.figures(load, after.path)[0]
                row |= {f"extra_{name}": e for name, e in zip(MEASURES, extra, strict=True)}
                row["countries"] = " ".join(dict.fromkeys(country[after.path.links]))
            rows.append(row)
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        return table.astype(dict.fromkeys(("length_km", *table.filter(like="extra_")), float))

    def served(self, closed: int) -> FloatArray:
        """Tonnes that have a way with a set of targets closed, and the mean that it is longer by.

        Returns
        -------
        ndarray of float
            Tonnes, and km, hours and USD a tonne beyond the way of today; NaN where nothing is
            served.
        """
        tonnes, sums = 0.0, np.zeros(len(MEASURES))
        for number, (before, after) in enumerate(self.ways(closed)):
            if after.path is None or before.path is None:
                continue
            tonnes += self.loads[number].tonnes
            if after is not before:
                sums = sums + self.loads[number].tonnes * self._extra(number, before, after)
        return np.append(tonnes, sums / tonnes if tonnes else np.full(len(MEASURES), np.nan))

    def _extra(self, number: int, before: Way, after: Way) -> FloatArray:
        """What a detour adds to each measure, for one flow."""
        key = (number, id(after))
        if key not in self._extras and before.path is not None and after.path is not None:
            more = self._meter.more(self.loads[number], after.path, before.path)
            self._extras[key] = more
        return self._extras[key]

    def notes(self) -> list[str]:
        """Sentences on what was left out and what the tonnes rest on."""
        lines = []
        for reason in sorted(set(self.skipped.values())):
            names = [name for name, why in self.skipped.items() if why == reason]
            lines.append(f"Left out ({reason}): {listed(names)}.")
        if self.sources:
            more = len(self.sources) - _MANY
            shown = [*self.sources[:_MANY], *([f"{more} more"] if more > 0 else [])]
            lines.append(f"Sources of the tonnes: {listed(shown)}.")
        return lines


def exposed(net: Network, flows: Any, of: str, options: Mapping[str, Any]) -> Exposed:
    """Flows, checked and routed.

    Parameters
    ----------
    net : Network
    flows : Flows or DataFrame
        As in :meth:`.Network.assign`.
    of : {"links", "crossings"}
    options : mapping
        Terms for all flows.

    Raises
    ------
    ArgumentError
        If there are no flows at all, or an argument cannot be used.
    """
    asked = dict(options)
    day = asked.pop("as_of", None)
    net = net if day is None else net.at(day)
    given = flows if isinstance(flows, pd.DataFrame) else _listed(flows)
    if not len(given):
        raise ArgumentError("flows is empty; give one flow or more")
    ready, skipped = loads(net, given, **asked)
    sources = () if isinstance(given, pd.DataFrame) else _sources(given, skipped)
    return Exposed(net, ready, skipped, sources, Detours(net, ready, of))


def _listed(flows: Any) -> list[Any]:
    if isinstance(flows, str) or not isinstance(flows, Iterable):
        raise ArgumentError(f"flows={flows!r}: give Flows, such as co.flows(), or a table")
    return list(flows.values()) if isinstance(flows, Mapping) else list(flows)


def _sources(flows: Sequence[Any], skipped: Mapping[str, str]) -> tuple[str, ...]:
    used = [flow for flow in flows if flow.flow_id not in skipped]
    return tuple(sorted({name for flow in used for name in flow.sources}))


def _outcome(before: Way, after: Way) -> str:
    if before.path is None:
        return "no way"
    if after.path is None:
        return "stranded"
    return "untouched" if after is before else "diverted"
