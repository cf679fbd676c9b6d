"""The one builder that every map goes through: content in, folium map on a page out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from corridors.columns import own_km
from corridors.maps import layers, style, tables_html, tiles
from corridors.maps.base import base_layer
from corridors.maps.comparison import Comparison, bare_side
from corridors.maps.corridor_map import CorridorMap
from corridors.maps.encode import clean, to_json
from corridors.maps.routes import Drawn, as_drawn, flow_layers, legs, marks, shown_first
from corridors.words import COUNTRY_NAMES, LENGTH_KINDS

if TYPE_CHECKING:
    import pandas as pd

    from corridors.flow import FlowRoute
    from corridors.maps.results import Results
    from corridors.network import Network
    from corridors.routing.route import Route

    Flows = Iterable[FlowRoute | Route] | Mapping[str, FlowRoute | Route] | None

ATTRIBUTION = "© OpenStreetMap contributors (station positions, ODbL) · Natural Earth · corridors"
FIRST_DAY, LAST_DAY = "1988-01-01", "2030-12-31"
"""What the date slider spans, unless the map's own day lies beyond."""


@dataclass(frozen=True)
class Plan:
    """What a map shows, before it is put on a page.

    Parameters
    ----------
    scene : Drawing
    title : str
    view : list of list of float
        South-west and north-east corner that the map opens with.
    drawn : sequence of Drawn
        Flows and routes.
    faint : bool
        Whether the network steps back behind what is drawn on it.
    tiles : bool or str
        Online tiles below, or none.
    single : Route, optional
        The one route that the map is about.
    comparisons : sequence of Comparison
        Of the scene's network with others.
    results : sequence of dict
        Layers of results.
    tables : str
        Markup of ours: tables that come first below the map.
    note : str
        Plain text for the caption.
    """

    scene: layers.Drawing
    title: str
    view: list[list[float]]
    drawn: Sequence[Drawn] = ()
    faint: bool = False
    tiles: bool | str = False
    single: Route | None = None
    comparisons: Sequence[Comparison] = ()
    results: Sequence[dict[str, Any]] = field(default=())
    tables: str = ""
    note: str = ""


def build_network_map(
    net: Network,
    *,
    flows: Flows,
    shown: Sequence[str] | None,
    title: str | None,
    online_tiles: bool | str,
) -> CorridorMap:
    """See :func:`corridors.maps.network_map`."""
    drawn = shown_first(as_drawn(flows), shown)
    scene = layers.drawing(net, (item.route.network for item in drawn))
    heading = title or "Railways, roads and crossings of the South Caucasus"
    return build(Plan(scene, heading, layers.bounds(scene), drawn, tiles=online_tiles))


def build_flows_map(
    flow_routes: Flows,
    net: Network,
    *,
    missing: Sequence[str],
    title: str | None,
    online_tiles: bool | str,
) -> CorridorMap:
    """See :func:`corridors.maps.flows_map`."""
    drawn = as_drawn(flow_routes)
    scene = layers.drawing(net, (item.route.network for item in drawn))
    passed = {place for item in drawn for place in item.route.place_ids}
    view = layers.corners(scene.places[scene.places["place_id"].isin(passed)])
    note = f"no route for {'; '.join(map(clean, missing))}" if missing else ""
    return build(
        Plan(scene, title or "Flows", view, drawn, faint=True, tiles=online_tiles, note=note)
    )


def build_route_map(route: Route, *, title: str | None, online_tiles: bool | str) -> CorridorMap:
    """See :func:`corridors.maps.route_map`."""
    scene = layers.drawing(route.network)
    heading = title or f"{route.origin} → {route.destination}, {route.length_km:,.0f} km"
    view = layers.corners(scene.places[scene.places["place_id"].isin(route.place_ids)])
    drawn = as_drawn([route])
    return build(Plan(scene, heading, view, drawn, faint=True, tiles=online_tiles, single=route))


def build_result_map(
    net: Network,
    tables: Mapping[str, pd.DataFrame],
    results: Results,
    *,
    flows: Flows,
    title: str,
    table: pd.DataFrame | None,
    online_tiles: bool | str,
) -> CorridorMap:
    """See :func:`corridors.maps.result_map`."""
    drawn = as_drawn(flows)
    scene = layers.drawing(net, (item.route.network for item in drawn))
    sized = [results.layer(net, kind, rows) for kind, rows in tables.items()]
    if table is None:
        below = "".join(results.table(kind, rows) for kind, rows in tables.items())
    else:
        below = tables_html.frame_table(results.title, table)
    passed = scene.places["place_id"].isin({p for item in drawn for p in item.route.place_ids})
    view = layers.corners(scene.places[passed]) if drawn else results.bounds(net, tables)
    return build(
        Plan(
            scene,
            title,
            view or layers.bounds(scene),
            drawn,
            faint=True,
            tiles=online_tiles,
            results=sized,
            tables=below,
        )
    )


