"""What the ranges of the parameters mean for a comparison: Monte Carlo with common numbers.

Every parameter is drawn, independently of the others, from the triangular distribution between its
low and its high value with its central value as the mode. Each has a stream of random numbers of
its own, made from the seed and its id (``numpy.random.SeedSequence``), so that a parameter or a
draw more leaves all other numbers as they are. All scenarios see the same draws (common random
numbers), so that differences between them are not noise; a parameter that a scenario sets to one
value is that value in every draw. Routes are chosen anew in every draw.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors import parallel
from corridors.comparison.answers import asked
from corridors.comparison.cases import BASE, Case
from corridors.comparison.rows import via
from corridors.costs.linear import numbers_of
from corridors.errors import ArgumentError, NoRoute
from corridors.routing.parametric import MEASURES, WEIGHT_COLUMN, Problem, Small, small

if TYPE_CHECKING:
    from corridors.costs.parameter_schema import ParameterRow
    from corridors.routing.graph import FloatArray, IntArray

QUANTILES = {"p5": 0.05, "p50": 0.5, "p95": 0.95}
LARGE = 50_000
"""Problems times draws from which the work is spread over processes: some ten seconds."""
CHUNK = 250
"""Draws of one problem that are sent out together."""
_SAME = 1e-9


@dataclass(frozen=True)
class Ranges:
    """What the draws gave.

    Parameters
    ----------
    draws, seed : int
    table : DataFrame
        One row a scenario, flow and measure ("length_km", "hours", "usd_per_t", "generalised"):
        ``p5``, ``p50``, ``p95``. NaN where there is no route.
    differences : DataFrame
        One row a scenario, flow and measure: ``p5``, ``p50``, ``p95`` of the difference from the
        base in the same draw, and the shares of draws in which the scenario is ``better``, the
        ``same`` and ``worse``; only flows that both have a route for.
    routes : DataFrame
        One row a scenario, flow and way: ``via`` (crossings), ``share`` of the draws in which it
        is the best, ``length_km`` (mean).
    best : DataFrame
        One row a flow and scenario: ``share`` of the draws in which no other scenario is better
        and none before it as good, in what the comparison makes least.
    samples : mapping of (scenario, flow_id) to ndarray of float, (draws, 4)
        The measures in each draw, in the order given above.
    """

    draws: int
    seed: int
    table: pd.DataFrame
    differences: pd.DataFrame
    routes: pd.DataFrame
    best: pd.DataFrame
    samples: Mapping[tuple[str, str], FloatArray] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that can be written as JSON."""
        from corridors.comparison.result import plain

        tables = ("table", "differences", "routes", "best")
        named = {"ranges": self.table} | {name: getattr(self, name) for name in tables[1:]}
        return {"draws": self.draws, "seed": self.seed} | {
            name: plain(table) for name, table in named.items()
        }


@dataclass(frozen=True)
class Work:
    """Some draws of one problem.

    Parameters
    ----------
    problem : Problem
    forms : ndarray of float, (draws, forms)
    value_of_time : ndarray of float, (draws,)
    """

    problem: Problem
    forms: FloatArray
    value_of_time: FloatArray


@dataclass(frozen=True)
class Done:
    """Measures of the best way in each draw, (draws, 4), and which way it was.

    Parameters
    ----------
    measures : ndarray of float
        NaN where there is no way.
    way : ndarray of int
        Position in ``ways``; -1: none.
    ways : tuple of tuple of int
        Stretches of each way, in order of first use.
    """

    measures: FloatArray
    way: IntArray
    ways: tuple[tuple[int, ...], ...]


def solve(work: Work) -> Done:
    """The best way in each draw; draw by draw, so that the split into tasks leaves no trace."""
    problem, count = work.problem, len(work.forms)
    measures, way = np.full((count, len(MEASURES)), np.nan), np.full(count, -1, np.int64)
    ways: dict[tuple[int, ...], int] = {}
    for draw in range(count):
        costs = problem.costs(work.forms[draw], float(work.value_of_time[draw]))
        best = problem.best(costs[problem.weight])
        if best is not None:
            measures[draw] = costs[:, best].sum(axis=1)
            way[draw] = ways.setdefault(tuple(best.tolist()), len(ways))
    return Done(measures, way, tuple(ways))


