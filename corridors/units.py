"""Tonnes, wagons, containers and barrels of a commodity, and what may carry it.

A wagon is the commodity's usual load, a TEU the net load of a 20-foot container, a barrel
158.987 litres at the commodity's density: all from ``data/commodities.yaml``. A conversion that
makes no sense (barrels of wheat) is a :class:`~corridors.errors.UnitError`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corridors.errors import ArgumentError, UnitError
from corridors.numeric import is_number

if TYPE_CHECKING:
    from corridors.schema import CommodityRow

UNITS = {"t": "tonnes", "wagon": "wagons", "TEU": "20-foot containers", "bbl": "barrels"}
BARREL_M3 = 0.158987294928
"""42 US gallons."""
_COLUMNS = {"wagon": "wagon_load_t", "TEU": "teu_load_t", "bbl": "density_t_m3"}


def tonnes_per(unit: str, commodity: CommodityRow) -> float:
    """Tonnes in one of a unit.

    Parameters
    ----------
    unit : {"t", "wagon", "TEU", "bbl"}
    commodity : CommodityRow
        From ``net.commodities``.

    Raises
    ------
    UnitError
        If the unit is unknown or the commodity is not counted in it.

    Returns
    -------
    float
        Tonnes in one unit.

    Examples
    --------
    >>> import corridors as co
    >>> tonnes_per("TEU", co.load("2026-06-01").commodities["wheat"])
    21.0
    """
    if unit not in UNITS:
        known = ", ".join(f"{name!r} ({text})" for name, text in UNITS.items())
        raise UnitError(f"unit {unit!r} is unknown; known: {known}")
    if commodity.traffic == "passenger":
        raise UnitError(f"{commodity.name.lower()} are persons and have no {UNITS[unit]}")
    if unit == "t":
        return 1.0
    size = getattr(commodity, _COLUMNS[unit])
    if size is None:
        raise UnitError(
            f"{commodity.name.lower()} ({commodity.commodity_id}) is not counted in {UNITS[unit]}: "
            f"the data give it no {_COLUMNS[unit]}"
        )
    return float(size) * (BARREL_M3 if unit == "bbl" else 1.0)


def convert(value: float, unit: str, to: str, commodity: CommodityRow) -> float:
    """An amount in another unit.

    Parameters
    ----------
    value : float
        0 or more, in ``unit``.
    unit, to : {"t", "wagon", "TEU", "bbl"}
    commodity : CommodityRow
        From ``net.commodities``.

    Returns
    -------
    float
        Wagons and containers may be fractions: :func:`whole` rounds up.

    Raises
    ------
    UnitError
        If the value is not a number of 0 or more, or a unit does not fit the commodity.

    Examples
    --------
    >>> import corridors as co
    >>> petrol = co.load("2026-06-01").commodities["petrol-ai-95"]
    >>> round(convert(1220, "t", "wagon", petrol))
    22
    """
    if not (is_number(value) and 0 <= value < math.inf):
        raise UnitError(f"{value!r} is no amount in {unit}; give a finite number, 0 or more")
    # Not simplified where the units are equal: an unknown unit must be an error there too.
    return value * tonnes_per(unit, commodity) / tonnes_per(to, commodity)


def whole(value: float, unit: str, to: str, commodity: CommodityRow) -> int:
    """Whole wagons or containers that an amount needs.

    Parameters
    ----------
    value, unit, to, commodity
        As for ``convert``.

    Returns
    -------
    int
        Rounded up.

    Examples
    --------
    >>> import corridors as co
    >>> wheat = co.load("2026-06-01").commodities["wheat"]
    >>> whole(1000, "t", "wagon", wheat)
    15
    """
    return math.ceil(convert(value, unit, to, commodity) - 1e-9)


@dataclass(frozen=True)
class Quantity:
    """An amount of a commodity in a unit; sums of unlike things are errors.

    Parameters
    ----------
    value : float
    unit : {"t", "wagon", "TEU", "bbl"}
    commodity : CommodityRow

    Raises
    ------
    UnitError
        If the value or the unit does not fit the commodity.
    """

    value: float
    unit: str
    commodity: CommodityRow

    def __post_init__(self) -> None:
        convert(self.value, self.unit, "t", self.commodity)

    def to(self, unit: str) -> Quantity:
        """The same amount in another unit."""
        value = convert(self.value, self.unit, unit, self.commodity)
        return Quantity(value, unit, self.commodity)

    def __add__(self, other: Quantity) -> Quantity:
        if not isinstance(other, Quantity):
            raise UnitError(f"{self} and {other!r} do not add up: the second has no unit")
        if other.unit != self.unit or other.commodity != self.commodity:
            raise UnitError(f"{self} and {other} do not add up; convert one with .to() first")
        return Quantity(self.value + other.value, self.unit, self.commodity)

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit} of {self.commodity.commodity_id}"


def check_carriage(
    commodity: CommodityRow, *, mode: str | None = None, wagon_type: str | None = None
) -> None:
    """Raise an error where a mode or a type of wagon cannot carry a commodity.

    Parameters
    ----------
    commodity : CommodityRow
    mode : {"rail", "road", "ferry"}, optional
    wagon_type : str, optional
        Such as ``"hopper"``, ``"tank"``, ``"covered"``.

    Raises
    ------
    ArgumentError
        If it cannot; the message says what can.

    Examples
    --------
    >>> import corridors as co
    >>> check_carriage(co.load("2026-06-01").commodities["diesel"], wagon_type="hopper")
    Traceback (most recent call last):
        ...
    corridors.errors.ArgumentError: ... cannot go in a hopper wagon; it goes in: tank...
    """
    name = f"{commodity.name.lower()} ({commodity.commodity_id})"
    if mode is not None and mode not in commodity.may_go_by:
        can = ", ".join(commodity.may_go_by)
        raise ArgumentError(f"{name} does not go by {mode}; it may go by {can}")
    if wagon_type is not None and wagon_type not in commodity.wagon_types:
        can = ", ".join(commodity.wagon_types) or "no wagon known"
        raise ArgumentError(f"{name} cannot go in a {wagon_type} wagon; it goes in: {can}")


def capable(commodities: Mapping[str, CommodityRow], wagon_type: str) -> list[str]:
    """Ids of the commodities that a type of wagon can carry.

    Parameters
    ----------
    commodities : mapping of str to CommodityRow
        Such as ``net.commodities``.
    wagon_type : str
        Such as ``"hopper"``, ``"tank"``, ``"covered"``.

    Returns
    -------
    list of str
        Sorted; empty where none can.

    Examples
    --------
    >>> import corridors as co
    >>> "wheat" in capable(co.load("2026-06-01").commodities, "hopper")
    True
    """
    return sorted(name for name, row in commodities.items() if wagon_type in row.wagon_types)
