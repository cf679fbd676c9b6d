"""Names on a printed map: placed greedily by importance, none on top of another."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Box = tuple[float, float, float, float]
_GAP = 4.5
"""Between a point and its name, in points of print."""


@lru_cache(maxsize=4096)
def _extent(text: str, size: float, weight: str, style: str) -> tuple[float, float]:
    """Width and height of a text in points, as matplotlib sets it."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(size=size, weight=weight, style=style)  # type: ignore[arg-type]
    width, height, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width), max(float(height), size)


@dataclass
class Lettering:
    """The names of one map, and the room they and its symbols take.

    Parameters
    ----------
    axes : matplotlib Axes
    per_point : float
        Length on the map of one point of print.
    frame : tuple of float
        Left, bottom, right, top of the map.
    halo : str
        Colour behind the letters.
    """

    axes: Axes
    per_point: float
    frame: Box
    halo: str
    taken: list[Box] = field(default_factory=list)

    def cover(self, x: float, y: float, points: float) -> None:
        """Keep the room of a symbol of this radius free of names."""
        reach = points * self.per_point
        self.taken.append((x - reach, y - reach, x + reach, y + reach))

    def beside(self, text: str, x: float, y: float, **font: Any) -> bool:
        """Set a name at one of eight places round a point; False if none is free."""
        width, height = self._size(text, font)
        gap, slant = _GAP * self.per_point, 2.5 * self.per_point
        corners = [
            (x + gap, y - height / 2), (x - gap - width, y - height / 2),
            (x + slant, y + slant), (x + slant, y - slant - height),
            (x - slant - width, y + slant), (x - slant - width, y - slant - height),
            (x - width / 2, y + gap), (x - width / 2, y - gap - height),
        ]  # fmt: skip
        return any(self._set(text, left, low, width, height, font) for left, low in corners)

    def centred(self, text: str, x: float, y: float, **font: Any) -> bool:
        """Set a name on a point; False if the room is taken."""
        width, height = self._size(text, font)
        return self._set(text, x - width / 2, y - height / 2, width, height, font)

    def _size(self, text: str, font: dict[str, Any]) -> tuple[float, float]:
        width, height = _extent(
            text, font["size"], font.get("weight", "normal"), font.get("style", "normal")
        )
        return width * self.per_point, height * self.per_point

    def _set(
        self, text: str, left: float, low: float, width: float, height: float, font: dict[str, Any]
    ) -> bool:
        from matplotlib.patheffects import withStroke

        box = (left, low, left + width, low + height)
        west, south, east, north = self.frame
        inside = box[0] > west and box[1] > south and box[2] < east and box[3] < north
        if not inside or any(_overlap(box, other) for other in self.taken):
            return False
        self.taken.append(box)
        label = self.axes.text(
            left, low + height / 2, text, va="center", ha="left", zorder=9, parse_math=False, **font
        )
        label.set_path_effects([withStroke(linewidth=2, foreground=self.halo)])
        return True


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]
