"""Chokepoints on a map, as big as what they strand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridors.maps import result_map

if TYPE_CHECKING:
    from corridors.analysis.chokepoints import Chokepoints
    from corridors.maps.corridor_map import CorridorMap

_FACTS = {
    "country": "Countries",
    "flows": "Flows through it",
    "tonnes": "Tonnes through it",
    "stranded_t": "Stranded, t",
    "diverted_t": "Diverted, t",
    "extra_km_per_t": "Detour, km more",
    "extra_hours_per_t": "Detour, h more",
    "extra_usd_per_t": "Detour, USD/t more",
    "detour": "Way round",
    "detour_spare_t_per_year": "Spare capacity there, t a year",
    "min_cut_flows": "In a smallest cut of",
}


def chokepoint_map(
    found: Chokepoints,
    *,
    value: str = "stranded_t",
    title: str | None = None,
    online_tiles: bool = False,
) -> CorridorMap:
    """Draw chokepoints on the network of their day.

    Parameters
    ----------
    found : Chokepoints
    value : str
        Column that sizes them; see :data:`.COLUMNS`.
    title : str, optional
        Heading of the page.
    online_tiles : bool
        See :func:`corridors.maps.network_map`.

    Returns
    -------
    CorridorMap

    Raises
    ------
    ArgumentError
        If there is no such column, if it holds no numbers from 0 up, or if there is nothing to
        draw.
    """
    from corridors.analysis.chokepoints import COLUMNS

    points = found.by in {"crossing", "place"}
    unit = COLUMNS[value][0] if value in COLUMNS else ""
    return result_map(
        found.net,
        lines=None if points else found.table,
        points=found.table if points else None,
        value=value,
        label="name",
        facts=_FACTS,
        size=f"{value.removesuffix('_t').replace('_', ' ').capitalize()}, {unit}",
        title=title or f"What the loss of one {found.by} strands, {found.net.as_of}",
        online_tiles=online_tiles,
    )
