"""Commands that set scenarios beside the world as it is: compare, report."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corridors.cli import completion
from corridors.cli.leverage import Explain
from corridors.cli.parts import (
    COMPARE,
    AsCsv,
    AsJson,
    AsOf,
    Avoid,
    DataFolder,
    FlowIds,
    FlowsFile,
    Weight,
    WeightChoice,
    add,
    flows_asked,
    network,
    one_format,
)
from corridors.cli.terminal import print_csv, print_json, print_table

if TYPE_CHECKING:
    from corridors.comparison.result import Comparison

Cards = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CARD...",
        help="Names of scenario cards, names with + between them, or YAML files.",
        autocompletion=completion.cards,
        show_default=False,
    ),
]
Draws = Annotated[
    int, typer.Option(min=0, help="Draw the parameters this many times, for ranges and shares.")
]
Seed = Annotated[int, typer.Option(min=0, help="Of the draws.")]
Workers = Annotated[
    int | None,
    typer.Option(min=1, help="Processes to use; as many as there are cores if not given."),
]
ReportFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--report", metavar="FILE", help="Also write .html, .md, .csv or .xlsx; several times."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to an application."""
    add(app, COMPARE, compare, report)


def compare(
    cards: Cards = None,
    flow: FlowIds = None,
    flows_file: FlowsFile = None,
    weight: Weight = WeightChoice.generalised,
    avoid: Avoid = None,
    draws: Draws = 0,
    seed: Seed = 0,
    workers: Workers = None,
    report_files: ReportFiles = None,
    explain: Explain = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Set scenarios beside the world as it is, flow by flow.

    Examples
    --------
    corridors compare tripp-open georgia-closed --as-of 2026-06-01
    corridors compare tripp-open --flow kazakh-grain --draws 1000 --seed 1 --explain
    corridors compare my-card.yaml --report out/report.html --report out/report.xlsx
    """
    one_format(as_json, as_csv)
    if not cards:
        raise typer.BadParameter("give one card or more; corridors scenarios lists them")
    found = _found(cards, flow, flows_file, weight, avoid, draws, seed, workers, as_of, data)
    _write(found, report_files or [])
    if as_json:
        print_json(found.to_dict())
    elif as_csv:
        print_csv(found.table)
    elif explain:
        typer.echo(found.explain())
    else:
        _print(found)


def report(
    cards: Cards = None,
    output: Annotated[
        list[Path] | None,
        typer.Option("--output", "-o", help=".html, .md, .csv or .xlsx; several times."),
    ] = None,
    flow: FlowIds = None,
    flows_file: FlowsFile = None,
    weight: Weight = WeightChoice.generalised,
    avoid: Avoid = None,
    draws: Draws = 0,
    seed: Seed = 0,
    workers: Workers = None,
    as_of: AsOf = None,
    data: DataFolder = None,
) -> None:
    """Write a report to hand on: on cards, or without any on what TRIPP would change.

    Examples
    --------
    corridors report
    corridors report georgia-closed -o out/georgia.html -o out/georgia.xlsx
    """
    if cards:
        found = _found(cards, flow, flows_file, weight, avoid, draws, seed, workers, as_of, data)
    else:
        from corridors.comparison.tripp import answer

        with _executor(workers) as executor:
            net = network(as_of, data=data)
            found = answer(net, draws=draws, seed=seed, executor=executor, weight=weight.value)
    _write(found, output or [Path("report.html")])


def _found(
    cards: list[str],
    flow: list[str] | None,
    flows_file: Path | None,
    weight: WeightChoice,
    avoid: list[str] | None,
    draws: int,
    seed: int,
    workers: int | None,
    as_of: str | None,
    data: Path | None,
) -> Comparison:
    from corridors.cards.library import scenario
    from corridors.comparison.comparing import compare as run

    given = [scenario(card, data=data) for card in cards]
    days = [one.as_of for one in given if one.as_of]
    net = network(as_of or (max(days).isoformat() if days else None), data=data)
    flows: Any = flows_asked(flow, flows_file, data)
    with _executor(workers) as executor:
        return run(
            net, given, flows, weight=weight.value, draws=draws, seed=seed, executor=executor,
            avoid=avoid or (),
        )  # fmt: skip


@contextmanager
def _executor(workers: int | None) -> Iterator[Executor | None]:
    """So many processes; None: the library decides."""
    from corridors import parallel

    if workers is None:
        yield None
    elif workers == 1:
        with ThreadPoolExecutor(1) as here:
            yield here
    else:
        with parallel.processes(workers) as pool:
            yield pool


def _write(found: Comparison, paths: list[Path]) -> None:
    for path in paths:
        saved = found.report(path)
        typer.echo(f"report: {saved} ({saved.stat().st_size / 1e3:,.0f} kB)", err=True)


def _print(found: Comparison) -> None:
    shown = [
        "scenario", "title", "change", "length_km", "d_length_km", "hours", "d_hours",
        "usd_per_t", "d_usd_per_t", "stranded_t",
    ]  # fmt: skip
    changes = found.changes
    print_table(changes[shown], f"{len(changes)} changes; --csv prints all rows, --explain words")
    if found.ranges is not None:
        print_table(found.ranges.best, f"share of {found.ranges.draws} draws in which each is best")
    typer.echo(repr(found)[1:-1])
