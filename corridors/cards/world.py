"""What a change is resolved in: the network as the changes before have made it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from corridors.cards.effects import Draft, Effect, StateEffect
from corridors.cards.finder import Finder
from corridors.names import Gazetteer
from corridors.revisions import in_force, revised
from corridors.schema import FIRST_DAY
from corridors.states import Period
from corridors.whatif import WHAT_IF

if TYPE_CHECKING:
    from corridors.cards.schema import Card
    from corridors.network import Network


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
        return cls(Draft(net.tables, net), net.as_of, net.gazetteer, net.memo["finder",])

    @cached_property
    def draft(self) -> Draft:
        """The network in the making."""
        draft = self.base
        for effect in self.pending:
            draft = effect.on(draft)
        return draft

    def after(self, effects: Iterable[Effect]) -> World:
        """The world with some effects."""
        world = self
        for effect in effects:
            world = world._with(effect)
        return world

    def _with(self, effect: Effect) -> World:
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
        elif new is not old:
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
    period : Period
        When it holds.
    as_of : date or None
        Of the card.
    sources : tuple of str
        Source ids of the change, or of the card where it has none.
    """

    scenario: str
    number: int
    period: Period
    as_of: dt.date | None
    sources: tuple[str, ...]

    @classmethod
    def of(cls, card: Card, number: int) -> Context:
        """Context of the change of a number, from 0, of a card."""
        change = card.changes[number]
        sources = change.sources or card.source_ids or (WHAT_IF,)
        period = Period(change.on or FIRST_DAY, change.until)
        return cls(card.name, number + 1, period, card.as_of, sources)

    @property
    def own_id(self) -> str:
        """For what the change adds."""
        return f"{self.scenario}-{self.number}"

    @property
    def label(self) -> str:
        """For notes in the tables."""
        return f"scenario {self.scenario}, change {self.number}"
