"""Where tracks of different gauge meet: parted, and joined by an explicit change of gauge."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.sources.attach import Lines
from corridors.sources.build_report import BuildReport
from corridors.sources.chains import Runs, ranges

if TYPE_CHECKING:
    from corridors.sources.topology import Built

IntArray = npt.NDArray[np.int64]
ObjectArray = npt.NDArray[np.object_]
Change = tuple[int, int, str, str, float, bool]
COLUMNS = ["vertex", "other", "gauge", "other_gauge", "distance_m", "fresh"]
_UNKNOWN = "?"


def part_gauges(built: Built, flat_crossings: IntArray, report: BuildReport) -> None:
    """Part places at which track of known gauges meets that have no gauge in common.

    A wagon cannot roll from 1435 on to 1520 mm. So each gauge gets a place of its own there, and
    a link of mode ``gauge_change`` between them. Track of several gauges joins what it fits; where
    it leads from one gauge to another, it is a link for each of its gauges, or wagons could change
    wheels under way. Track of unknown gauge is passed as if it fitted, and counted. Loose ends of
    different gauge that miss each other by little are joined by a change of gauge instead of a snap
    link. Rails that cross without a switch are left: there every train keeps to its track.

    Parameters
    ----------
    built : Built
        Gains vertices and ``gauge_changes``; snaps are moved to the place of their gauge.
    flat_crossings : ndarray of int
        Nodes where rails cross without a switch.
    report : BuildReport
    """
    gauge = _lay_apart(built, report)
    runs = built.lines.runs
    rail = np.flatnonzero(built.layer[runs.first] == 0)
    ends = pd.DataFrame(
        {
            "vertex": np.concatenate([runs.first[rail], runs.last[rail]]),
            "at": np.concatenate([runs.offsets[rail], runs.offsets[rail + 1] - 1]),
            "gauge": np.concatenate([gauge[rail], gauge[rail]]),
        }
    ).astype({"gauge": object})
    known = ends[ends["gauge"].notna()]
    kinds = known.groupby("vertex")["gauge"].nunique()
    several = kinds.index.to_numpy(np.int64)[kinds.to_numpy() > 1]
    unclear = np.intersect1d(known["vertex"], ends.loc[ends["gauge"].isna(), "vertex"])
    report.add(
        "topology", "places where track of known gauge meets track of unknown gauge", len(unclear),
        note="passed as if the gauge were the same: a change there is not known",
    )  # fmt: skip
    crossing = np.isin(built.node[several], flat_crossings)
    moved: dict[int, int] = {}
    changes: list[Change] = []
    for vertex in several[~crossing].tolist():
        here = known[known["vertex"] == vertex]
        base, *others = fitting(here["gauge"].tolist())
        for group in others:
            fresh = len(built.node) + len(changes)
            moved.update(dict.fromkeys(here.loc[here["gauge"].isin(group), "at"].tolist(), fresh))
            changes.append((vertex, fresh, _all(base), _all(group), 0.0, True))
    mixed = int((~crossing).sum()) - len({change[0] for change in changes})
    report.add("topology", "places where track of several gauges meets track of one", mixed)
    _add_vertices(built, moved, [change[0] for change in changes])
    changes += _part_snaps(built, gauge, changes)
    table = pd.DataFrame(changes, columns=COLUMNS)
    built.gauge_changes = table.astype({"vertex": "int64", "other": "int64", "fresh": bool})
    report.add(
        "topology", "places where known gauges meet that differ: joined by a gauge_change link",
        len(changes), note="OpenStreetMap does not say whether or how wagons change gauge there",
    )  # fmt: skip


def _lay_apart(built: Built, report: BuildReport) -> ObjectArray:
    """Gauge of each run, after track of several gauges that joins different ones became several.

    The first run keeps the lowest gauge; the others, appended, are marked in ``built.twin``.
    """
    runs = built.lines.runs
    gauge = built.ways["gauge_mm"].to_numpy(object)[built.run_ways()].copy()
    wide = {row for row, text in enumerate(gauge) if isinstance(text, str) and "+" in text}
    built.twin = np.zeros(len(gauge), bool)
    ends = pd.DataFrame({"first": runs.first, "last": runs.last, "gauge": gauge})
    copies: list[tuple[int, str]] = []
    for cluster in _clusters(ends.loc[sorted(wide), ["first", "last"]]):
        at = set(ends.loc[cluster, ["first", "last"]].to_numpy().ravel().tolist())
        touching = ends[(ends["first"].isin(at) | ends["last"].isin(at)) & ends["gauge"].notna()]
        single = [text for row, text in touching["gauge"].items() if row not in wide]
        if len(fitting(single)) > 1:
            for row in cluster:
                gauge[row], *others = gauge[row].split("+")
                copies += [(row, other) for other in others]
    rows = np.array([row for row, _ in copies], np.int64)
    sizes = runs.sizes[rows]
    take = ranges(runs.offsets[rows], sizes)
    longer = Runs(
        np.concatenate([runs.vertex, runs.vertex[take]]),
        np.concatenate([runs.offsets, runs.offsets[-1] + np.cumsum(sizes)]).astype(np.int64),
        np.concatenate([runs.way, runs.way[take]]),
    )
    built.lines = replace(built.lines, runs=longer)
    built.country = np.concatenate([built.country, built.country[rows]])
    built.twin = np.concatenate([built.twin, np.ones(len(rows), bool)])
    report.add(
        "topology", "links of several gauges that join different ones: a further link each gauge",
        len(rows), note="link_kind same_track: not a track more",
    )  # fmt: skip
    return np.concatenate([gauge, np.array([text for _, text in copies], object)])


def _clusters(ends: pd.DataFrame) -> list[list[int]]:
    """Rows that hang together by their ends, each list sorted."""
    home: dict[int, list[int]] = {}
    for row, *sides in ends.itertuples():
        joined = [row, *{id(home[v]): home[v] for v in sides if v in home}.values()]
        whole = [joined[0], *(one for part in joined[1:] for one in part)]
        for one in whole:
            home.update(dict.fromkeys(ends.loc[one].tolist(), whole))
    return sorted(sorted(part) for part in {id(part): part for part in home.values()}.values())


def fitting(gauges: list[str]) -> list[tuple[str, ...]]:
    """Gauges in groups of those that some wagon can pass between, the largest group first.

    Examples
    --------
    >>> fitting(["1520", "1435", "1520", "600"])
    [('1520',), ('1435',), ('600',)]
    >>> fitting(["1435", "1435+1520", "1520"])
    [('1435', '1435+1520', '1520')]
    """
    groups: list[tuple[set[str], list[str]]] = []
    for text in sorted(gauges):
        sets, texts = set(text.split("+")), [text]
        for group in [group for group in groups if group[0] & sets]:
            groups.remove(group)
            sets |= group[0]
            texts = group[1] + texts
        groups.append((sets, texts))
    groups.sort(key=lambda group: (-len(group[1]), group[1]))
    return [tuple(dict.fromkeys(sorted(texts))) for _, texts in groups]


def _all(group: tuple[str, ...]) -> str:
    return "+".join(sorted({part for text in group for part in text.split("+")}))


def _add_vertices(built: Built, moved: dict[int, int], beside: list[int]) -> None:
    """New vertices in the same spots as others, and the ends of runs that move to them."""
    if not beside:
        return
    lines, runs = built.lines, built.lines.runs
    vertex = runs.vertex.copy()
    vertex[list(moved)] = list(moved.values())
    lon, lat = (np.append(values, values[beside]) for values in (lines.lon, lines.lat))
    built.lines = Lines(replace(runs, vertex=vertex), lon, lat)
    built.node = np.append(built.node, np.full(len(beside), -1))
    built.layer = np.append(built.layer, built.layer[beside])


def _part_snaps(built: Built, gauge: ObjectArray, parted: list[Change]) -> list[Change]:
    """Take snaps between ends that do not fit out of the snaps; move others to what they fit."""
    runs, snaps = built.lines.runs, built.snaps
    beside: dict[int, list[int]] = {}
    for base, fresh, *_ in parted:
        beside.setdefault(base, [base]).append(fresh)
    parts = [vertex for vertices in beside.values() for vertex in vertices]
    asked = np.union1d(snaps[["vertex", "target"]].to_numpy(np.int64), parts)
    at: dict[int, set[str]] = {}
    for side in (runs.first, runs.last):
        for row in np.flatnonzero(np.isin(side, asked)).tolist():
            at.setdefault(int(side[row]), set()).update((gauge[row] or _UNKNOWN).split("+"))
    changes: list[Change] = []
    keep = np.ones(len(snaps), bool)
    targets = snaps["target"].to_numpy(np.int64).copy()
    pairs = zip(snaps["vertex"].tolist(), snaps["target"].tolist(), strict=True)
    for number, (vertex, target) in enumerate(pairs):
        one = at[vertex]
        fitting_here = [
            spot
            for spot in beside.get(target, [target])
            if one & at[spot] or _UNKNOWN in one | at[spot]
        ]
        if fitting_here:
            targets[number] = fitting_here[0]
            continue
        keep[number] = False
        old, new = ("+".join(sorted(part)) for part in (one, at[target]))
        apart = float(snaps["distance_m"].iloc[number])
        changes.append((vertex, target, old, new, apart, False))
    built.snaps = snaps.assign(target=targets)[keep].reset_index(drop=True)
    return changes
