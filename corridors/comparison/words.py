"""A comparison in sentences."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from corridors.comparison import rows

if TYPE_CHECKING:
    import pandas as pd

    from corridors.comparison.cases import Case
    from corridors.comparison.result import Comparison

WEIGHT_WORDS = {
    "length": "kilometres", "hours": "hours", "usd_per_t": "dollars a tonne",
    "generalised": "dollars a tonne with the hours at a value of time",
}  # fmt: skip
_NAMED = 3
_BORDER = re.compile(r" (?:rail|road) border\b")


def sentences(comparison: Comparison) -> Iterator[str]:
    """What each scenario changes and what it does not."""
    flows = len(comparison.cases[0].flows)
    yield (
        f"{flows} flows on {comparison.network.as_of}, routed by least "
        f"{WEIGHT_WORDS[comparison.weight]}."
    )
    for case in comparison.cases[1:]:
        yield from scenario(comparison, case)


def scenario(comparison: Comparison, case: Case, *, most: int | None = None) -> Iterator[str]:
    """What one scenario changes and what it does not; with ``most``, only so many flows."""
    table = comparison.table
    mine = table[table["scenario"] == case.name]
    changed = mine[~mine["change"].isin([rows.SAME, rows.NEVER])]
    yield f"{case.title}: changes {len(changed)} of {len(mine)} flows."
    order = {what: at for at, what in enumerate(rows.CHANGES)}
    ordered = changed.sort_values("change", key=lambda kind: kind.map(order), kind="stable")
    for row in ordered.head(most or len(ordered)).to_dict("records"):
        told = effect(row)
        if row["change"] == rows.CUT:
            told += f": {lost(comparison, case, row['flow_id']) or row['obstacle']}"
        yield f"  {row['title']}: {told}."
    if most is not None and len(ordered) > most:
        yield f"  And {len(ordered) - most} more flows, in the tables below."
    for kind, told in ((rows.SAME, "It does not change"), (rows.NEVER, "Still impossible")):
        titles = mine.loc[mine["change"] == kind, "title"].tolist()
        if titles and (most is None or len(titles) <= most):
            yield f"  {told}: {'; '.join(titles)}."
        elif titles:
            yield f"  {told}: {len(titles)} flows."
    new = comparison.exposure
    new = new[(new["scenario"] == case.name) & new["new"] & new["stranded"]]
    if len(new):
        names = list(dict.fromkeys(new["name"]))
        yield f"  Without a way round, flows come to depend on {', '.join(map(short, names))}."
    yield from _winners(comparison.countries, case.name)


def effect(row: dict[Any, Any]) -> str:
    """What became of one flow, with the figures."""
    figures = f"{row['length_km']:,.0f} km{_plus(row['hours'], 'h')}{_plus(row['usd_per_t'], '$')}"
    if row["change"] in {rows.OPENED, rows.ADDED}:
        return f"{row['change']}, {figures}{_by(row['via'])}"
    if row["change"] == rows.CUT:
        tonnes = row["stranded_t"]
        return str(row["change"]) + ("" if math.isnan(tonnes) else f", {tonnes:,.0f} t stranded")
    gaps = [
        f"{row[f'd_{name}']:+,.{digits}f} {unit}"
        for name, digits, unit in (("length_km", 0, "km"), ("hours", 0, "h"),
                                   ("usd_per_t", 1, "USD/t"), ("borders", 0, "borders"),
                                   ("gauge_breaks", 0, "gauge breaks"))
        if row[f"d_{name}"] and not math.isnan(row[f"d_{name}"])
    ]  # fmt: skip
    how = f"another way{_by(row['via'])}" if row["change"] == rows.WAY else "the same way"
    return f"{how}, {', '.join(gaps) or 'as long and as dear'} ({figures})"


def lost(comparison: Comparison, case: Case, flow_id: str) -> str:
    """What of a flow's way in the base is not open in a scenario; empty: a rule forbids it."""
    before = comparison.route(flow_id)
    places = [place for place in before.place_ids if place in case.net.closed_places]
    legs = before.legs
    shut = set(case.net.link_table["link_id"][~case.net.state_allows])
    lines = legs.loc[legs["link_id"].isin(shut), "line_id"]
    names = [case.net.label(name) for name in dict.fromkeys(places or lines.tolist())]
    told = ", ".join(str(name) for name in names)
    return f"closed at {told}" if told else ""


def _plus(value: float, unit: str) -> str:
    if math.isnan(value):
        return ""
    return f", {value:,.0f} h" if unit == "h" else f", {value:,.1f} USD/t"


def _by(via: object) -> str:
    return f" by {short(via)}" if isinstance(via, str) and via else ""


def short(via: str) -> str:
    """Crossings without the word that they are borders."""
    return _BORDER.sub("", via)


def _winners(countries: pd.DataFrame, name: str) -> Iterator[str]:
    mine = countries[(countries["scenario"] == name) & (countries["d_transit_usd"].abs() >= 1)]
    for word, part in (
        ("gain", mine[mine["d_transit_usd"] > 0].head(_NAMED)),
        ("lose", mine[mine["d_transit_usd"] < 0].iloc[::-1].head(_NAMED)),
    ):
        if len(part):
            told = ", ".join(
                f"{country} {abs(usd) / 1e6:,.2f} million"
                for country, usd in zip(part["name"], part["d_transit_usd"], strict=True)
            )
            yield f"  In transit revenue {word}: {told} USD."
