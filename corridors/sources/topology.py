"""From OSM arrays to a network: the one entrance for extracts and Overpass alike.

The steps, each on whole arrays: vertices keyed by node and layer; chains between junctions
(:mod:`.chains`); cuts at borders (:mod:`.borders`); cuts where stations stand and where loose ends
belong (:mod:`.attach`, :mod:`.repair`); gauges parted (:mod:`.gauges`); tables
(:mod:`.osm_tables`).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.errors import ArgumentError, DataError
from corridors.geodesy import distance_km
from corridors.schema import INTERNATIONAL_WATERS, UNKNOWN_COUNTRY
from corridors.sources import chains as ch
from corridors.sources.attach import Lines, project, stops, vertex_spots
from corridors.sources.build_report import BuildReport
from corridors.sources.gauges import part_gauges
from corridors.sources.osm import RawOsm, positions
from corridors.sources.osm_tags import electrification, gauge_mm, track_count
from corridors.sources.repair import gaps
from corridors.states import as_day

if TYPE_CHECKING:
    from corridors.network import Network
    from corridors.sources.borders import Countries

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
ObjectArray = npt.NDArray[np.object_]

LAYERS = ("rail", "road", "ferry")
PLACE_LAYER = {"rail": 0, "road": 1, "sea": 2}
RADIUS_M = {"rail": 1000.0, "road": 3000.0, "sea": 2000.0}
"""How far a station, a town and a port may lie from what serves it."""
NEAR_KM = 3.0
"""Track outside all borders, such as on a mole or a coast drawn coarsely, is the nearest's."""
SIGNATURE = (
    "layer", "kind", "state", "oneway", "directed", "gauge_mm", "electrification", "usage",
    "service", "maxspeed", "tracks", "bridge", "tunnel", "toll", "hgv", "operator", "ref",
    "wagons", "file",
)  # fmt: skip
"""Ways that differ in one of these are never contracted into one link."""


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
        other, are joined by a marked link; up to four times as far apart where nothing else
        joins the two (a bridge that is not mapped).
    progress : bool
        Show a progress bar.

    Returns
    -------
    Network
        With ``build_report``.

    Raises
    ------
    DataError
        If there is no way to build a link from.
    ArgumentError
        If an argument cannot be used.
    """
    from corridors.network import Network
    from corridors.sources.osm_tables import make_tables
    from corridors.sources.spellings import with_spellings

    day = as_day(as_of)
    if not (isinstance(snap_m, (int, float)) and 0 <= snap_m < math.inf):
        raise ArgumentError(f"snap_m={snap_m!r} must be a number of metres, 0 or more")
    report = BuildReport()
    report.extend(raw.report)
    with _steps(progress) as step:
        step("joining ways")
        built = _chains(raw, report)
        if len(built.lines.runs.sizes) == 0:
            names = ", ".join(raw.files["file"]) or "the data"
            raise DataError(f"{names}: no way has two nodes with a position; nothing to build")
        step("cutting at borders")
        _cut_at_borders(built, raw, report)
        step("placing stations")
        _cut_at_places(built, raw, snap_m, report)
        part_gauges(built, raw.flat_crossings, report)
        step("writing tables")
        tables = with_spellings(make_tables(built, raw, report), report)
    return Network(tables, as_of=day)


@contextmanager
def _steps(progress: bool) -> Iterator[Any]:
    from tqdm import tqdm

    with tqdm(total=4, desc="network", disable=not progress, leave=False) as bar:

        def step(text: str) -> None:
            bar.set_description(text)
            bar.update()

        yield step


@dataclass
class Built:
    """The network in the making.

    Parameters
    ----------
    ways : DataFrame
        The ways with typed columns added.
    lines : Lines
        Runs of vertices; ``way`` of a run's segments is a row of ``ways``.
    node : ndarray of int
        OSM id of each vertex; meaningless for those added by cuts.
    layer : ndarray of int
        Layer of each vertex, a position in ``LAYERS``.
    real : int
        Vertices below this number are OSM nodes.
    country : ndarray of str
        Country of each run.
    borders : dict of int to tuple of str
        Vertex on a border to its two countries.
    stands : DataFrame
        ``vertex``, ``place`` (row of ``raw.places``), ``rank``, ``distance_m``.
    snaps : DataFrame
        ``vertex``, ``target``, ``distance_m``, ``heading``.
    gauge_changes : DataFrame
        ``vertex`` and ``other`` with ``gauge`` and ``other_gauge``, ``distance_m`` between them,
        ``fresh`` where ``other`` is a vertex made for its gauge.
    twin : ndarray of bool, one a run
        The same track as a run before it, for another of its gauges.
    shared : ndarray of int
        Pairs of vertices of one node, a ferry's end and the road or track there.
    """

    ways: pd.DataFrame
    lines: Lines
    node: IntArray
    layer: IntArray
    real: int
    country: ObjectArray = field(default_factory=lambda: np.zeros(0, object))
    borders: dict[int, tuple[str, str]] = field(default_factory=dict)
    stands: pd.DataFrame = field(default_factory=pd.DataFrame)
    snaps: pd.DataFrame = field(default_factory=pd.DataFrame)
    gauge_changes: pd.DataFrame = field(default_factory=pd.DataFrame)
    twin: BoolArray = field(default_factory=lambda: np.zeros(0, np.bool_))
    shared: IntArray = field(default_factory=lambda: np.zeros((0, 2), np.int64))

    def run_ways(self) -> IntArray:
        """The first way of each run, which stands for all where a signature column is asked."""
        runs = self.lines.runs
        return runs.way[runs.offsets[:-1]]


# -- chains ------------------------------------------------------------------------------------


def _chains(raw: RawOsm, report: BuildReport) -> Built:
    ways = _typed(raw.ways)
    layer_of_way = ways["layer"].map(dict(zip(LAYERS, range(3), strict=True))).to_numpy(np.int64)
    at = positions(raw.node_id, raw.refs)
    owner = np.repeat(np.arange(len(ways)), np.diff(raw.offsets))
    lost = at < 0
    report.add(
        "clean", "nodes of ways that are not in the data", len(np.unique(raw.refs[lost])),
        examples=np.unique(raw.refs[lost])[:5],
    )  # fmt: skip
    hurt = np.unique(owner[lost])
    report.add(
        "clean", "ways cut or shortened where nodes are not in the data", len(hurt),
        examples=ways["way_id"].to_numpy()[hurt[:5]],
    )  # fmt: skip
    key = at * len(LAYERS) + layer_of_way[owner]
    keys, inverse = np.unique(key[~lost], return_inverse=True)
    vertex = np.full(len(key), -1, np.int64)
    vertex[~lost] = inverse
    place, layer = keys // len(LAYERS), keys % len(LAYERS)
    runs = ch.clean_runs(vertex, raw.offsets)
    gone = np.setdiff1d(np.arange(len(ways)), runs.way[runs.offsets[:-1]])
    report.add(
        "clean", "ways of fewer than two nodes, not used", len(gone),
        examples=ways["way_id"].to_numpy()[gone[:5]],
    )  # fmt: skip
    lines = Lines(runs, raw.lon[place], raw.lat[place])
    node = raw.node_id[place]
    if len(runs.sizes) == 0:
        return Built(ways, lines, node, layer, len(node))
    _count_zero_length(lines, ways, report)
    shared = _shared_nodes(runs, ways, place, layer)
    forced = np.isin(node, raw.flat_crossings) & (layer == 0)
    forced[shared.ravel()] = True
    directed = (ways["oneway"] | ways["directed"]).to_numpy(bool)
    joined = ch.make_chains(runs, len(node), _signature(ways), directed, forced)
    report.add(
        "topology", "ways split and contracted into chains", len(runs.sizes),
        note=f"{len(joined.sizes):,} chains",
    )  # fmt: skip
    return Built(ways, Lines(joined, lines.lon, lines.lat), node, layer, len(node), shared=shared)


def _typed(raw_ways: pd.DataFrame) -> pd.DataFrame:
    """Ways with gauge, current, tracks and direction as the library writes them."""
    ways = raw_ways.copy()
    is_rail = (ways["layer"] == "rail").to_numpy(bool)
    ways["gauge_mm"] = ways["gauge"].map({g: gauge_mm(g) for g in ways["gauge"].unique()})
    current = list(zip(ways["electrified"], ways["voltage"], ways["frequency"], strict=True))
    known = {one: electrification(*one) for one in set(current)}
    ways["electrification"] = np.array([known[one] for one in current], object)
    ways["tracks"] = np.array([track_count(text) for text in ways["tracks"]], object)
    for column in ("bridge", "tunnel", "toll"):
        ways[column] = ways[column].where(ways[column] != "no", None)
    ways["directed"] = is_rail & ways["preferred_direction"].isin(["forward", "backward"])
    turned = ways["reversed"].to_numpy(bool) & is_rail
    flipped = ways["preferred_direction"].map({"forward": "backward", "backward": "forward"})
    ways["preferred_direction"] = np.where(
        turned & flipped.notna(), flipped, ways["preferred_direction"]
    )
    for column in ("gauge_mm", "electrification", "tracks", "preferred_direction"):
        ways[column] = ways[column].astype(object).where(ways[column].notna(), None)
    return ways


def _signature(ways: pd.DataFrame) -> IntArray:
    code = np.zeros(len(ways), np.int64)
    for column in SIGNATURE:
        part, values = pd.factorize(ways[column].to_numpy(object), use_na_sentinel=False)
        code, _ = pd.factorize(code * (len(values) + 1) + part)
    return np.asarray(code, np.int64)


def _count_zero_length(lines: Lines, ways: pd.DataFrame, report: BuildReport) -> None:
    runs = lines.runs
    x, y = lines.x, lines.y
    flat = runs.offsets[:-1]
    still = np.ones(len(flat), bool)
    for values in (x, y):
        still &= np.maximum.reduceat(values, flat) == np.minimum.reduceat(values, flat)
    rows = runs.way[flat[still]]
    report.add(
        "clean", "ways of no length, kept because they join", int(still.sum()),
        examples=ways["way_id"].to_numpy()[rows[:5]],
    )  # fmt: skip


def _shared_nodes(runs: ch.Runs, ways: pd.DataFrame, place: IntArray, layer: IntArray) -> IntArray:
    """Pairs (vertex on the ferry layer, vertex on another) of nodes at which a ferry ends."""
    ferry = (ways["layer"] == "ferry").to_numpy(bool)[runs.way[runs.offsets[:-1]]]
    ends = np.unique(np.concatenate([runs.first[ferry], runs.last[ferry]]))
    other = np.flatnonzero(layer != PLACE_LAYER["sea"])
    # Vertices are sorted by node, then layer, so a node's vertices stand side by side.
    _, one, two = np.intersect1d(place[ends], place[other], return_indices=True)
    pairs = np.column_stack([ends[one], other[two]])
    beside = other[two] + 1
    inside = beside < len(place)
    both = np.flatnonzero(inside)
    more = both[
        (place[beside[both]] == place[ends[one[both]]])
        & (layer[beside[both]] != PLACE_LAYER["sea"])
    ]
    extra = np.column_stack([ends[one[more]], beside[more]])
    return np.concatenate([pairs, extra]).astype(np.int64)


# -- borders -----------------------------------------------------------------------------------


def _cut_at_borders(built: Built, raw: RawOsm, report: BuildReport) -> None:
    from corridors.sources.borders import countries_of

    countries = countries_of(raw, report)
    lines = built.lines
    runs = lines.runs
    segment, fraction = countries.cuts(lines.x, lines.y, runs.owner)
    spots = pd.DataFrame({"segment": segment, "fraction": fraction})
    # A cut at a vertex is a whole position; one at the end of a run is none.
    vertex = vertex_spots(spots, lines)
    where = np.where(vertex >= 0, vertex.astype(float), segment + fraction)
    run = runs.owner[segment] if len(segment) else segment
    inside = (where > runs.offsets[run]) & (where < runs.offsets[run + 1] - 1)
    where = np.unique(where[inside])
    start, country = _stretches(built, countries, where, report)
    is_cut = np.ones(len(start), bool)
    is_cut[np.searchsorted(start, runs.offsets[:-1])] = False
    change = is_cut & (country != np.roll(country, 1))
    first = ~is_cut
    cut = start[change]
    at = np.floor(cut).astype(np.int64)
    table = pd.DataFrame({"segment": at, "fraction": cut - at})
    pairs = list(zip(np.roll(country, 1)[change], country[change], strict=True))
    vertices, _ = _apply(built, table)
    built.country = country[first | change]
    for number, (one, other) in zip(vertices.tolist(), pairs, strict=True):
        built.borders[number] = (min(one, other), max(one, other))
    report.add("country", "links cut at a border", len(pairs))


def _stretches(
    built: Built, countries: Countries, where: FloatArray, report: BuildReport
) -> tuple[FloatArray, ObjectArray]:
    """Start (flat position and fraction) and country of each stretch between cuts, smoothed."""
    from corridors.sources.borders import GAP_KM, GRAZE_KM, smooth

    lines, runs = built.lines, built.lines.runs
    x, y = lines.x, lines.y
    start = np.sort(np.concatenate([runs.offsets[:-1].astype(float), where]))
    run = np.searchsorted(runs.offsets, start, side="right") - 1
    end = np.append(start[1:], 0.0)
    last = np.append(run[1:] != run[:-1], True)
    end[last] = runs.offsets[run[last] + 1] - 1
    lon, lat = _at(x, (start + end) / 2), _at(y, (start + end) / 2)
    country = countries.at(lon, lat)
    ferry = (built.ways["layer"] == "ferry").to_numpy(bool)[built.run_ways()]
    at_sea = ferry[run] & (country == UNKNOWN_COUNTRY)
    country[at_sea] = INTERNATIONAL_WATERS
    outside = np.flatnonzero(country == UNKNOWN_COUNTRY)
    country[outside] = countries.nearest(lon[outside], lat[outside], NEAR_KM)
    report.add(
        "country", "stretches outside all borders, counted to the nearest country",
        int((country[outside] != UNKNOWN_COUNTRY).sum()), note=f"within {NEAR_KM:g} km",
    )  # fmt: skip
    several = np.flatnonzero(np.bincount(run, minlength=len(runs.sizes)) > 1)
    bounds = np.searchsorted(run, [several, several + 1])
    km = _along(lines, several, start, end)
    smoothed = 0
    for low, high in bounds.T.tolist():
        new = smooth(country[low:high].tolist(), km[low:high].tolist())
        smoothed += sum(a != b for a, b in zip(new, country[low:high], strict=True))
        country[low:high] = new
    report.add(
        "country", "stretches that graze a border, counted to the country round them", smoothed,
        note=f"shorter than {GRAZE_KM:g} km abroad or {GAP_KM:g} km outside all borders",
    )  # fmt: skip
    unknown = country == UNKNOWN_COUNTRY
    report.add(
        "country", "stretches whose country is unknown", int(unknown.sum()),
        note="no border in the file holds them, nor do the embedded polygons",
    )  # fmt: skip
    return start, country


def _along(lines: Lines, chosen: IntArray, start: FloatArray, end: FloatArray) -> FloatArray:
    """Kilometres from start to end of each stretch; right on the chosen runs, 0 on others."""
    runs = lines.runs
    at = ch.ranges(runs.offsets[chosen], runs.sizes[chosen] - 1)
    x, y = lines.x, lines.y
    step = np.zeros(len(x))
    step[at] = distance_km(x[at], y[at], x[at + 1], y[at + 1])
    travelled = np.concatenate([[0.0], np.cumsum(step)])[:-1]
    return _at(travelled, end) - _at(travelled, start)


def _at(values: FloatArray, where: FloatArray) -> FloatArray:
    """Values at fractional flat positions."""
    low = np.floor(where).astype(np.int64)
    high = np.minimum(low + 1, len(values) - 1)
    return np.asarray(values[low] + (values[high] - values[low]) * (where - low), float)


# -- places and loose ends ---------------------------------------------------------------------


def _cut_at_places(built: Built, raw: RawOsm, snap_m: float, report: BuildReport) -> None:
    lines = built.lines
    of_way = built.run_ways()
    state = built.ways["state"].to_numpy(object)[of_way]
    layer = built.layer[lines.runs.first]
    places = raw.places
    spots = []
    for mode, number in PLACE_LAYER.items():
        rows = np.flatnonzero((places["mode"] == mode).to_numpy(bool))
        lon, lat = (places[name].to_numpy(float)[rows] for name in ("lon", "lat"))
        left = np.arange(len(rows))
        # Track in use first; a station whose track is gone or to come stands there all the same.
        for eligible in ((layer == number) & (state == "open"), layer == number):
            found = project(lon[left], lat[left], RADIUS_M[mode], lines, eligible)
            found = stops(_nearest_end(found, lines) if mode == "sea" else found)
            point = left[found["point"].to_numpy(np.int64)]
            spots.append(found.assign(place=rows[point]))
            left = np.setdiff1d(left, point)
        lost = rows[left]
        report.add(
            "place", f"{mode} places with nothing of their mode within {RADIUS_M[mode]:g} m",
            len(lost), examples=places["name_en"].to_numpy(object)[lost[:5]],
        )  # fmt: skip
    stands = pd.concat(spots, ignore_index=True)
    tracks = (layer == 0) & (state != "destroyed")
    loose = gaps(lines, tracks, len(built.node), snap_m, built.country)
    columns = ["segment", "fraction"]
    table = pd.concat([stands[columns], loose[columns]], ignore_index=True)
    vertices, parent = _apply(built, table)
    built.country = built.country[parent]
    built.stands = stands.assign(vertex=vertices[: len(stands)])
    targets = vertices[len(stands) :]
    loose = loose.assign(target=targets)
    built.snaps = _each_pair_once(loose[loose["vertex"] != loose["target"]])


def _nearest_end(found: pd.DataFrame, lines: Lines) -> pd.DataFrame:
    """A port stands at the end of its ferry line: move spots there, keep the nearest only."""
    if found.empty:
        return found
    found = found[~found["point"].duplicated()].copy()
    runs = lines.runs
    run, segment = (found[name].to_numpy(np.int64) for name in ("run", "segment"))
    first = (segment - runs.offsets[run]) * 2 < runs.sizes[run]
    found["segment"] = np.where(first, runs.offsets[run], runs.offsets[run + 1] - 2)
    found["fraction"] = np.where(first, 0.0, 1.0)
    return found


def _each_pair_once(loose: pd.DataFrame) -> pd.DataFrame:
    low, high = (np.asarray(f(loose["vertex"], loose["target"])) for f in (np.minimum, np.maximum))
    once = ~pd.DataFrame({"low": low, "high": high}).duplicated().to_numpy()
    return loose[once].reset_index(drop=True)


def _apply(built: Built, spots: pd.DataFrame) -> tuple[IntArray, IntArray]:
    """Cut the lines at spots; give the vertex of each spot and the old run of each new one."""
    lines, runs = built.lines, built.lines.runs
    segment = spots["segment"].to_numpy(np.int64)
    fraction = spots["fraction"].to_numpy(float)
    if len(segment) == 0:
        return np.zeros(0, np.int64), np.arange(len(runs.sizes))
    old = vertex_spots(spots, lines)
    fresh = np.flatnonzero(old < 0)
    vertex = np.where(old >= 0, runs.vertex[np.maximum(old, 0)], 0)
    known = len(built.node)
    vertex[fresh] = known + np.arange(len(fresh))
    x, y = lines.x, lines.y
    here = segment[fresh] + fraction[fresh]
    lon, lat = np.append(lines.lon, _at(x, here)), np.append(lines.lat, _at(y, here))
    layer = built.layer[runs.vertex[segment[fresh]]]
    built.layer = np.append(built.layer, layer)
    built.node = np.append(built.node, np.full(len(fresh), -1))
    longer = ch.insert_vertices(runs, segment[fresh], fraction[fresh], vertex[fresh])
    flagged = old[old >= 0]
    moved = flagged + np.searchsorted(np.sort(segment[fresh]), flagged, side="left")
    at = np.concatenate([moved, np.flatnonzero(longer.vertex >= known)])
    is_end = np.zeros(len(longer.vertex), bool)
    is_end[longer.offsets[:-1]] = True
    is_end[longer.offsets[1:] - 1] = True
    at = np.unique(at[~is_end[at]]).astype(np.int64)
    starts = np.sort(np.concatenate([longer.offsets[:-1], at]))
    parent = longer.owner[starts]
    built.lines = Lines(ch.split_runs(longer, at), lon, lat)
    return vertex, parent
