"""Many single changes against many flows, without building anything anew where that can be.

A closure is answered by the ways round that two trees of each flow know
(:mod:`corridors.routing.replacement`). A link that is opened or built is answered by distances that
are known already: a lightest way either keeps to the old links or enters what is new at one of its
ends and leaves it at another, so least weights from the origin, to the destination and between
those ends are all that is needed. Where a change touches access rules (an opened crossing, a
lifted rule), the world is made anew.

Trains turn as they can where that is known; a new link is joined freely to what meets its ends, and
how trains pass there otherwise stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from corridors.analysis.closures import closed_links, hits, named_closures, rows_of_subjects
from corridors.analysis.demands import Load, loads
from corridors.errors import ArgumentError, UnknownPlaceError
from corridors.routing.offers import forbidden
from corridors.routing.replacement import Replacements, Trees
from corridors.states import rules_for

if TYPE_CHECKING:
    from typing import Unpack

    from corridors.analysis.closures import Closed
    from corridors.flow import Flow
    from corridors.network import Network
    from corridors.routing.graph import FloatArray, IntArray
    from corridors.routing.terms import Ask
    from corridors.routing.weighted import Weighted

NewLink: TypeAlias = tuple[str, str, float]
COLUMNS = (
    "change", "kind", "flow_id", "before", "after", "extra", "stranded", "newly_possible", "how",
)  # fmt: skip
MOST_ENDS = 40
"""Ends of what is opened up to which distances between them are looked up."""


def screen(
    net: Network,
    flows: Iterable[Flow] | Mapping[str, Flow] | pd.DataFrame,
    *,
    closed: Closed = (),
    opened: Iterable[str] = (),
    built: Mapping[str, NewLink] | Iterable[NewLink] = (),
    weight: str = "length",
    progress: bool = True,
    **options: Unpack[Ask],
) -> pd.DataFrame:
    """What each of many single changes does to each of many flows.

    Parameters
    ----------
    net : Network
    flows : Flows or DataFrame
        As for :meth:`.Network.assign`; tonnes may be unknown.
    closed : iterable or mapping of sets of ids
        Each a closure, as for :meth:`.Network.closures`.
    opened : iterable of str
        Each an opening: the id of a line, link, place, corridor or rule, as for
        :meth:`.Network.with_open`.
    built : mapping or iterable of (from, to, length_km)
        Each a new link, passed both ways, between two places by id; its cost is its length, so
        the weight must be ``"length"``.
    weight : {"length", "hours", "usd_per_t", "generalised"}
    progress : bool
        Show a bar if it takes more than two seconds.
    **options
        ``as_of``, ``avoid``, ``case``, ``value_of_time``, ``max_snap_km`` as in
        :meth:`.Network.route`; ``modes`` and ``commodity`` for flows that name none.

    Returns
    -------
    DataFrame
        One row a change and flow: ``change`` (name or number of the change), ``kind`` ("closed",
        "opened", "built"), ``flow_id``, ``before`` and ``after`` (least weight; NaN: no way),
        ``extra``, ``stranded``, ``newly_possible``, ``how`` ("ways round", "distances", "anew").

    Raises
    ------
    UnknownSubjectError, UnknownPlaceError, ArgumentError
        If an id or another argument cannot be used; the message names it.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> found = net.screen(co.flows(), closed=["sadakhlo-ayrum-rail-border"], opened=["tripp"])
    >>> found.loc[found["newly_possible"], ["change", "flow_id"]].values.tolist()
    [['tripp', 'tripp-transit']]
    """
    from tqdm import tqdm

    day = options.pop("as_of", None)
    net = net if day is None else net.at(day)
    ready, _ = loads(net, flows, unknown_tonnes=True, weight=weight, **options)
    new = _new_links(net, built, weight)
    names, sets = named_closures(closed)
    subjects = [opened] if isinstance(opened, str) else list(opened)
    parts: list[tuple[Any, str, FloatArray, str]] = []
    pairs = _pairs(ready)
    before = np.array([pair.cost for pair in pairs])
    steps = _closings(net, names, sets, pairs)
    total = len(names) + len(subjects) + len(new)
    with tqdm(total=total, desc="changes", delay=2, leave=False, disable=not progress) as bar:
        for stage in (steps, _openings(net, subjects, pairs), _buildings(new, pairs)):
            for one in stage:
                parts.append(one)
                bar.update()
    return _table(parts, [one.flow_id for one in ready], before)


def _table(
    parts: Sequence[tuple[Any, str, FloatArray, str]], flows: list[str], before: FloatArray
) -> pd.DataFrame:
    count = len(flows)
    after = np.concatenate([np.zeros(0), *(part[2] for part in parts)])
    old = np.tile(np.where(np.isinf(before), np.nan, before), len(parts))
    after[np.isinf(after)] = np.nan
    columns = {
        "change": np.repeat(np.array([part[0] for part in parts], object), count),
        "kind": np.repeat([part[1] for part in parts], count),
        "flow_id": np.tile(np.array(flows, object), len(parts)),
        "before": old,
        "after": after,
        "extra": after - old,
        "stranded": np.isnan(after) & ~np.isnan(old),
        "newly_possible": np.isnan(old) & ~np.isnan(after),
        "how": np.repeat([part[3] for part in parts], count),
    }
    return pd.DataFrame(columns, columns=list(COLUMNS))


@dataclass(frozen=True)
class _Pair:
    """A flow under the weights that hold for it."""

    load: Load
    trees: Trees

    @cached_property
    def way(self) -> Replacements:
        return Replacements(self.trees, self.load.start.nodes, self.load.end.nodes)

    @property
    def cost(self) -> float:
        return self.way.cost

    @property
    def out(self) -> FloatArray:
        """Least weight from the origin to every vertex of the graph's steps."""
        return self.trees.out_of(self.load.start.nodes)[0]

    @property
    def into(self) -> FloatArray:
        """Least weight from every vertex of the graph's steps to the destination."""
        return self.trees.into(self.load.end.nodes)[0]