def uniform(ids: list[str], draws: int, seed: int) -> dict[str, FloatArray]:
    """Random numbers between 0 and 1 for each parameter, whatever others there are."""
    return {
        name: np.random.default_rng(
            np.random.SeedSequence(seed, spawn_key=(zlib.crc32(name.encode()),))
        ).random(draws)
        for name in ids
    }


def triangular(row: ParameterRow, share: FloatArray) -> FloatArray:
    """Values at some shares of the triangular distribution of a parameter."""
    low, mode, high = row.low, row.central, row.high
    if high == low:
        return np.full(len(share), mode)
    split = (mode - low) / (high - low)
    with np.errstate(invalid="ignore"):
        below = low + np.sqrt(share * (high - low) * (mode - low))
        above = high - np.sqrt((1 - share) * (high - low) * (high - mode))
    return np.where(share < split, below, above)


def drawn_numbers(rows: tuple[ParameterRow, ...], draws: int, seed: int) -> FloatArray:
    """Numbers of all parameters in each draw, (draws, parameters)."""
    shares = uniform([row.parameter_id for row in rows], draws, seed)
    values = np.empty((draws, len(rows)))
    for at, row in enumerate(rows):
        values[:, at] = triangular(row, shares[row.parameter_id])
    return numbers_of(rows, values)


# -- a whole comparison ------------------------------------------------------------------------


def problems(cases: list[Case], options: Mapping[str, Any]) -> dict[tuple[str, str], Small | None]:
    """The small problem of each scenario and flow; None where an end cannot be reached at all."""
    found: dict[tuple[str, str], Small | None] = {}
    for case in cases:
        for flow in case.flows:
            wanted = asked(case.net, flow, dict(options))
            try:
                start = wanted.end(flow["origin"], "origin")
                end = wanted.end(flow["destination"], "destination")
            except NoRoute:
                found[case.name, flow["flow_id"]] = None
                continue
            found[case.name, flow["flow_id"]] = small(wanted, start, end)
    return found


