"""What scenarios do to networks: every action, against answers worked out by hand or by force."""

from __future__ import annotations

import datetime as dt
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import corridors as co
from corridors.cards.changes import ACTIONS
from corridors.cards.fluent import Actions
from tests.strategies import networks
from tests.worlds import chain, line, link, network, place

USABLE = {"open", "seasonal"}
DAYS = [dt.date(year, 1, 1) for year in (2020, 2024, 2028, 2032)]
TODAY = dt.date(2026, 6, 1)


@pytest.fixture(scope="module")
def net():
    return co.load("2026-06-01")


def states(net, day):
    table = net.at(day).links
    return dict(zip(table["link_id"], table["state"], strict=True))


@some.composite
def state_changes(draw: some.DrawFn):
    """A network and some changes of state, each (action, link, on, until)."""
    net = draw(networks())
    links = sorted(net.links["link_id"])
    one = some.tuples(
        some.sampled_from(["open", "close", "suspend"]), some.sampled_from(links),
        some.none() | some.sampled_from(DAYS), some.none() | some.sampled_from(DAYS),
    ).filter(lambda c: c[3] is None or c[3] > (c[2] or dt.date(1988, 1, 1)))  # fmt: skip
    return net, draw(some.lists(one, max_size=5))


def built(changes):
    made = co.Scenario("s")
    for action, name, on, until in changes:
        made = getattr(made, action)(name, on=on, until=until)
    return made


@settings(max_examples=20)
@given(drawn=state_changes())
def test_dated_states_are_those_of_the_last_change_that_holds(drawn):
    net, changes = drawn
    before = net.tables.states.copy()
    starts = {}
    for action, name, on, _ in changes:
        starts.setdefault((name, on), set()).add(action)
    if any(len(actions) > 1 for actions in starts.values()):
        with pytest.raises(co.ScenarioError, match="says otherwise"):
            built(changes).apply(net)
        return
    after = built(changes).apply(net)
    words = {"open": "open", "close": "closed", "suspend": "suspended"}
    for day in [*DAYS, TODAY]:
        expected = states(net, day)
        for action, name, on, until in changes:
            if (on or day) <= day and (until is None or day < until):
                expected[name] = words[action]
        assert states(after, day) == expected
    assert net.tables.states.equals(before)
    assert after.graph is net.graph or "graph" not in net.__dict__


@settings(max_examples=30)
@given(drawn=state_changes(), data=some.data())
def test_masks_say_what_applying_does(drawn, data):
    net, changes = drawn
    scenario = built(changes)
    places = data.draw(some.lists(some.sampled_from(sorted(net.places["place_id"])), max_size=2))
    for name in places:
        action = data.draw(some.sampled_from(["open", "close"]))
        scenario = getattr(scenario, action)(place=name)
    try:
        resolved = scenario.resolve(net)
    except co.ScenarioError:
        return
    after = resolved.network()
    assert (resolved.usable == after.state_allows).all()
    assert (resolved.opened == (after.state_allows & ~net.state_allows)).all()
    assert (resolved.closed == (net.state_allows & ~after.state_allows)).all()
    if resolved.kind == "closure":
        assert not resolved.opened.any()
    if resolved.kind == "opening":
        assert not resolved.closed.any()


@settings(max_examples=12)
@given(net=networks(), data=some.data())
def test_with_open_and_a_scenario_are_the_same(net, data):
    names = data.draw(some.lists(some.sampled_from(sorted(net.links["line_id"])), min_size=1))
    for action in ("open", "close"):
        one = getattr(net, {"open": "with_open", "close": "with_closed"}[action])(*names)
        two = getattr(co.Scenario("s"), action)(*names).apply(net)
        assert (one.state_allows == two.state_allows).all()
        changed = co.diff(one, two)
        assert set(changed["column"]) <= {"note"}


# -- numbers ---------------------------------------------------------------------------------------