def _pairs(ready: Sequence[Load]) -> list[_Pair]:
    """Flows with the trees that those share for which the same weights hold."""
    known: dict[tuple[bytes, float], Trees] = {}
    pairs = []
    for one in ready:
        key = (one.world.weight.tobytes(), one.world.reversal_weight)
        pairs.append(_Pair(one, known.setdefault(key, Trees(one.world))))
    return pairs


# -- closures ----------------------------------------------------------------------------------


def _closings(
    net: Network, names: Sequence[Any], sets: Sequence[tuple[str, ...]], pairs: Sequence[_Pair]
) -> Iterator[tuple[Any, str, FloatArray, str]]:
    shut = closed_links(net, sets)
    before = np.array([pair.cost for pair in pairs])
    hit: dict[int, list[int]] = {}
    for closure, pair in hits([pair.way for pair in pairs], shut, len(net.link_modes)):
        hit.setdefault(closure, []).append(pair)
    for number, name in enumerate(names):
        after = before.copy()
        for pair in hit.get(number, ()):
            after[pair] = pairs[pair].way.without(shut[number])[0]
        yield name, "closed", after, "ways round"


# -- new links ---------------------------------------------------------------------------------


def _new_links(
    net: Network, built: Mapping[str, NewLink] | Iterable[NewLink], weight: str
) -> list[tuple[Any, int, int, float]]:
    items = list(built.items()) if isinstance(built, Mapping) else list(enumerate(built))
    if items and weight != "length":
        raise ArgumentError(
            f"weight={weight!r}: what a new link costs is known by length only; give "
            "weight='length', or a scenario that builds it to co.compare"
        )
    found = []
    for name, given in items:
        if not isinstance(given, (tuple, list)) or len(given) != 3:  # noqa: PLR2004  (from, to, km)
            raise ArgumentError(f"built holds {given!r}; give (from, to, length_km)")
        start, end, km = given
        nodes = net.graph.nodes([str(start), str(end)]).tolist()
        for place, node in zip((start, end), nodes, strict=True):
            if node < 0:
                raise UnknownPlaceError(f"built: no place has the id {place!r}")
        if isinstance(km, bool) or not isinstance(km, (int, float)) or not 0 < km < np.inf:
            raise ArgumentError(f"built: length_km={km!r} must be a number of km above 0")
        found.append((name, nodes[0], nodes[1], float(km)))
    return found


def _buildings(
    new: Sequence[tuple[Any, int, int, float]], pairs: Sequence[_Pair]
) -> Iterator[tuple[Any, str, FloatArray, str]]:
    """A way uses a new link once, in one direction or the other."""
    if not new:
        return
    starts, ends = np.array([one[1] for one in new]), np.array([one[2] for one in new])
    km = np.array([one[3] for one in new])
    after = np.empty((len(pairs), len(new)))
    for row, pair in enumerate(pairs):
        steps = pair.load.world.graph.steps
        ahead = pair.out[steps.arrive[starts]] + km + pair.into[steps.depart[ends]]
        back = pair.out[steps.arrive[ends]] + km + pair.into[steps.depart[starts]]
        after[row] = np.minimum(pair.cost, np.minimum(ahead, back))
    for column, one in enumerate(new):
        yield one[0], "built", after[:, column], "distances"


# -- openings ----------------------------------------------------------------------------------


def _openings(
    net: Network, subjects: Sequence[str], pairs: Sequence[_Pair]
) -> Iterator[tuple[Any, str, FloatArray, str]]:
    lines = {*net.link_table["line_id"], *net.link_table["link_id"]}
    rows = rows_of_subjects(net) if subjects else {}
    openers = _openers(net, pairs) if subjects else []
    for name in subjects:
        after = np.array([pair.cost for pair in pairs])
        how = "distances"
        for number, (pair, opener) in enumerate(zip(pairs, openers, strict=True)):
            found = None if name not in lines else opener.least(pair, rows[name])
            if found is None:
                how = "anew"
                break
            after[number] = found
        if how == "anew":
            after = _anew(net.with_open(name), pairs)
        yield name, "opened", after, how


