"""Searches over contracted chains give what Dijkstra's algorithm gives on all vertices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from corridors.routing import core
from corridors.routing.graph import Graph
from corridors.routing.weighted import Weighted

MOST = 12


@some.composite
def graphs(draw):
    """Few places and many chains: rings, loops, dead ends, parallel and one-way links, zeros."""
    size = draw(some.integers(1, MOST))
    node = some.integers(0, size - 1)
    chain = draw(some.permutations(range(size)))
    steps = draw(some.lists(some.sampled_from(range(size)), max_size=size))
    ends = [(chain[at], chain[(at + 1) % size]) for at in steps]
    ends += draw(some.lists(some.tuples(node, node), max_size=4))
    ends = ends or [(0, size - 1)]
    links = pd.DataFrame(
        {
            "from_place": [f"p{a:02}" for a, _ in ends],
            "to_place": [f"p{b:02}" for _, b in ends],
            "oneway": [draw(some.booleans()) for _ in ends],
        }
    )
    graph = Graph(pd.Series([f"p{n:02}" for n in range(size)]), links)
    values = some.sampled_from([0.0, 0.0, 0.25, 1.0, 1.5, 2.0, np.inf])
    weight = np.array([draw(values) for _ in graph.tail])
    sources = np.array(draw(some.lists(node, min_size=1, max_size=3, unique=True)))
    return graph, weight, sources


def check_tree(world, sources, distance, before):
    """Every vertex reached hangs on a source by steps that add up to its distance."""
    for vertex in range(world.graph.steps.size):
        if vertex in sources or not np.isfinite(distance[vertex]):
            assert before[vertex] < 0
            continue
        at, seen = vertex, set()
        while before[at] >= 0:
            assert at not in seen
            seen.add(at)
            rows = (world.tail == before[at]) & (world.head == at)
            assert rows.any()
            assert distance[at] == distance[before[at]] + world.step_weight[rows].min()
            at = before[at]
        assert at in sources


@given(graphs(), some.data())
def test_equals_the_search_on_all_vertices(given_graph, data):
    graph, weight, sources = given_graph
    plain, contracted = Weighted(graph, weight), Weighted(graph, weight, contract=True)
    for one, other in ((plain, contracted), (plain.reversed(), contracted.reversed())):
        want, _ = one.tree(sources)
        got, before = other.tree(sources)
        np.testing.assert_array_equal(got, want)
        check_tree(other, sources.tolist(), got, before)
        np.testing.assert_array_equal(other.nearest(sources), want)
        np.testing.assert_array_equal(other.distances(sources), one.distances(sources))
    links = data.draw(some.lists(some.sampled_from(range(int(graph.link.max()) + 1)), max_size=3))
    shut = np.zeros(int(graph.link.max()) + 1, bool)
    shut[links] = True
    want = plain.without(shut).nearest(sources)
    closed = contracted.closing(np.array(links, int))
    np.testing.assert_array_equal(closed.nearest(sources), want)
    np.testing.assert_array_equal(contracted.without(shut).nearest(sources), want)
    for node, least in enumerate(plain.nearest(sources)):
        path = contracted.path(sources, np.array([node]))
        assert (np.inf if path is None else path.cost) == least
        if path is not None:
            assert path.nodes[0] in sources
            assert path.nodes[-1] == node
            assert len(set(path.nodes.tolist())) == len(path.nodes)
            assert (graph.tail[path.arcs] == path.nodes[:-1]).all()
            assert (graph.head[path.arcs] == path.nodes[1:]).all()


@given(graphs())
def test_ways_are_the_same_whether_searched_or_kept(given_graph):
    """Of ways that tie the same one is found before and after all trees of the core are grown."""
    graph, weight, sources = given_graph
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core, "SEARCHES", 0.01)
        searched = Weighted(graph, weight, contract=True)
        first = [searched.path(sources, np.array([node])) for node in range(graph.size)]
        patch.setattr(core, "SEARCHES", 1000)
        kept = Weighted(graph, weight, contract=True)
        later = [kept.path(sources, np.array([node])) for node in range(graph.size)]
    for one, other in zip(first, later, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            assert one.arcs.tolist() == other.arcs.tolist()


def test_a_chain_is_one_step(net):
    lengths = net.graph.arc_weights(net.graph_lengths)
    bones = Weighted(net.graph, lengths, contract=True).skeleton
    assert len(bones.core) < 0.6 * net.graph.size
    assert bones.length.sum() == len(bones.steps)


def test_of_equal_ways_the_first_link_is_taken():
    links = pd.DataFrame({"from_place": ["a", "a", "b", "c"], "to_place": ["b", "c", "d", "d"]})
    links["oneway"] = False
    graph = Graph(pd.Series(list("abcd")), links)
    world = Weighted(graph, np.ones(len(graph.tail)), contract=True)
    path = world.path(np.array([0]), np.array([3]))
    assert path.links.tolist() == [0, 2]
    assert path.cost == pytest.approx(2)