def build_comparison_map(
    comparisons: Sequence[Comparison],
    *,
    flows: Flows,
    title: str,
    table: pd.DataFrame | None,
    online_tiles: bool | str,
) -> CorridorMap:
    """See :func:`corridors.maps.comparison_map`."""
    drawn = as_drawn(flows)
    others = [comparison.other for comparison in comparisons]
    others += [item.route.network for item in drawn]
    scene = layers.drawing(comparisons[0].base, others)
    below = "" if table is None else tables_html.frame_table(title, table)
    ids = {link for comparison in comparisons for link in comparison.differing()}
    differing = scene.links["link_id"].isin(ids)
    view = layers.corners(scene.links[differing]) if differing.any() else layers.bounds(scene)
    return build(
        Plan(
            scene,
            title,
            view,
            drawn,
            tiles=online_tiles,
            comparisons=comparisons,
            tables=below + "".join(comparison.table() for comparison in comparisons),
        )
    )


def build(plan: Plan) -> CorridorMap:
    """Put what a plan holds on a page."""
    from corridors.maps.page import Content, Page, PageMap

    cited = [name for item in plan.drawn if item.flow for name in item.flow.sources]
    sources = layers.sources(plan.scene, cited)
    layer, hosts, terms = tiles.layer(plan.tiles)
    (south, west), (north, east) = plan.view
    folium_map = PageMap(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=6,
        min_zoom=3,
        max_zoom=14,
        prefer_canvas=True,
        zoom_control=False,
        zoom_snap=0.25,
        zoom_delta=0.5,
        wheel_px_per_zoom_level=100,
    )
    if layer is not None:
        layer.add_to(folium_map)
    content = Content(
        title=clean(plan.title),
        caption=_caption(plan),
        words=_in_words(plan),
        data=to_json(_document(plan, sources, terms)),
        tables=_tables(plan, sources),
        image_hosts=hosts,
    )
    page = Page(content)
    page.add_child(folium_map)
    return CorridorMap(folium_map, title=content.title)


def _document(plan: Plan, sources: dict[str, dict[str, str]], tile_terms: str) -> dict[str, Any]:
    """Everything that the page's script draws and says."""
    scene, single = plan.scene, plan.single
    day = scene.net.as_of.isoformat()
    days = [min(FIRST_DAY, day), max(LAST_DAY, day)]
    name = plan.comparisons[0].names[0] if plan.comparisons else ""
    base = bare_side(scene, scene.net, name)
    if not plan.comparisons:
        base |= {"no_links": [], "no_places": []}  # what a route's what-if adds is drawn too
    return {
        "asOf": day,
        "days": days,
        "view": plan.view,
        "attribution": " · ".join(filter(None, [tile_terms, ATTRIBUTION])),
        "palettes": style.palettes(),
        "languages": list(style.LANGUAGES.items()),
        "kinds": [asdict(kind) for kind in style.KINDS],
        "states": [asdict(state) for state in style.STATES],
        "faint": plan.faint,
        "tiles": bool(plan.tiles),
        "words": {
            "symbols": style.SYMBOLS,
            "states": style.STATE_WORDS,
            "modes": style.MODE_WORDS,
            "kinds": style.KIND_WORDS,
            "lengths": LENGTH_KINDS,
            "countries": COUNTRY_NAMES,
        },
        "base": base_layer(),
        "links": layers.link_columns(scene),
        "places": layers.place_columns(scene),
        "history": layers.histories(scene),
        "sides": [base, *(comparison.side(scene) for comparison in plan.comparisons)],
        "sources": sources,
        "flows": flow_layers(scene, plan.drawn, single),
        "marks": marks(scene, single) if single else [],
        "legs": legs(scene, single) if single else [],
        "results": list(plan.results),
    }


def _caption(plan: Plan) -> str:
    scene = plan.scene
    parts = [f"Network on {scene.net.as_of}"]
    if plan.comparisons:
        nets = [(plan.comparisons[0].names[0], scene.net)]
        nets += [(comparison.names[1], comparison.other) for comparison in plan.comparisons]
        parts = [f"{clean(name)} on {net.as_of}" for name, net in nets]
    parts.append(f"{len(scene.places):,} places, {len(scene.links):,} links")
    if any(item.flow is not None for item in plan.drawn):
        parts.append("each flow on its own date")
    if plan.note:
        parts.append(plan.note)
    return " · ".join(parts)


def _in_words(plan: Plan) -> str:
    """What the map shows, in sentences, for those who cannot see it."""
    scene = plan.scene
    km = own_km(scene.links).groupby(scene.links["mode"]).sum()
    modes = ", ".join(
        f"{km[mode]:,.0f} km of {word}" for mode, word in style.MODE_WORDS.items()
        if mode in km.index and km[mode] >= 1
    )  # fmt: skip
    words = [f"Map of {len(scene.places):,} places and {len(scene.links):,} links: {modes}."]
    if plan.drawn:
        words.append(f"Drawn on it: {'; '.join(item.title for item in plan.drawn)}.")
    words += [f"Sized by {layer['title']}." for layer in plan.results]
    for comparison in plan.comparisons:
        names = " and ".join(map(clean, comparison.names))
        words.append(f"{names} are compared; {len(comparison.differing())} links differ.")
    words.append("The tables below the map hold the same content.")
    return " ".join(words)


def _tables(plan: Plan, sources: dict[str, dict[str, str]]) -> str:
    net = plan.scene.net
    parts = [plan.tables]
    if plan.single is not None:
        parts.append(tables_html.legs_table(plan.single, sources))
    elif plan.drawn:
        parts.append(tables_html.flows_table(plan.drawn, sources))
    parts += [tables_html.network_table(net), tables_html.crossings_table(net, sources)]
    return "".join(parts)
