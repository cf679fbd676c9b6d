"""Best routes under states, access rules and modes, by length, hours or dollars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from corridors.errors import ArgumentError, NoRoute
from corridors.routing import diagnosis
from corridors.routing.ends import End, PlaceLike
from corridors.routing.route import Route
from corridors.routing.terms import Terms, terms
from corridors.states import Shipment

if TYPE_CHECKING:
    from corridors.network import Network
    from corridors.routing.graph import Path


def route(
    net: Network,
    a: PlaceLike,
    b: PlaceLike,
    *,
    modes: Iterable[str] | None = None,
    commodity: str | None = None,
    as_of: str | dt.date | None = None,
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
    as_of : str or date, optional
        Ask on another day than the network's own.
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
    Dijkstra (1959) on one weight an arc, over contracted chains. Of parallel links that tie the
    first wins; of ways that tie always the same one. Where links say how track lies at their ends,
    trains turn nowhere sharply, and a change of direction weighs what ``net.parameters`` say.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2025-11-05")
    >>> r = net.route("Yalama", "Böyük Kəsik", modes=["rail"])
    >>> round(r.length_km)
    672
    """
    asked = terms(
        net, modes=modes, commodity=commodity, as_of=as_of, avoid=avoid, weight=weight,
        value_of_time=value_of_time, max_snap_km=max_snap_km, cargo_origin=cargo_origin,
        cargo_destination=cargo_destination,
    )  # fmt: skip
    between = _as_list(via)
    ends = [
        asked.end(a, "a"),
        *(asked.end(ref, "via") for ref in between),
        asked.end(b, "b"),
    ]
    if between:
        _check_no_cycle(between, ends)
    shipment = asked.shipment(ends[0], ends[-1])
    return asked.route(_path_through(asked, shipment, ends), ends, shipment)


def _as_list(via: object) -> list[Any]:
    """What ``via`` may be: nothing, one place, or places in order."""
    if via is None:
        return []
    pair = isinstance(via, tuple) and [type(x) for x in via] in ([float, float], [int, int])
    if pair or isinstance(via, (str, int)) or not isinstance(via, Iterable):
        return [via]
    return list(via)


def _check_no_cycle(between: list[Any], ends: Sequence[End]) -> None:
    """A way passes each place once, by whatever name it is called."""
    seen = {*ends[0].nodes.tolist(), *ends[-1].nodes.tolist()}
    for ref, end in zip(between, ends[1:-1], strict=True):
        if not seen.isdisjoint(end.nodes.tolist()):
            raise ArgumentError(
                f"via={between!r} goes in a cycle: {ref!r} is passed twice; "
                "name each place once and leave out the ends"
            )
        seen.update(end.nodes.tolist())


def _path_through(asked: Terms, shipment: Shipment, ends: Sequence[End]) -> list[Path]:
    """One path for each pair of stops; each starts where the one before ended."""
    paths: list[Path] = []
    obstacles: list[NoRoute] = []
    start = ends[0].nodes
    for number, (here, there) in enumerate(pairwise(ends)):
        path = asked.path(shipment, start, there.nodes)
        if path is None:
            question = asked.question(shipment)
            obstacles.append(
                diagnosis.no_route(question, here.label, there.label, start, there.nodes)
            )
            start = there.nodes
            continue
        paths.append(path)
        if number + 2 < len(ends):
            start = path.nodes[-1:]
    if obstacles:
        raise diagnosis.joined(obstacles)
    return paths
