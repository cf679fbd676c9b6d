"""Minimum cuts equal largest flows and brute force; routes are disjoint and lightest together."""

from __future__ import annotations

import itertools
import json

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.optimize import linprog

import corridors as co
from corridors.analysis.mincut import sides
from corridors.errors import ArgumentError
from tests.strategies import HALF, networks
from tests.worlds import link, network, place


@some.composite
def asked(draw):
    """A random network and two groups of its places that do not overlap."""
    net = draw(networks(oneway=True))
    ids = net.places["place_id"].tolist()
    side = draw(some.lists(some.integers(0, 2), min_size=len(ids), max_size=len(ids)))
    start = [name for name, at in zip(ids, side, strict=True) if at == 0] or ids[:1]
    end = [name for name, at in zip(ids, side, strict=True) if at == 1 and name not in start]
    served = {*net.links["from_place"], *net.links["to_place"]}
    start, end = [p for p in start if p in served], [p for p in end if p in served]
    if not start or not end:
        first = net.links.iloc[0]
        start, end = [first["from_place"]], [first["to_place"]]
    return net, start, end


def _largest_flow(net, start, end, capacity):
    """The same by networkx, on a simple graph whose parallel links are added up."""
    graph = nx.DiGraph()
    graph.add_nodes_from(["S", "T"])
    name = dict.fromkeys(start, "S") | dict.fromkeys(end, "T")
    for row in net.links[net.links["usable"]].itertuples():
        a, b = name.get(row.from_place, row.from_place), name.get(row.to_place, row.to_place)
        ends = [(a, b)] if row.oneway else [(a, b), (b, a)]
        for tail, head in ends:
            if tail != head:
                before = graph.get_edge_data(tail, head, {"capacity": 0})["capacity"]
                graph.add_edge(tail, head, capacity=before + capacity.get(row.link_id, 1))
    return nx.maximum_flow_value(graph, "S", "T")


def _parts(net, start, end):
    """All smallest cuts, as sets of links, by trying every side."""
    free = [p for p in net.places["place_id"] if p not in {*start, *end}]
    links = net.links[net.links["usable"]]
    found = []
    for chosen in itertools.product([False, True], repeat=len(free)):
        near = {*start, *itertools.compress(free, chosen)}
        out = {
            row.link_id
            for row in links.itertuples()
            if (row.from_place in near and row.to_place not in near)
            or (not row.oneway and row.to_place in near and row.from_place not in near)
        }
        found.append(out)
    least = min(map(len, found))
    return [out for out in found if len(out) == least]


@HALF
@given(asked())
def test_equals_the_largest_flow_and_brute_force(given_net):
    net, start, end = given_net
    found = net.cut(start, end)
    assert found.value == _largest_flow(net, start, end, {})
    cuts = _parts(net, start, end)
    assert found.value == len(cuts[0])
    assert set(found.table["link_id"]) in cuts
    assert set(found.table_near_destination["link_id"]) in cuts
    assert set(found.necks["link_id"]) == set.union(*cuts)
    every = found.necks[found.necks["in_every"].astype(bool)]
    assert set(every["link_id"]) == set.intersection(*cuts)
    assert found.unique == (len(set(map(frozenset, cuts))) == 1)
    if found.value:
        assert net.with_closed(*found.table["link_id"]).cut(start, end).value == 0
    else:
        assert found.reasons


@given(asked())
def test_routes_share_no_link_and_are_lightest_together(given_net):
    net, start, end = given_net
    found = net.cut(start, end)
    assert len(found.routes) == found.value
    used = [name for route in found.routes for name in route.link_ids]
    assert len(used) == len(set(used))
    for route in found.routes:
        assert route.place_ids[0] in start
        assert route.place_ids[-1] in end
        assert not {*route.place_ids[1:-1]} & {*start, *end}
    assert sum(r.length_km for r in found.routes) == pytest.approx(
        _lightest(net, start, end, found.value)
    )


