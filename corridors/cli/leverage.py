"""Commands on who can hold what: chokepoints and leverage."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corridors.cli.parts import (
    COMPARE,
    AsCsv,
    AsJson,
    AsOf,
    Avoid,
    ChartFile,
    Closed,
    DataFolder,
    FlowIds,
    FlowsFile,
    MapFile,
    Opened,
    Scenarios,
    Weight,
    WeightChoice,
    add,
    flows_asked,
    network,
    one_format,
)
from corridors.cli.terminal import print_answer, print_table

if TYPE_CHECKING:
    import pandas as pd

    from corridors.analysis.chokepoints import Chokepoints
    from corridors.analysis.leverage import Leverage


class ByChoice(StrEnum):
    """What is lost, or who holds it."""

    link = "link"
    crossing = "crossing"
    place = "place"
    corridor = "corridor"
    country = "country"
    operator = "operator"
    owner = "owner"
    party = "party"


By = Annotated[
    ByChoice,
    typer.Option(
        metavar="KIND",
        help="link, crossing, place, corridor, country, operator, owner (all that operators owned "
        "in a country run anywhere) or party (that and its ground).",
    ),
]
RunBy = Annotated[
    list[str] | None,
    typer.Option(
        "--run-by", metavar="LINE=OPERATOR", help="Another operator for a line; several times."
    ),
]
Explain = Annotated[bool, typer.Option("--explain", help="Say it in sentences, with sources.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to an application."""
    add(app, COMPARE, chokepoints, leverage)


def chokepoints(
    by: By = ByChoice.crossing,
    top: Annotated[int, typer.Option(min=1, help="How many to print.")] = 15,
    explain: Explain = False,
    flow: FlowIds = None,
    flows_file: FlowsFile = None,
    weight: Weight = WeightChoice.length,
    avoid: Avoid = None,
    run_by: RunBy = None,
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
    """Say what the loss of each crossing, link, place, country ... strands or sends round.

    Examples
    --------
    corridors chokepoints --as-of 2026-06-01
    corridors chokepoints --by link --flow russian-grain --map grain.html
    corridors chokepoints --open kars-gyumri-yerevan --explain
    """
    one_format(as_json, as_csv)
    found = network(as_of, opened, closed, data, scenario).chokepoints(
        flows_asked(flow, flows_file, data, scenario), by=by.value, weight=weight.value,
        avoid=avoid or (), run_by=_pairs(run_by),
    )  # fmt: skip
    shown = [
        "name", "tonnes", "percent", "stranded_t", "diverted_t", "extra_km_per_t",
        "extra_usd_per_t", "bridge", "detour",
    ]  # fmt: skip
    table = found.table.drop(columns="geometry")
    percent = table.assign(percent=100 * table["share"])
    _print(
        found, table, percent[shown].head(top), explain, (as_json, as_csv), (map_file, chart_file)
    )


def leverage(
    by: By = ByChoice.country,
    day: Annotated[
        list[str] | None,
        typer.Option("--day", metavar="YYYY-MM-DD", help="Compare with this day; several times."),
    ] = None,
    world: Annotated[
        list[str] | None,
        typer.Option(
            "--with", metavar="ID[,ID...]", help="Compare with these opened; several times."
        ),
    ] = None,
    explain: Explain = False,
    flow: FlowIds = None,
    flows_file: FlowsFile = None,
    weight: Weight = WeightChoice.length,
    avoid: Avoid = None,
    run_by: RunBy = None,
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
    """Say what each party could strand or make dearer, in one world or several side by side.

    Examples
    --------
    corridors leverage --flow kazakh-grain --with tripp,yeraskh-nakhchivan
    corridors leverage --by party --day 2025-10-01 --chart moscow.png
    corridors leverage --by owner --open tripp --run-by meghri-railway=scr
    """
    one_format(as_json, as_csv)
    net = network(as_of, opened, closed, data, scenario)
    compare: dict[str, Any] = {name: net.at(name) for name in day or ()}
    compare |= {f"with {ids}": net.with_open(*ids.split(",")) for ids in world or ()}
    found = net.leverage(
        flows_asked(flow, flows_file, data, scenario), by=by.value, compare=compare,
        weight=weight.value, avoid=avoid or (), run_by=_pairs(run_by),
    )  # fmt: skip
    shown = [
        "world", "name", "flows", "of_flows", "stranded_flows", "stranded_t", "percent",
        "stranded_transit_t", "diverted_t", "extra_usd_per_t", "extra_km_per_t",
    ]  # fmt: skip
    percent = found.table.assign(percent=100 * found.table["stranded_share"])
    _print(found, found.table, percent[shown], explain, (as_json, as_csv), (map_file, chart_file))


def _print(
    found: Chokepoints | Leverage,
    table: pd.DataFrame,
    shown: pd.DataFrame,
    explain: bool,
    formats: tuple[bool, bool],
    files: tuple[Path | None, Path | None],
) -> None:
    """Write the files asked for and print the answer."""
    if print_answer(found, table, formats, files):
        return
    if explain:
        typer.echo(found.explain())
    else:
        more = f"{len(shown)} of {len(table)} rows; --csv prints all columns, --explain sentences"
        print_table(shown, more)
        for name, reason in found.skipped.items():
            typer.echo(f"left out: {name}: {reason}")


def _pairs(run_by: list[str] | None) -> dict[str, str]:
    """``line=operator`` texts as a mapping."""
    found = {}
    for text in run_by or ():
        line, sign, operator = text.partition("=")
        if not (line and sign and operator):
            raise typer.BadParameter(f"--run-by {text!r}: give LINE=OPERATOR")
        found[line.strip()] = operator.strip()
    return found
