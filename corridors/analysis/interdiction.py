"""The worst that a few closures can do to given flows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.analysis.described import crossings_table, links_table, records
from corridors.analysis.effects import UNITS, Exposed, exposed
from corridors.analysis.targets import members
from corridors.analysis.vital import Found, Search, greedy
from corridors.errors import ArgumentError
from corridors.words import listed

if TYPE_CHECKING:
    from typing import Unpack

    import geopandas as gpd

    from corridors.charts import Chart
    from corridors.flow import Flow
    from corridors.maps import CorridorMap
    from corridors.network import Network
    from corridors.routing.route import Route
    from corridors.routing.terms import WeighedAsk


@dataclass(frozen=True)
class ClosureSet:
    """Closures and what they do to the flows together.

    Parameters
    ----------
    ids : tuple of str
        Links or crossings to close, sorted.
    stranded_t : float
        Tonnes left without a way.
    extra : float
        Tonnes diverted times the weight that their detours add.
    alike : tuple of tuple of str
        For each of ``ids``, all that would do the same: links in a row, itself included.
    """

    ids: tuple[str, ...]
    stranded_t: float
    extra: float
    alike: tuple[tuple[str, ...], ...]
    _exposed: Exposed = field(repr=False)
    _found: Found = field(repr=False)

    @cached_property
    def flows(self) -> pd.DataFrame:
        """What becomes of each flow.

        Returns
        -------
        DataFrame
            ``flow_id``, ``origin``, ``destination``, ``commodity``, ``tonnes``, ``basis``,
            ``outcome`` ("untouched", "diverted", "stranded", or "no way" where there was none
            before), ``length_km`` (of the way left), ``extra_km``, ``extra_hours`` and
            ``extra_usd_per_t``, ``countries`` (of the way left, in order), ``reason`` (why there
            was none before).
        """
        return self._exposed.table(self._found.closed)

    @property
    def routes(self) -> dict[str, Route]:
        """The detours of flows diverted, and the routes that flows stranded had, by flow."""
        exposed, found = self._exposed, {}
        for load, (before, after) in zip(
            exposed.loads, exposed.ways(self._found.closed), strict=True
        ):
            path = after.path or before.path
            if path is not None and after is not before:
                state = "stranded" if after.path is None else "detour"
                route = load.terms.route([path], [load.start, load.end], load.shipment)
                found[f"{load.flow_id}: {state}"] = route
        return found

    @property
    def table(self) -> gpd.GeoDataFrame:
        """The closures, one a row, by id.

        Columns of :attr:`.Cut.table`, and ``alike`` (ids of what would do the same, itself
        included), ``alone_stranded_t`` and ``alone_extra`` (what it would do by itself).
        """
        exposed = self._exposed
        net, detours = exposed.net, exposed.detours
        numbers = list(members(self._found.closed))
        if detours.targets.of == "links":
            rows = [int(detours.targets.rows[number][0]) for number in numbers]
            table = links_table(net, np.array(rows, np.int64))
        else:
            table = crossings_table(net, net.graph.nodes(list(self.ids)), whole=True)
        alone = [detours.harm(1 << number) for number in numbers]
        table["alike"] = pd.Series([" ".join(ids) for ids in self.alike], dtype=object)
        table["alone_stranded_t"] = [harm.stranded_t for harm in alone]
        table["alone_extra"] = [harm.extra for harm in alone]
        return table


@dataclass(frozen=True)
class Interdiction:
    """The worst closures of flows, exact and greedy.

    Parameters
    ----------
    net : Network
        On the day asked for.
    of : {"links", "crossings"}
    k : int
        How many closures were allowed.
    weight : str
        What the flows make least, and the detours are measured in.
    tonnes : float
        Of all flows.
    worst : ClosureSet
        The worst set, the smallest of equals and the first by ids.
    greedy : ClosureSet
        The worst closure, then the worst after it, and so on.
    proven : bool
        Whether no set of ``k`` closures is worse than ``worst``.
    searches : int
        Shortest-path searches made.
    skipped : dict of str to str
        Flows left out, with the reason.
    """

    net: Network
    of: str
    k: int
    weight: str
    tonnes: float
    worst: ClosureSet
    greedy: ClosureSet
    proven: bool
    searches: int
    skipped: dict[str, str]
    _exposed: Exposed = field(repr=False)

    @property
    def gap_t(self) -> float:
        """Tonnes that the worst set strands and the greedy one does not."""
        return self.worst.stranded_t - self.greedy.stranded_t

    @property
    def gap_extra(self) -> float:
        """Extra weight of the worst set less that of the greedy one."""
        return self.worst.extra - self.greedy.extra

    @property
    def unit(self) -> str:
        """Unit of the extra weight."""
        return UNITS[self.weight]

    @property
    def table(self) -> gpd.GeoDataFrame:
        """The worst closures; see :attr:`ClosureSet.table`."""
        return self.worst.table

    @property
    def flows(self) -> pd.DataFrame:
        """What becomes of each flow under the worst closures; see :attr:`ClosureSet.flows`."""
        return self.worst.flows

    # -- words and pictures ----------------------------------------------------------------

    def explain(self) -> str:
        """The worst closures in sentences, and how much better the greedy ones are."""
        one = self.of.removesuffix("s")
        many = one if self.k == 1 else self.of
        flows = f"{len(self.flows)} flows of {self.tonnes:,.0f} t"
        lines = [f"Worst of up to {self.k} {many} closed on {self.net.as_of}, for {flows}:"]
        if not self.worst.ids:
            lines.append(f"No {one} does these flows any harm.")
        else:
            lines += [f"  {text}" for text in self._closures()]
            lines += self._outcomes()
            lines += self._comparison()
        if not self.proven:
            lines.append("Not proven: the search was stopped, a worse set may exist.")
        return "\n".join([*lines, *self._exposed.notes()])

    def _closures(self) -> list[str]:
        label = self.net.label
        texts = []
        for name, alike in zip(self.worst.ids, self.worst.alike, strict=True):
            others = len(alike) - 1
            more = f" (or any of {others} more in a row with it)" if others else ""
            texts.append(f"{label(name)}{more}")
        return texts

    def _outcomes(self) -> list[str]:
        table, lines = self.flows, []
        share = self.worst.stranded_t / self.tonnes if self.tonnes else 0.0
        stranded = table[(table["outcome"] == "stranded") & (table["tonnes"] > 0)]
        if len(stranded):
            lines.append(
                f"Stranded: {self.worst.stranded_t:,.0f} t ({share:.0%}): "
                f"{listed(stranded['flow_id'])}."
            )
        diverted = table[(table["outcome"] == "diverted") & (table["tonnes"] > 0)]
        if len(diverted):
            lines.append(
                f"Diverted: {diverted['tonnes'].sum():,.0f} t, {self.worst.extra:,.0f} "
                f"{self.unit} more: {listed(map(_detour, diverted.to_dict('records')))}."
            )
        return lines

    def _comparison(self) -> list[str]:
        if self.worst.ids == self.greedy.ids:
            return ["One after the other, the worst each time, they are the same."]
        same = self.gap_t == 0 and self.gap_extra == 0
        told = (
            "does the same"
            if same
            else f"strands {self.gap_t:,.0f} t less"
            if self.gap_t
            else f"makes {self.gap_extra:,.0f} {self.unit} less"
        )
        names = listed(self.net.label(name) for name in self.greedy.ids)
        return [f"One after the other, the worst each time ({names}), {told}."]

    def map(self, *, title: str | None = None, online_tiles: bool = False) -> CorridorMap:
        """Draw the closures, and the ways of the flows that they leave.

        Parameters
        ----------
        title : str, optional
            Heading of the page.
        online_tiles : bool
            See :func:`corridors.maps.network_map`.
        """
        from corridors.maps.cut_map import cut_map

        return cut_map(
            self.net, self.table, of=self.of, routes=self.worst.routes,
            title=title or f"The worst {len(self.worst.ids)} {self.of} to lose, {self.net.as_of}",
            size="Closed", online_tiles=online_tiles,
        )  # fmt: skip

    def chart(self) -> Chart:
        """Tonnes untouched, diverted and stranded: by the worst closures and by the greedy."""
        from corridors.analysis.cut_charts import outcomes_chart

        return outcomes_chart(
            {
                f"Exact, {len(self.worst.ids)} closed": self.worst.flows,
                f"Greedy, {len(self.greedy.ids)} closed": self.greedy.flows,
            },
            f"The worst {self.of} to lose, {self.net.as_of}",
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values that can be written as JSON."""
        return {
            "as_of": self.net.as_of.isoformat(),
            "of": self.of,
            "k": self.k,
            "weight": self.weight,
            "unit": self.unit,
            "tonnes": self.tonnes,
            "proven": self.proven,
            "searches": self.searches,
            "skipped": self.skipped,
            "sources": list(self._exposed.sources),
            "gap_t": self.gap_t,
            "gap_extra": self.gap_extra,
        } | {
            name: {
                "ids": list(chosen.ids), "stranded_t": chosen.stranded_t, "extra": chosen.extra,
                "closures": records(chosen.table), "flows": records(chosen.flows),
            }
            for name, chosen in (("worst", self.worst), ("greedy", self.greedy))
        }  # fmt: skip

    def __repr__(self) -> str:
        return (
            f"<Interdiction by {len(self.worst.ids)} {self.of} on {self.net.as_of}: "
            f"{self.worst.stranded_t:,.0f} of {self.tonnes:,.0f} t stranded, "
            f"{self.worst.extra:,.0f} {self.unit} more{'' if self.proven else ', not proven'}>"
        )

    def _repr_html_(self) -> str:
        text = "<br>".join(escape(line) for line in self.explain().splitlines())
        return f"<p>{text}</p>" + self.flows.to_html(index=False)