def _lightest(net, start, end, value):
    """Kilometres of the lightest flow of a value, as a linear programme."""
    graph = net.graph
    arcs = np.flatnonzero(net.state_allows[graph.link])
    vertex = np.arange(graph.size)
    vertex[graph.nodes(start)] = graph.nodes(start)[0]
    vertex[graph.nodes(end)] = graph.nodes(end)[0]
    tail, head = vertex[graph.tail[arcs]], vertex[graph.head[arcs]]
    balance = np.zeros((graph.size, len(arcs)))
    np.add.at(balance, (tail, np.arange(len(arcs))), 1)
    np.add.at(balance, (head, np.arange(len(arcs))), -1)
    wanted = np.zeros(graph.size)
    wanted[vertex[graph.nodes(start)[0]]] = value
    wanted[vertex[graph.nodes(end)[0]]] = -value
    if not len(arcs):
        return 0.0
    done = linprog(net.graph_lengths[graph.link[arcs]], A_eq=balance, b_eq=wanted, bounds=(0, 1))
    assert done.status == 0
    return done.fun


@HALF
@given(asked(), some.data())
def test_capacities(given_net, data):
    net, start, end = given_net
    amounts = some.sampled_from([0.0, 1.0, 2.5, 7.0, 1e7, np.inf])
    capacity = {name: data.draw(amounts) for name in net.links["link_id"]}
    found = net.cut(start, end, by="capacity", capacities=capacity)
    unbounded = {name: float(value == np.inf) for name, value in capacity.items()}
    unknown = _largest_flow(net, start, end, unbounded)
    assert found.unknown == unknown
    assert np.isinf(found.value) == (unknown > 0)
    if not unknown:
        bounded = {name: 0.0 if value == np.inf else value for name, value in capacity.items()}
        most = sum(bounded.values()) + 1
        large = {name: most if capacity[name] == np.inf else bounded[name] for name in capacity}
        assert found.value == pytest.approx(_largest_flow(net, start, end, large))
        assert sum(capacity[name] for name in found.table["link_id"]) == pytest.approx(found.value)
        carried = found.route_table["t_per_year"]
        assert carried.sum() == pytest.approx(found.value)
    else:
        assert len(found.routes) == unknown
        cut = [capacity[name] for name in found.table["link_id"]]
        assert sum(np.isinf(cut)) == unknown
        passed = [name for route in found.routes for name in route.link_ids]
        assert all(capacity[name] == np.inf for name in passed)
    json.dumps(found.to_dict(), allow_nan=False)


@given(asked(), some.data())
def test_places_are_cut_whole(given_net, data):
    """The least number of chosen places that cut two sides apart, by trying all sets."""
    net, start, end = given_net
    graph = net.graph
    sources, sinks = np.unique(graph.nodes(start)), np.unique(graph.nodes(end))
    mask = np.array(data.draw(some.lists(some.booleans(), min_size=graph.size,
                                         max_size=graph.size)))  # fmt: skip
    usable = net.state_allows[graph.link]
    found = sides(graph, usable, sources, sinks, nodes=mask)
    free = [n for n in np.flatnonzero(mask) if n not in {*sources, *sinks}]

    def joined(lost):
        open_arcs = usable & ~np.isin(graph.tail, lost) & ~np.isin(graph.head, lost)
        step = nx.DiGraph()
        step.add_nodes_from(range(graph.size))
        step.add_edges_from(zip(graph.tail[open_arcs], graph.head[open_arcs], strict=True))
        return any(nx.has_path(step, a, b) for a in sources for b in sinks)

    sizes = [
        count
        for count in range(len(free) + 1)
        if any(not joined(list(lost)) for lost in itertools.combinations(free, count))
    ]
    if sizes:
        assert found.value == sizes[0]
        assert not joined(found.near_source)
        assert not joined(found.near_sink)
    else:
        assert found.value >= found.large


@pytest.mark.parametrize(
    ("a", "b"),
    [("AM", "georgian-ports"), ("KZ", "AM"), ("azerbaijan-mainland", "nakhchivan-exclave")],
)
def test_reference_network(net, a, b):
    found = net.cut(a, b)
    start, end = (net.graph.index[end.nodes].tolist() for end in found._ends)
    usable = found._asked.question(found._asked.shipment(*found._ends)).usable
    shut = net.with_closed(*net.links["link_id"][~usable & net.links["usable"]])
    assert found.value == _largest_flow(shut, start, end, {}) == len(found.routes)
    used = [name for route in found.routes for name in route.link_ids]
    assert len(used) == len(set(used))
    crossings = net.cut(a, b, of="crossings")
    passed = [p for r in crossings.routes for p in r.place_ids if p in net.borders]
    assert len(passed) == len(set(passed))
    assert len(crossings.routes) == crossings.value == len(crossings.table)
    assert net.with_closed(*crossings.table["place_id"]).cut(a, b).value == 0


