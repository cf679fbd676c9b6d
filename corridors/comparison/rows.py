"""One row for each scenario and flow: what its route is, and how it differs from the base."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.comparison.cases import BASE, Case

if TYPE_CHECKING:
    from corridors.routing.route import Route

    Found = Mapping[tuple[str, str], Route | str]

MEASURES = ("length_km", "hours", "usd_per_t", "generalised", "borders", "gauge_breaks")
"""What is compared of two routes."""
COLUMNS = (
    "scenario", "flow_id", "title", "origin", "destination", "commodity", "tonnes", "basis",
    "change", *MEASURES, "countries", "via", "stranded_t",
    *(f"d_{name}" for name in (*MEASURES, "stranded_t")), "obstacle",
)  # fmt: skip
SAME, COST, WAY = "none", "cost", "way"
OPENED, CUT, NEVER = "newly possible", "no longer possible", "impossible"
ADDED = "new flow"
CHANGES = (OPENED, CUT, WAY, COST, SAME, NEVER, ADDED)
"""What a scenario may do to a flow."""
_SMALL = 1e-6


def table(cases: list[Case], found: Found) -> pd.DataFrame:
    """The rows of a comparison, by scenario and then flow."""
    rows = [
        _row(case, flow, found, found.get((BASE, flow["flow_id"])))
        for case in cases
        for flow in case.flows
    ]
    result = pd.DataFrame(rows, columns=list(COLUMNS))
    counts = ["borders", "gauge_breaks", "d_borders", "d_gauge_breaks"]
    figures = [name for name in COLUMNS if name.removeprefix("d_") in {*MEASURES, "stranded_t"}]
    kinds: dict[str, Any] = dict.fromkeys([*figures, "tonnes"], "float64")
    return result.astype(kinds | dict.fromkeys(counts, "Int64"))


def _row(
    case: Case, flow: Mapping[str, Any], found: Found, before: Route | str | None
) -> dict[str, Any]:
    here = found[case.name, flow["flow_id"]]
    tonnes = flow["tonnes"]
    row: dict[str, Any] = {
        "scenario": case.name,
        **{key: flow.get(key) for key in ("flow_id", "title", "origin", "destination")},
        "commodity": flow.get("commodity"), "tonnes": tonnes, "basis": flow["basis"],
        "change": change(before, here), "stranded_t": _stranded(here, tonnes),
    }  # fmt: skip
    if isinstance(here, str):
        row["obstacle"] = here
    else:
        row |= figures(here) | {"countries": countries(here), "via": via(here)}
    if case.name != BASE and not isinstance(before, (str, type(None))):
        old = figures(before)
        if not isinstance(here, str):
            row |= {f"d_{name}": _gap(row[name], old[name]) for name in MEASURES}
    if case.name != BASE and before is not None and tonnes is not None:
        row["d_stranded_t"] = row["stranded_t"] - _stranded(before, tonnes)
    return row


def _gap(new: float, old: float) -> float:
    gap = new - old
    return 0.0 if abs(gap) < _SMALL else gap


def _stranded(route: Route | str, tonnes: float | None) -> float:
    if tonnes is None:
        return math.nan
    return tonnes if isinstance(route, str) else 0.0


def figures(route: Route) -> dict[str, float]:
    """What is compared of a route; NaN where the network has no cost parameters."""
    costed = bool(route.network.costs)
    nan = math.nan
    return {
        "length_km": route.length_km,
        "hours": route.hours if costed else nan,
        "usd_per_t": route.usd_per_t if costed else nan,
        "generalised": route.generalised if costed else nan,
        "borders": len(route.borders),
        "gauge_breaks": len(route.gauge_breaks),
    }


def countries(route: Route) -> str:
    """Kilometres by country, in the order entered."""
    return ", ".join(f"{code} {km:,.0f}" for code, km in route.by_country.items())


def via(route: Route) -> str:
    """Crossings passed, in order: what tells corridors apart."""
    return "; ".join(border.name for border in route.borders)


def change(before: Route | str | None, after: Route | str) -> str:
    """What became of a flow, one of :data:`CHANGES`."""
    if before is None:
        return ADDED
    if isinstance(before, str):
        return NEVER if isinstance(after, str) else OPENED
    if isinstance(after, str):
        return CUT
    if before.link_ids != after.link_ids:
        return WAY
    old, new = figures(before), figures(after)
    # NaN (costs of passengers) differs from nothing.
    same = all(not abs(new[name] - old[name]) > _SMALL for name in MEASURES)
    return SAME if same else COST
