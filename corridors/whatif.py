"""Tables with something opened, closed or lifted, for good or between two dates.

What-ifs of a line of code (:meth:`.Network.with_open`) and scenario cards both end here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.errors import UnknownSubjectError
from corridors.routing.offers import as_names
from corridors.states import ALWAYS, Period

if TYPE_CHECKING:
    from corridors.network import Tables
    from corridors.schema import RuleRow

WHAT_IF = "what-if"
"""Source of a row that says what was supposed, not what was found."""


def opened(tables: Tables, subjects: Sequence[str]) -> Tables:
    """Tables in which corridors, lines, links and places are open and rules are lifted.

    Raises
    ------
    UnknownSubjectError
        If an id is none of these.
    """
    names = as_names(subjects, "what to open")
    for name in subjects:
        if name in tables.corridors:
            corridor = tables.corridors[name]
            names += [*corridor.lines, *corridor.crossings]
    names = [name for name in names if name not in tables.corridors]
    lifted = {rule.rule_id for rule in tables.rules} & set(names)
    kinds = {name: _kind(tables, name) for name in names if name not in lifted}
    return replace(restated(tables, kinds, "open"), rules=ruled(tables.rules, lifted, ALWAYS))


def closed(tables: Tables, subjects: Sequence[str]) -> Tables:
    """Tables in which lines, links and places are closed.

    Raises
    ------
    UnknownSubjectError
        If an id is none of these.
    """
    kinds = {name: _kind(tables, name) for name in as_names(subjects, "what to close")}
    return restated(tables, kinds, "closed")


def _kind(tables: Tables, name: str) -> str:
    for kind, known in (
        ("line", tables.links["line_id"]),
        ("link", tables.links["link_id"]),
        ("place", tables.places["place_id"]),
    ):
        if known.isin([name]).any():
            return kind
    msg = (
        f"{name!r} is no corridor, line, link, place or rule; net.links and net.places list the ids"
    )
    raise UnknownSubjectError(msg)


def restated(
    tables: Tables,
    kinds: Mapping[str, str],
    state: str,
    period: Period = ALWAYS,
    note: str | None = None,
) -> Tables:
    """Tables in which subjects, and each link of a line, have one state for a period.

    Parameters
    ----------
    tables : Tables
    kinds : mapping of str to {"line", "link", "place"}
        Kind of each subject, by its id. A place that is opened is spared by rules that close its
        whole border.
    state : str
    period : Period
        Before and after it, what the tables say stays.
    note : str, optional
        Kept with the new rows.
    """
    if not kinds:
        return tables
    table = tables.states
    for column, empty in (("note", None), ("spared", False)):
        if column not in table:
            table = table.assign(**{column: empty})
    lines = [name for name, kind in kinds.items() if kind == "line"]
    below = tables.links["link_id"][tables.links["line_id"].isin(lines)]
    hit = table["subject_id"].isin(kinds) | table["subject_id"].isin(below)
    rows = pd.DataFrame(
        {
            "subject_kind": list(kinds.values()),
            "subject_id": list(kinds),
            "state": state,
            "valid_from": pd.Timestamp(period.start),
            "valid_to": pd.NaT if period.end is None else pd.Timestamp(period.end),
            "source": WHAT_IF,
            "confidence": "assumption",
            "note": note,
            "spared": [state == "open" and kind == "place" for kind in kinds.values()],
        }
    ).reindex(columns=table.columns)
    rows = rows.astype({name: table[name].dtype for name in table.columns})
    old = _around(table[hit.to_numpy(bool)], period)
    parts = [part for part in (table[~hit], old, rows) if len(part)]
    return replace(tables, states=pd.concat(parts, ignore_index=True))


def _around(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    """What dated rows say before and after a period."""
    start, end = rows["valid_from"].to_numpy(), rows["valid_to"].to_numpy()
    first = np.datetime64(period.start).astype(start.dtype)
    before: pd.DataFrame = rows[start < first].copy()
    ends = before["valid_to"].to_numpy()
    before["valid_to"] = np.where(np.isnat(ends) | (ends > first), first, ends)
    if period.end is None:
        return before
    last = np.datetime64(period.end).astype(start.dtype)
    after = rows[np.isnat(end) | (end > last)].copy()
    after["valid_from"] = np.maximum(after["valid_from"].to_numpy(), last)
    both: pd.DataFrame = pd.concat([part for part in (before, after) if len(part)] or [before])
    return both


def ruled(rules: Sequence[RuleRow], lifted: Iterable[str], period: Period) -> tuple[RuleRow, ...]:
    """Access rules, some of which do not hold for a period.

    A rule that holds before and after the period becomes two with the same id.
    """
    names = set(lifted)
    kept: list[RuleRow] = []
    for rule in rules:
        if rule.rule_id not in names:
            kept.append(rule)
            continue
        if rule.valid_from < period.start:
            ends = period.start if rule.valid_to is None else min(rule.valid_to, period.start)
            kept.append(rule.model_copy(update={"valid_to": ends}))
        if period.end is not None and (rule.valid_to is None or period.end < rule.valid_to):
            kept.append(rule.model_copy(update={"valid_from": max(rule.valid_from, period.end)}))
    return tuple(kept)
