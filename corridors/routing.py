"""Best routes under states, access rules and modes, by length, hours or dollars."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias, Union

import numpy as np
import numpy.typing as npt

from corridors import diagnosis
from corridors.errors import ArgumentError, NoRoute, UnknownSubjectError
from corridors.geodesy import distance_km
from corridors.route import Route
from corridors.schema import RuleRow
from corridors.states import Shipment, links_of_rule
from corridors.units import check_carriage

if TYPE_CHECKING:
    from shapely import Point

    from corridors.graph import IntArray, Path
    from corridors.network import Network
    from corridors.terms import Terms

PlaceLike: TypeAlias = Union[str, int, tuple[float, float], "Point"]
BoolArray = npt.NDArray[np.bool_]

MODES = ("rail", "road", "ferry")
"""Modes a caller may ask for; border, gauge-change and transfer links come with them."""
_COUNTRY_CODE = re.compile("[A-Z]{2}")


@dataclass(frozen=True)
class End:
    """One end of a route: the places it stands for and how far the point given lies from them."""

    label: str
    nodes: IntArray
    country: str
    snap_km: float


def route(
    net: Network,
    a: PlaceLike,
    b: PlaceLike,
    *,
    modes: Iterable[str] | None = None,
    commodity: str | None = None,
    via: Iterable[PlaceLike] = (),
    avoid: Iterable[str] = (),
    weight: str = "length",
    value_of_time: float | None = None,
    max_snap_km: float = 25.0,
    cargo_origin: str | None = None,
    cargo_destination: str | None = None,
) -> Route:
    """Best route from ``a`` to ``b`` that states and access rules allow on the network's day.

    Parameters
    ----------
    net : Network
    a, b : str, int, (lon, lat) or shapely Point
        A place id, a name in any stored language or spelling, an official station code, or a
        point in degrees. A town's name stands for its station and its road junction together.
    modes : iterable of {"rail", "road", "ferry"}, optional
        What may be used; transfers between modes only at the terminals in the data. If not given:
        the modes the commodity usually goes by, or all.
    commodity : str, optional
        Commodity id, such as ``"wheat"`` or ``"passengers"``; access rules look at it.
    via : iterable, optional
        Places to pass, in this order.
    avoid : iterable of str, optional
        Ids of places, links, lines or operators, or country codes, not to use.
    weight : {"length", "hours", "usd_per_t", "generalised"}
        What is made least: published kilometres, hours, dollars a tonne, or dollars with the
        hours at a value of time. Hours and dollars are the central ones.
    value_of_time : float, optional
        USD a tonne and hour, for ``"generalised"``; that of the commodity in the data if not
        given.
    max_snap_km : float
        How far a point may lie from the nearest place, in kilometres.
    cargo_origin, cargo_destination : str, optional
        Country code (``"KZ"``) or place; where the cargo comes from and goes to, for the access
        rules. The ends of the route if not given (unknown for an end on a border).

    Returns
    -------
    Route

    Raises
    ------
    NoRoute
        If there is none; carries the reasons and the smallest set of changes that would open one.
    UnknownPlaceError, AmbiguousPlaceError, ArgumentError
        If an argument cannot be used; the message names it.

    Notes
    -----
    Dijkstra (1959) on one weight an arc. Where weights tie, the first link and place by id win.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2025-11-05")
    >>> r = net.route("Yalama", "Böyük Kəsik", modes=["rail"])
    >>> round(r.length_km)
    672
    """
    from corridors.terms import terms  # which stands on the helpers below

    asked = terms(
        net, modes=modes, commodity=commodity, avoid=avoid, weight=weight,
        value_of_time=value_of_time, max_snap_km=max_snap_km, cargo_origin=cargo_origin,
        cargo_destination=cargo_destination,
    )  # fmt: skip
    ends = [asked.end(ref, name) for ref, name in _stops(a, via, b)]
    shipment = asked.shipment(ends[0], ends[-1])
    return asked.route(_path_through(asked, shipment, ends), ends, shipment)


def _stops(a: PlaceLike, via: Iterable[PlaceLike], b: PlaceLike) -> list[tuple[PlaceLike, str]]:
    between = [via] if isinstance(via, (str, int)) else list(via)
    seen: list[Any] = [a, b]
    for ref in between:
        if any(ref is other or ref == other for other in seen):
            raise ArgumentError(
                f"via={between!r} goes in a cycle: {ref!r} is passed twice; "
                "name each place once and leave out the ends"
            )
        seen.append(ref)
    return [(a, "a"), *((ref, "via") for ref in between), (b, "b")]


def _path_through(asked: Terms, shipment: Shipment, ends: Sequence[End]) -> list[Path]:
    """One path for each pair of stops; each starts where the one before ended."""
    world = asked.weighted(shipment)
    paths: list[Path] = []
    start = ends[0].nodes
    for number, (here, there) in enumerate(pairwise(ends)):
        path = world.path(start, there.nodes)
        if path is None:
            question = asked.question(shipment)
            raise diagnosis.no_route(question, here.label, there.label, start, there.nodes)
        paths.append(path)
        if number + 2 < len(ends):
            start = path.nodes[-1:]
    return paths


def check_modes(
    net: Network, modes: Iterable[str] | None, commodity: str | None
) -> tuple[list[str], frozenset[str]]:
    """Modes to use and the commodity with its parents, both checked."""
    classes: frozenset[str] = frozenset()
    usual: Sequence[str] = MODES
    if commodity is not None:
        if commodity not in net.commodities:
            known = ", ".join(sorted(net.commodities))
            raise ArgumentError(f"commodity={commodity!r} is unknown; known: {known}")
        usual = net.commodities[commodity].modes
        chain: list[str] = []
        name: str | None = commodity
        while name is not None and name not in chain:
            chain.append(name)
            name = net.commodities[name].parent if name in net.commodities else None
        classes = frozenset(chain)
    asked = [modes] if isinstance(modes, str) else list(usual if modes is None else modes)
    wrong = [mode for mode in asked if mode not in MODES]
    if wrong or not asked:
        raise ArgumentError(f"modes={asked!r}: give one or more of {', '.join(MODES)}")
    if commodity is not None:
        for mode in asked:
            check_carriage(net.commodities[commodity], mode=mode)
    return [mode for mode in MODES if mode in asked], classes


def _mode_masks(net: Network, modes: Sequence[str]) -> tuple[BoolArray, BoolArray]:
    """Links the modes may use, and nodes that such links (transfers apart) serve."""
    key = ("modes", *modes)
    if key not in net.memo:
        of_link = net.link_modes
        main = np.isin(of_link, list(modes))
        mask = main.copy()
        if "rail" in modes:
            mask |= np.isin(of_link, ["gauge_change", "border"])
        if len(modes) > 1:
            mask |= of_link == "transfer"
        served = np.zeros(net.graph.size, bool)
        arcs = main[net.graph.link]
        served[net.graph.tail[arcs]] = True
        served[net.graph.head[arcs]] = True
        net.memo[key] = (mask, served)
    found: tuple[BoolArray, BoolArray] = net.memo[key]
    return found


def mode_mask(net: Network, modes: Sequence[str]) -> BoolArray:
    """Mask of the links that some modes may use, the border and gauge-change links included."""
    return _mode_masks(net, modes)[0]


def _forbidden(net: Network, rules: Sequence[RuleRow]) -> BoolArray:
    key = ("rules", *(rule.rule_id for rule in rules))
    if key not in net.memo:
        mask = np.zeros(len(net.link_modes), bool)
        for rule in rules:
            mask |= links_of_rule(rule, net.link_table, net.borders, net.lifted)
        net.memo[key] = mask
    found: BoolArray = net.memo[key]
    return found


def avoided(net: Network, avoid: Iterable[str]) -> BoolArray:
    """Mask of the links that ``avoid`` names, by place, link, line, operator or country."""
    names = [avoid] if isinstance(avoid, str) else list(avoid)
    mask = np.zeros(len(net.link_modes), bool)
    table = net.link_table
    for name in names:
        hit = np.zeros(len(mask), bool)
        for column in ("link_id", "line_id", "operator_id", "country", "from_place", "to_place"):
            hit |= (table[column] == name).to_numpy(bool)
        if not hit.any():
            raise UnknownSubjectError(
                f"avoid={name!r} is no link, line, operator, country code or place with links; "
                "net.links lists the ids"
            )
        mask |= hit
    return mask


def resolve(
    net: Network,
    ref: PlaceLike,
    name: str,
    served: BoolArray,
    modes: Sequence[str],
    max_snap_km: float,
) -> End:
    """Find the nodes an argument stands for, on the layers the modes serve."""
    if isinstance(ref, (str, int)) and not isinstance(ref, bool):
        return _resolve_name(net, str(ref), served, modes)
    lon, lat = _as_point(ref, name)
    table = net.place_table
    eligible = np.flatnonzero(served)
    away = distance_km(
        lon, lat, table["lon"].to_numpy()[eligible], table["lat"].to_numpy()[eligible]
    )
    nearest = int(np.argmin(away))
    node = eligible[nearest]
    label = str(table["name_en"].iloc[node])
    if away[nearest] > max_snap_km:
        text = (
            f"the point {name}=({lon:g}, {lat:g}) is {away[nearest]:.0f} km from the nearest "
            f"place that {' or '.join(modes)} serves, {label}; max_snap_km is {max_snap_km:g}"
        )
        if abs(lon) <= 90:  # noqa: PLR2004  (degrees: could be a latitude)
            text += "; points are (lon, lat)"
        raise NoRoute(text, [diagnosis.Reason("too_far_to_snap", name, text)])
    return End(label, np.array([node]), _country_of(net, [node]), float(away[nearest]))


def _resolve_name(net: Network, text: str, served: BoolArray, modes: Sequence[str]) -> End:
    ids = net.gazetteer.find(text)
    nodes = net.graph.nodes(ids)
    kept = nodes[served[nodes]]
    if len(kept) == 0:
        # "yerevan" is the station's id, but by road it can only mean the town.
        others = net.graph.nodes([near for name in ids for near in net.gazetteer.town(name)])
        kept = np.unique(others[served[others]])
    label = str(net.place_names[nodes[0]])
    if len(kept) == 0:
        message = (
            f"{label} ({', '.join(ids)}) is not served by {' or '.join(modes)}; "
            "give other modes, or a place that is"
        )
        raise NoRoute(message, [diagnosis.Reason("mode", ids[0], message)])
    return End(label, kept, _country_of(net, kept), 0.0)


def _as_point(ref: object, name: str) -> tuple[float, float]:
    x, y = getattr(ref, "x", None), getattr(ref, "y", None)
    if x is None and isinstance(ref, (tuple, list)) and len(ref) == 2:  # noqa: PLR2004  (lon, lat)
        x, y = ref
    try:
        lon, lat = float(x), float(y)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ArgumentError(
            f"{name}={ref!r} is no place: give an id, a name, a station code, "
            "a (lon, lat) pair or a shapely Point"
        ) from None
    if not (abs(lon) <= 180 and abs(lat) <= 90):  # noqa: PLR2004  (degrees)
        raise ArgumentError(
            f"{name}=({lon}, {lat}) is not on the globe; give (lon, lat) in degrees"
        )
    return lon, lat


def _country_of(net: Network, nodes: Iterable[int]) -> str:
    """The one country of some places; empty on a border or where they differ."""
    countries = {
        "" if net.graph.index[node] in net.borders else str(net.place_countries[node])
        for node in nodes
    }
    return countries.pop() if len(countries) == 1 else ""


def _cargo_country(net: Network, given: str | None, name: str, end: End) -> str:
    if given is None:
        return end.country
    if _COUNTRY_CODE.fullmatch(given):
        return given
    try:
        nodes = net.graph.nodes(net.gazetteer.find(given))
    except LookupError as error:
        raise ArgumentError(f"{name}={given!r}: give a country code or a place; {error}") from None
    return _country_of(net, nodes)
