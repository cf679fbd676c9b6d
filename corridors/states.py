"""What may be used on a date, by which shipment: dated states and access rules.

A link can be used if its own state, the states of both its ends and every access rule allow it.
All functions work on whole tables; none keeps anything between calls.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.errors import DataError, DateError
from corridors.schema import FIRST_DAY, LAST_DAY, RuleRow

BoolArray = npt.NDArray[np.bool_]
USABLE = frozenset({"open", "seasonal"})
"""States in which traffic passes (a seasonal one only in its season)."""


@dataclass(frozen=True)
class Period:
    """From a day up to the day before another; the whole time covered if neither is given.

    Parameters
    ----------
    start : date
    end : date or None
        The first day after; None: for good.
    """

    start: dt.date = FIRST_DAY
    end: dt.date | None = None

    def holds(self, day: dt.date) -> bool:
        """Whether a day lies in it."""
        return self.start <= day and (self.end is None or day < self.end)


ALWAYS = Period()


@dataclass(frozen=True)
class Shipment:
    """What moves: rules look at these and at nothing else.

    Parameters
    ----------
    origin, destination : str
        Country codes of the cargo's origin and destination; empty: unknown.
    commodities : frozenset of str
        The commodity and its parents (wheat is also grain); empty: unspecified freight.
    traffic : {"freight", "passenger"}
    """

    origin: str = ""
    destination: str = ""
    commodities: frozenset[str] = field(default_factory=frozenset)
    traffic: str = "freight"


def as_day(value: str | dt.date | None, name: str = "as_of") -> dt.date:
    """Turn what a user gives as a date into a date inside the covered years.

    Parameters
    ----------
    value : str, date or None
        ISO text such as ``"2025-11-05"``, a date, or None for today.
    name : str
        Name of the argument, for the message.

    Raises
    ------
    DateError
        If it is not a date or lies outside 1988–2050.
    """
    if value is None:
        return dt.date.today()  # noqa: DTZ011  (a calendar day where the user is)
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, str):
        try:
            # fromisoformat alone also takes 20251105 and 2025-W45.
            value = dt.datetime.strptime(value.strip(), "%Y-%m-%d").date()  # noqa: DTZ007
        except ValueError:
            msg = f"{name}={value!r} is not a date; write YYYY-MM-DD, such as 2025-11-05"
            raise DateError(msg) from None
    if not isinstance(value, dt.date):
        msg = f"{name}={value!r} is not a date; give a string YYYY-MM-DD or a datetime.date"
        raise DateError(msg)
    if not FIRST_DAY <= value <= LAST_DAY:
        msg = f"{name}={value} is outside the years covered, {FIRST_DAY} to {LAST_DAY}"
        raise DateError(msg)
    return value


def states_on(states: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Rows of the state table that hold on ``day`` (``valid_from <= day < valid_to``)."""
    today = np.datetime64(day)
    start = states["valid_from"].to_numpy()
    end = states["valid_to"].to_numpy()
    held: pd.DataFrame = states[(start <= today) & (np.isnat(end) | (today < end))]
    return held


