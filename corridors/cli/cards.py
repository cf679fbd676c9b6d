"""Commands about scenario cards: list, show, check, schema, diff."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from corridors.cli import completion
from corridors.cli.parts import (
    COMPARE,
    AsCsv,
    AsJson,
    AsOf,
    DataFolder,
    add,
    network,
    one_format,
)
from corridors.cli.terminal import print_csv, print_json, print_result, print_table

cards_app = typer.Typer(
    help="Scenario cards: what-ifs as files. Without a command, list those that are shipped.",
    rich_markup_mode="rich",
)
Card = Annotated[
    str,
    typer.Argument(
        metavar="CARD",
        help="Name of a card, names with + between them, or a YAML file.",
        autocompletion=completion.cards,
        show_default=False,
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to an application."""
    app.add_typer(cards_app, name="scenarios", rich_help_panel=COMPARE)
    add(cards_app, None, show, check, schema)
    add(app, COMPARE, diff)


@cards_app.callback(invoke_without_command=True)
def _list(
    context: typer.Context,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    if context.invoked_subcommand is not None:
        return
    from corridors.cards.library import scenarios

    one_format(as_json, as_csv)
    table = scenarios(data=data).table
    table["as_of"] = table["as_of"].astype(str)
    columns = ["name", "title", "as_of"]
    print_result(table, as_json=as_json, as_csv=as_csv, what="scenarios", columns=columns)


def show(
    card: Card,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Show what a card claims, assumes, cites and changes; --csv: its changes.

    Examples
    --------
    corridors scenarios show tripp-open
    corridors scenarios show tripp-open+georgia-closed
    """
    from corridors.cards.library import scenario

    one_format(as_json, as_csv)
    found = scenario(card, data=data)
    if as_json:
        print_json(found.to_dict())
    elif as_csv:
        print_csv(found.table)
    else:
        typer.echo(found.explain())


def check(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CARD...", help="Names or YAML files. Not given: all that are shipped."
        ),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Check cards against schema and network, and the effects that they state.

    Examples
    --------
    corridors scenarios check
    corridors scenarios check my-card.yaml
    """
    import pandas as pd

    from corridors.cards.library import scenario, scenarios

    one_format(as_json, as_csv)
    chosen = [scenario(file, data=data) for file in files or scenarios(data=data)]
    net = network(as_of, data=data)
    tables = []
    for one in chosen:
        one.resolve(net if as_of or one.as_of is None else net.at(one.as_of))
        tables.append(one.shown(net))
    table = pd.concat(tables, ignore_index=True)
    wrong = table[~table["agrees"].astype(bool)]
    if as_json or as_csv:
        print_result(table, as_json=as_json, as_csv=as_csv, what="effects")
    else:
        if len(wrong):
            print_table(wrong.astype(str), f"{len(wrong)} effects are not as stated")
        typer.echo(
            f"{len(chosen)} cards are sound; {len(table)} effects checked, {len(wrong)} wrong"
        )
    if len(wrong):
        raise typer.Exit(1)


def schema(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="File to write.")
    ] = None,
) -> None:
    """Print the JSON Schema of cards, for editors that complete and check them.

    Examples
    --------
    corridors scenarios schema -o scenario.schema.json
    """
    from corridors.cards.schema import json_schema
    from corridors.files import write_text

    text = json_schema()
    if output is None:
        typer.echo(text, nl=False)
    else:
        typer.echo(str(write_text(output, text)))


def diff(
    card: Card,
    other: Annotated[
        str | None,
        typer.Argument(
            metavar="[CARD]",
            help="A second card, to compare with the first instead of with no card.",
            autocompletion=completion.cards,
        ),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """List what a card changes in the network, cell by cell.

    Examples
    --------
    corridors diff tripp-open
    corridors diff tripp-open georgia-closed --csv
    """
    from corridors.cards.difference import diff as differ
    from corridors.cards.library import scenario

    one_format(as_json, as_csv)
    one = scenario(card, data=data)
    two = None if other is None else scenario(other, data=data)
    days = [day for day in (one.as_of, two and two.as_of) if day]
    net = network(as_of or (str(max(days)) if days else None), data=data)
    table = differ(net if two is None else one.apply(net), (two or one).apply(net))
    if as_json:
        print_json(json.loads(table.astype(object).to_json(orient="records", date_format="iso")))
    elif as_csv:
        print_csv(table)
    else:
        # Dated states say at length what the state of each link says in a line.
        shown = table[(table["table"] != "states") & (table["column"] != "usable")]
        columns = ["table", "id", "column", "before", "after"]
        caption = f"{len(table)} cells differ on {net.as_of}; --csv lists them all"
        print_table(shown[columns].astype(str).replace("None", ""), caption)
