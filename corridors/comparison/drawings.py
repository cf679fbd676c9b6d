"""Charts of a comparison."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from corridors.charts import COLOURS, GRID, INK, Chart, axes
from corridors.errors import ArgumentError

if TYPE_CHECKING:
    from corridors.comparison.result import Comparison

UNITS = {
    "length_km": "km", "hours": "hours", "usd_per_t": "USD a tonne",
    "generalised": "USD a tonne, hours included",
}  # fmt: skip
_WIDE = 44
_SHAPES = "os^Dv<>P"


def marks(comparison: Comparison, value: str, flows: Sequence[str] | None) -> Chart:
    """Each flow a line, each scenario a mark; with draws, the range from p5 to p95."""
    if value not in UNITS:
        known = ", ".join(UNITS)
        raise ArgumentError(f"value={value!r} cannot be drawn; available: {known}")
    wanted = comparison.flow_ids(flows)
    table = comparison.pivot(value).loc[wanted]
    names = list(comparison.scenarios)
    count = len(names)
    height = 1.4 + 0.2 * count + len(wanted) * max(0.42, 0.17 * count)
    figure, axis = axes(f"What changes, {UNITS[value]}", height_in=height)
    spread = np.linspace(-0.28, 0.28, count) if count > 1 else np.zeros(1)
    at = np.arange(len(wanted))[::-1]
    for number, name in enumerate(names):
        colour = INK if number == 0 else COLOURS[(number - 1) % len(COLOURS)]
        y = at - spread[number]
        x = table[name].to_numpy(float)
        _range(comparison, axis, name, value, wanted, y, colour)
        axis.plot(
            x, y, _SHAPES[number % len(_SHAPES)], color=colour, markersize=6,
            label=_plain(comparison.scenarios[name]), linestyle="none", zorder=3,
        )  # fmt: skip
        missing = np.isnan(x)
        for line in y[missing]:
            axis.annotate(
                "no route", (0, line), xycoords=("axes fraction", "data"), xytext=(4, 0),
                textcoords="offset points", va="center", fontsize=7, color=colour,
            )  # fmt: skip
    axis.set_yticks(at, [_plain(textwrap.fill(str(title), _WIDE)) for title in table["title"]])
    axis.set_ylim(-0.6, len(wanted) - 0.4)
    axis.set_xlim(left=0)
    axis.set_xlabel(UNITS[value], color=INK)
    for line in at[:-1]:
        axis.axhline(line - 0.5, color=GRID, linewidth=0.7)
    axis.grid(visible=False, axis="y")
    figure.legend(loc="outside lower left", ncols=1, frameon=False, fontsize=8)
    told = "; ".join(comparison.scenarios.values())
    return Chart(figure, f"{UNITS[value]} of {len(wanted)} flows in: {told}")


def _range(
    comparison: Comparison, axis: object, name: str, value: str, wanted: Sequence[str],
    y: np.ndarray[tuple[int], np.dtype[np.float64]], colour: str,
) -> None:  # fmt: skip
    """Lines from p5 to p95, where the parameters were drawn."""
    if comparison.ranges is None:
        return
    table = comparison.ranges.table
    mine = table[(table["scenario"] == name) & (table["measure"] == value)].set_index("flow_id")
    if mine.empty:
        return
    mine = mine.reindex(list(wanted))
    axis.hlines(y, mine["p5"], mine["p95"], color=colour, linewidth=1.6, alpha=0.55)  # type: ignore[attr-defined]


def _plain(text: str) -> str:
    """Text in which matplotlib sees no formula."""
    return text.replace("$", r"\$")
