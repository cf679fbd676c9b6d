"""The main job: one map, two tables and a summary, offline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corridors.catalog import flows
from corridors.errors import NoRoute
from corridors.files import write_text
from corridors.report import flows_table, lengths_table, tariff_table

if TYPE_CHECKING:
    import pandas as pd

    from corridors.network import Network

_TRIPP_PAIRS = (
    ("baku-passenger", "nakhchivan", ["rail"]),
    ("alat-port", "kars", ["rail"]),
    ("baku-freight", "yerevan", ["rail"]),
    ("baku-road", "nakhchivan-road", ["road"]),
)
_TRIPP = {"rail": "tripp", "road": "tripp-road"}


def run(net: Network, folder: Path, *, data: Path | None = None) -> Iterator[str]:
    """Write ``corridors.html``, ``lengths.csv`` and ``flows.csv``; yield the summary line by line.

    Parameters
    ----------
    net : Network
    folder : Path
        Made if missing.
    data : Path, optional
        Data folder; the embedded one if not given.
    """
    yield repr(net)[1:-1]
    table, routes = flows_table(net, flows(data=data).values())
    lengths = lengths_table(net, data=data)
    official = tariff_table(net, data=data)
    written = [
        net.map(flows=routes).save(folder / "corridors.html"),
        write_text(folder / "lengths.csv", lengths.to_csv(index=False, lineterminator="\n")),
        write_text(folder / "flows.csv", table.to_csv(index=False, lineterminator="\n")),
    ]
    yield "\nHow it reaches Armenia, and what else moves"
    yield from _flow_lines(table)
    yield "\nWhat TRIPP would change"
    yield from _tripp_lines(net)
    yield "\nHow right the kilometres are"
    yield from _accuracy_lines(lengths, official)
    yield "\nFiles"
    yield from (f"  {path} ({path.stat().st_size / 1e3:,.0f} kB)" for path in written)


def _flow_lines(table: pd.DataFrame) -> Iterator[str]:
    for row in table.astype(object).to_dict("records"):
        tonnes = "" if row["tonnes"] != row["tonnes"] else f", {row['tonnes']:,.0f} t"
        yield f"  {row['title']} ({row['evidence']}{tonnes}; routed on {row['as_of']})"
        if isinstance(row["obstacle"], str):
            yield f"      no route: {row['obstacle']}"
        if row["length_km"] == row["length_km"]:
            opened = f"with {row['opened']} open: " if isinstance(row["opened"], str) else ""
            yield f"      {opened}{row['length_km']:,.0f} km: {row['countries']}"
        yield from _report_line(row)


def _report_line(row: Mapping[Any, Any]) -> Iterator[str]:
    if row["follows_report"] is True:
        yield "      passes every place that was reported"
    elif row["follows_report"] is False:
        yield f"      reported, but not on the shortest way: {row['missed']}"


def _tripp_lines(net: Network) -> Iterator[str]:
    for a, b, modes in _TRIPP_PAIRS:
        today = _km(net, a, b, modes)
        then = _km(net.with_open(_TRIPP[modes[0]]), a, b, modes)
        yield (
            f"  {net.label(a)} – {net.label(b)} by {' + '.join(modes)}: "
            f"{today} on {net.as_of}, {then} with {_TRIPP[modes[0]]} open"
        )


def _km(net: Network, a: str, b: str, modes: list[str]) -> str:
    try:
        return f"{net.route(a, b, modes=modes).length_km:,.0f} km"
    except NoRoute:
        return "no route"


def _accuracy_lines(lengths: pd.DataFrame, official: pd.DataFrame) -> Iterator[str]:
    share = official["agrees"].mean() if len(official) else 0.0
    yield (
        f"  {int(official['agrees'].sum())} of {len(official)} rows of the official tariff tables "
        f"within 1 % or 2 km ({share:.1%})"
    )
    preferred = lengths[lengths["preferred"]]
    yield (
        f"  {int(preferred['agrees'].sum())} of {len(preferred)} published lengths that the model "
        f"follows; {len(lengths) - len(preferred)} contradicting ones are listed beside them"
    )
