"""Hours and dollars of every arc, compiled from parameters for one kind of shipment on one day.

Every number stays linked to the parameter it came from, so that a route can name its sources and
say what is assumed. All costs belong to arcs and add up along a route:

* running: kilometres over speed, kilometres times rate (or a section tariff where one holds);
* a border is paid half on the arc that comes up to the crossing and half on the arc that leaves
  it, each by the parameter of its own side. Where several links of one country meet at a
  crossing and one of the other, the single one carries all of it, so that passing by is free;
* a border at sea is in the ports: loading there, waiting, sailing, unloading here, and the
  charges of both ports;
* gauge changes and transfers are links of their own and carry theirs whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.costs import sections
from corridors.errors import DataError
from corridors.schema import INTERNATIONAL_WATERS

if TYPE_CHECKING:
    from corridors.costs.parameters import Fields, ParameterSet, Subject
    from corridors.network import Network
    from corridors.routing.graph import FloatArray, IntArray

CAUSES = ("moving", "reversal", "tariff", "border", "gauge", "port", "ferry", "transfer")
"""What hours and dollars are for; tariff: dollars of running at a published section tariff."""
Measure = Literal["hours", "usd"]
_TEU = "USD/TEU"
_METRE = "USD/linear metre"


@dataclass(frozen=True)
class Component:
    """One cause's hours or dollars on some arcs.

    Parameters
    ----------
    cause : str
        One of :data:`CAUSES`.
    measure : {"hours", "usd"}
        h, or USD/t.
    arcs : ndarray of int
        Arcs it falls on, ascending.
    amounts : ndarray of float, (3, len(arcs))
        Low, central, high.
    parameter : ndarray of int, one an arc
        The parameter each value comes from.
    also : ndarray of int
        Parameters used beside it on all of these arcs (loads, lengths, factors).
    payee : ndarray of str, optional
        Country that each value falls on, where it is not the link's: a port's at sea.
    load : tuple of str
        Commodity and column of the load that it is shared over, where that is no parameter.
    """

    cause: str
    measure: Measure
    arcs: IntArray
    amounts: FloatArray
    parameter: IntArray
    also: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    payee: npt.NDArray[np.object_] | None = None
    load: tuple[str, ...] = ()


@dataclass(frozen=True)
class Costing:
    """Costs of all arcs for one subject.

    Parameters
    ----------
    components : tuple of Component
    hours, usd : ndarray of float, (3, number of arcs)
        Low, central, high of each arc, h and USD/t; ``usd`` is NaN for passengers, whose fares
        are not in the data.
    value_of_time : tuple of float
        Low, central, high, USD a tonne and hour; NaN for passengers.
    value_of_time_parameter : int
        The parameter it comes from; -1: none.
    reversal_hours : ndarray of float
        Low, central, high of each change of direction of a train, h.
    reversal_parameter : int
        The parameter it comes from; -1: none.
    """

    components: tuple[Component, ...]
    hours: FloatArray
    usd: FloatArray
    value_of_time: tuple[float, float, float]
    value_of_time_parameter: int
    reversal_hours: FloatArray
    reversal_parameter: int


def compile_costs(net: Network, parameters: ParameterSet, subject: Subject) -> Costing:
    """Costs of all arcs of a network.

    Raises
    ------
    DataError
        If a parameter that is needed is missing; the message says which and for what.
    """
    compiler = _Compiler(net, parameters, subject)
    components = tuple(part for part in compiler.components() if len(part.arcs))
    freight = subject.traffic == "freight"
    size = len(net.graph.link)
    totals = {"hours": np.zeros((3, size)), "usd": np.full((3, size), 0.0 if freight else np.nan)}
    for part in components:
        totals[part.measure][:, part.arcs] += part.amounts
    for table in totals.values():
        table.flags.writeable = False
    one = parameters.select("value_of_time", subject, {}, 1)[0] if freight else -1
    value = parameters.numbers[:, one] if one >= 0 else np.full(3, np.nan)
    low, central, high = value.tolist()
    mode = {"mode": np.array(["rail"], object)}
    turning = int(parameters.select("reversal_hours", subject, mode, 1)[0])
    hours = parameters.numbers[:, turning] if turning >= 0 else np.zeros(3)
    return Costing(
        components, totals["hours"], totals["usd"], (low, central, high), int(one), hours, turning
    )


class _Compiler:
    def __init__(self, net: Network, parameters: ParameterSet, subject: Subject) -> None:
        self.net, self.parameters, self.subject = net, parameters, subject
        self.fields = arc_fields(net)
        self.mode = self.fields["mode"]
        self.km = net.graph_lengths[net.graph.link]

    def components(self) -> list[Component]:
        freight = self.subject.traffic == "freight"
        parts = [self._running_hours("moving", ("rail", "road"))]
        parts += self._borders("border_hours", "hours")
        parts += self._whole("gauge", "gauge_hours", "hours", "gauge_change")
        parts += self._whole("transfer", "transfer_hours", "hours", "transfer")
        parts += self._whole("port", "waiting_hours", "hours", "ferry")
        parts += self._sailing()
        if not freight:
            return parts
        parts += self._port("loading_hours", "hours", "from")
        parts += self._port("unloading_hours", "hours", "to")
        parts += self._running_usd()
        parts += self._borders("border_charge", "usd")
        parts += self._whole("gauge", "gauge_charge", "usd", "gauge_change")
        parts += self._whole("transfer", "transfer_charge", "usd", "transfer")
        parts += self._port("port_charge", "usd", "from")
        parts += self._port("port_charge", "usd", "to")
        return parts + self._ferry_usd()

    def _select(self, kind: str, arcs: IntArray, fields: Fields | None = None) -> IntArray:
        """Parameter at each of some arcs; an error where none applies."""
        if fields is None:
            fields = {key: values[arcs] for key, values in self.fields.items()}
        chosen = self.parameters.select(kind, self.subject, fields, len(arcs))
        if (chosen < 0).any():
            arc = int(arcs[int(np.argmin(chosen))])
            link = self.net.link_table["link_id"].iloc[int(self.net.graph.link[arc])]
            raise DataError(
                f"parameters: no {kind} applies to {self.subject.traffic} on link {link!r} "
                f"({self.mode[arc]}, {self.fields['country'][arc]}); add one to the data"
            )
        return chosen

    def _running_hours(self, cause: str, modes: tuple[str, ...]) -> Component:
        arcs = np.flatnonzero(np.isin(self.mode, modes) & (self.km > 0))
        speed = self._select("speed", arcs)
        return Component(
            cause, "hours", arcs, self.km[arcs] / self.parameters.numbers[:, speed], speed
        )

    def _whole(self, cause: str, kind: str, measure: Measure, mode: str) -> list[Component]:
        arcs = np.flatnonzero(self.mode == mode)
        chosen = self._select(kind, arcs)
        return [Component(cause, measure, arcs, self.parameters.numbers[:, chosen], chosen)]

    def _sailing(self) -> list[Component]:
        """Sailing hours where published, else kilometres over speed."""
        ferry = np.flatnonzero(self.mode == "ferry")
        fields = {key: values[ferry] for key, values in self.fields.items()}
        chosen = self.parameters.select("sailing_hours", self.subject, fields, len(ferry))
        known = chosen >= 0
        values = self.parameters.numbers[:, chosen[known]]
        parts = [Component("ferry", "hours", ferry[known], values, chosen[known])]
        rest = ferry[~known]
        speed = self._select("speed", rest)
        values = self.km[rest] / self.parameters.numbers[:, speed]
        return [*parts, Component("ferry", "hours", rest, values, speed)]

    def _port(self, kind: str, measure: Measure, end: str) -> list[Component]:
        """What is paid in the port at one end of a crossing; ``country`` is the port's."""
        arcs = np.flatnonzero(self.mode == "ferry")
        fields = {key: values[arcs] for key, values in self.fields.items()}
        fields["place"] = fields[end]
        nodes = (self.net.graph.tail if end == "from" else self.net.graph.head)[arcs]
        fields["country"] = self.net.place_table["country"].to_numpy(object)[nodes]
        chosen = self._select(kind, arcs, fields)
        values = self.parameters.numbers[:, chosen]
        return [Component("port", measure, arcs, values, chosen, payee=fields["country"])]

    def _borders(self, kind: str, measure: Measure) -> list[Component]:
        parts = []
        for side in border_sides(self.net):
            chosen = self._select(kind, side.arcs, side.fields)
            values = self.parameters.numbers[:, chosen] * side.share
            parts.append(Component("border", measure, side.arcs, values, chosen))
        return parts

    def _running_usd(self) -> list[Component]:
        """Section tariffs where one holds, else rates, times factors."""
        arcs = np.flatnonzero(np.isin(self.mode, ["rail", "road"]) & (self.km > 0))
        per_km, tariff = sections.tariffs(self.net, self.parameters, self.subject)
        special = tariff[self.net.graph.link[arcs]] >= 0
        there, rest = arcs[special], arcs[~special]
        links = self.net.graph.link[there]
        parts = [
            Component("tariff", "usd", there, per_km[:, links] * self.km[there], tariff[links])
        ]
        rate = self._select("rate", rest)
        fields = {key: values[rest] for key, values in self.fields.items()}
        factor = self.parameters.select("factor", self.subject, fields, len(rest))
        times = np.where(factor >= 0, self.parameters.numbers[:, factor], 1.0)
        values = self.parameters.numbers[:, rate] * times * self.km[rest]
        for one in np.unique(factor):
            some = factor == one
            also = np.array([one] if one >= 0 else [], np.int64)
            parts.append(Component("moving", "usd", rest[some], values[:, some], rate[some], also))
        return parts

    def _ferry_usd(self) -> list[Component]:
        """Ferry rates, each in its own unit: a tonne, a metre of deck or a container."""
        arcs = np.flatnonzero(self.mode == "ferry")
        chosen = self._select("ferry_rate", arcs)
        units = np.array([row.unit for row in self.parameters.rows], object)[chosen]
        parts = []
        for unit in dict.fromkeys(units.tolist()):
            some = units == unit
            values, also = self.parameters.numbers[:, chosen[some]], list[int]()
            load: tuple[str, ...] = ()
            if unit == _METRE:
                metres, also, load = self._metres_per_tonne()
                values = values * metres[:, None]
            elif unit == _TEU:
                tonnes, load = self._of_commodity("teu_load_t")
                values = values / tonnes
            used = np.array(also, np.int64)
            parts.append(
                Component("ferry", "usd", arcs[some], values, chosen[some], used, load=load)
            )
        return parts

    def _metres_per_tonne(self) -> tuple[FloatArray, list[int], tuple[str, ...]]:
        """Deck length that a tonne takes, low, central, high, and what was used for it."""
        if self.subject.vehicle == "lorry":
            length = self._one("vehicle_length", mode="road")
            load = self._one("vehicle_load", mode="road")
        else:
            length, load = self._one("wagon_length"), self._one("wagon_load")
        numbers = self.parameters.numbers
        if load >= 0:
            return numbers[:, length] / numbers[:, load], [length, load], ()
        tonnes, name = self._of_commodity("wagon_load_t")
        return numbers[:, length] / tonnes, [length], name

    def _one(self, kind: str, **where: str) -> int:
        """A parameter that depends on the subject alone; -1: a wagon load, from commodities."""
        fields = {key: np.array([value], object) for key, value in where.items()}
        found = int(self.parameters.select(kind, self.subject, fields, 1)[0])
        if found < 0 and kind != "wagon_load":
            raise DataError(f"parameters: no {kind} applies to {self.subject}; add one to the data")
        return found

    def _of_commodity(self, column: str) -> tuple[float, tuple[str, str]]:
        """A load of the commodity, or of general cargo, and where it stands."""
        for name in (*self.subject.commodities, "general"):
            row = self.net.commodities.get(name)
            value = getattr(row, column, None)
            if value is not None:
                return float(value), (name, column)
        what = self.subject.commodities[0] if self.subject.commodities else "general"
        raise DataError(f"commodities: {what!r} has no {column}, which a rate needs")


