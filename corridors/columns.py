"""Tables of a network and their columns without copies, for the layers below."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    import geopandas as gpd

    from corridors.network import Tables


class Columns:
    """What :class:`~corridors.network.Network` hands out as it is; not to be written to."""

    _tables: Tables
    _links: gpd.GeoDataFrame

    @property
    def tables(self) -> Tables:
        """Everything the network consists of, all years."""
        return self._tables

    @property
    def link_table(self) -> gpd.GeoDataFrame:
        """Links without their state."""
        return self._links

    @property
    def place_table(self) -> gpd.GeoDataFrame:
        """Places without a copy."""
        return self._tables.places

    @property
    def station_code_table(self) -> pd.DataFrame:
        """Official station codes and the places that bear them."""
        return self._tables.station_codes

    @cached_property
    def graph_lengths(self) -> npt.NDArray[np.float64]:
        """Published length of every link, km."""
        return self._links["length_km"].to_numpy(float)

    @cached_property
    def place_countries(self) -> npt.NDArray[np.object_]:
        """Country of every place; of a border point the first of its two."""
        return self._tables.places["country"].to_numpy(object)

    @cached_property
    def place_names(self) -> npt.NDArray[np.object_]:
        """English name of every place."""
        return self._tables.places["name_en"].to_numpy(object)

    @cached_property
    def link_modes(self) -> npt.NDArray[np.object_]:
        """Mode of every link."""
        return self._links["mode"].to_numpy(object)


def own_km(links: pd.DataFrame, by: object = None) -> pd.Series[float]:
    """What each link adds to a sum of kilometres.

    A track of several gauges may be one link for each of them (``link_kind`` "same_track"): it
    lies there once, so of those among ``links`` only the first counts.

    Parameters
    ----------
    links : DataFrame
        Links of one network.
    by : array, optional
        What each link is summed with, if they are summed in groups.

    Returns
    -------
    Series of float
        ``length_km``, or 0.
    """
    km: pd.Series[float] = links["length_km"]
    if "link_kind" not in links or not (links["link_kind"] == "same_track").any():
        return km
    track = pd.DataFrame({"ways": links["way_ids"], "line": links["geometry"].to_wkb(), "by": by})
    return km.where(~track.duplicated() | ~links["link_kind"].isin(["track", "same_track"]), 0.0)
