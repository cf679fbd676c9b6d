"""Who wins and who loses: tonne-kilometres and transit revenue by country."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.comparison.cases import BASE, Case
from corridors.schema import INTERNATIONAL_WATERS
from corridors.words import COUNTRY_NAMES

if TYPE_CHECKING:
    from corridors.comparison.rows import Found
    from corridors.routing.route import Route

FIGURES = ("tonne_km", "transit_tonne_km", "transit_usd")


def table(cases: list[Case], found: Found) -> pd.DataFrame:
    """Tonne-kilometres and transit revenue of each country in each world.

    Transit is carriage through a country that the cargo neither comes from nor goes to. Its
    revenue is what is paid there for the railway, at borders, in ports and for changes of gauge
    or vehicle, at the central values; what a lorry costs to run goes to its owner and is left out.
    Flows without known tonnes count for nothing.

    Returns
    -------
    DataFrame
        One row a scenario and country: ``scenario``, ``country``, ``name``, ``tonne_km``,
        ``transit_tonne_km``, ``transit_usd`` and their differences from the base (``d_…``), the
        greatest gain in revenue first.
    """
    parts = [
        _of_route(case.name, found[case.name, flow["flow_id"]], flow["tonnes"])
        for case in cases
        for flow in case.flows
        if flow["tonnes"] and not isinstance(found[case.name, flow["flow_id"]], str)
    ]
    keys = ["scenario", "country"]
    columns = [*keys, "name", *FIGURES, *(f"d_{name}" for name in FIGURES)]
    if not parts:
        return pd.DataFrame(columns=columns)
    sums = pd.concat(parts, ignore_index=True).groupby(keys)[list(FIGURES)].sum()
    named = [case.name for case in cases]
    known = sorted(set(sums.index.get_level_values("country")) - {INTERNATIONAL_WATERS})
    full = sums.reindex(pd.MultiIndex.from_product([named, known], names=keys), fill_value=0.0)
    base = full.loc[BASE]
    for name in FIGURES:
        full[f"d_{name}"] = full[name] - base[name].reindex(known).to_numpy().tolist() * len(named)
    result = full.reset_index()
    result["name"] = [COUNTRY_NAMES.get(code, code) for code in result["country"]]
    result["order"] = result["scenario"].map({name: at for at, name in enumerate(named)})
    result["gain"] = -result["d_transit_usd"].round(2)
    result = result.sort_values(["order", "gain", "country"], ignore_index=True)
    return result[columns]


def _of_route(scenario: str, route: Route | str, tonnes: float) -> pd.DataFrame:
    assert not isinstance(route, str)  # noqa: S101  (told apart by the caller)
    km = pd.Series(route.by_country, dtype=float)
    ends = {route.shipment.origin, route.shipment.destination}
    data: dict[str, Any] = {"tonne_km": km * tonnes}
    data["transit_tonne_km"] = data["tonne_km"].where(~km.index.isin(ends), 0.0)
    if route.network.costs and route.shipment.traffic != "passenger":
        paid = _charges(route)
        data["transit_usd"] = paid[~paid.index.isin(ends)] * tonnes
    rows = pd.DataFrame(data).reindex(columns=list(FIGURES)).fillna(0.0)
    rows = rows.rename_axis("country").reset_index()
    return rows.assign(scenario=scenario)


def _charges(route: Route) -> pd.Series[float]:
    """USD a tonne paid in each country, without what lorries cost to run."""
    costs = route.costs_by_country
    lorries = (costs["mode"] == "road") & (costs["cause"] == "moving")
    return costs[~lorries].groupby("country")["usd"].sum()