def ranges(
    cases: list[Case],
    options: dict[str, Any],
    draws: int,
    seed: int,
    *,
    executor: Executor | None = None,
    progress: bool = True,
) -> Ranges:
    """Draw the parameters and route every flow of every scenario in each draw.

    Parameters
    ----------
    cases : list of Case
    options : dict
        Terms of all routes.
    draws, seed : int
    executor : Executor, optional
        Processes of this machine if not given and the work is large.
    progress : bool

    Raises
    ------
    ArgumentError
        If trains turn on the network, such as one from OpenStreetMap.
    """
    if cases[0].net.graph.has_turns:
        raise ArgumentError(
            f"draws={draws}: the draws do not know how trains turn, which this network tells; "
            "compare without draws, or on the reference network"
        )
    found = problems(cases, options)
    kept = {key: one for key, one in found.items() if one is not None and len(one.members)}
    works, keys = _works(cases, kept, draws, seed)
    if executor is None and len(keys) * draws >= LARGE:
        with parallel.processes() as pool:
            done = parallel.run(solve, works, executor=pool, what="draws", progress=progress)
    else:
        done = parallel.run(solve, works, executor=executor, what="draws", progress=progress)
    split = -(-draws // CHUNK)
    joined = {key: _joined(done[at * split : (at + 1) * split]) for key, at in keys.items()}
    return _tables(cases, kept, joined, options["weight"], draws, seed)


def _works(
    cases: list[Case], kept: Mapping[tuple[str, str], Small], draws: int, seed: int
) -> tuple[list[Work], dict[tuple[str, str], int]]:
    """Tasks, and for each scenario and flow the number of its problem; equal ones share it."""
    numbers: dict[int, FloatArray] = {}
    known: dict[tuple[str, bytes], int] = {}
    works: list[Work] = []
    keys: dict[tuple[str, str], int] = {}
    for case in cases:
        model = case.net.costs
        if id(model) not in numbers:
            numbers[id(model)] = drawn_numbers(model.parameters.rows, draws, seed)
        for flow in case.flows:
            key = (case.name, flow["flow_id"])
            if key not in kept:
                continue
            one = kept[key]
            forms = one.costs.values(numbers[id(model)])
            time = np.full(draws, np.nan)
            if one.costs.value_of_time >= 0:
                time = numbers[id(model)][:, one.costs.value_of_time]
            same = (one.problem.digest, forms.tobytes() + time.tobytes())
            if same not in known:
                known[same] = len(known)
                works += [
                    Work(one.problem, forms[at : at + CHUNK], time[at : at + CHUNK])
                    for at in range(0, draws, CHUNK)
                ]
            keys[key] = known[same]
    return works, keys


def _joined(parts: list[Done]) -> Done:
    """Draws that were sent out in parts, together again."""
    ways: dict[tuple[int, ...], int] = {}
    numbers = []
    for part in parts:
        own = np.array([ways.setdefault(one, len(ways)) for one in part.ways] + [-1], np.int64)
        numbers.append(own[part.way])
    return Done(
        np.concatenate([part.measures for part in parts]), np.concatenate(numbers), tuple(ways)
    )


def _tables(
    cases: list[Case],
    kept: Mapping[tuple[str, str], Small],
    joined: Mapping[tuple[str, str], Done],
    weight: str,
    draws: int,
    seed: int,
) -> Ranges:
    spans, gaps, ways, best = [], [], [], []
    for case in cases:
        for flow in case.flows:
            key = (case.name, flow["flow_id"])
            here, base = joined.get(key), joined.get((BASE, key[1]))
            for at, measure in enumerate(MEASURES):
                head = {"scenario": key[0], "flow_id": key[1], "measure": measure}
                spans.append(head | _quantiles(None if here is None else here.measures[:, at]))
                if here is not None and base is not None and case.name != BASE:
                    gaps.append(head | _gap(here.measures[:, at] - base.measures[:, at]))
            if here is not None:
                ways += _ways(key, kept[key], here)
    for flow_id in dict.fromkeys(key[1] for key in kept):
        best += _best(cases, flow_id, joined, WEIGHT_COLUMN[weight])
    columns = ["scenario", "flow_id", "measure", *QUANTILES]
    return Ranges(
        draws,
        seed,
        pd.DataFrame(spans, columns=columns),
        pd.DataFrame(gaps, columns=[*columns, "better", "same", "worse"]),
        pd.DataFrame(ways, columns=["scenario", "flow_id", "via", "share", "length_km"]),
        pd.DataFrame(best, columns=["flow_id", "scenario", "share"]),
        {key: done.measures for key, done in joined.items()},
    )


def _quantiles(values: FloatArray | None) -> dict[str, float]:
    if values is None or np.isnan(values).all():
        return dict.fromkeys(QUANTILES, np.nan)
    found = np.quantile(values, list(QUANTILES.values()))
    return dict(zip(QUANTILES, found.tolist(), strict=True))


def _gap(gap: FloatArray) -> dict[str, float]:
    gap = np.where(np.abs(gap) <= _SAME, 0.0, gap)
    return _quantiles(gap) | {
        "better": float((gap < 0).mean()),
        "same": float((gap == 0).mean()),
        "worse": float((gap > 0).mean()),
    }


def _ways(key: tuple[str, str], one: Small, done: Done) -> list[dict[str, Any]]:
    """Ways by the crossings they pass; those that differ in between are one."""
    count: dict[str, list[float]] = {}
    for number, stretches in enumerate(done.ways):
        share = float((done.way == number).mean())
        route = one.route(np.array(stretches, np.int64))
        sums = count.setdefault(via(route), [0.0, 0.0])
        sums[0] += share
        sums[1] += share * route.length_km
    head = {"scenario": key[0], "flow_id": key[1]}
    listed = [
        head | {"via": name, "share": share, "length_km": km / share}
        for name, (share, km) in count.items()
    ]
    return sorted(listed, key=lambda row: (-float(row["share"]), str(row["via"])))


def _best(
    cases: list[Case], flow_id: str, joined: Mapping[tuple[str, str], Done], measure: int
) -> list[dict[str, Any]]:
    names = [case.name for case in cases if (case.name, flow_id) in joined]
    if not names:
        return []
    measure = 1 if np.isnan(joined[names[0], flow_id].measures[:, measure]).all() else measure
    costs = np.stack([joined[name, flow_id].measures[:, measure] for name in names])
    costs = np.where(np.isnan(costs), np.inf, costs)
    least = costs.min(axis=0)
    # As good as the least within rounding; the first of these wins.
    winner = np.argmax(costs <= least + _SAME, axis=0)
    return [
        {"flow_id": flow_id, "scenario": name, "share": float((winner == at).mean())}
        for at, name in enumerate(names)
    ]
