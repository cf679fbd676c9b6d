"""Tables with something opened or closed for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from corridors.errors import UnknownSubjectError
from corridors.routing.offers import as_names
from corridors.schema import FIRST_DAY

if TYPE_CHECKING:
    from corridors.network import Tables


def opened(tables: Tables, subjects: Sequence[str]) -> tuple[Tables, set[str]]:
    """Tables in which corridors, lines, links and places are open and rules are lifted.

    Returns
    -------
    tables : Tables
    places : set of str
        Ids of the places opened.

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
    changed = replace(
        tables,
        states=_restate(tables, kinds, "open"),
        rules=tuple(rule for rule in tables.rules if rule.rule_id not in lifted),
    )
    return changed, {name for name, kind in kinds.items() if kind == "place"}


def closed(tables: Tables, subjects: Sequence[str]) -> tuple[Tables, set[str]]:
    """Tables in which lines, links and places are closed, and the places among them.

    Raises
    ------
    UnknownSubjectError
        If an id is none of these.
    """
    kinds = {name: _kind(tables, name) for name in as_names(subjects, "what to close")}
    changed = replace(tables, states=_restate(tables, kinds, "closed"))
    return changed, {name for name, kind in kinds.items() if kind == "place"}


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


def _restate(tables: Tables, kinds: Mapping[str, str], state: str) -> pd.DataFrame:
    """State table in which each subject, and each link of a line, has one state for good."""
    table = tables.states
    lines = [name for name, kind in kinds.items() if kind == "line"]
    below = tables.links["link_id"][tables.links["line_id"].isin(lines)]
    keep = ~(table["subject_id"].isin(kinds) | table["subject_id"].isin(below))
    rows = pd.DataFrame(
        {
            "subject_kind": list(kinds.values()),
            "subject_id": list(kinds),
            "state": state,
            "valid_from": pd.Timestamp(FIRST_DAY),
            "valid_to": pd.NaT,
            "source": "what-if",
            "confidence": "assumption",
        }
    )
    rows = rows.astype(
        {"valid_from": table["valid_from"].dtype, "valid_to": table["valid_to"].dtype}
    )
    return pd.concat([table[keep], rows.reindex(columns=table.columns)], ignore_index=True)
