"""A synthetic extract the size of a country's: houses, fields, roads, railways, ferries, a border.

What a real extract is full of is what nobody routes on: buildings, rivers, footpaths. So most nodes
belong to closed ways without interest, and the network is a small part, as it is in real files.
The same seed gives the same file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import osmium

SEED = 20260601
CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential")
SHARES = (0.01, 0.03, 0.06, 0.1, 0.2, 0.2, 0.4)


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
    rng = np.random.default_rng(seed)
    houses = int(megabytes * 21_000)
    roads = int(megabytes * 1_100)
    rails = int(megabytes * 60)
    path.unlink(missing_ok=True)
    header = osmium.io.Header()
    header.set("generator", "corridors benchmark")
    header.set("osmosis_replication_timestamp", "2026-06-01T00:00:00Z")
    nodes: list[np.ndarray] = []
    ways: list[tuple[np.ndarray, dict[str, str]]] = []
    count = 0

    def line(x: float, y: float, vertices: int, step: float) -> np.ndarray:
        nonlocal count
        heading = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.12, vertices))
        at = np.column_stack([np.cos(heading), np.sin(heading)]).cumsum(axis=0) * step
        nodes.append(at + np.array([x, y]))
        ids = np.arange(count, count + vertices) + 1
        count += vertices
        return ids

    joints: list[tuple[int, float, float]] = []
    for number in range(roads + rails):
        is_rail = number >= roads
        if joints and rng.random() < 0.75 and not is_rail:
            start, x, y = joints[int(rng.integers(len(joints)))]
        else:
            start, x, y = 0, rng.uniform(44, 48), rng.uniform(39, 42)
        ids = line(x, y, int(rng.integers(8, 40)), 0.0008)
        ids = np.append(start, ids) if start else ids
        joints.append((int(ids[-1]), *nodes[-1][-1].tolist()))
        tags = {"railway": "rail", "gauge": "1520"} if is_rail else {
            "highway": CLASSES[int(rng.choice(len(CLASSES), p=SHARES))], "name": f"Road {number}",
        }  # fmt: skip
        if not is_rail and rng.random() < 0.1:
            tags["oneway"] = "yes"
        ways.append((ids, tags))
    kinds = [{"building": "yes"}, {"landuse": "farmland"}, {"highway": "footway"}]
    for number in range(houses):
        ids = line(rng.uniform(44, 48), rng.uniform(39, 42), 5, 0.0001)
        ways.append((np.append(ids, ids[0]), kinds[number % 3]))
    at = np.concatenate(nodes)
    with osmium.SimpleWriter(str(path), header=header) as writer:
        node = osmium.osm.mutable.Node
        for number, (x, y) in enumerate(at.tolist(), 1):
            writer.add_node(node(id=number, version=1, location=(x, y)))
        way = osmium.osm.mutable.Way
        for number, (ids, tags) in enumerate(ways, 1):
            writer.add_way(way(id=number, version=1, nodes=ids.tolist(), tags=tags))
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--megabytes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    print(make(given.path, given.megabytes, given.seed))  # noqa: T201
