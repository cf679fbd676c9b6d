"""Flows under capacity: a linear programme over routes, solved by column generation.

The programme chooses tonnes on routes and tonnes left behind. Routes are added as they pay: with
the prices of the full links added to the weights, the lightest route of each flow is the only one
that can improve the solution (Ford and Fulkerson 1958), so the result is that of the programme
over all routes. First as much as possible is carried; then it is carried at the least cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.errors import CorridorsError

if TYPE_CHECKING:
    from corridors.routing.graph import FloatArray, IntArray, Path
    from corridors.routing.weighted import Weighted

MAX_ROUNDS = 500
_RELATIVE = 1e-9
_LEAST_GAIN = 1e-7  # what the solver takes for zero


@dataclass(frozen=True)
class Demand:
    """Tonnes to be carried between two ends of one world.

    Parameters
    ----------
    world : Weighted
        Weights and permissions that hold for the cargo.
    sources, targets : ndarray of int
        Nodes of the two ends.
    tonnes : float
    """

    world: Weighted
    sources: IntArray
    targets: IntArray
    tonnes: float


@dataclass
class Column:
    """A route of one demand."""

    demand: int
    path: Path
    tonnes: float = 0.0


@dataclass
class Solution:
    """Tonnes on routes, tonnes left behind, and what full links are worth.

    Parameters
    ----------
    columns : list of Column
    unmet : ndarray of float, one a demand
    cost : float
        Weight times tonnes of all that is carried.
    price : ndarray of float, one a link
        Weight saved for each tonne of capacity more while the tonnes left behind stay the same.
    rounds : int
        How many programmes were solved.
    """

    columns: list[Column]
    unmet: FloatArray
    cost: float
    price: FloatArray
    rounds: int = 0

    @property
    def left(self) -> float:
        """Tonnes left behind in all."""
        return float(self.unmet.sum())


@dataclass
class Programme:
    """Demands under capacities; keeps its routes, so that it can be solved again quickly.

    Parameters
    ----------
    demands : sequence of Demand
    capacity : ndarray of float, one a link
        Tonnes in both directions together; ``inf``: unbounded.
    unmet_cost : float or None
        Weight of a tonne left behind. None: nothing is left behind that could be carried.
    columns : list of Column
        Routes known so far.
    rounds : int
        How many programmes the last solution took.
    known : set
        Names of the routes known so far.
    """

    demands: Sequence[Demand]
    capacity: FloatArray
    unmet_cost: float | None = None
    columns: list[Column] = field(default_factory=list)
    rounds: int = 0
    known: set[tuple[int, bytes]] = field(default_factory=set)

    def solve(self) -> Solution:
        """Solve the programme.

        Raises
        ------
        CorridorsError
            If the solver fails, which is a defect, not an answer.
        """
        if not self.demands:
            empty = np.zeros(0)
            return Solution([], empty, 0.0, np.zeros(len(self.capacity)))
        self.rounds = 0
        free = np.zeros(len(self.capacity))
        if not self.columns:
            self._price(np.full(len(self.demands), np.inf), free, by_weight=True)
        if self.unmet_cost is not None:
            return self._generate(self.unmet_cost, by_weight=True, most_left=None)
        left = self._generate(1.0, by_weight=False, most_left=None).left
        return self._generate(0.0, by_weight=True, most_left=left)

    def _generate(self, unmet_cost: float, *, by_weight: bool, most_left: float | None) -> Solution:
        for _ in range(MAX_ROUNDS):
            self.rounds += 1
            solution, worth = self._master(unmet_cost, by_weight, most_left)
            if not self._price(worth, solution.price, by_weight=by_weight):
                solution.rounds = self.rounds
                return solution
        msg = f"the programme did not settle in {MAX_ROUNDS} rounds"
        raise CorridorsError(msg)

    def _master(
        self, unmet_cost: float, by_weight: bool, most_left: float | None
    ) -> tuple[Solution, FloatArray]:
        """Best use of the routes known so far, and what a tonne of each demand is worth."""
        from scipy.optimize import linprog
        from scipy.sparse import coo_array, eye_array, hstack

        count, routes = len(self.demands), len(self.columns)
        tonnes = np.array([one.tonnes for one in self.demands])
        scale = float(tonnes.max()) or 1.0
        weight = np.array([column.path.cost for column in self.columns]) if by_weight else None
        cost = np.zeros(routes) if weight is None else weight
        heavy = max(1.0, float(cost.max(initial=0.0)), unmet_cost)
        owner = np.array([column.demand for column in self.columns], np.int64)
        served = coo_array((np.ones(routes), (owner, np.arange(routes))), (count, routes))
        lengths = [len(column.path.links) for column in self.columns]
        used = np.concatenate([column.path.links for column in self.columns] or [np.zeros(0, int)])
        bounded = np.flatnonzero(np.isfinite(self.capacity))
        row = np.full(len(self.capacity), -1)
        row[bounded] = np.arange(len(bounded))
        at, number = row[used], np.repeat(np.arange(routes), lengths)
        full = coo_array(
            (np.ones(int((at >= 0).sum())), (at[at >= 0], number[at >= 0])),
            (len(bounded) + 1, routes),
        )
        # The last row bounds what is left behind; without a bound it says nothing.
        rest = coo_array(
            (np.ones(count), (np.full(count, len(bounded)), np.arange(count))),
            (len(bounded) + 1, count),
        )
        most = float(tonnes.sum()) if most_left is None else most_left
        limits = np.append(self.capacity[bounded], most * (1 + _RELATIVE))
        left: Any = hstack([full, rest])
        served_or_left: Any = hstack([served, eye_array(count)])
        done: Any = linprog(
            np.concatenate([cost, np.full(count, unmet_cost)]) / heavy,
            A_ub=left.tocsr(),
            b_ub=limits / scale,
            A_eq=served_or_left.tocsr(),
            b_eq=tonnes / scale,
            method="highs",
        )
        if done.x is None:
            msg = f"the linear programme was not solved: {done.message}"
            raise CorridorsError(msg)
        amounts = np.where(done.x < _LEAST_GAIN**2, 0.0, done.x) * scale
        for column, amount in zip(self.columns, amounts[:routes].tolist(), strict=True):
            column.tonnes = amount
        price = np.zeros(len(self.capacity))
        price[bounded] = np.maximum(0.0, -done.ineqlin.marginals[:-1] * heavy)
        solution = Solution(
            [Column(one.demand, one.path, one.tonnes) for one in self.columns if one.tonnes > 0],
            amounts[routes:],
            float(cost @ amounts[:routes]),
            price,
        )
        return solution, np.asarray(done.eqlin.marginals * heavy, float)

    def _price(self, worth: FloatArray, price: FloatArray, *, by_weight: bool) -> int:
        """Add the routes that would improve the solution; how many were added."""
        trees: dict[tuple[int, bytes], tuple[Weighted, Any, Any]] = {}
        worlds: dict[int, Weighted] = {}
        added = 0
        for number, one in enumerate(self.demands):
            if id(one.world) not in worlds:
                own = one.world.weight
                own = own if by_weight else np.where(np.isfinite(own), 0.0, np.inf)
                worlds[id(one.world)] = one.world.reweighted(
                    own + price[one.world.graph.link], None if by_weight else 0.0
                )
            world = worlds[id(one.world)]
            key = (id(world), one.sources.tobytes())
            if key not in trees:
                trees[key] = (world, *world.tree(one.sources))
            path = world.path_in(trees[key][1], trees[key][2], one.targets)
            if path is None or path.cost >= worth[number] - _LEAST_GAIN * max(1.0, abs(path.cost)):
                continue
            name = (number, path.arcs.tobytes())
            if name not in self.known:
                self.known.add(name)
                self.columns.append(
                    Column(number, one.world.over(path.arcs, path.nodes, path.reversals))
                )
                added += 1
        return added
