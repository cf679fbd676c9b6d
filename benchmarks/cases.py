"""The cases of the routing benchmarks: each by us, by networkx, and by the bare scipy call.

``python -m benchmarks.cases`` prints the ratios, all measured in one run, and the memory that the
compiled graph takes. networkx gets a graph made beforehand that holds only the usable links: a
MultiDiGraph, which keeps parallel links apart as we do, or with ``--simple`` a DiGraph of the
lightest links, which cannot answer closures of one of two parallel links but is quicker.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle, islice, pairwise

import networkx as nx
import numpy as np
from scipy.sparse.csgraph import dijkstra

import corridors as co
from corridors.network import Network
from corridors.routing.terms import terms

DAY = "2026-06-01"
ASK = {"modes": ["rail", "road", "ferry"], "cargo_origin": "KZ", "cargo_destination": "AM"}
ORIGIN, DESTINATION = "kostanay", "yerevan"
TABLE, CLOSURES = 200, 1000
TARGETS = {"route": 10, "one to all": 25, "table": 25, "closures": 100}
"""How many times faster than networkx each case should be."""


@dataclass(frozen=True)
class Case:
    """One thing to do, in three ways; a way that does not exist is None."""

    name: str
    ours: Callable[[], object]
    networkx: Callable[[], object] | None
    bare: Callable[[], object] | None


def cases(net: Network | None = None, *, simple: bool = False) -> list[Case]:
    """All cases on the reference network."""
    net = co.load(DAY) if net is None else net
    asked = terms(net, **ASK)
    start, end = asked.end(ORIGIN, "a"), asked.end(DESTINATION, "b")
    world = asked.weighted(asked.shipment(start, end))
    graph = _networkx(net, np.isfinite(world.weight), simple=simple)
    served = net.graph.index[asked.served].tolist()
    origins = served[:: len(served) // TABLE][:TABLE]
    nodes = net.graph.nodes(origins)
    path = net.route(ORIGIN, DESTINATION, **ASK)
    single = list(islice(cycle(net.links["link_id"]), CLOSURES))
    ids, places = net.links["link_id"].tolist(), net.links[["from_place", "to_place"]].to_numpy()
    ends = dict(zip(ids, places.tolist(), strict=True))
    pick = np.random.default_rng(4)
    several = [pick.choice(net.links["link_id"], 5).tolist() for _ in range(CLOSURES)]

    assert path.length_km > 2000
    return [
        Case(
            "route",
            lambda: net.route(ORIGIN, DESTINATION, **ASK),
            lambda: nx.shortest_path(graph, ORIGIN, DESTINATION, weight="km"),
            lambda: dijkstra(
                world.matrix, indices=start.nodes, min_only=True, return_predecessors=True
            ),
        ),
        Case(
            "one to all",
            lambda: net.skim(ORIGIN, **ASK),
            lambda: nx.single_source_dijkstra_path_length(graph, ORIGIN, weight="km"),
            lambda: dijkstra(world.matrix, indices=start.nodes),
        ),
        Case(
            "table",
            lambda: net.skim(origins, origins, **ASK),
            lambda: [
                nx.single_source_dijkstra_path_length(graph, one, weight="km") for one in origins
            ],
            lambda: dijkstra(world.matrix, indices=nodes),
        ),
        Case(
            "alternatives",
            lambda: net.alternatives(ORIGIN, DESTINATION, k=4, **ASK),
            lambda: _penalised(graph, simple),
            None,
        ),
        Case(
            "closures",
            lambda: net.closures([(ORIGIN, DESTINATION)], single, **ASK),
            lambda: _closed(graph, ends, [[one] for one in single], simple),
            None,
        ),
        Case(
            "closures of 5 links",
            lambda: net.closures([(ORIGIN, DESTINATION)], several, **ASK),
            lambda: _closed(graph, ends, several, simple),
            None,
        ),
    ]


def _closed(
    graph: nx.DiGraph, ends: dict[str, list[str]], sets: list[list[str]], simple: bool
) -> list[float]:
    """Length of the route under each closure; closed links are put back afterwards."""
    found = []
    for shut in sets:
        gone = []
        for name in shut:
            u, v = ends[name]
            for one, two in ((u, v), (v, u)):
                key = (one, two) if simple else (one, two, name)
                if graph.has_edge(*key):
                    gone.append((*key, graph.edges[key]))
        graph.remove_edges_from([row[:-1] for row in gone])
        try:
            found.append(nx.shortest_path_length(graph, ORIGIN, DESTINATION, weight="km"))
        except nx.NetworkXNoPath:
            found.append(float("nan"))
        graph.add_edges_from(gone)
    return found


def _penalised(graph: nx.DiGraph, simple: bool) -> None:
    """The penalty pool of our alternatives, by networkx."""
    other = graph.copy()
    for _ in range(48):
        way = nx.shortest_path(other, ORIGIN, DESTINATION, weight="km")
        for u, v in pairwise(way):
            for data in [other[u][v]] if simple else other[u][v].values():
                data["km"] *= 1.4


def _networkx(net: Network, usable: np.ndarray, *, simple: bool) -> nx.DiGraph:
    graph = nx.DiGraph() if simple else nx.MultiDiGraph()
    ids, links = net.graph.index.tolist(), net.links["link_id"].tolist()
    graph.add_nodes_from(ids)
    rows = np.flatnonzero(usable)
    lengths = net.graph_lengths[net.graph.link]
    for arc in rows[np.argsort(-lengths[rows], kind="stable")].tolist():  # the lightest comes last
        u, v = ids[net.graph.tail[arc]], ids[net.graph.head[arc]]
        key = () if simple else (links[net.graph.link[arc]],)
        graph.add_edge(u, v, *key, km=float(lengths[arc]))
    return graph


def seconds(case: Case, least: float = 1.5) -> list[float]:
    """Median time of one call by each way, in turns, so that a busy machine slows them alike."""
    ways = [case.ours, case.networkx, case.bare]
    times: list[list[float]] = [[], [], []]
    for way in ways:
        if way is not None:
            way()
    begin = time.perf_counter()
    while time.perf_counter() - begin < least or len(times[0]) < 3:
        for way, kept in zip(ways, times, strict=True):
            if way is not None:
                start = time.perf_counter()
                way()
                kept.append(time.perf_counter() - start)
    return [float(np.median(kept)) if kept else float("nan") for kept in times]


def main() -> None:
    """Print the ratios."""
    tracemalloc.start()
    net = co.load(DAY)
    loaded = tracemalloc.get_traced_memory()[0]
    net.route(ORIGIN, DESTINATION, **ASK)
    net.skim(ORIGIN, **ASK)
    compiled = tracemalloc.get_traced_memory()[0] - loaded
    tracemalloc.stop()
    out = sys.stdout.write
    out(f"{len(net.places)} places, {len(net.links)} links; memory: tables {loaded / 1e6:.1f} MB, ")
    out(f"compiled graph, names and one set of weights {compiled / 1e6:.1f} MB\n")
    head = ("case", "ours ms", "networkx ms", "bare ms", "x networkx", "target", "x bare")
    out("{:20}{:>10}{:>13}{:>10}{:>12}{:>8}{:>8}\n".format(*head))
    for case in cases(net, simple="--simple" in sys.argv):
        ours, other, bare = seconds(case)
        out(
            f"{case.name:20}{ours * 1e3:10.3f}{other * 1e3:13.3f}{bare * 1e3:10.3f}"
            f"{other / ours:12.1f}{TARGETS.get(case.name, ''):>8}{ours / bare:8.2f}\n"
        )


if __name__ == "__main__":
    main()
