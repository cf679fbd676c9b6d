"""A report as a workbook: one sheet a table, whole tables, text that cannot turn into formulas."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.comparison import content
from corridors.comparison.citations import cited
from corridors.comparison.report import safe_cell
from corridors.errors import CorridorsError
from corridors.files import replacing_file

if TYPE_CHECKING:
    from corridors.comparison.result import Comparison

_STAMP = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_WIDEST = 60


def write_workbook(comparison: Comparison, target: Path) -> Path:
    """Write the tables of a comparison as ``.xlsx``; the same input gives the same bytes.

    Raises
    ------
    CorridorsError
        If openpyxl is not there.
    """
    try:
        from openpyxl import Workbook
    except ModuleNotFoundError:
        raise CorridorsError(
            "a workbook needs openpyxl: pip install 'corridors[xlsx]', or write .html, .md or .csv"
        ) from None
    book = Workbook()
    book.remove(book.active)
    for title, table in _sheets(comparison):
        _fill(book.create_sheet(title), table)
    with replacing_file(target) as temporary:
        raw = temporary.with_name("raw.xlsx")
        book.save(raw)
        _undated(raw, temporary)
        raw.unlink()
    return target


def _sheets(comparison: Comparison) -> Iterator[tuple[str, pd.DataFrame]]:
    about = [
        ("Question", content.heading(comparison)), ("About", content.standfirst(comparison)),
        *(("", line) for line in comparison.explain().splitlines()),
    ]  # fmt: skip
    yield "About", pd.DataFrame(about, columns=["", "text"])
    yield "Flows", comparison.table
    yield "Countries", comparison.countries
    yield "Crossings", comparison.exposure
    yield "Prices", comparison.switches
    yield "Dates", comparison.dates
    if comparison.ranges is not None:
        yield "Ranges", comparison.ranges.table
        yield "Differences", comparison.ranges.differences
        yield "Ways", comparison.ranges.routes
        yield "Best", comparison.ranges.best
    if comparison.network.costs:
        yield "Parameters", comparison.network.parameters
    yield "Sources", pd.DataFrame([vars(one) for one in cited(comparison)])


def _fill(sheet: Any, table: pd.DataFrame) -> None:
    from openpyxl.styles import Font

    rows: list[list[Any]] = [[str(name) for name in table.columns]]
    rows += [[_cell(value) for value in row] for row in table.itertuples(index=False)]
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for column in sheet.columns:
        longest = max(len(str(cell.value or "")) for cell in column)
        sheet.column_dimensions[column[0].column_letter].width = min(longest + 2, _WIDEST)


def _cell(value: Any) -> Any:
    if isinstance(value, (list, tuple, dict, set)):
        value = str(value)
    if isinstance(value, str):
        return safe_cell(value)
    if pd.isna(value):
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    return value.item() if hasattr(value, "item") else value


def _undated(raw: Path, target: Path) -> None:
    """The same archive without the time at which it was made."""
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z", data)
            new.writestr(zipfile.ZipInfo(name, _STAMP), data, zipfile.ZIP_DEFLATED)
