"""The search for the worst set of closures: exact by branch and bound, and greedy beside it.

A set of closures that does more harm than a part of it must close something on a way that the part
leaves. So the search branches over the targets on the ways left, and no worse set can be missed
(the k most vital links: Ball, Golden and Vohra 1989; Israeli and Wood 2002). A branch is cut when
the worst that each flow for itself could come to is no worse than the best set known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from corridors.analysis.detours import Detours, Harm
from corridors.analysis.targets import members

Branch = tuple[Harm, int, int]
"""A bound on the harm of the sets in it, what all of them close, and what they may besides."""


@dataclass(frozen=True)
class Found:
    """A set of closures and what it does."""

    closed: int
    harm: Harm

    @property
    def rank(self) -> tuple[float, float, int, tuple[int, ...]]:
        """Worst first; of equals the smallest set, then the first by ids."""
        chosen = tuple(members(self.closed))
        return (-self.harm.stranded_t, -self.harm.extra, len(chosen), chosen)


class OutOfSearchesError(Exception):
    """The search was stopped before it was done."""


def greedy(detours: Detours, steps: int) -> Iterator[Found]:
    """The worst next closure, again and again, until none does more harm."""
    now = Found(0, detours.harm(0))
    for _ in range(steps):
        step = min(
            (
                Found(closed, detours.harm(closed))
                for closed in (
                    now.closed | 1 << number for number in members(detours.on_the_way(now.closed))
                )
            ),
            key=lambda found: found.rank,
            default=now,
        )
        if step.harm <= now.harm:
            return
        now = step
        yield now


class Search:
    """Branch and bound over sets of closures.

    Parameters
    ----------
    detours : Detours
    first : Found
        A set known already.
    max_searches : int or None
        After how many shortest-path searches to stop.
    """

    def __init__(self, detours: Detours, first: Found, max_searches: int | None) -> None:
        self.detours, self.best, self.max_searches = detours, first, max_searches

    def run(self, count: int, *, progress: bool) -> bool:
        """Look through all sets of at most ``count``; whether the search was done."""
        from tqdm import tqdm

        everything = (1 << len(self.detours.targets.names)) - 1
        with tqdm(
            desc="worst closures", unit="branch", delay=2, leave=False, disable=not progress
        ) as bar:
            try:
                branches = self._branches(0, everything, count)
                bar.total = len(branches)
                for branch in branches:
                    self._explore(branch, count - 1)
                    bar.update()
            except OutOfSearchesError:
                return False
        return True

    def _explore(self, branch: Branch, left: int) -> None:
        most, closed, allowed = branch
        if self._hopeless(most, closed):
            return
        if left and self._hopeless(self.detours.worst(closed, allowed, left), closed):
            return
        found = Found(closed, self.detours.harm(closed))
        self._check_searches()
        if found.rank < self.best.rank:
            self.best = found
        for one in self._branches(closed, allowed, left):
            self._explore(one, left - 1)

    def _branches(self, closed: int, allowed: int, left: int) -> list[Branch]:
        """Each target on a way left, closed, with those that its branch may still close.

        A target that was branched over is not closed again in the branches after it: the sets
        with it have been seen. The most promising come first.
        """
        if not left:
            return []
        bounds = self.detours.bounds(closed, allowed, left - 1)
        found = []
        for number in sorted(bounds, key=lambda n: (-bounds[n].stranded_t, -bounds[n].extra, n)):
            allowed &= ~(1 << number)
            if not self._hopeless(bounds[number], closed | 1 << number):
                found.append((bounds[number], closed | 1 << number, allowed))
        return found

    def _hopeless(self, most: Harm, closed: int) -> bool:
        """Whether nothing in a branch can come before the best set known."""
        if most == self.best.harm:
            return closed.bit_count() > self.best.closed.bit_count()
        return most < self.best.harm

    def _check_searches(self) -> None:
        if self.max_searches is not None and self.detours.searches > self.max_searches:
            raise OutOfSearchesError
