"""The one builder that every map goes through: content in, folium map on a page out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from corridors.maps import layers, style, tables_html
from corridors.maps.base import base_layer
from corridors.maps.corridor_map import CorridorMap
from corridors.maps.encode import clean, to_json
from corridors.maps.routes import Drawn, as_drawn, flow_layers, marks, shown_first
from corridors.words import COUNTRY_NAMES, LENGTH_KINDS

if TYPE_CHECKING:
    import pandas as pd

    from corridors.flow import FlowRoute
    from corridors.maps.page import PageMap
    from corridors.maps.results import Results
    from corridors.network import Network
    from corridors.routing.route import Route

    Flows = Iterable[FlowRoute | Route] | Mapping[str, FlowRoute | Route] | None

ATTRIBUTION = "© OpenStreetMap contributors (station positions, ODbL) · Natural Earth · corridors"
_TILES = "OpenStreetMap.Mapnik"


def build_network_map(
    net: Network,
    *,
    flows: Flows,
    shown: Sequence[str] | None,
    title: str | None,
    online_tiles: bool,
) -> CorridorMap:
    """See :func:`corridors.maps.network_map`."""
    drawn = shown_first(as_drawn(flows), shown)
    scene = layers.drawing(net, (item.route.network for item in drawn))
    heading = title or "Railways, roads and crossings of the South Caucasus"
    return _build(
        scene, drawn, title=heading, view=layers.bounds(scene), faint=False, tiles=online_tiles
    )


def build_flows_map(
    flow_routes: Flows, net: Network, *, title: str | None, online_tiles: bool
) -> CorridorMap:
    """See :func:`corridors.maps.flows_map`."""
    drawn = as_drawn(flow_routes)
    scene = layers.drawing(net, (item.route.network for item in drawn))
    passed = {place for item in drawn for place in item.route.place_ids}
    view = layers.corners(scene.places[scene.places["place_id"].isin(passed)])
    return _build(scene, drawn, title=title or "Flows", view=view, faint=True, tiles=online_tiles)


def build_route_map(route: Route, *, title: str | None, online_tiles: bool) -> CorridorMap:
    """See :func:`corridors.maps.route_map`."""
    net = route.network
    drawn = as_drawn([route])
    scene = layers.drawing(net)
    heading = title or f"{route.origin} → {route.destination}, {route.length_km:,.0f} km"
    view = layers.corners(scene.places[scene.places["place_id"].isin(route.place_ids)])
    return _build(
        scene, drawn, title=heading, view=view, faint=True, tiles=online_tiles, single=route
    )


def build_result_map(
    net: Network,
    tables: Mapping[str, pd.DataFrame],
    results: Results,
    *,
    title: str,
    table: pd.DataFrame | None,
    online_tiles: bool,
) -> CorridorMap:
    """See :func:`corridors.maps.result_map`."""
    scene = layers.drawing(net)
    drawn = [results.layer(net, kind, rows) for kind, rows in tables.items()]
    below = [results.table(kind, rows) for kind, rows in tables.items()]
    if table is not None:
        below = [tables_html.frame_table(results.title, table)]
    shown = results.bounds(net, tables)
    return _build(
        scene, [], title=title, view=shown or layers.bounds(scene), faint=True, tiles=online_tiles,
        results=drawn, below="".join(below),
    )  # fmt: skip


def _build(
    scene: layers.Drawing,
    drawn: Sequence[Drawn],
    *,
    title: str,
    view: list[list[float]],
    faint: bool,
    tiles: bool,
    single: Route | None = None,
    results: Sequence[dict[str, Any]] = (),
    below: str = "",
) -> CorridorMap:
    cited = [name for item in drawn if item.flow for name in item.flow.sources]
    sources = layers.sources(scene, cited)
    document = {
        "asOf": scene.net.as_of.isoformat(),
        "view": view,
        "attribution": ATTRIBUTION,
        "palette": style.PALETTE,
        "faint": faint,
        "tiles": tiles,
        "words": {
            "states": style.STATE_WORDS,
            "modes": style.MODE_WORDS,
            "kinds": style.KIND_WORDS,
            "lengths": LENGTH_KINDS,
            "countries": COUNTRY_NAMES,
        },
        "base": base_layer(),
        "groups": layers.layer_groups(scene),
        "links": layers.link_columns(scene),
        "places": layers.place_columns(scene),
        "history": layers.histories(scene),
        "sources": sources,
        "flows": _flow_layers(scene, drawn, single),
        "marks": marks(scene, single) if single else [],
        "results": list(results),
    }
    return _on_page(
        document,
        title=clean(title),
        caption=_caption(scene, drawn),
        tables=below + _tables(scene, drawn, sources, single),
        tiles=tiles,
    )


def _flow_layers(
    scene: layers.Drawing, drawn: Sequence[Drawn], single: Route | None
) -> list[dict[str, Any]]:
    found = flow_layers(scene, drawn)
    if single is not None:
        found[0] |= {"width": style.ROUTE_WIDTH, "stops": True}
    return found


def _caption(scene: layers.Drawing, drawn: Sequence[Drawn]) -> str:
    net = scene.net
    parts = [f"Network on {net.as_of}", f"{len(scene.places):,} places, {len(scene.links):,} links"]
    if any(item.flow is not None for item in drawn):
        parts.append("each flow on its own date")
    return " · ".join(parts)


def _tables(
    scene: layers.Drawing,
    drawn: Sequence[Drawn],
    sources: dict[str, dict[str, str]],
    single: Route | None,
) -> str:
    parts = []
    if single is not None:
        parts.append(tables_html.legs_table(single, sources))
    elif drawn:
        parts.append(tables_html.flows_table(drawn, sources))
    parts += [
        tables_html.network_table(scene.net),
        tables_html.crossings_table(scene.net, sources),
    ]
    return "".join(parts)


def _on_page(
    document: dict[str, Any], *, title: str, caption: str, tables: str, tiles: bool
) -> CorridorMap:
    from corridors.maps.page import Content, Page, PageMap

    (south, west), (north, east) = document["view"]
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
    hosts = _add_tiles(folium_map) if tiles else []
    page = Page(Content(title, caption, to_json(document), tables, hosts))
    page.add_child(folium_map)
    return CorridorMap(folium_map, title=title)


def _add_tiles(folium_map: PageMap) -> list[str]:
    """Add the tiles of a public service; give the hosts that the page's policy has to allow."""
    import folium

    layer = folium.TileLayer(tiles=_TILES)
    layer._id = "tiles"  # noqa: SLF001  (folium would name it at random)
    layer.add_to(folium_map)
    host = urlsplit(str(layer.tiles).replace("{s}", "*")).netloc
    return [f"https://{host}"]
