"""A comparison says of each flow what a scenario does to it, and the sums agree."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import corridors as co
from corridors.comparison import rows
from corridors.errors import ArgumentError
from tests.strategies import networks, place_ids
from tests.worlds import line, link, network, place, state

WEST = "boyuk-kesik-gardabani-rail-border"


@pytest.fixture(scope="module")
def found(net):
    worlds = {
        "tripp": net.with_open("tripp"),
        "round": net.with_open("tripp", "yeraskh-nakhchivan"),
        "cut": net.with_closed(WEST),
        "dear": net.with_parameters({"tariff-ge-fuel-az-am-symbolic": 92}),
    }
    return co.compare(net, worlds, co.flows())


def test_base_first_then_scenarios_in_order(found):
    flows = co.flows()
    assert len(found.table) == 5 * len(flows)
    assert list(dict.fromkeys(found.table["scenario"])) == ["base", "tripp", "round", "cut", "dear"]
    assert list(found.table["flow_id"][: len(flows)]) == list(flows)
    assert set(found.table.loc[found.table["scenario"] == "base", "change"]) == {
        "none",
        "impossible",
    }


def change(found, flow_id, scenario):
    table = found.table.set_index(["scenario", "flow_id"])
    return table.loc[scenario, flow_id]


def test_every_kind_of_change(found):
    assert change(found, "tripp-transit", "tripp")["change"] == "newly possible"
    assert change(found, "kazakh-grain", "tripp")["change"] == "none"
    moved = change(found, "kazakh-grain", "round")
    assert moved["change"] == "way"
    assert moved["d_borders"] == 1
    assert moved["d_length_km"] < -100
    gone = change(found, "azerbaijani-oil-products", "cut")
    assert gone["change"] == "no longer possible"
    assert gone["d_stranded_t"] == gone["stranded_t"] == 6881
    assert np.isnan(gone["d_length_km"])
    dear = change(found, "azerbaijani-oil-products", "dear")
    assert dear["change"] == "cost"
    assert dear["d_usd_per_t"] == pytest.approx(91.5)
    assert change(found, "tripp-transit", "cut")["change"] == "impossible"


def test_figures_are_those_of_the_routes(net, found):
    flows = co.flows()
    for flow_id in ("btk", "russian-grain-lars", "middle-corridor"):
        flow = flows[flow_id]
        route = net.route(
            flow.origin, flow.destination, modes=flow.modes, commodity=flow.commodity,
            cargo_origin=flow.origin_country, cargo_destination=flow.destination_country,
            weight="generalised",
        )  # fmt: skip
        row = change(found, flow_id, "base")
        assert row["length_km"] == route.length_km
        assert row["generalised"] == route.generalised
        assert found.route(flow_id).link_ids == route.link_ids


def test_tonne_km_and_revenue_add_up(found):
    table = found.countries
    for scenario in found.scenarios:
        mine = table[table["scenario"] == scenario]
        km = sum(
            sum(km for code, km in route.by_country.items() if code != "XZ") * flow["tonnes"]
            for flow in found.cases[0].flows
            if flow["tonnes"]
            and not isinstance(route := found.found[scenario, flow["flow_id"]], str)
        )
        assert mine["tonne_km"].sum() == pytest.approx(km)
        assert (mine["transit_tonne_km"] <= mine["tonne_km"] + 1e-6).all()
        np.testing.assert_allclose(
            mine["d_transit_usd"],
            mine["transit_usd"].to_numpy()
            - table[table["scenario"] == "base"]
            .set_index("country")
            .loc[mine["country"], "transit_usd"],
            atol=1e-6,
        )
    cut = table[table["scenario"] == "cut"].set_index("country")["d_transit_usd"]
    assert cut["AZ"] < 0 < cut["RU"]


def test_costs_by_country_add_up(found):
    for route in found.found.values():
        if not isinstance(route, str):
            costs = route.costs_by_country
            assert costs["usd"].sum() == pytest.approx(route.usd_per_t)
            assert costs["hours"].sum() == pytest.approx(route.hours)
    sea = found.route("middle-corridor").costs_by_country
    ports = sea[sea["cause"] == "port"]
    assert set(ports.loc[ports["usd"] > 0, "country"]) == {"AZ", "KZ"}


def test_exposure(found):
    table = found.exposure
    new = table[table["new"] & (table["scenario"] == "tripp")]
    assert set(new["flow_id"]) == {"tripp-transit"}
    assert new["stranded"].all()
    assert not table.loc[table["scenario"] == "base", "new"].any()
    fuel = table[(table["flow_id"] == "azerbaijani-oil-products")].set_index("scenario")
    assert fuel.loc["base", "stranded"].all()
    assert not fuel.loc["round", "stranded"].any()


def test_what_people_look_at(found, tmp_path):
    text = found.explain()
    assert "newly possible, 454 km" in text
    assert "closed at Boyuk Kesik–Gardabani rail border" in text
    assert "It does not change: " in text
    assert "In transit revenue gain: Azerbaijan" in text
    wide = found.pivot("d_usd_per_t", changed=True)  # noqa: PD010
    assert list(wide) == ["title", "base", "tripp", "round", "cut", "dear"]
    assert wide.loc["azerbaijani-oil-products", "dear"] > 10
    assert found.chart().save(tmp_path / "chart.svg").stat().st_size > 1000
    assert "Kazakh wheat" in found.map().html()
    assert "13 flows change" in found._repr_html_()
    assert json.dumps(found.to_dict(), allow_nan=False, default=str)


def test_nothing_dated_lies_ahead_of_plain_what_ifs(found):
    assert set(found.dates["scenario"]) <= set(found.scenarios)


def dated_world():
    """Two ways from a to c; the short one opens in 2027 and closes in 2029."""
    places = [place(name, lon, 40) for name, lon in (("a", 44), ("b", 44.5), ("c", 45))]
    links = [link("a", "b", 60, "long"), link("b", "c", 60, "long"), link("a", "c", 90, "short")]
    states = [
        state("line", "long"),
        state("line", "short", "planned", valid_to="2027-03-01"),
        state("line", "short", valid_from="2027-03-01", valid_to="2029-01-01"),
        state("line", "short", "closed", valid_from="2029-01-01"),
    ]
    return network(places, links, [line("long"), line("short")], states)


def test_dates_on_which_routes_change():
    net = dated_world()
    flows = pd.DataFrame({"origin": ["a"], "destination": ["c"], "tonnes": [10.0]})
    found = co.compare(net, {"cut": net.with_closed("long")}, flows, weight="length")
    table = found.dates.astype({"date": str})
    assert table[["scenario", "date", "change", "same_as_base"]].to_numpy().tolist() == [
        ["base", "2027-03-01", "way", True],
        ["base", "2029-01-01", "way", True],
        ["cut", "2027-03-01", "newly possible", True],
        ["cut", "2029-01-01", "no longer possible", False],
    ]
    assert change(found, "0", "cut")["stranded_t"] == 10
    later = co.compare(net, {"cut": net.with_closed("long")}, flows, weight="length",
                       as_of="2028-01-01")  # fmt: skip
    assert change(later, "0", "cut")["length_km"] == 90


@settings(max_examples=30, deadline=None)
@given(some.data())
def test_differences_equal_routes_asked_one_by_one(data):
    net = data.draw(networks(oneway=True))
    pairs = data.draw(
        some.lists(some.tuples(place_ids(net), place_ids(net)), min_size=1, max_size=3)
    )
    shut = data.draw(some.sampled_from(sorted(net.links["link_id"])))
    other = net.with_closed(shut)
    flows = pd.DataFrame(pairs, columns=["origin", "destination"]).assign(tonnes=5.0)
    found = co.compare(net, {"shut": other}, flows, weight="length")
    for number, (a, b) in enumerate(pairs):
        row = change(found, str(number), "shut")
        before, after = (world.skim(a, b)["length"].iloc[0, 0] for world in (net, other))
        assert row["length_km"] == pytest.approx(after, nan_ok=True)
        assert row["d_length_km"] == pytest.approx(after - before, nan_ok=True, abs=1e-6)
        assert row["stranded_t"] == (5 if np.isnan(after) else 0)
        expected = {(True, True): rows.NEVER, (True, False): rows.OPENED, (False, True): rows.CUT}
        kind = expected.get((bool(np.isnan(before)), bool(np.isnan(after))))
        assert kind is None or row["change"] == kind
        assert kind is not None or row["change"] in {rows.WAY, rows.SAME}


def test_a_network_travels(net):
    changed = net.with_parameters({"tariff-ge-fuel-az-am": 92}).with_open("tripp").at("2026-03-01")
    ask = {"modes": ["rail"], "commodity": "diesel", "weight": "usd_per_t"}
    here = changed.route("Bilajari", "Ayrum", **ask)
    assert len(pickle.dumps(changed)) < 3e6
    there = pickle.loads(pickle.dumps(changed))  # noqa: S301
    assert there.as_of == changed.as_of
    assert there.route("Bilajari", "Ayrum", **ask).usd_per_t == here.usd_per_t


@pytest.mark.parametrize(
    ("scenarios", "flows", "options", "told"),
    [
        ({"base": 1}, None, {}, "scenarios holds 1"),
        ([3], None, {}, "scenarios holds 3"),
        ({}, pd.DataFrame({"origin": ["Baku"]}), {}, "'destination' are missing"),
        ({}, [], {}, "flows is empty"),
        ({}, None, {"weight": "beauty"}, "weight='beauty'"),
        ({}, None, {"draws": -1}, "draws=-1"),
        ({}, None, {"seed": 1.5}, "seed=1.5"),
        ({}, None, {"executor": 7}, "executor=7 has no submit"),
        ({}, None, {"case": "low"}, "central values"),
    ],
)
def test_wrong_input_is_named(net, scenarios, flows, options, told):
    with pytest.raises(ArgumentError, match=told.replace("[", r"\[")):
        co.compare(net, scenarios, flows, **options)


def test_what_cannot_be_asked_is_named(net, found):
    with pytest.raises(ArgumentError, match="a Network has no name"):
        co.compare(net, [net.with_open("tripp")], co.flows())
    table = pd.DataFrame({"origin": ["Narnia"], "destination": ["Baku"], "flow_id": ["lion"]})
    with pytest.raises(co.UnknownPlaceError, match="flow 'lion': no place is called 'Narnia'"):
        co.compare(net, {}, table)
    twice = pd.DataFrame(
        {"origin": ["Baku"] * 2, "destination": ["Kars"] * 2, "flow_id": list("xx")}
    )
    with pytest.raises(ArgumentError, match="'x' is given twice"):
        co.compare(net, {}, twice)
    with pytest.raises(ArgumentError, match="value='beauty'"):
        found.pivot("beauty")  # noqa: PD010
    with pytest.raises(ArgumentError, match="value='via'"):
        found.chart("via")
    with pytest.raises(ArgumentError, match="no flow 'x'"):
        found.map(flows=["x"])
    with pytest.raises(co.UnknownSubjectError, match="no flow 'x'"):
        found.route("x")
    with pytest.raises(co.UnknownSubjectError, match="has no route in cut"):
        found.route("btk", "cut")