# -- what arcs are, for matching ---------------------------------------------------------------


def arc_fields(net: Network) -> Fields:
    """What each arc is, by key of ``applies_to``; kept with the network."""
    if "arc_fields" not in net.shared:
        table, graph = net.link_table, net.graph
        ids = net.graph.index.to_numpy(object)
        fields = {
            "mode": table["mode"], "country": table["country"], "line": table["line_id"],
            "gauge": table["gauge_mm"], "road_class": table["road_class"],
        }  # fmt: skip
        found = {key: column.to_numpy(object)[graph.link] for key, column in fields.items()}
        wagons = np.where(table["wagons"].to_numpy(bool), "yes", "no").astype(object)
        found["wagons"] = wagons[graph.link]
        found["from"], found["to"] = ids[graph.tail], ids[graph.head]
        net.shared["arc_fields"] = found
    stored: Fields = net.shared["arc_fields"]
    return stored


@dataclass(frozen=True)
class BorderSide:
    """Arcs that come up to a crossing, or that leave one, and what share of it they pay."""

    arcs: IntArray
    share: FloatArray
    fields: Fields


def border_sides(net: Network) -> tuple[BorderSide, BorderSide]:
    """Arcs at crossings by land: those towards one, and those away from one.

    A crossing is where links of two countries meet.
    """
    if "border_sides" not in net.shared:
        net.shared["border_sides"] = (_side(net, "head"), _side(net, "tail"))
    sides: tuple[BorderSide, BorderSide] = net.shared["border_sides"]
    return sides