def central(net, name, day=None):
    table = (net if day is None else net.at(day)).parameters.set_index("parameter_id")
    return float(table.loc[name, "central"])


def usd(net, day="2026-06-01", commodity="wheat", **ask):
    world = net.at(day)
    return world.route("Bilajari", "Ayrum", modes=["rail"], commodity=commodity, **ask).usd_per_t


def test_a_dated_number_holds_in_its_time_only(net):
    dear = co.Scenario("s").parameter("rate-rail-az", factor=2, on="2027-01-01", until="2028-01-01")
    after = dear.apply(net)
    base = usd(net)
    assert usd(after) == pytest.approx(base)
    assert usd(after, "2027-06-01") > base + 1
    assert usd(after, "2028-01-01") == pytest.approx(base)
    again = dear.parameter("rate-rail-az", factor=3, on="2027-07-01", until="2027-08-01").apply(net)
    rates = [usd(again, day) - base for day in ("2027-06-01", "2027-07-01", "2027-08-01")]
    assert rates[0] == pytest.approx(rates[2])
    assert rates[1] == pytest.approx(rates[0] * 5)  # six times less one, over two times less one
    assert usd(net, "2027-06-01") == pytest.approx(base)


def test_always_is_the_same_as_with_parameters(net):
    one = net.with_parameters({"rate-rail-az": (0.01, 0.02, 0.05)})
    two = co.Scenario("s").parameter("rate-rail-az", [0.01, 0.02, 0.05]).apply(net)
    assert co.diff(one, two).empty


def test_a_tariff_takes_the_place_of_its_like(net):
    keys = {
        "country": "Georgia", "start": "boyuk-kesik-gardabani-rail-border",
        "to": "sadakhlo-ayrum-rail-border", "commodity": "oil-products",
        "origin": "AZ", "destination": "AM",
    }  # fmt: skip
    asked = co.Scenario("s").tariff(**keys, usd_per_t=92, on="2026-07-01", until="2026-08-01")
    after = asked.apply(net)
    ask = {"commodity": "diesel", "cargo_origin": "AZ", "cargo_destination": "AM"}
    prices = [usd(after, day, **ask) for day in ("2026-06-30", "2026-07-01", "2026-08-01")]
    assert prices[0] == pytest.approx(usd(net, **ask)) == pytest.approx(prices[2])
    assert prices[1] == pytest.approx(prices[0] - 0.5 + 92)
    del keys["origin"]
    with pytest.raises(co.ScenarioError, match=r"exceptions: keep.*exceptions: replace"):
        co.Scenario("s").tariff(**keys, usd_per_t=92).apply(net)
    kept = co.Scenario("s").tariff(**keys, usd_per_t=92, exceptions="keep").apply(net)
    assert usd(kept, **ask) == pytest.approx(prices[0])
    replaced = co.Scenario("s").tariff(**keys, usd_per_t=92, exceptions="replace").apply(net)
    assert usd(replaced, **ask) == pytest.approx(prices[1])


def test_rates_speeds_and_dwell_times(net):
    route = net.route("Baku", "Poti", modes=["rail"])
    ge_km = route.by_country["GE"]
    dear = co.Scenario("s").tariff(mode="rail", country="GE", usd_per_t_km=0.1).apply(net)
    more = dear.route("Baku", "Poti", modes=["rail"]).usd_per_t - route.usd_per_t
    rate = central(net, "rate-rail-ge")
    assert more == pytest.approx(ge_km * (0.1 - rate))
    slow = co.Scenario("s").dwell(mode="rail", border="Georgia-Azerbaijan", hours=30).apply(net)
    late = slow.route("Baku", "Poti", modes=["rail"]).hours - route.hours
    assert late == pytest.approx(30 - central(net, "hours-border-rail-az-ge"))
    fast = co.Scenario("s").set("bilajari-boyuk-kesik", to={"speed_km_h": 80}).apply(net)
    on_line = route.legs[route.legs["line_id"] == "bilajari-boyuk-kesik"]["length_km"].sum()
    saved = route.hours - fast.route("Baku", "Poti", modes=["rail"]).hours
    assert saved == pytest.approx(on_line / central(net, "speed-rail-az") - on_line / 80)
    some_links = fast.links[fast.links["line_id"] == "bilajari-boyuk-kesik"]["link_id"].iloc[:2]
    part = co.Scenario("s").set(link=list(some_links), to={"speed_km_h": 80}).apply(net)
    km = net.links.set_index("link_id").loc[list(some_links), "length_km"].sum()
    saved = route.hours - part.route("Baku", "Poti", modes=["rail"]).hours
    assert saved == pytest.approx(km / central(net, "speed-rail-az") - km / 80)