def link_states(links: pd.DataFrame, states: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """State of every link on a day, and whose row says so.

    Parameters
    ----------
    links : DataFrame
        Columns ``link_id``, ``line_id``.
    states : DataFrame
        The dated state table.
    day : date

    Returns
    -------
    DataFrame
        One row a link, in the order of ``links``: ``state``, ``state_kind`` ("link" or "line"),
        ``state_subject``, ``state_source``, ``usable``.

    Raises
    ------
    DataError
        If a link has no state on that day.
    """
    now = states_on(states, day)
    result: dict[str, npt.NDArray[np.object_]] = {}
    own, of_line = (now[now["subject_kind"] == kind] for kind in ("link", "line"))
    for column in ("state", "season", "source"):
        value = links["link_id"].map(dict(zip(own["subject_id"], own[column], strict=True)))
        line = links["line_id"].map(dict(zip(of_line["subject_id"], of_line[column], strict=True)))
        has_own = links["link_id"].isin(own["subject_id"]).to_numpy()
        result[column] = np.where(has_own, value.to_numpy(object), line.to_numpy(object))
    missing = pd.isna(result["state"])
    if missing.any():
        ids = ", ".join(links["link_id"].to_numpy()[missing][:3])
        msg = f"states: no state on {day} for {int(missing.sum())} link(s), such as {ids}"
        raise DataError(msg)
    kind = np.where(has_own, "link", "line")
    subject = np.where(has_own, links["link_id"], links["line_id"])
    return pd.DataFrame(
        {
            "state": result["state"],
            "state_kind": kind,
            "state_subject": subject,
            "state_source": result["source"],
            "usable": _passes(result["state"], result["season"], day),
        },
        index=links.index,
    )


def closed_places(states: pd.DataFrame, day: dt.date) -> dict[str, str]:
    """Places that nothing may pass on ``day``, with their state."""
    now = states_on(states, day)
    now = now[now["subject_kind"] == "place"]
    passes = _passes(now["state"].to_numpy(object), now["season"].to_numpy(object), day)
    shut = now[~passes]
    return dict(zip(shut["subject_id"], shut["state"], strict=True))


def spared_places(states: pd.DataFrame, day: dt.date) -> frozenset[str]:
    """Places opened on purpose on ``day``, which rules on a whole border spare."""
    if "spared" not in states:
        return frozenset()
    now = states_on(states, day)
    return frozenset(now["subject_id"][now["spared"].to_numpy(bool)])


def _passes(
    state: npt.NDArray[np.object_], season: npt.NDArray[np.object_], day: dt.date
) -> BoolArray:
    usable = np.isin(state.astype(str), sorted(USABLE))
    for row in np.flatnonzero(usable & (state == "seasonal")):
        usable[row] = _in_season(season[row], day)
    return usable


def _in_season(season: object, day: dt.date) -> bool:
    if not isinstance(season, str):
        return True
    first, last = season.split("..")
    today = day.strftime("%m-%d")
    if first <= last:
        return first <= today <= last
    return today >= first or today <= last


def rules_for(rules: Sequence[RuleRow], day: dt.date, shipment: Shipment) -> list[RuleRow]:
    """The ``forbid`` rules that hold on a day for a shipment, in table order."""
    return [rule for rule in rules if rule.effect == "forbid" and _holds(rule, day, shipment)]


def _holds(rule: RuleRow, day: dt.date, shipment: Shipment) -> bool:
    dated = rule.valid_from <= day and (rule.valid_to is None or day < rule.valid_to)
    return (
        dated
        and (not rule.origins or shipment.origin in rule.origins)
        and (not rule.destinations or shipment.destination in rule.destinations)
        and shipment.origin not in rule.not_origins
        and shipment.destination not in rule.not_destinations
        and (not rule.commodities or not shipment.commodities.isdisjoint(rule.commodities))
        and rule.traffic in {"any", shipment.traffic}
    )


def crossings_of_rule(
    rule: RuleRow, borders: Mapping[str, frozenset[str]], lifted: Iterable[str] = ()
) -> set[str]:
    """Crossings a rule closes: those it names, and all between the countries it names.

    Parameters
    ----------
    rule : RuleRow
    borders : mapping of str to frozenset of str
        Crossing place id to its two countries.
    lifted : iterable of str
        Crossings opened on purpose, which a rule on a whole border spares.
    """
    pairs = {frozenset(pair) for pair in rule.borders}
    whole = {place for place, countries in borders.items() if countries in pairs}
    return (whole - set(lifted)) | set(rule.places)


def links_of_rule(
    rule: RuleRow,
    links: pd.DataFrame,
    borders: Mapping[str, frozenset[str]],
    lifted: Iterable[str] = (),
) -> BoolArray:
    """Mask of the links a rule closes."""
    crossings = sorted(crossings_of_rule(rule, borders, lifted))
    mask = links["country"].isin(rule.transit_countries) | links["line_id"].isin(rule.lines)
    if crossings:
        mask |= links["from_place"].isin(crossings) | links["to_place"].isin(crossings)
    return mask.to_numpy(bool)
