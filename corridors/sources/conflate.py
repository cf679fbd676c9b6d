"""Lay a reference network on the tracks of OpenStreetMap: its lengths stay, geometry is gained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.errors import ArgumentError
from corridors.geodesy import line_lengths_km
from corridors.network import Network
from corridors.sources.match_places import match_places
from corridors.sources.track_search import TrackPath, TrackSearch
from corridors.sources.tracks import CHEAP_GAP_START_KM, Tracks

if TYPE_CHECKING:
    import geopandas as gpd

SUSPECT_SHARE = 0.03
"""Lengths that differ by more than this share are suspect."""
ROUNDING_KM = 1.0
"""What rounding both chainages to whole kilometres can make up of a difference, km."""
TRACK_REACH_KM = {"surveyed": 1.0, "approximate": 3.0, "interpolated": 5.0}
"""How far the nearest track may lie from a place that OpenStreetMap does not name, km."""
STATION_REACH_KM = 1.0
"""How far the nearest track may lie from a station of OpenStreetMap, km."""
LONGEST, SHORTEST, SLACK_KM = 1.35, 0.7, 2.0
"""A path longer or shorter than these shares of the published length (and more than the slack
off) leads another way: the link is missing."""
DETOUR, DETOUR_KM = 3.0, 25.0
"""A way is sought up to this many times the published length, and this much more, km."""
NEGLIGIBLE_KM = 0.05
PLANNED = frozenset({"under_construction", "planned"})
LIFTED = frozenset({"destroyed", "gap"})
OSM_SOURCE = "osm"

_REPORT_COLUMNS = [
    "link_id", "line_id", "from_place", "to_place", "country", "status", "length_km",
    "osm_length_km", "matched_km", "planned_km", "missing_km", "shared_km", "ratio", "suspect",
    "within_rounding", "from_how", "to_how", "reason",
]  # fmt: skip


def conflate(reference: Network, osm: Network) -> Network:
    """Match every rail link of a reference network to a path of OpenStreetMap links.

    Places are matched by station code, name (any language) and position
    (``corridors.sources.match_places``) and tied to the tracks that pass them;
    for each rail link the cheapest path between its places is sought. Open track is preferred to
    track under construction, and any track to a gap between loose ends, which is counted as
    missing. A path whose length has nothing to do with the published one is no match.

    Parameters
    ----------
    reference : Network
        Such as :func:`corridors.load` gives.
    osm : Network
        Such as :func:`corridors.from_pbf` gives; only its rail links are looked at.

    Returns
    -------
    Network
        The reference network with its published ``length_km``. Links gain ``osm_length_km``
        (along the track, gaps as the crow flies; NaN: no match), ``osm_status`` ("matched",
        "planned", "partly", "missing"; empty: no rail) and ``geometry_source`` ("osm" or
        "reference"); places gain ``osm_place_id`` and ``osm_how`` and move onto the track.
        :attr:`Network.match_report` has one row a rail link; ``reports`` of the tables also
        hold ``match_places`` and ``match_parts`` (the OpenStreetMap links of every link).

    Raises
    ------
    ArgumentError
        If one of the two is no network or has no rail links.

    Notes
    -----
    Paths make no turn at a switch that a train cannot make, and turn back in stations only
    (``corridors.sources.track_search``).

    Examples
    --------
    The other is usually built from an extract; here the reference stands for it.

    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> report = co.conflate(net, net).match_report.set_index("link_id")
    >>> report.loc["absheron--lokbatan", ["length_km", "osm_length_km"]].astype(float).tolist()
    [4.56, 4.55]
    """
    for name, net in (("reference", reference), ("osm", osm)):
        if not isinstance(net, Network):
            raise ArgumentError(f"{name}={net!r} is no Network; give what load or from_pbf gave")
        if not (net.link_modes == "rail").any():
            raise ArgumentError(f"{name} has no rail links; nothing can be matched")
    laid = lay(reference, osm)
    links = reference.link_table
    rows = np.flatnonzero(reference.link_modes == "rail")
    matches = match_links(laid, links, rows)
    report, parts = _report(laid, links, rows, matches)
    tables = reference._tables  # noqa: SLF001  (kept as they are, but for two)
    return Network(
        replace(
            tables,
            places=_moved_places(laid, reference.place_table),
            links=_drawn_links(laid, links, rows, matches, report),
            sources=_sources(reference, osm),
            reports={
                **tables.reports,
                "match": report,
                "match_places": laid.places,
                "match_parts": parts,
            },
        ),
        as_of=reference.as_of,
        scenarios=reference.scenarios,
    )


@dataclass(frozen=True)
class Laid:
    """A reference network's places tied to the tracks of another network.

    Parameters
    ----------
    osm : Network
    places : DataFrame
        :func:`match_places` with ``lon``, ``lat`` (of the nearest track, where one is in reach)
        and ``track_km`` (how far it lies from the place as mapped); ``how`` may be "track".
    tracks : Tracks
        Its points are the rows of ``places``.
    row_of : dict of str to int
        Place id to row of ``places``.
    """

    osm: Network
    places: pd.DataFrame
    tracks: Tracks
    row_of: dict[str, int]


def lay(reference: Network, osm: Network) -> Laid:
    """Match the rail places of a reference network and tie them to the tracks of the other.

    Parameters
    ----------
    reference, osm : Network

    Returns
    -------
    Laid
    """
    places = match_places(reference, osm)
    own = reference.place_table.set_index("place_id").loc[places["place_id"]]
    theirs = osm.place_table.set_index("place_id").reindex(places["osm_place_id"])
    found = (places["how"] != "none").to_numpy()
    reach = own["position_accuracy"].map(TRACK_REACH_KM).fillna(max(TRACK_REACH_KM.values()))
    points = pd.DataFrame(
        {
            "place_id": places["place_id"],
            "lon": np.where(found, theirs["lon"].to_numpy(float), own["lon"].to_numpy(float)),
            "lat": np.where(found, theirs["lat"].to_numpy(float), own["lat"].to_numpy(float)),
            "reach_km": np.where(found, STATION_REACH_KM, reach.to_numpy(float)),
            "station": found & (places["how"] != "border").to_numpy(),
        }
    )
    tracks = Tracks(osm, points)
    nearest = tracks.anchors.groupby("place").first().reindex(np.arange(len(points)))
    tied = nearest["apart_km"].notna().to_numpy()
    places["how"] = np.where(~found & tied, "track", places["how"])
    places["track_km"] = nearest["apart_km"].to_numpy().round(4)
    for name in ("lon", "lat"):
        places[name] = np.where(tied, nearest[name], own[name])
    return Laid(osm, places, tracks, {p: row for row, p in enumerate(places["place_id"])})


@dataclass(frozen=True)
class Match:
    """What was found for one link: a path, or why there is none.

    Parameters
    ----------
    path : TrackPath or None
    reason : str
    """

    path: TrackPath | None
    reason: str = ""


def match_links(laid: Laid, links: gpd.GeoDataFrame, rows: Any) -> list[Match]:
    """Find the way by track of each link.

    Parameters
    ----------
    laid : Laid
    links : GeoDataFrame
        Link table of the reference.
    rows : ndarray of int
        Its rail links.

    Returns
    -------
    list of Match
        One a row, in the order given.
    """
    searches = [
        TrackSearch(laid.tracks, laid.tracks.costs()),
        TrackSearch(laid.tracks, laid.tracks.costs(gap_start_km=CHEAP_GAP_START_KM)),
    ]
    table = links.iloc[rows]
    ends = [table[name].map(laid.row_of).tolist() for name in ("from_place", "to_place")]
    questions = list(zip(*ends, table["length_km"].tolist(), strict=True))
    # One search from each start, as far as its longest link may need.
    limit: dict[int, float] = {}
    for a, _, km in questions:
        limit[a] = max(limit.get(a, 0.0), DETOUR * km + DETOUR_KM)
    matches: dict[int, Match] = {}
    for number in sorted(range(len(questions)), key=lambda n: questions[n][:2]):
        a, b, km = questions[number]
        match = _match_link(laid, searches[0], (a, b), km, limit[a])
        if match.path is None:
            # Neighbours with a bridge missing between them and a long way round.
            bridged = _match_link(laid, searches[1], (a, b), km, limit[a])
            match = match if bridged.path is None else bridged
        matches[number] = match
    return [matches[number] for number in range(len(questions))]


def _match_link(
    laid: Laid, search: TrackSearch, ends: tuple[int, int], length_km: float, limit_km: float
) -> Match:
    lost = [
        laid.places["place_id"].iloc[end]
        for end in ends
        if np.isnan(laid.places["track_km"].iloc[end])
    ]
    if lost:
        return Match(None, f"no track near {' and '.join(lost)}")
    path = search.path(*ends, limit_km=limit_km)
    if path is None:
        return Match(None, f"no way by track within {limit_km:.0f} km")
    pieces = laid.tracks.pieces.iloc[path.pieces]
    km, gap_km = float(pieces["km"].sum()), float(pieces["km"][pieces["link"] < 0].sum())
    if km > max(LONGEST * length_km, length_km + SLACK_KM):
        return Match(None, f"the shortest way by track is {km:.1f} km, another way round")
    if km < min(SHORTEST * length_km, length_km - SLACK_KM):
        return Match(None, f"the way by track is only {km:.1f} km: another line or place")
    if gap_km > km / 2:
        return Match(None, f"{gap_km:.1f} of {km:.1f} km are gaps between loose ends")
    return Match(path)


def _report(
    laid: Laid, links: gpd.GeoDataFrame, rows: Any, matches: list[Match]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row a link, and one row a piece of a link's path."""
    parts = _parts(laid, links["link_id"].to_numpy(object)[rows], matches)
    report = pd.DataFrame(links.drop(columns="geometry")).iloc[rows].reset_index(drop=True)
    by_link = parts.groupby("link_id")
    ids = report["link_id"]

    def total(which: pd.Series[bool]) -> Any:
        return ids.map(parts["km"].where(which, 0.0).groupby(parts["link_id"]).sum()).fillna(0.0)

    planned, lifted = parts["state"].isin(PLANNED), parts["state"].isin(LIFTED)
    report["osm_length_km"] = ids.map(by_link["km"].sum())
    found = report["osm_length_km"].notna()
    report["matched_km"] = total(~planned & ~lifted)
    report["planned_km"] = total(planned)
    report["missing_km"] = np.where(found, total(lifted), report["length_km"])
    report["shared_km"] = total(parts["shared"])
    ratio = report["osm_length_km"] / report["length_km"].replace(0.0, np.nan)
    report["ratio"] = ratio.round(4)
    off = (report["ratio"] - 1).abs()
    report["suspect"] = (off > SUSPECT_SHARE).to_numpy(bool)
    apart = (report["osm_length_km"] - report["length_km"]).abs()
    report["within_rounding"] = (apart <= ROUNDING_KM).to_numpy(bool)
    report["status"] = np.select(
        [~found, report["missing_km"] > NEGLIGIBLE_KM, report["planned_km"] > NEGLIGIBLE_KM],
        ["missing", "partly", "planned"],
        "matched",
    )
    how = dict(zip(laid.places["place_id"], laid.places["how"], strict=True))
    report["from_how"], report["to_how"] = (report[c].map(how) for c in ("from_place", "to_place"))
    report["reason"] = [match.reason for match in matches]
    kilometres = [name for name in _REPORT_COLUMNS if name.endswith("_km")]
    report[kilometres] = report[kilometres].round(3)
    return report[_REPORT_COLUMNS], parts


