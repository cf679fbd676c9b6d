"""Maps for paper: the same base, network, flows and results as on the page, drawn by matplotlib."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.charts import Chart
from corridors.errors import ArgumentError
from corridors.maps import layers, style
from corridors.maps.base import outlines
from corridors.maps.builder import ATTRIBUTION
from corridors.maps.encode import clean
from corridors.maps.lanes import fitted, paths, widths
from corridors.maps.lettering import Lettering
from corridors.maps.results import Results, parts_of
from corridors.maps.routes import Drawn, flow_layers

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Points = npt.NDArray[np.float64]

_EARTH_KM = 6371.0088
_TITLE_IN, _ROW_IN, _PAD_IN, _SOURCE_IN = 0.42, 0.148, 0.12, 0.26
_COLUMNS = 4
Entry = tuple[Any, str]
"""Of a legend: what is drawn, and its words."""
_FROM_ZOOM = (4.5, 6.75, 7.25, 8.0, 9.0, 13.0)
"""Zoom from which places of each rank are named; as on the page."""
_MARKERS = {"crossing_open": "D", "crossing_closed": "X", "port": "p", "gauge": "s"}
_RESULT_WIDTH, _RESULT_AREA = 9.0, 420.0
"""Of the largest value: points, square points."""


@dataclass(frozen=True)
class Sheet:
    """What a printed map shows, and how large.

    Parameters
    ----------
    scene : Drawing
    drawn : sequence of Drawn
    tables : mapping of str to DataFrame
        Results: lines and points.
    results : Results
    bounds : tuple of float
        West, south, east, north, degrees.
    title : str
    language : str
    theme : str
    width_in : float
    """

    scene: layers.Drawing
    drawn: Sequence[Drawn]
    tables: Mapping[str, pd.DataFrame]
    results: Results
    bounds: tuple[float, float, float, float]
    title: str
    language: str
    theme: str
    width_in: float

    @cached_property
    def colours(self) -> dict[str, Any]:
        """The palette."""
        return style.palettes()[self.theme]

    @cached_property
    def frame(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top, in kilometres at the middle latitude (Mercator)."""
        west, south, east, north = self.bounds
        (left, bottom), (right, top) = self.project(np.array([[west, south], [east, north]]))
        return float(left), float(bottom), float(right), float(top)

    def project(self, lon_lat: Points) -> Points:
        """Mercator, true to scale at the middle latitude."""
        scale = _EARTH_KM * math.cos(math.radians((self.bounds[1] + self.bounds[3]) / 2))
        phi = np.radians(lon_lat[:, 1])
        y = np.log(np.tan(np.pi / 4 + phi / 2))
        return np.column_stack([np.radians(lon_lat[:, 0]), y]) * scale

    @property
    def per_point(self) -> float:
        """Kilometres on the map that one point of print covers."""
        return (self.frame[2] - self.frame[0]) / (self.width_in * 72)

    @property
    def zoom(self) -> float:
        """The zoom at which the page shows as much on a screen of 96 points an inch."""
        metres = self.per_point * 1000 * 72 / 96
        equator = 2 * math.pi * _EARTH_KM * 1000
        middle = math.cos(math.radians((self.bounds[1] + self.bounds[3]) / 2))
        return math.log2(equator * middle / 256 / metres)

    def draw(self) -> Chart:
        """The whole picture."""
        figure, axes = self._page()
        lettering = Lettering(axes, self.per_point, self.frame, self.colours["halo"])
        self._ground(axes)
        network = self._network(axes)
        long = [*self._results(axes, lettering), *self._flows(axes)]
        network += self._symbols(axes, lettering)
        self._scale_bar(axes, lettering)
        self._names(lettering)
        self._margins(figure, axes, long, network)
        return Chart(figure, self._in_words())

    # -- from the ground up ----------------------------------------------------------------

    def _page(self) -> tuple[Figure, Axes]:
        from matplotlib.figure import Figure

        left, bottom, right, top = self.frame
        figure = Figure(facecolor=self.colours["paper"])
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set(xlim=(left, right), ylim=(bottom, top), xticks=(), yticks=())
        axes.set_facecolor(self.colours["sea"])
        axes.spines[:].set_color(self.colours["boundary"])
        return figure, axes

    def _kinds(self) -> list[style.Kind]:
        used = {style.kind_of(m, g) for m, g in self._modes()}
        return [kind for kind in style.KINDS if kind.id in used and not kind.stateless]

    def _modes(self) -> Iterable[tuple[str, str]]:
        links = self.scene.links
        return zip(links["mode"], links["gauge_mm"].fillna(""), strict=True)

    def _ground(self, axes: Axes) -> None:
        from matplotlib.collections import PathCollection

        colours = self.colours
        west, south, east, north = self.bounds
        for country in outlines():
            path = _compound(country.shape, self.project, (west, south, east, north))
            if path is not None:
                fill = colours["core"] if country.core else colours["land"]
                axes.add_collection(
                    PathCollection(
                        [path], facecolor=fill, edgecolor=colours["boundary"], linewidth=0.5,
                        zorder=1,
                    ),
                    autolim=False,
                )  # fmt: skip

    @cached_property
    def _lines(self) -> list[Points]:
        import shapely

        coords, owner = shapely.get_coordinates(
            self.scene.links.geometry.to_numpy(), return_index=True
        )
        cuts = np.flatnonzero(np.diff(owner)) + 1
        return np.split(self.project(coords), cuts)

    def _network(self, axes: Axes) -> list[Entry]:
        from matplotlib.collections import LineCollection
        from matplotlib.lines import Line2D

        colours, links = self.colours, self.scene.links
        busy = bool(self.drawn) or bool(self.tables)
        kinds = np.array([style.kind_of(mode, gauge) for mode, gauge in self._modes()])
        for kind in style.KINDS:
            for state in style.STATES:
                rows = np.flatnonzero((kinds == kind.id) & links["state"].isin(state.states))
                dash = (0, state.dash) if state.dash and not kind.stateless else "solid"
                for width, colour in _strokes(kind, colours):
                    axes.add_collection(
                        LineCollection(
                            [self._lines[row] for row in rows], linewidths=width * 0.6,
                            colors=colour, linestyles=[dash], alpha=0.55 if busy else 1, zorder=2,
                        ),
                        autolim=False,
                    )  # fmt: skip
        entries: list[Entry] = [
            (tuple(Line2D([], [], color=c, linewidth=w * 0.8) for w, c in _strokes(kind, colours)),
             kind.label)
            for kind in reversed(self._kinds())
        ]  # fmt: skip
        entries += [
            (Line2D([], [], color=colours["ink"], linewidth=1.1, linestyle=(0, state.dash)),
             state.label)
            for state in style.STATES if state.dash
        ]  # fmt: skip
        return entries

    def _results(self, axes: Axes, lettering: Lettering) -> list[Entry]:
        from matplotlib.lines import Line2D

        colour = self.colours["result"]
        entries: list[Entry] = []
        for kind, table in self.tables.items():
            layer = self.results.layer(self.scene.net, kind, table)
            size = np.array([value or 0.0 for value in layer["size"]])
            share = size / size.max() if len(size) and size.max() else size
            parts, owner = parts_of(self.scene.net, kind, table)
            ends = [self.project(part) for part in parts]
            if kind == "lines":
                self._result_lines(axes, ends, share[owner])
            else:
                self._result_points(axes, lettering, ends, share[owner])
            most = f" (largest: {size.max():,.0f})" if len(size) and self.results.value else ""
            marker = {"linewidth": 4} if kind == "lines" else {"linewidth": 0, "marker": "o"}
            label = f"{clean(self.results.title)}: {kind}{most}"
            entries.append((Line2D([], [], color=colour, **marker), label))
        return entries

    def _result_lines(self, axes: Axes, lines: list[Points], share: Points) -> None:
        from matplotlib.collections import LineCollection

        width = np.maximum(1.0, _RESULT_WIDTH * share)
        order = np.argsort(-width, kind="stable")
        for extra, colour in ((1.4, self.colours["halo"]), (0.0, self.colours["result"])):
            axes.add_collection(
                LineCollection(
                    [lines[row] for row in order], linewidths=width[order] + extra, colors=colour,
                    capstyle="round", zorder=4,
                ),
                autolim=False,
            )  # fmt: skip

    def _result_points(
        self, axes: Axes, lettering: Lettering, points: list[Points], share: Points
    ) -> None:
        if not points:
            return
        at = np.vstack(points)
        area = np.maximum(12.0, _RESULT_AREA * share)
        order = np.argsort(-area, kind="stable")
        axes.scatter(
            at[order, 0], at[order, 1], s=area[order], c=self.colours["result"], alpha=0.8,
            edgecolors=self.colours["halo"], linewidths=0.8, zorder=6,
        )  # fmt: skip
        for (x, y), size in zip(at, area, strict=True):
            lettering.cover(float(x), float(y), math.sqrt(size) / 2)

    def _flows(self, axes: Axes) -> list[Entry]:
        from matplotlib.collections import LineCollection
        from matplotlib.lines import Line2D

        colours = self.colours
        found = flow_layers(self.scene, self.drawn)
        lanes = fitted([layer["steps"] for layer in found], widths(self.drawn))
        ways = [paths(self._lines, lanes, flow, self.per_point) for flow in range(len(found))]
        entries: list[Entry] = []
        for way, width in zip(ways, lanes.widths, strict=True):
            axes.add_collection(
                LineCollection(way, linewidths=width + 1, colors=colours["halo"], zorder=5),
                autolim=False,
            )
        for layer, way, width in zip(found, ways, lanes.widths, strict=True):
            dash: Any = (0, tuple(part / 3 for part in layer["dash"])) if layer["dash"] else "-"
            strokes = [(width, colours["flows"][layer["colour"]])]
            if layer["core"]:
                strokes.append((width * 0.3, colours[layer["core"]]))
            for wide, colour in strokes:
                axes.add_collection(
                    LineCollection(
                        way, linewidths=wide, linestyles=[dash], colors=colour, zorder=5,
                        joinstyle="round",
                    ),
                    autolim=False,
                )  # fmt: skip
            sample = tuple(
                Line2D([], [], linewidth=min(wide, 5), linestyle=dash, color=colour)
                for wide, colour in strokes
            )
            entries.append((sample, " · ".join(filter(None, [layer["title"], layer["detail"]]))))
        return entries

    @cached_property
    def _spots(self) -> Points:
        places = self.scene.places.geometry
        return self.project(np.column_stack([places.x, places.y]))

    def _symbols(self, axes: Axes, lettering: Lettering) -> list[Entry]:
        from matplotlib.lines import Line2D

        colours, symbol, at = self.colours, layers.symbols(self.scene), self._spots
        west, south, east, north = self.frame
        seen = (at[:, 0] > west) & (at[:, 0] < east) & (at[:, 1] > south) & (at[:, 1] < north)
        towns = seen & (layers.ranks(self.scene) == 0)
        axes.scatter(
            at[towns, 0], at[towns, 1], s=13, c=colours["halo"], edgecolors=colours["ink"],
            linewidths=1.1, zorder=8,
        )  # fmt: skip
        for x, y in at[towns]:
            lettering.cover(float(x), float(y), 2.2)
        entries: list[Entry] = []
        for name, marker in _MARKERS.items():
            rows = seen & (symbol == name).to_numpy(bool)
            if not rows.any():
                continue
            filled = name in {"crossing_closed", "port"}
            face = colours[name] if filled else colours["halo"]
            edge = colours["halo"] if filled else colours[name]
            axes.scatter(
                at[rows, 0], at[rows, 1], s=24 if filled else 17, marker=marker, c=face,
                edgecolors=edge, linewidths=0.9, zorder=7,
            )  # fmt: skip
            sample = Line2D(
                [], [], linewidth=0, marker=marker, markersize=5.5, markerfacecolor=face,
                markeredgecolor=colours[name],
            )  # fmt: skip
            entries.append((sample, style.SYMBOLS[name]))
        return entries

    def _names(self, lettering: Lettering) -> None:
        colours, places = self.colours, self.scene.places
        names = places[f"name_{self.language}"]
        names = names.where(names.notna() & (names != ""), places["name_en"])
        ranks = layers.ranks(self.scene)
        ends = {
            end
            for item in self.drawn
            for end in (item.route.place_ids[0], item.route.place_ids[-1])
        }
        first = np.where(places["place_id"].isin(ends), -1, ranks)
        written: set[str] = set()
        for row in np.lexsort([np.arange(len(first)), first]):
            rank, name = int(first[row]), clean(names.iloc[row])
            if (rank >= 0 and self.zoom < _FROM_ZOOM[rank]) or not name or name in written:
                continue
            x, y = map(float, self._spots[row])
            if not (self.frame[0] < x < self.frame[2] and self.frame[1] < y < self.frame[3]):
                continue
            bold = {"size": 7.5, "weight": "bold"} if rank <= 0 else {"size": 6.5}
            if lettering.beside(name, x, y, color=colours["ink"], **bold):
                written.add(name)
        self._area_names(lettering)

    def _area_names(self, lettering: Lettering) -> None:
        import shapely

        window = shapely.box(*self.bounds)
        for country in outlines():
            part = shapely.intersection(country.shape, window)
            if shapely.area(part) < 0.2:  # noqa: PLR2004  (square degrees; too small for a name)
                continue
            spot = shapely.get_coordinates(shapely.maximum_inscribed_circle(part))[:1]
            x, y = map(float, self.project(spot)[0])
            name = country.names.get(self.language, country.names["en"])
            look = {"size": 7.5, "color": self.colours["soft"], "alpha": 0.8}
            step = 10 * self.per_point
            any(
                lettering.centred(name, x, y + shift * step, style="italic", **look)
                for shift in (0, 1, -1, 2, -2, 3, -3)
            )

    def _scale_bar(self, axes: Axes, lettering: Lettering) -> None:
        left, bottom, right, top = self.frame
        room = (right - left) / 5
        power = 10 ** math.floor(math.log10(room))
        length = next(power * step for step in (5, 2, 1) if power * step <= room)
        x, y = left + (right - left) * 0.02, bottom + (top - bottom) * 0.025
        tall = 3 * self.per_point
        ink = self.colours["ink"]
        axes.plot(
            [x, x, x + length, x + length], [y + tall, y, y, y + tall], color=ink, linewidth=1.2,
            zorder=9, scalex=False, scaley=False,
        )  # fmt: skip
        axes.text(
            x + length / 2, y + tall, f"{length:g} km", size=7, color=ink, ha="center",
            va="bottom", zorder=9, parse_math=False,
        )  # fmt: skip
        lettering.taken.append((x, bottom, x + length, y + 14 * self.per_point))

    def _margins(self, figure: Figure, axes: Axes, long: list[Entry], network: list[Entry]) -> None:
        """Title above, legends and source below, as much paper as they need."""
        left, bottom, right, top = self.frame
        map_in = self.width_in * (top - bottom) / (right - left)
        rows = math.ceil(len(network) / _COLUMNS)
        legend_in = _ROW_IN * (len(long) + rows) + (_PAD_IN * 2 if long else _PAD_IN)
        total = _TITLE_IN + map_in + legend_in + _SOURCE_IN
        figure.set_size_inches(self.width_in, total)
        low = (legend_in + _SOURCE_IN) / total
        axes.set_position((0.0, low, 1.0, map_in / total))
        self._legend(figure, long, 1, low)
        below = (_ROW_IN * len(long) + _PAD_IN) / total if long else 0.0
        self._legend(figure, network, _COLUMNS, low - below)
        source = f"Network on {self.scene.net.as_of} · {ATTRIBUTION}"
        if any(item.flow and item.flow.stated_tonnes for item in self.drawn):
            source = f"Width of flows: square root of tonnes · {source}"
        ink, soft = self.colours["ink"], self.colours["soft"]
        for text, y, colour, size, weight in (
            (clean(self.title), 1 - _TITLE_IN / 2 / total, ink, 12, "bold"),
            (source, _SOURCE_IN / 2 / total, soft, 6.5, "normal"),
        ):
            figure.text(
                0.01, y, text, size=size, weight=weight, color=colour, va="center",
                parse_math=False,
            )  # fmt: skip

    def _legend(self, figure: Figure, entries: list[Entry], columns: int, top: float) -> None:
        if not entries:
            return
        legend = figure.legend(
            [handle for handle, _ in entries], [label for _, label in entries],
            loc="upper left", ncols=columns, frameon=False, fontsize=7,
            bbox_to_anchor=(0.0, top), labelcolor=self.colours["ink"], handlelength=2.8,
            columnspacing=1.6, labelspacing=0.45, borderaxespad=0.4,
        )  # fmt: skip
        for text in legend.get_texts():
            text.set_parse_math(False)

    def _in_words(self) -> str:
        parts = [f"Map: {clean(self.title)}. Network on {self.scene.net.as_of}"]
        if self.drawn:
            parts.append(f"with {'; '.join(item.title for item in self.drawn)}")
        if self.tables:
            parts.append(f"sized by {clean(self.results.title)}")
        return ", ".join(parts) + "."


