"""Kilometres, hours and dollars of every arc, for one shipment on one day.

``arc_weights(net, shipment, commodity, weight)`` is what routing, alternatives, tables and
assignment ask; all of them minimise sums of these. ``net.costs`` is the model in use;
``net.with_parameters({...})`` gives the network with other numbers in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from corridors.costs.costing import CAUSES, Costing, compile_costs
from corridors.costs.parameter_schema import ParameterRow
from corridors.costs.parameters import ParameterSet, Subject, Values
from corridors.errors import ArgumentError, DataError
from corridors.numeric import is_number
from corridors.tables import frame, read_table

if TYPE_CHECKING:
    import pandas as pd

    from corridors.network import Network
    from corridors.routing.graph import FloatArray
    from corridors.states import Shipment

WEIGHTS = ("length", "hours", "usd_per_t", "generalised")
"""What a route can make least: km, h, USD/t, or USD/t with hours at a value of time."""
CASES = ("low", "central", "high")
"""Low: every parameter at its cheap or quick end; high: at its dear or slow end."""
T = TypeVar("T")
MAX_KEPT = 128
"""How many subjects' costs a network and its what-ifs keep; the oldest go first."""


@dataclass(frozen=True)
class CostModel:
    """The numbers that hours and dollars are made from.

    Parameters
    ----------
    parameters : ParameterSet

    Examples
    --------
    >>> import corridors as co
    >>> dear = co.load("2026-06-01").with_parameters({"rate-rail-ge": 0.09})
    >>> dear.costs.table().set_index("parameter_id").loc["rate-rail-ge", "central"]
    np.float64(0.09)
    """

    parameters: ParameterSet

    @classmethod
    def read(cls, folder: Path) -> CostModel:
        """Model from the table ``parameters`` of a data folder; empty where it has none."""
        rows = read_table(folder, "parameters", ParameterRow, optional=True)
        return cls.of(rows)

    @classmethod
    def of(cls, rows: Iterable[ParameterRow]) -> CostModel:
        """Model from rows; an id given twice is an error."""
        known: dict[str, ParameterRow] = {}
        for row in rows:
            if row.parameter_id in known:
                raise DataError(f"parameters: parameter_id {row.parameter_id!r} is given twice")
            known[row.parameter_id] = row
        return cls(ParameterSet(tuple(known[name] for name in sorted(known))))

    def with_parameters(self, changes: Mapping[str, Values]) -> CostModel:
        """The same model with some numbers replaced.

        Parameters
        ----------
        changes : mapping of str to float or (low, central, high)
            New numbers by parameter id, in the parameter's own unit.

        Raises
        ------
        UnknownSubjectError
            If there is no such parameter.
        ArgumentError
            If a number cannot be, such as a speed of zero or a rate that is NaN.
        """
        return CostModel(self.parameters.changed(changes))

    def table(self) -> pd.DataFrame:
        """All parameters, one a row, with units and sources."""
        return frame(self.parameters.rows, ParameterRow)

    def __bool__(self) -> bool:
        return bool(self.parameters.rows)


def vehicle_of(modes: Iterable[str]) -> str:
    """What carries cargo aboard a ferry: lorries where the railway is not among the modes."""
    return "wagon" if "rail" in set(modes) else "lorry"


def costing(
    net: Network, shipment: Shipment, commodity: str | None, *, vehicle: str = "wagon"
) -> Costing:
    """Hours and dollars of every arc with where they come from; compiled once and kept.

    Parameters
    ----------
    net : Network
    shipment : Shipment
    commodity : str or None
    vehicle : {"wagon", "lorry"}
        What carries the cargo aboard a ferry; see :func:`vehicle_of`.

    Raises
    ------
    DataError
        If the data hold no parameters, or lack one that is needed.
    """
    subject = subject_of(net, shipment, commodity, vehicle)
    return kept_costs(
        net, "costings", subject, lambda: compile_costs(net, net.costs.parameters, subject)
    )


def subject_of(net: Network, shipment: Shipment, commodity: str | None, vehicle: str) -> Subject:
    """What moves, as far as the parameters of a network look at it.

    Raises
    ------
    DataError
        If the data hold no parameters.
    """
    model = net.costs
    if not model:
        raise DataError("the data hold no table 'parameters'; hours and dollars need one")
    named = {
        value
        for row in model.parameters.rows
        for key, value in row.applies_to.items()
        if key in {"origin", "destination"}
    }
    return Subject(
        day=net.as_of,
        commodities=_chain(net, commodity),
        traffic=shipment.traffic,
        vehicle=vehicle,
        origin=shipment.origin if shipment.origin in named else "",
        destination=shipment.destination if shipment.destination in named else "",
    )


def value_of_time_row(
    net: Network, shipment: Shipment, commodity: str | None
) -> ParameterRow | None:
    """The parameter that says what an hour of a shipment counts, if the data hold one."""
    subject = subject_of(net, shipment, commodity, "wagon")
    return net.costs.parameters.best("value_of_time", subject)


def kept_costs(net: Network, name: str, subject: Subject, compiled: Callable[[], T]) -> T:
    """Compiled costs of a subject, made once for a network and all what-ifs of its tables.

    What is open does not matter to what a link costs.
    """
    kept: dict[tuple[int, Subject], tuple[CostModel, T]] = net.shared.setdefault(name, {})
    key = (id(net.costs), subject)
    if key not in kept:
        if len(kept) >= MAX_KEPT:
            del kept[next(iter(kept))]
        # The model is kept beside them, so that no other can have its id.
        kept[key] = (net.costs, compiled())
    return kept[key][1]