def test_scaling_by_kind_and_keys(net):
    after = co.Scenario("s").parameter({"kind": "speed", "mode": "rail"}, factor=2).apply(net)
    table, old = (n.parameters.set_index("parameter_id")["central"] for n in (after, net))
    keys = net.parameters.set_index("parameter_id")
    for name in table.index:
        row = keys.loc[name]
        scaled = row["kind"] == "speed" and row["applies_to"].get("mode") == "rail"
        assert table[name] == pytest.approx(old[name] * (2 if scaled else 1))


# -- properties, capacities, rules, flows ----------------------------------------------------------


def test_properties_of_links_change_on_their_day(net, tmp_path):
    changed = co.Scenario("s").set(
        "meghri-railway", to={"length_km": 10, "operator": "scr", "tracks": 2}, on="2030-01-01",
        until="2035-01-01",
    )  # fmt: skip
    after = changed.open("tripp").apply(net)
    assert after.graph is net.graph

    def km(net, day):
        return net.at(day).route("Baku", "Nakhchivan", modes=["rail"]).length_km

    saved = after.save(tmp_path / "net.gpkg")
    for world in (after, co.open(saved)):
        assert km(world, "2029-12-31") == pytest.approx(538)
        assert km(world, "2030-01-01") == pytest.approx(538 - 43.6 + 5 * 10)
        assert km(world, "2035-01-01") == pytest.approx(538)
        links = world.at("2030-01-01").links.set_index("line_id").loc["meghri-railway"]
        assert set(links["operator_id"]) == {"scr"}
        assert set(links["length_source"]) == {"what-if"}
        assert set(links["confidence"]) == {"assumption"}
    links = net.at("2030-01-01").links.set_index("line_id").loc["meghri-railway"]
    assert set(links["operator_id"]) == {"tripp-company"}


def test_hours_and_dollars_follow_a_revised_length(net):
    open_now = co.Scenario("a").open("tripp").apply(net)
    shorter = co.Scenario("b").set("meghri-railway", to={"length_km": 10}).apply(open_now)
    old, new = (n.route("Baku", "Nakhchivan", modes=["rail"]) for n in (open_now, shorter))
    more = 50 - 43.6
    assert new.length_km - old.length_km == pytest.approx(more)
    assert new.hours - old.hours == pytest.approx(more / central(net, "speed-rail-am"))
    assert new.usd_per_t - old.usd_per_t == pytest.approx(more * central(net, "rate-rail-am"))


def test_capacity(net):
    scenario = co.Scenario("s").capacity("aktau-alat-ferry", factor=0.5, on="2027-01-01")
    after = scenario.apply(net)

    def of(net, day):
        table = net.at(day).links.set_index("line_id")
        return float(table.loc["aktau-alat-ferry", "capacity_t_per_year"])

    assert [of(after, day) for day in ("2026-06-01", "2027-01-01")] == [15e6, 7.5e6]
    with pytest.raises(co.ScenarioError, match="no capacity of these links is known"):
        co.Scenario("s").capacity("meghri-railway", factor=2).apply(net)
    with pytest.raises(co.ScenarioError, match="only places are selected"):
        co.Scenario("s").capacity(crossing="Yalama", factor=2).apply(net)


