"""Errors: one base class; each is also the nearest builtin, so ``except LookupError`` works.

Every message names what was wrong (the argument, or the file and row) and what to do about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corridors.routing.diagnosis import Change, Reason


class CorridorsError(Exception):
    """Base of every error that *corridors* raises on purpose."""


class DataError(CorridorsError, ValueError):
    """A data file cannot be read or breaks the schema; the message names file, row and column."""


class ArgumentError(CorridorsError, ValueError):
    """An argument has a value that cannot be used."""


class ScenarioError(CorridorsError, ValueError):
    """A scenario cannot be read, contradicts itself or does not fit the network.

    The message names the card, the line and the key; nothing has been applied.

    Parameters
    ----------
    message : str
    key : tuple of str
        The key of the change that is at fault, where it is not the action.
    """

    def __init__(self, message: str, key: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.key = key


class InfeasibleError(CorridorsError, ValueError):
    """Capacities cannot carry all that was asked for; the message names flows and bottlenecks."""


class DateError(ArgumentError):
    """A date is not a date, or lies outside the years the data covers."""


class UnitError(ArgumentError):
    """An amount is in a unit that does not fit what is counted, or two units are mixed up."""


class UnknownPlaceError(CorridorsError, LookupError):
    """No place has this id, name or station code."""


class AmbiguousPlaceError(CorridorsError, LookupError):
    """Several places answer to this name; ``candidates`` holds their ids.

    Parameters
    ----------
    message : str
        What was asked and what it could mean.
    candidates : sequence of str
        Place ids, sorted.
    """

    def __init__(self, message: str, candidates: Sequence[str]) -> None:
        super().__init__(message)
        self.candidates: tuple[str, ...] = tuple(candidates)


class OverpassError(CorridorsError, ConnectionError):
    """A server of OpenStreetMap data gave no complete answer; the message says what to do."""


class UnknownSubjectError(CorridorsError, LookupError):
    """No link, line, place, corridor, flow or operator has this id."""


class NoRoute(CorridorsError, LookupError):  # noqa: N818  (the name users read: "no route")
    """No route exists under the states, rules and modes asked for.

    Parameters
    ----------
    message : str
        One readable paragraph: the question, the reasons, what would have to change.
    reasons : sequence of Reason
        What stands in the way on the shortest way the infrastructure, built or planned, offers.
    changes : sequence of Change
        The smallest set of changes that would open some route; empty if none would. For a way
        through places in between, the smallest set for each part that is closed.
    """

    def __init__(
        self, message: str, reasons: Sequence[Reason] = (), changes: Sequence[Change] = ()
    ) -> None:
        super().__init__(message)
        self.reasons: tuple[Reason, ...] = tuple(reasons)
        self.changes: tuple[Change, ...] = tuple(changes)

    @property
    def obstacle(self) -> str:
        """What stands in the way, on one line."""
        texts = [reason.text for reason in self.reasons if reason.kind != "mode"]
        return "; ".join(texts) or str(self).splitlines()[0]
