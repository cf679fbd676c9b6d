"""Commands on what has to be closed: cuts, worst closures, resilience, audits of closures."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from corridors.cli import completion
from corridors.cli.parts import (
    COMPARE,
    AsCsv,
    AsJson,
    AsOf,
    Avoid,
    ChartFile,
    Closed,
    Commodity,
    DataFolder,
    FlowIds,
    FlowsFile,
    MapFile,
    Modes,
    Opened,
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
from corridors.cli.terminal import print_answer, print_table
from corridors.routing.groups import GroupLike


class OfChoice(StrEnum):
    """What is closed."""

    links = "links"
    crossings = "crossings"


class MeasureChoice(StrEnum):
    """What a cut is measured by."""

    number = "count"
    capacity = "capacity"


class OrderChoice(StrEnum):
    """In which order closures come."""

    worst = "worst"
    random = "random"


Group = Annotated[
    str,
    typer.Argument(
        help="Country, named group, place, or several with + between them.",
        autocompletion=completion.places,
        show_default=False,
    ),
]
Of = Annotated[OfChoice, typer.Option(metavar="WHAT", help="What is closed: links or crossings.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to an application."""
    add(app, COMPARE, cut, interdict, resilience, audit)


def cut(
    from_group: Group,
    to_group: Group,
    by: Annotated[
        MeasureChoice, typer.Option(metavar="WHAT", help="The fewest, or by capacity.")
    ] = MeasureChoice.number,
    of: Of = OfChoice.links,
    mode: Modes = None,
    commodity: Commodity = None,
    avoid: Avoid = None,
    weight: Weight = WeightChoice.length,
    scenario: Scenarios = None,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    map_file: MapFile = None,
    chart_file: ChartFile = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Find the least to close to cut two groups of places apart, and the routes it stops.

    Examples
    --------
    corridors cut Armenia black-sea-ports -m rail
    corridors cut KZ AM --commodity wheat --by capacity
    corridors cut azerbaijan-mainland nakhchivan-exclave --of crossings --map cut.html
    """
    one_format(as_json, as_csv)
    found = network(as_of, opened, closed, data, scenario).cut(
        _group(from_group), _group(to_group), by=by.value, of=of.value, weight=weight.value,
        **asked(mode, commodity, avoid),
    )  # fmt: skip
    table = found.table.drop(columns="geometry")
    if not print_answer(found, table, (as_json, as_csv), (map_file, chart_file)):
        typer.echo(found.explain())


def interdict(
    k: Annotated[int, typer.Option("-k", help="How many closures at most.")] = 2,
    of: Of = OfChoice.links,
    exact: Annotated[
        bool, typer.Option("--exact/--greedy", help="The worst set, or one after the other.")
    ] = True,
    flow: FlowIds = None,
    flows_file: FlowsFile = None,
    weight: Weight = WeightChoice.length,
    avoid: Avoid = None,
    scenario: Scenarios = None,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    map_file: MapFile = None,
    chart_file: ChartFile = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Find the few closures that are worst for the flows; with --csv what becomes of each flow.

    Examples
    --------
    corridors interdict -k 2 --of crossings
    corridors interdict -k 3 --flow russian-grain --flow kazakh-grain --weight usd_per_t
    """
    one_format(as_json, as_csv)
    found = network(as_of, opened, closed, data, scenario).interdict(
        flows_asked(flow, flows_file, data, scenario), k, of=of.value, exact=exact,
        weight=weight.value, avoid=avoid or (),
    )  # fmt: skip
    shown = [
        "flow_id", "tonnes", "basis", "outcome", "length_km", "extra_km", "extra_hours",
        "extra_usd_per_t", "countries",
    ]  # fmt: skip
    if not print_answer(found, found.flows, (as_json, as_csv), (map_file, chart_file)):
        typer.echo(found.explain())
        print_table(found.flows[shown], f"{len(found.flows)} flows")


def resilience(
    order: Annotated[
        OrderChoice, typer.Option(metavar="ORDER", help="worst: the worst first; or random.")
    ] = OrderChoice.worst,
    n: Annotated[int, typer.Option("-n", help="How many closures at most.")] = 10,
    of: Of = OfChoice.links,
    seed: Annotated[int, typer.Option(help="Of the random order.")] = 0,
    repetitions: Annotated[int, typer.Option(help="How many random orders.")] = 100,
    flow: FlowIds = None,
    flows_file: FlowsFile = None,
    weight: Weight = WeightChoice.length,
    avoid: Avoid = None,
    scenario: Scenarios = None,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    chart_file: ChartFile = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Say how many tonnes are still served as one link or crossing after another closes.

    Examples
    --------
    corridors resilience --of crossings -n 8
    corridors resilience --order random --repetitions 500 --chart curve.png
    """
    one_format(as_json, as_csv)
    found = network(as_of, opened, closed, data, scenario).resilience(
        flows_asked(flow, flows_file, data, scenario), order.value, n, of=of.value, seed=seed,
        repetitions=repetitions, weight=weight.value, avoid=avoid or (),
    )  # fmt: skip
    if not print_answer(found, found.table, (as_json, as_csv), (None, chart_file)):
        typer.echo(found.explain())


def audit(
    subject: Annotated[
        list[str],
        typer.Argument(
            metavar="ID...",
            help="Line, link, place, operator or country.",
            autocompletion=completion.to_close,
            show_default=False,
        ),
    ],
    within_km: Annotated[float, typer.Option(help="How much longer a way round may be.")] = 10,
    beside_km: Annotated[float, typer.Option(help="How far beside it a link may run.")] = 1,
    scenario: Scenarios = None,
    opened: Opened = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """List the parallel links and short ways round that a closure would leave.

    Examples
    --------
    corridors audit masis--noragavit
    corridors audit sadakhlo-ayrum-rail-border --within-km 50
    """
    one_format(as_json, as_csv)
    found = network(as_of, opened, None, data, scenario).audit_closure(
        *subject, within_km=within_km, beside_km=beside_km
    )
    if not print_answer(found, found.table.drop(columns="geometry"), (as_json, as_csv)):
        typer.echo(found.explain())


def _group(text: str) -> GroupLike:
    parts = [place(part.strip()) for part in text.split("+")]
    return parts if len(parts) > 1 else parts[0]