def _side(net: Network, end: str) -> BorderSide:
    graph, fields = net.graph, arc_fields(net)
    land = np.isin(fields["mode"], ["rail", "road"])
    land &= fields["country"] != INTERNATIONAL_WATERS
    # Each link once at each of its ends: arcs out of a place, and one-way arcs into it.
    ends = pd.DataFrame(
        {
            "node": np.concatenate([graph.tail[land], graph.head[land]]),
            "country": np.concatenate([fields["country"][land]] * 2),
            "link": np.concatenate([graph.link[land]] * 2),
        }
    ).drop_duplicates()
    count = ends.groupby(["node", "country"]).size().rename("own").reset_index()
    per_node = count.groupby("node")["country"].agg(["size", "min", "max"])
    crossing = per_node[per_node["size"] == 2]  # noqa: PLR2004  (two countries)
    at = (graph.head if end == "head" else graph.tail)[land]
    arcs = np.flatnonzero(land)
    kept = np.isin(at, crossing.index.to_numpy())
    arcs, at = arcs[kept], at[kept]
    own = fields["country"][arcs]
    pair = crossing.loc[at]
    other = np.where(pair["min"].to_numpy(object) == own, pair["max"], pair["min"])
    counts = count.set_index(["node", "country"])["own"]
    mine = counts.reindex(pd.MultiIndex.from_arrays([at, own])).to_numpy()
    theirs = counts.reindex(pd.MultiIndex.from_arrays([at, other])).to_numpy()
    share = np.where((mine == 1) & (theirs > 1), 1.0, np.where((mine > 1) & (theirs == 1), 0, 0.5))
    places = graph.index.to_numpy(object)[at]
    border = (pair["min"] + "-" + pair["max"]).to_numpy(object)
    result = {
        "mode": fields["mode"][arcs], "country": own, "place": places, "border": border,
        "to_country": other if end == "head" else own, "line": fields["line"][arcs],
    }  # fmt: skip
    return BorderSide(arcs, share, result)
