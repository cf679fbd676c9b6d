"""Commands that compare ways: alternatives, Pareto set, tables, reach and assignment."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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

if TYPE_CHECKING:
    import pandas as pd


class MethodChoice(StrEnum):
    """How flows are put on links."""

    shortest = "shortest"
    logit = "logit"
    capacity = "capacity"


Place = Annotated[str, typer.Argument(help="Place id, name, station code or LON,LAT.")]
Commodity = Annotated[str | None, typer.Option(help="Such as wheat or diesel.")]
Avoid = Annotated[
    list[str] | None, typer.Option(help="Place, line, link, operator or country not to use.")
]
Weight = Annotated[WeightChoice, typer.Option(help="What is made least.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to an application."""
    for command in (alternatives, pareto, skim, reach, assign):
        app.command()(command)


def _asked(mode: Modes, commodity: str | None, avoid: list[str] | None) -> dict[str, Any]:
    return {
        "modes": [one.value for one in mode] if mode else None,
        "commodity": commodity,
        "avoid": avoid or (),
    }


def alternatives(
    origin: Place,
    destination: Place,
    k: Annotated[int, typer.Option("-k", help="How many routes.")] = 4,
    max_overlap: Annotated[float, typer.Option(help="Share that two may have in common.")] = 0.6,
    max_stretch: Annotated[float, typer.Option(help="How much heavier than the best.")] = 2.0,
    gates: Annotated[bool, typer.Option(help="Each over a border or ferry of its own.")] = False,
    mode: Modes = None,
    commodity: Commodity = None,
    avoid: Avoid = None,
    weight: Weight = WeightChoice.length,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Find really different routes and what tells them apart."""
    one_format(as_json, as_csv)
    found = network(as_of, opened, closed, data).alternatives(
        place(origin), place(destination), k=k, max_overlap=max_overlap,
        max_stretch=max_stretch, distinct_by="gates" if gates else "length",
        weight=weight.value, **_asked(mode, commodity, avoid),
    )  # fmt: skip
    if as_json:
        print_json(_plain(found.to_dict()))
    elif as_csv:
        print_csv(found.table)
    else:
        typer.echo(found.explain())
        columns = ["rank", "length_km", "hours", "usd_per_t", "stretch", "overlap", "modes"]
        print_table(found.table[columns], f"{len(found)} routes")


def pareto(
    origin: Place,
    destination: Place,
    criterion: Annotated[
        list[str] | None,
        typer.Option("--criterion", "-c", help="hours, usd_per_t, length, borders, ..."),
    ] = None,
    mode: Modes = None,
    commodity: Commodity = None,
    avoid: Avoid = None,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Find every route that no other beats in all criteria."""
    one_format(as_json, as_csv)
    wanted: dict[str, Any] = {"criteria": criterion} if criterion else {}
    found = network(as_of, opened, closed, data).pareto(
        place(origin), place(destination), **wanted, **_asked(mode, commodity, avoid)
    )
    if as_json:
        print_json(_plain(found.to_dict()))
    else:
        columns = [name for name in found.table.columns if name != "difference"]
        print_result(found.table, as_json=False, as_csv=as_csv, what="routes", columns=columns)


def skim(
    origin: Annotated[list[str], typer.Option("--from", help="Origin; several times.")],
    destination: Annotated[
        list[str] | None, typer.Option("--to", help="Destination; several times. Not given: all.")
    ] = None,
    weight: Annotated[
        list[WeightChoice] | None, typer.Option(help="What is made least; several times.")
    ] = None,
    mode: Modes = None,
    commodity: Commodity = None,
    avoid: Avoid = None,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Print a table of kilometres, hours or dollars from each origin to each destination."""
    one_format(as_json, as_csv)
    found = network(as_of, opened, closed, data).skim(
        [place(name) for name in origin],
        [place(name) for name in destination] if destination else None,
        weights=[one.value for one in weight or (WeightChoice.length,)],
        **_asked(mode, commodity, avoid),
    )
    print_result(found.table, as_json=as_json, as_csv=as_csv, what="pairs")
    for name, reason in found.unserved.items():
        typer.echo(f"{name}: {reason.splitlines()[0]}", err=True)


def reach(
    start: Place,
    km: Annotated[float | None, typer.Option(help="Budget in kilometres.")] = None,
    hours: Annotated[float | None, typer.Option(help="Budget in hours.")] = None,
    usd_per_t: Annotated[float | None, typer.Option(help="Budget in USD a tonne.")] = None,
    mode: Modes = None,
    commodity: Commodity = None,
    avoid: Avoid = None,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """List the places and links that a budget of km, hours or dollars reaches."""
    one_format(as_json, as_csv)
    found = network(as_of, opened, closed, data).reach(
        place(start), km=km, hours=hours, usd_per_t=usd_per_t, **_asked(mode, commodity, avoid)
    )
    table = found.drop(columns="geometry")
    print_result(table, as_json=as_json, as_csv=as_csv, what="places and links")


def assign(
    method: Annotated[MethodChoice, typer.Option(help="How.")] = MethodChoice.shortest,
    flows_file: Annotated[
        Path | None,
        typer.Option("--flows", help="CSV: origin, destination, tonnes. Not given: our flows."),
    ] = None,
    weight: Weight = WeightChoice.length,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Put flows on links; print flows and bottlenecks, with --csv the tonnes of each link."""
    from corridors.catalog import flows as read_flows

    one_format(as_json, as_csv)
    net = network(as_of, opened, closed, data)
    wanted: Any = read_flows(data=data) if flows_file is None else _flow_file(flows_file)
    found = net.assign(wanted, method=method.value, weight=weight.value)
    used = found.links[found.links["tonnes"] > 0].drop(columns="geometry")
    if as_json:
        print_json(_plain(found.to_dict()))
    elif as_csv:
        print_csv(used)
    else:
        shown = ["flow_id", "tonnes", "basis", "assigned", "unmet", "cost", "routes", "reason"]
        print_table(found.flows[shown], f"{len(found.flows)} flows")
        if len(found.bottlenecks):
            shown = ["name", "kind", "capacity_t_per_year", "carries_t", "saves", "shadow_price"]
            print_table(found.bottlenecks[shown], f"{len(found.bottlenecks)} bottlenecks")
        unknown = len(found.unknown_capacity)
        typer.echo(f"{len(used)} links used, {unknown} of them of unknown capacity")
        for name, reason in found.skipped.items():
            typer.echo(f"not assigned: {name}: {reason}")


def _flow_file(path: Path) -> pd.DataFrame:
    import pandas as pd

    from corridors.errors import DataError

    try:
        return pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise DataError(f"--flows {path}: cannot be read as CSV: {error}") from None


def _plain(value: dict[str, Any]) -> Any:
    """The same with NaN, which JSON has no word for, as null."""
    text = json.dumps(value, default=str)
    return json.loads(text, parse_constant=lambda _: None)
