"""What every map function returns: shows itself in a notebook, saves itself as one file."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from corridors.files import write_text

if TYPE_CHECKING:
    import folium


class CorridorMap:
    """A map as one self-contained page: no request leaves it.

    Parameters
    ----------
    folium_map : folium.Map
        The map, its page already built round it.
    title : str
        Heading of the page.
    height_px : int
        Height when shown in a notebook.
    """

    def __init__(self, folium_map: folium.Map, *, title: str, height_px: int = 640) -> None:
        self.folium = folium_map
        """The folium map; what is added to it must not need scripts from elsewhere."""
        self.title = title
        self.height_px = height_px

    def html(self) -> str:
        """The whole page as text; the same input gives the same bytes."""
        text: str = self.folium.get_root().render()
        return text

    def save(self, path: str | Path) -> Path:
        """Write the page to a file, whole or not at all.

        Parameters
        ----------
        path : path
            Missing folders are made.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        OutputError
            If it cannot be written; what was there before is untouched.
        """
        return write_text(path, self.html())

    def _repr_html_(self) -> str:
        # The frame is sandboxed without allow-same-origin: the page cannot reach the notebook.
        return (
            f'<iframe title="{escape(self.title)}" srcdoc="{escape(self.html())}" '
            'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox" '
            f'style="width:100%;height:{self.height_px}px;border:1px solid #c9c4b8">'
            "</iframe>"
        )

    def __repr__(self) -> str:
        return f"<CorridorMap {self.title!r}>"