def _strokes(kind: style.Kind, colours: dict[str, Any]) -> list[tuple[float, str]]:
    """Widths and colours that lie on top of each other."""
    outer = [(kind.width, colours[kind.colour])]
    return outer + ([(kind.width * kind.core, colours["core"])] if kind.core else [])


def _compound(shape: Any, project: Any, bounds: tuple[float, float, float, float]) -> Any:
    """Polygons as one path, holes included; None outside the map."""
    import shapely
    from matplotlib.path import Path as Outline

    west, south, east, north = bounds
    # A little more than the map, so that the cut edges lie outside.
    part = shapely.clip_by_rect(shape, west - 1, south - 1, east + 1, north + 1)
    if shapely.is_empty(part):
        return None
    rings = shapely.get_rings(shapely.get_parts(part))
    outlines_ = [Outline(project(shapely.get_coordinates(ring)), closed=True) for ring in rings]
    return Outline.make_compound_path(*outlines_)


def checked_bounds(bounds: object) -> tuple[float, float, float, float]:
    """West, south, east and north as numbers that span an area of the world.

    Raises
    ------
    ArgumentError
        If they do not.
    """
    try:
        west, south, east, north = (float(value) for value in bounds)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        msg = f"bounds={bounds!r}: give west, south, east, north in degrees"
        raise ArgumentError(msg) from None
    limit = 85.0
    if not (-180 <= west < east <= 180 and -limit <= south < north <= limit):  # noqa: PLR2004
        msg = f"bounds={bounds!r}: west < east within ±180 and south < north within ±85 degrees"
        raise ArgumentError(msg)
    return west, south, east, north
