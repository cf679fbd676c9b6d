"""Flows beside each other on one line: how wide each is, and where its lane runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from corridors.maps import style

if TYPE_CHECKING:
    import numpy.typing as npt

    from corridors.maps.routes import Drawn

    Points = npt.NDArray[np.float64]

GAP = 0.6
"""Between two lanes, in the units of widths."""
LEAST, MOST = 1.4, 7.0
"""Width of the smallest and the largest flow, points."""
BUNDLE = 20.0
"""Room of the widest bundle of lanes, points: more would bury the country below."""


def widths(drawn: Sequence[Drawn]) -> list[float]:
    """Widths in points: by the square root of tonnes, relative to the largest flow drawn.

    A flow whose tonnes are not published, and a plain route, have the width of the style.
    """
    tonnes = [item.flow.stated_tonnes if item.flow else None for item in drawn]
    largest = max((t for t in tonnes if t), default=0.0)
    return [
        max(LEAST, MOST * math.sqrt(t / largest)) if t and largest else style.FLOW_WIDTH
        for t in tonnes
    ]


def fitted(steps: Sequence[Sequence[int]], wide: Sequence[float]) -> Lanes:
    """Lanes whose widest bundle keeps its bounds, all narrowed alike."""
    lanes = Lanes(steps, wide)
    rooms = [sum(wide[flow] + GAP for flow in flows) for _, flows in lanes.shared.values()]
    shrink = min(1.0, BUNDLE / max(rooms, default=BUNDLE))
    return Lanes(steps, [max(LEAST / 2, width * shrink) for width in wide])


@dataclass(frozen=True)
class Lanes:
    """Which flows run on each link.

    Parameters
    ----------
    steps : sequence of sequence of int
        Links of each flow: row + 1, negative against the link's direction.
    widths : sequence of float
        Of each flow.
    """

    steps: Sequence[Sequence[int]]
    widths: Sequence[float]

    def offsets(self, flow: int) -> list[float]:
        """How far right of the middle a flow runs on each of its steps."""
        return [self._offset(flow, step, self.shared[abs(step)]) for step in self.steps[flow]]

    @cached_property
    def shared(self) -> dict[int, tuple[bool, list[int]]]:
        """Link to whether its lanes are counted along it, and the flows on it."""
        # The first flow on a link says which way its lanes are counted: a trunk that many flows
        # share then has no lane that swaps sides.
        shared: dict[int, tuple[bool, list[int]]] = {}
        for flow, steps in enumerate(self.steps):
            for step in steps:
                flows = shared.setdefault(abs(step), (step > 0, []))[1]
                if flow not in flows:
                    flows.append(flow)
        return shared

    def _offset(self, flow: int, step: int, lane: tuple[bool, list[int]]) -> float:
        ahead, flows = lane
        room = [self.widths[other] + GAP for other in flows]
        place = flows.index(flow)
        offset = sum(room[:place]) + room[place] / 2 - sum(room) / 2
        return offset if (step > 0) == ahead else -offset


def paths(lines: Sequence[Points], lanes: Lanes, flow: int, unit: float) -> list[Points]:
    """The way of a flow as polylines, moved into its lane.

    Parameters
    ----------
    lines : sequence of ndarray, shape (n, 2)
        Projected vertices of every link.
    lanes : Lanes
    flow : int
        Which of them.
    unit : float
        Length on the map of one unit of width.
    """
    import shapely

    steps = zip(lanes.steps[flow], lanes.offsets(flow), strict=True)
    found = []
    for offset, stretch in groupby(steps, key=lambda pair: round(pair[1], 6)):
        points = np.vstack([lines[abs(s) - 1][:: 1 if s > 0 else -1] for s, _ in stretch])
        moved = shapely.LineString(points)
        if offset and moved.length > 0:
            # shapely counts to the left.
            moved = shapely.offset_curve(moved, -offset * unit, join_style="mitre", mitre_limit=2)
        found += [shapely.get_coordinates(part) for part in shapely.get_parts(moved)]
    return [path for path in found if len(path) > 1]
