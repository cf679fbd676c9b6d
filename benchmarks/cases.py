"""The cases of the routing benchmarks: each by us, by networkx, and by the bare scipy call.

``python -m benchmarks.cases [network ...]`` prints the ratios, all measured in one run, and the
memory that the compiled graph takes, on each network: ``reference``, ``osm-rail`` (the extract of
the South Caucasus that lies beside a development checkout), ``country`` (synthetic), or a path to
an extract. Every call asks about another pair of places, so that no answer can be remembered. A
small network grows the trees that it reads answers from once, after some tens of questions; what
the slowest of those took is printed, and they are not among the calls measured.

networkx gets a graph made beforehand that holds what is usable: a MultiDiGraph, which keeps
parallel links apart as we do. Where trains turn it gets the expanded graph, without which it could
not forbid a sharp turn. ``--simple`` gives it a DiGraph of the lightest links, which cannot answer
closures of one of two parallel links but is quicker; ``--no-turns`` lets it do without turns, which
is an easier question than ours.
"""

from __future__ import annotations

import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle, islice, pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

import corridors as co
from benchmarks.make_country import make
from corridors.network import Network
from corridors.routing.terms import Terms, terms
from corridors.routing.weighted import Weighted

DAY = "2026-06-01"
ASK: dict[str, Any] = {
    "modes": ["rail", "road", "ferry"], "cargo_origin": "KZ", "cargo_destination": "AM",
}  # fmt: skip
PAIRS, TABLE, CLOSURES = 500, 200, 1000
TARGETS = {"route": 10, "one to all": 25, "table": 25, "closures": 100}
"""How many times faster than networkx each case should be."""
TURN_S = 0.05
WARM = 60
"""Questions before the measuring: a small network grows its trees in that time."""
OSM_RAIL = Path(__file__).parents[2] / "shared" / "osm" / "south-caucasus-rail.osm.pbf"


@dataclass(frozen=True)
class Case:
    """One thing to do, in three ways; a way that does not exist is None.

    ``part`` is the share of the work that networkx is given where all of it would take minutes.
    """

    name: str
    ours: Callable[[], object]
    networkx: Callable[[], object] | None
    bare: Callable[[], object] | None
    part: float = 1.0


def load(name: str) -> Network:
    """A network by name, or from an extract."""
    if name == "reference":
        return co.load(DAY)
    if name == "country":
        with tempfile.TemporaryDirectory() as folder:
            path = make(Path(folder) / "country.osm.pbf")
            return co.from_pbf(path, modes=["rail", "road"], progress=False, as_of=DAY)
    path = OSM_RAIL if name == "osm-rail" else Path(name)
    return co.from_pbf(path, progress=False, as_of=DAY)


