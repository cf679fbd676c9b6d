"""The way round every link equals the search of the graph without it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from corridors.routing.graph import Graph
from corridors.routing.replacement import Replacements, Trees
from corridors.routing.turns import TurnGraph
from corridors.routing.weighted import Weighted

NODES = 8


@some.composite
def worlds(draw: some.DrawFn, *, turns: bool = False) -> Weighted:
    """Multigraphs with few different weights, so that ways tie, zeros and one-way links."""
    node = some.integers(0, NODES - 1)
    ends = draw(
        some.lists(some.tuples(node, node).filter(lambda e: e[0] != e[1]), min_size=1, max_size=20)
    )
    count = len(ends)
    links = pd.DataFrame(
        {
            "from_place": [f"p{a}" for a, _ in ends],
            "to_place": [f"p{b}" for _, b in ends],
            "oneway": draw(some.lists(some.booleans(), min_size=count, max_size=count)),
        }
    )
    places = pd.Series([f"p{n}" for n in range(NODES)])
    if turns:
        bearings = some.lists(
            some.sampled_from([0.0, 30.0, 90.0, 180.0, 200.0, 270.0, np.nan]),
            min_size=count, max_size=count,
        )  # fmt: skip
        links["mode"] = draw(
            some.lists(some.sampled_from(["rail", "rail", "road"]), min_size=count, max_size=count)
        )
        links["bearing_from"], links["bearing_to"] = draw(bearings), draw(bearings)
        kinds = draw(
            some.lists(some.sampled_from(["junction", "station"]), min_size=NODES, max_size=NODES)
        )
        graph: Graph = TurnGraph(pd.DataFrame({"place_id": places, "kind": kinds}), links)
    else:
        graph = Graph(places, links)
    # Any direction its own weight, unless the draw says that both weigh the same.
    weights = some.sampled_from([0.0, 1.0, 1.0, 2.0, 3.0, 0.1, 0.2, np.inf])
    if draw(some.booleans()):
        weight = graph.arc_weights(
            np.array(draw(some.lists(weights, min_size=count, max_size=count)))
        )
    else:
        arcs = len(graph.tail)
        weight = np.array(draw(some.lists(weights, min_size=arcs, max_size=arcs)))
    reversal = draw(some.sampled_from([0.0, 1.0, 20.0])) if turns else 0.0
    return Weighted(graph, weight, reversal, contract=draw(some.booleans()))


ENDS = some.lists(some.integers(0, NODES - 1), min_size=1, max_size=3, unique=True).map(
    lambda nodes: np.array(nodes, np.int64)
)


def brute(world: Weighted, sources: np.ndarray, targets: np.ndarray, rows: list[int]) -> float:
    shut = np.zeros(int(world.graph.link.max()) + 1, bool)
    shut[rows] = True
    weight = np.where(shut[world.graph.link], np.inf, world.weight)
    closed = Weighted(world.graph, weight, world.reversal_weight)
    return float(closed.nearest(sources)[targets].min())


def check(world, sources, targets, sets):
    found = Replacements(Trees(world), sources, targets)
    assert found.cost == pytest.approx(brute(world, sources, targets, []))
    links, costs = found.without_each()
    assert sorted(set(found.links[found.links >= 0].tolist())) == sorted(links.tolist())
    for link, cost in zip(links.tolist(), costs.tolist(), strict=True):
        assert cost == pytest.approx(brute(world, sources, targets, [link]))
    for rows in [*([link] for link in links.tolist()), *sets]:
        cost, path = found.without(np.array(rows, np.int64))
        assert cost == pytest.approx(brute(world, sources, targets, rows))
        assert (path is None) == np.isinf(cost)
        if path is not None:
            assert not set(path.links.tolist()) & set(rows)
            assert path.cost == pytest.approx(cost)
            assert path.nodes[0] in sources
            assert path.nodes[-1] in targets
            assert len(path.nodes) == len(path.links) + 1


@given(some.data())
def test_any_graph(data):
    world = data.draw(worlds())
    most = int(world.graph.link.max())
    sets = data.draw(
        some.lists(some.lists(some.integers(0, most), min_size=1, max_size=4), max_size=4)
    )
    check(world, data.draw(ENDS), data.draw(ENDS), sets)


@given(some.data())
def test_trains_that_do_not_turn_sharply(data):
    world = data.draw(worlds(turns=True))
    most = max(int(world.graph.link.max()), 0)
    sets = data.draw(
        some.lists(some.lists(some.integers(0, most), min_size=1, max_size=4), max_size=4)
    )
    check(world, data.draw(ENDS), data.draw(ENDS), sets)
