"""A scenario: a card, or several, that give a network another network."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic import ValidationError

from corridors.cards.read import At, Document, read_file
from corridors.cards.resolve import Context, World, effect_of, flow_effect
from corridors.cards.resolved import Resolved, Step, check_agreement
from corridors.cards.schema import Card, Change, NewSource
from corridors.errors import ArgumentError, CorridorsError, ScenarioError

if TYPE_CHECKING:
    from corridors.catalog import Catalog
    from corridors.flow import Flow
    from corridors.network import Network


@dataclass(frozen=True)
class Sheet:
    """A card with where it was written."""

    card: Card
    document: Document | None = None

    def fail(self, at: At, message: str) -> NoReturn:
        """Raise what is wrong at some key of the card, with its file, line and key."""
        where = f"scenario {self.card.name!r}" if self.document is None else self.document.where(at)
        key = key_words(at)
        raise ScenarioError(f"{where}{f', {key}' if key else ''}: {message}") from None


class Scenario:
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
        self.own_sheets: tuple[Sheet, ...] = (Sheet(_card(data, None, f"scenario {name!r}")),)
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
        sheet = Sheet(_card(document.content, document, document.name), document)
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
            cited += [s.source_id if isinstance(s, NewSource) else s for s in card.sources]
            cited += [claim.source for claim in card.claims if claim.source]
            cited += [name for change in card.changes for name in change.sources]
        return tuple(dict.fromkeys(cited))

    def __eq__(self, other: object) -> bool:
        """Scenarios are equal if they say the same, wherever they were read."""
        return isinstance(other, Scenario) and self.cards == other.cards

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"<Scenario {self.name}: {self.title}; {len(self.changes)} changes>"

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
        for sheet in self._new_sheets(net):
            for number, change in enumerate(sheet.card.changes):
                try:
                    effect = effect_of(change, world, _context(sheet.card, number))
                    step = Step(sheet.card.name, number, change, effect)
                    check_agreement(step, steps)
                    world = world.after(effect)
                except (CorridorsError, ValidationError) as error:
                    sheet.fail(("changes", number, change.action), _message(error))
                steps.append(step)
        return Resolved(self, net, tuple(steps))

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
    ) -> Catalog[Flow]:
        """Flows with its changes of flows made.

        Parameters
        ----------
        flows : Flows
            Such as :func:`corridors.flows` gives.
        as_of : str or date, optional
            Leave out changes that do not hold on this day; all are made if not given.

        Returns
        -------
        Catalog of Flow

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
                    effect = flow_effect(change, now, _context(sheet.card, number))
                except (ScenarioError, ValidationError) as error:
                    sheet.fail(("changes", number, change.action), _message(error))
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
        """
        if len(self.own_sheets) != 1:
            raise ArgumentError(f"{self.name} is several scenarios; change one, then combine them")
        data = self.cards[0].model_dump(by_alias=True, exclude_defaults=True)
        given = {key: value for key, value in fields.items() if value is not None}
        data["changes"] = [*self.cards[0].changes, {action: subject, **given}]
        sheet = self.own_sheets[0]
        card = _card(data, None, f"scenario {self.name!r}")
        return Scenario._from((replace(sheet, card=card),))

    def open(self, *names: str, on: Any = None, until: Any = None, **where: Any) -> Scenario:
        """Open lines, links, crossings, or all that a corridor needs.

        Parameters
        ----------
        *names : str
            Ids or names; or keys of a selection as keywords.
        on, until : str or date, optional
            From this day; the first day after.
        **where
            ``corridor``, ``line``, ``link``, ``crossing``, ``border``, ``place``, ``country``,
            ``operator``, ``mode``, ``gauge``; ``existing``, ``note``, ``sources``.
        """
        return self._select("open", names, on, until, where)

    def close(self, *names: str, on: Any = None, until: Any = None, **where: Any) -> Scenario:
        """Close lines, links, crossings or places; parameters as for :meth:`open`."""
        return self._select("close", names, on, until, where)

    def suspend(self, *names: str, on: Any = None, until: Any = None, **where: Any) -> Scenario:
        """Suspend traffic; parameters as for :meth:`open`."""
        return self._select("suspend", names, on, until, where)

    def capacity(
        self, *names: str, t_per_year: float | None = None, factor: float | None = None,
        on: Any = None, until: Any = None, **where: Any,
    ) -> Scenario:  # fmt: skip
        """Set the capacity of links, tonnes a year in both directions, or scale what is known."""
        return self._select(
            "capacity", names, on, until, where, t_per_year=t_per_year, factor=factor
        )

    def set(
        self, *names: str, to: Mapping[str, Any], on: Any = None, until: Any = None, **where: Any
    ) -> Scenario:
        """Set properties of links.

        Parameters
        ----------
        *names, on, until, **where
            As for :meth:`open`.
        to : mapping
            ``length_km``, ``operator``, ``gauge_mm``, ``tracks``, ``electrification``,
            ``road_class``, ``speed_km_h``.
        """
        return self._select("set", names, on, until, where, to=dict(to))

    def build(self, line: Mapping[str, Any], **rest: Any) -> Scenario:
        """Build a line; see ``NewLine`` of the schema."""
        return self.with_change("build", dict(line), **rest)

    def tariff(self, *, on: Any = None, until: Any = None, **given: Any) -> Scenario:
        """Set what carriage costs.

        Parameters
        ----------
        on, until : str or date, optional
        **given
            Where it holds: ``country``, ``start`` and ``to`` (ends of a section), ``commodity``,
            ``mode``, ``origin``, ``destination`` and so on; and ``usd_per_t``, ``usd_per_t_km`` or
            ``factor``; ``at`` for charges at borders, ports and the like.
        """
        return self._numbers(
            "tariff", ("at", "usd_per_t", "usd_per_t_km", "factor"), given, on, until
        )

    def dwell(self, *, on: Any = None, until: Any = None, **given: Any) -> Scenario:
        """Set how long cargo stands: keys as for :meth:`tariff`, ``at``, ``hours``, ``factor``."""
        return self._numbers("dwell", ("at", "hours", "factor"), given, on, until)

    def parameter(
        self, name: str | Sequence[str] | Mapping[str, Any], value: Any = None, *,
        factor: float | None = None, unit: str | None = None, **rest: Any,
    ) -> Scenario:  # fmt: skip
        """Set or scale numbers of the cost model, by id or by ``{"kind": ..., keys}``."""
        return self.with_change("parameter", name, value=value, factor=factor, unit=unit, **rest)

    def impose(self, rule: Any, **rest: Any) -> Scenario:
        """Impose access rules of the data, by id or title, or a new one given as a mapping."""
        return self.with_change("impose", rule, **rest)

    def lift(self, *rules: str, **given: Any) -> Scenario:
        """Lift access rules by id or title, or by ``country``, ``border``, ``destination``."""
        keys, rest = _parted(given, ("id", "country", "border", "origin", "destination"))
        return self.with_change("lift", {**({"id": rules} if rules else {}), **keys}, **rest)

    def scale_flow(
        self, *flows: str, factor: float | None = None, tonnes_per_year: float | None = None,
        **given: Any,
    ) -> Scenario:  # fmt: skip
        """Scale flows, or set their tonnes a year."""
        keys, rest = _parted(given, _FLOW_KEYS)
        subject = {**({"id": flows} if flows else {}), **keys}
        return self.with_change(
            "scale_flow", subject, factor=factor, tonnes_per_year=tonnes_per_year, **rest
        )

    def add_flow(self, flow: Mapping[str, Any], **rest: Any) -> Scenario:
        """Add a flow; see ``NewFlow`` of the schema."""
        return self.with_change("add_flow", dict(flow), **rest)

    def remove_flow(self, *flows: str, **given: Any) -> Scenario:
        """Remove flows."""
        keys, rest = _parted(given, _FLOW_KEYS)
        return self.with_change("remove_flow", {**({"id": flows} if flows else {}), **keys}, **rest)

    def _select(
        self, action: str, names: tuple[str, ...], on: Any, until: Any, given: dict[str, Any],
        **fields: Any,
    ) -> Scenario:  # fmt: skip
        keys, rest = _parted(given, _WHERE_KEYS)
        subject = {**({"name": names} if names else {}), **keys}
        return self.with_change(action, subject, on=on, until=until, **fields, **rest)

    def _numbers(
        self, action: str, own: tuple[str, ...], given: dict[str, Any], on: Any, until: Any
    ) -> Scenario:
        fields, keys = _parted(given, (*own, *_ANY_CHANGE))
        return self.with_change(action, keys, on=on, until=until, **fields)


_WHERE_KEYS = (
    "corridor", "line", "link", "crossing", "border", "place", "country", "operator", "mode",
    "gauge",
)  # fmt: skip
_FLOW_KEYS = ("commodity", "origin_country", "destination_country")
_ANY_CHANGE = ("existing", "note", "sources")


def _parted(
    given: Mapping[str, Any], names: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Those of some names, and the others."""
    return (
        {key: value for key, value in given.items() if key in names},
        {key: value for key, value in given.items() if key not in names},
    )


