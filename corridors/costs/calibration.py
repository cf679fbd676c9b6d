"""The cost model beside what was reported: where it agrees, and where it misses.

``python -m corridors.costs.calibration`` prints ``docs/calibration.md``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.costs.parameter_schema import CalibrationRow
from corridors.errors import NoRoute
from corridors.tables import data_folder, read_table

if TYPE_CHECKING:
    from corridors.network import Network
    from corridors.routing.route import Route

SLACK = 0.1
"""A central value agrees if it is within this share of what was reported."""
_UNITS = {"hours": "h", "border_hours": "h", "running_usd": "USD/t", "usd": "USD/t", "kmh": "km/h"}


def calibration_table(net: Network, *, data: str | Path | None = None) -> pd.DataFrame:
    """Modelled hours and dollars beside reported ones.

    Parameters
    ----------
    net : Network
        Each row is routed by least hours on its own date.
    data : path, optional
        Data folder; the embedded one if not given.

    Returns
    -------
    DataFrame
        One row a reported figure: ``calibration_id``, ``title``, ``measure``, ``unit``,
        ``reported_low`` (NaN: "within"), ``reported_high``, ``model_low``, ``model_central``,
        ``model_high`` (NaN: no route), ``verdict`` ("agrees": central within 10 % of what was
        reported; "in range": only the range reaches it; "misses"), ``independent`` (False where
        the figure also went into a parameter, so that agreement proves little),
        ``assumptions`` (number of parameters behind it that are), ``source``, ``note``.

    Examples
    --------
    >>> import corridors as co
    >>> table = calibration_table(co.load("2026-06-01"))
    >>> sorted(set(table["verdict"]))
    ['agrees', 'in range', 'misses']
    """
    folder = data_folder() if data is None else Path(data)
    records = []
    for row in read_table(folder, "calibration", CalibrationRow):
        low, central, high, assumed = _modelled(net, row)
        records.append(
            {
                **row.model_dump(include={"calibration_id", "title", "measure"}),
                "unit": _UNITS[row.measure],
                "reported_low": row.reported_low, "reported_high": row.reported_high,
                "model_low": low, "model_central": central, "model_high": high,
                "verdict": verdict(row, low, central, high),
                "independent": row.independent, "assumptions": assumed,
                "source": row.source, "note": row.note,
            }
        )  # fmt: skip
    table = pd.DataFrame(records)
    figures = ["reported_low", "reported_high", "model_low", "model_central", "model_high"]
    table[figures] = table[figures].astype(float).round(2)
    return table


def verdict(row: CalibrationRow, low: float, central: float, high: float) -> str:
    """Whether a modelled value agrees with a reported one."""
    least = 0.0 if row.reported_low is None else row.reported_low
    if least * (1 - SLACK) <= central <= row.reported_high * (1 + SLACK):
        return "agrees"
    rounding = 1e-9 * row.reported_high
    reached = low <= row.reported_high + rounding and least <= high + rounding
    return "in range" if reached else "misses"


def _modelled(net: Network, row: CalibrationRow) -> tuple[float, float, float, int]:
    try:
        route = net.route(
            row.from_place, row.to_place, via=row.via, modes=row.modes,
            commodity=row.commodity, as_of=row.as_of, weight="hours",
            cargo_origin=row.cargo_origin, cargo_destination=row.cargo_destination,
        )  # fmt: skip
    except NoRoute:
        nan = float("nan")
        return nan, nan, nan, 0
    low, central, high = _figures(route, row.measure)
    assumed = {name for cell in route.costs["assumed"] for name in cell.split()}
    return low, central, high, len(assumed)


def _figures(route: Route, measure: str) -> tuple[float, float, float]:
    low_h, high_h = route.hours_range
    if measure == "hours":
        return low_h, route.hours, high_h
    if measure == "kmh":
        return route.length_km / high_h, route.length_km / route.hours, route.length_km / low_h
    if measure == "usd":
        low, high = route.usd_range
        return low, route.usd_per_t, high
    causes = {"border_hours": ["border"], "running_usd": ["moving", "tariff"]}[measure]
    name = "hours" if measure == "border_hours" else "usd"
    rows = route.costs[route.costs["cause"].isin(causes)]
    low, central, high = (
        float(rows[f"{name}_{case}"].sum()) for case in ("low", "central", "high")
    )
    return low, central, high


_HEAD = """# How right the hours and dollars are

Made by `python -m corridors.costs.calibration`; a test keeps it up to date. Each figure is
routed by least hours on its own date. *Agrees*: the central value lies within 10 % of what was
reported. *In range*: only the range between low and high reaches it. *Misses*: not even that.
Where a figure also went into a parameter (*input*), agreement shows that the sums are right, not
that the model is.

| reported | source | reported value | model: central (low to high) | verdict | evidence |
|---|---|---|---|---|---|
"""


def markdown(net: Network) -> str:
    """The table and what it says, as Markdown."""
    table = calibration_table(net)
    rows = [_line(row) for row in table.to_dict("records")]
    return _HEAD + "\n".join(rows) + "\n\n" + _summary(table)


def _line(row: dict[Any, Any]) -> str:
    unit, low, high = row["unit"], row["reported_low"], row["reported_high"]
    reported = f"{low:g} to {high:g}" if low < high else f"{high:g}"
    reported = reported if low == low else f"within {high:g}"  # noqa: PLR0124  (NaN)
    model = f"{row['model_central']:.1f} ({row['model_low']:.1f} to {row['model_high']:.1f})"
    evidence = "independent" if row["independent"] else "input"
    return (
        f"| {row['title']} | {row['source']} | {reported} {unit} | {model} | "
        f"{row['verdict']} | {evidence} |"
    )


def _summary(table: pd.DataFrame) -> str:
    counts = table["verdict"].value_counts()
    free = table[table["independent"]]
    words = {"agrees": "agree", "in range": "are in range only", "misses": "miss"}
    told = ", ".join(f"{counts.get(name, 0)} {word}" for name, word in words.items())
    agree = int((free["verdict"] == "agrees").sum())
    lines = [
        f"Of {len(table)} figures: {told}. Of the {len(free)} independent ones {agree} agree.\n",
        "## Remarks, and why it misses\n",
    ]
    lines += [
        f"- **{row['title']}** ({row['verdict']}): {row['note']}"
        for row in table.to_dict("records")
        if isinstance(row["note"], str)
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    from corridors.sources.reference import load

    print(markdown(load("2026-06-01")), end="")  # noqa: T201
