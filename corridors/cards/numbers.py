"""Changes of numbers of the cost model: tariffs, dwell times, speeds, any parameter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from corridors.cards.effects import Effect, ParameterEffect
from corridors.cards.expect import expect_value
from corridors.cards.finder import border_pair, country_code, listed
from corridors.costs import sections
from corridors.costs.parameter_schema import ParameterRow
from corridors.costs.parameters import Subject, meets
from corridors.errors import ScenarioError
from corridors.schema import FIRST_DAY

if TYPE_CHECKING:
    from corridors.cards.selection import Keys
    from corridors.cards.world import Context, World

HAUL_KINDS = ("rate", "section_tariff", "section_ceiling", "ferry_rate")
CHARGE_KINDS = {
    "border": "border_charge", "gauge_change": "gauge_charge", "transfer": "transfer_charge",
    "port": "port_charge",
}  # fmt: skip
DWELL_KINDS = {
    "border": "border_hours", "gauge_change": "gauge_hours", "transfer": "transfer_hours",
    "port_waiting": "waiting_hours", "port_loading": "loading_hours",
    "port_unloading": "unloading_hours",
}  # fmt: skip
_DATED = re.compile(r"(--\d{4}-\d\d-\d\d)+$")


def _keys(keys: Keys, world: World) -> dict[str, str]:
    """Keys of ``applies_to`` with the ids of what they name."""
    finder = world.finder
    given = keys.given
    layer = {"rail": "rail", "road": "road", "ferry": "sea"}.get(given.get("mode", "rail"))
    for key, word in list(given.items()):
        if key in {"country", "to_country", "origin", "destination"}:
            given[key] = country_code(word)
        elif key == "border":
            given[key] = "-".join(sorted(border_pair(word)))
        elif key in {"from", "to", "place"}:
            given[key] = finder.one_place(word, layer)
        elif key == "line":
            given[key] = finder.line_id(word)
        elif key == "commodity" and word not in world.draft.tables.commodities:
            known = ", ".join(sorted(world.draft.tables.commodities))
            raise ScenarioError(f"commodity {word!r} is unknown; known: {known}")
    return given


def new_parameter(
    kind: str,
    unit: str,
    value: tuple[float, float, float],
    keys: dict[str, str],
    context: Context,
    part: int = 0,
) -> ParameterRow:
    """A number that a change adds to the cost model."""
    low, central, high = value
    suffix = f"-{part + 1}" if part else ""
    return ParameterRow.model_validate(
        {
            "parameter_id": f"{context.own_id}{suffix}", "kind": kind,
            "unit": unit, "low": low, "central": central, "high": high, "applies_to": keys,
            "valid_from": None if context.period.start == FIRST_DAY else context.period.start,
            "valid_to": context.period.end, "confidence": "assumption", "note": context.label,
        }
    )  # fmt: skip


def set_tariff(change: Any, world: World, context: Context) -> tuple[Effect, ...]:
    """Prices of carriage are set, or those that are known scaled."""
    keys = _keys(change.tariff, world)
    kinds = HAUL_KINDS if change.at == "haul" else (CHARGE_KINDS[change.at],)
    if change.factor is not None:
        return _scaled(change, world, context, kinds, keys)
    if change.at != "haul":
        kind, unit, value = kinds[0], "USD/t", change.usd_per_t
    elif change.usd_per_t_km is not None:
        kind, unit, value = "rate", "USD/t-km", change.usd_per_t_km
    elif keys.get("mode") == "ferry":
        kind, unit, value = "ferry_rate", "USD/t", change.usd_per_t
    else:
        kind, unit, value = "section_tariff", "USD/t", change.usd_per_t
        keys.setdefault("mode", "rail")
    return _added(change, world, context, kind, unit, value, keys)


def set_dwell(change: Any, world: World, context: Context) -> tuple[Effect, ...]:
    """Hours at borders, gauge changes, transfers and in ports are set or scaled."""
    keys = _keys(change.dwell, world)
    kind = DWELL_KINDS[change.at]
    if change.factor is not None:
        return _scaled(change, world, context, (kind,), keys)
    return _added(change, world, context, kind, "h", change.hours, keys)


def _having(
    kinds: Sequence[str], keys: dict[str, str], world: World, context: Context
) -> list[ParameterRow]:
    """Numbers of some kinds whose keys include some, and that hold when the change does."""
    return [
        row
        for row in world.draft.costs.parameters.rows
        if row.kind in kinds
        and keys.items() <= row.applies_to.items()
        and meets(row, context.period)
    ]


def _added(
    change: Any, world: World, context: Context, kind: str, unit: str,
    value: tuple[float, float, float], keys: dict[str, str],
) -> tuple[Effect, ...]:  # fmt: skip
    same = [r for r in _having((kind,), keys, world, context) if r.applies_to == keys]
    expect_value(change, same, world)
    row = new_parameter(kind, unit, value, keys, context)
    wins = _winning(row, world, context)
    if wins and change.exceptions is None:
        raise ScenarioError(
            f"{listed(wins, 4)} hold here more exactly; say whether they are to stay "
            "(exceptions: keep) or to take the new value too (exceptions: replace)"
        )
    replaced = dict.fromkeys(wins, value) if change.exceptions == "replace" else {}
    return (ParameterEffect(context.period, context.label, replaced, (row,)),)


def _winning(new: ParameterRow, world: World, context: Context) -> list[str]:
    """Numbers that hold in some of the places where a new one does, and win there."""
    subject = Subject(world.day)
    keys = new.applies_to
    ignore = sections.SCALAR if new.kind in sections.KINDS else ("traffic",)
    own = subject.exactness(new, ignore)
    found = []
    for row in _having((new.kind,), {}, world, context):
        theirs = {"traffic": "freight"} | row.applies_to
        fits = all(theirs.get(key, value) == value for key, value in keys.items())
        if new.kind in sections.KINDS:
            fits &= keys.items() <= theirs.items()
        if fits and row.applies_to != keys and subject.exactness(row, ignore) > own:
            found.append(row.parameter_id)
    return found


def _scaled(
    change: Any, world: World, context: Context, kinds: Sequence[str], keys: dict[str, str]
) -> tuple[Effect, ...]:
    rows = _having(kinds, keys, world, context)
    if not rows:
        raise ScenarioError("no number of the cost model has these keys; give a value instead")
    expect_value(change, rows, world)
    return _times(change.factor, rows, context)


def set_parameter(change: Any, world: World, context: Context) -> tuple[Effect, ...]:
    """Numbers of the cost model are set or scaled."""
    which = change.parameter
    if which.id:
        known = world.draft.costs.parameters.rows
        ids = {_first_id(row.parameter_id) for row in known}
        wanted = {world.finder.known_id("parameter", name, ids) for name in which.id}
        rows = [row for row in known if _first_id(row.parameter_id) in wanted]
        # Where none holds in time, the error says when it does.
        rows = [row for row in rows if meets(row, context.period)] or rows
    else:
        rows = _having((which.kind,), _keys(which, world), world, context)
        if not rows:
            raise ScenarioError(f"no {which.kind} of the cost model has these keys")
    wrong = [row for row in rows if change.unit is not None and row.unit != change.unit]
    if wrong:
        text = f"{wrong[0].parameter_id} is in {wrong[0].unit}, not in {change.unit!r}"
        raise ScenarioError(text, ("unit",))
    expect_value(change, rows, world)
    if change.value is None:
        return _times(change.factor, rows, context)
    values = {row.parameter_id: change.value for row in rows}
    return (ParameterEffect(context.period, context.label, values),)


def _times(factor: float, rows: Sequence[ParameterRow], context: Context) -> tuple[Effect, ...]:
    values = {r.parameter_id: (r.low * factor, r.central * factor, r.high * factor) for r in rows}
    return (ParameterEffect(context.period, context.label, values),)


def _first_id(parameter_id: str) -> str:
    """Id of a number before a dated change gave its later part another."""
    return _DATED.sub("", parameter_id)