def _anew(net: Network, pairs: Sequence[_Pair]) -> FloatArray:
    """Least weights in another network."""
    from dataclasses import replace

    known: dict[tuple[int, bytes], FloatArray] = {}
    asked: dict[int, Any] = {}
    after = np.empty(len(pairs))
    for number, pair in enumerate(pairs):
        one = pair.load
        if id(one.terms) not in asked:
            asked[id(one.terms)] = replace(one.terms, net=net, kept={})
        world: Weighted = asked[id(one.terms)].weighted(one.shipment)
        key = (id(world), one.start.nodes.tobytes())
        if key not in known:
            known[key] = world.nearest(one.start.nodes)
        after[number] = known[key][one.end.nodes].min()
    return after


def _openers(net: Network, pairs: Sequence[_Pair]) -> list[_Opener]:
    """What opening links does to each flow; flows for which the same weights hold share it."""
    table, shut = net.link_table, list(net.closed_places)
    blocked = (table["from_place"].isin(shut) | table["to_place"].isin(shut)).to_numpy(bool)
    known: dict[tuple[int, bytes], _Opener] = {}
    found = []
    for pair in pairs:
        load, terms = pair.load, pair.load.terms
        rules = rules_for(net.rules, net.as_of, load.shipment)
        allowed = terms.in_modes & ~terms.left_out & ~forbidden(net, rules) & ~blocked
        weight = terms.arc_weights(load.shipment, terms.weight)
        open_all = np.where(allowed[net.graph.link], weight, np.inf)
        key = (id(pair.trees), open_all.tobytes())
        if key not in known:
            known[key] = _Opener(pair.trees.world, open_all)
        found.append(known[key])
    return found


class _Opener:
    """What opening links does under one set of weights.

    Parameters
    ----------
    world : Weighted
        As things are.
    open_all : ndarray of float, one an arc
        Weights if every link were open that rules and terms let pass.
    """

    def __init__(self, world: Weighted, open_all: FloatArray) -> None:
        graph, turning = world.graph, world.reversal_weight
        self.world, self.steps = world, world.graph.steps
        self.weight = self.steps.weights(open_all, turning)
        self.usable = np.isfinite(self.steps.weights(world.weight, turning))
        link = np.where(self.steps.arc >= 0, graph.link[self.steps.arc], -1)
        self._order = np.argsort(link, kind="stable")
        links = int(graph.link.max(initial=-1)) + 2
        self._first = np.searchsorted(link[self._order], np.arange(links))
        self._old = np.zeros(self.steps.size, bool)
        self._old[self.steps.tail[self.usable]] = self._old[self.steps.head[self.usable]] = True
        self._far: dict[int, FloatArray] = {}
        self._parts: dict[bytes, _Part | None] = {}

    def least(self, pair: _Pair, rows: IntArray) -> float | None:
        """Least weight of a flow once links are open; None if there are too many ends."""
        key = rows.tobytes()
        if key not in self._parts:
            self._parts[key] = self._part(rows)
        part = self._parts[key]
        if part is None:
            return None
        if not len(part.nodes):
            return pair.cost
        # Every end of the flow that lies on what is opened is reached in no step at all.
        enter, leave = pair.out[part.nodes], pair.into[part.nodes]
        through = (enter[:, None] + part.far + leave[None, :]).min()
        return float(min(pair.cost, through))

    def _part(self, rows: IntArray) -> _Part | None:
        mine = [self._order[self._first[row] : self._first[row + 1]] for row in rows.tolist()]
        some = np.concatenate([np.zeros(0, np.int64), *mine])
        new = some[np.isfinite(self.weight[some]) & ~self.usable[some]]
        if not len(new):
            return _Part(np.zeros(0, np.int64), np.zeros((0, 0)))
        nodes = np.unique(np.concatenate([self.steps.tail[new], self.steps.head[new]]))
        gates = np.flatnonzero(self._old[nodes])
        if len(gates) > MOST_ENDS:
            return None
        far = np.full((len(nodes), len(nodes)), np.inf)
        tail = np.searchsorted(nodes, self.steps.tail[new])
        head = np.searchsorted(nodes, self.steps.head[new])
        np.minimum.at(far, (tail, head), self.weight[new])
        np.fill_diagonal(far, 0.0)
        if len(gates) > 1:  # a way may leave what is new and come back to it
            for one in gates.tolist():
                known = self._from(int(nodes[one]))[nodes[gates]]
                far[one, gates] = np.minimum(far[one, gates], known)
        return _Part(nodes, _closure(far))

    def _from(self, vertex: int) -> FloatArray:
        from scipy.sparse.csgraph import dijkstra

        if vertex not in self._far:
            found = dijkstra(self.world.matrix, indices=np.array([vertex]))
            self._far[vertex] = np.asarray(found, np.float64)[0]
        return self._far[vertex]


@dataclass(frozen=True)
class _Part:
    """Vertices of what is opened, and least weights between them."""

    nodes: IntArray
    far: FloatArray


def _closure(far: FloatArray) -> FloatArray:
    """Least weights between all places of a small graph (Floyd 1962)."""
    for middle in range(len(far)):
        np.minimum(far, far[:, middle, None] + far[None, middle, :], out=far)
    return far
