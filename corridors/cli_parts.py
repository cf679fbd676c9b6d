"""What the commands share: options, the network they ask for, and printing."""

from __future__ import annotations

import csv
import io
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

    from corridors.network import Network
    from corridors.routing import PlaceLike


class ModeChoice(StrEnum):
    """Modes a route may use."""

    rail = "rail"
    road = "road"
    ferry = "ferry"


class WeightChoice(StrEnum):
    """What a route makes least."""

    length = "length"
    hours = "hours"
    usd_per_t = "usd_per_t"
    generalised = "generalised"


AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="YYYY-MM-DD", help="The day whose world is wanted."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
Opened = Annotated[
    list[str] | None,
    typer.Option("--open", metavar="ID", help="Open a corridor, line, link, crossing or rule."),
]
Closed = Annotated[
    list[str] | None, typer.Option("--close", metavar="ID", help="Close a line, link or place.")
]
Modes = Annotated[
    list[ModeChoice] | None,
    typer.Option("--mode", "-m", help="rail, road or ferry; may be given several times."),
]
DataFolder = Annotated[
    Path | None, typer.Option("--data", help="A data folder of your own.", show_default=False)
]


def network(
    as_of: str | None,
    opened: list[str] | None = None,
    closed: list[str] | None = None,
    data: Path | None = None,
) -> Network:
    """The network that the options ask for."""
    from corridors.sources.reference import load

    net = load(as_of, data=data)
    net = net.with_open(*opened) if opened else net
    return net.with_closed(*closed) if closed else net


def one_format(as_json: bool, as_csv: bool) -> None:
    """Refuse two formats at once."""
    if as_json and as_csv:
        raise typer.BadParameter("give --json or --csv, not both")


def place(text: str) -> PlaceLike:
    """``49.8,40.4`` on the command line is a point; anything else is a name, id or code."""
    parts = text.split(",")
    if len(parts) == 2:  # noqa: PLR2004  (longitude and latitude)
        try:
            return float(parts[0]), float(parts[1])
        except ValueError:
            return text
    return text


# -- printing ----------------------------------------------------------------------------------


def print_as(
    table: pd.DataFrame, as_json: bool, as_csv: bool, what: str, drop: list[str] | None = None
) -> None:
    """Print a table as asked."""
    if as_json:
        print_json(json.loads(table.to_json(orient="records")))
    elif as_csv:
        print_csv(table)
    else:
        print_table(table.drop(columns=drop or [], errors="ignore"), f"{len(table)} {what}")


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False, default=str))


def print_csv(table: pd.DataFrame) -> None:
    """Print a table as CSV."""
    buffer = io.StringIO()
    table.to_csv(buffer, index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    typer.echo(buffer.getvalue(), nl=False)


def print_table(table: pd.DataFrame, caption: str) -> None:
    """Print a table for people."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=None, caption=caption, box=None, pad_edge=False, header_style="bold")
    numbers = [table[name].dtype.kind in "iuf" for name in table.columns]
    for name, number in zip(table.columns, numbers, strict=True):
        shown.add_column(str(name), justify="right" if number else "left", overflow="fold")
    for row in table.itertuples(index=False):
        # Text, not str: names from data may hold square brackets, which are markup to rich.
        shown.add_row(*(Text(_cell(value)) for value in row))
    Console().print(shown)


def _cell(value: object) -> str:
    if value is None or value != value:  # noqa: PLR0124  (NaN is not itself)
        return ""
    return f"{value:,.1f}" if isinstance(value, float) else str(value)
