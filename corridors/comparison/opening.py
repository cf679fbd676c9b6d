"""The days on which routes change, in the base and in each scenario.

Between two dates at which a state, a rule or a parameter begins or ends, nothing changes, so
looking at those dates alone is exact.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.comparison import answers, rows
from corridors.comparison.cases import BASE
from corridors.schema import LAST_DAY

if TYPE_CHECKING:
    from corridors.comparison.result import Comparison
    from corridors.network import Network
    from corridors.routing.route import Route

COLUMNS = (
    "scenario", "flow_id", "date", "change", "length_km", "hours", "usd_per_t", "via",
    "same_as_base",
)  # fmt: skip


def table(comparison: Comparison) -> pd.DataFrame:
    """When each flow changes its way, after the comparison's day.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    DataFrame
        One row a scenario, flow and day on which its route differs from the day before:
        ``date``, ``change`` (as in :attr:`.Comparison.table`, against the day before),
        ``length_km``, ``hours``, ``usd_per_t``, ``via`` (crossings), ``same_as_base`` (whether
        the base goes the same way on that day). Empty where nothing dated lies ahead.
    """
    day = comparison.network.as_of
    days = sorted({one for case in comparison.cases for one in changing_days(case.net, day)})
    records: list[dict[str, Any]] = []
    base: dict[tuple[str, dt.date], Route | str] = {}
    for case in comparison.cases:
        before = {flow["flow_id"]: comparison.found[case.name, flow["flow_id"]]
                  for flow in case.flows}  # fmt: skip
        for when in days:
            task = answers.Task(case.net.at(when), case.flows, dict(comparison.options))
            found = answers.routes(task, answers.answers(task))
            for name, route in found.items():
                if case.name == BASE:
                    base[name, when] = route
                what = rows.change(before[name], route)
                if what not in {rows.SAME, rows.NEVER}:
                    here: dict[str, Any] = {
                        "scenario": case.name, "flow_id": name, "date": when, "change": what,
                    }  # fmt: skip
                    if not isinstance(route, str):
                        here |= rows.figures(route) | {"via": rows.via(route)}
                    usual = base.get((name, when), "")
                    same = rows.change(usual, route) in {rows.SAME, rows.NEVER}
                    records.append(here | {"same_as_base": same})
                before[name] = route
    return pd.DataFrame(records, columns=list(COLUMNS))


def changing_days(net: Network, after: dt.date) -> set[dt.date]:
    """Days after a day on which a state, a rule or a parameter of a network begins or ends."""
    dates: set[dt.date] = set()
    for column in ("valid_from", "valid_to"):
        dates |= {stamp.date() for stamp in net.states[column].dropna().unique()}
        dates |= {getattr(rule, column) for rule in net.rules}
        dates |= {getattr(row, column) for row in net.costs.parameters.rows}
    return {day for day in dates if day is not None and after < day <= LAST_DAY}
