"""What the shell completes: ids and names read straight from the data, in a few milliseconds.

No table is validated here and nothing heavy is imported: a shell asks at every press of a key.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from corridors.files import data_folder

Choices = Iterator[tuple[str, str]]
_ID = re.compile(r"^- [a-z]+_id: ([a-z0-9-]+)\n(?:  (?:name|title): (.+))?", re.MULTILINE)


def places(incomplete: str) -> Choices:
    """Ids of places, and names that are one word, with what they stand for."""
    known: set[str] = set()
    for row in _rows("places"):
        yield row["place_id"], row["name_en"]
        names = {row[column] for column in row if column.startswith("name_")}
        names.update(row["names_other"].split("|"))
        # A name with a space would have to be quoted; its id does not.
        known.update(name for name in names if name.startswith(incomplete) and " " not in name)
    if incomplete:
        yield from ((name, "") for name in sorted(known))


def flows() -> Choices:
    """Ids of flows."""
    return _entries("flows")


def corridors() -> Choices:
    """Ids of corridors."""
    return _entries("corridors")


def commodities() -> Choices:
    """Ids of commodities."""
    return _entries("commodities")


def cards() -> Choices:
    """Ids of scenario cards."""
    folder = data_folder() / "scenarios"
    return ((path.stem, "") for path in sorted(folder.glob("*.yaml")))


def to_open() -> Choices:
    """Ids of what ``--open`` opens."""
    yield from corridors()
    yield from _lines()
    yield from _entries("rules")
    yield from _named("crossings", "place_id", "mode")
    yield from _links()


def to_close() -> Choices:
    """Ids of what ``--close`` closes."""
    yield from _lines()
    yield from _named("places", "place_id", "name_en")
    yield from _links()


def to_avoid() -> Choices:
    """Ids of what ``--avoid`` leaves out."""
    yield from to_close()
    yield from _named("operators", "operator_id", "name")


def _lines() -> Choices:
    return _named("lines", "line_id", "name")


def _links() -> Choices:
    return _named("links", "link_id", "line_id")


def _named(table: str, key: str, text: str) -> Choices:
    return ((row[key], row[text]) for row in _rows(table))


def _rows(table: str) -> Iterator[dict[str, str]]:
    for part in sorted((data_folder() / table).glob("*.csv")):
        yield from csv.DictReader(_text(part).splitlines())


def _entries(table: str) -> Choices:
    text = _text(data_folder() / f"{table}.yaml")
    return ((found[1], found[2] or "") for found in _ID.finditer(text))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")
