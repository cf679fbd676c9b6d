"""At which value of a parameter one route becomes better than another.

What a route costs is a straight line in any one number of the cost model (in its inverse, for
speeds and loads), so the value at which two routes cost the same follows from two points on each
line, exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corridors.costs.linear import number_of, value_of
from corridors.costs.model import value_of_time_row
from corridors.costs.parameter_schema import DIVISORS, ParameterRow
from corridors.errors import ArgumentError, UnknownSubjectError

if TYPE_CHECKING:
    from corridors.routing.route import Route

MEASURES = ("hours", "usd_per_t", "generalised")
_SAME = 1e-9


@dataclass(frozen=True)
class Switch:
    """Where two routes change places.

    Parameters
    ----------
    parameter_id, unit : str
    now : float
        Central value in the model.
    value : float
        Value at which both cost the same; NaN if there is none that is possible (0 or more,
        above 0 for speeds and loads).
    measure : {"hours", "usd_per_t", "generalised"}
    costs_now : tuple of float
        What the two routes cost now, h or USD/t.
    cheaper_below, cheaper_above : int
        Which of the two (0 or 1) is better below and above the value; both the better one where
        there is no such value.
    """

    parameter_id: str
    unit: str
    now: float
    value: float
    measure: str
    costs_now: tuple[float, float]
    cheaper_below: int
    cheaper_above: int

    def __str__(self) -> str:
        better = "first" if self.cheaper_below == 0 else "second"
        if math.isnan(self.value):
            return f"the {better} route stays better whatever {self.parameter_id} is"
        return (
            f"below {self.value:,.4g} {self.unit} of {self.parameter_id} (now {self.now:g}) "
            f"the {better} route is better, above it the other"
        )


def switching_value(
    one: Route, other: Route, parameter_id: str, *, measure: str = "usd_per_t"
) -> Switch:
    """Value of a parameter at which two routes cost the same.

    Parameters
    ----------
    one, other : Route
        Asked of the same network; both are kept as they are while the number changes.
    parameter_id : str
        A number of the cost model, such as ``"rate-rail-ru"`` or ``"hours-port-waiting"``.
    measure : {"hours", "usd_per_t", "generalised"}
        What is compared, central values; generalised by the value of time of ``one``.

    Returns
    -------
    Switch

    Raises
    ------
    UnknownSubjectError
        If there is no such parameter.
    ArgumentError
        If the routes come from different networks, the measure is unknown, or the parameter is
        part of neither route.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> ask = {"modes": ["rail", "ferry"], "commodity": "wheat"}
    >>> samur = net.route("Kostanay", "Yerevan", via=["yalama"], **ask)
    >>> aktau = net.route("Kostanay", "Yerevan", via=["aktau-port"], **ask)
    >>> switch = switching_value(samur, aktau, "rate-rail-ru")
    >>> switch.cheaper_below, switch.cheaper_above     # cheap Russian rails: over Samur
    (0, 1)
    """
    for route in (one, other):
        if not hasattr(route, "costs_with"):
            raise ArgumentError(f"{route!r} is no route; give two Routes of one network")
    if one.network is not other.network:
        raise ArgumentError("the two routes come from different networks or days")
    if measure not in MEASURES:
        raise ArgumentError(f"measure={measure!r} is unknown; available: {', '.join(MEASURES)}")
    rows = {row.parameter_id: row for row in one.network.costs.parameters.rows}
    if parameter_id not in rows:
        raise UnknownSubjectError(f"no parameter has the id {parameter_id!r}")
    row = rows[parameter_id]
    # Two values of the number that the costs are a straight line in.
    first, second = number_of(row, row.central), number_of(row, row.central) + 1.0
    time = one.value_of_time if measure == "generalised" else 0.0
    lines = []
    for route in (one, other):
        at = [_cost(route, row, x, measure, time) for x in (first, second)]
        slope = at[1] - at[0]
        lines.append((at[0] - slope * first, slope))
    if all(abs(slope) <= _SAME for _, slope in lines):
        raise ArgumentError(f"neither route pays by {parameter_id!r}; choose another parameter")
    now = tuple(base + slope * first for base, slope in lines)
    gap, tilt = lines[0][0] - lines[1][0], lines[0][1] - lines[1][1]
    at_zero = 0 if gap <= 0 else 1
    x = -gap / tilt if abs(tilt) > _SAME else math.nan
    if not x >= 0 or (row.kind in DIVISORS and x == 0):
        better = 0 if now[0] <= now[1] else 1
        return _switch(row, math.nan, measure, now, better, better)
    if row.kind in DIVISORS:
        # The number is the inverse: below the value it lies above x.
        return _switch(row, 1.0 / x, measure, now, 1 - at_zero, at_zero)
    return _switch(row, value_of(row, x), measure, now, at_zero, 1 - at_zero)


def _switch(
    row: ParameterRow, value: float, measure: str, now: tuple[float, ...], below: int, above: int
) -> Switch:
    return Switch(
        row.parameter_id, row.unit, row.central, value, measure, (now[0], now[1]), below, above
    )


def _cost(route: Route, row: ParameterRow, number: float, measure: str, time: float) -> float:
    """Central cost of a route, with one number changed and its way kept."""
    if row.kind != "value_of_time":
        hours, usd = route.costs_with({row.parameter_id: value_of(row, number)})
    else:
        hours, usd = route.hours, route.usd_per_t
        own = value_of_time_row(route.network, route.shipment, route.commodity)
        time = number if own == row and time == row.central else time  # not one that was given
    return {"hours": hours, "usd_per_t": usd}.get(measure, usd + time * hours)
