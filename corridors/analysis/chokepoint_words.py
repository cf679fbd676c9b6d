"""Chokepoints in sentences and as bars."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.errors import ArgumentError
from corridors.words import COUNTRY_NAMES

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from corridors.analysis.chokepoints import Chokepoints
    from corridors.charts import Chart

_TOP = 3
_FLOWS = 6  # flows named in a sentence
_SOURCES = 2  # sources named for a flow


def explain(found: Chokepoints) -> str:
    """See :meth:`.Chokepoints.explain`."""
    flows = found.flows
    routed = flows[flows["routed"]]
    period = routed.loc[routed["basis"] == "period", "tonnes"].sum()
    lines = [
        f"On {found.net.as_of}, by {_WEIGHTS[found.weight]}: {len(routed)} of {len(flows)} flows "
        f"have a route, {routed['tonnes'].sum():,.0f} t"
        + (f", of which {period:,.0f} t are those of a period, not of a year" if period else "")
        + "."
    ]
    lines += [_loss(found, first, others) for first, others in islice(_folded(found), _TOP)]
    if not len(found.table):
        lines.append("Nothing is on a route, so nothing can be lost.")
    lines += [
        f"No route: {row['flow_id']}: {row['reason']}."
        for row in flows[~flows["routed"]].to_dict("records")
    ]
    if found.skipped:
        reasons = ", ".join(f"{name} ({why})" for name, why in found.skipped.items())
        lines.append(f"Left out: {reasons}.")
    return "\n".join([*lines, *cited(flows)])


_WEIGHTS = {
    "length": "length", "hours": "hours", "usd_per_t": "dollars a tonne",
    "generalised": "generalised cost",
}  # fmt: skip


_ALIKE = ["flows", "stranded_t", "diverted_t", "extra_tonne_km", "detour", "bridge"]
"""Links and places in a row that agree in these are one chokepoint in words and bars."""


def _folded(found: Chokepoints) -> Iterator[tuple[dict[Hashable, Any], list[str]]]:
    """The first of each run of chokepoints that are alike, and the names of the others."""
    keys = _ALIKE if found.by in {"link", "place"} else "subject"
    for _, rows in found.table.groupby(keys, sort=False, dropna=False):
        yield rows.iloc[0].to_dict(), rows["name"].tolist()[1:]


def _loss(found: Chokepoints, row: Mapping[Hashable, Any], others: list[str]) -> str:
    mine = found.by_flow[found.by_flow["subject"] == row["subject"]]
    parts = []
    if row["stranded_t"] or (mine["stranded"].any() and not row["diverted_t"]):
        share = row["stranded_t"] / row["tonnes"] if row["tonnes"] else np.nan
        stranded = mine[mine["stranded"]].sort_values("tonnes", ascending=False, kind="stable")
        parts.append(
            f"strands {row['stranded_t']:,.0f} t"
            + ("" if np.isnan(share) else f", {share:.0%} of what goes through it")
            + f" ({some(stranded['flow_id'])})"
        )
    if row["diverted_t"]:
        countries = " → ".join(
            COUNTRY_NAMES.get(code, code) for code in row["detour_countries"].split()
        )
        parts.append(
            f"sends {row['diverted_t']:,.0f} t round, by {row['extra_km_per_t']:+,.0f} km, "
            f"{row['extra_hours_per_t']:+,.1f} h and {row['extra_usd_per_t']:+,.1f} USD a tonne "
            f"(largest: {row['detour']}; {countries}; {_spare(row)})"
        )
    if not parts:
        parts.append("sends nothing of known tonnes round")
    cut = row["min_cut_flows"].split()
    also = [
        text
        for text, holds in (
            ("it is a bridge", row["bridge"]),
            (f"it lies in a smallest cut of {some(cut)}", bool(cut)),
        )
        if holds
    ]
    tail = f" ({'; '.join(also)})" if also else ""
    same = f" So does losing any of {len(others)} more: {some(others)}." if others else ""
    return f"Losing {row['name']} ({row['country']}) {' and '.join(parts)}{tail}.{same}"


def _spare(row: Mapping[Hashable, Any]) -> str:
    spare = row["detour_spare_t_per_year"]
    if np.isnan(spare):
        return "no capacity along it is published"
    return (
        f"spare capacity {spare:,.0f} t a year, known for {row['detour_capacity_known']:.0%} of it"
    )


def some(names: Iterable[str]) -> str:
    """Names in a sentence, not too many of them."""
    listed = list(names)
    more = f" and {len(listed) - _FLOWS} more" if len(listed) > _FLOWS else ""
    return ", ".join(listed[:_FLOWS]) + more


def cited(flows: pd.DataFrame) -> list[str]:
    """A sentence with the sources of the tonnes, if flows name any."""
    parts = [
        f"{row['flow_id']} [{' '.join(row['sources'].split()[:_SOURCES])}]"
        for row in flows.to_dict("records")
        if row["sources"] and not pd.isna(row["tonnes"])
    ]
    return [f"Tonnes by: {'; '.join(parts)}."] if parts else []


def chart(found: Chokepoints, top: int) -> Chart:
    """See :meth:`.Chokepoints.chart`."""
    from corridors.charts import COLOURS, Chart, axes

    if not (isinstance(top, int) and not isinstance(top, bool) and top > 0):
        raise ArgumentError(f"top={top!r} must be a whole number, 1 or more")
    folded = list(islice(_folded(found), top))[::-1]
    names = [
        f"{first['name']} and {len(others)} more" if others else str(first["name"])
        for first, others in folded
    ]
    title = f"What the loss of one {found.by} does, {found.net.as_of}"
    figure, axis = axes(title, height_in=1.6 + 0.34 * max(len(folded), 1))
    at = np.arange(len(folded))
    stranded, diverted = (
        np.array([first[name] for first, _ in folded], float)
        for name in ("stranded_t", "diverted_t")
    )
    axis.barh(at, stranded, color=COLOURS[1], label="stranded")
    axis.barh(at, diverted, left=stranded, color=COLOURS[0], label="diverted", hatch="//", ec="w")
    axis.set_yticks(at, labels=names, parse_math=False)
    axis.grid(visible=False, axis="y")
    axis.xaxis.set_major_formatter(lambda tonnes, _: f"{tonnes / 1e6:g}")
    axis.set_xlabel("million tonnes, a year or a flow's own period")
    figure.legend(frameon=False, loc="outside lower right", ncols=2)
    worst = names[-1] if names else "none"
    alt = f"Bars of tonnes stranded and diverted by the loss of one {found.by}; worst: {worst}."
    return Chart(figure, alt)
