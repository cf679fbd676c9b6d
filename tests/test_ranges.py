"""Draws of the parameters, and the values at which routes change, against slow ways."""

from __future__ import annotations

import os
import pickle
import signal
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import pairwise
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import corridors as co
from corridors import parallel
from corridors.comparison import prices
from corridors.comparison.ranges import drawn_numbers, solve, triangular, uniform
from corridors.costs.linear import linear_costs, number_of, numbers_of, value_of
from corridors.costs.model import arc_weights, costing, vehicle_of
from corridors.routing.envelope import bounds, pieces
from corridors.routing.parametric import small
from corridors.routing.terms import terms
from corridors.states import Shipment
from tests.strategies import networks, place_ids

FLOWS = ("azerbaijani-oil-products", "kazakh-grain", "middle-corridor", "russian-grain-lars")


@pytest.fixture(scope="module")
def worlds(net):
    return {
        "round": net.with_open("tripp", "yeraskh-nakhchivan"),
        "dear": net.with_parameters({"tariff-ge-fuel-az-am-symbolic": 92}),
    }


@pytest.fixture(scope="module")
def flows():
    return {name: co.flows()[name] for name in FLOWS}


@pytest.fixture(scope="module")
def drawn(net, worlds, flows):
    return co.compare(net, worlds, flows, draws=40, seed=7, progress=False)


@cache
def model():
    """The parameters, read once."""
    return co.load("2026-06-01").costs


def random_network(data):
    found = data.draw(networks(oneway=True))
    found.shared["costs"] = model()
    return found


# -- costs by form -----------------------------------------------------------------------------


def test_forms_give_the_costs_of_every_arc_and_commodity(net):
    rows = net.costs.parameters.rows
    change = {row.parameter_id: row.high for row in rows if row.kind != "reference"}
    for world, values in (
        (net, [row.central for row in rows]),
        (net.with_parameters(change), [change.get(r.parameter_id, r.central) for r in rows]),
    ):
        numbers = numbers_of(rows, np.array(values))
        for commodity in [None, "wheat", "diesel", "containers", "passengers"]:
            if commodity is not None and commodity not in net.commodities:
                continue
            traffic = "passenger" if commodity == "passengers" else "freight"
            shipment = Shipment(origin="AZ", destination="AM", traffic=traffic)
            for vehicle in ("wagon", "lorry"):
                found = linear_costs(world, shipment, commodity, vehicle=vehicle)
                expected = costing(world, shipment, commodity, vehicle=vehicle)
                forms = found.values(numbers)
                np.testing.assert_allclose(found.hours @ forms, expected.hours[1], rtol=1e-12)
                if traffic == "freight":
                    np.testing.assert_allclose(found.usd @ forms, expected.usd[1], rtol=1e-12)


def test_numbers_and_values(net):
    rows = net.costs.parameters.rows
    values = np.array([row.central for row in rows])
    for row, number, value in zip(rows, numbers_of(rows, values), values, strict=True):
        assert number == pytest.approx(number_of(row, value))
        assert value_of(row, float(number)) == pytest.approx(value)


@settings(max_examples=30, deadline=None)
@given(some.data())
def test_small_problems_have_the_answers_of_the_network(data):
    net = random_network(data)
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    asked = terms(net, modes=["rail"], weight=data.draw(some.sampled_from(["length", "hours"])))
    start, end = asked.end(a, "a"), asked.end(b, "b")
    path = asked.path(asked.shipment(start, end), start.nodes, end.nodes)
    one = small(asked, start, end)
    rows = net.costs.parameters.rows
    forms = one.costs.values(numbers_of(rows, np.array([row.central for row in rows])))
    costs = one.problem.costs(forms, 0.1)
    way = one.problem.best(costs[one.problem.weight])
    if a == b:
        return
    assert (way is None) == (path is None)
    if path is not None:
        assert costs[one.problem.weight, way].sum() == pytest.approx(path.cost)
        arcs = one.arcs(way)
        weights = arc_weights(net, asked.shipment(start, end), None, asked.weight)
        assert weights[arcs].sum() == pytest.approx(path.cost)
        assert net.graph.tail[arcs[0]] in start.nodes
        assert net.graph.head[arcs[-1]] in end.nodes
        assert (net.graph.head[arcs[:-1]] == net.graph.tail[arcs[1:]]).all()


