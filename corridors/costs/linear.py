"""Costs of every arc as sums of products of parameters, so that new numbers need no compiling.

An hour or a dollar in the cost model is a length, a share or one, times a product of parameters
(speeds and loads by their inverse): kilometres × rate × factor, charge × share of the border. A
product is a *form*. What an arc costs is then a row of coefficients times the values of the forms,
and a straight line in any one parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corridors.costs.costing import Component, compile_costs
from corridors.costs.model import kept_costs, subject_of
from corridors.costs.parameter_schema import DIVISORS, ParameterRow

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from corridors.costs.parameters import Subject
    from corridors.network import Network
    from corridors.routing.graph import FloatArray, IntArray
    from corridors.states import Shipment


def number_of(row: ParameterRow, value: float) -> float:
    """What costs are a straight line in, for a value of a parameter."""
    if row.kind in DIVISORS:
        return 1.0 / value
    return 1.0 + value if row.unit == "share" else value


def value_of(row: ParameterRow, number: float) -> float:
    """The value of a parameter behind a number: the inverse of :func:`number_of`."""
    if row.kind in DIVISORS:
        return 1.0 / number
    return number - 1.0 if row.unit == "share" else number


def numbers_of(rows: Sequence[ParameterRow], values: FloatArray) -> FloatArray:
    """The same for many values, (…, parameters)."""
    divisor = np.array([row.kind in DIVISORS for row in rows], bool)
    share = np.array([row.unit == "share" for row in rows], bool)
    return np.where(divisor, 1.0 / np.where(divisor, values, 1.0), values + share)


@dataclass(frozen=True)
class LinearCosts:
    """Hours and dollars of every arc, by form.

    Parameters
    ----------
    forms : ndarray of int, (forms, width)
        Numbers of the parameters in each product; filled up with the number of parameters, which
        stands for one.
    hours, usd : sparse matrix, (arcs, forms)
        Coefficients, h and USD/t; no dollars for passengers.
    value_of_time : int
        Number of the parameter; -1: none applies.
    """

    forms: IntArray
    hours: csr_array[np.float64, tuple[int, int]]
    usd: csr_array[np.float64, tuple[int, int]]
    value_of_time: int

    def values(self, numbers: FloatArray) -> FloatArray:
        """Values of the forms for numbers of the parameters, (…, parameters) to (…, forms)."""
        one = np.ones((*numbers.shape[:-1], 1))
        result: FloatArray = np.concatenate([numbers, one], axis=-1)[..., self.forms].prod(axis=-1)
        return result


def linear_costs(
    net: Network, shipment: Shipment, commodity: str | None, *, vehicle: str = "wagon"
) -> LinearCosts:
    """Costs of every arc by form; parameters as in :func:`corridors.costs.model.costing`."""
    subject = subject_of(net, shipment, commodity, vehicle)
    return kept_costs(net, "linear_costs", subject, lambda: _linear(net, subject))


def _linear(net: Network, subject: Subject) -> LinearCosts:
    # With every number at one, what is left of each cost is its coefficient.
    found = compile_costs(net, net.costs.parameters.ones(), subject)
    return _by_form(net, found.components, found.value_of_time_parameter, len(net.graph.link))


def _by_form(
    net: Network, components: Sequence[Component], value_of_time: int, size: int
) -> LinearCosts:
    from scipy.sparse import coo_array

    count = len(net.costs.parameters.rows)
    numbers: dict[tuple[int, ...], int] = {}
    entries: dict[str, list[tuple[IntArray, IntArray, FloatArray]]] = {"hours": [], "usd": []}
    for part in components:
        column = np.empty(len(part.arcs), np.int64)
        for one in np.unique(part.parameter).tolist():
            form = tuple(sorted({one, *part.also.tolist()}))
            column[part.parameter == one] = numbers.setdefault(form, len(numbers))
        entries[part.measure].append((part.arcs, column, part.amounts[1]))
    width = max(map(len, numbers), default=1)
    forms = np.full((len(numbers), width), count, np.int64)
    for form, number in numbers.items():
        forms[number, : len(form)] = form
    matrices = {}
    for measure, listed in entries.items():
        arcs, columns, amounts = (
            np.concatenate([np.zeros(0, kind), *(entry[at] for entry in listed)])
            for at, kind in enumerate((np.int64, np.int64, np.float64))
        )
        shape = (size, len(numbers))
        matrices[measure] = coo_array((amounts, (arcs, columns)), shape).tocsr()
    return LinearCosts(forms, matrices["hours"], matrices["usd"], value_of_time)
