"""The main job: one map, one report, two tables and a summary, offline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.catalog import flows
from corridors.comparison.tripp import answer
from corridors.errors import NoRoute
from corridors.files import write_text
from corridors.report import flows_table, lengths_table, tariff_table

if TYPE_CHECKING:
    from corridors.flow import FlowRoute
    from corridors.maps import CorridorMap
    from corridors.network import Network

_ARMENIA = ("kazakh-grain", "russian-grain", "azerbaijani-oil-products", "tripp-transit")
"""Flows told first, and drawn when the map opens; the others wait in its list of layers."""

_QUESTIONS: tuple[tuple[str, str, str, tuple[tuple[str, ...], ...]], ...] = (
    ("baku-passenger", "nakhchivan", "rail", (("tripp",),)),
    ("baku-freight", "yerevan", "rail", (("tripp",), ("tripp", "yeraskh-nakhchivan"))),
    ("alat-port", "kars", "rail", (("tripp",), ("tripp", "nakhchivan-kars"))),
    ("baku-road", "nakhchivan-road", "road", (("tripp-road",),)),
)
"""Pairs of places, a mode, and the corridors to open for the question."""


def run(net: Network, folder: Path, *, data: Path | None = None) -> Iterator[str]:
    """Write a map, a report and two tables; yield the summary line by line.

    The files are ``corridors.html``, ``report.html``, ``lengths.csv`` and ``flows.csv``.

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
        draw(net, routes).save(folder / "corridors.html"),
        answer(net).report(folder / "report.html"),
        write_text(folder / "lengths.csv", lengths.to_csv(index=False, lineterminator="\n")),
        write_text(folder / "flows.csv", table.to_csv(index=False, lineterminator="\n")),
    ]
    first = table["flow_id"].isin(_ARMENIA)
    yield "\nHow grain and fuel reach Armenia"
    for row in table[first].to_dict("records"):
        yield from _flow_lines(row)
    yield "\nWhat else moves"
    for row in table[~first].to_dict("records"):
        km = "no route" if pd.isna(row["length_km"]) else f"{row['length_km']:,.0f} km"
        reported = ""
        if row["follows_report"] is False and not pd.isna(row["reported_km"]):
            reported = f" ({row['reported_km']:,.0f} km the way reported)"
        yield f"  {km:>9}  {row['title']}{reported}"
    yield "\nWhat TRIPP would change, and what it would not"
    yield from _tripp_lines(net)
    yield "\nHow right the kilometres are"
    yield from _accuracy_lines(lengths, official)
    yield "\nFiles"
    yield from (f"  {path} ({path.stat().st_size / 1e3:,.0f} kB)" for path in written)


def draw(net: Network, routes: Mapping[str, FlowRoute]) -> CorridorMap:
    """The map of the main job: all flows at hand, those to Armenia switched on."""
    return net.map(flows=routes, shown=[name for name in _ARMENIA if name in routes])


def _flow_lines(row: Mapping[Any, Any]) -> Iterator[str]:
    tonnes = "" if pd.isna(row["tonnes"]) else f", {row['tonnes']:,.0f} t"
    yield f"  {row['title']} ({row['evidence']}{tonnes}; routed on {row['as_of']})"
    if isinstance(row["obstacle"], str):
        yield "      no route as things are:"
        yield from (f"        {text}" for text in row["obstacle"].split("; "))
    if not pd.isna(row["length_km"]):
        opened = f"with {row['opened']} open: " if isinstance(row["opened"], str) else ""
        yield f"      {opened}{row['length_km']:,.0f} km: {row['countries']}"
    if row["follows_report"] is True and not isinstance(row["opened"], str):
        yield "      passes every place that was reported"
    elif row["follows_report"] is False:
        yield f"      {row['reported_km']:,.0f} km the way reported, by {row['missed']}"


def _tripp_lines(net: Network) -> Iterator[str]:
    for a, b, mode, openings in _QUESTIONS:
        answers = [f"{_km(net, a, b, mode)} on {net.as_of}"]
        answers += [
            f"{_km(net.with_open(*opened), a, b, mode)} with {' + '.join(opened)}"
            for opened in openings
        ]
        yield f"  {net.label(a)} – {net.label(b)} by {mode}: {', '.join(answers)}"


def _km(net: Network, a: str, b: str, mode: str) -> str:
    try:
        return f"{net.route(a, b, modes=[mode]).length_km:,.0f} km"
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