def passes(net, day="2026-06-01"):
    try:
        net.at(day).route("Kostanay", "Yerevan", modes=["rail"], commodity="wheat")
    except co.NoRoute:
        return False
    return True


def test_rules_are_lifted_and_imposed_for_a_time(net):
    back = (
        co.Scenario("s")
        .impose("az-transit-to-armenia-ban", on="2027-01-01", until="2028-01-01")
        .apply(net)
    )
    days = ("2025-01-01", "2026-06-01", "2027-01-01", "2027-12-31", "2028-01-01")
    assert [passes(back, day) for day in days] == [False, True, False, False, True]
    lifted = co.Scenario("s").lift(
        "Azerbaijan bars transit of third countries' goods to Armenia",
        on="2025-01-01", until="2025-06-01",
    ).apply(net)  # fmt: skip
    days = ("2024-12-31", "2025-01-01", "2025-05-31", "2025-06-01", "2025-11-05")
    assert [passes(lifted, day) for day in days] == [False, True, True, False, True]
    new = {"id": "r", "title": "No wheat over Samur", "places": "Yalama", "commodities": "wheat"}
    assert not passes(co.Scenario("s").impose(new).apply(net))
    border = {"id": "r", "title": "No trade", "borders": "Russia-Azerbaijan", "destinations": "AM"}
    assert not passes(co.Scenario("s").impose(border).apply(net))
    assert passes(co.Scenario("s").impose(border).lift("r").apply(net))


def test_a_crossing_opened_for_a_time_is_spared_for_that_time(net):
    opened = co.Scenario("s").open("tripp", on="2027-01-01", until="2028-01-01").apply(net)

    def there(day):
        try:
            return round(opened.at(day).route("Baku", "Nakhchivan", modes=["rail"]).length_km)
        except co.NoRoute:
            return None

    days = ("2026-12-31", "2027-01-01", "2027-12-31", "2028-01-01")
    assert [there(day) for day in days] == [None, 538, 538, None]


def test_flows():
    flows = co.flows()
    new = {
        "id": "coal", "title": "Coal", "commodity": "general", "origin": "baku-freight",
        "origin_country": "AZ", "destination": "yerevan", "destination_country": "AM",
        "modes": ["rail"], "tonnes_per_year": 1e5,
    }  # fmt: skip
    scenario = (
        co.Scenario("s", as_of="2026-06-01")
        .scale_flow("kazakh-grain", factor=3)
        .scale_flow(commodity="oil-products", tonnes_per_year=2e5, on="2028-01-01")
        .add_flow(new)
        .remove_flow(origin_country="Iran")
    )
    after = scenario.apply_flows(flows)
    assert after["kazakh-grain"].tonnes == 3 * flows["kazakh-grain"].tonnes
    assert after["azerbaijani-oil-products"].tonnes_per_year == 2e5
    iranian = {flow.flow_id for flow in flows.values() if flow.origin_country == "IR"}
    assert set(flows) - set(after) == iranian
    assert after["coal"].route(co.load("2026-06-01")).route.length_km > 900
    assert flows["kazakh-grain"].tonnes == 1000
    now = scenario.apply_flows(flows.values(), as_of="2026-06-01")
    assert now["azerbaijani-oil-products"].tonnes_per_year != 2e5
    net = scenario.apply(co.load("2026-06-01"))
    assert co.diff(net, co.load("2026-06-01")).empty
    for bad, message in (
        (scenario.remove_flow("gold"), "no flow has the id or name 'gold'"),
        (scenario.add_flow({**new, "id": "kazakh-grain"}), "is there already"),
        (co.Scenario("t").add_flow(new), "give as_of"),
    ):
        with pytest.raises(co.ScenarioError, match=message):
            bad.apply_flows(flows)
    with pytest.raises(co.ScenarioError, match="atlantis"):
        scenario.add_flow({**new, "origin": "atlantis"}).apply(co.load("2026-06-01"))


