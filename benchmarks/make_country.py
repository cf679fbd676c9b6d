"""A synthetic extract the size of a country's: houses, fields, paths, roads, railways.

What a real extract is full of is what nobody routes on, so the network is a small part. A megabyte
here holds about what one holds in the real extracts of Liechtenstein (2022) and Malta (2018): they
have 113,000 and 86,000 nodes, 12,000 and 14,500 ways, of which 240 and 990 are railways or roads
from motorway to tertiary, with 1,800 and 5,600 nodes. Here it is 116,000 nodes and 15,000 ways, of
which 560 with 8,300 nodes, since roads in the mountains have more bends. The same seed gives the
same file.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import osmium

SEED = 20260601
CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential")
SHARES = (0.01, 0.03, 0.06, 0.1, 0.2, 0.2, 0.4)
"""Two fifths of the roads are of the classes that a network of main roads is built from."""
PER_MB = {"road": 1_175, "rail": 30, "house": 12_300}
KINDS = ("building=yes", "landuse=farmland", "highway=footway", "building=house,height=6")
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
    roads, rails, houses = (int(megabytes * each) for each in PER_MB.values())
    count = roads + rails
    sizes = rng.integers(8, 22, count)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    line = np.repeat(np.arange(count), sizes)
    turns = rng.normal(0, 0.12, offsets[-1])
    turns[offsets[:-1]] = rng.uniform(0, 2 * np.pi, count)
    heading = _sums(turns, offsets, line)
    steps = np.column_stack([np.cos(heading), np.sin(heading)]) * 0.0008
    # Three in four roads start where one before them ended, so that the network hangs together.
    before = np.full(count, -1)
    joined = rng.random(count) < 0.75
    joined[0] = joined[roads:] = False
    before[joined] = (rng.random(count) * np.arange(count))[joined].astype(np.int64)
    along = np.column_stack([_sums(steps[:, axis], offsets, line) for axis in (0, 1)])
    start = np.column_stack([rng.uniform(44, 48, count), rng.uniform(39, 42, count)])
    for number in np.flatnonzero(joined).tolist():
        start[number] = start[before[number]] + along[offsets[before[number] + 1] - 1]
    corner = np.column_stack([rng.uniform(44, 48, houses), rng.uniform(39, 42, houses)])
    shape = np.array([[0, 0], [0, 1], [0.4, 1], [0.4, 0.5], [1, 0.5], [1, 0], [0.5, -0.1]])
    built = shape * rng.uniform(0.5e-4, 3e-4, (houses, 1, 2)) + rng.normal(0, 1e-5, (houses, 7, 2))
    at = np.concatenate([start[line] + along, (corner[:, None] + built).reshape(-1, 2)])
    # Ids have gaps, and what was drawn in one go has one time, as in real files.
    node = np.cumsum(rng.integers(1, 30, len(at)))
    way = np.cumsum(rng.integers(1, 30, count + houses)).tolist()
    times = np.datetime64("2010-01-01T00:00:00") + rng.integers(0, 500_000_000, count + houses)
    moment = [f"{text}Z" for text in np.datetime_as_string(times).tolist()]
    owner = np.concatenate([line, count + np.repeat(np.arange(houses), len(shape))])
    rows = zip(node.tolist(), owner.tolist(), *at.T.tolist(), strict=True)
    for number, of, x, y in rows:
        yield f"n{number} v{1 + of % 3} dV c0 t{moment[of]} i0 u T x{x:.7f} y{y:.7f}\n"
    classes = rng.choice(len(CLASSES), count, p=SHARES).tolist()
    oneway = rng.random(count) < 0.1
    for number in range(count):
        refs = node[offsets[number] : offsets[number + 1]].tolist()
        if joined[number]:
            refs.insert(0, int(node[offsets[before[number] + 1] - 1]))
        tags = "railway=rail,gauge=1520,electrified=contact_line"
        if number < roads:
            tags = f"highway={CLASSES[classes[number]]},name=Road%20%{number % 9973}"
            tags += ",surface=asphalt,oneway=yes" if oneway[number] else ",surface=asphalt"
        yield _way(way[number], moment[number], tags, refs)
    numbers = rng.integers(1, 300, houses).tolist()
    for number in range(houses):
        first = int(offsets[-1]) + number * len(shape)
        refs = node[first : first + len(shape)].tolist()
        tags = KINDS[number % len(KINDS)] + f",addr:housenumber={numbers[number]}"
        yield _way(way[count + number], moment[count + number], tags, [*refs, refs[0]])


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
