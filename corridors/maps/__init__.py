"""Maps that open by double click on a machine without internet: one page builder for all.

Nothing heavy is imported until a map is drawn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from corridors.maps.corridor_map import CorridorMap

if TYPE_CHECKING:
    import pandas as pd

    from corridors.charts import Chart
    from corridors.flow import FlowRoute
    from corridors.network import Network
    from corridors.routing.route import Route

__all__ = ["CorridorMap", "comparison_map", "flows_map", "network_map", "result_map", "route_map"]


def network_map(
    net: Network,
    *,
    as_of: str | dt.date | None = None,
    flows: Iterable[FlowRoute | Route] | Mapping[str, FlowRoute | Route] | None = None,
    shown: Sequence[str] | None = None,
    title: str | None = None,
    online_tiles: bool | str = False,
) -> CorridorMap:
    """Draw a network on its day, and flows on it.

    Parameters
    ----------
    net : Network
    as_of : str or date, optional
        Draw another day than the network's own.
    flows : iterable or mapping of FlowRoute or Route, optional
        Drawn as coloured routes, beside each other where they share a line. Keys of a mapping
        name plain routes. A flow whose reported way differs from the shortest is drawn the way
        it was reported.
    shown : sequence of str, optional
        Ids of the flows to show when the map opens, first in the legend; the others wait there to
        be switched on. All are shown if not given.
    title : str, optional
        Heading of the page.
    online_tiles : bool or str
        Put tiles under the network instead of the built-in base map: OpenStreetMap's own, or those
        of a provider that ``xyzservices`` lists, such as ``"OpenTopoMap"``. Such a map needs the
        internet, tells the tile server who looks at it, and falls under its terms of use: the
        server may refuse a page that was opened from a file.

    Returns
    -------
    CorridorMap

    Examples
    --------
    >>> import corridors as co
    >>> co.load(as_of="2025-12-18").map().html().startswith("<!DOCTYPE html>")
    True
    """
    from corridors.maps.builder import build_network_map

    day = net if as_of is None else net.at(as_of)
    return build_network_map(day, flows=flows, shown=shown, title=title, online_tiles=online_tiles)


def route_map(
    route: Route, *, title: str | None = None, online_tiles: bool | str = False
) -> CorridorMap:
    """Draw one route in bold with its ends, borders and gauge breaks, the network faint below.

    Parameters
    ----------
    route : Route
    title : str, optional
        Heading of the page; origin, destination and length if not given.
    online_tiles : bool or str
        See :func:`network_map`.

    Returns
    -------
    CorridorMap
    """
    from corridors.maps.builder import build_route_map

    return build_route_map(route, title=title, online_tiles=online_tiles)


def flows_map(
    flow_routes: Iterable[FlowRoute | Route] | Mapping[str, FlowRoute | Route],
    net: Network,
    *,
    missing: Sequence[str] = (),
    title: str | None = None,
    online_tiles: bool | str = False,
) -> CorridorMap:
    """Draw flows with the whole of their routes in view, the network faint below.

    Parameters
    ----------
    flow_routes : iterable or mapping of FlowRoute or Route
        See :func:`network_map`.
    net : Network
        The network below, on its day; each flow keeps the day it was routed on.
    missing : sequence of str
        Titles of flows that have no route: the caption says so.
    title : str, optional
        Heading of the page.
    online_tiles : bool or str
        See :func:`network_map`.

    Returns
    -------
    CorridorMap
    """
    from corridors.maps.builder import build_flows_map

    return build_flows_map(
        flow_routes, net, missing=missing, title=title, online_tiles=online_tiles
    )


def result_map(
    net: Network,
    *,
    lines: pd.DataFrame | None = None,
    points: pd.DataFrame | None = None,
    value: str | None = None,
    label: str | None = None,
    facts: Sequence[str] | Mapping[str, str] = (),
    size: str | None = None,
    flows: Iterable[FlowRoute | Route] | Mapping[str, FlowRoute | Route] | None = None,
    title: str = "Results",
    table: pd.DataFrame | None = None,
    online_tiles: bool | str = False,
) -> CorridorMap:
    """Draw the answer of an analysis: lines and points as big as a value, the network faint below.

    Lines are as wide, and points have as much area, as their value is large; a value that is
    missing is drawn as small and hollow as one of zero, and said so in the popup.

    Parameters
    ----------
    net : Network
        The network below, on its day.
    lines : DataFrame, optional
        A GeoDataFrame of lines, or any table with a column ``link_id``.
    points : DataFrame, optional
        A GeoDataFrame of points, or any table with a column ``place_id``.
    value : str, optional
        Column of numbers, zero or more, in both tables; all are alike if not given.
    label : str, optional
        Column that names a row; ``name``, ``name_en`` or the id if not given.
    facts : sequence or mapping of str
        Columns that a click shows, with their headings: ``{"usd_per_t": "Cost, USD/t"}``.
    size : str, optional
        What the value is, with its unit: ``"Stranded, t a year"``. The name of the column if not
        given.
    flows : iterable or mapping of FlowRoute or Route, optional
        Drawn below the results; see :func:`network_map`.
    title : str
        Heading of the page.
    table : DataFrame, optional
        Shown below the map as it is; the rows of ``lines`` and ``points``, largest first, if not
        given.
    online_tiles : bool or str
        See :func:`network_map`.

    Returns
    -------
    CorridorMap

    Raises
    ------
    ArgumentError
        If neither lines nor points are given, a column is missing, a value is negative or
        infinite, or a geometry is of the wrong kind.
    UnknownSubjectError
        If a ``link_id`` or ``place_id`` is not in the network.

    Examples
    --------
    >>> import corridors as co
    >>> from corridors.maps import result_map
    >>> net = co.load("2025-12-18")
    >>> busiest = net.links.nlargest(3, "length_km")[["link_id", "length_km"]]
    >>> result_map(net, lines=busiest, value="length_km", size="Length, km", title="Longest links")
    <CorridorMap 'Longest links'>
    """
    from corridors.errors import ArgumentError
    from corridors.maps.builder import build_result_map
    from corridors.maps.results import Results, facts_of

    tables = {"lines": lines, "points": points}
    given = {kind: rows for kind, rows in tables.items() if rows is not None}
    if not given:
        raise ArgumentError("give lines or points, or both: there is nothing to draw")
    heading = size or (value or "results").replace("_", " ")
    results = Results(value, label, facts_of(facts), heading)
    return build_result_map(
        net, given, results, flows=flows, title=title, table=table, online_tiles=online_tiles
    )


def comparison_map(
    base: Network,
    other: Network | Mapping[str, Network],
    *,
    names: tuple[str, str] = ("As it is", "What if"),
    flows: Iterable[FlowRoute | Route] | Mapping[str, FlowRoute | Route] | None = None,
    title: str = "What differs",
    table: pd.DataFrame | None = None,
    online_tiles: bool | str = False,
) -> CorridorMap:
    """Draw two networks on one map, a divider between them: a scenario against the base, two days.

    Links that only one of them has, or whose state or figures differ, stand out, and are listed
    below. The date slider moves both networks together if both are of one day.

    Parameters
    ----------
    base : Network
        Left, on its day.
    other : Network or mapping of str to Network
        Right, on its day; of several, by what to call them, the reader picks one.
    names : tuple of str
        What to call both; of the second only where ``other`` is one network.
    flows : iterable or mapping of FlowRoute or Route, optional
        Drawn across both; see :func:`network_map`.
    title : str
        Heading of the page.
    table : DataFrame, optional
        Shown first below the map.
    online_tiles : bool or str
        See :func:`network_map`.

    Returns
    -------
    CorridorMap

    Raises
    ------
    ArgumentError
        If there is nothing to compare with.

    Examples
    --------
    >>> import corridors as co
    >>> from corridors.maps import comparison_map
    >>> net = co.load("2026-06-01")
    >>> comparison_map(net, net.with_open("tripp"), names=("Today", "TRIPP open"))
    <CorridorMap 'What differs'>
    """
    from corridors.errors import ArgumentError
    from corridors.maps.builder import build_comparison_map
    from corridors.maps.comparison import Comparison

    others = other if isinstance(other, Mapping) else {names[1]: other}
    if not others:
        raise ArgumentError("other={}: give at least one network to compare with")
    return build_comparison_map(
        [Comparison(base, net, (names[0], name)) for name, net in others.items()],
        flows=flows, title=title, table=table, online_tiles=online_tiles,
    )  # fmt: skip


def static_map(
    net: Network,
    *,
    flows: Iterable[FlowRoute | Route] | Mapping[str, FlowRoute | Route] | None = None,
    lines: pd.DataFrame | None = None,
    points: pd.DataFrame | None = None,
    value: str | None = None,
    size: str | None = None,
    as_of: str | dt.date | None = None,
    bounds: tuple[float, float, float, float] | None = None,
    title: str = "Railways, roads and crossings of the South Caucasus",
    language: str = "en",
    theme: str = "light",
    width_in: float = 8.0,
) -> Chart:
    """Draw a network, flows and results for a paper: PNG, SVG or PDF, without any network.

    Parameters
    ----------
    net : Network
    flows : iterable or mapping of FlowRoute or Route, optional
        As wide as the square root of their tonnes; see :func:`network_map`.
    lines, points : DataFrame, optional
        Results; see :func:`result_map`.
    value, size : str, optional
        Column of their values, and what it means; see :func:`result_map`.
    as_of : str or date, optional
        Draw another day than the network's own.
    bounds : tuple of float, optional
        West, south, east and north in degrees; Armenia, Azerbaijan and Georgia if not given.
    title : str
    language : {"en", "az", "hy", "ka", "ru"}
        Of the names; places without a name in it keep the English one.
    theme : {"light", "dark"}
    width_in : float
        Inches.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``.save("map.png")``, ``.svg`` or ``.pdf`` writes it.

    Raises
    ------
    ArgumentError
        If an argument is none of these.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load("2025-12-18")
    >>> picture = net.static_map(flows=[net.route("Alat", "Ayrum", modes=["rail"])])
    >>> picture.alt
    'Map: Railways, roads and ... Network on 2025-12-18, with Alat → Ayrum.'
    """
    from corridors.errors import ArgumentError
    from corridors.maps import layers, style
    from corridors.maps.printed import Sheet, checked_bounds
    from corridors.maps.results import Results
    from corridors.maps.routes import as_drawn

    for name, given, known in (
        ("language", language, style.LANGUAGES), ("theme", theme, style.PALETTES)
    ):  # fmt: skip
        if given not in known:
            raise ArgumentError(f"{name}={given!r}: give one of {', '.join(known)}")
    if not 2 <= width_in <= 60:  # noqa: PLR2004
        raise ArgumentError(f"width_in={width_in!r}: give 2 to 60 inches")
    drawn = as_drawn(flows)
    day = net if as_of is None else net.at(as_of)
    scene = layers.drawing(day, (item.route.network for item in drawn))
    if bounds is None:
        (south, west), (north, east) = layers.bounds(scene)
        bounds = (west - 0.4, south - 0.3, east + 0.4, north + 0.3)
    tables = {"lines": lines, "points": points}
    return Sheet(
        scene,
        drawn,
        {kind: rows for kind, rows in tables.items() if rows is not None},
        Results(value, None, {}, size or (value or "results").replace("_", " ")),
        checked_bounds(bounds),
        title,
        language,
        theme,
        width_in,
    ).draw()