# -- building and gauges ---------------------------------------------------------------------------


def short_cut(**given):
    line = {
        "id": "short-cut", "name": "Short cut", "mode": "rail", "operator": "georgian-railway",
        "gauge_mm": 1520, "speed_km_h": 60,
        "places": [{"id": "midway", "name": "Midway", "country": "GE", "lon": 43.8, "lat": 41.7}],
        "links": [{"from": "Gori", "to": "Midway"}, {"from": "midway", "to": "Akhalkalaki"}],
    }  # fmt: skip
    return {**line, **given}


def test_a_line_is_built_on_its_day(net, tmp_path):
    after = co.Scenario("s").build(short_cut(), on="2030-01-01", until="2040-01-01").apply(net)
    way = {"modes": ["rail"], "via": ["Midway"]}
    for world in (after, co.open(after.save(tmp_path / "net.gpkg"))):
        route = world.at("2030-01-01").route("Gori", "Akhalkalaki", **way)
        drawn = float(route.legs.to_crs(32638).length.sum()) / 1e3
        assert route.length_km == pytest.approx(drawn, rel=0.01)
        for day in ("2029-12-31", "2040-01-01"):
            with pytest.raises(co.NoRoute):
                world.at(day).route("Gori", "Akhalkalaki", **way)
    route = after.at("2030-01-01").route("Gori", "Midway", modes=["rail"])
    assert route.hours == pytest.approx(route.length_km / 60)
    assert len(after.links) == len(net.links) + 2
    assert list(after.links["link_id"]) == sorted(after.links["link_id"])
    table = co.diff(net, after)
    assert {"midway", "gori--midway"} <= set(table["id"])


def test_a_line_of_another_gauge_gets_gauge_changes(net):
    after = co.Scenario("s").build(short_cut(gauge_mm=1435)).apply(net)
    route = after.route("Khashuri", "Kars", modes=["rail"], via=["Midway"])
    assert [change.place_id for change in route.gauge_breaks] == ["gori-1435"]
    assert "akhalkalaki-1435" in route.place_ids  # a yard that the data know


def test_tripp_in_the_other_gauge(net):
    wide = co.Scenario("a").open("tripp").apply(net)
    narrow = co.Scenario("b").open("tripp").set("meghri-railway", to={"gauge_mm": 1435}).apply(net)
    one, two = (n.route("Baku", "Nakhchivan", modes=["rail"]) for n in (wide, narrow))
    assert one.length_km == pytest.approx(two.length_km)
    assert [change.place_id for change in two.gauge_breaks] == ["nrnadzor-1435", "agarak"]
    late = two.hours - one.hours
    assert late == pytest.approx(2 * central(net, "hours-gauge-change"))
    assert [b.place_id for b in one.borders] == [b.place_id for b in two.borders]
    assert narrow.gazetteer.find("Meghri") == net.gazetteer.find("Meghri")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"id": "meghri-railway"}, "line 'meghri-railway' is in the network already"),
        ({"gauge_mm": None}, "a railway needs a gauge"),
        ({"operator": "nobody"}, "no operator has the id or name 'nobody'"),
        ({"links": [{"from": "Gori", "to": "gori"}]}, "links 1: 'Gori' and 'gori' are the same"),
        ({"links": [{"from": "Gori", "to": "Kars"}]}, "links 1: give country"),
        ({"links": [{"from": "Gori", "to": "Atlantis"}]}, "links 1: no place is called 'Atlantis'"),
        ({"links": [{"from": "Gori", "to": "Midway", "length_km": 1}]}, "below the distance"),
        ({"places": [{"id": "gori", "name": "G", "country": "GE", "lon": 43, "lat": 42}]},
         "place 'gori' is in the network already"),
        ({"places": [{"id": "b", "name": "B", "country": "GE", "lon": 43, "lat": 42,
                      "kind": "border"}]}, "a border point needs other_country"),
        ({"links": [{"from": "Gori", "to": "Midway", "id": "gori--gori-goods"},
                    {"from": "Gori", "to": "Midway", "id": "gori--gori-goods"}]}, "twice"),
    ],
)  # fmt: skip
def test_lines_that_cannot_be_built(net, given, message):
    with pytest.raises(co.ScenarioError, match=message):
        co.Scenario("s").build(short_cut(**given)).apply(net)


