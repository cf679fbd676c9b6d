"""A synthetic extract the size of a country's: houses, fields, paths, roads, railways.

What a real extract is full of is what nobody routes on, so the network is a small part. A megabyte
here holds about what one holds in the real extracts of Liechtenstein (2022) and Malta (2018):

==========================================  =============  ======  =======
a megabyte                                  Liechtenstein  Malta   here
==========================================  =============  ======  =======
nodes                                       113,000        86,000  111,000
ways                                        12,000         14,500  15,800
highways of all kinds                       2,800          6,800   3,500
railways, roads from motorway to tertiary   234            904     491
their nodes                                 2,000          6,500   4,100
nodes that they share                       220            740     360
==========================================  =============  ======  =======

The main roads hang together as a country's do: the shortest roads that join all junctions
(a minimum spanning tree of their Delaunay triangulation) and some of the next shortest. Small roads
start from them. The same seed gives the same file.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import osmium
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

SEED = 20260601
MAIN = ("motorway", "trunk", "primary", "secondary", "tertiary")
SHARES = (0.03, 0.07, 0.15, 0.25, 0.5)
SMALL = ("residential", "service", "track", "footway", "unclassified")
PER_MB = {"main": 450, "rail": 30, "small": 3_000, "house": 12_000}
JUNCTIONS = 0.85  # for each main road
WEST, SOUTH, EAST, NORTH = 44.0, 39.0, 48.0, 42.0
KINDS = ("building=yes", "landuse=farmland", "building=house,height=6", "natural=scrub")
FORMAT = "pbf,add_metadata=version+timestamp"


def make(path: Path, megabytes: float = 20.0, seed: int = SEED) -> Path:
    """Write the extract; its size comes within a fifth of what is asked.

    Parameters
    ----------
    path : Path
        To write; must end in ``.osm.pbf``.
    megabytes : float
        Size wanted; Armenia's and Azerbaijan's real extracts have some 40 to 60.
    seed : int
    """
    header = osmium.io.Header()
    header.set("generator", "corridors benchmark")
    header.set("osmosis_replication_timestamp", "2026-06-01T00:00:00Z")
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "country.opl"
        with text.open("w", encoding="ascii") as file:
            file.writelines(_objects(megabytes, np.random.default_rng(seed)))
        out = osmium.io.File(str(path), FORMAT)
        with osmium.SimpleWriter(out, header=header, overwrite=True) as writer:
            osmium.apply(str(text), writer)
    return path


def _objects(megabytes: float, rng: np.random.Generator) -> Iterator[str]:
    """Lines of OPL: all nodes, then all ways, since files are sorted so."""
    counts = {name: int(megabytes * each) for name, each in PER_MB.items()}
    at: list[np.ndarray] = []
    ways: list[tuple[str, list[int]]] = []
    junctions, ends = _joined(int(counts["main"] * JUNCTIONS), counts["main"], rng)
    at.append(junctions)
    ways += _main_roads(junctions, ends, at, rng)
    ways += _railway(counts["rail"], at, rng)
    ways += _small_roads(counts["small"], at, rng)
    ways += _houses(counts["house"], at, rng)
    places = np.concatenate(at)
    # Ids have gaps, and what was drawn in one go has one time, as in real files.
    node = np.cumsum(rng.integers(1, 30, len(places)))
    way = np.cumsum(rng.integers(1, 30, len(ways))).tolist()
    times = np.datetime64("2010-01-01T00:00:00") + rng.integers(0, 500_000_000, len(places) // 7)
    moment = [f"{text}Z" for text in np.datetime_as_string(times).tolist()]
    for number, (of, (x, y)) in enumerate(zip(node.tolist(), places.tolist(), strict=True)):
        drawn = moment[number // 7 % len(moment)]
        yield f"n{of} v{1 + number % 3} dV c0 t{drawn} i0 u T x{x:.7f} y{y:.7f}\n"
    for number, (tags, refs) in enumerate(ways):
        yield _way(way[number], moment[number % len(moment)], tags, node[refs].tolist())


def _joined(points: int, roads: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Junctions, and the two ends of each road between them."""
    at = np.column_stack([rng.uniform(WEST, EAST, points), rng.uniform(SOUTH, NORTH, points)])
    sides = Delaunay(at).simplices[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    sides = np.unique(np.sort(sides, axis=1), axis=0)
    length = np.hypot(*(at[sides[:, 0]] - at[sides[:, 1]]).T)
    tree = minimum_spanning_tree(coo_array((length, tuple(sides.T)), (points, points))).tocoo()
    kept = np.column_stack([tree.row, tree.col])
    in_tree = np.isin(sides[:, 0] * points + sides[:, 1], kept[:, 0] * points + kept[:, 1])
    others = sides[~in_tree][np.argsort(length[~in_tree], kind="stable")]
    # Of the next shortest some are missing: a river, a ridge.
    others = others[rng.random(len(others)) < 0.5]
    return at, np.concatenate([kept, others[: roads - len(kept)]])


def _main_roads(
    at: np.ndarray, ends: np.ndarray, nodes: list[np.ndarray], rng: np.random.Generator
) -> Iterator[tuple[str, list[int]]]:
    """Roads between junctions, with bends: eight nodes each, as in Malta and Liechtenstein."""
    first = sum(map(len, nodes))
    share = np.arange(1, 7) / 7
    way = at[ends[:, 1]] - at[ends[:, 0]]
    aside = np.column_stack([-way[:, 1], way[:, 0]])
    bend = rng.normal(0, 0.15, (len(ends), 1)) * np.sin(np.pi * share)
    bend += rng.normal(0, 0.02, (len(ends), 6))
    nodes.append(
        (at[ends[:, 0], None] + way[:, None] * share[:, None] + aside[:, None] * bend[..., None])
        .reshape(-1, 2)
    )  # fmt: skip
    # The tree comes first; one way in it (as motorways are) would part the country.
    in_tree = np.arange(len(ends)) < len(at) - 1
    classes = rng.choice(len(MAIN), len(ends), p=SHARES)
    classes[in_tree] = np.maximum(classes[in_tree], 1)
    oneway = (rng.random(len(ends)) < 0.1) & ~in_tree
    for number, (one, other) in enumerate(ends.tolist()):
        tags = f"highway={MAIN[int(classes[number])]},name=Road%20%{number % 9973},surface=asphalt"
        tags += ",oneway=yes" if oneway[number] else ""
        inner = range(first + 6 * number, first + 6 * number + 6)
        yield tags, [one, *inner, other]


def _railway(
    count: int, nodes: list[np.ndarray], rng: np.random.Generator
) -> Iterator[tuple[str, list[int]]]:
    """Lines of thirty ways each, one after the other."""
    first, size = sum(map(len, nodes)), 12
    begins = np.arange(count * size) % (30 * size) == 0
    turn = np.where(
        begins, rng.uniform(0, 2 * np.pi, count * size), rng.normal(0, 0.05, begins.size)
    )
    line = np.cumsum(begins) - 1
    offsets = np.append(np.flatnonzero(begins), begins.size)
    heading = _sums(turn, offsets, line)
    steps = np.column_stack([np.cos(heading), np.sin(heading)]) * 0.004
    start = np.column_stack(
        [rng.uniform(WEST, EAST, line[-1] + 1), rng.uniform(SOUTH, NORTH, line[-1] + 1)]
    )
    nodes.append(start[line] + np.column_stack([_sums(part, offsets, line) for part in steps.T]))
    for number in range(count):
        low = first + number * size
        joined = [] if number % 30 == 0 else [low - 1]
        yield "railway=rail,gauge=1520,electrified=contact_line", [*joined, *range(low, low + size)]


def _small_roads(
    count: int, nodes: list[np.ndarray], rng: np.random.Generator
) -> Iterator[tuple[str, list[int]]]:
    """Small roads, each from a node of a main road or of a small one before it."""
    roads, first, size = sum(map(len, nodes[:2])), sum(map(len, nodes)), 7
    known = np.concatenate(nodes[:2])
    start = rng.integers(0, roads, count)
    heading = rng.uniform(0, 2 * np.pi, (count, 1)) + rng.normal(0, 0.3, (count, size)).cumsum(1)
    steps = np.stack([np.cos(heading), np.sin(heading)], axis=-1) * 0.0004
    nodes.append((known[start, None] + steps.cumsum(1)).reshape(-1, 2))
    kinds = rng.integers(0, len(SMALL), count).tolist()
    for number, begin in enumerate(start.tolist()):
        low = first + number * size
        tags = f"highway={SMALL[kinds[number]]},name=Lane%20%{number % 9973}"
        yield tags, [begin, *range(low, low + size)]


def _houses(
    count: int, nodes: list[np.ndarray], rng: np.random.Generator
) -> Iterator[tuple[str, list[int]]]:
    """Houses and fields: what most of a file is."""
    shape = np.array([[0, 0], [0, 1], [0.4, 1], [0.4, 0.5], [1, 0.5], [1, 0], [0.5, -0.1]])
    first, size = sum(map(len, nodes)), len(shape)
    corner = np.column_stack([rng.uniform(WEST, EAST, count), rng.uniform(SOUTH, NORTH, count)])
    built = shape * rng.uniform(0.5e-4, 3e-4, (count, 1, 2)) + rng.normal(0, 1e-5, (count, size, 2))
    nodes.append((corner[:, None] + built).reshape(-1, 2))
    numbers = rng.integers(1, 300, count).tolist()
    for number in range(count):
        low = first + number * size
        tags = KINDS[number % len(KINDS)] + f",addr:housenumber={numbers[number]}"
        yield tags, [*range(low, low + size), low]


def _sums(values: np.ndarray, offsets: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Running sums that begin anew with each line."""
    total = np.cumsum(values)
    return total - (total[offsets[:-1]] - values[offsets[:-1]])[line]


def _way(number: int, moment: str, tags: str, refs: list[int]) -> str:
    nodes = ",".join([f"n{ref}" for ref in refs])
    return f"w{number} v1 dV c0 t{moment} i0 u T{tags} N{nodes}\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--megabytes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    print(make(given.path, given.megabytes, given.seed))  # noqa: T201
