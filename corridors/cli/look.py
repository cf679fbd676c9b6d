"""Commands that show the tables of the network: places, links, rules, parameters, sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from corridors.cli.parts import (
    LOOK,
    AsCsv,
    AsJson,
    AsOf,
    Closed,
    DataFolder,
    Opened,
    Scenarios,
    add,
    network,
    one_format,
)
from corridors.cli.terminal import print_result

if TYPE_CHECKING:
    import pandas as pd

Text = Annotated[
    str, typer.Argument(metavar="[TEXT]", help="Only rows that hold this text, in any spelling.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to an application."""
    add(app, LOOK, places, links, rules, parameters, sources)


def places(
    text: Text = "",
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """List places with their ids, names and positions, or those that a text is found in.

    Examples
    --------
    corridors places agbend
    corridors places --csv > places.csv
    """
    one_format(as_json, as_csv)
    table = network(as_of, data=data).places.drop(columns="geometry")
    shown = ["place_id", "name_en", "name_az", "name_hy", "name_ka", "name_ru", "country", "kind"]
    _print(table, text, shown, "places", as_json, as_csv)


def links(
    text: Text = "",
    scenario: Scenarios = None,
    opened: Opened = None,
    closed: Closed = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """List links with their published length, gauge, state on the day and source.

    Examples
    --------
    corridors links meghri
    corridors links --as-of 1991-06-01 --csv > links.csv
    """
    one_format(as_json, as_csv)
    table = network(as_of, opened, closed, data, scenario).links.drop(columns="geometry")
    shown = [
        "link_id",
        "line_id",
        "mode",
        "country",
        "length_km",
        "length_kind",
        "state",
        "length_source",
    ]
    _print(table, text, shown, "links", as_json, as_csv)


def rules(
    text: Text = "",
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """List the access rules of all years: who may not use what is open.

    Examples
    --------
    corridors rules transit
    """
    from corridors.schema import RuleRow
    from corridors.tables import frame

    one_format(as_json, as_csv)
    table = frame(network(as_of, data=data).rules, RuleRow).map(_flat)
    shown = ["rule_id", "title", "effect", "valid_from", "valid_to", "confidence"]
    _print(table, text, shown, "rules", as_json, as_csv)


def parameters(
    text: Text = "",
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """List the numbers that hours and dollars are made from: low, central, high, source.

    Examples
    --------
    corridors parameters rate-rail
    """
    one_format(as_json, as_csv)
    table = network(as_of, data=data).parameters
    shown = ["parameter_id", "kind", "low", "central", "high", "unit", "source", "confidence"]
    _print(table, text, shown, "parameters", as_json, as_csv)


def sources(
    text: Text = "",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """List the sources that the data cites.

    Examples
    --------
    corridors sources traceca
    """
    one_format(as_json, as_csv)
    table = network(None, data=data).sources
    shown = ["source_id", "title", "publisher", "date", "url"]
    _print(table, text, shown, "sources", as_json, as_csv)


def _print(
    table: pd.DataFrame, text: str, shown: list[str], what: str, as_json: bool, as_csv: bool
) -> None:
    found = table[_holds(table, text)] if text else table
    print_result(found, as_json=as_json, as_csv=as_csv, what=what, columns=shown)


def _flat(value: object) -> object:
    """Lists as the tables of the data folder write them: ``a|b``, pairs ``a-b``; dates as text."""
    if isinstance(value, tuple):
        return "|".join("-".join(v) if isinstance(v, tuple) else str(v) for v in value)
    return None if value is None else str(value)


def _holds(table: pd.DataFrame, text: str) -> pd.Series[bool]:
    """Rows in which a text is found, whatever its case, accents and hyphens."""
    from corridors.names import fold

    wanted = fold(text)
    joined = (
        table.select_dtypes(exclude="number").fillna("").astype(str).agg(" ".join, axis="columns")
    )
    return joined.map(lambda row: wanted in fold(row)).astype(bool)