def test_armenia_hangs_on_one_railway_crossing(net):
    found = net.cut("Armenia", "black-sea-ports", modes=["rail"], of="crossings")
    assert found.table["place_id"].tolist() == ["sadakhlo-ayrum-rail-border"]
    assert found.unique
    assert "Sadakhlo" in found.explain()


def test_nakhchivan_is_an_exclave(net):
    """No place of the group can be reached from Azerbaijan without leaving the country."""
    found = net.cut("azerbaijan-mainland", "nakhchivan-exclave", avoid=["GE", "IR", "TR", "AM"])
    assert found.value == 0
    assert found.reasons
    whole = {*found._ends[0].nodes, *found._ends[1].nodes}
    rest = net.cut("AZ", "KZ")
    assert {*rest._ends[0].nodes} == whole


def test_groups(net):
    listed = net.cut(["Baku", "Ganja"], [(44.5, 40.18)], modes=["rail"])
    assert listed.origin == "Baku and Ganja"
    assert net.cut((49.87, 40.39), "AM", modes=["rail"]).value == 1
    assert net.cut("azerbaijan", "armenia").value == net.cut("AZ", "AM").value
    assert net.cut("Tbilisi", "Ganja", modes=["rail"]).value == 1
    assert set(net.groups) >= {"black-sea-ports", "nakhchivan-exclave"}


def test_adjacent_groups_and_double_track():
    places = [place("a", 44, 40), place("b", 45, 40)]
    net = network(places, [link("a", "b", 100, link_id="t1"), link("a", "b", 90, link_id="t2")])
    found = net.cut("a", "b")
    assert found.value == 2
    assert found.unique
    assert [route.length_km for route in found.routes] == [90, 100]
    assert net.cut("a", "b", of="crossings").value == np.inf
    assert "no number of crossings" in net.cut("a", "b", of="crossings").explain()


def test_wrong_input_is_named(net):
    with pytest.raises(ArgumentError, match=r"overlap: .* is in both"):
        net.cut("AM", "Yerevan")
    with pytest.raises(ArgumentError, match="overlap"):
        net.cut("AZ", "nakhchivan-exclave")
    with pytest.raises(ArgumentError, match="from_group is empty"):
        net.cut([], "AM")
    with pytest.raises(ArgumentError, match="no place of China is served by road"):
        net.cut("CN", "AM", modes=["road"])
    with pytest.raises(co.UnknownPlaceError, match="Narnia"):
        net.cut("Narnia", "AM")
    with pytest.raises(ArgumentError, match="by='tonnes'"):
        net.cut("AM", "GE", by="tonnes")
    with pytest.raises(ArgumentError, match="of='bridges'"):
        net.cut("AM", "GE", of="bridges")
    with pytest.raises(ArgumentError, match="capacities are those of links"):
        net.cut("AM", "GE", by="capacity", of="crossings")
    with pytest.raises(ArgumentError, match="by='count' does not look"):
        net.cut("AM", "GE", capacities={"x": 1})
    with pytest.raises(ArgumentError, match="to_group="):
        net.cut("AM", 3.5)


def test_pictures(net, tmp_path):
    found = net.cut("AM", "georgian-ports")
    page = found.map().html()
    assert "In a smallest cut" in page
    assert found.chart().save(tmp_path / "cut.svg").read_text().startswith("<?xml")
    assert "km" in found.chart().alt
    crossings = net.cut("AM", "georgian-ports", of="crossings")
    assert "Agarak" in crossings.map().html()
    apart = net.cut("azerbaijan-mainland", "nakhchivan-exclave", modes=["rail"])
    assert "There is none" in apart.chart().alt
    assert "not joined" in apart._repr_html_()
    apart.map()
