"""Charts of the house: matplotlib figures without pyplot, its windows or its global settings."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from corridors.errors import ArgumentError
from corridors.files import replacing_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#332288", "#882255")
"""Told apart by people with any colour vision (Okabe and Ito 2008; Paul Tol)."""
INK, GRID = "#22303c", "#d9dee2"
FORMATS = ("png", "svg", "pdf")


@dataclass(frozen=True)
class Chart:
    """A drawing that shows itself in a notebook and saves itself as PNG, SVG or PDF.

    Parameters
    ----------
    figure : matplotlib Figure
    alt : str
        What the picture shows, in a sentence, for those who cannot see it.
    """

    figure: Figure
    alt: str

    def save(self, path: str | Path, *, dpi: float = 200) -> Path:
        """Write the picture, whole or not at all; the suffix names the format.

        Parameters
        ----------
        path : path
            Ends in ``.png``, ``.svg`` or ``.pdf``.
        dpi : float
            Dots an inch, of a PNG.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        ArgumentError
            If the suffix is none of ``.png``, ``.svg``, ``.pdf``.
        """
        target = Path(path)
        kind = target.suffix.lower().removeprefix(".")
        if kind not in FORMATS:
            raise ArgumentError(f"path={str(path)!r}: end it in .png, .svg or .pdf")
        with replacing_file(target) as temporary:
            temporary.write_bytes(self._bytes(kind, dpi))
        return target

    def svg(self) -> str:
        """The picture as SVG, to stand in a page; the same input gives the same text."""
        text = self._bytes("svg", 100).decode("utf-8")
        return text[text.index("<svg") :]

    def _bytes(self, kind: str, dpi: float) -> bytes:
        import matplotlib as mpl

        # No dates and no random ids, so that equal figures give equal files.
        dated = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
        buffer = BytesIO()
        with mpl.rc_context({"svg.hashsalt": "corridors", "svg.fonttype": "path"}):
            self.figure.savefig(buffer, format=kind, dpi=dpi, metadata=dated[kind])
        return buffer.getvalue()

    def _repr_png_(self) -> bytes:
        return self._bytes("png", 110)


def axes(title: str, *, width_in: float = 8.0, height_in: float = 4.5) -> tuple[Figure, Axes]:
    """An empty figure in the style of the house: no box, quiet grid, title at the left."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    axis = figure.add_subplot()
    # Names from data may hold dollar signs, which are no formula.
    axis.set_title(title, loc="left", fontsize=12, fontweight="bold", color=INK, parse_math=False)
    axis.spines[["top", "right"]].set_visible(False)
    axis.spines[["left", "bottom"]].set_color(GRID)
    axis.tick_params(colors=INK, labelsize=9)
    axis.grid(visible=True, color=GRID, linewidth=0.7)
    axis.set_axisbelow(True)
    return figure, axis
