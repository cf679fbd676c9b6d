"""Links and crossings as rows that people read, and rows as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.analysis.crossings import crossings, links_at

if TYPE_CHECKING:
    import geopandas as gpd

    from corridors.network import Network
    from corridors.routing.graph import IntArray


def links_table(net: Network, rows: IntArray) -> gpd.GeoDataFrame:
    """Some links, one a row, in the order given.

    Returns
    -------
    GeoDataFrame
        ``link_id``, ``line_id``, ``line``, ``mode``, ``country``, ``from_place``, ``to_place``,
        ``from``, ``to`` (names), ``length_km``, ``capacity_t_per_year``, ``capacity_source``,
        ``state`` and ``state_source`` on the network's day, ``geometry``.
    """
    table = net.links.iloc[rows].reset_index(drop=True)
    names = dict(zip(net.graph.index, net.place_names, strict=True))
    table["line"] = table["line_name"]
    for end in ("from", "to"):
        table[end] = table[f"{end}_place"].map(names)
    columns = [
        "link_id", "line_id", "line", "mode", "country", "from_place", "to_place", "from", "to",
        "length_km", "capacity_t_per_year", "capacity_source", "state", "state_source", "geometry",
    ]  # fmt: skip
    return table[columns]


def crossings_table(net: Network, nodes: IntArray, *, whole: bool = False) -> gpd.GeoDataFrame:
    """Places of some crossings, one a row, in the order given.

    Parameters
    ----------
    net : Network
    nodes : ndarray of int
    whole : bool
        Each stands for its crossing, with the other places of tracks side by side.

    Returns
    -------
    GeoDataFrame
        ``place_id``, ``name``, ``mode``, ``countries`` (codes, a port has one), ``links`` (ids of
        all links that end there), ``state`` on the network's day, ``geometry``.
    """
    table = net.place_table.iloc[nodes].reset_index(drop=True)
    table["name"] = table["name_en"]
    table["countries"] = [
        " ".join(sorted(net.borders.get(place, {country})))
        for place, country in zip(table["place_id"], table["country"], strict=True)
    ]
    ids = net.link_table["link_id"].to_numpy(object)
    groups = crossings(net) if whole else {}
    places = [groups.get(place, (place,)) for place in table["place_id"]]
    table["links"] = pd.Series([" ".join(ids[links_at(net, at)]) for at in places], dtype=object)
    table["state"] = [net.closed_places.get(place, "open") for place in table["place_id"]]
    return table[["place_id", "name", "mode", "countries", "links", "state", "geometry"]]


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table for JSON: no geometry, nothing infinite or missing."""
    plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore")).astype(object)
    missing = plain.isna() | plain.isin([np.inf])
    found: list[dict[str, Any]] = plain.where(~missing, None).to_dict("records")  # type: ignore[assignment]
    return found
