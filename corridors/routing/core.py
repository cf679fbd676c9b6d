"""Search over the core of a contracted graph: the vertices where ways part.

A search starts from seeds, core vertices with what it weighs to come to them. On a small core the
trees of all vertices are grown at once as soon as so many questions were asked that it pays; from
then on an answer is read from them. On a large one they would not fit, and each is searched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

IntArray = npt.NDArray[np.int64]
NodeArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float64]
Seeds = Mapping[int, float]
NONE = -9999
"""What stands for no predecessor, as scipy has it."""
SMALL = 512
"""Up to so many vertices all trees are kept: at most 3 MB."""
SEARCHES = 8
"""One in so many trees is searched for before all of them are: together a search costs half."""


class Core:
    """Weights between core vertices, each pair joined by one step.

    Parameters
    ----------
    indptr, columns : ndarray of int32
        Steps by the vertex they leave, in the order of the vertices they lead to.
    weight : ndarray of float, one a step
        Not negative; ``inf`` where a step is closed.
    keep : bool
        Whether more than a question or two will be asked, so that trees may be worth keeping.

    Attributes
    ----------
    keeps : bool
        Whether trees are kept here, so that it pays to keep what leads to them as well.
    """

    def __init__(
        self, indptr: NodeArray, columns: NodeArray, weight: FloatArray, *, keep: bool
    ) -> None:
        self.size = len(indptr) - 1
        self.keeps = keep and self.size <= SMALL
        self._parts = weight, columns, indptr
        self._asked = 0

    def tree(self, seeds: Seeds) -> tuple[FloatArray, NodeArray]:
        """Least weight from the seeds to each vertex, and the vertex before it.

        Before a seed stands ``size``; where no way leads, :data:`NONE`.
        """
        if not (self.keeps and seeds):
            return self._grown(seeds)
        self._asked += 1
        # Seed by seed from the first question on: of ways that tie always the same one is found.
        order = sorted(seeds)
        far, before = self._tree_of(order[0])
        far = far + seeds[order[0]]
        for number, seed in enumerate(order[1:], 1):
            other, back = self._tree_of(seed)
            other = other + seeds[seed]
            if far[seed] == other[seed] or (far[order[:number]] == other[order[:number]]).any():
                # Where one seed is as near by way of another, trees of both may lead in a circle.
                return self._grown(seeds)
            nearer = other < far
            far, before = np.where(nearer, other, far), np.where(nearer, back, before)
        return far, before

    def pointwise(self, seeds: Seeds) -> tuple[Callable[[int], float], Callable[[int], int]]:
        """The same as :meth:`tree`, vertex by vertex: quicker where few are looked at."""
        order = sorted(seeds)
        if not self.keeps or not 1 <= len(order) <= 2:  # noqa: PLR2004  (ends of a chain)
            return _items(self.tree(seeds))
        self._asked += 1
        first, last = order[0], order[-1]
        to_first, to_last = seeds[first], seeds[last]
        far, before = self._tree_of(first)
        if first == last:
            return (lambda number: to_first + far.item(number)), before.item
        other, back = self._tree_of(last)
        if to_first + far.item(last) == to_last or to_last + other.item(first) == to_first:
            return _items(self._grown(seeds))

        def least(number: int) -> float:
            return min(to_first + far.item(number), to_last + other.item(number))

        def previous(number: int) -> int:
            nearer = to_last + other.item(number) < to_first + far.item(number)
            return back.item(number) if nearer else before.item(number)

        return least, previous

    def distances(self, starts: Sequence[Seeds]) -> FloatArray:
        """Least weight from the seeds of each start (rows) to each vertex (columns)."""
        if len(starts) == 1 and self.keeps:
            return self.tree(starts[0])[0][None]
        from scipy.sparse.csgraph import dijkstra

        numbers = np.arange(self.size, self.size + len(starts))
        return np.asarray(dijkstra(self._matrix(starts), indices=numbers)[:, : self.size], float)

    def _tree_of(self, seed: int) -> tuple[FloatArray, NodeArray]:
        """The tree of one vertex; nobody may write to it."""
        if self._asked > self.size // SEARCHES:
            far, before = self._trees
            return far[seed], before[seed]
        from scipy.sparse.csgraph import dijkstra

        far, before = dijkstra(self._steps, indices=[seed], return_predecessors=True)
        before[0, seed] = self.size
        return far[0], before[0]

    @cached_property
    def _trees(self) -> tuple[FloatArray, NodeArray]:
        """The trees of all vertices, a row each."""
        from scipy.sparse.csgraph import dijkstra

        far, before = dijkstra(self._steps, return_predecessors=True)
        np.fill_diagonal(before, self.size)
        return far, before

    @cached_property
    def _steps(self) -> csr_array[np.float64, tuple[int, int]]:
        return self._matrix([])

    def _grown(self, seeds: Seeds) -> tuple[FloatArray, NodeArray]:
        from scipy.sparse.csgraph import dijkstra

        far, before = dijkstra(self._matrix([seeds]), indices=[self.size], return_predecessors=True)
        return far[0, : self.size], before[0, : self.size]

    def _matrix(self, starts: Sequence[Seeds]) -> csr_array[np.float64, tuple[int, int]]:
        """The weights, and a vertex more for each start that leads to its seeds."""
        from scipy.sparse import csr_array

        weight, columns, indptr = self._parts
        seeds = [one for start in starts for one in sorted(start.items())]
        ends = len(columns) + np.cumsum([len(start) for start in starts])
        parts = (
            np.concatenate([weight, np.array([weight for _, weight in seeds], float)]),
            np.concatenate([columns, np.array([number for number, _ in seeds], np.int32)]),
            np.concatenate([indptr, ends.astype(np.int32)]),
        )
        if len(starts) == 1:
            # Known to be in order: checking it anew takes longer than a search.
            matrix = copy(self._empty)
            matrix.data, matrix.indices, matrix.indptr = parts
            return matrix
        size = self.size + len(starts)
        return csr_array(parts, shape=(size, size))

    @cached_property
    def _empty(self) -> csr_array[np.float64, tuple[int, int]]:
        """A matrix for the core and one start."""
        from scipy.sparse import csr_array

        return csr_array((self.size + 1, self.size + 1))


def _items(
    tree: tuple[FloatArray, NodeArray],
) -> tuple[Callable[[int], float], Callable[[int], int]]:
    return tree[0].item, tree[1].item
