"""Which parameter holds where: of those that apply, the most exact wins.

A parameter applies to an arc if every key of its ``applies_to`` fits: ``mode``, ``country``,
``border`` and the like are looked up on the arc, ``commodity``, ``traffic``, ``vehicle``,
``origin`` and ``destination`` on what moves, ``valid_from`` and ``valid_to`` on the day. Among
those that apply,

1. the one with more keys wins;
2. then the one with the weightier key, in the order of :data:`RANK`;
3. then the one about the nearer commodity (petrol before oil products);
4. then the one written in the direction travelled (``from``, ``to``) before the reverse one.

Two that are still equal would be an accident of the data; ``corridors data check`` reports them.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from corridors.costs.parameter_schema import DIVISORS, ParameterRow
from corridors.errors import ArgumentError, UnknownSubjectError
from corridors.numeric import is_number
from corridors.schema import FIRST_DAY
from corridors.states import ALWAYS, Period

if TYPE_CHECKING:
    from corridors.routing.graph import FloatArray, IntArray

Values: TypeAlias = "float | tuple[float, float, float]"
Fields: TypeAlias = Mapping[str, npt.NDArray[np.object_]]

RANK = (
    "place", "from", "to", "border", "to_country", "origin", "destination", "vehicle", "wagons",
    "line", "commodity", "road_class", "gauge", "country", "mode",
)  # fmt: skip
"""Keys of ``applies_to``, the weightiest first."""
_OF_SUBJECT = ("commodity", "traffic", "vehicle", "origin", "destination")
_ENDS = ("from", "to")


@dataclass(frozen=True)
class Subject:
    """What moves, and when, as far as parameters look at it.

    Parameters
    ----------
    day : date
    commodities : tuple of str
        The commodity, then its parents, nearest first.
    traffic : {"freight", "passenger"}
    vehicle : {"wagon", "lorry"}
        What carries it aboard a ferry.
    origin, destination : str
        Country codes; empty: unknown.
    """

    day: dt.date
    commodities: tuple[str, ...] = ()
    traffic: str = "freight"
    vehicle: str = "wagon"
    origin: str = ""
    destination: str = ""

    def fits(self, parameter: ParameterRow) -> bool:
        """Whether a parameter is about this subject and holds on its day, wherever it is."""
        keys = parameter.applies_to
        traffic = keys.get("traffic", "freight")
        return (
            (parameter.valid_from is None or parameter.valid_from <= self.day)
            and (parameter.valid_to is None or self.day < parameter.valid_to)
            and traffic in {"any", self.traffic}
            and keys.get("commodity", "") in {"", *self.commodities}
            and keys.get("vehicle", self.vehicle) == self.vehicle
            and keys.get("origin", self.origin) == self.origin
            and keys.get("destination", self.destination) == self.destination
        )

    def exactness(self, parameter: ParameterRow, ignore: Iterable[str] = ()) -> tuple[float, ...]:
        """Sorts parameters that fit: the more exact, the greater."""
        keys = [key for key in parameter.applies_to if key not in ignore]
        ranks = sorted(RANK.index(key) for key in keys if key in RANK)
        commodity = parameter.applies_to.get("commodity")
        away = self.commodities.index(commodity) if commodity in self.commodities else 0
        # Padded, so that a tuple never compares as smaller for being shorter.
        padded = [*(-rank for rank in ranks), *([-len(RANK)] * (len(RANK) - len(ranks)))]
        return (float(len(keys)), *map(float, padded), -float(away))


@dataclass(frozen=True)
class ParameterSet:
    """Parameters by id, with the numbers as arrays.

    Parameters
    ----------
    rows : tuple of ParameterRow
        In the order of their ids.
    """

    rows: tuple[ParameterRow, ...]
    numbers: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values = [(row.low, row.central, row.high) for row in self.rows]
        table = np.array(values, float).reshape(-1, 3)
        for number, row in enumerate(self.rows):
            if row.kind == "factor" and row.unit == "share":
                table[number] += 1.0
            if row.kind in DIVISORS:
                table[number] = table[number, ::-1]  # much is cheap
        object.__setattr__(self, "numbers", table.T)

    def ones(self) -> ParameterSet:
        """The same parameters with every number at one, to find what multiplies them."""
        other = copy(self)
        object.__setattr__(other, "numbers", np.ones_like(self.numbers))
        return other

    def of_kind(self, kind: str) -> list[int]:
        """Numbers of the parameters of a kind, by id."""
        return [number for number, row in enumerate(self.rows) if row.kind == kind]

    def select(self, kind: str, subject: Subject, fields: Fields, size: int) -> IntArray:
        """The parameter of a kind that holds at each of some arcs.

        Parameters
        ----------
        kind : str
        subject : Subject
        fields : mapping of str to ndarray of str
            What each arc is, by key of ``applies_to``.
        size : int
            Number of arcs.

        Returns
        -------
        ndarray of int
            Number of the parameter; -1 where none applies.
        """
        layers: list[tuple[tuple[float, ...], str, int, npt.NDArray[np.bool_]]] = []
        for number in self.of_kind(kind):
            row = self.rows[number]
            if not subject.fits(row):
                continue
            exact = subject.exactness(row, ignore=("traffic",))
            for direct in (True, False):
                mask = _fitting(row, fields, size, direct=direct)
                if mask is not None and mask.any():
                    layers.append(((*exact, float(direct)), row.parameter_id, number, mask))
        chosen = np.full(size, -1, np.int64)
        for *_, number, mask in sorted(layers, key=lambda layer: layer[:2]):
            chosen[mask] = number
        return chosen

    def best(self, kind: str, subject: Subject, **fields: str) -> ParameterRow | None:
        """The parameter of a kind that holds at one place, or None."""
        arrays = {key: np.array([value], object) for key, value in fields.items()}
        number = int(self.select(kind, subject, arrays, 1)[0])
        return None if number < 0 else self.rows[number]

    def changed(self, changes: Mapping[str, Values], period: Period = ALWAYS) -> ParameterSet:
        """The same parameters with some numbers replaced, for a what-if.

        Parameters
        ----------
        changes : mapping of str to float or (low, central, high)
        period : Period
            When the new numbers hold. Before and after it the old ones do; the part that does not
            come first has the day on which it begins in its id (``rate-rail-ge--2028-01-01``).

        Raises
        ------
        UnknownSubjectError
            If an id is unknown.
        ArgumentError
            If a number cannot be (NaN, out of order, a speed of zero, a rate below zero), or a
            parameter does not hold in that period.
        """
        if not isinstance(changes, Mapping):
            raise ArgumentError(f"changes={changes!r} must be new numbers by parameter id")
        known = {row.parameter_id: [row] for row in self.rows}
        for name, value in changes.items():
            if name not in known:
                near = ", ".join(sorted(p for p in known if p.split("-")[0] == name.split("-")[0]))
                raise UnknownSubjectError(
                    f"no parameter has the id {name!r}; "
                    + (f"of that kind there are {near}" if near else "net.parameters lists them")
                )
            (old,) = known[name]
            known[name] = _parted(old, _replaced(old, value), period)
        return ParameterSet.of(row for rows in known.values() for row in rows)

    def added(self, row: ParameterRow) -> ParameterSet:
        """The same parameters and one more, which takes the place of its like while it holds.

        Raises
        ------
        ArgumentError
            If its id is taken.
        """
        period = Period(row.valid_from or FIRST_DAY, row.valid_to)
        rows: list[ParameterRow] = [row]
        for old in self.rows:
            if old.parameter_id == row.parameter_id:
                raise ArgumentError(f"parameter {row.parameter_id!r} is there already")
            alike = old.kind == row.kind and old.applies_to == row.applies_to
            rows += _parted(old, None, period) if alike and meets(old, period) else [old]
        return ParameterSet.of(rows)

    @classmethod
    def of(cls, rows: Iterable[ParameterRow]) -> ParameterSet:
        """Parameters in the order of their ids."""
        return cls(tuple(sorted(rows, key=lambda row: row.parameter_id)))


def meets(row: ParameterRow, period: Period) -> bool:
    """Whether a number holds on some day of a period."""
    return (row.valid_to is None or period.start < row.valid_to) and (
        period.end is None or row.valid_from is None or row.valid_from < period.end
    )


def _parted(old: ParameterRow, new: ParameterRow | None, period: Period) -> list[ParameterRow]:
    """What holds before, in and after a period, one row each."""
    if not meets(old, period):
        raise ArgumentError(
            f"parameter {old.parameter_id!r} holds from {old.valid_from or 'the first day'} until "
            f"{old.valid_to or 'the last'}, not in the time of the change"
        )
    starts = old.valid_from or FIRST_DAY
    parts: list[ParameterRow] = []
    if starts < period.start:
        parts.append(old.model_copy(update={"valid_to": period.start}))
    if new is not None:
        ends = [day for day in (old.valid_to, period.end) if day is not None]
        dates = {"valid_to": min(ends, default=None)}
        if parts:
            dates["valid_from"] = period.start
        parts.append(_dated(new, dates, first=not parts))
    if period.end is not None and (old.valid_to is None or period.end < old.valid_to):
        parts.append(_dated(old, {"valid_from": period.end}, first=not parts))
    return parts


def _dated(row: ParameterRow, dates: Mapping[str, dt.date | None], *, first: bool) -> ParameterRow:
    name = row.parameter_id if first else f"{row.parameter_id}--{dates['valid_from']}"
    return row.model_copy(update={**dates, "parameter_id": name})


def _replaced(row: ParameterRow, value: Values) -> ParameterRow:
    from pydantic import ValidationError

    numbers: Sequence[object] = value if isinstance(value, (tuple, list)) else (value,) * 3
    where = f"parameter {row.parameter_id!r}: {value!r}"
    if len(numbers) != 3:  # noqa: PLR2004  (low, central, high)
        raise ArgumentError(f"{where} must be one number or (low, central, high)")
    for number in numbers:
        if not (is_number(number) and math.isfinite(number)):
            raise ArgumentError(f"{where} must be finite numbers in {row.unit}")
    low, central, high = (float(number) for number in numbers)  # type: ignore[arg-type]
    data = row.model_dump() | {
        "low": low, "central": central, "high": high, "source": None, "confidence": "assumption",
        "ours": (),
        "note": f"what-if; {row.central:g} {row.unit} in the data",
    }  # fmt: skip
    try:
        return ParameterRow.model_validate(data)
    except ValidationError as error:
        first = str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")
        raise ArgumentError(f"{where}: {first}") from None


def _fitting(
    row: ParameterRow, fields: Fields, size: int, *, direct: bool
) -> npt.NDArray[np.bool_] | None:
    """Mask of the arcs that a parameter is about; None where it cannot be about any.

    Not ``direct``: with ``from`` and ``to`` exchanged, for what is written for one way only.
    """
    keys = row.applies_to
    if not direct and not any(key in keys for key in _ENDS):
        return None
    mask = np.ones(size, bool)
    for key, value in keys.items():
        if key in _OF_SUBJECT:
            continue
        looked_up: str = key
        if not direct and key in _ENDS:
            looked_up = "to" if key == "from" else "from"
        if looked_up not in fields:
            return None
        mask &= fields[looked_up] == value
    return mask
