"""What the loss of each subject does to each flow: nothing, a detour, or no way at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.analysis.crossings import crossing_places
from corridors.analysis.meter import Meter
from corridors.routing.replacement import Replacements, Trees

if TYPE_CHECKING:
    from corridors.analysis.demands import Load
    from corridors.analysis.subjects import BoolArray, Subject
    from corridors.network import Network
    from corridors.routing.graph import FloatArray, IntArray, Path

BY_FLOW = (
    "subject", "flow_id", "tonnes", "basis", "own", "stranded", "extra_km", "extra_hours",
    "extra_usd_per_t", "detour", "detour_countries", "detour_km", "detour_capacity_t_per_year",
    "detour_spare_t_per_year", "detour_capacity_known",
)  # fmt: skip
"""Columns of :meth:`Ways.table`."""
_KINDS: dict[str, type] = dict.fromkeys(BY_FLOW, float) | {
    "subject": int, "flow_id": object, "basis": object, "own": bool, "stranded": bool,
    "detour": object, "detour_countries": object,
}  # fmt: skip
_NAMED = ("station", "border", "port", "town", "terminal", "gauge_change")
_AT_MOST = 4  # crossings named in the words of a detour


@dataclass(frozen=True)
class Detour:
    """A way round, against the part of the route that it stands in for.

    ``km``, ``hours`` and ``usd_per_t`` are what it adds; the other figures are of the detour.
    """

    words: str
    countries: str
    km: float
    hours: float
    usd_per_t: float
    own_km: float
    capacity: float
    spare: float
    known: float


@dataclass
class Way:
    """A flow on its route, and the ways round what the route loses.

    Parameters
    ----------
    load : Load
    name : str
        The flow's id; the second flow of one id is called ``id #2``, and so on.
    around : Replacements
    """

    load: Load
    name: str
    around: Replacements
    detours: dict[int, Detour] = field(default_factory=dict)

    @cached_property
    def links(self) -> IntArray:
        """Rows of the links it goes by, each once; none without a route."""
        return np.unique(self.around.links[self.around.links >= 0])


class Ways:
    """Flows on their routes, which share trees where they can.

    Parameters
    ----------
    net : Network
    ready : sequence of Load
    """

    def __init__(self, net: Network, ready: Sequence[Load]) -> None:
        self.net = net
        self.ways: list[Way] = []
        trees: dict[int, Trees] = {}
        times: dict[str, int] = {}
        for load in ready:
            times[load.flow_id] = count = times.get(load.flow_id, 0) + 1
            world = load.terms.weighted(load.shipment)
            shared = trees.setdefault(id(world), Trees(world))
            around = Replacements(shared, load.start.nodes, load.end.nodes)
            name = load.flow_id if count == 1 else f"{load.flow_id} #{count}"
            self.ways.append(Way(load, name, around))
        self._meter = Meter(net)

    @cached_property
    def _crossing(self) -> BoolArray:
        return crossing_places(self.net)

    @cached_property
    def used(self) -> BoolArray:
        """Which links some flow goes by."""
        mask = np.zeros(len(self.net.link_modes), bool)
        for way in self.ways:
            mask[way.links] = True
        return mask

    @cached_property
    def carried(self) -> FloatArray:
        """Tonnes that go by each link today."""
        total = np.zeros(len(self.net.link_modes))
        for way in self.ways:
            total[way.links] += np.nan_to_num(way.load.tonnes)
        return total

    @cached_property
    def _capacity(self) -> FloatArray:
        table = self.net.link_table
        if "capacity_t_per_year" not in table:
            return np.full(len(table), np.nan)
        return table["capacity_t_per_year"].to_numpy(float, na_value=np.nan)

    def table(self, subjects: Sequence[Subject], *, progress: bool = False) -> pd.DataFrame:
        """One row a subject and flow that goes through it; columns :data:`BY_FLOW`.

        ``subject`` is the number of the subject. Flows without a route go through nothing.
        """
        from tqdm import tqdm

        bar = tqdm(self.ways, desc="flows", unit="flow", delay=2, disable=not progress)
        rows = [row for way in bar for row in self._of(way, subjects)]
        table = pd.DataFrame(rows, columns=list(BY_FLOW))
        table = table.astype(_KINDS)
        return table.sort_values("subject", kind="stable", ignore_index=True)

    def _of(self, way: Way, subjects: Sequence[Subject]) -> Iterator[dict[str, Any]]:
        mine = np.zeros(len(self.net.link_modes), bool)
        mine[way.links] = True
        load = way.load
        ends = {
            load.shipment.origin,
            load.shipment.destination,
            load.start.country,
            load.end.country,
        }
        for number, subject in enumerate(subjects):
            if not mine[subject.rows].any():
                continue
            cost, path = way.around.without(subject.rows)
            detour = None if path is None else self.detour(way, path)
            yield {
                "subject": number,
                "flow_id": way.name,
                "tonnes": load.tonnes,
                "basis": load.basis,
                "own": bool(subject.party) and subject.party in ends,
                "stranded": bool(np.isinf(cost)),
                **({} if detour is None else _columns(detour)),
            }

    def detour(self, way: Way, path: Path) -> Detour:
        """What a path adds to the route of a flow; each is looked at once."""
        if id(path) not in way.detours:
            way.detours[id(path)] = self._compare(way, path)
        return way.detours[id(path)]

    def _compare(self, way: Way, path: Path) -> Detour:
        base = way.around.path
        assert base is not None  # noqa: S101  (what has a way round has a way)
        begin, end = _shared(base.arcs, path.arcs)
        links = path.links[begin : len(path.arcs) - end]
        km = self.net.graph_lengths
        extra_km, hours, usd = self._meter.more(way.load, path, base).tolist()
        capacity = self._capacity[links]
        known = ~np.isnan(capacity)
        own_km = float(km[links].sum())
        table = self.net.link_table["country"]
        return Detour(
            words=self._words(path.nodes[begin : len(path.nodes) - end], links),
            countries=" ".join(dict.fromkeys(table.iloc[links])),
            km=extra_km,
            hours=hours,
            usd_per_t=usd,
            own_km=own_km,
            capacity=float(capacity[known].min()) if known.any() else np.nan,
            spare=float((capacity - self.carried[links])[known].min()) if known.any() else np.nan,
            known=float(km[links[known]].sum() / own_km) if own_km else float(known.all()),
        )

    def _words(self, nodes: IntArray, links: IntArray) -> str:
        """Where a detour leaves the route, what it passes, and where it joins it again."""
        net = self.net
        names = net.place_names
        ends = f"{names[nodes[0]]} – {names[nodes[-1]]}"
        inner = nodes[1:-1]
        if not len(inner):
            return f"{ends} by {net.link_table['link_id'].iloc[int(links[0])]}, side by side"
        crossed = [str(name) for name in names[inner[self._crossing[inner]]]]
        if crossed:
            more = f" and {len(crossed) - _AT_MOST} more" if len(crossed) > _AT_MOST else ""
            return f"{ends} via {', '.join(crossed[:_AT_MOST])}{more}"
        kinds = net.place_table["kind"].to_numpy(object)[inner]
        named = inner[np.isin(kinds, _NAMED)]
        middle = named if len(named) else inner
        return f"{ends} via {names[middle[len(middle) // 2]]}"


def _columns(detour: Detour) -> dict[str, Any]:
    return {
        "extra_km": detour.km,
        "extra_hours": detour.hours,
        "extra_usd_per_t": detour.usd_per_t,
        "detour": detour.words,
        "detour_countries": detour.countries,
        "detour_km": detour.own_km,
        "detour_capacity_t_per_year": detour.capacity,
        "detour_spare_t_per_year": detour.spare,
        "detour_capacity_known": detour.known,
    }


def _shared(one: IntArray, other: IntArray) -> tuple[int, int]:
    """How many arcs two paths share at their begin, and at their end."""
    short = min(len(one), len(other))
    differ = np.flatnonzero(one[:short] != other[:short])
    begin = int(differ[0]) if len(differ) else short
    rest = short - begin
    differ = np.flatnonzero(one[len(one) - rest :][::-1] != other[len(other) - rest :][::-1])
    return begin, int(differ[0]) if len(differ) else rest