def _parts(laid: Laid, link_ids: Any, matches: list[Match]) -> pd.DataFrame:
    """Pieces of all paths: which OpenStreetMap link, how much of it, in which state."""
    paths = [match.path.pieces if match.path else np.zeros(0, np.int64) for match in matches]
    count = [len(path) for path in paths]
    piece = np.concatenate([*paths, np.zeros(0, np.int64)])
    pieces = laid.tracks.pieces.iloc[piece]
    ids = np.append(laid.osm.link_table["link_id"].to_numpy(object), "")
    parts = pd.DataFrame(
        {
            "link_id": np.repeat(link_ids, count),
            "seq": np.concatenate([*(np.arange(1, n + 1) for n in count), np.zeros(0, np.int64)]),
            "osm_link_id": ids[pieces["link"].to_numpy()],
            "state": pieces["state"].to_numpy(object),
            "km": pieces["km"].to_numpy(),
        }
    )
    # A piece that serves two links is a false match of one, or a line drawn twice.
    uses = np.bincount(piece, minlength=len(laid.tracks.pieces))
    return parts.assign(shared=uses[piece] > 1)


def _drawn_links(
    laid: Laid,
    links: gpd.GeoDataFrame,
    rows: Any,
    matches: list[Match],
    report: pd.DataFrame,
) -> gpd.GeoDataFrame:
    """Links with the geometry of their paths; ends meet at the places, which lie on the track."""
    import shapely

    result = links.copy()
    lines = result.geometry.to_numpy().copy()
    moved = dict(zip(laid.places["place_id"], zip(laid.places["lon"], laid.places["lat"],
                                                  strict=True), strict=True))  # fmt: skip
    ends = zip(links["from_place"], links["to_place"], strict=True)
    for row, (a, b) in enumerate(ends):
        # Links of all modes stay tied to a place that moved onto the track.
        lines[row] = _tied(shapely.get_coordinates(lines[row]), moved.get(a), moved.get(b))
    for row, match in zip(rows, matches, strict=True):
        if match.path is not None:
            a, b = (moved[links[c].iloc[row]] for c in ("from_place", "to_place"))
            track = laid.tracks.geometry(match.path)
            lines[row] = shapely.linestrings(_without_repeats(np.vstack([a, track, b])))
    result = result.set_geometry(lines, crs=links.crs)
    result["geometry_km"] = line_lengths_km(lines)
    length, status = np.full(len(links), np.nan), np.full(len(links), "", object)
    length[rows], status[rows] = report["osm_length_km"], report["status"]
    result["osm_length_km"], result["osm_status"] = length, status
    result["geometry_source"] = np.where(np.isnan(length), "reference", OSM_SOURCE)
    return result


