"""What the command line prints: tables for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

_WIDE = 160  # columns where the output is not a terminal


def print_result(
    table: pd.DataFrame,
    *,
    as_json: bool,
    as_csv: bool,
    what: str,
    columns: Sequence[str] | None = None,
) -> None:
    """Print a whole table as JSON or CSV, or the columns that fit a screen for a person."""
    if as_json:
        print_json(json.loads(table.to_json(orient="records")))
    elif as_csv:
        print_csv(table)
    else:
        print_table(table[list(columns)] if columns else table, f"{len(table)} {what}")


def print_answer(
    found: Any,
    table: pd.DataFrame,
    formats: tuple[bool, bool],
    files: tuple[Path | None, Path | None] = (None, None),
) -> bool:
    """Draw an answer to the files asked for, and print it for programs if that was asked for.

    Parameters
    ----------
    found : Any
        With ``to_dict``, and ``map`` and ``chart`` where files are asked for.
    table : DataFrame
        What CSV prints.
    formats : (bool, bool)
        Whether to print JSON, and CSV.
    files : (Path or None, Path or None)
        For a map and a chart.

    Returns
    -------
    bool
        Whether it was printed; if not, a person is to read it.
    """
    for name, path in zip(("map", "chart"), files, strict=True):
        if path:
            typer.echo(f"{name}: {getattr(found, name)().save(path)}", err=True)
    as_json, as_csv = formats
    if as_json:
        print_json(found.to_dict())
    elif as_csv:
        print_csv(table)
    return as_json or as_csv


def print_json(value: Any) -> None:
    """Print as JSON; NaN is an error, since JSON has none."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False, default=str))


def print_csv(table: pd.DataFrame) -> None:
    """Print as CSV with a header."""
    buffer = io.StringIO()
    table.to_csv(buffer, index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    typer.echo(buffer.getvalue(), nl=False)


def print_table(table: pd.DataFrame, caption: str) -> None:
    """Print for a person: numbers to the right, words wrapped, names never taken for markup."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    shown = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in table.columns:
        number = table[name].dtype.kind in "iuf"
        shown.add_column(
            Text(str(name).replace("_", " ")),
            justify="right" if number else "left",
            # Ids are there to be copied: they stay whole.
            no_wrap=number or str(name).endswith("_id"),
            overflow="fold",
        )
    for row in table.itertuples(index=False):
        # Text, not str: names from data may hold square brackets, which are markup to rich.
        shown.add_row(*(Text(_cell(value)) for value in row))
    console.print(shown)
    console.print(Text(caption, style="dim"))


def _cell(value: object) -> str:
    import pandas as pd

    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.1f}" if isinstance(value, float) else str(value)
