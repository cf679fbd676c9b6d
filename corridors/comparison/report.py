"""A comparison as a file to hand on: a page, Markdown, CSV or a workbook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.charts import Chart
from corridors.comparison import content
from corridors.errors import ArgumentError
from corridors.files import write_text
from corridors.maps.corridor_map import CorridorMap
from corridors.maps.encode import clean

if TYPE_CHECKING:
    from corridors.comparison.result import Comparison

SUFFIXES = (".html", ".md", ".csv", ".xlsx")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARKDOWN = re.compile(r"([\\`*_\[\]|#~$])")


def write(comparison: Comparison, path: str | Path) -> Path:
    """Write a report in the form that the suffix names; see :meth:`.Comparison.report`."""
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise ArgumentError(f"path={str(path)!r}: end it in {', '.join(SUFFIXES)}")
    if suffix == ".html":
        from corridors.comparison.page import page

        return write_text(target, page(comparison))
    if suffix == ".md":
        return write_text(target, markdown(comparison))
    if suffix == ".csv":
        table = harmless(comparison.table)
        return write_text(target, table.to_csv(index=False, lineterminator="\n"))
    from corridors.comparison.workbook import write_workbook

    return write_workbook(comparison, target)


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """The same, with a quote before text that a spreadsheet would run as a formula."""
    return table.map(safe_cell).rename(columns=str)


def safe_cell(value: Any) -> Any:
    """Text that a spreadsheet takes for text."""
    if isinstance(value, str):
        shown = clean(value)
        return f"'{shown}" if shown.startswith(_FORMULA) else shown
    return value


# -- Markdown ----------------------------------------------------------------------------------


def markdown(comparison: Comparison) -> str:
    """The report as Markdown, without pictures and map."""
    lines = [f"# {_text(content.heading(comparison))}", "", _text(content.standfirst(comparison))]
    for section in content.sections(comparison):
        written = [line for part in section.parts for line in _lines(part)]
        if written:
            lines += ["", f"## {_text(section.title)}", "", *written]
    return "\n".join(lines).rstrip() + "\n"


def _lines(part: Any) -> Iterator[str]:
    if isinstance(part, (Chart, CorridorMap)):
        return
    if isinstance(part, str):
        yield from (_text(part), "")
    elif isinstance(part, content.Heading):
        yield from (f"### {_text(part.text)}", "")
    elif isinstance(part, content.Bullets):
        yield from (f"- {_text(line)}" for line in part.lines)
        yield ""
    elif isinstance(part, content.Cited):
        for one in part.sources:
            where = one.url or one.reference
            yield _text(f"- {one.source_id}: {one.title}. {one.publisher}, {one.date}. {where}")
        yield ""
    elif isinstance(part, content.Grid):
        yield from (f"**{_text(part.caption)}**", "")
        yield _row(map(_text, part.head))
        yield _row("---" for _ in part.head)
        yield from (_row(_cells(row, part)) for row in part.rows)
        yield ""


def _cells(row: Any, grid: content.Grid) -> Iterator[str]:
    from corridors.comparison.page import number_words

    for at, value in enumerate(row):
        if isinstance(value, str):
            yield _text(value)
        else:
            yield number_words(value, grid.digits, at, grid.head[at])


def _row(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"


def _text(value: str) -> str:
    """Text in which Markdown sees no markup."""
    shown = clean(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", shown)
