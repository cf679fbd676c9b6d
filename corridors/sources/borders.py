"""Which country track and road lie in: borders out of the file, else the embedded polygons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from corridors.countries import polygons as embedded_polygons
from corridors.schema import UNKNOWN_COUNTRY
from corridors.sources.build_report import BuildReport
from corridors.sources.osm import RawOsm, positions

if TYPE_CHECKING:
    import shapely

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
ObjectArray = npt.NDArray[np.object_]
GRAZE_KM = 1.0
"""A shorter run abroad, between two runs in one country, is a line that grazes the border."""
GAP_KM = 4.0
"""A shorter run outside all borders, where two sources do not meet, is a neighbour's."""
KM_PER_DEGREE = 111.2
_ON_LINE_DEG = 1e-9


class Countries:
    """Polygons, the most trusted first; where several hold a point, the first wins.

    Parameters
    ----------
    codes : sequence of str
        Country of each polygon.
    shapes : sequence of shapely geometry
    """

    def __init__(self, codes: Sequence[str], shapes: Sequence[Any]) -> None:
        import shapely

        self.codes, self.shapes = list(codes), list(shapes)
        for shape in self.shapes:
            shapely.prepare(shape)

    def at(self, lon: FloatArray, lat: FloatArray) -> ObjectArray:
        """Code of the country of each point; :data:`UNKNOWN_COUNTRY` outside all polygons."""
        import shapely

        found = np.full(len(lon), UNKNOWN_COUNTRY, object)
        left = np.ones(len(lon), bool)
        for code, shape in zip(self.codes, self.shapes, strict=True):
            west, south, east, north = shape.bounds
            near = np.flatnonzero(
                left & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
            )
            hit = near[shapely.intersects_xy(shape, lon[near], lat[near])]
            found[hit] = code
            left[hit] = False
        return found

    def nearest(self, lon: FloatArray, lat: FloatArray, within_km: float) -> ObjectArray:
        """Code of the nearest country of each point; unknown where none is as near as that."""
        import shapely

        found = np.full(len(lon), UNKNOWN_COUNTRY, object)
        best = np.full(len(lon), within_km / KM_PER_DEGREE)
        points: Any = shapely.points(lon, lat)
        for code, shape in zip(self.codes, self.shapes, strict=True):
            west, south, east, north = shape.bounds
            near = np.flatnonzero(
                (lon >= west - best) & (lon <= east + best)
                & (lat >= south - best) & (lat <= north + best)
            )  # fmt: skip
            near = near[_within(shape, points[near], best[near])]
            away = shapely.distance(shape, points[near])
            closer = away < best[near]
            found[near[closer]] = code
            best[near[closer]] = away[closer]
        return found

    def cuts(self, x: FloatArray, y: FloatArray, run: IntArray) -> tuple[IntArray, FloatArray]:
        """Where lines meet borders.

        Parameters
        ----------
        x, y : ndarray of float
            Vertices of all lines, one line after the other, degrees.
        run : ndarray of int
            The line of each vertex.

        Returns
        -------
        segment : ndarray of int
            Position of the vertex before each meeting, sorted.
        fraction : ndarray of float
            Where on the segment, 0 to 1.
        """
        import shapely

        start, end = self._border_segments(x, y)
        if len(start) == 0 or len(x) == 0:
            return np.zeros(0, np.int64), np.zeros(0)
        edges: Any = shapely.linestrings(np.stack([start, end], axis=1))
        tree = shapely.STRtree(edges)
        lines: Any = shapely.linestrings(np.column_stack([x, y]), indices=run)
        hit = np.zeros(len(lines), np.bool_)
        hit[tree.query(lines, predicate="intersects")[0]] = True
        inside = np.flatnonzero(hit[run][:-1] & (run[1:] == run[:-1]))
        here, there = (np.column_stack([x[at], y[at]]) for at in (inside, inside + 1))
        pairs = np.stack([here, there], axis=1)
        mine, border = tree.query(shapely.linestrings(pairs), predicate="intersects")
        fraction = _meeting(pairs[mine, 0], pairs[mine, 1], start[border], end[border])
        good = np.isfinite(fraction)
        segment, fraction = inside[mine[good]], np.clip(fraction[good], 0.0, 1.0)
        order = np.lexsort((fraction, segment))
        return segment[order], fraction[order]

    def _border_segments(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """All segments of the polygons' edges near the lines, each once."""
        import shapely

        if len(x) == 0 or not self.shapes:
            return np.zeros((0, 2)), np.zeros((0, 2))
        coords, ring = shapely.get_coordinates(
            shapely.get_parts(shapely.boundary(np.array(self.shapes, object))), return_index=True
        )
        same = ring[1:] == ring[:-1]
        start, end = coords[:-1][same], coords[1:][same]
        near = (
            (np.maximum(start[:, 0], end[:, 0]) >= x.min())
            & (np.minimum(start[:, 0], end[:, 0]) <= x.max())
            & (np.maximum(start[:, 1], end[:, 1]) >= y.min())
            & (np.minimum(start[:, 1], end[:, 1]) <= y.max())
        )
        start, end = start[near], end[near]
        # Neighbours share their border: keep each segment once, whichever way it runs.
        swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
        start[swap], end[swap] = end[swap], start[swap].copy()
        once = np.unique(np.column_stack([start, end]), axis=0)
        return once[:, :2], once[:, 2:]


def _within(shape: Any, points: Any, distance: Any) -> npt.NDArray[np.bool_]:
    import shapely

    return np.asarray(shapely.dwithin(shape, points, distance), bool)


def _meeting(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> FloatArray:
    """Fraction of ``ab`` at which the line through ``cd`` meets it; NaN where they are parallel."""
    ab, cd, ac = b - a, d - c, c - a
    cross = ab[:, 0] * cd[:, 1] - ab[:, 1] * cd[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        fraction = (ac[:, 0] * cd[:, 1] - ac[:, 1] * cd[:, 0]) / cross
    return np.where(cross == 0, np.nan, fraction)


def countries_of(raw: RawOsm, report: BuildReport) -> Countries:
    """Polygons for a file: its own whole borders, what half borders tell, then the embedded ones.

    Parameters
    ----------
    raw : RawOsm
    report : BuildReport
        Says which borders are whole, which are not.
    """
    lines = _border_lines(raw)
    whole: dict[str, Any] = {}
    partial: list[str] = []
    for code, ways in sorted(lines.items()):
        shape = assemble(list(ways.values()))
        if shape is None:
            partial.append(code)
        else:
            whole[code] = shape
    report.add("country", "borders taken from the file", len(whole), examples=whole)
    crossed = [code for code in whole if _crosses_itself(list(lines[code].values()))]
    report.add(
        "country", "borders in the file that cross themselves", len(crossed),
        examples=crossed, note="the areas that they run round count as the country",
    )  # fmt: skip
    report.add(
        "country", "borders in the file that do not close", len(partial), examples=partial,
        note="what they enclose with the edge of the data is used; beyond, embedded polygons",
    )  # fmt: skip
    codes, shapes = list(whole), list(whole.values())
    if partial and len(raw.lon):
        for code, shape in _faces(raw, lines, whole):
            codes.append(code)
            shapes.append(shape)
    for code, shape in embedded_polygons().items():
        if code not in whole:
            codes.append(code)
            shapes.append(shape)
    return Countries(codes, shapes)


def _border_lines(raw: RawOsm) -> dict[str, dict[tuple[int, ...], Any]]:
    """Lines of each border by country, keyed so that a way shared by two has one key."""
    import shapely

    found: dict[str, dict[tuple[int, ...], Any]] = {}
    for code, ways in raw.borders.items():
        lines = found.setdefault(code, {})
        for nodes in ways:
            at = positions(raw.node_id, nodes)
            at = at[at >= 0]
            if len(at) > 1:
                key = (len(nodes), *nodes[:2].tolist(), *nodes[-2:].tolist())
                lines[key] = shapely.LineString(np.column_stack([raw.lon[at], raw.lat[at]]))
    return found


def assemble(lines: Sequence[Any]) -> Any:
    """The area that a border encloses; None if it does not close.

    Lines are cut where they cross first, so that a border that crosses itself gives the areas it
    runs round; what is enclosed twice (an enclave) is left out.

    Parameters
    ----------
    lines : sequence of shapely LineString

    Returns
    -------
    shapely MultiPolygon or None
    """
    import shapely

    if not lines:
        return None
    noded = shapely.unary_union(list(lines))
    faces, cut, dangling, _ = shapely.polygonize_full([noded])
    parts = shapely.get_parts(faces)
    if len(parts) == 0 or not (cut.is_empty and dangling.is_empty):
        return None
    # Odd depth is inside: an enclave lies in two outer rings, an island in it in three.
    outer: Any = shapely.polygons(shapely.get_exterior_ring(parts))
    inner, _ = shapely.STRtree(outer).query(shapely.point_on_surface(parts), predicate="within")
    depth = np.bincount(inner, minlength=len(parts))
    return shapely.multipolygons(parts[depth % 2 == 1])


def _crosses_itself(lines: Sequence[Any]) -> bool:
    """Whether lines meet elsewhere than at corners of theirs; rings that touch do not cross."""
    import shapely

    together = shapely.multilinestrings(lines)
    if shapely.is_simple(together):
        return False
    corners, noded = (
        np.unique(shapely.get_coordinates(one), axis=0)
        for one in (together, shapely.unary_union(together))
    )
    return len(noded) > len(corners)


def _faces(
    raw: RawOsm, lines: Mapping[str, Mapping[tuple[int, ...], Any]], whole: Mapping[str, Any]
) -> list[tuple[str, shapely.Polygon]]:
    """Areas between half borders and the edge of the data, where only one country fits.

    A way of a border has one country on each side. An area's country is the one that all the
    border ways round it share, countries with a whole border apart.
    """
    import shapely

    edge = shapely.box(raw.lon.min(), raw.lat.min(), raw.lon.max(), raw.lat.max())
    sides: dict[tuple[int, ...], set[str]] = {}
    line_of: dict[tuple[int, ...], Any] = {}
    for code, ways in lines.items():
        for key, line in ways.items():
            sides.setdefault(key, set()).add(code)
            line_of[key] = line
    noded = shapely.unary_union([edge.boundary, *line_of.values()])
    middles = {key: line.interpolate(0.5, normalized=True) for key, line in line_of.items()}
    found = []
    for face in shapely.get_parts(shapely.polygonize([noded])):
        inside = face.representative_point()
        if any(shape.contains(inside) for shape in whole.values()):
            continue
        touching = [
            sides[key] - set(whole)
            for key, middle in middles.items()
            if face.distance(middle) < _ON_LINE_DEG
        ]
        shared = set.intersection(*touching) if touching else set()
        if len(shared) == 1:
            found.append((shared.pop(), face))
    return found


def smooth(codes: list[str], km: list[float]) -> list[str]:
    """Countries along one line without those it only grazes."""
    groups: list[tuple[str, float, int]] = []  # country, kilometres, stretches

    def put(code: str, length: float, count: int) -> None:
        if groups and groups[-1][0] == code:
            _, more, number = groups.pop()
            length, count = length + more, count + number
        groups.append((code, length, count))

    for code, length in zip(codes, km, strict=True):
        put(code, length, 1)
    changed = True
    while changed:
        changed = False
        for place, (code, length, _) in enumerate(groups):
            before = groups[place - 1] if place else None
            after = groups[place + 1] if place + 1 < len(groups) else None
            new = None
            if code == UNKNOWN_COUNTRY and length < GAP_KM and (before or after):
                new = max((side for side in (before, after) if side), key=lambda g: g[1])[0]
            elif before and after and before[0] == after[0] and length < GRAZE_KM:
                new = before[0]
            if new is not None:
                old, groups = groups, []
                for number, group in enumerate(old):
                    put(new if number == place else group[0], group[1], group[2])
                changed = True
                break
    return [code for code, _, count in groups for _ in range(count)]
