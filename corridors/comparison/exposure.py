"""Which crossings each flow depends on, and which of these dependences a scenario brings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.comparison.answers import asked
from corridors.comparison.cases import BASE

if TYPE_CHECKING:
    from corridors.comparison.result import Comparison

COLUMNS = ("scenario", "flow_id", "crossing", "name", "stranded", "extra", "new")


def table(comparison: Comparison) -> pd.DataFrame:
    """What the loss of each border crossing on its route does to each flow, in each world.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    DataFrame
        One row a scenario, flow and crossing passed: ``crossing`` (place id), ``name``,
        ``stranded`` (no other way is left), ``extra`` (what the next best way weighs more, in
        units of the comparison's weight; NaN: none is left), ``new`` (the flow did not pass this
        crossing in the base, or passed it with another way to fall back on).
    """
    records: list[dict[str, Any]] = []
    for case in comparison.cases:
        for flow in case.flows:
            route = comparison.found[case.name, flow["flow_id"]]
            if isinstance(route, str) or not route.borders:
                continue
            wanted = asked(case.net, flow, dict(comparison.options))
            names = {border.place_id: border.name for border in route.borders}
            lost = case.net.closures(
                [(flow["origin"], flow["destination"])],
                {name: name for name in names},
                weight=wanted.weight,
                modes=wanted.modes,
                commodity=wanted.commodity,
                cargo_origin=wanted.cargo_origin,
                cargo_destination=wanted.cargo_destination,
                avoid=comparison.options.get("avoid", ()),
                value_of_time=wanted.value_of_time,
                max_snap_km=wanted.max_snap_km,
            )
            records += [
                {
                    "scenario": case.name,
                    "flow_id": flow["flow_id"],
                    "crossing": name,
                    "name": names[name],
                    "stranded": bool(gone),
                    "extra": math.nan if gone else extra,
                }
                for name, gone, extra in zip(
                    lost["closure"], lost["stranded"], lost["extra"], strict=True
                )
            ]
    found = pd.DataFrame(records, columns=list(COLUMNS[:-1]))
    keys = ["flow_id", "crossing"]
    base = found[found["scenario"] == BASE].set_index(keys)["stranded"]
    before = base.reindex(pd.MultiIndex.from_frame(found[keys]))
    fallback = before.notna().to_numpy() & (before.eq(True).to_numpy() | ~found["stranded"])
    found["new"] = (found["scenario"] != BASE) & ~fallback
    return found.astype({"extra": float, "stranded": bool, "new": bool})
