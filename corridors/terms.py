"""The terms of many questions: modes, commodity, weight and what to avoid, checked once.

What depends on the two ends of a question (the access rules, through the cargo's countries) is
compiled once for each set of rules and kept, so that tables of many pairs stay quick.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from corridors import diagnosis
from corridors.costs import CASES, WEIGHTS, arc_weights
from corridors.errors import ArgumentError, NoRoute
from corridors.route import Route
from corridors.routing import (
    End,
    PlaceLike,
    _cargo_country,
    _forbidden,
    _mode_masks,
    avoided,
    check_modes,
    resolve,
)
from corridors.states import Shipment, rules_for
from corridors.weighted import Weighted

if TYPE_CHECKING:
    from corridors.graph import FloatArray, Path
    from corridors.network import Network
    from corridors.routing import BoolArray


@dataclass(frozen=True)
class Terms:
    """Checked terms; :func:`terms` makes them."""

    net: Network
    modes: tuple[str, ...]
    commodity: str | None
    classes: frozenset[str]
    offered: BoolArray
    served: BoolArray
    weight: str
    max_snap_km: float
    cargo_origin: str | None
    cargo_destination: str | None
    case: str = "central"
    value_of_time: float | None = None
    kept: dict[tuple[object, ...], Weighted] = field(default_factory=dict, compare=False)

    def end(self, ref: PlaceLike, name: str) -> End:
        """Nodes that a place given by the user stands for; see :func:`corridors.routing.route`."""
        return resolve(self.net, ref, name, self.served, self.modes, self.max_snap_km)

    def shipment(self, start: End, end: End) -> Shipment:
        """What the access rules look at for cargo between two ends."""
        return Shipment(
            origin=_cargo_country(self.net, self.cargo_origin, "cargo_origin", start),
            destination=_cargo_country(self.net, self.cargo_destination, "cargo_destination", end),
            commodities=self.classes,
            traffic="passenger" if "passengers" in self.classes else "freight",
        )

    def question(self, shipment: Shipment) -> diagnosis.Question:
        """What is asked, for the words of an error."""
        rules = tuple(rules_for(self.net.rules, self.net.as_of, shipment))
        usable = self.offered & self.net.state_allows & ~_forbidden(self.net, rules)
        return diagnosis.Question(self.net, self.modes, rules, shipment, self.offered, usable)

    def weighted(self, shipment: Shipment, weight: str | None = None) -> Weighted:
        """Graph under the weights of these terms, compiled once for each set of rules."""
        name = self.weight if weight is None else weight
        rules = tuple(rule.rule_id for rule in rules_for(self.net.rules, self.net.as_of, shipment))
        # Lengths do not depend on whose cargo it is; hours and tariffs may.
        key = (name, rules, None if name == "length" else shipment)
        if key not in self.kept:
            graph = self.net.graph
            usable = self.question(shipment).usable[graph.link]
            weights = self.arc_weights(shipment, name)
            self.kept[key] = Weighted(graph, np.where(usable, weights, np.inf))
        return self.kept[key]

    def arc_weights(self, shipment: Shipment, weight: str) -> FloatArray:
        """Weight of every arc, whether or not it may be used."""
        return arc_weights(
            self.net, shipment, self.commodity, weight, self.case, self.value_of_time
        )

    def route(self, paths: Sequence[Path], ends: Sequence[End], shipment: Shipment) -> Route:
        """A route that goes by some paths, one for each pair of ends."""
        return Route(self.net, paths, ends, self.modes, self.commodity, shipment)

    def no_route(self, start: End, end: End) -> NoRoute:
        """The error that says why two ends are not joined."""
        question = self.question(self.shipment(start, end))
        return diagnosis.no_route(question, start.label, end.label, start.nodes, end.nodes)


def terms(
    net: Network,
    *,
    modes: Iterable[str] | None = None,
    commodity: str | None = None,
    avoid: Iterable[str] = (),
    weight: str = "length",
    max_snap_km: float = 25.0,
    cargo_origin: str | None = None,
    cargo_destination: str | None = None,
    case: str = "central",
    value_of_time: float | None = None,
) -> Terms:
    """Check the terms of one or many questions; parameters as in :func:`corridors.routing.route`.

    Raises
    ------
    ArgumentError, UnknownSubjectError
        If one cannot be used; the message names it.
    """
    if weight not in WEIGHTS:
        raise ArgumentError(f"weight={weight!r} is unknown; available: {', '.join(WEIGHTS)}")
    if case not in CASES:
        raise ArgumentError(f"case={case!r} is unknown; available: {', '.join(CASES)}")
    if not (isinstance(max_snap_km, (int, float)) and 0 <= max_snap_km < math.inf):
        raise ArgumentError(f"max_snap_km={max_snap_km!r} must be a number of km, 0 or more")
    allowed, classes = check_modes(net, modes, commodity)
    in_modes, served = _mode_masks(net, allowed)
    return Terms(
        net,
        tuple(allowed),
        commodity,
        classes,
        in_modes & ~avoided(net, avoid),
        served,
        weight,
        float(max_snap_km),
        cargo_origin,
        cargo_destination,
        case,
        value_of_time,
    )
