"""Markdown from values: text is escaped here, once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~&!])")


def escape(text: object) -> str:
    """Text that shows as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def link(text: object, address: str | None) -> str:
    """Text that leads to an address of the web, if there is one."""
    if address is None or not re.match(r"https?://[^\s<>]+$", address):
        return escape(text)
    return f"[{escape(text)}](<{address}>)"


def table(
    head: Sequence[str], rows: Iterable[Sequence[object]], *, right: Iterable[int] = ()
) -> str:
    """A table; cells are Markdown already."""
    numbers = set(right)
    rule = ["---:" if column in numbers else "---" for column in range(len(head))]
    lines = [head, rule, *([str(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def bullets(texts: Iterable[object]) -> str:
    """A list of escaped texts."""
    return "".join(f"- {escape(text)}\n" for text in texts)


def fence(text: str, language: str = "text") -> str:
    """A block of text as it is."""
    ticks = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return f"{ticks}{language}\n{text}\n{ticks}\n"


def number(value: object, digits: int = 0) -> str:
    """A number with separators; nothing for what is not known."""
    missing = value is None or value != value  # noqa: PLR0124  (NaN)
    return "" if missing else f"{value:,.{digits}f}"


def page(title: str, *parts: str) -> str:
    """A page of parts, empty ones left out."""
    return "\n".join([f"# {escape(title)}\n", *(part for part in parts if part)])


def sources(ids: Iterable[str], known: dict[str, dict[str, str]]) -> str:
    """A list of sources with publisher, date and address."""
    lines = []
    for name in ids:
        row = known[name]
        where = "" if row["url"] else f" {row['reference']}."
        title = link(row["title"], row["url"] or None)
        said = f"{escape(row['publisher'])}, {escape(row['date'])}."
        lines.append(f"- {title}. {said}{escape(where)}\n")
    return "".join(lines)
