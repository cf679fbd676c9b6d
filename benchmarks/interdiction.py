"""The worst closures against trying every set, on the reference network and its flows.

``python -m benchmarks.interdiction`` prints the ratios, all measured in one run. Trying every set
means one search for each flow under each set of closures, by the bare scipy call on a matrix with
the closed links at infinity. Where that would take more than some seconds, a random part of the
sets is tried and the time for all of them is reckoned from it; the table says which.
"""

from __future__ import annotations

import itertools
import math
import time
from dataclasses import dataclass

import numpy as np

import corridors as co
from corridors.analysis.effects import exposed
from corridors.analysis.interdiction import Interdiction
from corridors.network import Network

DAY = "2026-06-01"
CASES = (("crossings", 2), ("crossings", 3), ("links", 2), ("links", 3))
MOST_SETS = 1500
"""So many sets are tried; for more, the time is reckoned."""


@dataclass(frozen=True)
class Measured:
    """Seconds of both ways, and how many sets the slow one has."""

    of: str
    k: int
    ours: float
    brute: float
    sets: int
    tried: int

    @property
    def ratio(self) -> float:
        return self.brute / self.ours


class Brute:
    """Every flow searched again under every set of closures."""

    def __init__(self, of: str) -> None:
        found = exposed(co.load(DAY), co.flows(), of, {})
        self.targets = found.detours.targets
        self.trips = [
            (load.terms.weighted(load.shipment), load.start.nodes, load.end.nodes, load.tonnes)
            for load in found.loads
            if load.tonnes and load.obstacle is None
        ]
        self.base = [world.nearest(a)[b].min() for world, a, b, _ in self.trips]

    def harm(self, chosen: tuple[int, ...]) -> tuple[float, float]:
        """Stranded tonnes and extra tonne-km."""
        rows = np.concatenate([self.targets.rows[number] for number in chosen])
        stranded = extra = 0.0
        for (world, start, end, tonnes), before in zip(self.trips, self.base, strict=True):
            after = world.closing(rows).nearest(start)[end].min()
            if np.isinf(after):
                stranded += tonnes
            else:
                extra += tonnes * (after - before)
        return stranded, round(extra, 1)

    def sets(self, k: int) -> tuple[int, list[tuple[int, ...]]]:
        """How many sets of k there are, and those to try."""
        count = len(self.targets.names)
        total = math.comb(count, k)
        if total <= MOST_SETS:
            return total, list(itertools.combinations(range(count), k))
        draws = np.random.default_rng(5)
        picked = {tuple(sorted(draws.choice(count, k, replace=False).tolist())) for _ in range(200)}
        return total, sorted(picked)


def ours(net: Network, of: str, k: int) -> Interdiction:
    """The library's answer."""
    return net.interdict(co.flows(), k=k, of=of, progress=False)


def measure(of: str, k: int) -> Measured:
    """Both ways once, each on a network that has answered nothing yet."""
    net = co.load(DAY)
    began = time.perf_counter()
    ours(net, of, k)
    quick = time.perf_counter() - began
    brute = Brute(of)
    total, tried = brute.sets(k)
    began = time.perf_counter()
    for chosen in tried:
        brute.harm(chosen)
    slow = (time.perf_counter() - began) * total / len(tried)
    return Measured(of, k, quick, slow, total, len(tried))


def main() -> None:
    """Print the ratios."""
    print("closed      k   ours, s      brute, s        sets   tried     ratio")  # noqa: T201
    ours(co.load(DAY), "crossings", 1)  # imports
    for of, k in CASES:
        one = measure(of, k)
        print(  # noqa: T201
            f"{of:10}{k:3}{one.ours:10.2f}{one.brute:14,.1f}{one.sets:12,}{one.tried:8,}"
            f"{one.ratio:10,.0f}"
        )


if __name__ == "__main__":
    main()
