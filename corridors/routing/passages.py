"""What a route passes: borders, changes of gauge, transhipments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from corridors.schema import INTERNATIONAL_WATERS, UNKNOWN_COUNTRY

if TYPE_CHECKING:
    from corridors.network import Network
    from corridors.routing.graph import IntArray


@dataclass(frozen=True)
class Border:
    """A border passed: where, and from which country into which."""

    place_id: str
    name: str
    from_country: str
    to_country: str


@dataclass(frozen=True)
class GaugeBreak:
    """A change of track gauge: where, and from which gauge to which (mm)."""

    place_id: str
    name: str
    from_gauge_mm: str
    to_gauge_mm: str


@dataclass(frozen=True)
class Transhipment:
    """A change of vehicle: where, and from which mode to which."""

    place_id: str
    name: str
    from_mode: str
    to_mode: str


@dataclass(frozen=True)
class Reversal:
    """A place at which the train must change direction, and the hours that takes."""

    place_id: str
    name: str
    hours: float


def borders(net: Network, table: pd.DataFrame, nodes: IntArray) -> tuple[Border, ...]:
    """Borders passed by the links of ``table`` between ``nodes``, in order."""
    country = net.place_countries
    home = [(country[node], node) for node in nodes[[0, -1]].tolist()]
    first, last = ([] if net.graph.index[at[1]] in net.borders else [at] for at in home)
    # A ferry from the first place or to the last leaves or enters that place's country.
    steps = [*first, *zip(table["country"], nodes, strict=False), *last]
    passed: list[Border] = []
    here = ""
    for there, node in steps:
        if there in {INTERNATIONAL_WATERS, UNKNOWN_COUNTRY}:
            continue
        if here and there != here:
            place = str(net.graph.index[node])
            passed.append(Border(place, net.label(place), here, str(there)))
        here = str(there)
    return tuple(passed)


def gauge_breaks(net: Network, table: pd.DataFrame, nodes: IntArray) -> tuple[GaugeBreak, ...]:
    """Changes of gauge on the way, in order; none where the cargo went by road in between."""
    found: list[GaugeBreak] = []
    wheels: set[str] = set()  # gauges that a wagon which came this way can have
    columns = table["mode"], table["wagons"], table["gauge_mm"], nodes
    for mode, wagons, gauge, node in zip(*columns, strict=False):
        if mode in {"road", "transfer"} or (mode == "ferry" and not wagons):
            wheels = set()
        if not (mode == "rail" or wagons) or not isinstance(gauge, str):
            continue
        new = set(gauge.split("+"))
        if wheels and not wheels & new:
            place = str(net.graph.index[node])
            old = "+".join(sorted(wheels))
            found.append(GaugeBreak(place, net.label(place), old, gauge))
        wheels = wheels & new or new
    return tuple(found)


def transhipments(net: Network, table: pd.DataFrame, nodes: IntArray) -> tuple[Transhipment, ...]:
    """Changes between rail, road and ferries, in order; a train ferry takes the wagons along."""
    found: list[Transhipment] = []
    vehicle = ""
    for mode, wagons, node in zip(table["mode"], table["wagons"], nodes, strict=False):
        if mode not in {"rail", "road", "ferry"}:
            continue
        if mode == "ferry" and (vehicle == "road" or (wagons and vehicle in {"rail", ""})):
            continue  # lorries and wagons roll on board and off again
        if vehicle and mode != vehicle:
            place = str(net.graph.index[node])
            found.append(Transhipment(place, net.label(place), vehicle, str(mode)))
        vehicle = str(mode)
    return tuple(found)
