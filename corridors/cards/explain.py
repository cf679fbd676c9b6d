"""What is wrong with a card, in words: the file, the line, the key, what was expected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from corridors.cards.read import At, Document
from corridors.cards.schema import Card
from corridors.errors import ScenarioError

_VARIANT = 2


def message(error: Exception) -> str:
    """What an error says, a validation error the first of it."""
    if not isinstance(error, ValidationError):
        return str(error)
    return str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")


def checked_card(data: Any, document: Document | None, name: str) -> Card:
    """A card from plain values.

    Raises
    ------
    ScenarioError
        If something breaks the schema; ``document`` or else ``name`` says where.
    """
    try:
        return Card.model_validate(data)
    except ValidationError as error:
        raise _explained(error, data, document, name) from None


def _explained(
    error: ValidationError, data: Any, document: Document | None, name: str
) -> ScenarioError:
    """The first thing that breaks the schema, with its line and key."""
    first = error.errors(include_url=False)[0]
    at, missing = _path(first["loc"], data)
    context = first.get("ctx", {})
    if first["type"] == "unknown_key":
        at = (*at, context["key"])
    message = str(first["msg"]).removeprefix("Value error, ")
    if missing:
        message = f"{missing}: is required" if first["type"] == "missing" else message
    value = first.get("input")
    if not missing and isinstance(value, (str, int, float)) and repr(value) not in message:
        message += f" (found {value!r})"
    more = f"; and {error.error_count() - 1} more" if error.error_count() > 1 else ""
    where = name if document is None else document.where(at)
    key = key_words(at)
    return ScenarioError(f"{where}{f', {key}' if key else ''}: {message}{more}")


def _path(loc: Iterable[str | int], data: Any) -> tuple[At, str]:
    """Keys that lead to a value through what was written, without the names of variants.

    Returns the path and, where something is not there, its name.
    """
    at: list[str | int] = []
    missing = ""
    for place, part in enumerate(loc):
        # After the number of a change stands its action, as the name of a variant and not a key.
        if place == _VARIANT and at[:1] == ["changes"]:
            continue
        inside = part in data if isinstance(data, Mapping) else False
        if isinstance(data, (list, tuple)):
            inside = isinstance(part, int) and part < len(data)
        if inside:
            data = data[part]
            at.append(part)
        else:
            missing = str(part)
    return tuple(at), missing


def key_words(at: At) -> str:
    """``("changes", 2, "open", "country")`` as ``changes 3, open.country``."""
    words = ""
    for part in at:
        if isinstance(part, int):
            words += f" {part + 1}"
        elif words and words[-1].isdigit():
            words += f", {part}"
        else:
            words += f".{part}" if words else part
    return words
