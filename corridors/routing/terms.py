"""The terms of many questions: modes, commodity, weight and what to avoid, checked once.

What depends on the two ends of a question (the access rules, through the cargo's countries) is
compiled once for each set of rules and kept, so that tables of many pairs stay quick.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from corridors.costs import model
from corridors.costs.model import CASES, arc_weights, check_weight, costing, vehicle_of
from corridors.errors import ArgumentError, NoRoute
from corridors.numeric import is_number
from corridors.routing import diagnosis
from corridors.routing.ends import End, PlaceLike, cargo_country, resolve
from corridors.routing.offers import as_names, avoided, check_modes, forbidden, mode_masks
from corridors.routing.route import Route
from corridors.routing.weighted import Weighted
from corridors.states import Shipment, rules_for

if TYPE_CHECKING:
    from corridors.costs.costing import Costing
    from corridors.network import Network
    from corridors.routing.graph import FloatArray, IntArray, Path
    from corridors.routing.offers import BoolArray


class Ask(TypedDict, total=False):
    """The options that many questions share; :meth:`.Network.route` says what they mean."""

    modes: Iterable[str] | None
    commodity: str | None
    as_of: str | dt.date | None
    avoid: Iterable[str]
    max_snap_km: float
    cargo_origin: str | None
    cargo_destination: str | None
    case: str
    value_of_time: float | None


class WeighedAsk(Ask, total=False):
    """The same, for questions with one weight."""

    weight: str


MAX_KEPT = 32
"""How many terms a network keeps compiled; the oldest go first."""


@dataclass(frozen=True)
class Terms:
    """Checked terms; :func:`terms` makes them."""

    net: Network
    modes: tuple[str, ...]
    commodity: str | None
    classes: frozenset[str]
    in_modes: BoolArray
    left_out: BoolArray
    served: BoolArray
    weight: str
    max_snap_km: float
    cargo_origin: str | None
    cargo_destination: str | None
    case: str = "central"
    value_of_time: float | None = None
    kept: dict[tuple[object, ...], Weighted] = field(default_factory=dict, compare=False)

    @property
    def fixed(self) -> bool:
        """Whether all questions are about cargo from one country to another that is given."""
        return self.cargo_origin is not None and self.cargo_destination is not None

    def end(self, ref: PlaceLike, name: str) -> End:
        """Nodes that a place given by the user stands for; see :meth:`.Network.route`."""
        if not isinstance(ref, str):
            return resolve(self.net, ref, name, self.served, self.modes, self.max_snap_km)
        key = ("end", ref, *self.modes)
        if key not in self.net.memo:
            found = resolve(self.net, ref, name, self.served, self.modes, self.max_snap_km)
            self.net.memo[key] = found
        end: End = self.net.memo[key]
        return end

    def shipment(self, start: End, end: End) -> Shipment:
        """What the access rules look at for cargo between two ends."""
        return Shipment(
            origin=cargo_country(self.net, self.cargo_origin, "cargo_origin", start),
            destination=cargo_country(self.net, self.cargo_destination, "cargo_destination", end),
            commodities=self.classes,
            traffic="passenger" if "passengers" in self.classes else "freight",
        )

    def question(self, shipment: Shipment) -> diagnosis.Question:
        """What is asked, for the words of an error."""
        rules = tuple(rules_for(self.net.rules, self.net.as_of, shipment))
        allowed = self.net.state_allows & ~forbidden(self.net, rules)
        usable = self.in_modes & ~self.left_out & allowed
        return diagnosis.Question(
            self.net, self.modes, rules, shipment, self.in_modes, self.left_out, usable
        )

    def weighted(self, shipment: Shipment, weight: str | None = None) -> Weighted:
        """Graph under the weights of these terms, compiled once for each set of rules."""
        name = self.weight if weight is None else weight
        if (name, shipment) not in self.kept:
            rules = tuple(
                rule.rule_id for rule in rules_for(self.net.rules, self.net.as_of, shipment)
            )
            # Lengths do not depend on whose cargo it is; hours and tariffs may.
            costs = None if name == "length" else self._costing(shipment)
            shared = (name, rules, id(costs))
            if shared not in self.kept:
                graph = self.net.graph
                usable = self.question(shipment).usable[graph.link]
                weights = np.where(usable, self.arc_weights(shipment, name), np.inf)
                turning = self.reversal_weight(shipment, name)
                like = next(iter(self.kept.values()), None)
                self.kept[shared] = (
                    Weighted(graph, weights, turning, contract=True)
                    if like is None
                    else like.reweighted(weights, turning)
                )
            self.kept[name, shipment] = self.kept[shared]
        return self.kept[name, shipment]

    def path(self, shipment: Shipment, sources: IntArray, targets: IntArray) -> Path | None:
        """Best path from any source to any target; one that trains can take, where known."""
        return self.weighted(shipment).path(sources, targets)

    def reversal_weight(self, shipment: Shipment, weight: str) -> float:
        """What a change of direction of a train adds to a weight."""
        if not self.net.graph.has_turns:
            return 0.0
        return model.reversal_weight(
            self.net, shipment, self.commodity, weight, self.case, self.value_of_time
        )

    def arc_weights(self, shipment: Shipment, weight: str) -> FloatArray:
        """Weight of every arc, whether or not it may be used."""
        return arc_weights(
            self.net, shipment, self.commodity, weight, self.case, self.value_of_time,
            vehicle=vehicle_of(self.modes),
        )  # fmt: skip

    def _costing(self, shipment: Shipment) -> Costing:
        return costing(self.net, shipment, self.commodity, vehicle=vehicle_of(self.modes))

    def route(self, paths: Sequence[Path], ends: Sequence[End], shipment: Shipment) -> Route:
        """A route that goes by some paths, one for each pair of ends."""
        return Route(
            self.net, paths, ends, self.modes, self.commodity, shipment,
            weight=self.weight, value_of_time=self.value_of_time,
        )  # fmt: skip

    def no_route(self, start: End, end: End) -> NoRoute:
        """The error that says why two ends are not joined."""
        question = self.question(self.shipment(start, end))
        return diagnosis.no_route(question, start.label, end.label, start.nodes, end.nodes)


def terms(
    net: Network,
    *,
    modes: Iterable[str] | None = None,
    commodity: str | None = None,
    as_of: str | dt.date | None = None,
    avoid: Iterable[str] = (),
    weight: str = "length",
    max_snap_km: float = 25.0,
    cargo_origin: str | None = None,
    cargo_destination: str | None = None,
    case: str = "central",
    value_of_time: float | None = None,
) -> Terms:
    """Check the terms of one or many questions; parameters as in :meth:`.Network.route`.

    Raises
    ------
    ArgumentError, UnknownSubjectError
        If one cannot be used; the message names it.
    """
    if as_of is not None:
        net = net.at(as_of)
    names = tuple(as_names(avoid, "avoid"))
    asked = None if modes is None else tuple(as_names(modes, "modes"))
    for value, argument in ((commodity, "commodity"), (weight, "weight")):
        if not isinstance(value, (str, NoneType)):
            raise ArgumentError(f"{argument}={value!r} is no text; give an id")
    key = (
        "terms", asked, commodity, names, weight, max_snap_km, cargo_origin, cargo_destination,
        case, value_of_time,
    )  # fmt: skip
    known: dict[tuple[object, ...], Terms] = net.memo.setdefault(("terms",), {})
    if key not in known:
        if len(known) >= MAX_KEPT:
            del known[next(iter(known))]
        known[key] = _checked(
            net, asked, commodity, names, weight, max_snap_km,
            cargo_origin, cargo_destination, case, value_of_time,
        )  # fmt: skip
    return known[key]


def _checked(
    net: Network,
    modes: Iterable[str] | None,
    commodity: str | None,
    avoid: tuple[str, ...],
    weight: str,
    max_snap_km: float,
    cargo_origin: str | None,
    cargo_destination: str | None,
    case: str,
    value_of_time: float | None,
) -> Terms:
    check_weight(weight, value_of_time)
    if case not in CASES:
        raise ArgumentError(f"case={case!r} is unknown; available: {', '.join(CASES)}")
    if not (is_number(max_snap_km) and 0 <= max_snap_km < math.inf):
        raise ArgumentError(f"max_snap_km={max_snap_km!r} must be a number of km, 0 or more")
    allowed, classes = check_modes(net, modes, commodity)
    in_modes, served = mode_masks(net, allowed)
    return Terms(
        net, tuple(allowed), commodity, classes, in_modes, avoided(net, avoid), served, weight,
        float(max_snap_km), cargo_origin, cargo_destination, case, value_of_time,
    )  # fmt: skip


def everywhere(asked: Terms) -> list[tuple[str, End]]:
    """Every place that the modes serve, as an end, with its id; kept for the next question."""
    key = ("everywhere", *asked.modes)
    net = asked.net
    if key not in net.memo:
        table = net.place_table
        columns = [table[name].tolist() for name in ("place_id", "name_en", "country")]
        net.memo[key] = [
            (place, End(label, np.array([node]), "" if place in net.borders else country, 0.0))
            for node, (place, label, country) in enumerate(zip(*columns, strict=True))
            if asked.served[node]
        ]
    found: list[tuple[str, End]] = net.memo[key]
    return found


NOWHERE = End("anywhere", np.zeros(0, np.int64), "", 0.0)
"""The end of a question that names no destination."""
