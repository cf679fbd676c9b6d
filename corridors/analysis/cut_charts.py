"""Charts of cuts, worst closures and resilience."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.charts import COLOURS, INK, Chart, axes
from corridors.words import COUNTRY_NAMES, listed

if TYPE_CHECKING:
    from corridors.routing.graph import FloatArray

_BAR_IN = 0.42  # height of a bar


def routes_chart(routes: Sequence[tuple[str, Mapping[str, float]]], title: str) -> Chart:
    """Routes as bars of kilometres by country, the first on top.

    Parameters
    ----------
    routes : sequence of (str, mapping)
        What each is called, and its kilometres by country code.
    title : str
    """
    figure, axis = axes(title, height_in=1.8 + _BAR_IN * max(1, len(routes)))
    codes = list(dict.fromkeys(code for _, route in routes for code in route))
    rows = np.arange(len(routes))
    done: FloatArray = np.zeros(len(routes))
    for number, code in enumerate(codes):
        km = np.array([route.get(code, 0.0) for _, route in routes])
        axis.barh(
            rows, km, left=done, height=0.7, color=COLOURS[number % len(COLOURS)],
            edgecolor="white", label=COUNTRY_NAMES.get(code, code),
        )  # fmt: skip
        done = done + km
    lengths = [f"{km:,.0f} km" for km in done.tolist()]
    for row, (km, text) in enumerate(zip(done.tolist(), lengths, strict=True)):
        axis.text(km, row, f" {text}", va="center", fontsize=9, color=INK)
    axis.set_yticks(rows, [name for name, _ in routes], parse_math=False)
    axis.invert_yaxis()
    axis.margins(x=0.12)
    axis.set_xlabel("Kilometres (published), by country", color=INK)
    if codes:
        figure.legend(loc="outside lower center", ncols=5, frameon=False, fontsize=9)
    told = f"{len(routes)} routes: {listed(lengths)}" if routes else "There is none"
    return Chart(figure, f"{title}. {told}.")


_OUTCOMES = {"untouched": "#8a99a6", "diverted": "#e69f00", "stranded": "#d55e00",
             "no way": "#22303c"}  # fmt: skip
_OUTCOME_WORDS = {"no way": "no way even before"}


def outcomes_chart(flows: Mapping[str, pd.DataFrame], title: str) -> Chart:
    """Tonnes by what becomes of them, one bar a set of closures.

    Parameters
    ----------
    flows : mapping of str to DataFrame
        Tables of flows (``outcome``, ``tonnes``) by what each bar is called.
    title : str
    """
    figure, axis = axes(title, height_in=1.8 + _BAR_IN * len(flows))
    rows = np.arange(len(flows))
    sums = (
        pd.DataFrame(
            [table.groupby("outcome")["tonnes"].sum() for table in flows.values()],
            index=list(flows),
        )
        .reindex(columns=list(_OUTCOMES))
        .fillna(0.0)
    )
    done = np.zeros(len(flows))
    for outcome, colour in _OUTCOMES.items():
        tonnes = sums[outcome].to_numpy(float) / 1e6
        if tonnes.any():
            axis.barh(
                rows, tonnes, left=done, height=0.7, color=colour, edgecolor="white",
                label=_OUTCOME_WORDS.get(outcome, outcome),
            )  # fmt: skip
        done = done + tonnes
    axis.set_yticks(rows, list(flows), parse_math=False)
    axis.invert_yaxis()
    axis.set_xlabel("Million tonnes", color=INK)
    if done.any():
        figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    told = "; ".join(
        f"{name}: " + listed(f"{t:,.0f} t {outcome}" for outcome, t in row.items() if t)
        for name, row in sums.iterrows()
    )
    return Chart(figure, f"{title}. {told}.")


def curve_chart(curve: pd.DataFrame, tonnes: float, title: str, steps: str) -> Chart:
    """Tonnes served against the number of closures, with their range where there is one.

    Parameters
    ----------
    curve : DataFrame
        ``closures``, ``served_t``, ``served_t_low``, ``served_t_high``.
    tonnes : float
        Of all flows: where the axis ends.
    title : str
    steps : str
        Name of the horizontal axis.
    """
    from matplotlib.ticker import MaxNLocator

    figure, axis = axes(title)
    at = curve["closures"].to_numpy(float)
    served, low, high = (
        curve[name].to_numpy(float) / 1e6 for name in ("served_t", "served_t_low", "served_t_high")
    )
    if (low < high).any():
        axis.fill_between(at, low, high, color=COLOURS[0], alpha=0.18, lw=0, label="least to most")
        axis.plot(at, served, color=COLOURS[0], marker="o", label="mean")
        figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    else:
        axis.plot(at, served, color=COLOURS[0], marker="o", drawstyle="steps-post")
    axis.set_ylim(0, tonnes / 1e6 * 1.05 or 1)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlabel(steps, color=INK)
    axis.set_ylabel("Served, million tonnes", color=INK)
    told = f"{served[0]:,.2f} million tonnes before any closure, {served[-1]:,.2f} after"
    return Chart(figure, f"{title}. {told} {at[-1]:.0f}.")
