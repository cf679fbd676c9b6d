"""The ``corridors`` command: routes, flows, corridors, lengths, maps and data checks."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from corridors import __version__
from corridors.cli import (
    analysis,
    cards,
    comparison,
    completion,
    cuts,
    leverage,
    look,
    osm,
)
from corridors.cli.parts import (
    ASK,
    CHECK,
    LOOK,
    AsCsv,
    AsJson,
    AsOf,
    Avoid,
    Closed,
    Commodity,
    DataFolder,
    Modes,
    Opened,
    Place,
    Scenarios,
    Weight,
    WeightChoice,
    add,
    asked,
    network,
    one_format,
    place,
    under,
)
from corridors.cli.terminal import print_csv, print_json, print_result, print_table
from corridors.errors import CorridorsError, NoRoute

if TYPE_CHECKING:
    import pandas as pd


app = typer.Typer(
    name="corridors",
    help="The rail and road network of the South Caucasus: routes, flows, chokepoints, what-ifs, "
    "maps.\n\nWorks offline on embedded data, every figure with its source. A place is a name in "
    "any stored language and spelling, an id, an official station code or LON,LAT. Tables are "
    "for reading; --json and --csv give the same to programs.",
    epilog="[bold]Exit status[/bold]\n"
    "    0  done\n"
    "    1  the data check found errors\n"
    "    2  no answer, or wrong usage; standard error says why\n"
    "  130  stopped by Ctrl+C\n\n"
    "[bold]Examples[/bold]\n"
    "  corridors route Kostanay Yerevan --commodity wheat\n"
    "  corridors route Baku Nakhchivan -m rail --open tripp --map tripp.html\n"
    "  corridors map --open\n\n"
    "corridors COMMAND --help tells more, with examples; corridors --install-completion teaches "
    "the shell commands, options, places and ids.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
data_app = typer.Typer(help="Check the embedded data, or your own.", no_args_is_help=True)
_USAGE_ERROR: Any = typer.BadParameter.__mro__[1]
"""The base of typer's errors of usage, wherever it keeps it."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"corridors {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before the command."""