def _context(card: Card, number: int) -> Context:
    sources = tuple(s.source_id if isinstance(s, NewSource) else s for s in card.sources)
    return Context(card.name, number + 1, card.as_of, sources)


def _message(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    return str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")


def _card(data: Any, document: Document | None, name: str) -> Card:
    try:
        return Card.model_validate(data)
    except ValidationError as error:
        raise _explained(error, data, document, name) from None


def _explained(
    error: ValidationError, data: Any, document: Document | None, name: str
) -> ScenarioError:
    """The first thing that breaks the schema, with its line and key."""
    first = error.errors(include_url=False)[0]
    at, missing = _path(first["loc"], data)
    context = first.get("ctx", {})
    if first["type"] == "unknown_key":
        at = (*at, context["key"])
    message = str(first["msg"]).removeprefix("Value error, ")
    if missing:
        message = f"{missing}: is required" if first["type"] == "missing" else message
    value = first.get("input")
    if not missing and isinstance(value, (str, int, float)) and repr(value) not in message:
        message += f" (found {value!r})"
    more = f"; and {error.error_count() - 1} more" if error.error_count() > 1 else ""
    where = name if document is None else document.where(at)
    key = key_words(at)
    return ScenarioError(f"{where}{f', {key}' if key else ''}: {message}{more}")


def _path(loc: Iterable[str | int], data: Any) -> tuple[At, str]:
    """Keys that lead to a value through what was written, without the names of variants.

    Returns the path and, where something is not there, its name.
    """
    at: list[str | int] = []
    missing = ""
    for part in loc:
        inside = part in data if isinstance(data, Mapping) else False
        if isinstance(data, (list, tuple)):
            inside = isinstance(part, int) and part < len(data)
        if inside:
            data = data[part]
            at.append(part)
        else:
            missing = str(part)
    return tuple(at), missing


def key_words(at: At) -> str:
    """``("changes", 2, "open", "country")`` as ``changes 3, open.country``."""
    words = ""
    for part in at:
        if isinstance(part, int):
            words += f" {part + 1}"
        elif words and words[-1].isdigit():
            words += f", {part}"
        else:
            words += f".{part}" if words else part
    return words
