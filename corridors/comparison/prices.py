"""The values of parameters at which flows change their ways, in each scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors import parallel
from corridors.comparison.cases import BASE, Case
from corridors.comparison.rows import via
from corridors.costs.linear import numbers_of
from corridors.routing.envelope import pieces

if TYPE_CHECKING:
    from corridors.comparison.result import Comparison
    from corridors.network import Network
    from corridors.routing.graph import IntArray
    from corridors.routing.parametric import Small

COLUMNS = (
    "scenario", "flow_id", "parameter_id", "unit", "now", "value", "in_range", "via_now",
    "via_then", "opened_now", "opened_then",
)  # fmt: skip


def table(comparison: Comparison, *, progress: bool = True) -> pd.DataFrame:
    """At which value of which parameter each flow takes another way, the others as they are.

    Each parameter of the cost model is moved up and down from its central value to the first
    value at which the best way passes other crossings; see :mod:`corridors.routing.envelope`.
    Found exactly, not by trying values. Only flows are looked at for which some scenario opens
    or closes a way that could be used at all, or changes a price; see :func:`untouched`. Empty on
    networks on which trains turn, such as those from OpenStreetMap.

    Returns
    -------
    DataFrame
        One row a scenario, flow, parameter and switch: ``now`` (the central value), ``value`` (at
        which the way changes), ``in_range`` (whether it lies between the parameter's low and
        high), ``via_now`` and ``via_then`` (crossings), ``opened_now`` and ``opened_then``
        (whether the way uses something that is closed in the base).
    """
    cases = list(comparison.cases)
    if comparison.network.graph.has_turns:
        return pd.DataFrame(columns=list(COLUMNS))
    found = comparison.problems
    moved = set(zip(comparison.changes["scenario"], comparison.changes["flow_id"], strict=True))
    moved |= {key for key in found if not same(found, *key)}
    moved |= {(BASE, flow_id) for _, flow_id in moved}
    tasks = [
        (case, cases[0].net, flow["flow_id"], one)
        for case in cases
        for flow in case.flows
        if (case.name, flow["flow_id"]) in moved
        and (one := found[case.name, flow["flow_id"]]) is not None
    ]
    rows = parallel.run(_switches, tasks, what="switching values", progress=progress)
    result = pd.DataFrame([row for part in rows for row in part], columns=list(COLUMNS))
    away = (result["value"] - result["now"]).abs()
    # The likeliest first: values inside the parameter's own range, then the nearest.
    nearest = (away / result["now"].abs().clip(lower=1e-9)).rename("away")
    order = result.assign(away=nearest, outside=~result["in_range"].astype(bool))
    keys = ["scenario", "flow_id", "outside", "away", "parameter_id", "value"]
    names = {case.name: at for at, case in enumerate(cases)}
    order["scenario"] = order["scenario"].map(names)
    return result.loc[order.sort_values(keys).index].reset_index(drop=True)


def same(found: dict[tuple[str, str], Small | None], scenario: str, flow_id: str) -> bool:
    """Whether a flow has the same ways to choose from as in the base, at the same costs a unit."""
    one, base = found.get((scenario, flow_id)), found.get((BASE, flow_id))
    if one is None or base is None:
        return one is base
    return one.problem.digest == base.problem.digest


def untouched(comparison: Comparison, scenario: str) -> list[str]:
    """Flows that a scenario cannot move at any price: it offers them no way that was not there.

    None for a scenario that changes prices itself.
    """
    case = next(case for case in comparison.cases if case.name == scenario)
    if case.net.costs != comparison.network.costs or case.net.graph.has_turns:
        return []
    ids = [flow["flow_id"] for flow in case.flows]
    return [name for name in ids if same(comparison.problems, scenario, name)]


def _switches(task: tuple[Case, Network, str, Small]) -> list[dict[str, Any]]:
    """The first switch below and above the central value of each parameter."""
    case, base, flow_id, one = task
    rows = case.net.costs.parameters.rows
    values = np.array([row.central for row in rows])
    numbers = numbers_of(rows, values)
    used = np.unique(one.costs.forms[_used_forms(one)])
    moved = {*used.tolist(), one.costs.value_of_time} - {len(rows), -1}
    shut = set(case.net.link_table["link_id"]) - set(base.link_table["link_id"][base.state_allows])
    known: dict[bytes, tuple[str, bool]] = {}
    found: list[dict[str, Any]] = []
    for number in sorted(moved):
        row = rows[number]
        listed = []
        for piece in pieces(one, numbers, number, row):
            key = piece.way.tobytes()
            if key not in known:
                known[key] = _way(one, piece.way, shut)
            listed.append((piece.low, piece.high, *known[key]))
        at = next((k for k, piece in enumerate(listed) if piece[0] <= row.central <= piece[1]), 0)
        for step, edge in ((-1, 0), (1, 1)):
            k = at
            while 0 <= k + step < len(listed) and listed[k + step][2] == listed[at][2]:
                k += step  # the same crossings: not another way
            if not 0 <= k + step < len(listed):
                continue
            value = listed[k][edge]
            found.append(
                {
                    "scenario": case.name, "flow_id": flow_id, "parameter_id": row.parameter_id,
                    "unit": row.unit, "now": row.central, "value": value,
                    "in_range": row.low <= value <= row.high,
                    "via_now": listed[at][2], "via_then": listed[k + step][2],
                    "opened_now": listed[at][3], "opened_then": listed[k + step][3],
                }
            )  # fmt: skip
    return found


def _used_forms(one: Small) -> IntArray:
    """Forms that some stretch pays."""
    return np.union1d(one.problem.hours.indices, one.problem.usd.indices).astype(np.int64)


def _way(one: Small, way: IntArray, shut: set[str]) -> tuple[str, bool]:
    route = one.route(way)
    return via(route), not shut.isdisjoint(route.link_ids)