def route(
    origin: Place,
    destination: Place,
    mode: Modes = None,
    commodity: Commodity = None,
    via: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PLACE",
            help="Place to pass; several, in order.",
            autocompletion=completion.places,
        ),
    ] = None,
    avoid: Avoid = None,
    cargo_origin: Annotated[
        str | None,
        typer.Option(metavar="COUNTRY", help="Country the cargo comes from, such as KZ."),
    ] = None,
    cargo_destination: Annotated[
        str | None, typer.Option(metavar="COUNTRY", help="Country the cargo goes to, such as AM.")
    ] = None,
    weight: Weight = WeightChoice.length,
    value_of_time: Annotated[
        float | None,
        typer.Option(metavar="USD", help="USD a tonne and hour, for --weight generalised."),
    ] = None,
    max_snap_km: Annotated[
        float, typer.Option(metavar="KM", help="How far a point may lie from a place.")
    ] = 25,
    scenario: Scenarios = None,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    map_file: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="Also draw it on a map.")
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Find the best route that states and access rules allow.

    Examples
    --------
    corridors route Yalama Dalarik --mode rail --cargo-origin RU
    corridors route Kostanay Yerevan --commodity wheat --weight hours
    corridors route 49.85,40.38 Nakhchivan -m rail --open tripp --map tripp.html
    """
    one_format(as_json, as_csv)
    net = network(as_of, opened, closed, data, scenario)
    found = net.route(
        place(origin),
        place(destination),
        via=[place(name) for name in via or ()],
        weight=weight.value,
        value_of_time=value_of_time,
        max_snap_km=max_snap_km,
        cargo_origin=cargo_origin,
        cargo_destination=cargo_destination,
        **asked(mode, commodity, avoid),
    )
    if map_file:
        saved = found.map().save(map_file)
        typer.echo(f"map: {saved}", err=True)
    if as_json:
        print_json(found.to_dict())
    elif as_csv:
        print_csv(found.legs.drop(columns="geometry"))
    else:
        typer.echo(found.explain())
        print_table(found.by_line(), f"{len(found.legs)} links; --csv lists them one by one")


def flows(
    flow_id: Annotated[
        str | None,
        typer.Argument(help="One flow, explained.", autocompletion=completion.flows),
    ] = None,
    scenario: Scenarios = None,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """List the flows with their routes, or explain one; each on its own date, or --as-of.

    Examples
    --------
    corridors flows
    corridors flows azerbaijani-oil-products
    corridors flows tripp-transit --open tripp --json
    """
    from corridors.catalog import flows as read_flows
    from corridors.report import flows_table

    one_format(as_json, as_csv)
    catalog = under(scenario, read_flows(data=data), data)
    net = network(as_of, opened, closed, data, scenario)
    chosen = list(catalog.values()) if flow_id is None else [catalog[flow_id]]
    table, routes = flows_table(net, chosen, as_of=as_of)
    if as_json:
        details = {name: found.to_dict() for name, found in routes.items()}
        records = json.loads(table.to_json(orient="records"))
        print_json([row | {"detail": details.get(row["flow_id"])} for row in records])
    elif as_csv:
        print_csv(table)
    elif flow_id:
        _explain_flow(chosen[0], table.iloc[0], routes.get(flow_id))
    else:
        columns = ["flow_id", "evidence", "tonnes", "as_of", "length_km", "countries", "opened"]
        print_table(table[columns], f"{len(table)} flows")


def _explain_flow(flow: Any, row: pd.Series[Any], found: Any) -> None:
    tonnes = "unknown" if flow.tonnes is None else f"{flow.tonnes:,.0f} t"
    typer.echo(f"{flow.title}\n{flow.period}: {tonnes}, {flow.evidence} ({flow.confidence})")
    if isinstance(row["obstacle"], str):
        typer.echo(f"No route on {row['as_of']}: {row['obstacle']}")
    if isinstance(row["opened"], str):
        typer.echo(f"With {row['opened']} open:")
    if found is not None:
        typer.echo(found.explain())
    for text in flow.contradictions:
        typer.echo(f"Contradiction: {text}")
    typer.echo("Sources: " + ", ".join(flow.sources))
    if len(flow.shipments):
        columns = ["date", "period", "kind", "wagons", "tonnes", "in_sum", "flag", "source"]
        print_table(flow.shipments[columns], f"{len(flow.shipments)} shipments and figures")


def corridors(
    corridor_id: Annotated[
        str | None,
        typer.Argument(help="One corridor, explained.", autocompletion=completion.corridors),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """List the corridors with the length of each branch, today and with all of it open.

    Examples
    --------
    corridors corridors
    corridors corridors tripp --as-of 1988-06-01
    """
    from corridors.catalog import corridors as read_corridors
    from corridors.report import corridors_table

    one_format(as_json, as_csv)
    catalog = read_corridors(data=data)
    chosen = list(catalog.values()) if corridor_id is None else [catalog[corridor_id]]
    table = corridors_table(network(as_of, data=data), chosen)
    columns = ["corridor_id", "branch", "length_km", "opened_km", "countries", "gauge_breaks"]
    print_result(table, as_json=as_json, as_csv=as_csv, what="branches", columns=columns)
    if corridor_id and not (as_json or as_csv):
        typer.echo(chosen[0].summary)
        for branch, obstacle in zip(table["branch"], table["obstacle"], strict=True):
            if isinstance(obstacle, str):
                typer.echo(f"{branch} is not passable on {table['as_of'].iloc[0]}: {obstacle}")


def lengths(
    official: Annotated[
        bool, typer.Option("--official", help="The official tariff tables, row by row.")
    ] = False,
    misses: Annotated[
        bool, typer.Option("--misses", help="Only rows off by more than 1 % and 2 km.")
    ] = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Set the lengths of the model beside the published ones.

    Examples
    --------
    corridors lengths --misses
    corridors lengths --official --misses
    """
    from corridors.report import lengths_table, tariff_table

    one_format(as_json, as_csv)
    net = network(as_of, data=data)
    table = tariff_table(net, data=data) if official else lengths_table(net, as_of=as_of, data=data)
    table = table[~table["agrees"]] if misses else table
    columns = [
        *(["station", "reference"] if official else ["from_place", "to_place", "via", "preferred"]),
        *(["official_km"] if official else ["published_km"]),
        "model_km", "difference_km", "agrees", "source",
    ]  # fmt: skip
    print_result(table, as_json=as_json, as_csv=as_csv, what="lengths", columns=columns)
    if official and misses and not (as_json or as_csv):
        for station, note in zip(table["station"], table["note"], strict=True):
            if isinstance(note, str):
                typer.echo(f"{station}: {note}")