def test_a_new_border_crossing(net):
    line = short_cut(
        places=[
            {"id": "new-border", "name": "New border", "kind": "border", "country": "GE",
             "other_country": "TR", "lon": 43.2, "lat": 41.15},
            {"id": "post-tr", "name": "Post", "country": "TR", "lon": 43.2, "lat": 41.05},
        ],
        links=[{"from": "Akhalkalaki", "to": "new-border"}, {"from": "New border", "to": "Post"}],
    )  # fmt: skip
    after = co.Scenario("s").build(line).apply(net)
    route = after.route("Akhalkalaki", "Post", modes=["rail"])
    assert [border.place_id for border in route.borders] == ["new-border"]
    closed = co.Scenario("t").close(border="GE-TR", mode="rail").apply(after)
    with pytest.raises(co.NoRoute):
        closed.route("Akhalkalaki", "Post", modes=["rail"])


# -- selection -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "links", "places"),
    [
        ({"name": "tripp"}, 23, 2),
        ({"name": "Meghri railway (TRIPP section)"}, 5, 0),
        ({"place": "Ağbənd"}, 0, 2),  # the station and the town
        ({"line": "meghri-railway"}, 5, 0),
        ({"crossing": "Yalama"}, 0, 1),
        ({"crossing": "Садахло", "mode": "rail"}, 0, 1),
        ({"crossing": "Sadakhlo"}, 0, 2),
        ({"border": "Armenia–Georgia"}, 0, 4),
        ({"border": "AM-GE", "mode": "rail"}, 0, 1),
        ({"gauge": 900}, 4, 0),
        ({"operator": "South Caucasus Railway CJSC", "country": "Armenia", "gauge": 1435}, 1, 0),
        ({"corridor": "tripp", "country": "AM"}, 5, 2),
        ({"corridor": "TRIPP", "line": "horadiz-aghband"}, 12, 1),
        ({"mode": "ferry", "operator": "asco"}, 5, 0),
    ],
)
def test_selection(net, where, links, places):
    words = where.pop("name", None)
    scenario = co.Scenario("s").close(*([words] if words else []), **where)
    (step,) = scenario.resolve(net).steps
    (effect,) = step.effects
    assert (len(effect.rows), len(effect.places)) == (links, places)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"line": "meghri"}, "no line has the id or name 'meghri'; did you mean"),
        ({"country": "Gorgia"}, "did you mean GE"),
        ({"country": "GE", "operator": "scr"}, "nothing in the network is all of this"),
        ({"crossing": "Gori"}, "no border crossing and no border station"),
        ({"border": "AM-RU"}, "no crossing joins AM and RU"),
        ({"border": "AM"}, "write two countries"),
        ({"corridor": "btk"}, "names no lines of its own"),
        ({"gauge": "1067"}, "no link has the gauge '1067'"),
        ({"mode": "raill"}, "did you mean rail"),
        ({"place": "Atlantis"}, "no place is called"),
        ({"link": "aghband"}, "no link has the id"),
    ],
)
def test_a_selection_that_matches_nothing_is_an_error(net, where, message):
    with pytest.raises(co.ScenarioError, match=message):
        co.Scenario("s").close(**where).apply(net)


