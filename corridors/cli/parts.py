"""What the commands share: arguments, options, panels of the help, and the network asked for."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from corridors.cli import completion

if TYPE_CHECKING:
    from corridors.cards.scenario import Scenario
    from corridors.catalog import Catalog
    from corridors.flow import Flow
    from corridors.network import Network
    from corridors.routing.ends import PlaceLike

ASK, COMPARE, LOOK = "Ask", "Compare", "Look"
CHECK, BUILD = "Check", "Build"
_NOTED_KM = 5.0
"""A way round a closure that is no longer than this beyond it is pointed out."""
_WORLD, _OUTPUT = "The world asked", "Output"


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


Place = Annotated[
    str,
    typer.Argument(
        help="Place id, name, station code or LON,LAT.",
        autocompletion=completion.places,
        show_default=False,
    ),
]
Modes = Annotated[
    list[ModeChoice] | None,
    typer.Option(
        "--mode", "-m", metavar="MODE", help="rail, road or ferry; may be given several times."
    ),
]
Commodity = Annotated[
    str | None,
    typer.Option(
        metavar="ID", help="Such as wheat or diesel.", autocompletion=completion.commodities
    ),
]
Avoid = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID",
        help="Place, line, link, operator or country not to use; several times.",
        autocompletion=completion.to_avoid,
    ),
]
Weight = Annotated[
    WeightChoice,
    typer.Option(
        metavar="WEIGHT", help="What is made least: length, hours, usd_per_t, or generalised."
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="YYYY-MM-DD",
        help="The day whose world is wanted; today if not given.",
        rich_help_panel=_WORLD,
    ),
]
Opened = Annotated[
    list[str] | None,
    typer.Option(
        "--open",
        metavar="ID",
        help="Open a corridor, line, link, crossing or rule; several times.",
        autocompletion=completion.to_open,
        rich_help_panel=_WORLD,
    ),
]
Scenarios = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        metavar="CARD",
        help="Apply a scenario card, by name or file; several times.",
        autocompletion=completion.cards,
        rich_help_panel=_WORLD,
    ),
]
Closed = Annotated[
    list[str] | None,
    typer.Option(
        "--close",
        metavar="ID",
        help="Close a line, link or place; several times.",
        autocompletion=completion.to_close,
        rich_help_panel=_WORLD,
    ),
]
DataFolder = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="FOLDER",
        help="A data folder of your own.",
        show_default=False,
        rich_help_panel=_WORLD,
    ),
]
FlowsFile = Annotated[
    Path | None,
    typer.Option(
        "--flows",
        metavar="FILE",
        help="CSV of your own: origin, destination, tonnes. Not given: our flows.",
    ),
]
FlowIds = Annotated[
    list[str] | None,
    typer.Option("--flow", metavar="ID", help="One of our flows; several times. Not given: all."),
]
MapFile = Annotated[
    Path | None, typer.Option("--map", metavar="FILE", help="Also draw it on a map.")
]
ChartFile = Annotated[
    Path | None,
    typer.Option("--chart", metavar="FILE", help="Also draw it as .png, .svg or .pdf."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.", rich_help_panel=_OUTPUT)]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.", rich_help_panel=_OUTPUT)]


def add(
    app: typer.Typer,
    panel: str | None,
    *commands: Callable[..., Any],
    name: str | None = None,
    cls: type[TyperCommand] = TyperCommand,
) -> None:
    """Add commands to one panel of the help; the docstring's examples close their help.

    Parameters
    ----------
    app : typer.Typer
    panel : str or None
        One of :data:`ASK`, :data:`COMPARE`, :data:`LOOK`, :data:`CHECK`, :data:`BUILD`.
    *commands : function
        Their docstrings may end in a section ``Examples`` of command lines.
    name : str, optional
        Name of the command, if not that of its function.
    cls : type
        Class of the command.
    """
    for command in commands:
        text, examples = described(command)
        epilog = f"[bold]Examples[/bold]\n{examples}" if examples else None
        add_one = app.command(
            name or command.__name__, cls=cls, help=text, epilog=epilog, rich_help_panel=panel
        )
        add_one(command)


def described(command: Callable[..., Any]) -> tuple[str, str]:
    """What a command's docstring says, and its examples, one a line; either may be empty."""
    doc = inspect.cleandoc(command.__doc__ or "")
    text, _, examples = doc.partition("\nExamples\n--------\n")
    return text.strip(), "\n".join(f"  {line.strip()}" for line in examples.splitlines())


def network(
    as_of: str | None,
    opened: list[str] | None = None,
    closed: list[str] | None = None,
    data: Path | None = None,
    scenario: list[str] | None = None,
) -> Network:
    """The network that the options ask for; without a day, on the day of the scenario."""
    from corridors.sources.reference import load

    applied = _combined(scenario, data)
    net = load(as_of or (applied.as_of if applied else None), data=data)
    net = applied.apply(net) if applied else net
    net = net.with_open(*opened) if opened else net
    if not closed:
        return net
    shut = net.with_closed(*closed)
    # Closing one of two tracks is not closing the line: say so where it may matter.
    note = net.audit_closure(*closed, within_km=_NOTED_KM).note
    if note:
        typer.echo(f"note: {note}", err=True)
    return shut


def under(scenario: list[str] | None, flows: Catalog[Flow], data: Path | None) -> Catalog[Flow]:
    """Flows with the changes that scenarios make to them."""
    applied = _combined(scenario, data)
    return applied.apply_flows(flows) if applied else flows


def _combined(names: list[str] | None, data: Path | None) -> Scenario | None:
    if not names:
        return None
    from corridors.cards.library import scenario
    from corridors.cards.scenario import Scenario

    return Scenario.of(*(scenario(name, data=data) for name in names))


def asked(
    mode: list[ModeChoice] | None, commodity: str | None, avoid: list[str] | None
) -> dict[str, Any]:
    """The options that many questions share, as the library takes them."""
    return {
        "modes": [one.value for one in mode] if mode else None,
        "commodity": commodity,
        "avoid": avoid or (),
    }


def flows_asked(
    ids: list[str] | None,
    path: Path | None,
    data: Path | None,
    scenario: list[str] | None = None,
) -> Any:
    """The flows that the options ask for: of a table of the user's own, or of ours.

    Raises
    ------
    DataError
        If the file cannot be read as CSV.
    UnknownSubjectError
        If there is no such flow.
    """
    from corridors.catalog import flows
    from corridors.errors import DataError

    if path is None:
        known = under(scenario, flows(data=data), data)
        return known if not ids else [known[name] for name in ids]
    if ids:
        raise typer.BadParameter("give --flow or --flows, not both")
    import pandas as pd

    try:
        return pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise DataError(f"--flows {path}: cannot be read as CSV: {error}") from None


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