def calibration(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Set hours and dollars of the model beside reported ones, each on its own date.

    Examples
    --------
    corridors calibration
    corridors calibration --markdown
    """
    from corridors.costs.calibration import calibration_table
    from corridors.costs.calibration import markdown as as_markdown

    one_format(as_json, as_csv)
    net = network(None, data=data)
    if markdown:
        typer.echo(as_markdown(net), nl=False)
    else:
        table = calibration_table(net, data=data)
        shown = [name for name in table.columns if name not in {"title", "note", "source"}]
        print_result(table, as_json=as_json, as_csv=as_csv, what="figures", columns=shown)


class _MapCommand(TyperCommand):
    """A command whose ``--open`` opens the map in a browser where no id follows it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        after = [*args, "--"][1:]
        bare = [
            one == "--open" and then.startswith("-") for one, then in zip(args, after, strict=True)
        ]
        args = ["--browser" if alone else one for one, alone in zip(args, bare, strict=True)]
        return super().parse_args(ctx, args)


def map_command(
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.")] = Path(
        "corridors.html"
    ),
    with_flows: Annotated[bool, typer.Option("--flows/--no-flows", help="Draw flows.")] = True,
    open_it: Annotated[
        bool, typer.Option("--browser", help="Open it in a browser; so does --open without an ID.")
    ] = False,
    scenario: Scenarios = None,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Draw network and flows on a map that opens without internet; --json, --csv: what is drawn.

    Examples
    --------
    corridors map --open
    corridors map --as-of 1988-06-01 -o soviet.html
    corridors map --open tripp --no-flows -o tripp.html
    """
    import webbrowser

    from corridors.catalog import flows as read_flows
    from corridors.demo import draw
    from corridors.report import flows_table

    one_format(as_json, as_csv)
    net = network(as_of, opened, closed, data, scenario)
    drawn = under(scenario, read_flows(data=data), data).values() if with_flows else ()
    table, routes = flows_table(net, drawn)
    saved = draw(net, routes).save(output)
    if as_json or as_csv:
        print_result(table, as_json=as_json, as_csv=as_csv, what="flows")
    else:
        typer.echo(f"{saved} ({saved.stat().st_size / 1e3:,.0f} kB)")
    if open_it:
        shown = webbrowser.open(saved.resolve().as_uri())
        if not shown:
            typer.echo(f"corridors: found no browser; open {saved} in one yourself", err=True)


def check(
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Check schema, references, states, lengths, positions, sources and routability.

    Examples
    --------
    corridors data check
    corridors data check --data my-data
    """
    from corridors.checks import check as run
    from corridors.checks import report

    one_format(as_json, as_csv)
    net = network(as_of, data=data)
    findings = run(data)
    errors = sum(finding.level == "error" for finding in findings)
    print_result(report(findings), as_json=as_json, as_csv=as_csv, what="findings")
    if not (as_json or as_csv):
        typer.echo(repr(net)[1:-1])
        typer.echo(f"{errors} errors, {len(findings) - errors} warnings")
    if errors:
        raise typer.Exit(1)


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")] = Path(
        "out"
    ),
    as_of: AsOf = None,
    data: DataFolder = None,
) -> None:
    """Write the map, the report on TRIPP and the tables of lengths and flows; print a summary.

    Examples
    --------
    corridors demo --output out
    """
    from corridors.demo import run

    for text in run(network(as_of, data=data), output, data=data):
        typer.echo(text)


add(app, ASK, route)
analysis.add_to(app)
leverage.add_to(app)
cuts.add_to(app)
comparison.add_to(app)
cards.add_to(app)
add(app, LOOK, map_command, name="map", cls=_MapCommand)
add(app, LOOK, flows, corridors)
look.add_to(app)
add(app, LOOK, demo)
add(app, CHECK, lengths, calibration)
add(data_app, None, check)
app.add_typer(data_app, name="data", rich_help_panel=CHECK)
osm.add_to(app)


def _error_dict(error: CorridorsError) -> dict[str, Any]:
    """An error as values that a script can read."""
    result: dict[str, Any] = {"error": type(error).__name__, "message": str(error)}
    for name in ("reasons", "changes"):
        if hasattr(error, name):
            result[name] = [vars(item) for item in getattr(error, name)]
    if hasattr(error, "candidates"):
        result["candidates"] = list(error.candidates)
    return result


def _told(error: CorridorsError) -> str:
    """An error in words: one line, but that there is no route is a head and a list."""
    text = str(error)
    if isinstance(error, NoRoute):
        opens = "".join(f" --open {change.subject}" for change in error.changes)
        text += f"\nto ask in that world, add:{opens}" if opens else ""
    else:
        text = "; ".join(line.removeprefix("  - ") for line in text.splitlines())
    # The library names its own attributes; here a command shows the same.
    commands = "|".join(info.name for info in app.registered_commands if info.name)
    return re.sub(rf"\bnet\.({commands})\b(\(\))?", r"corridors \1", text)


def main() -> None:
    """Run the command; an error of ours goes to standard error, with exit code 2."""
    try:
        sys.exit(app(prog_name="corridors", standalone_mode=False))
    except CorridorsError as error:
        if "--json" in sys.argv:
            print_json(_error_dict(error))
        typer.echo(f"corridors: {_told(error)}", err=True)
        sys.exit(2)
    except _USAGE_ERROR as error:
        text = error.format_message()
        # A command without arguments has answered with its help already.
        if text:
            command = error.ctx.command_path if error.ctx else "corridors"
            typer.echo(f"corridors: {text} (see {command} --help)", err=True)
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("corridors: stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader (head, less) has seen enough.
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
