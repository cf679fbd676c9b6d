"""From the words of a change to what it is about in a network, checked before anything is done."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.cards import schema as cs
from corridors.cards.effects import (
    CellEffect,
    Draft,
    Effect,
    FlowEffect,
    ParameterEffect,
    RuleEffect,
    StateEffect,
)
from corridors.cards.select import Finder, Found, border_pair, country_code, listed, whole_lines
from corridors.costs.parameter_schema import ParameterRow
from corridors.errors import ScenarioError
from corridors.names import Gazetteer
from corridors.revisions import in_force, revised
from corridors.schema import FIRST_DAY, OperatorRow, RuleRow
from corridors.states import Period, link_states, states_on
from corridors.whatif import WHAT_IF

if TYPE_CHECKING:
    from corridors.flow import Flow
    from corridors.network import Network

HAUL_KINDS = ("rate", "section_tariff", "section_ceiling", "ferry_rate")
DWELL_KINDS = {
    "border": "border_hours", "gauge_change": "gauge_hours", "transfer": "transfer_hours",
    "port_waiting": "waiting_hours", "port_loading": "loading_hours",
    "port_unloading": "unloading_hours",
}  # fmt: skip
_DATED = re.compile(r"(--\d{4}-\d\d-\d\d)+$")
_WITHIN = 0.01
"""How far a figure that a card expects may be off, as a share."""


@dataclass(frozen=True)
class World:
    """A draft with what is needed to find things in it.

    Parameters
    ----------
    base : Draft
    day : date
        The day that changes without dates are judged on.
    gazetteer : Gazetteer
    """

    base: Draft
    day: dt.date
    gazetteer: Gazetteer
    finder: Finder
    pending: tuple[StateEffect, ...] = ()
    """States still to be written: only those who ask for states need them."""

    @classmethod
    def of(cls, net: Network) -> World:
        """The world of a network, as it is."""
        if ("finder",) not in net.memo:
            net.memo["finder",] = Finder(net.tables, net.link_table, net.gazetteer)
        return cls(Draft(net.tables, net.costs), net.as_of, net.gazetteer, net.memo["finder",])

    @cached_property
    def draft(self) -> Draft:
        """The network in the making."""
        draft = self.base
        for effect in self.pending:
            draft = effect.on(draft)
        return draft

    def after(self, effect: Effect) -> World:
        """The world with an effect."""
        if isinstance(effect, StateEffect):
            return replace(self, pending=(*self.pending, effect))
        draft = effect.on(self.draft)
        old, new = self.draft.tables, draft.tables
        gazetteer, finder = self.gazetteer, self.finder
        if new.places is not old.places:
            codes = new.station_codes
            gazetteer = Gazetteer(
                new.places,
                dict(zip(codes["station_code"], codes["place_id"], strict=True)),
                zip(codes["name_official"], codes["place_id"], strict=True),
            )
        if new.links is not old.links or new.revisions is not old.revisions:
            links = revised(new.links, in_force(new.revisions, self.day))
            finder = Finder(new, links, gazetteer)
        elif new.rules is not old.rules:
            finder = finder.with_tables(new)
        return replace(self, base=draft, pending=(), gazetteer=gazetteer, finder=finder)


@dataclass(frozen=True)
class Context:
    """What a change may lean on beside itself.

    Parameters
    ----------
    scenario : str
        Name of its card.
    number : int
        Its place in the card, from 1.
    as_of : date or None
        Of the card.
    sources : tuple of str
        Source ids of the card.
    """

    scenario: str
    number: int
    as_of: dt.date | None
    sources: tuple[str, ...]

    @property
    def label(self) -> str:
        """For notes in the tables."""
        return f"scenario {self.scenario}, change {self.number}"


def effect_of(change: cs.Change, world: World, context: Context) -> Effect:
    """What a change does in a world.

    Raises
    ------
    ScenarioError
        If what it names is not there, is not as it expects, or does not fit the rest.
    """
    period = Period(change.on or FIRST_DAY, change.until)
    return _RESOLVERS[change.action](change, world, context, period)


# -- states --------------------------------------------------------------------------------------


def _state(change: Any, world: World, context: Context, period: Period) -> Effect:
    state = {"open": "open", "close": "closed", "suspend": "suspended"}[change.action]
    found = world.finder.find(getattr(change, change.action))
    _expect(change, world, found)
    links = world.finder.links
    lines, rest = whole_lines(links, found.rows)
    kinds = dict.fromkeys(lines, "line")
    kinds |= dict.fromkeys(links["link_id"].to_numpy(object)[rest].tolist(), "link")
    kinds |= dict.fromkeys(found.places, "place")
    return StateEffect(period, context.label, kinds, found.rows, found.places, state)


def _expect(change: cs.Change, world: World, found: Found) -> None:
    """Raise where what was selected is not as the change expects."""
    asked = change.existing
    if asked is None:
        return
    links = world.finder.links.iloc[found.rows]
    counts = {
        "count": len(found.rows) + len(found.places), "links": len(found.rows),
        "places": len(found.places),
    }  # fmt: skip
    for name, count in counts.items():
        wanted = getattr(asked, name)
        if wanted is not None and wanted != count:
            raise ScenarioError(f"existing.{name}: {wanted} expected, {count} found")
    km = float(links["length_km"].sum())
    if asked.length_km is not None and not _near(km, asked.length_km):
        raise ScenarioError(f"existing.length_km: {asked.length_km:g} expected, {km:,.1f} found")
    for name, column in (("operator", "operator_id"), ("gauge", "gauge_mm")):
        wanted = getattr(asked, name)
        stray = sorted({str(v) for v in links[column].dropna()} - set(wanted)) if wanted else []
        if stray:
            raise ScenarioError(f"existing.{name}: {', '.join(wanted)} expected, {stray[0]} found")
    if asked.state:
        _expect_state(asked.state, change.on or world.day, world, found)
    if asked.value is not None:
        raise ScenarioError("existing.value: links have no one value; it is for numbers")


def _expect_state(wanted: Sequence[str], day: dt.date, world: World, found: Found) -> None:
    tables = world.draft.tables
    links = world.finder.links.iloc[found.rows]
    states = dict(
        zip(links["link_id"], link_states(links, tables.states, day)["state"], strict=True)
    )
    now = states_on(tables.states, day)
    now = now[(now["subject_kind"] == "place").to_numpy(bool)]
    of_place = dict(zip(now["subject_id"], now["state"], strict=True))
    states |= {place: of_place.get(place, "open") for place in found.places}
    wrong = [f"{name} is {state}" for name, state in states.items() if state not in wanted]
    if wrong:
        raise ScenarioError(
            f"existing.state: {' or '.join(wanted)} expected on {day}, but {listed(wrong, 3)}"
        )


def _near(value: float, wanted: float) -> bool:
    return abs(value - wanted) <= _WITHIN * max(abs(wanted), 1e-9)


# -- properties of links -------------------------------------------------------------------------


def _set(change: Any, world: World, context: Context, period: Period) -> Effect:
    found = world.finder.find(change.set)
    _expect(change, world, found)
    links = world.finder.links
    _links_only(found, "a property")
    ids = links["link_id"].to_numpy(object)[found.rows].tolist()
    cells: dict[str, dict[str, Any]] = {}
    operators = None
    new: list[ParameterRow] = []
    for name, value in change.to.given.items():
        if name == "operator":
            operator, operators = _operator(value, world)
            cells["operator_id"] = dict.fromkeys(ids, operator)
        elif name == "speed_km_h":
            new = _speeds(value, found, world, context, period)
        else:
            cells[name] = dict.fromkeys(ids, value)
    if "length_km" in cells:
        cells["length_kind"] = dict.fromkeys(ids, "estimate")
        cells["length_source"] = dict.fromkeys(ids, WHAT_IF)
        cells["confidence"] = dict.fromkeys(ids, "assumption")
    return CellEffect(period, context.label, cells, operators, tuple(new))


def _links_only(found: Found, what: str) -> None:
    if not len(found.rows):
        raise ScenarioError(f"{what} belongs to links, and only places are selected")


def _operator(value: Any, world: World) -> tuple[str, pd.DataFrame | None]:
    """Id of an operator and, where it is new, its row."""
    table = world.draft.tables.operators
    if isinstance(value, str):
        return world.finder.operator_id(value), None
    if (table["operator_id"] == value.operator_id).any():
        raise ScenarioError(f"operator {value.operator_id!r} is in the data already; name its id")
    row = OperatorRow(**value.model_dump(), source=WHAT_IF, confidence="assumption")
    return value.operator_id, pd.DataFrame([vars(row)])[list(table.columns)]


def _speeds(
    value: tuple[float, float, float], found: Found, world: World, context: Context, period: Period
) -> list[ParameterRow]:
    """Parameters that give links a speed: one a whole line, else one a link."""
    links = world.finder.links
    lines, rest = whole_lines(links, found.rows)
    wanted = [{"line": line} for line in lines]
    columns = links[["line_id", "from_place", "to_place"]].iloc[rest]
    wanted += [{"line": line, "from": a, "to": b} for line, a, b in columns.to_numpy().tolist()]
    return [
        _parameter("speed", "km/h", value, keys, context, period, part)
        for part, keys in enumerate(wanted)
    ]


def _capacity(change: Any, world: World, context: Context, period: Period) -> Effect:
    found = world.finder.find(change.capacity)
    _expect(change, world, found)
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
    return CellEffect(period, context.label, cells)


# -- numbers of the cost model -------------------------------------------------------------------


def _keys(keys: cs.Keys, world: World) -> dict[str, str]:
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


def _parameter(
    kind: str,
    unit: str,
    value: tuple[float, float, float],
    keys: dict[str, str],
    context: Context,
    period: Period,
    part: int = 0,
) -> ParameterRow:
    low, central, high = value
    suffix = f"-{part + 1}" if part else ""
    return ParameterRow.model_validate(
        {
            "parameter_id": f"{context.scenario}-{context.number}{suffix}", "kind": kind,
            "unit": unit, "low": low, "central": central, "high": high, "applies_to": keys,
            "valid_from": None if period.start == FIRST_DAY else period.start,
            "valid_to": period.end, "confidence": "assumption", "note": context.label,
        }
    )  # fmt: skip


def _tariff(change: Any, world: World, context: Context, period: Period) -> Effect:
    keys = _keys(change.tariff, world)
    charges = {"border": "border_charge", "gauge_change": "gauge_charge",
               "transfer": "transfer_charge", "port": "port_charge"}  # fmt: skip
    kinds = HAUL_KINDS if change.at == "haul" else (charges[change.at],)
    if change.factor is not None:
        return _scaled(change, world, context, period, kinds, keys)
    if change.at != "haul":
        kind, unit, value = kinds[0], "USD/t", change.usd_per_t
    elif change.usd_per_t_km is not None:
        kind, unit, value = "rate", "USD/t-km", change.usd_per_t_km
    elif keys.get("mode") == "ferry":
        kind, unit, value = "ferry_rate", "USD/t", change.usd_per_t
    else:
        kind, unit, value = "section_tariff", "USD/t", change.usd_per_t
        keys.setdefault("mode", "rail")
    return _added(change, world, context, period, kind, unit, value, keys)


def _dwell(change: Any, world: World, context: Context, period: Period) -> Effect:
    keys = _keys(change.dwell, world)
    kind = DWELL_KINDS[change.at]
    if change.factor is not None:
        return _scaled(change, world, context, period, (kind,), keys)
    return _added(change, world, context, period, kind, "h", change.hours, keys)


def _added(
    change: cs.Change, world: World, context: Context, period: Period, kind: str, unit: str,
    value: tuple[float, float, float], keys: dict[str, str],
) -> Effect:  # fmt: skip
    rows = world.draft.costs.parameters.rows
    same = [row for row in rows if row.kind == kind and keys.items() <= row.applies_to.items()]
    _expect_value(change, [row for row in same if row.applies_to == keys], world)
    wins = [
        row.parameter_id
        for row in same
        if row.applies_to != keys and _holds(row, period)
        and row.applies_to.get("traffic", "freight") == keys.get("traffic", "freight")
    ]  # fmt: skip
    if wins:
        raise ScenarioError(
            f"{listed(wins, 4)} say the same more exactly and would win; change those with "
            "'parameter', or give their keys too"
        )
    return ParameterEffect(
        period, context.label, {}, (_parameter(kind, unit, value, keys, context, period),)
    )


def _scaled(
    change: Any, world: World, context: Context, period: Period, kinds: Sequence[str],
    keys: dict[str, str],
) -> Effect:  # fmt: skip
    rows = [
        row
        for row in world.draft.costs.parameters.rows
        if row.kind in kinds and keys.items() <= row.applies_to.items() and _holds(row, period)
    ]
    if not rows:
        raise ScenarioError("no number of the cost model has these keys; give a value instead")
    _expect_value(change, rows, world)
    factor = change.factor
    values = {r.parameter_id: (r.low * factor, r.central * factor, r.high * factor) for r in rows}
    return ParameterEffect(period, context.label, values)


def _change_parameter(change: Any, world: World, context: Context, period: Period) -> Effect:
    which = change.parameter
    parameters = world.draft.costs.parameters
    if which.id:
        known = {_first_id(row.parameter_id) for row in parameters.rows}
        wanted = {world.finder.known_id("parameter", name, known) for name in which.id}
        rows = [row for row in parameters.rows if _first_id(row.parameter_id) in wanted]
        rows = [row for row in rows if _holds(row, period)] or rows
    else:
        keys = _keys(which, world)
        rows = [
            row
            for row in parameters.rows
            if row.kind == which.kind and keys.items() <= row.applies_to.items()
            and _holds(row, period)
        ]  # fmt: skip
        if not rows:
            raise ScenarioError(f"no {which.kind} of the cost model has these keys")
    wrong = [row for row in rows if change.unit is not None and row.unit != change.unit]
    if wrong:
        raise ScenarioError(
            f"unit: {wrong[0].parameter_id} is in {wrong[0].unit}, not in {change.unit!r}"
        )
    _expect_value(change, rows, world)
    if change.value is not None:
        return ParameterEffect(
            period, context.label, {row.parameter_id: change.value for row in rows}
        )
    factor = change.factor
    values = {r.parameter_id: (r.low * factor, r.central * factor, r.high * factor) for r in rows}
    return ParameterEffect(period, context.label, values)


def _first_id(parameter_id: str) -> str:
    """Id of a number before a dated change gave its later part another."""
    return _DATED.sub("", parameter_id)


def _holds(row: ParameterRow, period: Period) -> bool:
    return (row.valid_to is None or period.start < row.valid_to) and (
        period.end is None or row.valid_from is None or row.valid_from < period.end
    )


def _expect_value(change: cs.Change, rows: Sequence[ParameterRow], world: World) -> None:
    asked = change.existing
    if asked is None:
        return
    _no_others(asked, ("count", "value"), "a number")
    day = change.on or world.day
    now = [row for row in rows if _holds(row, Period(day, day + dt.timedelta(1)))]
    if asked.count is not None and asked.count != len(rows):
        raise ScenarioError(f"existing.count: {asked.count} expected, {len(rows)} found")
    wrong = [row for row in now if asked.value is not None and not _near(row.central, asked.value)]
    if wrong or (asked.value is not None and not now):
        found = f"{wrong[0].central:g} {wrong[0].unit}" if wrong else "none"
        raise ScenarioError(f"existing.value: {asked.value:g} expected on {day}, {found} found")


def _no_others(asked: cs.Existing, known: Sequence[str], what: str) -> None:
    others = [name for name, value in asked if value not in (None, ()) and name not in known]
    if others:
        raise ScenarioError(f"existing.{others[0]}: {what} has none; give {' or '.join(known)}")


# -- rules ---------------------------------------------------------------------------------------


def _lift(change: Any, world: World, context: Context, period: Period) -> Effect:
    rules = world.finder.rules(change.lift)
    _expect_count(change, len(rules))
    return RuleEffect(period, context.label, tuple(sorted({rule.rule_id for rule in rules})))


def _impose(change: Any, world: World, context: Context, period: Period) -> Effect:
    dates = {"valid_from": period.start, "valid_to": period.end}
    if not isinstance(change.impose, cs.NewRule):
        rules = world.finder.rules(cs.WhichRules(id=change.impose))
        _expect_count(change, len(rules))
        first = {rule.rule_id: rule for rule in reversed(rules)}
        again = [rule.model_copy(update={**dates, "effect": "forbid"}) for rule in first.values()]
        return RuleEffect(period, context.label, tuple(sorted(first)), tuple(again))
    new = change.impose
    if any(rule.rule_id == new.id for rule in world.draft.tables.rules):
        raise ScenarioError(f"rule {new.id!r} is in the data already; impose it by its id")
    finder = world.finder
    countries = ("transit_countries", "origins", "destinations", "not_origins", "not_destinations")
    row = RuleRow.model_validate(
        {
            "rule_id": new.id, "title": new.title, "effect": "forbid", **dates,
            **{name: tuple(map(country_code, getattr(new, name))) for name in countries},
            "borders": tuple(tuple(sorted(border_pair(word))) for word in new.borders),
            "places": tuple(p for word in new.places for p in _crossing_or_place(word, finder)),
            "lines": tuple(map(finder.line_id, new.lines)),
            "commodities": new.commodities, "traffic": new.traffic,
            "sources": change.sources or context.sources or (WHAT_IF,),
            "confidence": "assumption", "note": context.label,
        }
    )  # fmt: skip
    return RuleEffect(period, context.label, (), (row,))


def _crossing_or_place(word: str, finder: Finder) -> tuple[str, ...]:
    try:
        return finder.crossing(word).places
    except ScenarioError:
        return finder.place(word).places


def _expect_count(change: cs.Change, count: int) -> None:
    asked = change.existing
    if asked is not None:
        _no_others(asked, ("count",), "this")
        if asked.count is not None and asked.count != count:
            raise ScenarioError(f"existing.count: {asked.count} expected, {count} found")


# -- flows ---------------------------------------------------------------------------------------


def _flows_later(change: cs.Change, world: World, context: Context, period: Period) -> Effect:
    """A change of flows does nothing to a network, but what it names must be in it."""
    if isinstance(change, cs.AddFlow):
        new, tables = change.add_flow, world.draft.tables
        known = set(tables.places["place_id"])
        unknown = [place for place in (new.origin, new.destination) if place not in known]
        if new.commodity not in tables.commodities:
            unknown.append(new.commodity)
        if unknown:
            raise ScenarioError(f"add_flow: {', '.join(unknown)} unknown; give ids")
    return Effect(period, context.label)


def flow_effect(change: cs.Change, flows: Sequence[Flow], context: Context) -> FlowEffect | None:
    """What a change does to flows; None for one that is not about flows.

    Raises
    ------
    ScenarioError
        If what it names is not there or is there already.
    """
    period = Period(change.on or FIRST_DAY, change.until)
    known = {flow.flow_id for flow in flows}
    if isinstance(change, cs.AddFlow):
        if change.add_flow.id in known:
            raise ScenarioError(f"flow {change.add_flow.id!r} is there already")
        return FlowEffect(period, context.label, new=_new_flow(change, context))
    if not isinstance(change, (cs.ScaleFlow, cs.RemoveFlow)):
        return None
    which = change.scale_flow if isinstance(change, cs.ScaleFlow) else change.remove_flow
    found = _which_flows(which, flows)
    _expect_count(change, len(found))
    if isinstance(change, cs.RemoveFlow):
        return FlowEffect(period, context.label, found)
    return FlowEffect(period, context.label, found, change.factor, change.tonnes_per_year)


def _which_flows(which: cs.WhichFlows, flows: Sequence[Flow]) -> tuple[str, ...]:
    found = list(flows)
    if which.id:
        ids = {flow.flow_id for flow in flows}
        names = {flow.title: flow.flow_id for flow in flows}
        wanted = {Finder.known_id("flow", names.get(word, word), ids) for word in which.id}
        found = [flow for flow in found if flow.flow_id in wanted]
    if which.commodity:
        found = [flow for flow in found if flow.commodity in which.commodity]
    for column in ("origin_country", "destination_country"):
        codes = {country_code(word) for word in getattr(which, column)}
        found = [flow for flow in found if not codes or getattr(flow, column) in codes]
    if not found:
        raise ScenarioError("no flow is all of this")
    return tuple(sorted(flow.flow_id for flow in found))


def _new_flow(change: cs.AddFlow, context: Context) -> Flow:
    from corridors.catalog import new_flow

    new = change.add_flow
    day = new.as_of or context.as_of
    if day is None:
        raise ScenarioError("add_flow: give as_of here, or for the whole card")
    fields = new.model_dump(exclude={"id"})
    return new_flow(
        {
            **fields, "flow_id": new.id, "as_of": day, "period": "a year",
            "sources": change.sources or context.sources or (WHAT_IF,), "note": context.label,
        }
    )  # fmt: skip


_RESOLVERS: dict[str, Callable[[Any, World, Context, Period], Effect]] = {
    "open": _state, "close": _state, "suspend": _state, "set": _set, "capacity": _capacity,
    "tariff": _tariff, "dwell": _dwell, "parameter": _change_parameter, "lift": _lift,
    "impose": _impose, "scale_flow": _flows_later, "add_flow": _flows_later,
    "remove_flow": _flows_later,
}  # fmt: skip
