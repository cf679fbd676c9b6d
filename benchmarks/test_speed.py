"""How long loading and routing take; `make bench` runs it.

Machines differ and are shared, so nothing here fails by a time. Read the ratio of a route to the
bare shortest-path call underneath, and to networkx, all in the same run.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

import corridors as co


@pytest.fixture(scope="module")
def net():
    loaded = co.load("2026-06-01")
    loaded.route("Yalama", "Dalarik", modes=["rail"], cargo_origin="RU")
    return loaded


@pytest.mark.benchmark(group="load")
def test_load(benchmark):
    co.load("2026-06-01")
    loaded = benchmark(co.load, "2026-06-01")
    assert len(loaded.links) > 500


@pytest.mark.benchmark(group="route Kostanay-Yerevan")
def test_route_warm(benchmark, net):
    found = benchmark(net.route, "Kostanay", "Yerevan", modes=["rail"], commodity="wheat")
    assert found.length_km > 3000


@pytest.mark.benchmark(group="route Kostanay-Yerevan")
def test_route_by_hours_with_its_costs(benchmark, net):
    def ask():
        found = net.route("Kostanay", "Yerevan", modes=["rail"], commodity="wheat", weight="hours")
        return found.hours, found.usd_range

    assert benchmark(ask)[0] > 100


@pytest.mark.benchmark(group="what-if")
def test_a_new_cost_model_compiled(benchmark, net):
    def ask():
        changed = net.with_parameters({"rate-rail-ru": 0.01})
        return changed.route("Kostanay", "Yerevan", modes=["rail"], weight="usd_per_t").usd_per_t

    assert benchmark(ask) > 50


@pytest.mark.benchmark(group="route Kostanay-Yerevan")
def test_bare_dijkstra(benchmark, net):
    weights = np.where(net.state_allows & (net.link_modes == "rail"), net.graph_lengths, np.inf)
    ends = net.graph.nodes(["kostanay"]), net.graph.nodes(["yerevan"])
    found = benchmark(net.graph.shortest_path, *ends, weights)
    assert found.cost > 3000


@pytest.mark.benchmark(group="route Kostanay-Yerevan")
def test_networkx(benchmark, net):
    links = net.links[net.links["usable"] & net.links["mode"].isin(["rail", "gauge_change"])]
    graph = nx.from_pandas_edgelist(
        links, "from_place", "to_place", ["length_km"], create_using=nx.MultiGraph
    )
    km = benchmark(nx.dijkstra_path_length, graph, "kostanay", "yerevan", weight="length_km")
    assert km > 3000


@pytest.mark.benchmark(group="no route")
def test_no_route_with_reasons(benchmark, net):
    def ask():
        with pytest.raises(co.NoRoute) as caught:
            net.route("Baku", "Nakhchivan", modes=["rail"])
        return caught.value

    assert benchmark(ask).changes
