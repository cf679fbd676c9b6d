"""The ``corridors`` command: routes, flows, corridors, lengths, maps and data checks."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corridors import __version__
from corridors.cli import analysis
from corridors.cli.match import match
from corridors.cli.osm import osm_app
from corridors.cli.parts import (
    AsCsv,
    AsJson,
    AsOf,
    Closed,
    DataFolder,
    Modes,
    Opened,
    WeightChoice,
    network,
    one_format,
    place,
)
from corridors.cli.terminal import print_csv, print_json, print_result, print_table
from corridors.errors import CorridorsError

if TYPE_CHECKING:
    import pandas as pd


app = typer.Typer(
    name="corridors",
    help="The rail and road network of the South Caucasus: routes, flows, lengths, maps. "
    "Works offline on embedded, sourced data.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
data_app = typer.Typer(help="The embedded data.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(data_app, name="data")
app.add_typer(osm_app, name="osm")
osm_app.command()(match)
_USAGE_ERROR: Any = typer.BadParameter.__mro__[1]
"""The base of typer's errors of usage, wherever it keeps it."""

analysis.add_to(app)


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


@app.command()
def route(
    origin: Annotated[str, typer.Argument(help="Place id, name, station code or LON,LAT.")],
    destination: Annotated[str, typer.Argument(help="The same.")],
    mode: Modes = None,
    commodity: Annotated[str | None, typer.Option(help="Such as wheat or diesel.")] = None,
    via: Annotated[list[str] | None, typer.Option(help="Place to pass; in order.")] = None,
    avoid: Annotated[
        list[str] | None, typer.Option(help="Place, line, link, operator or country not to use.")
    ] = None,
    cargo_origin: Annotated[
        str | None, typer.Option(help="Country the cargo comes from, such as KZ.")
    ] = None,
    cargo_destination: Annotated[
        str | None, typer.Option(help="Country the cargo goes to, such as AM.")
    ] = None,
    weight: Annotated[
        WeightChoice, typer.Option(help="What to make least: km, h, USD/t, or both in dollars.")
    ] = WeightChoice.length,
    value_of_time: Annotated[
        float | None,
        typer.Option(metavar="USD", help="USD a tonne and hour, for --weight generalised."),
    ] = None,
    max_snap_km: Annotated[float, typer.Option(help="How far a point may lie from a place.")] = 25,
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
    """Find the best route that states and access rules allow."""
    one_format(as_json, as_csv)
    net = network(as_of, opened, closed, data)
    found = net.route(
        place(origin),
        place(destination),
        modes=[one.value for one in mode] if mode else None,
        commodity=commodity,
        via=[place(name) for name in via or ()],
        avoid=avoid or (),
        weight=weight.value,
        value_of_time=value_of_time,
        max_snap_km=max_snap_km,
        cargo_origin=cargo_origin,
        cargo_destination=cargo_destination,
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


@app.command()
def flows(
    flow_id: Annotated[str | None, typer.Argument(help="One flow, explained.")] = None,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """List the flows with their routes, or explain one; each on its own date, or --as-of."""
    from corridors.catalog import flows as read_flows
    from corridors.report import flows_table

    one_format(as_json, as_csv)
    catalog = read_flows(data=data)
    net = network(as_of, opened, closed, data)
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


@app.command()
def corridors(
    corridor_id: Annotated[str | None, typer.Argument(help="One corridor, with lengths.")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """List the corridors with the length of each branch, today and with all of it open."""
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


@app.command()
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
    """Set the lengths of the model beside the published ones."""
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


@app.command()
def calibration(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Set hours and dollars of the model beside reported ones, each on its own date."""
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


@app.command(name="map")
def map_command(
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.")] = Path(
        "corridors.html"
    ),
    with_flows: Annotated[bool, typer.Option("--flows/--no-flows", help="Draw flows.")] = True,
    open_it: Annotated[bool, typer.Option("--browser", help="Open it in a browser.")] = False,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Draw network and flows on a map that opens without internet; --json, --csv: what is drawn."""
    from corridors.catalog import flows as read_flows
    from corridors.demo import draw
    from corridors.report import flows_table

    one_format(as_json, as_csv)
    net = network(as_of, opened, closed, data)
    table, routes = flows_table(net, read_flows(data=data).values() if with_flows else ())
    saved = draw(net, routes).save(output)
    if as_json or as_csv:
        print_result(table, as_json=as_json, as_csv=as_csv, what="flows")
    else:
        typer.echo(f"{saved} ({saved.stat().st_size / 1e3:,.0f} kB)")
    if open_it:
        typer.launch(saved.resolve().as_uri())


@data_app.command()
def check(
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Check schema, references, states, lengths, positions, sources and routability."""
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


@app.command()
def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")] = Path(
        "out"
    ),
    as_of: AsOf = None,
    data: DataFolder = None,
) -> None:
    """Write the map and the tables of lengths and flows, and print what they say."""
    from corridors.demo import run

    for text in run(network(as_of, data=data), output, data=data):
        typer.echo(text)


def _error_dict(error: CorridorsError) -> dict[str, Any]:
    """An error as values that a script can read."""
    result: dict[str, Any] = {"error": type(error).__name__, "message": str(error)}
    for name in ("reasons", "changes"):
        if hasattr(error, name):
            result[name] = [vars(item) for item in getattr(error, name)]
    if hasattr(error, "candidates"):
        result["candidates"] = list(error.candidates)
    return result


def main() -> None:
    """Run the command; an error of ours is one line on standard error and exit code 2."""
    try:
        sys.exit(app(standalone_mode=False))
    except CorridorsError as error:
        if "--json" in sys.argv:
            print_json(_error_dict(error))
        text = str(error).replace(":\n  - ", ": ").replace("\n  - ", "; ").replace("\n", "; ")
        typer.echo(f"corridors: {text}", err=True)
        sys.exit(2)
    except _USAGE_ERROR as error:
        text = error.format_message()
        # A command without arguments answers with its whole help; anything else is one line.
        told = text if "\n" in text else f"corridors: {text} (see corridors --help)"
        typer.echo(told, err=True)
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