def _tied(path: Any, start: tuple[float, float] | None, end: tuple[float, float] | None) -> Any:
    import shapely

    path = path.copy()
    if start is not None:
        path[0] = start
    if end is not None:
        path[-1] = end
    return shapely.linestrings(path)


def _without_repeats(path: Any) -> Any:
    new = np.ones(len(path), bool)
    new[1:] = (np.diff(path, axis=0) != 0).any(axis=1)
    # A line needs two points, even where both ends of a link stand on the same spot.
    return path[new] if new.sum() > 1 else path[:2]


def _moved_places(laid: Laid, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    import geopandas as gpd

    result = places.copy()
    row = places["place_id"].map(laid.row_of)
    known = row.notna().to_numpy()
    matched = laid.places.iloc[row[known].astype(int)]
    tied = known.copy()
    tied[known] = matched["track_km"].notna().to_numpy()
    for name in ("lon", "lat"):
        values = result[name].to_numpy(float).copy()
        values[known] = matched[name].to_numpy(float)
        result[name] = values
    result.loc[tied, "position_source"] = OSM_SOURCE
    for column, name in (("osm_place_id", "osm_place_id"), ("osm_how", "how")):
        cells = np.full(len(result), "", object)
        cells[known] = matched[name].to_numpy(object)
        result[column] = cells
    return result.set_geometry(gpd.points_from_xy(result["lon"], result["lat"]), crs=places.crs)


def _sources(reference: Network, osm: Network) -> pd.DataFrame:
    """Sources of both; where both have an id, the reference's row."""
    both = pd.concat([reference.sources, osm.sources], ignore_index=True)
    kept = both.drop_duplicates("source_id", ignore_index=True)
    return kept.reindex(columns=reference.sources.columns)
