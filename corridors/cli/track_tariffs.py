"""Lengths along OpenStreetMap tracks against the official tariff distances, with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.report import tariff_rows, tariff_weights
from corridors.sources.conflate import PLANNED, lay, match_links
from corridors.sources.track_search import TrackSearch
from corridors.sources.tracks import mercator

if TYPE_CHECKING:
    import pathlib

    from corridors.network import Network
    from corridors.routing.graph import Path
    from corridors.sources.conflate import Laid
    from corridors.sources.track_search import TrackPath

BY_NAME = frozenset({"code", "name", "similar name"})
"""Ways of matching a place that rest on more than where it lies."""
LARGE_SHARE = 0.04
"""Misses larger than this share of the official distance want a reason."""
FOREIGN_COST = 5.0
"""What a kilometre abroad counts for in the search: a tariff runs along its own railway."""
PASSED_KM = 0.6
"""A way passes a place if it comes this near to where the place stands on the track, km."""
ROUNDING_KM = 2.0
"""What whole kilometres and the middles of two stations can make up, km."""
LEAST_KM = 0.5
"""Links that differ by less explain nothing, km."""
_GAP_KM = 0.05


def track_tariff_table(
    reference: Network, osm: Network, *, data: str | pathlib.Path | None = None
) -> pd.DataFrame:
    """Shortest ways along OpenStreetMap tracks beside the official tariff distances.

    Of the reference only names, codes and positions are used: both ends are matched to the map
    (:func:`corridors.sources.match_places.match_places`) and the shortest way that a train can
    take between them is measured on the tracks. A tariff distance runs along the lines of its own
    railway, so a kilometre abroad counts for more in the search.

    Parameters
    ----------
    reference, osm : Network
    data : path, optional
        Folder with ``tariff_distances``; the embedded one if not given.

    Returns
    -------
    DataFrame
        One row a tariff distance both of whose ends are tied to the tracks: ``station_code``,
        ``station``, ``place_id``, ``reference``, ``reference_place``, ``official_km``, ``osm_km``
        (NaN: no way), ``gap_km`` (of it as the crow flies over loose ends), ``planned_km``,
        ``error`` (share of the official distance), ``by_name`` (both ends matched by code or
        name), ``station_how``, ``reference_how``, ``source``, ``reason`` (of a
        miss of more than 4 %, or of no way).
    """
    table = tariff_rows(reference, data=data)
    laid = lay(reference, osm)
    ends = laid.places.set_index("place_id")
    tied = ends.index[ends["track_km"].notna()]
    for column, how in (("place_id", "station_how"), ("reference_place", "reference_how")):
        table = table[table[column].isin(tied)]
        table[how] = table[column].map(ends["how"])
    table = table.reset_index(drop=True)
    table["by_name"] = table[["station_how", "reference_how"]].isin(BY_NAME).all(axis=1)
    paths = _paths(laid, table)
    table = pd.concat([table, _lengths(laid, paths)], axis=1)
    table["error"] = (table["osm_km"] / table["official_km"].replace(0.0, np.nan) - 1).round(5)
    explain = _Reasons(reference, laid)
    table["reason"] = [
        explain(row, path) for row, path in zip(table.to_dict("records"), paths, strict=True)
    ]
    return table[
        [
            "station_code", "station", "place_id", "reference", "reference_place", "official_km",
            "osm_km", "gap_km", "planned_km", "error", "by_name", "station_how", "reference_how",
            "source", "reason",
        ]
    ]  # fmt: skip


def _paths(laid: Laid, table: pd.DataFrame) -> list[TrackPath | None]:
    """Shortest way of each row, sought from its reference point: few starts, many ends."""
    pieces = laid.tracks.pieces
    paths: dict[int, TrackPath | None] = {}
    for railway, rows in table.groupby("railway", sort=True):
        abroad = ~pieces["country"].isin([railway, ""]).to_numpy()
        search = TrackSearch(laid.tracks, np.where(abroad, FOREIGN_COST, 1.0) * laid.tracks.costs())
        ordered = rows.sort_values("reference_place", kind="stable")
        ends = zip(ordered["reference_place"], ordered["place_id"], strict=True)
        for row, (start, end) in zip(ordered.index.tolist(), ends, strict=True):
            paths[row] = search.path(laid.row_of[start], laid.row_of[end])
    return [paths[row] for row in range(len(table))]


def _lengths(laid: Laid, paths: list[TrackPath | None]) -> pd.DataFrame:
    """Kilometres by track of each way, the gaps and the planned track among them."""
    pieces = laid.tracks.pieces
    km = pieces["km"].to_numpy(float)
    gap = (pieces["link"] < 0).to_numpy(bool)
    planned = pieces["state"].isin(PLANNED).to_numpy(bool)
    rows = [
        [np.nan] * 3
        if path is None
        else [float(km[path.pieces][which[path.pieces]].sum()) for which in (km >= 0, gap, planned)]
        for path in paths
    ]
    return pd.DataFrame(rows, columns=["osm_km", "gap_km", "planned_km"]).round(3)


# -- reasons -----------------------------------------------------------------------------------


class _Reasons:
    """Says why a row has no way or misses by much."""

    def __init__(self, reference: Network, laid: Laid) -> None:
        self._reference, self._laid = reference, laid
        self._at = laid.places.set_index("place_id")[["lon", "lat"]]

    def __call__(self, row: Mapping[Any, Any], path: TrackPath | None) -> str:
        """Reason of one row; empty where none is wanted."""
        note = row["note"] if isinstance(row["note"], str) else ""
        if path is None:
            return note or "the tracks on the map do not lead there"
        if not abs(row["error"]) > LARGE_SHARE:
            return ""
        way = self._official_way(row)
        reasons = [note] if note else []
        reasons += self._passed_by(way, path) if way else []
        if row["gap_km"] > _GAP_KM:
            reasons.append(f"{row['gap_km']:.1f} km lead over gaps between loose ends")
        difference = row["osm_km"] - row["official_km"]
        if not reasons and way:
            reasons += self._links_that_differ(way, difference)
        if not reasons and abs(difference) <= ROUNDING_KM:
            reasons.append(f"within {ROUNDING_KM:g} km: whole kilometres, middles of stations")
        loose = [
            str(row[end])
            for end, how in (("station", "station_how"), ("reference", "reference_how"))
            if row[how] in {"position", "track"}
        ]
        if not reasons:
            turns = f", turns back {path.reversals} times" if path.reversals else ""
            reasons.append(f"spread over the whole way, no single cause{turns}")
        if loose:
            reasons.append(f"the map does not name {' or '.join(loose)}: placed by position")
        return "; ".join(reasons)

    def _official_way(self, row: Mapping[Any, Any]) -> Path | None:
        """The way that the table counts by, on the reference network."""
        net = self._reference
        weights = tariff_weights(net, row["railway"], row["reference_place"], row["not_by"])
        start, end = (net.graph.nodes([row[name]]) for name in ("reference_place", "place_id"))
        return net.graph.shortest_path(start, end, weights)

    def _passed_by(self, way: Path, path: TrackPath) -> list[str]:
        """Where the map's way leaves the one that the table counts by."""
        import shapely

        stops = self._reference.place_table["place_id"].to_numpy(object)[way.nodes]
        at = self._at.reindex(stops).to_numpy(float)
        track = shapely.linestrings(mercator(self._laid.tracks.geometry(path)))
        reach = PASSED_KM * 1000 / np.cos(np.radians(at[:, 1]))
        passed = shapely.distance(shapely.points(mercator(at)), track) <= reach
        passed[[0, -1]] = True
        found = []
        for missed, group in groupby(range(len(stops)), key=lambda number: not passed[number]):
            run = list(group)
            if missed:
                names = [self._reference.label(str(stops[number])) for number in run]
                before, after = (
                    self._reference.label(str(stops[n])) for n in (run[0] - 1, run[-1] + 1)
                )
                more = f" and {len(names) - 1} more" if len(names) > 1 else ""
                found.append(
                    f"the table counts by {names[len(names) // 2]}{more}, "
                    f"the map's way between {before} and {after} does not"
                )
        return found

    def _links_that_differ(self, way: Path, difference: float) -> list[str]:
        """Links of the official way that make up most of a difference, largest first."""
        links = self._reference.link_table.iloc[way.links]
        apart = (links["link_id"].map(self._link_km) - links["length_km"]).fillna(0.0)
        apart = apart[(apart * np.sign(difference) >= LEAST_KM)]
        largest = apart.sort_values(key=np.abs, ascending=False, kind="stable")[:2]
        return [
            f"{self._reference.label(str(links['link_id'].loc[row]))}: "
            f"{links['length_km'].loc[row]:g} km published, {km:+.1f} on the map"
            for row, km in largest.items()
        ]

    @cached_property
    def _link_km(self) -> dict[str, float]:
        """Length by track of every rail link that has a way."""
        links = self._reference.link_table
        rows = np.flatnonzero(self._reference.link_modes == "rail")
        km = self._laid.tracks.pieces["km"].to_numpy(float)
        matches = zip(
            links["link_id"].to_numpy(object)[rows],
            match_links(self._laid, links, rows),
            strict=True,
        )
        return {link: float(km[m.path.pieces].sum()) for link, m in matches if m.path is not None}
