"""Changes of flows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from corridors.cards.changes import AddFlow, Change, RemoveFlow, ScaleFlow
from corridors.cards.effects import Effect, FlowEffect
from corridors.cards.expect import expect_count
from corridors.cards.finder import Finder, country_code
from corridors.catalog import new_flow
from corridors.errors import ScenarioError

if TYPE_CHECKING:
    from corridors.cards.selection import WhichFlows
    from corridors.cards.world import Context, World
    from corridors.flow import Flow


def check_flows(change: Change, world: World, context: Context) -> tuple[Effect, ...]:
    """A change of flows does nothing to a network, but what it names must be in it."""
    if isinstance(change, AddFlow):
        new, tables = change.add_flow, world.draft.tables
        known = set(tables.places["place_id"])
        unknown = [place for place in (new.origin, new.destination) if place not in known]
        if new.commodity not in tables.commodities:
            unknown.append(new.commodity)
        if unknown:
            raise ScenarioError(f"add_flow: {', '.join(unknown)} unknown; give ids")
    return (Effect(context.period, context.label),)


def flow_effect(change: Change, flows: Sequence[Flow], context: Context) -> FlowEffect | None:
    """What a change does to flows; None for one that is not about flows.

    Raises
    ------
    ScenarioError
        If what it names is not there or is there already.
    """
    known = {flow.flow_id for flow in flows}
    if isinstance(change, AddFlow):
        if change.add_flow.id in known:
            raise ScenarioError(f"flow {change.add_flow.id!r} is there already")
        return FlowEffect(context.period, context.label, new=_new_flow(change, context))
    if not isinstance(change, (ScaleFlow, RemoveFlow)):
        return None
    which = change.scale_flow if isinstance(change, ScaleFlow) else change.remove_flow
    found = _which_flows(which, flows)
    expect_count(change, len(found))
    if isinstance(change, RemoveFlow):
        return FlowEffect(context.period, context.label, found)
    return FlowEffect(context.period, context.label, found, change.factor, change.tonnes_per_year)


def _which_flows(which: WhichFlows, flows: Sequence[Flow]) -> tuple[str, ...]:
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


def _new_flow(change: AddFlow, context: Context) -> Flow:
    new = change.add_flow
    day = new.as_of or context.as_of
    if day is None:
        raise ScenarioError("add_flow: give as_of here, or for the whole card")
    fields = new.model_dump(exclude={"id"})
    return new_flow(
        {
            **fields, "flow_id": new.id, "as_of": day, "period": "a year",
            "sources": context.sources, "note": context.label,
        }
    )  # fmt: skip
