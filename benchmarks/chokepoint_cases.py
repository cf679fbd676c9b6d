"""The loss of every link, for every flow: ours, a networkx loop, and a loop of bare scipy calls.

``python -m benchmarks.chokepoint_cases`` prints the ratios, all measured in one run, for the
reference network, and for the railways of ``../shared/osm`` where they lie beside the checkout:
with the turns that trains can take, and as if they could turn on the spot. Ours closes every link
by knowing that only those on a route matter; so does the scipy loop, which closes each link on a
route by itself and searches again. The networkx loop closes every link of the network: links are
sampled and the time is extrapolated.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

import corridors as co
from corridors.analysis.demands import Load, loads
from corridors.routing.graph import Graph
from corridors.routing.replacement import Replacements, Trees
from corridors.routing.weighted import Weighted

OSM = Path(__file__).resolve().parents[2] / "shared" / "osm" / "south-caucasus-rail.osm.pbf"
PAIRS = [
    ("Batumi", "Bakı"), ("Gyumri", "Poti"), ("Bakı", "Poti"), ("Gyumri", "Bakı"),
    ("Bakı", "Gəncə"), ("Kutaisi-1", "Gyumri"),
]  # fmt: skip
"""Flows on the railways of OpenStreetMap, which have no reference flows of their own."""
SAMPLE = 40
"""Links of the networkx loop that are tried in earnest."""
TARGETS = {"networkx": 1000, "scipy": 20}


@dataclass(frozen=True)
class Case:
    """A network and its flows: what may be used, from where to where."""

    name: str
    links: int
    flows: list[tuple[Weighted, np.ndarray, np.ndarray]]


def cases() -> Iterator[Case]:
    net = co.load("2026-06-01")
    for weight in ("length", "usd_per_t"):
        ready, _ = loads(net, co.flows(), weight=weight)
        yield Case(f"reference, {weight}", len(net.link_modes), _ends(ready))
    if OSM.exists():
        osm = co.from_pbf(OSM, modes=["rail"], progress=False)
        table = pd.DataFrame(PAIRS, columns=["origin", "destination"]).assign(tonnes=1.0)
        ready, _ = loads(osm, table, modes=["rail"])
        ready = [load for load in ready if load.obstacle is None]
        links = len(osm.link_modes)
        yield Case("OSM railways with turns", links, _ends(ready))
        graph = Graph(osm.place_table["place_id"], osm.link_table)
        # A graph without turns has the same arcs.
        free = Weighted(graph, ready[0].world.weight)
        yield Case("OSM railways", links, [(free, start, end) for _, start, end in _ends(ready)])


def _ends(ready: list[Load]) -> list[tuple[Weighted, np.ndarray, np.ndarray]]:
    return [(load.world, load.start.nodes, load.end.nodes) for load in ready]


def ours(case: Case) -> list[tuple[np.ndarray, np.ndarray]]:
    """Links of each route and what is left without each, in the order of the flows."""
    trees: dict[int, Trees] = {}
    found = []
    for world, start, end in case.flows:
        shared = trees.setdefault(id(world), Trees(world))
        found.append(Replacements(shared, start, end).without_each())
    return found


def bare(case: Case) -> list[tuple[np.ndarray, np.ndarray]]:
    """The same, by one search for each link on a route; parallel links stand in where there are."""
    found = []
    for world, start, end in case.flows:
        matrix, first = world.matrix, world.lightest
        link_of = world.links[first]
        crowded = np.diff(first, append=len(world.tail)) > 1
        path = world.path(start, end)
        links = path.links[np.sort(np.unique(path.links, return_index=True)[1])]
        left = np.empty(len(links))
        for at, link in enumerate(links.tolist()):
            gone = link_of == link
            if crowded[gone].any():
                shut = np.zeros(case.links, bool)
                shut[link] = True
                closed = world.without(shut).matrix
            else:
                data = np.where(gone, np.inf, matrix.data)
                closed = csr_array((data, matrix.indices, matrix.indptr), matrix.shape)
            far = dijkstra(closed, indices=world.entries(start), min_only=True)
            left[at] = far[world.exits(end)].min()
        found.append((links, left))
    return found


def loop_seconds(case: Case) -> float:
    """Seconds that a networkx loop over all links takes, from a sample of them."""
    seconds = 0.0
    graphs: dict[int, nx.MultiDiGraph] = {}
    pick = np.random.default_rng(1).choice(case.links, SAMPLE, replace=False)
    for world, start, end in case.flows:
        if id(world) not in graphs:
            graphs[id(world)] = _networkx(world)
        graph = graphs[id(world)]
        arcs = {int(link): np.flatnonzero(world.graph.link == link) for link in pick}
        begin = time.perf_counter()
        for link in pick.tolist():
            gone = [
                (int(world.graph.tail[arc]), int(world.graph.head[arc]), int(link))
                for arc in arcs[link]
                if np.isfinite(world.weight[arc])
            ]
            kept = [(*key, graph.edges[key]["w"]) for key in gone]
            graph.remove_edges_from(gone)
            with suppress(nx.NetworkXNoPath):
                nx.multi_source_dijkstra(graph, set(start.tolist()), int(end[0]), weight="w")
            for tail, head, key, weight in kept:
                graph.add_edge(tail, head, key, w=weight)
        seconds += (time.perf_counter() - begin) / SAMPLE * case.links
    return seconds


def _networkx(world: Weighted) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(world.graph.size))
    for arc in np.flatnonzero(np.isfinite(world.weight)).tolist():
        tail, head = int(world.graph.tail[arc]), int(world.graph.head[arc])
        graph.add_edge(tail, head, int(world.graph.link[arc]), w=float(world.weight[arc]))
    return graph


def best_of(way, case: Case, rounds: int) -> float:
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        way(case)
        times.append(time.perf_counter() - begin)
    return min(times)


def main() -> None:
    """Print the ratios."""
    out = sys.stdout.write
    head = ("case", "flows", "links", "ours ms", "scipy ms", "x scipy", "networkx s", "x networkx")
    out("{:28}{:>6}{:>7}{:>10}{:>10}{:>9}{:>12}{:>12}\n".format(*head))
    for case in cases():
        mine, theirs = best_of(ours, case, 5), best_of(bare, case, 1)
        turning = case.flows[0][0].graph.has_turns
        slow = float("nan") if turning else loop_seconds(case)
        out(
            f"{case.name:28}{len(case.flows):6}{case.links:7}{mine * 1e3:10.1f}"
            f"{theirs * 1e3:10.1f}{theirs / mine:9.1f}{slow:12.1f}{slow / mine:12.0f}\n"
        )
    out(f"targets: scipy {TARGETS['scipy']}, networkx {TARGETS['networkx']}; networkx is sampled\n")


if __name__ == "__main__":
    main()
