"""Every analysis runs on OpenStreetMap tracks, and trains turn nowhere sharply in any of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

import corridors as co
from tests.osm_xml import Osm

REVERSAL_HOURS, REVERSAL_KM = 0.5, 20.0  # central, in the data
PARTS = ("West", "North", "South", "East")


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """A stem that parts into two legs, which a loop far away joins; stations at all ends."""
    osm = Osm().node(1, 0, 0, railway="station", name="West").node(2, 5000, 0)
    osm.node(3, 6000, 60).node(4, 9000, 600, railway="station", name="North")
    osm.node(5, 6000, -60).node(6, 9000, -600, railway="station", name="South")
    osm.node(7, 30000, 1500).node(8, 34000, 0, railway="station", name="East")
    osm.node(9, 30000, -1500)
    osm.way([1, 2]).way([2, 3, 4]).way([2, 5, 6]).way([4, 7, 8]).way([6, 9, 8])
    return osm.network(tmp_path_factory.mktemp("osm"))


def weight_of(route, weight):
    turns = len(route.reversals)
    if weight == "length":
        return route.length_km + REVERSAL_KM * turns
    return getattr(route, weight)


def test_from_leg_to_leg_every_analysis_reverses(net):
    ask = {"modes": ["rail"]}
    route = net.route("North", "South", **ask)
    assert len(route.reversals) == 1
    assert net.skim("North", "South", **ask)["length"].iloc[0, 0] == pytest.approx(route.length_km)
    hours = net.skim("North", "South", weights="hours", **ask)["hours"].iloc[0, 0]
    assert hours == pytest.approx(net.route("North", "South", weight="hours", **ask).hours)
    ways = net.alternatives("North", "South", k=3, **ask)
    assert len(ways[0].reversals) == 1
    assert ways.costs[0] == pytest.approx(route.length_km + REVERSAL_KM)
    table = net.closures([("North", "South")], [[name] for name in route.link_ids], **ask)
    assert table["before"].iloc[0] == pytest.approx(route.length_km + REVERSAL_KM)
    front = net.pareto("North", "South", criteria=("hours", "usd_per_t"), **ask)
    assert min(front.table["hours"]) == pytest.approx(hours)
    flows = pd.DataFrame({"origin": ["North"], "destination": ["South"], "tonnes": [100.0]})
    for method in ("shortest", "logit", "capacity"):
        done = net.assign(flows, method=method, **ask)
        assert done.flows["assigned"].iloc[0] == pytest.approx(100)
        off = done.balance.eval("arriving + starting - leaving - ending")
        assert np.allclose(off, 0)


def test_hours_of_a_reversal_are_a_cause_of_their_own(net):
    route = net.route("North", "South", modes=["rail"], weight="hours")
    causes = route.costs.set_index("cause")
    assert causes.loc["reversal", "hours_central"] == REVERSAL_HOURS * len(route.reversals)
    assert causes["hours_central"].sum() == pytest.approx(route.hours)
    assert route.legs["hours"].sum() == pytest.approx(route.hours)
    assert "hours-reversal" in causes.loc["reversal", "assumed"]
    slow = net.with_parameters({"hours-reversal": 3.0})
    assert slow.route("North", "South", modes=["rail"]).hours > route.hours


def test_tariffs_that_a_network_has_no_stations_for_are_told(tmp_path):
    osm = Osm(47.0, 40.2).node(1, 0, 0, railway="station", name="West")
    osm.node(2, 9000, 0, railway="station", name="East").way([1, 2])
    small = osm.network(tmp_path)
    assert small.route("West", "East").by_country.keys() == {"AZ"}
    text = small.route("West", "East", commodity="crude-oil").explain()
    assert "Not applied: 6 published section tariffs (AZ), whose stations" in text
    assert "Not applied" not in small.route("West", "East", commodity="wheat").explain()
    reference = co.load("2026-06-01").route("Alat", "Poti", modes=["rail"], commodity="crude-oil")
    assert "Not applied" not in reference.explain()


def test_a_detour_takes_the_hours_of_its_reversals(net):
    flows = pd.DataFrame(
        {"flow_id": ["f"], "origin": ["North"], "destination": ["East"], "tonnes": [10.0]}
    )
    ask = {"modes": ["rail"]}
    base = net.route("North", "East", **ask)
    (lost,) = base.link_ids
    other = net.route("North", "East", avoid=[lost], **ask)
    assert len(other.reversals) == 1
    more = other.hours - base.hours
    row = net.chokepoints(flows, progress=False, **ask).by_flow.set_index("subject").loc[lost]
    assert row["extra_hours"] == pytest.approx(more)
    assert row["extra_km"] == pytest.approx(other.length_km - base.length_km)
    assert row["extra_usd_per_t"] == pytest.approx(other.usd_per_t - base.usd_per_t)
    worst = net.interdict(flows, k=1, progress=False, **ask)
    assert worst.flows["extra_hours"].tolist() == pytest.approx([more])


def test_reach_does_not_turn_on_the_spot(net):
    near = net.reach("North", km=12, modes=["rail"])
    assert "South" not in set(near["name"])  # 8 km away, but behind a change of direction
    assert "South" in set(net.reach("North", km=30, modes=["rail"])["name"])


@given(some.data())
def test_tables_closures_and_routes_agree(net, data):
    a, b = (data.draw(some.sampled_from(PARTS)) for _ in range(2))
    weight = data.draw(some.sampled_from(["length", "hours", "usd_per_t", "generalised"]))
    shut = data.draw(some.lists(some.sampled_from(net.links["link_id"].tolist()), max_size=2))
    ask = {"modes": ["rail"], "weight": weight}
    row = net.closures([(a, b)], [shut], **ask).iloc[0]
    best = net.route(a, b, **ask)
    assert row["before"] == pytest.approx(weight_of(best, weight))
    try:
        other = net.route(a, b, avoid=shut, **ask)
    except co.NoRoute:
        assert row["stranded"]
        return
    assert row["after"] == pytest.approx(weight_of(other, weight))
    assert row["after"] >= row["before"] - 1e-9
    legs = other.legs
    time = other.value_of_time
    whole = (legs["usd_per_t"] + time * legs["hours"]).sum()
    assert other.generalised == pytest.approx(whole)
    own = getattr(other, "length_km" if weight == "length" else weight)
    table = net.skim(a, b, weights=weight, modes=["rail"], avoid=shut)[weight]
    assert table.iloc[0, 0] == pytest.approx(own)


@given(some.sampled_from(PARTS), some.sampled_from(PARTS), some.floats(1, 3))
def test_raising_a_rate_never_lowers_the_total(net, a, b, factor):
    ask = {"modes": ["rail"], "weight": "usd_per_t"}
    before = net.route(a, b, **ask)
    used = before.costs["parameters"].str.split().explode().dropna()
    rates = net.parameters.set_index("parameter_id").loc[used[used.str.startswith("rate-")]]
    dear = net.with_parameters({name: row["central"] * factor for name, row in rates.iterrows()})
    after = dear.route(a, b, **ask)
    assert after.usd_per_t >= before.usd_per_t - 1e-9
    if a != b:
        assert len(rates)
        assert after.usd_per_t == pytest.approx(before.usd_per_t * factor)
