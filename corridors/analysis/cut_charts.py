"""Charts of cuts, worst closures and resilience."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

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
