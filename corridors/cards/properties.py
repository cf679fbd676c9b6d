"""Changes of links: their properties and capacities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.cards.effects import CellEffect, Effect, OperatorEffect, ParameterEffect
from corridors.cards.expect import expect_links
from corridors.cards.finder import Found, whole_lines
from corridors.cards.gauges import GaugeEffect
from corridors.cards.numbers import new_parameter
from corridors.costs.parameter_schema import ParameterRow
from corridors.errors import ScenarioError
from corridors.schema import OperatorRow
from corridors.whatif import WHAT_IF

if TYPE_CHECKING:
    from corridors.cards.world import Context, World


def set_properties(change: Any, world: World, context: Context) -> tuple[Effect, ...]:
    """Properties of links are set."""
    period, label = context.period, context.label
    found = world.finder.find(change.set)
    expect_links(change, world, found)
    links = world.finder.links
    _links_only(found, "a property")
    ids = links["link_id"].to_numpy(object)[found.rows].tolist()
    cells: dict[str, dict[str, Any]] = {}
    effects: list[Effect] = []
    for name, value in change.to.given.items():
        if name == "operator":
            operator, effect = operator_of(value, world, context)
            cells["operator_id"] = dict.fromkeys(ids, operator)
            effects += effect
        elif name == "speed_km_h":
            new = _speeds(value, found, world, context)
            effects.append(ParameterEffect(period, label, new=tuple(new)))
        elif name == "gauge_mm":
            effects.append(GaugeEffect(period, label, tuple(ids), value, context.own_id))
        else:
            cells[name] = dict.fromkeys(ids, value)
    if "length_km" in cells:
        cells["length_kind"] = dict.fromkeys(ids, "estimate")
        cells["length_source"] = dict.fromkeys(ids, WHAT_IF)
        cells["confidence"] = dict.fromkeys(ids, "assumption")
    return (*effects, CellEffect(period, label, cells)) if cells else tuple(effects)


def _links_only(found: Found, what: str) -> None:
    if not len(found.rows):
        raise ScenarioError(f"{what} belongs to links, and only places are selected")


def operator_of(value: Any, world: World, context: Context) -> tuple[str, list[Effect]]:
    """Id of an operator and, where the data do not know it, the effect that adds it."""
    if isinstance(value, str):
        return world.finder.operator_id(value), []
    if (world.draft.tables.operators["operator_id"] == value.operator_id).any():
        raise ScenarioError(f"operator {value.operator_id!r} is in the data already; name its id")
    row = OperatorRow(**value.model_dump(), source=WHAT_IF, confidence="assumption")
    return value.operator_id, [OperatorEffect(label=context.label, row=row)]


def _speeds(
    value: tuple[float, float, float], found: Found, world: World, context: Context
) -> list[ParameterRow]:
    """Parameters that give links a speed: one a whole line, else one a link."""
    links = world.finder.links
    lines, rest = whole_lines(links, found.rows)
    whole = links[links["line_id"].isin(lines)]
    # As many keys as the speeds of the data have, and the line, so that this one wins.
    keys = ["mode", "country", "line_id"]
    wanted = [
        {"mode": mode, "country": country, "line": line}
        for mode, country, line in whole[keys].drop_duplicates().to_numpy().tolist()
    ]
    wanted += [
        {"mode": mode, "country": country, "line": line, "from": start, "to": end}
        for mode, country, line, start, end in links.iloc[rest][[*keys, "from_place", "to_place"]]
        .to_numpy()
        .tolist()
    ]
    return [
        new_parameter("speed", "km/h", value, keys, context, part)
        for part, keys in enumerate(wanted)
    ]


def set_capacity(change: Any, world: World, context: Context) -> tuple[Effect, ...]:
    """Capacities of links are set, or those that are known scaled."""
    found = world.finder.find(change.capacity)
    expect_links(change, world, found)
    _links_only(found, "a capacity")
    links = world.finder.links.iloc[found.rows]
    ids = links["link_id"].tolist()
    if change.factor is not None:
        known = links["capacity_t_per_year"].to_numpy(float)
        if np.isnan(known).all():
            raise ScenarioError("no capacity of these links is known; give t_per_year")
        ids = np.array(ids, object)[~np.isnan(known)].tolist()
        values = dict(zip(ids, known[~np.isnan(known)] * change.factor, strict=True))
    else:
        values = dict.fromkeys(ids, change.t_per_year)
    cells = {
        "capacity_t_per_year": values,
        "capacity_source": dict.fromkeys(ids, WHAT_IF),
        "capacity_note": dict.fromkeys(ids, context.label),
    }
    return (CellEffect(context.period, context.label, cells),)
