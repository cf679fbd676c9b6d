"""``corridors osm match``: the reference network laid on OpenStreetMap, on the command line."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corridors.cli.parts import AsCsv, AsJson, AsOf, DataFolder, one_format
from corridors.cli.terminal import print_result
from corridors.errors import ArgumentError

if TYPE_CHECKING:
    import pandas as pd

    from corridors.network import Network


class Grouping(StrEnum):
    """What makes a row."""

    line = "line"
    link = "link"
    country = "country"
    corridor = "corridor"
    place = "place"
    tariff = "tariff"


_COLUMNS = {
    "link": ["link_id", "status", "length_km", "osm_length_km", "missing_km", "ratio", "suspect"],
    "place": ["place_id", "osm_name", "how", "apart_km", "track_km"],
    "tariff": ["station", "reference_place", "official_km", "osm_km", "error", "by_name", "reason"],
}
_SUMMED = ["links", "compared_km", "osm_length_km", "planned_km", "missing_km", "ratio", "suspect"]


def match(
    files: Annotated[
        list[Path],
        typer.Argument(help="OSM extracts, or one network saved as .gpkg or .parquet."),
    ],
    by: Annotated[
        Grouping, typer.Option("--by", help="What makes a row; tariff: official distances.")
    ] = Grouping.line,
    suspects: Annotated[
        bool, typer.Option("--suspects", help="Only rows off by more than 3 % (tariff: 4 %).")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Also save the matched network.")
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    data: DataFolder = None,
) -> None:
    """Lay the reference network on OpenStreetMap tracks and set the two lengths side by side.

    Examples
    --------
    corridors osm match armenia.gpkg --by line
    corridors osm match south-caucasus.osm.pbf --by tariff --suspects
    """
    from corridors.cli.match_tables import match_summary
    from corridors.sources.conflate import conflate
    from corridors.sources.reference import load

    one_format(as_json, as_csv)
    reference, osm = load(as_of, data=data), _read(files, as_of)
    matched = conflate(reference, osm) if output or by is not Grouping.tariff else None
    table = _table(by, reference, osm, matched, data)
    if suspects:
        table = table[_suspect(table)]
    columns = _COLUMNS.get(by, [_name(by), *_SUMMED])
    if not (as_json or as_csv):
        table = _spelt_out(table)
    print_result(table, as_json=as_json, as_csv=as_csv, what="rows", columns=columns)
    if output and matched is not None:
        typer.echo(f"saved: {matched.save(output)}", err=True)
    if matched is not None and not (as_json or as_csv):
        typer.echo(match_summary(matched))


def _read(files: list[Path], as_of: str | None) -> Network:
    from corridors.sources.pbf import from_pbf
    from corridors.storage import open as open_network

    saved = [path for path in files if path.suffix in {".gpkg", ".parquet"}]
    if saved and len(files) > 1:
        raise ArgumentError(f"give {saved[0]} alone, or extracts only")
    if saved:
        return open_network(saved[0], as_of=as_of)
    net = from_pbf(files, modes=["rail"], progress=False)
    return net if as_of is None else net.at(as_of)


def _table(
    by: Grouping, reference: Network, osm: Network, matched: Network | None, data: Path | None
) -> pd.DataFrame:
    from corridors.cli.match_tables import match_places_table, match_table
    from corridors.cli.track_tariffs import track_tariff_table

    if matched is None or by is Grouping.tariff:
        return track_tariff_table(reference, osm, data=data)
    if by is Grouping.place:
        return match_places_table(matched)
    return match_table(matched, by.value)


def _suspect(table: pd.DataFrame) -> pd.Series[bool]:
    if "suspect" in table:
        return table["suspect"]
    if "reason" in table:
        return table["reason"] != ""
    return table["how"].isin(["none", "track"])


def _spelt_out(table: pd.DataFrame) -> pd.DataFrame:
    """Ratios with as many digits as they need to be read."""
    formats = {"ratio": "{:.3f}", "error": "{:+.1%}"}
    texts = {
        name: [form.format(value) if value == value else "" for value in table[name]]  # noqa: PLR0124
        for name, form in formats.items()
        if name in table
    }
    return table.assign(**texts)


def _name(by: Grouping) -> str:
    return "line_id" if by is Grouping.line else by.value
