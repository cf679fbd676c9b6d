"""Hours and dollars: what must hold on every network, and what the data must show."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

import corridors as co
from corridors.costs import model, sections
from corridors.costs.costing import CAUSES, border_sides
from corridors.costs.parameter_schema import ParameterRow
from corridors.costs.parameters import ParameterSet, Subject
from corridors.errors import ArgumentError, DataError, NoRoute, UnknownSubjectError
from corridors.network import Network
from corridors.schema import CrossingRow
from corridors.states import Shipment
from tests.strategies import networks, place_ids
from tests.worlds import DAY, FACT, line, link, network, place

RATES = ["rate-rail-default", "rate-rail-az", "charge-border-rail", "value-of-time-default"]


def cost(net: Network, a: str, b: str, weight: str) -> float:
    try:
        route = net.route(a, b, weight=weight)
    except NoRoute:
        return float("inf")
    return {"hours": route.hours, "usd_per_t": route.usd_per_t}.get(weight, route.generalised)


# -- on random networks ------------------------------------------------------------------------

WEIGHTS = some.sampled_from(["hours", "usd_per_t", "generalised"])


@given(some.data(), WEIGHTS)
def test_a_closure_never_makes_it_cheaper(data, weight):
    net = data.draw(networks(oneway=True))
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    shut = data.draw(some.sampled_from(net.links["link_id"].tolist()))
    assert cost(net.with_closed(shut), a, b, weight) >= cost(net, a, b, weight) - 1e-9


@given(some.data(), some.sampled_from(RATES), some.floats(1.0, 50.0))
def test_raising_a_rate_never_lowers_the_total(data, name, times):
    net = data.draw(networks(oneway=True))
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    rows = {row.parameter_id: row for row in net.costs.parameters.rows}
    raised = net.with_parameters({name: rows[name].central * times})
    for weight in ("usd_per_t", "generalised"):
        assert cost(raised, a, b, weight) >= cost(net, a, b, weight) - 1e-9


@given(some.data(), WEIGHTS, some.floats(0, 5))
def test_a_route_costs_what_its_legs_cost(data, weight, value):
    net = data.draw(networks(oneway=True))
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    try:
        route = net.route(a, b, weight=weight, value_of_time=value)
    except NoRoute:
        return
    assert route.hours == pytest.approx(route.legs["hours"].sum())
    assert route.usd_per_t == pytest.approx(route.legs["usd_per_t"].sum())
    legs = (route.legs["usd_per_t"] + value * route.legs["hours"]).sum()
    assert route.generalised == pytest.approx(legs)
    table = route.costs
    for name, total in (("hours", route.hours), ("usd", route.usd_per_t)):
        assert table[f"{name}_central"].sum() == pytest.approx(total)
        low, high = route.hours_range if name == "hours" else route.usd_range
        assert table[f"{name}_low"].sum() == pytest.approx(low)
        assert table[f"{name}_high"].sum() == pytest.approx(high)
        assert low <= total + 1e-9
        assert total <= high + 1e-9


@given(some.data(), WEIGHTS)
def test_the_route_of_least_cost_costs_least(data, weight):
    net = data.draw(networks(oneway=True))
    a, b = data.draw(place_ids(net)), data.draw(place_ids(net))
    others = [cost(net, a, b, weight)]
    for other in ("length", "hours", "usd_per_t", "generalised"):
        try:
            route = net.route(a, b, weight=other)
        except NoRoute:
            continue
        figures = {"hours": route.hours, "usd_per_t": route.usd_per_t}
        others.append(figures.get(weight, route.generalised))
    assert min(others) >= others[0] - 1e-9


@given(some.data())
def test_causes_add_up_to_the_weights(data):
    net = data.draw(networks())
    for case in model.CASES:
        parts = model.breakdown(net, Shipment(), None, case)
        for weight, measure in (("hours", "hours"), ("usd_per_t", "usd")):
            arcs = model.arc_weights(net, Shipment(), None, weight, case)
            assert sum(parts[measure].values()) == pytest.approx(arcs)
            assert set(parts[measure]) == set(CAUSES)
            assert (arcs >= 0).all()


# -- known by hand -----------------------------------------------------------------------------


def two_countries(**tables: object) -> Network:
    """a (AZ) - x (border) - b (GE), 80 km and 60 km of railway."""
    places = [
        place("a", 45.0, 41.3),
        place("x", 45.05, 41.35, kind="border"),
        place("b", 45.1, 41.4, country="GE"),
    ]
    links = [link("a", "x", 80.0), link("x", "b", 60.0, country="GE")]
    row = {
        "place_id": "x", "mode": "rail", "country_a": "AZ", "country_b": "GE",
        "border_place_a": "a", "border_place_b": "b", **FACT,
    }  # fmt: skip
    return network(places, links, crossings=[CrossingRow.model_validate(row)], **tables)


def test_hours_and_dollars_by_hand():
    net = two_countries().with_parameters(
        {
            "speed-rail-az": 40.0, "speed-rail-ge": 30.0, "hours-border-rail-az-ge": (2, 6, 24),
            "rate-rail-az": 0.03, "rate-rail-ge": 0.05, "charge-border-rail": 1.5,
        }
    )  # fmt: skip
    route = net.route("a", "b", weight="hours")
    assert route.hours == pytest.approx(80 / 40 + 60 / 30 + 6)
    assert route.hours_range == pytest.approx((4 + 2, 4 + 24))
    assert route.usd_per_t == pytest.approx(80 * 0.03 + 60 * 0.05 + 1.5)
    assert route.legs["hours"].tolist() == pytest.approx([2 + 3, 2 + 3])
    table = route.costs.set_index("cause")
    assert table["hours_central"].to_dict() == pytest.approx({"moving": 4.0, "border": 6.0})
    assert table["assumption"].all()  # every number of a what-if is one


def test_a_border_is_paid_by_direction():
    net = co.load("2026-06-01")
    posts = ["krasny-most-road", "tsiteli-khidi-road"]
    there = net.route(*posts, modes=["road"]).costs.set_index("cause").loc["border"]
    back = net.route(*posts[::-1], modes=["road"]).costs.set_index("cause").loc["border"]
    assert there["hours_central"] == pytest.approx(4.5)
    assert back["hours_central"] == pytest.approx(8.8)


def test_passing_a_crossing_without_crossing_is_free(net):
    # Two Armenian roads and one of Azerbaijan meet at the crossing.
    towards, away = border_sides(net)
    for side in (towards, away):
        here = side.fields["place"] == "kornidzor-lachin-road-border"
        by_country = dict(zip(side.fields["country"][here], side.share[here], strict=False))
        assert by_country == {"AM": 0.0, "AZ": 1.0}


def test_no_arc_of_the_reference_network_is_free_or_unknown(net):
    for name in (None, "wheat", "diesel", "lpg", "containers", "passengers"):
        shipment = Shipment(traffic="passenger" if name == "passengers" else "freight")
        hours = model.arc_weights(net, shipment, name, "hours")
        assert np.isfinite(hours).all()
        assert (hours > 0).all()
        if name != "passengers":
            usd = model.arc_weights(net, shipment, name, "usd_per_t")
            assert (usd[net.link_modes[net.graph.link] != "transfer"] > 0).all()
    assert not sections.unplaced(net, net.costs.parameters)


def test_what_ifs_leave_the_network_alone(net):
    before = net.route("Alat", "Poti", modes=["rail"]).usd_per_t
    changed = net.with_parameters({"rate-rail-ge": 1.0})
    assert changed.route("Alat", "Poti", modes=["rail"]).usd_per_t > before + 300
    assert changed.at("2025-06-01").route("Alat", "Poti", modes=["rail"]).usd_per_t > 300
    assert changed.with_closed("alat").costs is changed.costs
    assert net.route("Alat", "Poti", modes=["rail"]).usd_per_t == before


# -- which parameter holds ---------------------------------------------------------------------


def parameter(name: str, value: float = 1.0, **given: object) -> ParameterRow:
    row = {
        "parameter_id": name, "kind": "speed", "unit": "km/h", "low": value, "central": value,
        "high": value, "confidence": "assumption",
    }  # fmt: skip
    return ParameterRow.model_validate(row | given)


def holds(rows: list[ParameterRow], subject: Subject, **fields: str) -> str | None:
    ordered = ParameterSet(tuple(sorted(rows, key=lambda row: row.parameter_id)))
    best = ordered.best("speed", subject, **fields)
    return None if best is None else best.parameter_id


def test_the_most_exact_parameter_wins():
    rows = [
        parameter("any", applies_to={"mode": "rail"}),
        parameter("az", applies_to={"mode": "rail", "country": "AZ"}),
        parameter("oil", applies_to={"mode": "rail", "commodity": "oil-products"}),
        parameter("petrol", applies_to={"mode": "rail", "commodity": "petrol"}),
        parameter(
            "az-oil", applies_to={"mode": "rail", "country": "AZ", "commodity": "oil-products"}
        ),
        parameter("people", applies_to={"mode": "rail", "traffic": "passenger"}),
        parameter("later", applies_to={"mode": "rail", "country": "AZ"}, valid_from="2027-01-01"),
    ]
    freight, petrol = Subject(DAY), Subject(DAY, ("petrol", "oil-products"))
    assert holds(rows, freight, mode="rail", country="GE") == "any"
    assert holds(rows, freight, mode="rail", country="AZ") == "az"
    assert holds(rows, petrol, mode="rail", country="AZ") == "az-oil"
    assert holds(rows, petrol, mode="rail", country="GE") == "petrol"
    assert holds(rows, Subject(DAY, ("oil-products",)), mode="rail", country="GE") == "oil"
    assert holds(rows, Subject(DAY, traffic="passenger"), mode="rail", country="AZ") == "people"
    assert holds(rows, freight, mode="road", country="AZ") is None


def test_from_and_to_hold_both_ways_unless_the_other_has_its_own():
    there = parameter("there", applies_to={"mode": "ferry", "from": "p", "to": "q"})
    back = parameter("back", applies_to={"mode": "ferry", "from": "q", "to": "p"})
    at = {"mode": "ferry", "from": "q", "to": "p"}
    assert holds([there], Subject(DAY), **at) == "there"
    assert holds([there, back], Subject(DAY), **at) == "back"


def test_georgian_fuel_tariff_follows_its_dates(net):
    ask = {
        "modes": ["rail"],
        "commodity": "diesel",
        "cargo_origin": "AZ",
        "cargo_destination": "AM",
    }
    border = ["boyuk-kesik-gardabani-rail-border", "sadakhlo-ayrum-rail-border"]

    def tariff(day: str, world: Network = net) -> tuple[float, float]:
        table = world.route(*border, as_of=day, **ask).costs.set_index("cause")
        running = table[table.index.isin(["moving", "tariff"])]
        return running["usd_central"].sum(), running["usd_high"].sum()

    assert tariff("2025-12-02") == pytest.approx((3.3, 92.0))
    assert tariff("2025-12-18")[0] == pytest.approx(0.0)
    assert tariff("2026-01-15")[0] == pytest.approx(3.3)
    assert tariff("2026-03-01")[0] == pytest.approx(0.5)
    # Cargo of another country pays the ordinary rate.
    ask["cargo_origin"] = "RU"
    assert tariff("2026-03-01")[0] == pytest.approx(111 * 0.0294)
    demanded = net.with_parameters({"tariff-ge-fuel-az-am": 92})
    ask["cargo_origin"] = "AZ"
    assert tariff("2025-12-02", demanded)[0] == pytest.approx(92.0)


def test_ferry_rates_follow_wagon_and_lorry(net):
    quays = ["kuryk-port", "alat-port"]

    def at_sea(commodity: str, *ends: str, modes: tuple[str, ...] = ("rail", "ferry")) -> float:
        table = net.route(*ends, modes=modes, commodity=commodity).costs.set_index("cause")
        return float(table.loc["ferry", "usd_central"])

    assert at_sea("wheat", *quays) == pytest.approx(48 * 15 / 69.9)
    assert at_sea("petrol-ai-95", *quays) == pytest.approx(81 * 13 / 55.5)
    assert at_sea("containers", *quays) == pytest.approx(600 / 14)
    lorries = {"modes": ("road", "ferry")}
    west = at_sea("general", "kuryk-port-road", "alat-port-road", **lorries)
    east = at_sea("general", "alat-port-road", "kuryk-port-road", **lorries)
    assert (west, east) == pytest.approx((54.5 * 16.5 / 20, 73 * 16.5 / 20))


# -- what it must show -------------------------------------------------------------------------


def test_least_hours_is_not_least_kilometres(net):
    ask = {"modes": ["rail", "ferry"], "commodity": "wheat"}
    short = net.route("Kostanay", "Yerevan", weight="length", **ask)
    quick = net.route("Kostanay", "Yerevan", weight="hours", **ask)
    assert "aktau-port" in short.place_ids
    assert "yalama" in quick.place_ids
    assert short.length_km < quick.length_km - 100
    assert quick.hours < short.hours - 24


def test_oil_products_pay_17_from_border_to_border(net):
    a, b = "yalama-samur-rail-border", "boyuk-kesik-gardabani-rail-border"
    route = net.route(a, b, modes=["rail"], commodity="oil-products")
    table = route.costs.set_index("cause")
    assert table.loc["tariff", "usd_central"] == pytest.approx(17.0)
    assert "flows-spress-17" in table.loc["tariff", "sources"]


def test_value_of_time_moves_the_choice(net):
    ask = {"modes": ["rail", "ferry"], "commodity": "wheat", "weight": "generalised"}
    patient = net.route("Kostanay", "Yerevan", value_of_time=0.0, **ask)
    hasty = net.route("Kostanay", "Yerevan", value_of_time=1.0, **ask)
    assert "aktau-port" in patient.place_ids
    assert "yalama" in hasty.place_ids
    assert patient.usd_per_t < hasty.usd_per_t
    assert hasty.generalised == pytest.approx(hasty.usd_per_t + hasty.hours)


def test_assumptions_are_told(net):
    route = net.route("Kostanay", "Yerevan", modes=["rail"], commodity="wheat")
    table = route.costs
    assert table["assumption"].any()
    assert "rate-rail-ru" in " ".join(table["assumed"])
    text = route.explain()
    assert "are assumptions" in text
    assert "rate-rail-ru" in text
    known = set(net.sources["source_id"])
    assert {name for cell in table["sources"] for name in cell.split()} <= known


def test_a_central_value_of_ours_is_an_assumption_though_its_row_has_a_source(net):
    rows = {row.parameter_id: row for row in net.costs.parameters.rows}
    assert rows["charge-border-rail"].source
    assert rows["charge-border-rail"].assumed
    assert not rows["rate-rail-ge"].assumed
    border = net.route("Alat", "Poti", modes=["rail"]).costs.set_index("cause").loc["border"]
    assert border["assumption"]
    assert "charge-border-rail" in border["assumed"].split()
    changed = net.with_parameters({"charge-border-rail": 2}).parameters
    assert changed.set_index("parameter_id").loc["charge-border-rail", "ours"] == ()


@pytest.mark.parametrize(
    ("commodity", "load", "assumed"),
    [
        ("lpg", "lpg.wagon_load_t", True),  # no load published
        ("crude-oil", "crude-oil.wagon_load_t", False),
        ("containers", "containers.teu_load_t", True),
        ("wheat", "wagon-load-grain", False),
        (None, "general.wagon_load_t", True),
    ],
)
def test_the_load_of_a_wagon_is_named_where_a_ferry_is_paid_by_it(net, commodity, load, assumed):
    route = net.route("Kuryk", "Alat", modes=["rail", "ferry"], commodity=commodity)
    ferry = route.costs.set_index("cause").loc["ferry"]
    assert load in ferry["parameters"].split()
    assert (load in ferry["assumed"].split()) is assumed
    assert "own-estimate" not in ferry["sources"].split()
    assert (load in route.explain()) is assumed


def test_a_tariff_for_just_this_stretch_is_told_where_another_is_counted(net):
    ask = {"modes": ["rail"], "commodity": "oil-products"}
    told = "Published for this stretch alone: 13 USD/t (ceiling-az-oil-products-alat-boyuk-kesik)"
    assert told in net.route("Alat", "Boyuk Kesik", **ask).explain()
    assert told in net.route("Alat", "Poti", **ask).explain()
    nearer = {"modes": ["rail"], "commodity": "jet-fuel"}  # 18 USD, not the 13 of oil products
    for route in (
        net.route("Yalama", "Boyuk Kesik", **ask), net.route("Ganja", "Poti", **ask),
        net.route("Boyuk Kesik", "Alat", **nearer),
    ):  # fmt: skip
        assert "Published for this stretch" not in route.explain()


def test_what_an_hour_counts_is_told(net):
    ask = {"modes": ["rail"], "commodity": "wheat", "weight": "generalised"}
    text = net.route("Alat", "Poti", **ask).explain()
    assert "an hour at 0.03 USD a tonne (value-of-time-grain, an assumption)." in text
    assert "(as given)" in net.route("Alat", "Poti", value_of_time=1.5, **ask).explain()
    assert "Generalised" not in net.route("Alat", "Poti", modes=["rail"]).explain()


def test_a_route_as_a_dict_holds_its_costs(net):
    route = net.route("Alat", "Poti", modes=["rail"], weight="usd_per_t")
    answer = route.to_dict()
    assert answer["weight"] == "usd_per_t"
    assert answer["usd_per_t"] == pytest.approx(route.usd_per_t, abs=1e-3)
    assert answer["hours_range"] == pytest.approx(list(route.hours_range), abs=1e-3)
    assert [row["cause"] for row in answer["costs"]] == route.costs["cause"].tolist()
    assert sum(leg["hours"] for leg in answer["legs"]) == pytest.approx(route.hours)


def test_passengers_have_hours_and_no_dollars(net):
    route = net.route("Tbilisi", "Yerevan", commodity="passengers", modes=["rail"], weight="hours")
    assert 5 < route.hours < 20
    assert np.isnan(route.usd_per_t)
    assert route.to_dict()["usd_per_t"] is None
    assert "USD/t" not in route.explain()
    with pytest.raises(ArgumentError, match="fares of passengers"):
        net.route("Tbilisi", "Yerevan", commodity="passengers", weight="usd_per_t")


# -- bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"speed-rail-az": 0}, "must be above 0 km/h"),
        ({"speed-rail-az": -5.0}, "must be above 0 km/h"),
        ({"rate-rail-az": float("nan")}, "finite numbers in USD/t-km"),
        ({"rate-rail-az": float("inf")}, "finite numbers in USD/t-km"),
        ({"rate-rail-az": -0.01}, "cannot be below 0 USD/t-km"),
        ({"rate-rail-az": (3, 2, 1)}, "not in order"),
        ({"rate-rail-az": (1, 2)}, "low, central, high"),
        ({"rate-rail-az": "0.02"}, "finite numbers"),
        ({"rate-rail-az": True}, "finite numbers"),
        ({"rate-rail-az": 10**400}, "finite numbers"),
    ],
)
def test_impossible_numbers(net, change, told):
    with pytest.raises(ArgumentError, match=told) as caught:
        net.with_parameters(change)
    assert next(iter(change)) in str(caught.value)


def test_numbers_of_numpy_are_numbers(net):
    cheap = net.with_parameters({"rate-rail-az": np.float32(0.5), "speed-rail-az": np.int64(20)})
    assert cheap.parameters.set_index("parameter_id").loc["speed-rail-az", "central"] == 20
    route = net.route("Alat", "Gardabani", weight="generalised", value_of_time=np.int64(1))
    assert route.generalised == pytest.approx(route.usd_per_t + route.hours)


@pytest.mark.parametrize("changes", ["rate-rail-az", None, [("rate-rail-az", 1.0)]])
def test_changes_are_a_mapping(net, changes):
    with pytest.raises(ArgumentError, match="by parameter id"):
        net.with_parameters(changes)


def test_unknown_parameter(net):
    with pytest.raises(UnknownSubjectError, match=r"'rate-rail-az2'.*rate-rail-az"):
        net.with_parameters({"rate-rail-az2": 1.0})


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"weight": "minutes"}, "weight='minutes' is unknown; available: length, hours"),
        ({"weight": "generalised", "value_of_time": -1}, "value_of_time=-1"),
        ({"weight": "generalised", "value_of_time": float("nan")}, "value_of_time=nan"),
        ({"weight": "generalised", "value_of_time": "1"}, "value_of_time='1'"),
        ({"weight": "hours", "commodity": "gold"}, "commodity='gold' is unknown"),
        ({"commodity": "crude-oil", "modes": ["road"]}, "does not go by road"),
    ],
)
def test_impossible_questions(net, arguments, told):
    with pytest.raises(ArgumentError, match=told):
        net.route("Alat", "Ganja", **arguments)


def test_unknown_case_and_commodity(net):
    with pytest.raises(ArgumentError, match="case='worst'"):
        model.arc_weights(net, Shipment(), None, "hours", "worst")
    with pytest.raises(ArgumentError, match="commodity='gold'"):
        model.breakdown(net, Shipment(), "gold")


def test_a_mode_without_parameters_is_named():
    net = network(
        [place("a", 45.0, 41.3), place("b", 45.1, 41.4)],
        [link("a", "b", 50.0)],
        [line("main")],
    )
    rows = [row for row in net.costs.parameters.rows if row.kind != "speed"]
    net.__dict__["costs"] = model.CostModel.of(rows)
    with pytest.raises(DataError, match="no speed applies to freight on link 'a--b'"):
        net.route("a", "b", weight="hours")
    net.__dict__["costs"] = model.CostModel.of([])
    assert net.route("a", "b").length_km == 50
    assert "Time" not in net.route("a", "b").explain()
    with pytest.raises(DataError, match="no table 'parameters'"):
        net.route("a", "b", weight="hours")


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({"low": 0.0}, "must be above 0 km/h"),
        ({"unit": "h"}, "is in km/h, not in 'h'"),
        ({"kind": "pace"}, "Input should be"),
        ({"applies_to": {"country_": "AZ"}}, "country_"),
        ({"low": 2.0}, "not in order"),
        ({"source": "x"}, "not both"),
        ({"ours": ["central"]}, "leave 'ours' out"),
        ({"ours": ["most"], "source": "x", "confidence": "low"}, "'low', 'central' or 'high'"),
        ({"valid_from": "2026-01-02", "valid_to": "2026-01-01"}, "is not after"),
        ({"high": float("nan")}, "finite"),
    ],
)
def test_rows_that_break_the_schema(given_, told):
    with pytest.raises(ValueError, match=told):
        parameter("p", **given_)


def test_parameters_as_a_table(net):
    table = net.parameters
    assert isinstance(table, pd.DataFrame)
    assert len(table) >= 143
    assert table["parameter_id"].is_unique
    assert (table["source"].isna() == (table["confidence"] == "assumption")).all()