def arc_weights(
    net: Network,
    shipment: Shipment,
    commodity: str | None,
    weight: str,
    case: str = "central",
    value_of_time: float | None = None,
    *,
    vehicle: str = "wagon",
) -> FloatArray:
    """Weight of every arc of ``net.graph``, whether or not it may be used.

    Parameters
    ----------
    net : Network
        Its day decides which dated parameters hold.
    shipment : Shipment
        What moves, from and to which country.
    commodity : str or None
        Commodity id; None: unspecified freight.
    weight : {"length", "hours", "usd_per_t", "generalised"}
        km, h, USD/t, or USD/t + hours × value of time.
    case : {"low", "central", "high"}
    value_of_time : float, optional
        USD a tonne and hour; that of the commodity in the data if not given.
    vehicle : {"wagon", "lorry"}
        What carries the cargo aboard a ferry; see :func:`vehicle_of`.

    Returns
    -------
    ndarray of float, one an arc
        Not negative; not to be written to.

    Raises
    ------
    ArgumentError
        If an argument cannot be used, or dollars are asked for passengers.
    """
    check_weight(weight, value_of_time)
    if case not in CASES:
        raise ArgumentError(f"case={case!r} is unknown; available: {', '.join(CASES)}")
    if weight == "length":
        return net.graph.arc_weights(net.graph_lengths)
    found = costing(net, shipment, commodity, vehicle=vehicle)
    which = CASES.index(case)
    if weight == "hours":
        return np.asarray(found.hours[which])
    if shipment.traffic == "passenger":
        raise ArgumentError(
            f"weight={weight!r}: fares of passengers are not in the data; "
            "route them by length or hours"
        )
    if weight == "usd_per_t":
        return np.asarray(found.usd[which])
    time = found.value_of_time[which] if value_of_time is None else value_of_time
    if math.isnan(time):
        raise DataError("parameters: no value_of_time applies; give value_of_time in USD/t-h")
    return np.asarray(found.usd[which] + time * found.hours[which])


def reversal_weight(
    net: Network,
    shipment: Shipment,
    commodity: str | None,
    weight: str,
    case: str = "central",
    value_of_time: float | None = None,
) -> float:
    """What a change of direction of a train adds to a weight.

    Parameters
    ----------
    net, shipment, commodity, weight, case, value_of_time
        As in :func:`arc_weights`.

    Returns
    -------
    float
        Hours; the same at the value of time; no dollars; and for lengths the detour that is as
        bad, km, which no length of a route contains. 0 where the data hold no parameters.
    """
    which = CASES.index(case)
    if weight == "usd_per_t" or not net.costs:
        return 0.0
    if weight == "length":
        rows = net.costs.parameters.of_kind("reversal_detour")
        return float(net.costs.parameters.numbers[which, rows[0]]) if rows else 0.0
    found = costing(net, shipment, commodity)
    hours = float(found.reversal_hours[which])
    if weight == "hours":
        return hours
    time = found.value_of_time[which] if value_of_time is None else value_of_time
    return hours * time


def check_weight(weight: str, value_of_time: float | None) -> None:
    """Raise ArgumentError where one of the two cannot be used."""
    if weight not in WEIGHTS:
        raise ArgumentError(f"weight={weight!r} is unknown; available: {', '.join(WEIGHTS)}")
    if value_of_time is None:
        return
    if not (is_number(value_of_time) and 0 <= value_of_time < math.inf):
        raise ArgumentError(
            f"value_of_time={value_of_time!r} must be a number of USD a tonne and hour, 0 or more"
        )


def breakdown(
    net: Network,
    shipment: Shipment,
    commodity: str | None,
    case: str = "central",
    *,
    vehicle: str = "wagon",
) -> dict[str, dict[str, FloatArray]]:
    """Hours and dollars of every arc by cause.

    Parameters
    ----------
    net, shipment, commodity, case, vehicle
        As in :func:`arc_weights`.

    Returns
    -------
    dict
        ``{"hours": {cause: array}, "usd": {cause: array}}``, one value an arc, for every cause of
        :data:`.CAUSES`; the causes add up to :func:`arc_weights`. Dollars are a
        tonne; passengers have none.
    """
    if case not in CASES:
        raise ArgumentError(f"case={case!r} is unknown; available: {', '.join(CASES)}")
    found = costing(net, shipment, commodity, vehicle=vehicle)
    size = len(net.graph.link)
    sums = {measure: {cause: np.zeros(size) for cause in CAUSES} for measure in ("hours", "usd")}
    for part in found.components:
        sums[part.measure][part.cause][part.arcs] += part.amounts[CASES.index(case)]
    return sums


def _chain(net: Network, commodity: str | None) -> tuple[str, ...]:
    """The commodity and its parents, nearest first."""
    if commodity is None:
        return ()
    if commodity not in net.commodities:
        known = ", ".join(sorted(net.commodities))
        raise ArgumentError(f"commodity={commodity!r} is unknown; known: {known}")
    chain: list[str] = []
    name: str | None = commodity
    while name is not None and name not in chain:
        chain.append(name)
        name = net.commodities[name].parent if name in net.commodities else None
    return tuple(chain)
