"""The ends of a question: places by id, name, station code or point."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, Union

import numpy as np

from corridors.errors import ArgumentError, NoRoute
from corridors.geodesy import distance_km
from corridors.names import fold
from corridors.routing import diagnosis
from corridors.words import COUNTRY_NAMES, ISO_COUNTRIES

if TYPE_CHECKING:
    from shapely import Point

    from corridors.network import Network
    from corridors.routing.graph import IntArray
    from corridors.routing.offers import BoolArray

PlaceLike: TypeAlias = Union[str, int, tuple[float, float], "Point"]


@dataclass(frozen=True)
class End:
    """One end of a route: the places it stands for and how far the point given lies from them."""

    label: str
    nodes: IntArray
    country: str
    snap_km: float


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
    return End(label, np.array([node]), country_of(net, [node]), float(away[nearest]))


def _resolve_name(net: Network, text: str, served: BoolArray, modes: Sequence[str]) -> End:
    ids = net.gazetteer.find(text)
    nodes = net.graph.nodes(ids)
    kept = nodes[served[nodes]]
    if len(kept) == 0:
        # "yerevan" is the station's id, but by road it can only mean the town.
        others = net.graph.nodes([near for name in ids for near in net.gazetteer.town(name)])
        kept = np.unique(others[served[others]])
    # A town is called what the user called it; an id or a code, what its place is called.
    named = len(ids) > 1 and not text.isdigit()
    label = text.strip() if named else str(net.place_names[nodes[0]])
    if len(kept) == 0:
        message = (
            f"{label} ({', '.join(ids)}) is not served by {' or '.join(modes)}; "
            "give other modes, or a place that is"
        )
        raise NoRoute(message, [diagnosis.Reason("mode", ids[0], message)])
    return End(label, kept, country_of(net, kept), 0.0)


def _as_point(ref: object, name: str) -> tuple[float, float]:
    x = y = None
    if not getattr(ref, "is_empty", False):
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


def country_of(net: Network, nodes: Iterable[int]) -> str:
    """The one country of some places; empty on a border or where they differ."""
    countries = {
        "" if net.graph.index[node] in net.borders else str(net.place_countries[node])
        for node in nodes
    }
    return countries.pop() if len(countries) == 1 else ""


def cargo_country(net: Network, given: str | None, name: str, end: End) -> str:
    """Country that cargo comes from or goes to: a code, a country's name, a place, or the end's.

    Raises
    ------
    ArgumentError
        If it is none of these.
    """
    if given is None:
        return end.country
    if not isinstance(given, str):
        raise ArgumentError(f"{name}={given!r}: give a country code such as KZ, or a place")
    code = given.strip().upper()
    if code in ISO_COUNTRIES:
        return code
    named = [c for c, country in COUNTRY_NAMES.items() if fold(country) == fold(given)]
    if named:
        return named[0]
    try:
        nodes = net.graph.nodes(net.gazetteer.find(given))
    except LookupError as error:
        raise ArgumentError(f"{name}={given!r}: give a country code or a place; {error}") from None
    return country_of(net, nodes)
