"""From the words of a change to what it is about in a network, checked before anything is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from corridors.cards.build import build_line
from corridors.cards.changes import Change, NewRule
from corridors.cards.effects import Effect, RuleEffect, StateEffect
from corridors.cards.expect import expect_count, expect_links
from corridors.cards.finder import Finder, border_pair, country_code, whole_lines
from corridors.cards.flow_changes import check_flows
from corridors.cards.numbers import set_dwell, set_parameter, set_tariff
from corridors.cards.properties import set_capacity, set_properties
from corridors.cards.selection import WhichRules
from corridors.errors import ScenarioError
from corridors.schema import RuleRow

if TYPE_CHECKING:
    from corridors.cards.world import Context, World


def effects_of(change: Change, world: World, context: Context) -> tuple[Effect, ...]:
    """What a change does in a world.

    Raises
    ------
    ScenarioError
        If what it names is not there, is not as it expects, or does not fit the rest.
    """
    return _RESOLVERS[change.action](change, world, context)


def set_state(change: Any, world: World, context: Context) -> tuple[Effect, ...]:
    """Links and places are opened, closed or suspended."""
    state = {"open": "open", "close": "closed", "suspend": "suspended"}[change.action]
    found = world.finder.find(getattr(change, change.action))
    expect_links(change, world, found)
    links = world.finder.links
    lines, rest = whole_lines(links, found.rows)
    kinds = dict.fromkeys(lines, "line")
    kinds |= dict.fromkeys(links["link_id"].to_numpy(object)[rest].tolist(), "link")
    kinds |= dict.fromkeys(found.places, "place")
    return (StateEffect(context.period, context.label, kinds, found.rows, found.places, state),)


def lift(change: Any, world: World, context: Context) -> tuple[Effect, ...]:
    """Access rules no longer hold."""
    rules = world.finder.rules(change.lift)
    expect_count(change, len(rules))
    return (
        RuleEffect(context.period, context.label, tuple(sorted({rule.rule_id for rule in rules}))),
    )


def impose(change: Any, world: World, context: Context) -> tuple[Effect, ...]:
    """Access rules hold, those of the data again or a new one."""
    dates = {"valid_from": context.period.start, "valid_to": context.period.end}
    if not isinstance(change.impose, NewRule):
        rules = world.finder.rules(WhichRules(id=change.impose))
        expect_count(change, len(rules))
        first = {rule.rule_id: rule for rule in reversed(rules)}
        again = [rule.model_copy(update={**dates, "effect": "forbid"}) for rule in first.values()]
        return (RuleEffect(context.period, context.label, tuple(sorted(first)), tuple(again)),)
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
            "sources": context.sources,
            "confidence": "assumption", "note": context.label,
        }
    )  # fmt: skip
    return (RuleEffect(context.period, context.label, (), (row,)),)


def _crossing_or_place(word: str, finder: Finder) -> tuple[str, ...]:
    try:
        return finder.crossing(word).places
    except ScenarioError:
        return finder.place(word).places


_Resolver = Callable[[Any, "World", "Context"], tuple[Effect, ...]]
_RESOLVERS: dict[str, _Resolver] = {
    "open": set_state, "close": set_state, "suspend": set_state, "build": build_line,
    "set": set_properties, "capacity": set_capacity, "tariff": set_tariff, "dwell": set_dwell,
    "parameter": set_parameter, "lift": lift, "impose": impose, "scale_flow": check_flows,
    "add_flow": check_flows, "remove_flow": check_flows,
}  # fmt: skip
