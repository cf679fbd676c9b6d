"""Cut what was read from OpenStreetMap to an area."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.errors import ArgumentError
from corridors.sources.build_report import BuildReport
from corridors.sources.osm import RawOsm, positions

if TYPE_CHECKING:
    import shapely


def area_of(
    bbox: tuple[float, float, float, float] | None,
    polygon: shapely.Polygon | shapely.MultiPolygon | None,
) -> shapely.Polygon | shapely.MultiPolygon | None:
    """The area that ``bbox`` or ``polygon`` means; None if neither is given.

    Raises
    ------
    ArgumentError
        If both are given, or one is no area on the globe.
    """
    import shapely

    if bbox is None and polygon is None:
        return None
    if bbox is not None and polygon is not None:
        raise ArgumentError("give bbox or polygon, not both")
    if bbox is not None:
        try:
            west, south, east, north = (float(x) for x in bbox)
        except (TypeError, ValueError):
            raise ArgumentError(f"bbox={bbox!r}: give (west, south, east, north)") from None
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004
            raise ArgumentError(
                f"bbox={bbox!r}: give (west, south, east, north) in degrees, west < east and "
                "south < north"
            )
        return shapely.box(west, south, east, north)
    if not isinstance(polygon, (shapely.Polygon, shapely.MultiPolygon)) or polygon.is_empty:
        raise ArgumentError(f"polygon={polygon!r:.80}: give a shapely Polygon or MultiPolygon")
    valid: Any = polygon if polygon.is_valid else shapely.make_valid(polygon)
    return valid  # type: ignore[no-any-return]


def clip(raw: RawOsm, area: shapely.Polygon | shapely.MultiPolygon) -> RawOsm:
    """Keep the runs of segments that have an end inside the area, and the places inside.

    A way that leaves and comes back becomes several rows with the same ``way_id``. What is cut
    off and dropped is counted in the report.
    """
    import shapely

    shapely.prepare(area)
    report = BuildReport()
    report.extend(raw.report)
    inside_node = shapely.contains_xy(area, raw.lon, raw.lat)
    at = positions(raw.node_id, raw.refs)
    inside = (at >= 0) & inside_node[np.maximum(at, 0)] if len(inside_node) else at >= 0
    owner = np.repeat(np.arange(len(raw.ways)), np.diff(raw.offsets))
    same = owner[1:] == owner[:-1]
    keep = same & (inside[1:] | inside[:-1])
    # A segment is number i from vertex i to i + 1; runs of kept segments become ways.
    kept = np.flatnonzero(keep)
    new_run = np.ones(len(kept), bool)
    new_run[1:] = (np.diff(kept) > 1) | (owner[kept[1:]] != owner[kept[:-1]])
    first = kept[new_run]
    last = np.append(kept[np.flatnonzero(new_run)[1:] - 1], kept[-1:]) + 1
    sizes = last - first + 1
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    take = np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes) + np.repeat(first, sizes)
    ways = owner[first]
    report.add("clip", "ways wholly outside the area, dropped", len(raw.ways) - len(set(ways)))
    cut = np.unique(ways[sizes < np.diff(raw.offsets)[ways]])
    report.add("clip", "ways cut at the edge of the area", len(cut))
    stands = shapely.contains_xy(
        area, raw.places["lon"].to_numpy(float), raw.places["lat"].to_numpy(float)
    )
    report.add("clip", "places outside the area, dropped", int((~stands).sum()))
    return replace(
        raw,
        ways=raw.ways.iloc[ways].reset_index(drop=True),
        refs=raw.refs[take],
        offsets=offsets,
        places=raw.places[stands].reset_index(drop=True),
        report=report.frame(),
    )
