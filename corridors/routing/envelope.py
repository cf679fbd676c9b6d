"""The values of a parameter at which the best way changes: exact, by parametric shortest paths.

What a way costs is a straight line in any one number, so the least cost over all ways is concave
and made of straight pieces. Each piece's end is the crossing of two lines that ways have; they are
found by asking for the best way where two known lines cross (Eisner and Severance 1976).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from corridors.costs.linear import number_of, value_of
from corridors.costs.parameter_schema import DIVISORS

if TYPE_CHECKING:
    from corridors.costs.parameter_schema import ParameterRow
    from corridors.routing.graph import FloatArray, IntArray
    from corridors.routing.parametric import Problem, Small

REACH = 20.0
"""How many times the high value is searched, and for speeds and loads what part of the low one."""
_TOLERANCE = 1e-10


@dataclass(frozen=True)
class Line:
    """What one way costs, for a number x: ``base + slope * x``."""

    base: float
    slope: float
    way: IntArray

    def at(self, x: float) -> float:
        """Cost at a number."""
        return self.base + self.slope * x


@dataclass(frozen=True)
class Piece:
    """A range of a parameter's value in which one way is the best.

    Parameters
    ----------
    low, high : float
        In the parameter's unit; the ends of what was searched at the first and last piece.
    way : ndarray of int
        Stretches of the problem.
    """

    low: float
    high: float
    way: IntArray


def bounds(row: ParameterRow) -> tuple[float, float]:
    """The values of a parameter that are searched."""
    top = REACH * max(abs(row.high), abs(row.central)) or REACH
    if row.kind in DIVISORS:
        return row.low / REACH, top
    return (-1.0 if row.unit == "share" else 0.0), top


def pieces(one: Small, numbers: FloatArray, at: int, row: ParameterRow) -> list[Piece]:
    """The best ways over all values of one parameter, the others as they are.

    Parameters
    ----------
    one : Small
    numbers : ndarray of float, (parameters,)
        Of all parameters; see :func:`.numbers_of`.
    at : int
        Number of the parameter.
    row : ParameterRow

    Returns
    -------
    list of Piece
        By rising value, without gaps; empty where there is no way.
    """
    problem = one.problem
    base, slope = _lines(one, numbers, at)
    low, high = bounds(row)
    first, last = sorted((number_of(row, low), number_of(row, high)))
    lines = _envelope(problem, base, slope, first, last)
    if not lines:
        return []
    cuts = [first, *(_crossing(a, b) for a, b in pairwise(lines)), last]
    found = []
    for line, (begin, end) in zip(lines, pairwise(cuts), strict=True):
        lower, upper = sorted((value_of(row, begin), value_of(row, end)))
        found.append(Piece(lower, upper, line.way))
    return found[::-1] if row.kind in DIVISORS else found


def _lines(one: Small, numbers: FloatArray, at: int) -> tuple[FloatArray, FloatArray]:
    """Weight of each stretch at a number of zero, and what one more of it adds."""
    problem, costs = one.problem, one.costs
    unit = numbers.copy()
    unit[at] = 1.0
    forms = costs.values(unit)
    moves = (costs.forms == at).any(axis=1)
    (hours, more_hours), (usd, more_usd) = (
        (table @ np.where(moves, 0.0, forms), table @ np.where(moves, forms, 0.0))
        for table in (problem.hours, problem.usd)
    )
    time = problem.value_of_time
    if np.isnan(time) and costs.value_of_time >= 0:
        if at == costs.value_of_time:
            time, more_usd, more_hours = 0.0, hours, np.zeros_like(hours)
        else:
            time = float(numbers[costs.value_of_time])
    nothing = np.zeros_like(problem.km)
    return (
        (problem.km, nothing), (hours, more_hours), (usd, more_usd),
        (usd + time * hours, more_usd + time * more_hours),
    )[problem.weight]  # fmt: skip


def _envelope(
    problem: Problem, base: FloatArray, slope: FloatArray, first: float, last: float
) -> list[Line]:
    """Lines of the lower envelope between two numbers, in order."""

    def best(x: float) -> Line | None:
        way = problem.best(base + slope * x)
        return None if way is None else Line(float(base[way].sum()), float(slope[way].sum()), way)

    left, right = best(first), best(last)
    if left is None or right is None:
        return []
    done, waiting = [left], [right]
    while waiting:
        here, there = done[-1], waiting[-1]
        x = _crossing(here, there)
        if x <= first:
            done[-1] = waiting.pop()  # as good at the first number, better after it
            continue
        if not x < last:
            waiting.pop()  # no better before the last number
            continue
        middle = best(x)
        if middle is None or middle.at(x) >= here.at(x) - _TOLERANCE * max(1.0, abs(here.at(x))):
            done.append(waiting.pop())
        else:
            waiting.append(middle)
    return done


def _crossing(one: Line, other: Line) -> float:
    """Where the second line becomes the better one; infinite where it never does."""
    tilt = one.slope - other.slope
    gap = other.base - one.base
    small = _TOLERANCE * max(1.0, abs(one.slope), abs(other.slope))
    return gap / tilt if tilt > small else np.inf
