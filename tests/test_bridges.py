"""Bridges of the usable multigraph: parallel links are no bridges, whatever simple graphs say."""

from __future__ import annotations

import igraph
import networkx as nx
import numpy as np
import rustworkx
from hypothesis import given

from corridors.analysis.bridges import bridges
from tests.strategies import networks
from tests.worlds import link, network, place


def _double_track():
    places = [place("a", 44, 40), place("b", 45, 40), place("c", 46, 40)]
    links = [
        link("a", "b", 100, link_id="track1"),
        link("a", "b", 100, link_id="track2"),
        link("b", "c", 100, link_id="single"),
    ]
    return network(places, links)


def test_a_double_track_is_no_bridge_here_but_is_one_on_simple_graphs():
    net = _double_track()
    ours = bridges(net.graph, net.state_allows)
    assert net.links["link_id"][ours].tolist() == ["single"]
    pairs = [(0, 1), (0, 1), (1, 2)]
    # What looks at pairs of places calls the double track a bridge ...
    assert {tuple(sorted(pair)) for pair in nx.bridges(nx.Graph(pairs))} == {(0, 1), (1, 2)}
    multigraph = rustworkx.PyGraph(multigraph=True)
    multigraph.add_nodes_from("abc")
    multigraph.add_edges_from_no_data(pairs)
    assert rustworkx.bridges(multigraph) == {(0, 1), (1, 2)}
    # ... and what keeps parallel links apart does not.
    assert igraph.Graph(3, pairs).bridges() == [2]


def test_one_track_closed_makes_the_other_a_bridge():
    net = _double_track().with_closed("track1")
    assert net.links["link_id"][bridges(net.graph, net.state_allows)].tolist() == [
        "single",
        "track2",
    ]
    assert not bridges(net.graph, np.zeros(3, bool)).any()


@given(networks(oneway=True))
def test_equals_the_definition(net):
    """A bridge is a link without which there are more components."""
    usable = net.state_allows
    expected = np.zeros(len(usable), bool)
    count = len(np.unique(net.graph.components(usable)))
    for row in np.flatnonzero(usable):
        without = usable.copy()
        without[row] = False
        expected[row] = len(np.unique(net.graph.components(without))) > count
    np.testing.assert_array_equal(bridges(net.graph, usable), expected)
