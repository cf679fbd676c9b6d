"""What the commands share: options and the network they ask for."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from corridors.network import Network
    from corridors.routing.ends import PlaceLike


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
