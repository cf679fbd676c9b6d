"""Tonnes on links: known by hand, against networkx, and conserved at every place."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

import corridors as co
from corridors.analysis.assignment import link_capacities
from corridors.errors import DataError, InfeasibleError
from tests.strategies import networks, place_ids
from tests.worlds import line, link, network, place, state


def capped(a, b, km, capacity, line_id="main", **given):
    return link(
        a, b, km, line_id, capacity_t_per_year=capacity, capacity_source="own-estimate", **given
    )


def square():
    """West to east: 100 km by the north for 10 t a year, 140 km by the south for 20 t."""
    places = [
        place(name, *at)
        for name, at in {"west": (45, 40), "n": (46, 41), "s": (46, 39), "east": (47, 40)}.items()
    ]
    links = [
        capped("west", "n", 50, 10), link("n", "east", 50),
        link("west", "s", 70), capped("s", "east", 70, 20),
    ]  # fmt: skip
    return network(places, links)


def demand(tonnes, a="west", b="east"):
    return pd.DataFrame({"origin": [a], "destination": [b], "tonnes": [tonnes]})


def tonnes(done):
    return done.links.set_index("link_id")["tonnes"].to_dict()


def test_shortest_takes_one_way():
    done = square().assign(demand(25.0))
    assert tonnes(done) == {"n--east": 25, "s--east": 0, "west--n": 25, "west--s": 0}
    assert done.flows["assigned"].tolist() == [25]
    assert done.links.set_index("link_id")["load"]["west--n"] == pytest.approx(2.5)
    assert len(done.bottlenecks) == 0


def test_capacity_optimum_known_by_hand():
    done = square().assign(demand(25.0), method="capacity")
    assert tonnes(done) == pytest.approx(
        {"n--east": 10, "s--east": 15, "west--n": 10, "west--s": 15}
    )
    assert done.flows["cost"].tolist() == [pytest.approx((10 * 100 + 15 * 140) / 25)]
    narrow = done.bottlenecks.iloc[0]
    assert narrow["links"] == "west--n"
    assert narrow["shadow_price"] == pytest.approx(40)
    assert narrow["dual"] == pytest.approx(40)
    assert narrow["carries_t"] == 0
    assert len(done.bottlenecks) == 1
    assert done.unknown_capacity["link_id"].tolist() == ["n--east", "west--s"]
    assert done.routes["tonnes"].tolist() == [pytest.approx(15), pytest.approx(10)]


def test_demand_that_cannot_be_met_is_told():
    done = square().assign(demand(50.0), method="capacity")
    assert done.flows["assigned"].tolist() == [pytest.approx(30)]
    assert done.unmet["unmet"].tolist() == [pytest.approx(20)]
    assert done.unmet["reason"].tolist() == ["capacity"]
    assert done.bottlenecks["carries_t"].tolist() == [pytest.approx(1), pytest.approx(1)]
    assert done.bottlenecks["shadow_price"].isna().all()
    assert sorted(done.bottlenecks["saves"]) == [pytest.approx(-140), pytest.approx(-100)]
    priced = square().assign(demand(50.0), method="capacity", unmet_cost=1000.0)
    assert sorted(priced.bottlenecks["shadow_price"]) == [pytest.approx(860), pytest.approx(900)]
    assert sorted(priced.bottlenecks["dual"]) == [pytest.approx(860), pytest.approx(900)]


def test_cheap_to_leave_behind_is_left_behind():
    done = square().assign(demand(50.0), method="capacity", unmet_cost=120.0)
    assert done.flows["assigned"].tolist() == [pytest.approx(10)]


def test_all_or_an_error():
    with pytest.raises(InfeasibleError, match=r"0 \(20 t\) are left") as caught:
        square().assign(demand(50.0), method="capacity", allow_unmet=False)
    assert isinstance(caught.value, (co.CorridorsError, ValueError))
    assert square().assign(demand(30.0), method="capacity", allow_unmet=False) is not None


def test_links_in_a_row_are_one_bottleneck():
    places = [place(name, 45 + at, 40) for at, name in enumerate(["a", "b", "c", "d"])]
    links = [
        capped("a", "b", 10, 5), capped("b", "c", 10, 5), link("c", "d", 10),
        link("a", "d", 100, "round", link_id="round"),
    ]  # fmt: skip
    net = network(places, links, [line("main"), line("round")])
    narrow = net.assign(demand(8.0, "a", "d"), method="capacity").bottlenecks
    assert narrow["links"].tolist() == ["a--b b--c"]
    assert narrow["shadow_price"].tolist() == [pytest.approx(70)]


def test_two_flows_share_what_there_is():
    table = pd.DataFrame(
        {
            "flow_id": ["ahead", "back"], "origin": ["west", "east"],
            "destination": ["east", "west"], "tonnes": [8.0, 8.0],
        }
    )  # fmt: skip
    done = square().assign(table, method="capacity")
    links = done.links.set_index("link_id")
    assert links.loc["west--n", "tonnes"] == pytest.approx(10)
    assert links["tonnes_forward"].sum() == pytest.approx(16)
    assert links["tonnes_back"].sum() == pytest.approx(16)


def test_logit_prefers_the_shorter_way():
    done = square().assign(demand(100.0), method="logit", theta=10)
    share = np.exp(-10 * 0.4)
    assert tonnes(done)["west--n"] == pytest.approx(100 / (1 + share))
    even = square().assign(demand(100.0), method="logit", theta=0)
    assert set(tonnes(even).values()) == {50.0}


def test_parallel_links_are_kept_apart():
    places = [place(name, *at) for name, at in {"west": (45, 40), "east": (46, 40)}.items()]
    links = [
        capped("west", "east", 100, 10), capped("west", "east", 110, 10, "two", link_id="two"),
    ]  # fmt: skip
    net = network(places, links, [line("main"), line("two")])
    assert tonnes(net.assign(demand(15.0))) == {"two": 0, "west--east": 15}
    done = net.assign(demand(25.0), method="capacity")
    assert tonnes(done) == pytest.approx({"two": 10, "west--east": 10})
    assert done.flows["unmet"].tolist() == [pytest.approx(5)]


@some.composite
def integer_worlds(draw):
    """Up to six places, ten links with whole lengths and capacities, some parallel."""
    count = draw(some.integers(2, 6))
    names = [f"p{number}" for number in range(count)]
    pairs = some.tuples(some.sampled_from(names), some.sampled_from(names))
    ends = draw(some.lists(pairs.filter(lambda p: p[0] != p[1]), min_size=1, max_size=10))
    links = [
        capped(
            a, b, draw(some.integers(1, 9)), draw(some.integers(0, 8)), link_id=f"l{number}",
            oneway=draw(some.integers(0, 3)) == 0,
        )
        for number, (a, b) in enumerate(ends)
    ]  # fmt: skip
    return network([place(name, 44 + at, 40) for at, name in enumerate(names)], links)


@given(integer_worlds(), some.data())
def test_equals_max_flow_min_cost_of_networkx(net, data):
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    if a == b:
        return
    graph = nx.DiGraph()
    graph.add_nodes_from([a, b])
    for row in net.links.to_dict("records"):
        ways = [(row["from_place"], row["to_place"])]
        ways += [] if row["oneway"] else [(row["to_place"], row["from_place"])]
        for start, end in ways:
            # A node of its own keeps parallel links apart, which a DiGraph would merge.
            middle = (row["link_id"], start)
            capacity = int(row["capacity_t_per_year"])
            graph.add_edge(start, middle, weight=int(row["length_km"]), capacity=capacity)
            graph.add_edge(middle, end, weight=0, capacity=capacity)
    flow = nx.max_flow_min_cost(graph, a, b)
    carried = sum(flow[a].values()) - sum(flow[u].get(a, 0) for u in flow)
    done = net.assign(demand(1000.0, a, b), method="capacity")
    assert done.flows["assigned"].sum() == pytest.approx(carried, abs=1e-4)
    cost = (done.routes["tonnes"] * done.routes["cost"]).sum()
    assert cost == pytest.approx(nx.cost_of_flow(graph, flow), abs=1e-3)


@given(some.data())
def test_tonnes_are_conserved_and_capacities_kept(data):
    net = data.draw(some.one_of(integer_worlds(), networks(oneway=True)))
    count = data.draw(some.integers(1, 4))
    table = pd.DataFrame(
        {
            "origin": [data.draw(place_ids(net)) for _ in range(count)],
            "destination": [data.draw(place_ids(net)) for _ in range(count)],
            "tonnes": [float(data.draw(some.integers(0, 12))) for _ in range(count)],
        }
    )
    method = data.draw(some.sampled_from(["shortest", "logit", "capacity"]))
    done = net.assign(table, method=method)
    balance = done.balance
    np.testing.assert_allclose(
        balance["arriving"] + balance["starting"], balance["leaving"] + balance["ending"],
        atol=1e-6,
    )  # fmt: skip
    np.testing.assert_allclose(done.flows["assigned"] + done.flows["unmet"], table["tonnes"])
    if method == "capacity":
        known = done.links["capacity_known"]
        over = done.links["tonnes"][known] - done.links["capacity_t_per_year"][known]
        assert (over <= 1e-5).all()
    else:
        reachable = [not np.isnan(net.skim(a, b)["length"].iloc[0, 0]) for a, b in zip(
            table["origin"], table["destination"], strict=True
        )]  # fmt: skip
        np.testing.assert_allclose(done.flows["assigned"], table["tonnes"] * reachable)


@given(integer_worlds(), some.data())
def test_a_closure_never_makes_it_cheaper(net, data):
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    shut = data.draw(some.sampled_from(net.links["link_id"].tolist()))
    ask = {"method": "capacity", "unmet_cost": 1000.0}
    free, closed = net.assign(demand(9.0, a, b), **ask), net.assign(
        demand(9.0, a, b), avoid=[shut], **ask
    )  # fmt: skip

    def total(done):
        carried = (done.routes["tonnes"] * done.routes["cost"]).sum()
        return carried + 1000 * done.flows["unmet"].sum()

    assert total(closed) >= total(free) - 1e-4


# -- the reference network ---------------------------------------------------------------------


def test_reference_flows_and_their_gaps(net):
    done = net.assign(co.flows(), method="capacity")
    assert "tonnes not known" in done.skipped.values()
    assert len(done.flows) + len(done.skipped) == len(co.flows())
    assert done.skipped["tripp-transit"] == "tonnes not known"
    assert set(done.flows["basis"]) == {"year", "period"}


def test_demand_that_has_no_way_is_unmet_until_the_way_opens(net):
    asked = pd.DataFrame({"origin": ["Alat"], "destination": ["Nakhchivan"], "tonnes": [1e6]})
    asked["modes"] = "rail"
    done = net.assign(asked, method="capacity")
    assert done.flows["unmet"].tolist() == [1e6]
    assert "horadiz-aghband" in done.flows["reason"].iloc[0]
    opened = net.with_open("tripp").assign(asked, method="capacity")
    assert opened.flows["unmet"].tolist() == [0]


def test_bottlenecks_of_the_reference_network_have_names_and_sources(net):
    table = pd.DataFrame(
        {
            "origin": ["Samara", "Samara", "Tbilisi", "Kostanay"],
            "destination": ["Yerevan", "Baku", "Kars", "Batumi"],
            "tonnes": [6e6, 8e6, 7e6, 30e6], "modes": "rail ferry",
        }
    )  # fmt: skip
    narrow = net.assign(table, method="capacity").bottlenecks.set_index("kind")
    assert narrow.loc["crossing", "crossings"] == "yalama-samur-rail-border"
    assert "akhalkalaki-gauge-change" in narrow.loc["gauge_change", "lines"]
    # Full at the same capacity, one behind the other: the crossing and the gauge change are named.
    assert narrow.loc["gauge_change", "name"].startswith(
        "Kartsakhi–Canbaz rail border, Akhalkalaki"
    )
    assert "aktau-alat-ferry" in narrow.loc["ferry", "lines"]
    assert narrow["capacity_source"].str.len().gt(0).all()
    np.testing.assert_allclose(narrow["shadow_price"], narrow["dual"])


def test_capacities_of_the_data_have_sources(net):
    capacity, known = link_capacities(net)
    links = net.links.set_index("link_id")
    assert links.loc[known, "capacity_source"].isin(net.sources["source_id"]).all()
    assert np.isinf(capacity[~known]).all()
    at = {"samur--yalama-samur-rail-border": 11e6, "kuryk-port--alat-port": 6e6,
          "krasny-most-road--red-bridge-road-border": 300 * 365 * 20,
          "sarp-road--sarpi-sarp-road-border": 550 * 365 * 20,
          "jolfa-road--julfa-jolfa-road-border": 300 * 365 * 20,
          "kalaleh-road--aghband-kalaleh-road-border": 1300 * 365 * 20,
          "rasht--astara-ir-1435": 10e6}  # fmt: skip
    for name, expected in at.items():
        assert links.loc[name, "capacity_t_per_year"] == expected
    main = links[links["line_id"] == "tbilisi-khashuri"]
    assert set(main["capacity_t_per_year"]) == {48e6}


# -- wrong input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"method": "magic"}, "method='magic'"),
        ({"method": "logit", "k": 0}, "k=0"),
        ({"theta": -1.0}, "theta=-1"),
        ({"theta": float("nan")}, "theta=nan"),
        ({"unmet_cost": -5.0}, "unmet_cost=-5"),
        ({"weight": "beauty"}, "weight='beauty'"),
        ({"capacities": {"main": -1.0}}, r"capacities\['main'\]=-1.0"),
        ({"capacities": {"main": float("nan")}}, r"capacities\['main'\]=nan"),
        ({"capacities": {"main": "5 Mt"}}, r"capacities\['main'\]='5 Mt'"),
        ({"capacities": [5]}, r"capacities=\[5\] must be tonnes a year"),
        ({"max_overlap": True}, "max_overlap=True"),
        ({"max_stretch": True}, "max_stretch=True"),
        ({"commodity": "gold"}, "commodity='gold'"),
    ],
)
def test_bad_arguments_are_named(wrong, told):
    with pytest.raises(co.ArgumentError, match=told):
        square().assign(demand(1.0), **wrong)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (pd.DataFrame({"origin": ["west"], "destination": ["east"]}), "'tonnes' are missing"),
        (demand(1.0).assign(colour="red"), "'colour' are unknown"),
        (demand(-1.0), "row 0: tonnes=-1"),
        (demand(float("inf")), "row 0: tonnes=inf"),
        (demand(1.0).astype({"tonnes": bool}), "row 0: tonnes=True"),
    ],
)
def test_bad_tables_are_named(table, told):
    with pytest.raises(co.ArgumentError, match=told):
        square().assign(table)


def test_things_that_are_no_flows_are_named():
    with pytest.raises(co.ArgumentError, match="flows holds 'kazakh-grain'"):
        square().assign(["kazakh-grain"])
    for wrong in (None, 5, "flows"):
        with pytest.raises(co.ArgumentError, match=f"flows={wrong!r}"):
            square().assign(wrong)
    with pytest.raises(co.UnknownSubjectError, match="narnia"):
        square().assign(demand(1.0), capacities={"narnia": 1.0})


def test_a_capacity_below_zero_or_without_source_is_no_data():
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        capped("a", "b", 1, -1)
    with pytest.raises(ValueError, match="capacity needs a capacity_source"):
        link("a", "b", 1, capacity_t_per_year=5)
    assert issubclass(DataError, ValueError)


def test_a_missing_figure_is_skipped_and_told():
    done = square().assign(demand(float("nan")))
    assert done.skipped == {"0": "tonnes not known"}
    assert len(done.flows) == 0
    assert len(square().assign(demand(float("nan")), method="capacity").flows) == 0


def test_closed_for_all():
    net = square()
    shut = network(
        [place(name, 45 + at, 40) for at, name in enumerate(["west", "east"])],
        [link("west", "east", 120)],
        states=[state("line", "main", "closed")],
    )
    done = shut.assign(demand(3.0), method="capacity")
    assert done.flows["unmet"].tolist() == [3]
    assert "main" in done.flows["reason"].iloc[0]
    assert tonnes(net.assign(demand(0.0), method="capacity"))["west--n"] == 0
