"""What a railway through Meghri (TRIPP) changes and what it does not: the question in the README.

``python -m corridors.comparison.tripp`` prints the section.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.cards.library import scenario
from corridors.cards.scenario import Scenario
from corridors.comparison import prices, rows, words
from corridors.comparison.cases import BASE
from corridors.comparison.comparing import compare

if TYPE_CHECKING:
    from corridors.comparison.result import Comparison
    from corridors.network import Network

QUESTION = "What does a railway through Meghri change, and what does it not change?"
DAY = "2026-06-01"
_FLOWS = (
    ("baku-nakhchivan", "Baku – Nakhchivan", "baku-freight", "nakhchivan", "general", "AZ", "AZ"),
    ("nakhchivan-kars", "Nakhchivan – Kars", "nakhchivan", "kars", "general", "AZ", "TR"),
    ("grain", "Kazakh grain to Yerevan", "kostanay", "yerevan", "wheat", "KZ", "AM"),
    ("fuel", "Azerbaijani fuel to Yerevan", "baku-freight", "yerevan", "oil-products", "AZ", "AM"),
    ("middle-kars", "Middle Corridor to Kars", "altynkol", "kars", "general", "CN", "TR"),
    ("middle-mersin", "Middle Corridor to Mersin", "altynkol", "mersin", "general", "CN", "TR"),
)
_ALONE, _YERASKH = "TRIPP", "TRIPP and Yeraskh–Nakhchivan"
_KARS, _DATED = "TRIPP and Nakhchivan–Kars", "Yeraskh–Nakhchivan in 2027, TRIPP in 2029"
_IF = "If Yeraskh–Nakhchivan opened in 2027 and TRIPP in 2029"
_TOLD = 2
"""Switching values told for each flow and scenario."""


def question_flows() -> pd.DataFrame:
    """The flows of the question, without tonnes: it is about ways and prices."""
    names = (
        "flow_id", "title", "origin", "destination", "commodity", "cargo_origin",
        "cargo_destination",
    )  # fmt: skip
    table = pd.DataFrame(list(_FLOWS), columns=list(names))
    by_sea = table["flow_id"].str.startswith("middle")
    return table.assign(modes=by_sea.map({True: "rail ferry", False: "rail"}))


def question_scenarios() -> dict[str, Scenario]:
    """TRIPP alone, and with each of the two lines that would carry it on, also by dates."""
    tripp = scenario("tripp-open")
    yeraskh = Scenario("yeraskh-too", title="Yeraskh–Nakhchivan is open", question=QUESTION).open(
        "yeraskh-nakhchivan"
    )
    kars = Scenario("kars-too", title="Nakhchivan–Kars is open").open("nakhchivan-kars")
    dated = (
        Scenario(
            "opening-dates",
            title="Yeraskh–Nakhchivan opens in 2027, TRIPP in 2029",
            assumptions=["The two dates are examples; nobody has announced them."],
        )
        .open("yeraskh-nakhchivan", on="2027-01-01")
        .open("tripp", on="2029-01-01")
    )
    return {
        _ALONE: tripp,
        _YERASKH: tripp + yeraskh,
        _KARS: tripp + kars,
        _DATED: dated,
    }


def answer(net: Network, **options: Any) -> Comparison:
    """The comparison that the README tells; options as for :func:`corridors.compare`."""
    return compare(net, question_scenarios(), question_flows(), question=QUESTION, **options)


_SHORT = {
    BASE: "as things are",
    _ALONE: _ALONE,
    _YERASKH: _YERASKH,
    _KARS: _KARS,
}


def markdown(found: Comparison) -> str:
    """The section of the README: what changes, what does not, at which prices and dates."""
    return "\n".join([*_table(found), "", *_unmoved(found), *_prices(found), *_dates(found), ""])


def _table(found: Comparison) -> Iterator[str]:
    yield (
        f"On {found.network.as_of}, by least dollars a tonne with the hours at a value of time; "
        "**bold**: what changes.\n"
    )
    yield f"| km · hours · USD/t | {' | '.join(_SHORT.values())} |"
    yield "|---|" + "---|" * len(_SHORT)
    table = found.table.set_index(["scenario", "flow_id"])
    for flow_id, title in zip(question_flows()["flow_id"], question_flows()["title"], strict=True):
        cells = [_figures(table.loc[(name, flow_id)]) for name in _SHORT]
        yield f"| {title} | {' | '.join(cells)} |"


def _figures(row: pd.Series[Any]) -> str:
    if pd.isna(row["length_km"]):
        return "no way"
    text = f"{row['length_km']:,.0f} · {row['hours']:,.0f} · {row['usd_per_t']:,.1f}"
    return text if row["change"] in {rows.SAME, rows.NEVER} else f"**{text}**"


def _unmoved(found: Comparison) -> Iterator[str]:
    titles = question_flows().set_index("flow_id")["title"]
    for name in (_ALONE, _YERASKH, _KARS):
        ids = prices.untouched(found, name)
        if ids:
            yield (
                f"- {_SHORT[name]}: at no price would it move {', '.join(titles[ids])}; it offers "
                "them no way that was not there."
            )


def _prices(found: Comparison) -> Iterator[str]:
    titles = question_flows().set_index("flow_id")["title"]
    table = found.switches
    table = table[table["opened_now"] != table["opened_then"]]
    for (name, flow_id), group in table.groupby(["scenario", "flow_id"], sort=False):
        if name not in _SHORT:
            continue
        first = group.iloc[0]
        verb = "comes to use" if first["opened_then"] else "uses"
        ends = "" if first["opened_then"] else " as long as these hold"
        told = [
            f"`{row['parameter_id']}` {_bound(row)} {row['value']:.3g} {row['unit']} "
            f"(now {row['now']:.3g}{'' if row['in_range'] else ', outside its range'})"
            for row in group.head(_TOLD).to_dict("records")
        ]
        yield (
            f"- {_SHORT[str(name)]}: {titles[str(flow_id)]} {verb} what it opens{ends}: "
            f"{' or '.join(told) if first['opened_then'] else ' and '.join(told)}."
        )


def _bound(row: dict[Any, Any]) -> str:
    """Which side of the value is meant: that on which the new line is used."""
    return "above" if (row["value"] > row["now"]) == bool(row["opened_then"]) else "below"


def _dates(found: Comparison) -> Iterator[str]:
    titles = question_flows().set_index("flow_id")["title"]
    table = found.dates
    table = table[(table["scenario"] == _DATED) & ~table["same_as_base"].astype(bool)]
    for day, group in table.groupby("date", sort=True):
        told = [
            f"{titles[row['flow_id']]} {row['length_km']:,.0f} km by {words.short(row['via'])}"
            for row in group.to_dict("records")
        ]
        yield f"- {_IF}: from {day} {'; '.join(told)}."


if __name__ == "__main__":
    from corridors.sources.reference import load

    print(markdown(answer(load(DAY), progress=False)), end="")  # noqa: T201