def interdict(
    net: Network,
    flows: Iterable[Flow] | Mapping[str, Flow] | pd.DataFrame,
    k: int = 2,
    *,
    of: str = "links",
    exact: bool = True,
    max_searches: int | None = None,
    progress: bool = True,
    **options: Unpack[WeighedAsk],
) -> Interdiction:
    """The worst set of up to ``k`` closures for some flows, and the greedy one beside it.

    Worst is what strands most tonnes; of equals what adds most tonnes times weight to the flows
    diverted; of equals the smallest set, and the first by ids. So fewer than ``k`` are closed where
    more would do no more harm.

    Parameters
    ----------
    net : Network
    flows : Flows or DataFrame
        As in :meth:`.Network.assign`; flows whose tonnes are not known are left out.
    k : int
        How many closures at most, from 1.
    of : {"links", "crossings"}
        What is closed. Crossings are border points (tracks side by side are one) and the ports of
        sea ferries; closing one closes every link through it.
    exact : bool
        False: the greedy set only.
    max_searches : int, optional
        Stop after so many shortest-path searches; the result then says that it is not proven.
    progress : bool
        Show a bar where it takes over two seconds.
    **options
        ``modes`` and ``commodity`` for flows that name none; ``as_of``, ``avoid``, ``weight``,
        ``max_snap_km``, ``cargo_origin``, ``cargo_destination``, ``case``, ``value_of_time`` as
        in :meth:`.Network.route`.

    Returns
    -------
    Interdiction

    Raises
    ------
    ArgumentError, UnknownSubjectError
        If there are no flows, or an argument cannot be used; the message names it.

    Notes
    -----
    Shortest-path interdiction (Israeli and Wood 2002) for several flows at once, by branch and
    bound over the links on the ways left; equal to trying every set. Where tonnes of a year and of
    a flow's own period stand side by side (``basis``), they are added up as they are.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> found = net.interdict(co.flows(), k=2, of="crossings")
    >>> found.worst.ids
    ('boyuk-kesik-gardabani-rail-border', 'yalama-samur-rail-border')
    >>> round(found.worst.stranded_t / found.tonnes, 2)
    0.68
    """
    if not isinstance(k, int) or isinstance(k, bool) or k < 1:
        raise ArgumentError(f"k={k!r} must be a whole number from 1: how many to close")
    if max_searches is not None and (
        not isinstance(max_searches, int) or isinstance(max_searches, bool) or max_searches < 1
    ):
        raise ArgumentError(f"max_searches={max_searches!r} must be a whole number from 1")
    found = exposed(net, flows, of, options)
    detours = found.detours
    steps = list(greedy(detours, k))
    nearby = steps[-1] if steps else Found(0, detours.harm(0))
    search = Search(detours, nearby, max_searches)
    proven = search.run(k, progress=progress) if exact else k == 1
    return Interdiction(
        found.net, of, k, options.get("weight", "length"), found.tonnes,
        _closures(found, search.best), _closures(found, nearby), proven, detours.searches,
        found.skipped, found,
    )  # fmt: skip


def _closures(exposed: Exposed, found: Found) -> ClosureSet:
    targets = exposed.detours.targets
    return ClosureSet(
        targets.ids(found.closed), found.harm.stranded_t, found.harm.extra,
        tuple(targets.names[number] for number in members(found.closed)), exposed, found,
    )  # fmt: skip


def _detour(row: Mapping[Any, Any]) -> str:
    return f"{row['flow_id']} (+{row['extra_km']:,.0f} km)"
