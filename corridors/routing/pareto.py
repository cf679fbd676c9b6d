"""Every route that is best at something: the exact set of non-dominated routes.

A multi-label search (Martins 1984): labels are vectors of criteria, kept at each place unless
another one there is no worse in any criterion. Borders and gauge breaks depend on what came before
(a ferry between two land borders, a wagon that has two gauges to choose from), so a label also
carries the last country on land and the gauges its wagon can have; labels are only compared where
these agree. Lower bounds from one tree per criterion, to the destination, end the search early.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from corridors.costs.model import WEIGHTS
from corridors.errors import ArgumentError
from corridors.routing.alternatives import difference
from corridors.routing.route import Route, Routes
from corridors.routing.terms import Ask, Terms, terms
from corridors.schema import INTERNATIONAL_WATERS

if TYPE_CHECKING:
    from typing import Unpack

    from corridors.network import Network
    from corridors.routing.ends import End, PlaceLike
    from corridors.routing.graph import FloatArray, Path
    from corridors.states import Shipment

COUNTED = ("borders", "gauge_breaks", "transfers")
CRITERIA = (*WEIGHTS, *COUNTED)
"""What may be made least at once."""
MAX_LABELS = 500_000
_DECIMALS = 9  # vectors that agree so far are one: sums in another order differ in the last digits

Vector: TypeAlias = tuple[float, ...]
State: TypeAlias = tuple[str, frozenset[str]]


@dataclass(frozen=True)
class ParetoSet(Routes):
    """Non-dominated routes, sorted by their criteria; a sequence of :class:`Route`.

    Parameters
    ----------
    routes : tuple of Route
    criteria : tuple of str
    values : tuple of tuple of float
        Criteria of each route.
    complete : bool
        False if the search was stopped at its bound: then each route is real, but some may be
        dominated by routes that were not found, and others may be missing.
    labels : int
        How many labels the search looked at.
    """

    routes: tuple[Route, ...]
    criteria: tuple[str, ...]
    values: tuple[Vector, ...]
    complete: bool
    labels: int

    @property
    def table(self) -> pd.DataFrame:
        """One row a route: the criteria, ``length_km``, ``modes``, ``crossings``, ``best_at``.

        ``best_at`` names the criteria in which no route is better; ``difference`` says in words
        how it differs from the first.
        """
        values = pd.DataFrame(list(self.values), columns=list(self.criteria))
        least = values.min()
        values["length_km"] = [route.length_km for route in self.routes]
        values["modes"] = [" ".join(route.by_mode) for route in self.routes]
        values["crossings"] = [
            " ".join(border.place_id for border in route.borders) for route in self.routes
        ]
        values["best_at"] = [
            " ".join(name for name in self.criteria if values[name].iloc[row] == least[name])
            for row in range(len(self))
        ]
        values["difference"] = [
            difference(route, self.routes[0], 0.0, "length") for route in self.routes
        ]
        return values

    def to_dict(self) -> dict[str, Any]:
        """Plain values that can be written as JSON."""
        return {
            "criteria": list(self.criteria),
            "complete": self.complete,
            "labels": self.labels,
            "routes": [
                {"values": dict(zip(self.criteria, vector, strict=True)), "route": route.to_dict()}
                for route, vector in zip(self.routes, self.values, strict=True)
            ],
        }

    def __repr__(self) -> str:
        note = "" if self.complete else ", search stopped at its bound"
        return f"<{len(self)} non-dominated routes by {', '.join(self.criteria)}{note}>"

    def _repr_html_(self) -> str:
        table: str = self.table.to_html(index=False)
        return f"<p>{escape(repr(self)[1:-1])}</p>{table}"


def pareto(
    net: Network,
    a: PlaceLike,
    b: PlaceLike,
    *,
    criteria: Iterable[str] = ("hours", "usd_per_t", "borders", "gauge_breaks"),
    max_labels: int = MAX_LABELS,
    **options: Unpack[Ask],
) -> ParetoSet:
    """All routes from ``a`` to ``b`` that no other route beats in every criterion.

    Parameters
    ----------
    net : Network
    a, b : place
        As in :meth:`.Network.route`.
    criteria : iterable of str
        Of ``"length"``, ``"hours"``, ``"usd_per_t"``, ``"generalised"``, ``"borders"``,
        ``"gauge_breaks"`` and ``"transfers"`` (rail–road transfer links used).
    max_labels : int
        Bound on the search; where it is hit, the result says so (``complete`` is False).
    **options
        ``modes``, ``commodity``, ``as_of``, ``avoid``, ``max_snap_km``, ``cargo_origin``,
        ``cargo_destination``, ``case``, ``value_of_time`` as in
        :meth:`.Network.route`.

    Returns
    -------
    ParetoSet
        One route for each vector of criteria; of routes with the same vector one is given.

    Raises
    ------
    NoRoute
        If there is no route at all.
    ArgumentError
        If an argument cannot be used.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> both = ("length", "borders")
    >>> ways = net.pareto("Aktau", "Yerevan", criteria=both, modes=["road", "ferry"])
    >>> ways.complete
    True
    """
    if not isinstance(criteria, Iterable):
        raise ArgumentError(f"criteria={criteria!r}: give one or more of {', '.join(CRITERIA)}")
    names = tuple([criteria] if isinstance(criteria, str) else criteria)
    wrong = [name for name in names if name not in CRITERIA]
    if wrong or not names or len(set(names)) < len(names):
        raise ArgumentError(f"criteria={list(names)!r}: give one or more of {', '.join(CRITERIA)}")
    if isinstance(max_labels, bool) or not isinstance(max_labels, int) or max_labels < 1:
        raise ArgumentError(f"max_labels={max_labels!r} must be a whole number, 1 or more")
    if "weight" in options:
        raise ArgumentError("pareto takes criteria, not a weight")
    asked = terms(net, **options)
    start, end = asked.end(a, "a"), asked.end(b, "b")
    shipment = asked.shipment(start, end)
    search = _Search(asked, shipment, names, start, end)
    if not search.reachable:
        raise asked.no_route(start, end)
    found, complete = search.run(max_labels)
    if not found:
        raise ArgumentError(
            f"max_labels={max_labels} ended the search before any route was found; give more"
        )
    return ParetoSet(
        tuple(asked.route([path], (start, end), shipment) for _, path in found),
        names,
        tuple(vector for vector, _ in found),
        complete,
        search.seen,
    )


@dataclass(frozen=True)
class _Label:
    vector: Vector
    node: int
    state: State
    step: int
    before: _Label | None


class _Search:
    """One search; arrays are turned into lists, which Python reads faster one by one."""

    def __init__(
        self, asked: Terms, shipment: Shipment, criteria: Sequence[str], start: End, end: End
    ) -> None:
        net = asked.net
        self.world = asked.weighted(shipment, "length")
        self.start, self.targets = start, frozenset(end.nodes.tolist())
        graph, table = net.graph, net.link_table
        usable = np.isfinite(self.world.weight)
        parts = [self._weights(asked, shipment, name) for name in criteria]
        usable &= np.isfinite([part for part, _ in parts]).all(axis=0)
        worlds = [
            self.world.reweighted(np.where(usable, part, np.inf), turning)
            for part, turning in parts
        ]
        self.cost = np.stack([world.step_weight for world in worlds], axis=1).tolist()
        ahead = [world.reversed().tree(end.nodes)[0] for world in worlds]
        self.bound = np.stack(ahead, axis=1).tolist()
        self.sources = graph.steps.depart[start.nodes].tolist()
        self.reachable = bool(np.isfinite(ahead[0][self.sources]).any())
        # Steps from vertex to vertex; without turns these are arcs from place to place.
        steps = worlds[0]
        self.out = np.searchsorted(steps.tail, np.arange(graph.steps.size + 1)).tolist()
        self.head = steps.head.tolist()
        self.arc = steps.arc.tolist()
        self.reverses = graph.steps.reverses[steps.step].tolist()
        self.link = np.where(steps.arc >= 0, graph.link[steps.arc], -1).tolist()
        self.country = table["country"].tolist()
        rail = (table["mode"] == "rail") | table["wagons"]
        self.gauges = [
            frozenset(gauge.split("+")) if on_rail and isinstance(gauge, str) else None
            for on_rail, gauge in zip(rail, table["gauge_mm"], strict=True)
        ]
        mode = table["mode"]
        self.unloads = (
            mode.isin(["road", "transfer"]) | ((mode == "ferry") & ~table["wagons"])
        ).tolist()
        """Links on which cargo leaves the rails, so that no gauge binds it."""
        self.home = [
            "" if place in net.borders else str(country)
            for place, country in zip(graph.index, net.place_countries, strict=True)
        ]
        """Country of each node; empty on a border."""
        self.border = criteria.index("borders") if "borders" in criteria else None
        self.gauge = criteria.index("gauge_breaks") if "gauge_breaks" in criteria else None
        self.seen = 0

    @staticmethod
    def _weights(asked: Terms, shipment: Shipment, name: str) -> tuple[FloatArray, float]:
        """What each arc and each reversal adds; what depends on arcs before the search adds."""
        if name in WEIGHTS:
            return asked.arc_weights(shipment, name), asked.reversal_weight(shipment, name)
        links = asked.net.graph.link
        if name == "transfers":
            return np.asarray((asked.net.link_modes == "transfer")[links], float), 0.0
        return np.zeros(len(links)), 0.0

    def run(self, max_labels: int) -> tuple[list[tuple[Vector, Path]], bool]:
        """Vectors and paths of the non-dominated routes, sorted, and whether they are all."""
        tick = count()
        waiting: list[tuple[Vector, int, _Label]] = []
        zero = (0.0,) * len(self.bound[0])
        for node, vertex in zip(self.start.nodes.tolist(), self.sources, strict=True):
            if np.isfinite(self.bound[vertex][0]):
                label = _Label(zero, vertex, (self.home[node], frozenset()), -1, None)
                heapq.heappush(waiting, (self._floor(label), next(tick), label))
        settled: dict[tuple[int, State], list[Vector]] = {}
        found: list[_Label] = []
        while waiting:
            floor, _, label = heapq.heappop(waiting)
            if _dominated(floor, (other.vector for other in found)):
                continue
            here = settled.setdefault((label.node, label.state), [])
            if _dominated(label.vector, here):
                continue
            self.seen += 1
            if self.seen > max_labels:
                return self._paths(found), False
            here.append(label.vector)
            if label.node in self.targets:
                found.append(label)
                continue
            for step in range(self.out[label.node], self.out[label.node + 1]):
                new = self._step(label, step)
                if np.isfinite(self.bound[new.node][0]):
                    heapq.heappush(waiting, (self._floor(new), next(tick), new))
        return self._paths(found), True

    def _step(self, label: _Label, step: int) -> _Label:
        vector = [value + more for value, more in zip(label.vector, self.cost[step], strict=True)]
        country, wheels = label.state
        link, end = self.link[step], self.head[step]
        if link >= 0:
            country, wheels = self._pass(vector, link, country, wheels)
        if self.border is not None and end in self.targets and self.home[end]:
            # A ferry to the last place enters that place's country.
            vector[self.border] += bool(country) and self.home[end] != country
        exact = tuple(round(value, _DECIMALS) for value in vector)
        return _Label(exact, end, (country, wheels), step, label)

    def _pass(self, vector: list[float], link: int, country: str, wheels: frozenset[str]) -> State:
        """Count the border and the gauge break in front of a link, and what holds behind it."""
        if self.border is not None and self.country[link] != INTERNATIONAL_WATERS:
            vector[self.border] += bool(country) and self.country[link] != country
            country = self.country[link]
        if self.unloads[link]:
            wheels = frozenset()
        gauges = self.gauges[link]
        if self.gauge is not None and gauges is not None:
            vector[self.gauge] += bool(wheels) and not wheels & gauges
            wheels = wheels & gauges or gauges
        return country, wheels

    def _floor(self, label: _Label) -> Vector:
        pairs = zip(label.vector, self.bound[label.node], strict=True)
        # A little under, so that rounding never cuts off a route.
        return tuple(max(value, value + ahead - 10**-_DECIMALS) for value, ahead in pairs)

    def _paths(self, found: list[_Label]) -> list[tuple[Vector, Path]]:
        kept = [
            label
            for at, label in enumerate(found)
            if not any(
                _no_worse(other.vector, label.vector)
                and (other.vector != label.vector or before < at)
                for before, other in enumerate(found)
                if before != at
            )
        ]
        kept.sort(key=lambda label: label.vector)
        return [(label.vector, self._path(label)) for label in kept]

    def _path(self, label: _Label) -> Path:
        steps: list[int] = []
        at: _Label = label
        while at.before is not None:
            steps.append(at.step)
            at = at.before
        taken = [step for step in reversed(steps) if self.arc[step] >= 0]
        arcs = np.array([self.arc[step] for step in taken], np.int64)
        graph = self.world.graph
        begin = graph.tail[arcs[:1]] if len(arcs) else np.array([label.node])
        turns = np.flatnonzero([self.reverses[step] for step in taken])
        return self.world.over(arcs, np.concatenate([begin, graph.head[arcs]]), turns)


def _no_worse(one: Vector, two: Vector) -> bool:
    return all(x <= y for x, y in zip(one, two, strict=True))


def _dominated(vector: Vector, others: Iterable[Vector]) -> bool:
    return any(_no_worse(other, vector) for other in others)
