"""A scenario as it meets a network: which links open and close, what numbers and rules change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from corridors.cards.effects import (
    CellEffect,
    Draft,
    Effect,
    ParameterEffect,
    RuleEffect,
    StateEffect,
    in_force,
)
from corridors.errors import ScenarioError
from corridors.states import USABLE, Period, crossings_of_rule

if TYPE_CHECKING:
    from corridors.cards.changes import Change
    from corridors.cards.scenario import Scenario
    from corridors.network import Network

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Step:
    """A change and what it does.

    Parameters
    ----------
    scenario : str
        Name of its card.
    number : int
        Its place there, from 0.
    change : Change
    effects : tuple of Effect
    """

    scenario: str
    number: int
    change: Change
    effects: tuple[Effect, ...]

    def __str__(self) -> str:
        return f"change {self.number + 1} of {self.scenario} ({self.change.action})"


@dataclass(frozen=True)
class Resolved:
    """What a scenario does to a network.

    Parameters
    ----------
    scenario : Scenario
    network_before : Network
    applied : tuple of str
        Names of the scenarios, those that it requires first.
    steps : tuple of Step
        In the same order.
    """

    scenario: Scenario
    network_before: Network
    applied: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def effects(self) -> list[Effect]:
        """What holds on the network's day, in order."""
        return in_force((e for step in self.steps for e in step.effects), self.network_before.as_of)

    @cached_property
    def kind(self) -> str:
        """What it changes on the network's day.

        ``"nothing"``, ``"closure"`` (links and places close), ``"opening"``, ``"parameters"`` or
        ``"mixed"``. Changes of flows do not count: they leave the network as it is. An opening
        that access rules have a say in (a crossing that they spare from now on) is mixed.
        """
        kinds = {self._kind(effect) for effect in self.effects} - {"nothing"}
        return kinds.pop() if len(kinds) == 1 else "mixed" if kinds else "nothing"

    def _kind(self, effect: Effect) -> str:
        if isinstance(effect, StateEffect):
            if effect.state not in USABLE:
                # A crossing closed that rules spared is closed to all.
                return "closure"
            return "mixed" if set(effect.places) & self._ruled else "opening"
        if isinstance(effect, ParameterEffect):
            return "parameters"
        return "nothing" if type(effect) is Effect else "mixed"

    @cached_property
    def _ruled(self) -> set[str]:
        """Crossings that a rule on a whole border closes, on the network's day."""
        net = self.network_before
        rules = [
            rule
            for rule in net.rules
            if rule.effect == "forbid" and Period(rule.valid_from, rule.valid_to).holds(net.as_of)
        ]
        return {place for rule in rules for place in crossings_of_rule(rule, net.borders)}

    @cached_property
    def usable(self) -> BoolArray:
        """Links whose states, and whose ends' states, let traffic pass afterwards.

        One a row of ``net.link_table``, on the network's day, before access rules. Links that are
        built are not among them.
        """
        net = self.network_before
        own = net.link_state_table["usable"].to_numpy(bool).copy()
        shut = set(net.closed_places)
        for effect in self.effects:
            if isinstance(effect, StateEffect):
                passes = effect.state in USABLE
                own[effect.rows] = passes
                shut = shut - {*effect.places} if passes else shut | {*effect.places}
        ends = net.link_table
        names = sorted(shut)
        passing = ends["from_place"].isin(names) | ends["to_place"].isin(names)
        return np.asarray(own & ~passing.to_numpy(bool))

    @property
    def opened(self) -> BoolArray:
        """Mask of the links that could not be used and now can."""
        return np.asarray(self.usable & ~self.network_before.state_allows)

    @property
    def closed(self) -> BoolArray:
        """Mask of the links that could be used and now cannot."""
        return np.asarray(self.network_before.state_allows & ~self.usable)

    @property
    def parameters(self) -> dict[str, Any]:
        """New numbers of the cost model on the network's day, by parameter id."""
        found: dict[str, Any] = {}
        for effect in self.effects:
            if isinstance(effect, ParameterEffect):
                found |= effect.values
        return found

    def network(self) -> Network:
        """The network with all changes made, on the same day."""
        net = self.network_before
        draft = Draft(net.tables, net)
        for step in self.steps:
            for effect in step.effects:
                draft = effect.on(draft)
        return net.like(
            draft.tables, costs=draft.new_costs, scenarios=(*net.scenarios, *self.applied)
        )


def check_agreement(step: Step, before: Sequence[Step]) -> None:
    """Raise where a change says of the same thing and day something else than one before.

    Raises
    ------
    ScenarioError
        If two changes open and close the same thing, or give a number or property two values,
        from the same day on.
    """
    for other in before:
        for one, two in product(other.effects, step.effects):
            both = _both(one, two) if one.period.start == two.period.start else ""
            if both:
                raise ScenarioError(f"{other} says otherwise of {both} from the same day on")


def _both(one: Effect, two: Effect) -> str:
    """What two effects give different values; empty if nothing."""
    if isinstance(one, StateEffect) and isinstance(two, StateEffect) and one.state != two.state:
        return _shared(one, two)
    if isinstance(one, ParameterEffect) and isinstance(two, ParameterEffect):
        known = {(row.kind, *sorted(row.applies_to.items())): row for row in one.new}
        for row in two.new:
            if (row.kind, *sorted(row.applies_to.items())) in known:
                return f"the {row.kind} of the same keys"
        return _first(n for n in one.values if n in two.values and one.values[n] != two.values[n])
    if isinstance(one, CellEffect) and isinstance(two, CellEffect):
        return _first(
            f"{column} of {link}"
            for column, cells in one.cells.items()
            for link, value in cells.items()
            if two.cells.get(column, {}).get(link, value) != value
        )
    if isinstance(one, RuleEffect) and isinstance(two, RuleEffect):
        names = {rule.rule_id for rule in one.imposed} ^ {rule.rule_id for rule in two.imposed}
        return _first(sorted(names & set(one.lifted) & set(two.lifted)))
    return ""


def _shared(one: StateEffect, two: StateEffect) -> str:
    places = sorted(set(one.places) & set(two.places))
    if places:
        return places[0]
    rows = np.intersect1d(one.rows, two.rows)
    if not len(rows):
        return ""
    # A line or link that both name, whatever it is called.
    named = sorted(set(one.kinds) & set(two.kinds))
    return named[0] if named else f"{len(rows)} links"


def _first(names: Iterable[str]) -> str:
    return next(iter(names), "")
