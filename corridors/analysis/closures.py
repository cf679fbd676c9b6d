"""Many closures at once, without building anything anew.

A closure sets arcs to infinity. Only pairs whose route uses a closed link are routed again, and
closures that cut the same places apart are answered once: which of the links between two junctions
is closed does not matter to a pair that neither starts nor ends between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.errors import ArgumentError, UnknownSubjectError
from corridors.routing.terms import Terms, WeighedAsk, terms

if TYPE_CHECKING:
    from typing import Unpack

    from corridors.network import Network
    from corridors.routing.ends import End, PlaceLike
    from corridors.routing.graph import FloatArray, IntArray
    from corridors.routing.weighted import BoolArray, Weighted

Closed = Iterable[Iterable[str] | str] | Mapping[str, Iterable[str] | str]
_SUBJECTS = ("link_id", "line_id", "operator_id", "country", "from_place", "to_place")


def closures(
    net: Network,
    pairs: Iterable[tuple[PlaceLike, PlaceLike]],
    closed: Closed,
    **options: Unpack[WeighedAsk],
) -> pd.DataFrame:
    """What each of many closures costs each of many pairs.

    Parameters
    ----------
    net : Network
    pairs : iterable of (origin, destination)
        Places as in :meth:`.Network.route`.
    closed : iterable or mapping of sets of ids
        Each a closure: ids of places, links, lines, operators or country codes, as in ``avoid`` of
        :meth:`.Network.route`. The keys of a mapping name the closures.
    **options
        ``modes``, ``commodity``, ``as_of``, ``avoid``, ``weight``, ``max_snap_km``,
        ``cargo_origin``, ``cargo_destination``, ``case``, ``value_of_time`` as in
        :meth:`.Network.route`.

    Returns
    -------
    DataFrame
        One row a closure and pair, in this order: ``closure``, ``origin``, ``destination``,
        ``before`` and ``after`` (least weight; NaN: no way), ``extra`` (their difference),
        ``affected`` (the route used a closed link), ``stranded`` (there was a way and now is none).

    Raises
    ------
    UnknownSubjectError, UnknownPlaceError, ArgumentError
        If an id, a place or another argument cannot be used; the message names it.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> table = net.closures([("Baku", "Yerevan")], {"Georgia": ["GE"]}, modes=["rail"])
    >>> bool(table["stranded"].iloc[0])
    True
    """
    asked = terms(net, **options)
    ends = [(asked.end(a, "origin"), asked.end(b, "destination")) for a, b in _pairs(pairs)]
    names, sets = _named(closed)
    before = np.full(len(ends), np.nan)
    after = np.empty((len(sets), len(ends)))
    affected = np.zeros((len(sets), len(ends)), bool)
    shut = _closed_links(net, sets)
    for world, numbers in _worlds(asked, ends):
        group = _Group(world, [ends[number] for number in numbers], len(net.link_modes))
        before[numbers] = group.before
        after[:, numbers], affected[:, numbers] = group.under(shut)
    labels = [(start.label, end.label) for start, end in ends]
    count = len(sets)
    flat = after.ravel()
    old = np.tile(before, count)
    return pd.DataFrame(
        {
            "closure": np.repeat(np.array(names, object), len(ends)),
            "origin": np.tile(np.array([a for a, _ in labels], object), count),
            "destination": np.tile(np.array([b for _, b in labels], object), count),
            "before": old,
            "after": flat,
            "extra": flat - old,
            "affected": affected.ravel(),
            "stranded": np.isnan(flat) & ~np.isnan(old),
        }
    )


def _pairs(pairs: Iterable[tuple[PlaceLike, PlaceLike]]) -> list[tuple[PlaceLike, PlaceLike]]:
    listed = list(pairs)
    for pair in listed:
        if isinstance(pair, str) or not hasattr(pair, "__len__") or len(pair) != 2:  # noqa: PLR2004  (origin, destination)
            raise ArgumentError(f"pairs holds {pair!r}; give (origin, destination) pairs")
    if not listed:
        raise ArgumentError("pairs is empty; give one (origin, destination) or more")
    return listed


def _named(closed: Closed) -> tuple[list[Any], list[tuple[str, ...]]]:
    if isinstance(closed, str):
        raise ArgumentError(f"closed={closed!r}: give a list of closures, each a list of ids")
    items = list(closed.items()) if isinstance(closed, Mapping) else list(enumerate(closed))
    sets = [(one,) if isinstance(one, str) else tuple(one) for _, one in items]
    return [name for name, _ in items], sets


def _closed_links(net: Network, sets: Sequence[tuple[str, ...]]) -> list[IntArray]:
    """Rows of the links that each closure closes, sorted."""
    rows = _rows_of_subjects(net)
    found: list[IntArray] = []
    for ids in sets:
        for name in ids:
            if name not in rows:
                raise UnknownSubjectError(
                    f"closed={name!r} is no link, line, operator, country code or place with "
                    "links; net.links lists the ids"
                )
        parts = [rows[name] for name in ids]
        found.append(parts[0] if len(parts) == 1 else _union(parts))
    return found


def _union(parts: Sequence[IntArray]) -> IntArray:
    return np.unique(np.concatenate([np.zeros(0, np.int64), *parts]))


def _rows_of_subjects(net: Network) -> dict[str, IntArray]:
    """Rows of the link table by every id that can be closed; made once for a network."""
    if ("subjects",) not in net.memo:
        rows: dict[str, set[int]] = {}
        for column in _SUBJECTS:
            for row, name in enumerate(net.link_table[column].tolist()):
                rows.setdefault(name, set()).add(row)
        net.memo["subjects",] = {
            name: np.array(sorted(numbers), np.int64) for name, numbers in rows.items()
        }
    found: dict[str, IntArray] = net.memo["subjects",]
    return found


def _worlds(
    asked: Terms, ends: Sequence[tuple[End, End]]
) -> list[tuple[Weighted, npt.NDArray[np.int64]]]:
    """Pairs by the rules and weights that hold for them."""
    groups: dict[int, tuple[Weighted, list[int]]] = {}
    for number, (start, end) in enumerate(ends):
        world = asked.weighted(asked.shipment(start, end))
        groups.setdefault(id(world), (world, []))[1].append(number)
    return [(world, np.array(numbers)) for world, numbers in groups.values()]


@dataclass
class _Tree:
    """What one origin's pairs share."""

    sources: IntArray
    pairs: list[int]


