"""A route in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.costs.model import value_of_time_row
from corridors.schema import NEWEST_SOURCE
from corridors.words import COUNTRY_NAMES, LENGTH_KINDS

if TYPE_CHECKING:
    from corridors.routing.route import Route


def explain(route: Route, table: pd.DataFrame, costs: Sequence[str]) -> str:
    """Length, countries, borders, changes on the way, what is assumed, and sources.

    Parameters
    ----------
    route : Route
    table : DataFrame
        Its links in order.
    costs : sequence of str
        What there is to say of hours and dollars.
    """
    if table.empty:
        return f"{route.origin}: start and end are the same place."
    used = " and ".join(m for m in route.by_mode if m in {"rail", "road", "ferry"})
    km = f"{route.length_km:,.0f} km"
    kinds = table.groupby("length_kind", sort=False)["length_km"].sum()
    return "\n".join(
        [
            f"{route.origin} to {route.destination} by {used} on {route.as_of}: {km}.",
            "By country: " + _listed(route.by_country, COUNTRY_NAMES) + ".",
            _borders(route),
            _gauges(route),
            *_reversals(route),
            *_transhipments(route),
            *_opened(route),
            "Lengths: " + _listed(kinds.to_dict(), LENGTH_KINDS) + ".",
            *_assumed(table),
            *costs,
            *_generalised(route),
            *_sources(route),
            *_horizon(route),
        ]
    )


def _listed(figures: Mapping[Any, float], names: Mapping[str, str]) -> str:
    return ", ".join(f"{names.get(key, key)} {km:,.0f} km" for key, km in figures.items())


def _borders(route: Route) -> str:
    if not route.borders:
        return "It crosses no border."
    named = ", ".join(f"{b.name} ({b.from_country}→{b.to_country})" for b in route.borders)
    return f"Borders ({len(route.borders)}): {named}."


def _gauges(route: Route) -> str:
    if not route.by_gauge:
        return "No railway is used."
    if not route.gauge_breaks:
        return f"No change of gauge ({', '.join(route.by_gauge)} mm)."
    named = ", ".join(
        f"{g.name} ({g.from_gauge_mm}→{g.to_gauge_mm} mm)" for g in route.gauge_breaks
    )
    return f"Changes of gauge ({len(route.gauge_breaks)}): {named}."


def _transhipments(route: Route) -> list[str]:
    if not route.transhipments:
        return []
    named = ", ".join(f"{t.name} ({t.from_mode}→{t.to_mode})" for t in route.transhipments)
    return [
        f"Transhipments ({len(route.transhipments)}): {named}; for one mode all the way, name it."
    ]


def _reversals(route: Route) -> list[str]:
    if not route.reversals:
        return []
    named = ", ".join(one.name for one in route.reversals)
    hours = route.reversal_hours
    return [f"The train reverses {len(route.reversals)} times, {hours:g} h: {named}."]


def _opened(route: Route) -> list[str]:
    """Lines that only this what-if has open."""
    legs = route.legs
    what_if = legs[legs["state_source"] == "what-if"]
    if what_if.empty:
        return []
    km = what_if.groupby("line", sort=False)["length_km"].sum().to_dict()
    text = f"Opened for this question: {_listed(km, {})}"
    return [text + "; a line to be built is taken at the length and gauge it had or is announced."]


def _assumed(table: pd.DataFrame) -> list[str]:
    km = float(table.loc[table["confidence"] == "assumption", "length_km"].sum())
    return [f"{km:,.0f} km of it rest on an assumption."] if km else []


def _generalised(route: Route) -> list[str]:
    """The one number that was made least, and what an hour counts in it."""
    if route.weight != "generalised":
        return []
    row = value_of_time_row(route.network, route.shipment, route.commodity)
    if row is None or row.central != route.value_of_time:
        whence = "as given"
    else:
        whence = row.parameter_id + (", an assumption" if row.assumed else "")
    hour = f"{route.value_of_time:g} USD a tonne ({whence})"
    return [f"Generalised cost: {route.generalised:,.1f} USD/t, with an hour at {hour}."]


def _sources(route: Route) -> list[str]:
    sources = route.sources
    cited = sources.loc[sources["length_km"] > 0, "title"].dropna().tolist()
    return ["Sources of lengths: " + "; ".join(cited) + "."] if cited else []


def _horizon(route: Route) -> list[str]:
    if route.as_of <= NEWEST_SOURCE:
        return []
    return [f"The newest source is of {NEWEST_SOURCE}: the states of that day are taken to last."]
