"""Which routes are really different: two pools of candidates, and the choice among them.

*Via arcs*: for each usable arc, the lightest route that uses it (one tree from the origin, one to
the destination; Abraham et al. 2013 call these single-via paths). *Penalties*: the lightest route
after the links of the routes found so far were made dearer, step by step (link penalty, de la
Barra et al. 1993). Candidates are taken in order of weight, each only if it differs from all those
taken. Yen's method is not used: its k best routes differ by a siding. Nor is the other track of the
same line another way, where tracks are drawn one by one (:mod:`.beside`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from corridors.routing.beside import beside
from corridors.routing.weighted import along_tree, unwind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corridors.network import Network
    from corridors.routing.ends import End
    from corridors.routing.graph import FloatArray, IntArray, Path
    from corridors.routing.terms import Terms
    from corridors.routing.weighted import Weighted
    from corridors.states import Shipment

PENALTY = 1.4
"""Factor on the weight of each link of the last route, at each step of the penalty pool."""
STEPS_PER_ROUTE = 12
_TINY = 1e-9


def different_paths(
    asked: Terms,
    start: End,
    end: End,
    *,
    shipment: Shipment,
    k: int,
    max_overlap: float,
    max_stretch: float,
    distinct_by: str = "length",
) -> list[Path]:
    """Paths for :func:`.alternatives`, lightest first; empty if there is none."""
    world = asked.weighted(shipment)
    best = world.path(start.nodes, end.nodes)
    if best is None:
        return []
    if k == 1 or not len(best.links):
        return [best]
    limit = best.cost * max_stretch + _TINY
    rules: list[_Rule] = [_Overlap(asked.net, max_overlap)]
    if distinct_by == "gates":
        rules.append(_Gates(asked.net))
    pool = _by_penalty(world, start, end, limit, STEPS_PER_ROUTE * k)
    vias = _Vias(world, start, end, limit, asked.net.graph_lengths)
    chosen: list[Path] = []
    taken: Path | None = best
    while taken is not None:
        chosen.append(taken)
        if len(chosen) == k:
            break
        for rule in rules:
            rule.take(taken, vias)
        pool = [path for path in pool if all(rule.differs(path) for rule in rules)]
        via = vias.lightest(rules)
        heads = [path for path in (*pool[:1], via) if path is not None]
        taken = min(heads, key=lambda path: path.cost, default=None)
    return chosen


def _by_penalty(world: Weighted, start: End, end: End, limit: float, steps: int) -> list[Path]:
    """Lightest routes while the links of those found are made dearer; at most ``limit`` heavy."""
    link, factor = world.graph.link, np.ones(int(world.graph.link.max()) + 1)
    found: dict[tuple[int, ...], Path] = {}
    path = world.path(start.nodes, end.nodes)
    for _ in range(steps):
        if path is None:
            break
        factor[path.links] *= PENALTY
        # Links of no weight must get dearer too, or a zero-weight yard is passed for ever.
        weight = world.weight * factor[link] + (factor[link] - 1) * _TINY
        dearer = world.reweighted(weight, once=True)
        path = dearer.path(start.nodes, end.nodes)
        if path is not None:
            true = world.over(path.arcs, path.nodes, path.reversals)
            if true.cost <= limit:
                found.setdefault(tuple(path.links.tolist()), true)
    return sorted(found.values(), key=lambda path: (path.cost, path.links.tolist()))


class _Vias:
    """For each usable step over an arc, the lightest route that takes it."""

    def __init__(
        self, world: Weighted, start: End, end: End, limit: float, lengths: FloatArray
    ) -> None:
        self.world, self.back = world, world.reversed()
        ahead, self.before = world.tree(start.nodes)
        beyond, self.after = self.back.tree(end.nodes)
        steps = world.lightest[world.arc[world.lightest] >= 0]
        tail, head = world.tail[steps], world.head[steps]
        cost = ahead[tail] + world.step_weight[steps] + beyond[head]
        # Over a dead end and back is no way: the arc must not turn round at either of its ends.
        cost[(self.before[tail] == head) | (self.after[head] == tail)] = np.inf
        order = np.argsort(cost, kind="stable")
        kept = order[: int(np.searchsorted(cost[order], limit, side="right"))]
        self.arc = world.arc[steps[kept]]
        self.tail, self.head = tail[kept], head[kept]
        self.open = np.ones(len(kept), bool)
        """Steps whose route may still be different; by weight of their routes."""
        self._entered = world.into(self.before), self.back.into(self.after)
        self.lengths = lengths
        self.length_km = self.along(lengths)

    def along(self, of_link: FloatArray) -> FloatArray:
        """Sum of what links have, over the route of each step."""
        link = self.world.graph.link
        parts = [
            along_tree(before, np.where(step >= 0, of_link[link[world.arc[step]]], 0.0))
            for world, before, step in zip(
                (self.world, self.back), (self.before, self.after), self._arcs(), strict=True
            )
        ]
        total = parts[0][self.tail] + of_link[link[self.arc]] + parts[1][self.head]
        return np.asarray(total, float)

    def _arcs(self) -> list[IntArray]:
        """Steps by which the two trees enter each vertex; -1 where they travel no arc."""
        return [
            np.where((step >= 0) & (world.arc[step] >= 0), step, -1)
            for world, step in zip((self.world, self.back), self._entered, strict=True)
        ]

    def lightest(self, rules: Sequence[_Rule]) -> Path | None:
        """The lightest route that differs and passes no place twice; it stays open."""
        at = int(np.argmax(self.open)) if len(self.open) else 0
        while at < len(self.open) and self.open[at]:
            path = self.world.along(
                unwind(self.before, int(self.tail[at]))[::-1]
                + unwind(self.after, int(self.head[at]))
            )
            simple = len(np.unique(path.nodes)) == len(path.nodes)
            if simple and all(rule.differs(path) for rule in rules):
                return path
            self.open[at] = False
            at = int(np.argmax(self.open))
        return None


class _Rule(Protocol):
    """What makes a route differ from those taken."""

    def take(self, path: Path, vias: _Vias) -> None:
        """Remember a route taken, and shut the vias that do not differ from it."""

    def differs(self, path: Path) -> bool:
        """Whether a route differs from all those taken."""


class _Overlap:
    """Any two routes share at most so much of the length of the shorter.

    Shared is what lies on the same links, or on track beside them (:mod:`.beside`).
    """

    def __init__(self, net: Network, bound: float) -> None:
        self.net, self.lengths, self.bound = net, net.graph_lengths, bound
        self.taken: list[tuple[FloatArray, float, frozenset[int]]] = []

    def take(self, path: Path, vias: _Vias) -> None:
        common = self.lengths * beside(self.net, path.links)
        km = float(self.lengths[path.links].sum())
        self.taken.append((common, km, frozenset(path.links.tolist())))
        shared = np.minimum(vias.along(common), km)  # beside a shorter route: all of that one
        # Sums in another order differ by rounding; what is close is decided when it is looked at.
        vias.open &= shared <= self.bound * np.minimum(vias.length_km, km) + 1e-6

    def differs(self, path: Path) -> bool:
        own = float(self.lengths[path.links].sum())
        links = frozenset(path.links.tolist())
        return all(
            min(float(common[path.links].sum()), km) <= self.bound * min(own, km) + _TINY
            and links != others
            for common, km, others in self.taken
        )


class _Gates:
    """Each route passes a gate, a border crossing or a ferry, that none of those taken passes."""

    def __init__(self, net: Network) -> None:
        graph, table = net.graph, net.link_table
        self.crossing = np.isin(graph.index.to_numpy(object), list(net.borders))
        ferry = net.link_modes == "ferry"
        lines = np.unique(table["line_id"].to_numpy(object).astype(str), return_inverse=True)[1]
        self.ferry = np.where(ferry, graph.size + lines, -1)
        self.ends = np.zeros((len(ferry), 2), np.int64)
        self.ends[graph.link, 0], self.ends[graph.link, 1] = graph.tail, graph.head
        self.passed: set[int] = set()

    def gates(self, path: Path) -> set[int]:
        """Numbers of the gates that a path passes."""
        inner = path.nodes[1:-1]
        ferries = self.ferry[path.links]
        return {*inner[self.crossing[inner]].tolist(), *ferries[ferries >= 0].tolist()}

    def take(self, path: Path, vias: _Vias) -> None:
        self.passed |= self.gates(path)
        fresh = self.crossing.copy()
        old = np.array(sorted(self.passed), np.int64)
        fresh[old[old < len(fresh)]] = False
        link = vias.world.graph.link[vias.arc]
        new_ferry = (self.ferry[link] >= 0) & ~np.isin(self.ferry[link], old)
        vias.open &= new_ferry | fresh[self.ends[link]].any(axis=1)

    def differs(self, path: Path) -> bool:
        return bool(self.gates(path) - self.passed)
