"""Every source behind a comparison."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from corridors.comparison.result import Comparison


@dataclass(frozen=True)
class Source:
    """What is cited."""

    source_id: str
    title: str
    publisher: str
    date: str
    url: str
    reference: str


def cited(comparison: Comparison) -> list[Source]:
    """Every source behind the report: of cards, flows, lengths, states and parameters, by id."""
    names: set[str] = set()
    tables = []
    for case in comparison.cases:
        tables.append(case.net.sources)
        if case.card is not None:
            names |= {name for sheet in case.card.sheets() for name in _of_card(sheet.card)}
        for flow in case.flows:
            names |= set(flow.get("sources") or ())
            route = comparison.found[case.name, flow["flow_id"]]
            if isinstance(route, str):
                continue
            names |= set(route.sources["source_id"])
            if route.network.costs:
                names |= {name for cell in route.costs["sources"] for name in cell.split()}
    known = pd.concat(tables).drop_duplicates("source_id").set_index("source_id")
    columns = ("title", "publisher", "date", "url", "reference")
    # What a what-if opens or closes cites itself; it is no source.
    return [
        Source(name, *(_text(known, name, column) for column in columns))
        for name in sorted(names & set(known.index))
    ]


def _of_card(card: Any) -> Iterator[str]:
    for one in card.sources:
        yield one if isinstance(one, str) else one.source_id
    yield from (claim.source for claim in card.claims if claim.source)
    for change in card.changes:
        yield from change.sources


def _text(known: pd.DataFrame, name: str, column: str) -> str:
    value = known.loc[name, column]
    missing = value is None or (isinstance(value, float) and math.isnan(value))
    return "" if missing else str(value)
