"""A scenario: a card, or several, that give a network another network."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pandas as pd
from pydantic import ValidationError

from corridors.cards.explain import checked_card, key_words, message
from corridors.cards.flow_changes import flow_effect
from corridors.cards.fluent import Actions
from corridors.cards.present import change_table, explained
from corridors.cards.read import At, Document, read_file
from corridors.cards.resolve import effects_of
from corridors.cards.resolved import Resolved, Step, check_agreement
from corridors.cards.schema import Card, NewSource
from corridors.cards.shows import shown
from corridors.cards.world import Context, World
from corridors.cards.write import to_yaml
from corridors.errors import ArgumentError, CorridorsError, ScenarioError
from corridors.files import write_text

if TYPE_CHECKING:
    from corridors.cards.changes import Change
    from corridors.catalog import Flows
    from corridors.flow import Flow
    from corridors.network import Network


@dataclass(frozen=True)
class Sheet:
    """A card with where it was written."""

    card: Card
    document: Document | None = None

    def fail(self, at: At, what: str) -> NoReturn:
        """Raise what is wrong at some key of the card, with its file, line and key."""
        where = f"scenario {self.card.name!r}" if self.document is None else self.document.where(at)
        key = key_words(at)
        raise ScenarioError(f"{where}{f', {key}' if key else ''}: {what}") from None


class Scenario(Actions):
    """A named, ordered list of changes, which never changes itself.

    Each method that names an action gives a new scenario with one change more. What a change is
    about is given by any id or name that is stored, or by keys (``country="GE", mode="rail"``).

    Parameters
    ----------
    name : str
        Id, such as ``"tripp-open"``.
    **fields
        Fields of a card: ``title``, ``question``, ``as_of``, ``claims``, ``assumptions``,
        ``sources``, ``requires``, ``conflicts``, ``changes``, ``shows``, ``note``; see
        ``corridors scenarios schema``.

    Raises
    ------
    ScenarioError
        If a field cannot be used.

    Examples
    --------
    >>> import corridors as co
    >>> tripp = co.Scenario("my-tripp").open("tripp", on="2028-01-01")
    >>> net = tripp.apply(co.load("2026-06-01"))
    >>> net.at("2028-01-01").route("Baku", "Nakhchivan", modes=["rail"]).by_country
    {'AZ': 494.4, 'AM': 43.6}
    """

    def __init__(self, name: str, **fields: Any) -> None:
        data = {"title": name, **fields, "name": name}
        self.own_sheets: tuple[Sheet, ...] = (
            Sheet(checked_card(data, None, f"scenario {name!r}")),
        )
        """Its cards with where they were written, without those that they require."""

    @classmethod
    def _from(cls, sheets: tuple[Sheet, ...]) -> Scenario:
        made = cls.__new__(cls)
        made.own_sheets = sheets
        return made

    @classmethod
    def read(cls, path: str | Path) -> Scenario:
        """Read a card.

        Parameters
        ----------
        path : path
            A YAML file.

        Raises
        ------
        ScenarioError
            If it cannot be read or breaks the schema; the message names file, line and key.
        """
        return cls.from_document(read_file(Path(path)))

    @classmethod
    def from_document(cls, document: Document) -> Scenario:
        """A scenario from YAML that has been read."""
        sheet = Sheet(checked_card(document.content, document, document.name), document)
        if not (sheet.card.changes or sheet.card.requires):
            sheet.fail((), "a card needs changes, or scenarios that it requires")
        return cls._from((sheet,))

    @classmethod
    def of(cls, *scenarios: Scenario) -> Scenario:
        """Several scenarios as one; each change is made once, in the order given.

        Raises
        ------
        ArgumentError
            If none is given, or one is no scenario.
        ScenarioError
            If two have one name but differ.
        """
        sheets: dict[str, Sheet] = {}
        for one in scenarios:
            if not isinstance(one, Scenario):
                raise ArgumentError(f"{one!r} is no scenario; co.scenario(name) gives one")
            for sheet in one.own_sheets:
                if sheets.setdefault(sheet.card.name, sheet).card != sheet.card:
                    sheet.fail((), "another scenario has the same name; rename one of them")
        if not sheets:
            raise ArgumentError("give one scenario or more")
        return cls._from(tuple(sheets.values()))

    def __add__(self, other: Scenario) -> Scenario:
        """Both, this one first."""
        return Scenario.of(self, other) if isinstance(other, Scenario) else NotImplemented

    # -- what it says ----------------------------------------------------------------------

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards it consists of; usually one."""
        return tuple(sheet.card for sheet in self.own_sheets)

    @property
    def name(self) -> str:
        """Id, with + between those of several."""
        return "+".join(card.name for card in self.cards)

    @property
    def title(self) -> str:
        """What it is called."""
        return " + ".join(card.title for card in self.cards)

    @property
    def question(self) -> str:
        """What it is to answer; may be empty."""
        return " ".join(card.question for card in self.cards if card.question)

    @property
    def as_of(self) -> dt.date | None:
        """The day whose world it is about: the latest that a card names."""
        return max((card.as_of for card in self.cards if card.as_of), default=None)

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes, in order; those of scenarios that it requires come before, unlisted."""
        return tuple(change for card in self.cards for change in card.changes)

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids of all sources that its cards, claims and changes cite, in the order cited."""
        cited: list[str] = []
        for card in self.cards:
            cited += card.source_ids
            cited += [claim.source for claim in card.claims if claim.source]
            cited += [name for change in card.changes for name in change.sources]
        return tuple(dict.fromkeys(cited))

    @property
    def table(self) -> pd.DataFrame:
        """Its changes, one a row, those of scenarios that it requires first.

        ``scenario``, ``number`` (in its card), ``action``, ``subject`` (what is selected, in
        words), ``values`` (what it becomes), ``on``, ``until``, ``note``, ``sources``.
        """
        return change_table([sheet.card for sheet in self.sheets()])

    @property
    def source_table(self) -> pd.DataFrame:
        """Sources that its cards bring themselves, with the columns of ``net.sources``."""
        rows = {
            s.source_id: s for card in self.cards for s in card.sources if isinstance(s, NewSource)
        }
        columns = list(NewSource.model_fields)
        return pd.DataFrame([dict(row) for row in rows.values()], columns=columns)

    def explain(self) -> str:
        """What it asks, who claims what, what is assumed and what it changes, in sentences."""
        return explained([sheet.card for sheet in self.sheets()])

    def to_dict(self) -> dict[str, Any]:
        """Plain values that can be written as JSON: the name, and the cards as they are written."""
        dumped = [
            card.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            for card in self.cards
        ]
        return {"name": self.name, "cards": dumped}

    def to_yaml(self) -> str:
        """The card as YAML.

        Raises
        ------
        ArgumentError
            If it is several: each is a file of its own.
        """
        if len(self.cards) != 1:
            raise ArgumentError(f"{self.name} is several scenarios; write each by itself")
        return to_yaml(self.cards[0])

    def save(self, path: str | Path) -> Path:
        """Write the card to a YAML file, whole or not at all; as for :meth:`to_yaml`."""
        return write_text(path, self.to_yaml())

    def parts(self) -> tuple[Scenario, ...]:
        """Each of its cards as a scenario."""
        return tuple(Scenario._from((sheet,)) for sheet in self.own_sheets)

    def shown(self, net: Network) -> pd.DataFrame:
        """What its cards state as effects, and what the network gives; see :func:`.shown`."""
        return shown(self, net)

    def _repr_html_(self) -> str:
        from html import escape

        head = f"<p><b>{escape(self.title)}</b> ({escape(self.name)})</p>"
        text = "<br>".join(escape(line) for line in self.explain().splitlines())
        return f"<div>{head}<p>{text}</p>{self.table.to_html(index=False)}</div>"

    def __eq__(self, other: object) -> bool:
        """Scenarios are equal if they say the same, wherever they were read."""
        return isinstance(other, Scenario) and self.cards == other.cards

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"<Scenario {self.name}: {self.title}; {len(self.changes)} changes>"

    # -- one change more -------------------------------------------------------------------

    def with_change(self, action: str, subject: Any, **fields: Any) -> Scenario:
        """The scenario and one change more; the methods below say which.

        Parameters
        ----------
        action : str
        subject : object
            What the card holds under the action.
        **fields
            What else the change holds; None is left out.

        Raises
        ------
        ArgumentError
            If the scenario is several.
        """
        if len(self.own_sheets) != 1:
            raise ArgumentError(f"{self.name} is several scenarios; change one, then combine them")
        data = self.cards[0].model_dump(by_alias=True, exclude_defaults=True)
        given = {key: value for key, value in fields.items() if value is not None}
        data["changes"] = [*self.cards[0].changes, {action: subject, **given}]
        sheet = self.own_sheets[0]
        card = checked_card(data, None, f"scenario {self.name!r}")
        return Scenario._from((replace(sheet, card=card),))

    # -- what it does ----------------------------------------------------------------------

    def sheets(self) -> tuple[Sheet, ...]:
        """Its cards and those that they require, in the order in which they are applied.

        Raises
        ------
        ScenarioError
            If cards require each other in a circle, or one that is required is not found.
        """
        from corridors.cards.library import required

        return required(self.own_sheets)

    def resolve(self, net: Network) -> Resolved:
        """What it does to a network, all of it checked; the network stays as it is.

        Parameters
        ----------
        net : Network

        Returns
        -------
        Resolved
            ``opened`` and ``closed`` (masks of links on the network's day), the parameters, rules
            and properties that change.

        Raises
        ------
        ScenarioError
            If a change names what is not there, finds something else than it expects, or
            contradicts another; the message names card, line and key.
        """
        steps: list[Step] = []
        world = World.of(net)
        sheets = self._new_sheets(net)
        for sheet in sheets:
            for number, change in enumerate(sheet.card.changes):
                try:
                    effects = effects_of(change, world, Context.of(sheet.card, number))
                    step = Step(sheet.card.name, number, change, effects)
                    check_agreement(step, steps)
                    world = world.after(effects)
                except (CorridorsError, ValidationError) as error:
                    key = getattr(error, "key", ()) or (change.action,)
                    sheet.fail(("changes", number, *key), message(error))
                steps.append(step)
        names = tuple(sheet.card.name for sheet in sheets)
        return Resolved(self, net, names, tuple(steps))

    def apply(self, net: Network) -> Network:
        """The network with all changes made; the old one is untouched.

        Parameters
        ----------
        net : Network

        Returns
        -------
        Network
            Of the same day. Changes with ``on`` hold on the days from then on:
            ``scenario.apply(net).at("2028-01-01")``.

        Raises
        ------
        ScenarioError
            As for :meth:`resolve`; then nothing has been applied.
        """
        return self.resolve(net).network()

    def apply_flows(
        self, flows: Iterable[Flow] | Mapping[str, Flow], as_of: str | dt.date | None = None
    ) -> Flows:
        """Flows with its changes of flows made.

        Parameters
        ----------
        flows : Flows
            Such as :func:`corridors.flows` gives.
        as_of : str or date, optional
            Leave out changes that do not hold on this day; all are made if not given.

        Returns
        -------
        Flows

        Raises
        ------
        ScenarioError
            If a change names a flow that is not there, or adds one that is.
        """
        from corridors.catalog import flow_catalog
        from corridors.states import as_day

        day = None if as_of is None else as_day(as_of)
        now = list(flows.values()) if isinstance(flows, Mapping) else list(flows)
        for sheet in self.sheets():
            for number, change in enumerate(sheet.card.changes):
                try:
                    effect = flow_effect(change, now, Context.of(sheet.card, number))
                except (ScenarioError, ValidationError) as error:
                    sheet.fail(("changes", number, change.action), message(error))
                if effect is not None and (day is None or effect.period.holds(day)):
                    now = effect.on_flows(now)
        return flow_catalog(now)

    def _new_sheets(self, net: Network) -> list[Sheet]:
        """The cards still to apply; an error where one was applied before or two conflict."""
        for sheet in self.own_sheets:
            if sheet.card.name in net.scenarios:
                sheet.fail((), "this scenario has been applied to the network already")
        new = [sheet for sheet in self.sheets() if sheet.card.name not in net.scenarios]
        names = {*net.scenarios, *(sheet.card.name for sheet in new)}
        for sheet in new:
            clash = sorted(names & set(sheet.card.conflicts))
            if clash:
                sheet.fail(("conflicts",), f"cannot be combined with {clash[0]!r}")
        return new
