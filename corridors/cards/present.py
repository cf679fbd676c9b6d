"""Cards in tables and in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from corridors.cards.changes import Change
    from corridors.cards.schema import Card

COLUMNS = (
    "scenario", "number", "action", "subject", "values", "on", "until", "note", "sources",
)  # fmt: skip
_ALL = {"on", "until", "existing", "note", "sources"}
_WORDS = {
    "open": "Open", "close": "Close", "suspend": "Suspend traffic on", "build": "Build",
    "set": "Set properties of", "capacity": "Set the capacity of", "tariff": "Set the tariff for",
    "dwell": "Set the dwell time for", "parameter": "Set the parameter", "impose": "Impose",
    "lift": "Lift", "scale_flow": "Scale the flow", "add_flow": "Add the flow",
    "remove_flow": "Remove the flow",
}  # fmt: skip


def change_table(cards: Sequence[Card]) -> pd.DataFrame:
    """Changes of some cards, one a row; columns :data:`COLUMNS`."""
    rows = [
        (
            card.name, number, change.action, subject(change), values(change), change.on,
            change.until, change.note, ", ".join(change.sources),
        )
        for card in cards
        for number, change in enumerate(card.changes, start=1)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def subject(change: Change) -> str:
    """What a change is about, in words."""
    data = change.model_dump(mode="json", by_alias=True, exclude_defaults=True)[change.action]
    return _words(data.get("id", "") if change.action in {"build", "add_flow"} else data)


def values(change: Change) -> str:
    """What a change sets, in words; empty where it only opens, closes or lifts."""
    data = change.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return _words({k: v for k, v in data.items() if k not in {*_ALL, change.action}})


def _words(data: Any) -> str:
    if isinstance(data, dict):
        return "; ".join(f"{key} {_words(value)}" for key, value in data.items())
    if isinstance(data, list):
        return ", ".join(map(_words, data))
    return f"{data:g}" if isinstance(data, float) else str(data)


def explained(cards: Sequence[Card]) -> str:
    """Cards in sentences, one a line."""
    return "\n".join(line for card in cards for line in _lines(card))


def _lines(card: Card) -> Iterator[str]:
    yield f"{card.title} ({card.name})"
    if card.question:
        yield card.question
    for claim in card.claims:
        said = ", ".join(part for part in (claim.who, claim.date, claim.source) if part)
        yield f"Claim: {claim.text}" + (f" ({said})" if said else "")
    for text in card.assumptions:
        yield f"Assumption: {text}"
    for number, change in enumerate(card.changes, start=1):
        dates = f" from {change.on}" if change.on else ""
        dates += f" until {change.until}" if change.until else ""
        what = values(change)
        yield (
            f"{number}. {_WORDS[change.action]} {subject(change)}{dates}"
            + (f": {what}" if what else "")
            + (f" ({change.note})" if change.note else "")
        )
    if card.source_ids:
        yield f"Sources: {', '.join(card.source_ids)}"
    if card.note:
        yield card.note
