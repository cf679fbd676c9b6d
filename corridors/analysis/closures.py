"""Many closures at once, without building anything anew.

Only pairs whose route uses a closed link are looked at again; :mod:`corridors.routing.replacement`
knows the way round every link of a route.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.errors import ArgumentError, UnknownSubjectError
from corridors.routing.replacement import Replacements, Trees
from corridors.routing.terms import Terms, WeighedAsk, terms

if TYPE_CHECKING:
    from typing import Unpack

    from corridors.network import Network
    from corridors.routing.ends import End, PlaceLike
    from corridors.routing.graph import IntArray
    from corridors.routing.weighted import Weighted

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
    names, sets = named_closures(closed)
    before = np.full(len(ends), np.nan)
    after = np.empty((len(sets), len(ends)))
    affected = np.zeros((len(sets), len(ends)), bool)
    shut = closed_links(net, sets)
    for world, numbers in _worlds(asked, ends):
        trees = Trees(world)
        found = [Replacements(trees, ends[n][0].nodes, ends[n][1].nodes) for n in numbers.tolist()]
        before[numbers] = [one.cost for one in found]
        after[:, numbers] = before[numbers]
        for closure, pair in hits(found, shut, len(net.link_modes)):
            affected[closure, numbers[pair]] = True
            after[closure, numbers[pair]] = found[pair].without(shut[closure])[0]
    before[np.isinf(before)] = after[np.isinf(after)] = np.nan
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


def named_closures(closed: Closed) -> tuple[list[Any], list[tuple[str, ...]]]:
    """Names of closures, or their numbers, and the ids that each closes."""
    if isinstance(closed, str):
        raise ArgumentError(f"closed={closed!r}: give a list of closures, each a list of ids")
    items = list(closed.items()) if isinstance(closed, Mapping) else list(enumerate(closed))
    sets = [(one,) if isinstance(one, str) else tuple(one) for _, one in items]
    return [name for name, _ in items], sets


def closed_links(net: Network, sets: Sequence[tuple[str, ...]]) -> list[IntArray]:
    """Rows of the links that each closure closes, sorted.

    Raises
    ------
    UnknownSubjectError
        If an id is that of nothing with links.
    """
    rows = rows_of_subjects(net)
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
    return np.array(sorted({row for part in parts for row in part.tolist()}), np.int64)


def rows_of_subjects(net: Network) -> dict[str, IntArray]:
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


def hits(
    found: Sequence[Replacements], shut: Sequence[IntArray], links: int
) -> list[tuple[int, int]]:
    """Which closures close a link of which paths, as pairs of their numbers."""
    from scipy.sparse import csr_array

    def rows(parts: Sequence[IntArray]) -> csr_array[np.int32, tuple[int, int]]:
        ends = np.cumsum([0, *map(len, parts)])
        column = np.concatenate([np.zeros(0, np.int64), *parts])
        return csr_array((np.ones(ends[-1], np.int32), column, ends), (len(parts), links))

    used = rows([one.links[one.links >= 0] for one in found])
    hits = (rows(shut) @ used.T).tocoo()
    return list(zip(hits.row.tolist(), hits.col.tolist(), strict=True))