# -- draws -------------------------------------------------------------------------------------


def test_triangular(net):
    rows = {row.parameter_id: row for row in net.parameters.itertuples()}
    row = rows["charge-border-rail"]
    share = np.linspace(0, 1, 100_001)
    values = triangular(row, share)
    assert values[0] == pytest.approx(row.low)
    assert values[-1] == pytest.approx(row.high)
    assert (np.diff(values) >= 0).all()
    assert values.mean() == pytest.approx((row.low + row.central + row.high) / 3, rel=1e-4)
    fixed = rows["ceiling-az-crude-alat-boyuk-kesik"]
    assert (triangular(fixed, share[:5]) == fixed.central).all()


def test_a_parameter_or_draw_more_leaves_the_others():
    few, many = uniform(["a", "b"], 10, 3), uniform(["a", "b", "c"], 20, 3)
    assert (many["a"][:10] == few["a"]).all()
    assert (many["b"][:10] == few["b"]).all()
    assert (uniform(["a"], 10, 4)["a"] != few["a"]).any()


def test_each_draw_is_the_network_with_those_parameters(net, worlds, flows, drawn):
    table = drawn.ranges
    numbers = drawn_numbers(net.costs.parameters.rows, 40, 7)
    rows = net.costs.parameters.rows
    costs = {name: [] for name in flows}
    for draw in range(0, 40, 8):
        values = {
            row.parameter_id: value_of(row, float(numbers[draw, at]))
            for at, row in enumerate(rows)
            if row.kind != "reference"
        }
        world = worlds["round"].with_parameters(values)
        for name, flow in flows.items():
            route = world.route(
                flow.origin, flow.destination, modes=flow.modes, commodity=flow.commodity,
                cargo_origin=flow.origin_country, cargo_destination=flow.destination_country,
                weight="generalised",
            )  # fmt: skip
            costs[name].append(route.generalised)
    for name in flows:
        found = table.samples["round", name][::8, 3]
        np.testing.assert_allclose(found, costs[name], rtol=1e-9)


def test_tables_of_draws(drawn):
    table = drawn.ranges.table
    assert (table["p5"] <= table["p50"]).all()
    assert (table["p50"] <= table["p95"]).all()
    gaps = drawn.ranges.differences.set_index(["scenario", "flow_id", "measure"])
    assert np.allclose(gaps[["better", "same", "worse"]].sum(axis=1), 1)
    fuel = gaps.loc["round", "azerbaijani-oil-products", "generalised"]
    assert fuel["worse"] == 0
    assert 0 < fuel["better"] < 1
    lorries = gaps.loc["round", "russian-grain-lars", "generalised"]
    assert lorries["same"] == 1
    shares = drawn.ranges.best.groupby("flow_id")["share"].sum()
    assert np.allclose(shares, 1)
    ways = drawn.ranges.routes.groupby(["scenario", "flow_id"])["share"].sum()
    assert np.allclose(ways, 1)


def test_the_split_into_tasks_leaves_no_trace(net, worlds, flows, drawn, monkeypatch):
    monkeypatch.setattr("corridors.comparison.ranges.CHUNK", 7)
    again = co.compare(net, worlds, flows, draws=40, seed=7, progress=False)
    equal(again, drawn)


def equal(one, other):
    """To the bit."""
    for name in ("table", "differences", "routes", "best"):
        pd.testing.assert_frame_equal(
            getattr(one.ranges, name), getattr(other.ranges, name), check_exact=True
        )
    pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)


def test_processes_give_the_same_to_the_bit(net, worlds, flows, drawn):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        again = co.compare(net, worlds, flows, draws=40, seed=7, executor=pool, progress=False)
    equal(again, drawn)


# -- switching values --------------------------------------------------------------------------