class World:
    """A network with its peers: what each case is made from."""

    def __init__(self, net: Network, *, simple: bool = False, turns: bool = True) -> None:
        self.net = net
        self.asked: Terms = terms(net, **ASK)
        every = self.asked.end(self._served()[0], "a")
        self.world = self.asked.weighted(self.asked.shipment(every, every))
        self.plain = Weighted(net.graph, self.world.weight, self.world.reversal_weight)
        self.simple = simple
        self.steps = net.graph.steps
        self.expanded = turns and net.graph.has_turns
        self.graph = self._networkx()
        self.places = self._joined()
        rng = np.random.default_rng(4)
        chosen = [rng.choice(self.places, 2, replace=False).tolist() for _ in range(PAIRS)]
        self.pairs = [(str(a), str(b)) for a, b in chosen]

    def _served(self) -> list[str]:
        return self.net.graph.index[self.asked.served].tolist()

    def _joined(self) -> list[str]:
        """Places from which all the others of the largest part can be reached."""
        graph, size = self.net.graph, self.net.graph.size
        arcs = np.isfinite(self.world.weight)
        ends = graph.tail[arcs], graph.head[arcs]
        matrix = coo_array((np.ones(len(ends[0])), ends), (size, size))
        label = connected_components(matrix, directed=True, connection="strong")[1]
        joined = np.flatnonzero((label == np.bincount(label).argmax()) & self.asked.served)
        hub = joined[len(joined) // 2 : len(joined) // 2 + 1]
        both = np.isfinite(self.plain.nearest(hub)) & np.isfinite(
            self.plain.reversed().nearest(hub)
        )
        kept = self.net.graph.index[both & self.asked.served].tolist()
        kept = kept[:: max(1, len(kept) // 2000)]
        # A name may stand for a place and its neighbours; here each stands for itself.
        return [name for name in kept if len(self.asked.end(name, "a").nodes) == 1]

    def _networkx(self) -> nx.DiGraph:
        graph = nx.DiGraph() if self.simple else nx.MultiDiGraph()
        if self.expanded:
            world = self.plain
            rows = zip(world.tail, world.head, world.step_weight, world.arc, strict=True)
            graph.add_nodes_from(range(self.steps.size))
        else:
            arcs = np.flatnonzero(np.isfinite(self.world.weight))
            ends = self.net.graph.tail[arcs], self.net.graph.head[arcs]
            rows = zip(*ends, self.world.weight[arcs], arcs, strict=True)
            graph.add_nodes_from(range(self.net.graph.size))
        link = self.net.graph.link
        # The lightest comes last: a DiGraph keeps what it was given last.
        for tail, head, km, arc in sorted(rows, key=lambda row: -row[2]):
            of = int(link[arc]) if arc >= 0 else -1
            key = () if self.simple else (of,)
            graph.add_edge(int(tail), int(head), *key, km=float(km), link=of)
        return graph

    def ends(self, a: str, b: str) -> tuple[int, int]:
        """Vertices of two places in the graph of networkx."""
        one, other = self.net.graph.nodes([a, b]).tolist()
        if self.expanded:
            return int(self.steps.depart[one]), int(self.steps.arrive[other])
        return one, other


def cases(world: World | None = None) -> list[Case]:
    """All cases on a network; the reference network if none is given."""
    world = World(co.load(DAY)) if world is None else world
    net = world.net
    graph, plain, steps = world.graph, world.plain, world.steps
    fresh = {name: cycle(world.pairs) for name in ("ours", "networkx", "bare")}
    few = len(graph) > 20_000  # vertices: networkx would take minutes

    def ours_one() -> object:
        return net.route(*next(fresh["ours"]), **ASK)

    def networkx_one() -> object:
        return nx.shortest_path(graph, *world.ends(*next(fresh["networkx"])), weight="km")

    def bare_one() -> object:
        a, _ = next(fresh["bare"])
        start = steps.depart[net.graph.nodes([a])]
        return dijkstra(plain.matrix, indices=start, min_only=True, return_predecessors=True)

    def ours_all() -> object:
        return net.skim(next(fresh["ours"])[0], **ASK)

    def networkx_all() -> object:
        start, _ = world.ends(*next(fresh["networkx"]))
        return nx.single_source_dijkstra_path_length(graph, start, weight="km")

    def bare_all() -> object:
        a, _ = next(fresh["bare"])
        return dijkstra(plain.matrix, indices=steps.depart[net.graph.nodes([a])])

    origins = world.places[:: max(1, len(world.places) // TABLE)][:TABLE]
    some = origins[: max(1, len(origins) // 20)] if few else origins

    def networkx_table() -> object:
        starts = [world.ends(one, one)[0] for one in some]
        return [nx.single_source_dijkstra_path_length(graph, one, weight="km") for one in starts]

    def ours_different() -> object:
        a, b = next(fresh["ours"])
        return net.alternatives(a, b, k=4, **ASK)

    a, b = max(world.pairs[:20], key=lambda pair: net.route(*pair, **ASK).length_km)
    on_route = net.route(a, b, **ASK).link_ids
    ids = net.links["link_id"].tolist()
    rows = dict(zip(ids, range(len(ids)), strict=True))
    pick = np.random.default_rng(4)
    sets = {
        "closures": [[one] for one in islice(cycle(ids), CLOSURES)],
        "closures on the route": [
            [one, *pick.choice(ids, 1).tolist()] for one in islice(cycle(on_route), CLOSURES)
        ],
        "closures of 5 links": [pick.choice(ids, 5).tolist() for _ in range(CLOSURES)],
    }

    def closing(name: str) -> Case:
        part = sets[name][:: CLOSURES // 20] if few else sets[name]
        numbers = [[rows[one] for one in shut] for shut in part]
        return Case(
            name,
            lambda: net.closures([(a, b)], sets[name], **ASK),
            lambda: _closed(graph, world.ends(a, b), numbers),
            None,
            len(part) / CLOSURES,
        )

    return [
        Case("route", ours_one, networkx_one, bare_one),
        Case("one to all", ours_all, networkx_all, bare_all),
        Case(
            "table",
            lambda: net.skim(origins, origins, **ASK),
            networkx_table,
            lambda: dijkstra(plain.matrix, indices=steps.depart[net.graph.nodes(origins)]),
            len(some) / len(origins),
        ),
        Case(
            "alternatives",
            ours_different,
            lambda: _penalised(graph, world.ends(*next(fresh["networkx"])), 4 if few else 48),
            None,
            4 / 48 if few else 1.0,
        ),
        *(closing(name) for name in sets),
    ]


def _closed(graph: nx.DiGraph, ends: tuple[int, int], sets: list[list[int]]) -> list[float]:
    """Length of the route under each closure; closed links are put back afterwards."""
    edges: dict[int, list[tuple[Any, ...]]] = {}
    for *edge, data in graph.edges(data=True, **({"keys": True} if graph.is_multigraph() else {})):
        edges.setdefault(data["link"], []).append((*edge, data))
    found = []
    for shut in sets:
        gone = [edge for link in set(shut) for edge in edges.get(link, ())]
        graph.remove_edges_from([edge[:-1] for edge in gone])
        try:
            found.append(nx.shortest_path_length(graph, *ends, weight="km"))
        except nx.NetworkXNoPath:
            found.append(float("nan"))
        graph.add_edges_from(gone)
    return found


def _penalised(graph: nx.DiGraph, ends: tuple[int, int], steps: int) -> None:
    """The penalty pool of our alternatives, by networkx."""
    other = graph.copy()
    for _ in range(steps):
        way = nx.shortest_path(other, *ends, weight="km")
        for u, v in pairwise(way):
            for data in other[u][v].values() if other.is_multigraph() else [other[u][v]]:
                data["km"] *= 1.4


def seconds(case: Case, least: float = 1.5) -> list[float]:
    """Median processor time of one call by each way, in turns.

    Not the time on the wall: a busy machine interrupts long calls and leaves short ones alone. A
    turn is many calls of a short one, so that none is charged for caches that another emptied.
    """
    ways = [case.ours, case.networkx, case.bare]
    times: list[list[float]] = [[], [], []]
    for way in (case.ours, case.bare):
        start = time.process_time()
        for _ in range(WARM):
            if way is not None and time.process_time() - start < TURN_S:
                way()
    begin = time.perf_counter()
    while time.perf_counter() - begin < least or not times[0]:
        for way, kept in zip(ways, times, strict=True):
            turn = time.process_time()
            while way is not None and time.process_time() - turn < TURN_S:
                start = time.process_time()
                way()
                kept.append(time.process_time() - start)
    medians = [float(np.median(kept)) if kept else float("nan") for kept in times]
    return [medians[0], medians[1] / case.part, medians[2]]


def report(name: str, *, simple: bool, turns: bool) -> None:
    """Print memory and ratios on one network."""
    tracemalloc.start()
    net = load(name)
    loaded = tracemalloc.get_traced_memory()[0]
    asked = terms(net, **ASK)
    end = asked.end(str(net.graph.index[asked.served][0]), "a")
    asked.weighted(asked.shipment(end, end)).nearest(end.nodes)
    compiled = tracemalloc.get_traced_memory()[0] - loaded
    tracemalloc.stop()
    out = sys.stdout.write
    out(f"\n{name}: {len(net.places)} places, {len(net.links)} links, ")
    out(f"{net.graph.steps.size} vertices{' with turns' if net.graph.has_turns else ''}; memory: ")
    out(f"tables {loaded / 1e6:.1f} MB, graph and one set of weights {compiled / 1e6:.1f} MB\n")
    world = World(net, simple=simple, turns=turns)
    out(f"slowest of the first {WARM} routes: {_slowest(world) * 1e3:.1f} ms\n")
    head = ("case", "ours ms", "networkx ms", "bare ms", "x networkx", "target", "x bare")
    out("{:22}{:>10}{:>13}{:>10}{:>12}{:>8}{:>8}\n".format(*head))
    for case in cases(world):
        ours, other, bare = seconds(case)
        out(
            f"{case.name:22}{ours * 1e3:10.3f}{other * 1e3:13.3f}{bare * 1e3:10.3f}"
            f"{other / ours:12.1f}{TARGETS.get(case.name, ''):>8}{ours / bare:8.2f}\n"
        )
        sys.stdout.flush()


def _slowest(world: World) -> float:
    """Seconds of the slowest of some questions: where trees are kept, of growing them."""
    found = 0.0
    for a, b in world.pairs[:WARM]:
        start = time.process_time()
        world.net.route(a, b, **ASK)
        found = max(found, time.process_time() - start)
    return found


def main() -> None:
    """Print the ratios."""
    given = [name for name in sys.argv[1:] if not name.startswith("--")]
    usual = ["reference", *(["osm-rail"] if OSM_RAIL.exists() else []), "country"]
    for name in given or usual:
        report(name, simple="--simple" in sys.argv, turns="--no-turns" not in sys.argv)


if __name__ == "__main__":
    main()
