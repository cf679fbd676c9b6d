"""The ``corridors`` command: routes, flows, corridors, lengths, maps and data checks."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corridors import __version__
from corridors.errors import CorridorsError

if TYPE_CHECKING:
    import pandas as pd

    from corridors.network import Network
    from corridors.routing import PlaceLike

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


def _network(
    as_of: str | None,
    opened: list[str] | None = None,
    closed: list[str] | None = None,
    data: Path | None = None,
) -> Network:
    from corridors.sources.reference import load

    net = load(as_of, data=data)
    net = net.with_open(*opened) if opened else net
    return net.with_closed(*closed) if closed else net


def _one_format(as_json: bool, as_csv: bool) -> None:
    if as_json and as_csv:
        raise typer.BadParameter("give --json or --csv, not both")


def _place(text: str) -> PlaceLike:
    """``49.8,40.4`` on the command line is a point; anything else is a name, id or code."""
    parts = text.split(",")
    if len(parts) == 2:  # noqa: PLR2004  (longitude and latitude)
        try:
            return float(parts[0]), float(parts[1])
        except ValueError:
            return text
    return text


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
    _one_format(as_json, as_csv)
    net = _network(as_of, opened, closed, data)
    found = net.route(
        _place(origin),
        _place(destination),
        modes=[one.value for one in mode] if mode else None,
        commodity=commodity,
        via=[_place(name) for name in via or ()],
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
        _print_json(found.to_dict())
    elif as_csv:
        _print_csv(found.legs.drop(columns="geometry"))
    else:
        typer.echo(found.explain())
        columns = [
            "from",
            "to",
            "mode",
            "country",
            "length_km",
            "hours",
            "usd_per_t",
            "length_kind",
            "confidence",
            "line",
        ]
        columns = [name for name in columns if name in found.legs]
        _print_table(found.legs[columns], f"{len(found.legs)} links")


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

    _one_format(as_json, as_csv)
    catalog = read_flows(data=data)
    net = _network(as_of, opened, closed, data)
    chosen = [catalog[flow_id]] if flow_id else list(catalog.values())
    table, routes = flows_table(net, chosen, as_of=as_of)
    if as_json:
        details = {name: found.to_dict() for name, found in routes.items()}
        records = json.loads(table.to_json(orient="records"))
        _print_json([row | {"detail": details.get(row["flow_id"])} for row in records])
    elif as_csv:
        _print_csv(table)
    elif flow_id:
        _explain_flow(chosen[0], table.iloc[0], routes.get(flow_id))
    else:
        columns = ["flow_id", "evidence", "tonnes", "as_of", "length_km", "countries", "opened"]
        _print_table(table[columns], f"{len(table)} flows")


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
        _print_table(flow.shipments[columns], f"{len(flow.shipments)} shipments and figures")


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

    _one_format(as_json, as_csv)
    catalog = read_corridors(data=data)
    chosen = [catalog[corridor_id]] if corridor_id else list(catalog.values())
    table = corridors_table(_network(as_of, data=data), chosen)
    _print(table, as_json, as_csv, "corridors")
    if corridor_id and not (as_json or as_csv):
        typer.echo(chosen[0].summary)


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

    _one_format(as_json, as_csv)
    net = _network(as_of, data=data)
    table = tariff_table(net, data=data) if official else lengths_table(net, as_of=as_of, data=data)
    table = table[~table["agrees"]] if misses else table
    _print(table, as_json, as_csv, "lengths", drop=["as_of", "confidence", "modes"])


@app.command()
def calibration(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Set hours and dollars of the model beside reported ones, each on its own date."""
    from corridors.calibration import calibration_table
    from corridors.calibration import markdown as as_markdown

    _one_format(as_json, as_csv)
    net = _network(None, data=data)
    if markdown:
        typer.echo(as_markdown(net), nl=False)
    else:
        table = calibration_table(net, data=data)
        _print(table, as_json, as_csv, "figures", drop=["title", "note", "source"])


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
    from corridors.report import flows_table

    _one_format(as_json, as_csv)
    net = _network(as_of, opened, closed, data)
    table, routes = flows_table(net, read_flows(data=data).values() if with_flows else ())
    saved = net.map(flows=routes).save(output)
    if as_json or as_csv:
        _print(table, as_json, as_csv, "flows")
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

    _one_format(as_json, as_csv)
    net = _network(as_of, data=data)
    findings = run(data)
    errors = sum(finding.level == "error" for finding in findings)
    _print(report(findings), as_json, as_csv, "findings")
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

    for text in run(_network(as_of, data=data), output, data=data):
        typer.echo(text)


# -- printing ----------------------------------------------------------------------------------


def _print(
    table: pd.DataFrame, as_json: bool, as_csv: bool, what: str, drop: list[str] | None = None
) -> None:
    if as_json:
        _print_json(json.loads(table.to_json(orient="records")))
    elif as_csv:
        _print_csv(table)
    else:
        _print_table(table.drop(columns=drop or [], errors="ignore"), f"{len(table)} {what}")


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False, default=str))


def _print_csv(table: pd.DataFrame) -> None:
    buffer = io.StringIO()
    table.to_csv(buffer, index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    typer.echo(buffer.getvalue(), nl=False)


def _print_table(table: pd.DataFrame, caption: str) -> None:
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


def main() -> None:
    """Run the command; an error of ours is one line on standard error and exit code 2."""
    run: Callable[[], Any] = app
    try:
        run()
    except CorridorsError as error:
        text = str(error).replace(":\n  - ", ": ").replace("\n  - ", "; ").replace("\n", "; ")
        typer.echo(f"corridors: {text}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        # The reader (head, less) has seen enough.
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
