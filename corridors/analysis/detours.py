"""The ways that flows are left with when some of the network is closed: exact, and remembered.

A way that avoids all that is closed and is the lightest with less closed stays the lightest. So
only closures on a flow's own way ask for a search, and most sets of closures need none. The ways
found so far also bound what a closure can do that was not looked at: the flow can do no worse than
the lightest of them that stays open (Israeli and Wood 2002, "Shortest-path network interdiction").
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corridors.analysis.targets import Targets, members, targets
from corridors.routing.replacement import Replacements, Trees

if TYPE_CHECKING:
    from corridors.analysis.demands import Load
    from corridors.network import Network
    from corridors.routing.ends import End
    from corridors.routing.graph import Path
    from corridors.routing.weighted import Weighted

_DIGITS = 6
"""Weights are rounded, so that sums of the same figures in another order are equal."""


@dataclass(frozen=True)
class Way:
    """The lightest way left, ``inf`` and no path where none is."""

    weight: float
    crossed: int
    path: Path | None


@dataclass(frozen=True, order=True)
class Harm:
    """What closures do: tonnes without a way, then the extra weight of the tonnes diverted.

    Parameters
    ----------
    stranded_t : float
    extra : float
        Tonnes times km, hours or USD.
    """

    stranded_t: float = 0.0
    extra: float = 0.0


class Trip:
    """Flows of one world with the same ends.

    Parameters
    ----------
    replacements : Replacements
    targets : Targets
    """

    def __init__(self, replacements: Replacements, targets: Targets) -> None:
        self.replacements, self.targets = replacements, targets
        self.tonnes = 0.0
        self.searches = 0
        self._known: dict[int, Way] = {}
        self._pool: list[tuple[float, int]] = []

    def way(self, closed: int) -> Way:
        """The lightest way with a set of targets closed."""
        met = 0
        while True:
            if met not in self._known:
                self._known[met] = self._search(met)
            found = self._known[met]
            hit = found.crossed & closed
            if not hit:
                return found
            met |= hit & -hit

    def _search(self, closed: int) -> Way:
        self.searches += 1
        cost, path = self.replacements.without(np.flatnonzero(self.targets.closed(closed)))
        if path is None:
            return Way(np.inf, 0, None)
        way = Way(round(cost, _DIGITS), self.targets.crossed(path.links), path)
        if (way.weight, way.crossed) not in self._pool:
            insort(self._pool, (way.weight, way.crossed))
        return way

    def bound(self, closed: int, allowed: int, count: int) -> tuple[float, int]:
        """No less than the weight left after ``count`` more closures, and closures that may do it.

        Parameters
        ----------
        closed : int
            Targets closed already.
        allowed : int
            Targets that may be closed besides.
        count : int
            How many of them at most.
        """
        if count <= 1:
            common = allowed if count else 0
            chosen = 0
            for weight, crossed in self._pool:
                if crossed & closed:
                    continue
                common &= crossed
                if not common:
                    return weight, chosen
                chosen = common & -common
            return np.inf, chosen
        first = next((known for known in self._pool if not known[1] & closed), None)
        if first is None:
            return np.inf, 0
        best = (first[0], 0)
        for number in members(first[1] & allowed):
            allowed &= ~(1 << number)
            weight, others = self.bound(closed | 1 << number, allowed, count - 1)
            if weight > best[0]:
                best = weight, others | 1 << number
            if weight == np.inf:
                break
        return best

    def worst(self, closed: int, allowed: int, count: int) -> float:
        """Exactly the most that ``count`` more closures can make of this trip's weight."""
        while True:
            weight, chosen = self.bound(closed, allowed, count)
            if self.way(closed | chosen).weight >= weight:
                return weight


class Detours:
    """Flows and what can be closed.

    Parameters
    ----------
    net : Network
    loads : sequence of Load
    of : {"links", "crossings"}
    """

    def __init__(self, net: Network, loads: Sequence[Load], of: str) -> None:
        plain: dict[int, tuple[Weighted, list[End]]] = {}
        for load in loads:
            world = load.terms.weighted(load.shipment)
            ends = plain.setdefault(id(world), (world, []))[1]
            ends += [load.start, load.end]
        self.targets = targets(net, of, list(plain.values()))
        trees: dict[int, Trees] = {}
        known: dict[tuple[int, bytes, bytes], Trip] = {}
        self.trip_of: list[Trip] = []
        """The trip of each load."""
        for load in loads:
            world = load.terms.weighted(load.shipment)
            shared = trees.setdefault(id(world), Trees(world))
            sources, sinks = load.start.nodes, load.end.nodes
            key = (id(world), sources.tobytes(), sinks.tobytes())
            if key not in known:
                known[key] = Trip(Replacements(shared, sources, sinks), self.targets)
            known[key].tonnes += load.tonnes
            self.trip_of.append(known[key])
        self.trips = [
            trip for trip in known.values() if trip.tonnes > 0 and trip.way(0).path is not None
        ]
        """Trips that can come to harm: something is carried, and there is a way."""
        self.base = [trip.way(0).weight for trip in self.trips]

    @property
    def searches(self) -> int:
        """Shortest-path searches made so far."""
        return sum(trip.searches for trip in self.trips)

    def harm(self, closed: int) -> Harm:
        """What a set of closures does."""
        return self._sum([trip.way(closed).weight for trip in self.trips])

    def on_the_way(self, closed: int) -> int:
        """Targets on the ways that are left: closing any other changes nothing."""
        found = 0
        for trip in self.trips:
            found |= trip.way(closed).crossed
        return found

    def bounds(self, closed: int, allowed: int, count: int) -> dict[int, Harm]:
        """For each target on a way left: no less than the harm of it and ``count`` more.

        Each trip for itself, by the ways known so far; see :meth:`Trip.bound`.
        """
        ways = [trip.way(closed) for trip in self.trips]
        found = {}
        for number in members(self.on_the_way(closed) & allowed):
            bit = 1 << number
            found[number] = self._sum(
                [
                    trip.bound(closed | bit, allowed & ~bit, count)[0]
                    if count or way.crossed & bit
                    else way.weight
                    for trip, way in zip(self.trips, ways, strict=True)
                ]
            )
        return found

    def worst(self, closed: int, allowed: int, count: int) -> Harm:
        """No less than the harm of ``count`` more closures: each trip for itself, exactly."""
        return self._sum([trip.worst(closed, allowed, count) for trip in self.trips])

    def _sum(self, weights: Sequence[float]) -> Harm:
        stranded = extra = 0.0
        for trip, before, after in zip(self.trips, self.base, weights, strict=True):
            if after == np.inf:
                stranded += trip.tonnes
            else:
                extra += trip.tonnes * (after - before)
        return Harm(stranded, extra)