class _Group:
    """Pairs under one set of weights: their routes, and what closures do to them."""

    def __init__(self, world: Weighted, ends: Sequence[tuple[End, End]], links: int) -> None:
        from scipy.sparse import csr_array

        self.world = world
        self.ends = ends
        self.links = links
        self.trees: dict[bytes, _Tree] = {}
        for pair, (start, _) in enumerate(ends):
            tree = self.trees.setdefault(start.nodes.tobytes(), _Tree(start.nodes, []))
            tree.pairs.append(pair)
        self.before = np.full(len(ends), np.nan)
        rows: list[IntArray] = [np.zeros(0, np.int64)] * len(ends)
        for tree in self.trees.values():
            distance, before = world.tree(tree.sources)
            for pair in tree.pairs:
                path = world.path_in(distance, before, ends[pair][1].nodes)
                if path is not None:
                    # As the tree has it, so that a pair routed again differs by its detour alone.
                    self.before[pair] = distance[ends[pair][1].nodes].min()
                    rows[pair] = path.links
        lengths = [len(row) for row in rows]
        self.chains, self.chain_begin = world.chains_of_links
        self.used = csr_array(
            (
                np.ones(sum(lengths), np.int32),
                np.concatenate(rows),
                np.concatenate([[0], np.cumsum(lengths)]),
            ),
            shape=(len(ends), links),
        )

    def under(self, shut: Sequence[IntArray]) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
        """Least weight of each pair under each closure (rows), and whether its route was hit."""
        from scipy.sparse import csr_array

        lengths = [len(rows) for rows in shut]
        closed = csr_array(
            (
                np.ones(sum(lengths), np.int32),
                np.concatenate([np.zeros(0, np.int64), *shut]),
                np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            ),
            shape=(len(shut), self.links),
        )
        hits = (closed @ self.used.T).tocsr()
        after = np.tile(self.before, (len(shut), 1))
        affected = np.zeros(after.shape, bool)
        known: dict[tuple[bytes, frozenset[object]], FloatArray] = {}
        for number in np.flatnonzero(np.diff(hits.indptr)).tolist():
            pairs = hits.indices[hits.indptr[number] : hits.indptr[number + 1]]
            affected[number, pairs] = True
            key = frozenset(map(self._kind, shut[number].tolist()))
            hit = set(pairs.tolist())
            for origin, tree in self.trees.items():
                mine = [pair for pair in tree.pairs if pair in hit]
                if not mine:
                    continue
                if (origin, key) not in known:
                    known[origin, key] = self._around(tree, shut[number])
                after[number, mine] = [known[origin, key][pair] for pair in mine]
        return after, affected

    def _around(self, tree: _Tree, rows: IntArray) -> FloatArray:
        """Least weight of each pair of a tree with some links closed; NaN elsewhere."""
        ends = [self.ends[pair][1].nodes for pair in tree.pairs]
        least = self.world.least_without(tree.sources, rows, ends)
        result = np.full(len(self.ends), np.nan)
        result[tree.pairs] = np.where(np.isfinite(least), least, np.nan)
        return result

    def _kind(self, link: int) -> object:
        """What is the same for links that cut the same places apart when closed.

        These are links of one chain, or of the same chains there and back, in which no pair starts
        or ends. None: not usable anyway.
        """
        low, high = self.chain_begin[link : link + 2].tolist()
        chains = self.chains[low:high]
        if low == high or self.touched[chains].any():
            return link if self.usable[link] else None
        return chains.tobytes()

    @cached_property
    def touched(self) -> BoolArray:
        """Chains in which a pair starts or ends."""
        ends = np.unique(np.concatenate([end.nodes for pair in self.ends for end in pair]))
        return self.world.chains_at(ends)

    @cached_property
    def usable(self) -> BoolArray:
        """Links that some step travels."""
        found = np.zeros(self.links, bool)
        found[self.world.graph.link[self.world.arc[self.world.arc >= 0]]] = True
        return found
