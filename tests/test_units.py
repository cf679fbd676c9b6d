"""Tonnes, wagons, containers and barrels, both ways; what may carry what."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

import corridors as co
from corridors.errors import ArgumentError, UnitError
from corridors.schema import CommodityRow
from corridors.units import UNITS, Quantity, capable, check_carriage, convert, tonnes_per, whole

GOODS = co.load("2026-06-01").commodities
AMOUNT = some.floats(0, 1e9, allow_nan=False)


def counted_in(name: str) -> list[str]:
    row = GOODS[name]
    columns = {"wagon": row.wagon_load_t, "TEU": row.teu_load_t, "bbl": row.density_t_m3}
    return ["t", *(unit for unit, size in columns.items() if size is not None)]


@given(some.data(), AMOUNT)
def test_there_and_back(data, value):
    name = data.draw(some.sampled_from(sorted(set(GOODS) - {"passengers"})))
    a, b = (data.draw(some.sampled_from(counted_in(name))) for _ in range(2))
    there = convert(value, a, b, GOODS[name])
    assert convert(there, b, a, GOODS[name]) == pytest.approx(value)
    assert Quantity(value, a, GOODS[name]).to(b).to(a).value == pytest.approx(value)


@given(some.data(), AMOUNT, AMOUNT)
def test_sums_do_not_depend_on_the_unit(data, one, other):
    name = data.draw(some.sampled_from(sorted(set(GOODS) - {"passengers"})))
    unit = data.draw(some.sampled_from(counted_in(name)))
    row = GOODS[name]
    total = Quantity(one, unit, row) + Quantity(other, unit, row)
    tonnes = Quantity(one, unit, row).to("t") + Quantity(other, unit, row).to("t")
    assert total.to("t").value == pytest.approx(tonnes.value)


def test_known_figures():
    assert convert(15, "wagon", "t", GOODS["wheat"]) == pytest.approx(1048.5)
    assert whole(1220, "t", "wagon", GOODS["petrol-ai-95"]) == 22
    assert whole(22 * 55.5, "t", "wagon", GOODS["petrol-ai-95"]) == 22
    # A tonne of crude oil is about seven and a third barrels.
    assert convert(1, "t", "bbl", GOODS["crude-oil"]) == pytest.approx(7.31, abs=0.01)
    assert convert(1, "wagon", "TEU", GOODS["containers"]) == pytest.approx(2.0)
    assert tonnes_per("t", GOODS["diesel"]) == 1.0


@pytest.mark.parametrize(
    ("value", "unit", "to", "name", "told"),
    [
        (1, "bbl", "t", "wheat", r"grain|wheat.*not counted in barrels"),
        (1, "TEU", "t", "diesel", "not counted in 20-foot containers"),
        (1, "kg", "t", "wheat", "unit 'kg' is unknown"),
        (1, "kg", "kg", "wheat", "unit 'kg' is unknown"),
        (-1, "t", "wagon", "wheat", "-1 is no amount"),
        (float("nan"), "t", "wagon", "wheat", "nan is no amount"),
        (float("inf"), "t", "wagon", "wheat", "inf is no amount"),
        ("5", "t", "wagon", "wheat", "'5' is no amount"),
        (True, "t", "wagon", "wheat", "True is no amount"),
        (1, "t", "t", "passengers", "are persons"),
    ],
)
def test_mix_ups(value, unit, to, name, told):
    with pytest.raises(UnitError, match=told):
        convert(value, unit, to, GOODS[name])
    assert issubclass(UnitError, ArgumentError)


def test_amounts_may_come_from_a_table():
    for number in (np.int64(140), np.float32(140)):
        assert convert(number, "t", "wagon", GOODS["wheat"]) == pytest.approx(140 / 69.9, rel=1e-3)


def test_unlike_things_do_not_add_up():
    wheat = Quantity(70, "t", GOODS["wheat"])
    for other in (Quantity(1, "wagon", GOODS["wheat"]), Quantity(70, "t", GOODS["barley"]), 70):
        with pytest.raises(UnitError, match="do not add up"):
            wheat + other
    with pytest.raises(UnitError):
        Quantity(-1, "t", GOODS["wheat"])
    assert str(wheat) == "70 t of wheat"


def test_what_may_carry_what():
    with pytest.raises(ArgumentError, match="cannot go in a hopper wagon; it goes in: tank"):
        check_carriage(GOODS["diesel"], wagon_type="hopper")
    with pytest.raises(ArgumentError, match="cannot go in a tank wagon"):
        check_carriage(GOODS["wheat"], wagon_type="tank")
    with pytest.raises(ArgumentError, match="does not go by road"):
        check_carriage(GOODS["crude-oil"], mode="road")
    check_carriage(GOODS["wheat"], mode="road", wagon_type="hopper")
    assert "wheat" in capable(GOODS, "hopper")
    assert not set(capable(GOODS, "hopper")) & set(capable(GOODS, "tank"))


def test_every_commodity_says_what_carries_it():
    for name, row in GOODS.items():
        assert row.wagon_types, name
        assert set(row.modes) <= set(row.may_go_by), name
    assert set(UNITS) == {"t", "wagon", "TEU", "bbl"}


def test_usual_modes_must_be_possible():
    row = GOODS["crude-oil"].model_dump() | {"modes": ["road"]}
    with pytest.raises(ValueError, match="not in may_go_by"):
        CommodityRow.model_validate(row)
