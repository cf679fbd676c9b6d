"""Commands that compare ways: alternatives, Pareto set, tables, reach and assignment."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from corridors.cli import completion
from corridors.cli.parts import (
    ASK,
    COMPARE,
    AsCsv,
    AsJson,
    AsOf,
    Avoid,
    Closed,
    Commodity,
    DataFolder,
    FlowsFile,
    Modes,
    Opened,
    Place,
    Scenarios,
    Weight,
    WeightChoice,
    add,
    asked,
    flows_asked,
    network,
    one_format,
    place,
)
from corridors.cli.terminal import print_csv, print_json, print_result, print_table


class MethodChoice(StrEnum):
    """How flows are put on links."""

    shortest = "shortest"
    logit = "logit"
    capacity = "capacity"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to an application."""
    add(app, ASK, alternatives, pareto, skim, reach)
    add(app, COMPARE, assign)


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
    scenario: Scenarios = None,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Find really different routes and what tells them apart.

    Examples
    --------
    corridors alternatives Kostanay Yerevan --commodity wheat
    corridors alternatives Aktau Poti -k 3 --weight hours
    """
    one_format(as_json, as_csv)
    found = network(as_of, opened, closed, data, scenario).alternatives(
        place(origin), place(destination), k=k, max_overlap=max_overlap,
        max_stretch=max_stretch, distinct_by="gates" if gates else "length",
        weight=weight.value, **asked(mode, commodity, avoid),
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
    scenario: Scenarios = None,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Find every route that no other beats in all criteria.

    Examples
    --------
    corridors pareto Aktau Yerevan --commodity wheat
    corridors pareto Aktau Yerevan -c length -c borders
    """
    one_format(as_json, as_csv)
    wanted: dict[str, Any] = {"criteria": criterion} if criterion else {}
    found = network(as_of, opened, closed, data, scenario).pareto(
        place(origin), place(destination), **wanted, **asked(mode, commodity, avoid)
    )
    if as_json:
        print_json(_plain(found.to_dict()))
    else:
        columns = [name for name in found.table.columns if name != "difference"]
        print_result(found.table, as_json=False, as_csv=as_csv, what="routes", columns=columns)


def skim(
    origin: Annotated[
        list[str],
        typer.Option("--from", help="Origin; several times.", autocompletion=completion.places),
    ],
    destination: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            help="Destination; several times. Not given: all.",
            autocompletion=completion.places,
        ),
    ] = None,
    weight: Annotated[
        list[WeightChoice] | None, typer.Option(help="What is made least; several times.")
    ] = None,
    mode: Modes = None,
    commodity: Commodity = None,
    avoid: Avoid = None,
    scenario: Scenarios = None,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Print a table of kilometres, hours or dollars from each origin to each destination.

    Examples
    --------
    corridors skim --from Baku --from Poti --to Yerevan --weight hours --weight usd_per_t
    """
    one_format(as_json, as_csv)
    found = network(as_of, opened, closed, data, scenario).skim(
        [place(name) for name in origin],
        [place(name) for name in destination] if destination else None,
        weights=[one.value for one in weight or (WeightChoice.length,)],
        **asked(mode, commodity, avoid),
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
    scenario: Scenarios = None,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """List the places and links that a budget of km, hours or dollars reaches.

    Examples
    --------
    corridors reach Tbilisi --km 100 -m rail
    corridors reach Yerevan --hours 24 --csv
    """
    one_format(as_json, as_csv)
    found = network(as_of, opened, closed, data, scenario).reach(
        place(start), km=km, hours=hours, usd_per_t=usd_per_t, **asked(mode, commodity, avoid)
    )
    table = found.drop(columns="geometry")
    print_result(table, as_json=as_json, as_csv=as_csv, what="places and links")


def assign(
    method: Annotated[MethodChoice, typer.Option(help="How.")] = MethodChoice.shortest,
    flows_file: FlowsFile = None,
    weight: Weight = WeightChoice.length,
    scenario: Scenarios = None,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Put flows on links; print flows and bottlenecks, with --csv the tonnes of each link.

    Examples
    --------
    corridors assign --method capacity
    corridors assign --flows my-flows.csv --close verkhny-lars-road-border
    """
    one_format(as_json, as_csv)
    net = network(as_of, opened, closed, data, scenario)
    wanted = flows_asked(None, flows_file, data, scenario)
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


def _plain(value: dict[str, Any]) -> Any:
    """The same with NaN, which JSON has no word for, as null."""
    text = json.dumps(value, default=str)
    return json.loads(text, parse_constant=lambda _: None)