def test_known_switch_lies_where_the_routes_change(net, worlds, flows):
    found = co.compare(net, {"round": worlds["round"]}, flows)
    table = found.switches
    mine = table[(table["scenario"] == "round") & table["in_range"]]
    assert {"kazakh-grain", "azerbaijani-oil-products"} <= set(mine["flow_id"])
    for row in mine.to_dict("records"):
        flow = flows[row["flow_id"]]
        kind = net.parameters.set_index("parameter_id").loc[row["parameter_id"], "kind"]
        assert kind != "reference"
        ways = []
        for factor in (1 - 1e-6, 1 + 1e-6):
            world = worlds["round"].with_parameters({row["parameter_id"]: row["value"] * factor})
            route = world.route(
                flow.origin, flow.destination, modes=flow.modes, commodity=flow.commodity,
                cargo_origin=flow.origin_country, cargo_destination=flow.destination_country,
                weight="generalised",
            )  # fmt: skip
            ways.append("; ".join(border.name for border in route.borders))
        now, then = row["via_now"], row["via_then"]
        assert ways == ([now, then] if row["value"] > row["now"] else [then, now])


def test_nothing_moves_where_no_way_is_added(net, flows):
    found = co.compare(net, {"tripp": net.with_open("tripp")}, flows)
    assert prices.untouched(found, "tripp") == list(flows)
    assert found.switches.empty


@settings(max_examples=40, deadline=None)
@given(some.data())
def test_pieces_equal_a_grid(data):
    net = random_network(data)
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    asked = terms(net, modes=["rail"], weight="generalised")
    one = small(asked, asked.end(a, "a"), asked.end(b, "b"))
    rows = net.costs.parameters.rows
    numbers = numbers_of(rows, np.array([row.central for row in rows]))
    used = np.unique(one.costs.forms)
    at = data.draw(some.sampled_from([n for n in used.tolist() if n < len(rows)]))
    listed = pieces(one, numbers, at, rows[at])
    low, high = bounds(rows[at])
    if not listed:
        return
    assert listed[0].low == pytest.approx(low)
    assert listed[-1].high == pytest.approx(high)
    for before, after in pairwise(listed):
        assert before.high == pytest.approx(after.low)
    for share in (0.001, 0.03, 0.2, 0.5, 0.93):
        value = low + share * (high - low)
        changed = numbers.copy()
        changed[at] = number_of(rows[at], value)
        time_value = changed[one.costs.value_of_time]
        weight = one.problem.costs(one.costs.values(changed), time_value)[3]
        best = weight[one.problem.best(weight)].sum()
        here = next(piece for piece in listed if piece.low <= value <= piece.high)
        assert weight[here.way].sum() == pytest.approx(best, rel=1e-8)


# -- executors ---------------------------------------------------------------------------------


def slow_square(number):
    time.sleep(0.05)
    return number * number


def die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def test_results_come_in_the_order_of_the_tasks():
    assert parallel.run(slow_square, [3, 1, 2], progress=False) == [9, 1, 4]
    with parallel.processes(2) as pool:
        assert pool is not None
        assert parallel.run(slow_square, [3, 1, 2], executor=pool, progress=False) == [9, 1, 4]
    with parallel.processes(1) as pool:
        assert pool is None


def test_dead_processes_are_named():
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
        pytest.raises(parallel.WorkerError, match="ended before the work was done"),
    ):
        parallel.run(die, [1, 2], executor=pool, progress=False)


def test_wrong_executors_are_named():
    with pytest.raises(co.CorridorsError, match="has no submit"):
        parallel.run(slow_square, [1], executor=3)
    with pytest.raises(co.CorridorsError, match="workers=0"), parallel.processes(0):
        pass


def test_a_task_is_small(net, flows):
    found = co.compare(net, {}, flows)
    for one in found.problems.values():
        assert len(pickle.dumps(one.problem)) < 50_000
    assert solve.__module__ == "corridors.comparison.ranges"
    assert vehicle_of(["rail"]) == "wagon"