# -- guards, contradictions, combinations ----------------------------------------------------------


@pytest.mark.parametrize(
    ("existing", "key"),
    [
        ({"state": "closed"}, "state"),
        ({"links": 22}, "links"),
        ({"places": 3}, "places"),
        ({"count": 24}, "count"),
        ({"length_km": 100}, "length_km"),
        ({"operator": "ady"}, "operator"),
        ({"gauge": 1435}, "gauge"),
        ({"value": 3}, "value"),
    ],
)
def test_what_is_expected_must_be_there(net, existing, key):
    with pytest.raises(co.ScenarioError, match=rf"changes 1, existing\.{key}:"):
        co.Scenario("s").open("tripp", existing=existing).apply(net)


def test_what_is_expected_is_judged_after_the_changes_before(net):
    both = co.Scenario("s").open("meghri-railway", on="2027-01-01")
    both.close("meghri-railway", on="2028-01-01", existing={"state": "open"}).apply(net)
    with pytest.raises(co.ScenarioError, match="open expected on 2026-12-31"):
        both.close("meghri-railway", on="2026-12-31", existing={"state": "open"}).apply(net)
    co.Scenario("s").open("tripp", existing={"length_km": 206, "gauge": 1520}).apply(net)


@pytest.mark.parametrize(
    "made",
    [
        co.Scenario("s").open("meghri-railway").close("meghri-railway"),
        co.Scenario("s").open("tripp").suspend(country="AM"),
        co.Scenario("s").open("tripp").close(crossing="agarak-ordubad-rail-border"),
        co.Scenario("s").parameter("rate-rail-ge", 1).parameter("rate-rail-ge", 2),
        co.Scenario("s")
        .set("samur-border", to={"length_km": 9})
        .set("samur-border", to={"length_km": 10, "tracks": 2}),
        co.Scenario("s")
        .dwell(mode="rail", border="AZ-GE", hours=1)
        .dwell(mode="rail", border="GE-AZ", hours=2),
        co.Scenario("s")
        .lift("am-az-border-closed", on="2027-01-01")
        .impose("am-az-border-closed", on="2027-01-01"),
    ],
)
def test_a_card_that_contradicts_itself_is_an_error(net, made):
    with pytest.raises(co.ScenarioError, match=r"changes 2, .*: change 1 of s .* says otherwise"):
        made.apply(net)


def test_the_same_twice_or_on_other_days_is_no_contradiction(net):
    co.Scenario("s").close("samur-border").close("samur-border").apply(net)
    co.Scenario("s").open("tripp", on="2028-01-01").close("tripp", on="2029-01-01").apply(net)
    co.Scenario("s").parameter("rate-rail-ge", 1).parameter("rate-rail-az", 2).apply(net)


def test_scenarios_are_combined_and_conflicts_found(net):
    a = co.Scenario("a", title="A", as_of="2026-06-01").open("tripp")
    b = co.Scenario("b", as_of="2027-06-01", conflicts=["c"]).close(crossing="Yalama")
    both = a + b
    assert (both.name, both.as_of, len(both.changes)) == ("a+b", dt.date(2027, 6, 1), 2)
    assert both.apply(net).scenarios == ("a", "b")
    assert (a + b + a).cards == both.cards
    one, two = both.apply(net), b.apply(a.apply(net))
    assert co.diff(one, two).empty
    with pytest.raises(co.ScenarioError, match="cannot be combined with 'c'"):
        (b + co.Scenario("c").open("tripp")).apply(net)
    with pytest.raises(co.ScenarioError, match="cannot be combined with 'c'"):
        b.apply(co.Scenario("c").open("tripp").apply(net))
    with pytest.raises(co.ScenarioError, match="applied to the network already"):
        both.apply(a.apply(net))
    with pytest.raises(co.ScenarioError, match="another scenario has the same name"):
        a + co.Scenario("a").close("tripp")
    with pytest.raises(co.ScenarioError, match="change 1 of a"):
        (a + co.Scenario("z").close("meghri-railway")).apply(net)
    for wrong in (co.Scenario.of, lambda: co.Scenario.of("tripp"), lambda: both.open("x")):
        with pytest.raises(co.ArgumentError):
            wrong()
    with pytest.raises(TypeError):
        a + "b"


