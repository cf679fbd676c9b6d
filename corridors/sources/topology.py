"""From OSM arrays to a network: the one entrance for extracts and Overpass alike."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corridors.network import Network
    from corridors.sources.osm import RawOsm


def network_from_raw(
    raw: RawOsm,
    *,
    as_of: str | dt.date | None = None,
    snap_m: float = 25.0,
    progress: bool = False,
) -> Network:
    """Build a network from what a reader found.

    Parameters
    ----------
    raw : RawOsm
        From :class:`corridors.sources.osm.RawBuilder`.
    as_of : str or date, optional
        The day whose states hold; today if not given.
    snap_m : float
        Ends of track that miss each other by no more than this, in metres, and point at each
        other, are joined by a marked link.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Network
        With ``build_report``.
    """
    raise NotImplementedError(f"{raw, as_of, snap_m, progress}")
