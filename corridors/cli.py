"""The ``corridors`` command: routes, flows, corridors, lengths, maps and data checks."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corridors import __version__
from corridors.errors import CorridorsError
from corridors.match_cli import match
from corridors.osm_cli import osm_app
from corridors.terminal import print_csv, print_json, print_result, print_table

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
app.add_typer(osm_app, name="osm")
osm_app.command()(match)


class ModeChoice(StrEnum):
    """Modes a route may use."""

    rail = "rail"
    road = "road"
    ferry = "ferry"


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
    """Find the shortest route that states and access rules allow."""
    _one_format(as_json, as_csv)
    net = _network(as_of, opened, closed, data)
    found = net.route(
        _place(origin),
        _place(destination),
        modes=[one.value for one in mode] if mode else None,
        commodity=commodity,
        via=[_place(name) for name in via or ()],
        avoid=avoid or (),
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

    _one_format(as_json, as_csv)
    catalog = read_flows(data=data)
    net = _network(as_of, opened, closed, data)
    chosen = [catalog[flow_id]] if flow_id else list(catalog.values())
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

    _one_format(as_json, as_csv)
    catalog = read_corridors(data=data)
    chosen = [catalog[corridor_id]] if corridor_id else list(catalog.values())
    table = corridors_table(_network(as_of, data=data), chosen)
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

    _one_format(as_json, as_csv)
    net = _network(as_of, data=data)
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

    _one_format(as_json, as_csv)
    net = _network(as_of, opened, closed, data)
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

    _one_format(as_json, as_csv)
    net = _network(as_of, data=data)
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

    for text in run(_network(as_of, data=data), output, data=data):
        typer.echo(text)


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