def test_cards_that_require_each_other(net, tmp_path):
    def card(name, *requires, body="changes:\n- close: samur-border"):
        text = f"name: {name}\ntitle: {name}\nrequires: [{', '.join(requires)}]\n{body}\n"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        return tmp_path / f"{name}.yaml"

    card("c", "tripp-open")
    card("b", "c", body="")
    found = co.scenario(card("a", "b", "c"))
    assert [sheet.card.name for sheet in found.sheets()] == ["tripp-open", "c", "b", "a"]
    assert found.apply(net).scenarios == ("tripp-open", "c", "b", "a")
    tripp = co.scenario("tripp-open").apply(net)
    assert found.apply(tripp).scenarios == ("tripp-open", "c", "b", "a")
    card("c", "a")
    with pytest.raises(co.ScenarioError, match=r"a\.yaml, line 3, requires: .* a -> b -> c -> a"):
        co.scenario(tmp_path / "a.yaml")
    card("d", "d")
    with pytest.raises(co.ScenarioError, match="d -> d"):
        co.scenario(tmp_path / "d.yaml")
    with pytest.raises(co.ScenarioError, match="no scenario is called 'nobody'"):
        co.scenario(card("e", "nobody"))
    (tmp_path / "g.yaml").write_text("name: h\ntitle: H\nchanges: [{open: tripp}]")
    with pytest.raises(co.ScenarioError, match="name 'h' is not the name of the file"):
        co.scenario(card("f", "g"))


def test_nothing_is_applied_in_part(net):
    before = pickle.dumps(net.tables)
    made = co.Scenario("s").open("tripp").parameter("rate-rail-ge", 9).build(short_cut())
    with pytest.raises(co.ScenarioError):
        made.close("atlantis").apply(net)
    made.apply(net)
    assert pickle.dumps(net.tables) == before
    assert net.scenarios == ()
    assert central(net, "rate-rail-ge") < 1


def test_every_action_has_a_method_and_a_resolver():
    from corridors.cards.resolve import _RESOLVERS

    assert set(_RESOLVERS) == set(ACTIONS) == {n for n in vars(Actions) if n in ACTIONS}


@settings(max_examples=12)
@given(net=networks(closed=False), data=some.data())
def test_diff_names_what_changed_and_nothing_else(net, data):
    assert co.diff(net, net).empty
    name = data.draw(some.sampled_from(sorted(net.links["line_id"])))
    after = co.Scenario("s").close(name).apply(net)
    table = co.diff(net, after)
    links = table[(table["table"] == "links") & (table["column"] == "state")]
    assert list(links["id"]) == sorted(net.links[net.links["line_id"] == name]["link_id"])
    assert set(links["before"]) == {"open"}
    assert set(links["after"]) == {"closed"}
    back = co.diff(after, net)
    assert len(back) == len(table)
    assert list(back["after"]) == list(table["before"])


def test_a_scenario_works_on_any_network():
    places, links = chain({"a": (45.0, 40.0), "b": (45.1, 40.0), "c": (45.2, 40.0)})
    small = network(places, [*links, link("a", "c", 40, "other")], [line("main"), line("other")])
    after = co.Scenario("s").close("main").apply(small)
    assert after.route("a", "c", modes=["rail"]).length_km == 40
    assert np.array_equal(co.Scenario("s").close("main").resolve(small).closed, [True, False, True])
    with pytest.raises(co.ScenarioError):
        co.Scenario("s").close("tripp").apply(small)
    assert place("a", 1, 2).place_id == "a"
