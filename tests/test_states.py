from __future__ import annotations

import datetime as dt

import pytest

from corridors.errors import DataError, DateError, NoRoute
from corridors.schema import CommodityRow, CrossingRow, RuleRow
from corridors.states import as_day
from tests.worlds import FACT, line, link, network, place, state

A_BORDER = "a-b-rail-border"


def world(**given):
    """a (AZ) – border – b (GE) – c (AM), with a way round through d (RU)."""
    places = [
        place("a", 46, 41), place("b", 45, 41.5, country="GE"), place("c", 44.5, 41, country="AM"),
        place(A_BORDER, 45.5, 41.3, kind="border"), place("d", 45.5, 43.5, country="RU"),
    ]  # fmt: skip
    links = [
        link("a", A_BORDER, 60, "west"), link(A_BORDER, "b", 60, "east", country="GE"),
        link("b", "c", 90, "south", country="GE"),
    ]  # fmt: skip
    lines = [line("west"), line("east"), line("south")]
    crossing = CrossingRow.model_validate(
        {"place_id": A_BORDER, "mode": "rail", "country_a": "AZ", "country_b": "GE",
         "border_place_a": "a", "border_place_b": "b", **FACT}
    )  # fmt: skip
    wheat = CommodityRow.model_validate(
        {"commodity_id": "wheat", "name": "wheat", "parent": "grain", "modes": ["rail"],
         "source": "own-estimate", "confidence": "assumption"}
    )  # fmt: skip
    grain = wheat.model_copy(update={"commodity_id": "grain", "parent": None})
    people = wheat.model_copy(
        update={"commodity_id": "passengers", "parent": None, "traffic": "passenger"}
    )
    return network(
        places, links, lines, crossings=[crossing], commodities=[wheat, grain, people], **given
    )


def rule(**given):
    row = {"rule_id": "r", "title": "a rule", "effect": "forbid", "valid_from": "2000-01-01",
           "sources": ["own-estimate"], "confidence": "assumption"}  # fmt: skip
    return RuleRow.model_validate(row | given)


def passes(net, **given):
    try:
        net.route("a", "c", modes=["rail"], **given)
    except NoRoute:
        return False
    return True


@pytest.mark.parametrize(
    ("day", "open_"),
    [("1992-12-31", True), ("1993-01-01", False), ("1999-12-31", False), ("2000-01-01", True)],
)
def test_a_state_holds_from_its_first_day_to_the_day_before_the_next(day, open_):
    states = [
        state("line", "west", valid_to="1993-01-01"),
        state("line", "west", "closed", valid_from="1993-01-01", valid_to="2000-01-01"),
        state("line", "west", valid_from="2000-01-01"),
        state("line", "east"), state("line", "south"),
    ]  # fmt: skip
    assert passes(world(states=states), as_of=day) is open_


def test_a_link_may_differ_from_its_line():
    base = [state("line", name) for name in ("west", "east", "south")]
    assert not passes(world(states=[*base, state("link", "b--c", "destroyed")]))


def test_a_closed_place_closes_all_its_links():
    base = [state("line", name) for name in ("west", "east", "south")]
    net = world(states=[*base, state("place", A_BORDER, "closed")])
    assert not passes(net)
    assert net.crossings["state"].tolist() == ["closed"]
    assert passes(net.with_open(A_BORDER))


@pytest.mark.parametrize(
    ("season", "day", "open_"),
    [
        ("05-01..10-31", "2025-07-01", True), ("05-01..10-31", "2025-12-01", False),
        ("11-15..03-15", "2025-12-01", True), ("11-15..03-15", "2025-07-01", False),
    ],
)  # fmt: skip
def test_seasons(season, day, open_):
    states = [state("line", "west", "seasonal", season=season)]
    states += [state("line", name) for name in ("east", "south")]
    assert passes(world(states=states), as_of=day) is open_


def test_a_link_without_a_state_is_an_error():
    with pytest.raises(DataError, match=r"no state on .* such as b--c"):
        world(states=[state("line", "west"), state("line", "east")])


@pytest.mark.parametrize(
    ("conditions", "given", "open_"),
    [
        ({"transit_countries": ["GE"]}, {}, False),
        ({"transit_countries": ["RU"]}, {}, True),
        ({"transit_countries": ["GE"], "destinations": ["AM"]}, {}, False),
        ({"transit_countries": ["GE"], "destinations": ["TR"]}, {}, True),
        ({"transit_countries": ["GE"], "destinations": ["TR"]}, {"cargo_destination": "TR"}, False),
        ({"transit_countries": ["GE"], "origins": ["AZ"]}, {"cargo_origin": "RU"}, True),
        ({"transit_countries": ["GE"], "origins": ["AZ"]}, {}, False),
        ({"transit_countries": ["GE"], "not_origins": ["AZ"]}, {}, True),
        ({"borders": [["AZ", "GE"]]}, {}, False),
        ({"borders": [["GE", "AZ"]]}, {}, False),
        ({"places": [A_BORDER]}, {}, False),
        ({"lines": ["south"]}, {}, False),
        ({"lines": ["south"], "commodities": ["grain"]}, {}, True),
        ({"lines": ["south"], "commodities": ["grain"]}, {"commodity": "wheat"}, False),
        ({"lines": ["south"], "traffic": "passenger"}, {}, True),
        ({"lines": ["south"], "traffic": "passenger"}, {"commodity": "passengers"}, False),
        ({"lines": ["south"], "effect": "allow"}, {}, True),
        ({"lines": ["south"], "valid_to": "2001-01-01"}, {}, True),
    ],
)
def test_rules(conditions, given, open_):
    assert passes(world(rules=[rule(**conditions)]), **given) is open_


def test_opening_a_crossing_spares_it_from_the_rule_on_the_whole_border():
    net = world(rules=[rule(borders=[["AZ", "GE"]])])
    assert not passes(net)
    assert passes(net.with_open(A_BORDER))
    assert passes(net.with_open("r"))
    assert not passes(net.with_open(A_BORDER).with_closed(A_BORDER))


def test_the_old_network_is_untouched():
    net = world()
    shut = net.with_closed("south")
    assert passes(net)
    assert not passes(shut)
    table = net.links
    table.loc[:, "length_km"] = -1.0
    assert net.links["length_km"].min() > 0


@pytest.mark.parametrize(
    "bad", ["2025-02-30", "yesterday", "2025-13-01", "", "1987-12-31", "2051-01-01", 20251105, 3.5]
)
def test_impossible_dates(bad):
    with pytest.raises(DateError, match="as_of"):
        as_day(bad)


def test_dates_of_all_kinds():
    assert as_day("2025-11-05") == dt.date(2025, 11, 5)
    assert as_day(dt.date(2025, 11, 5)) == dt.date(2025, 11, 5)
    assert as_day(dt.datetime(2025, 11, 5, 12, tzinfo=dt.UTC)) == dt.date(2025, 11, 5)
    assert as_day(None) == dt.date.today()  # noqa: DTZ011


def test_no_route_names_state_rule_and_what_would_open_it():
    base = [state("line", name) for name in ("west", "east")]
    net = world(
        states=[*base, state("line", "south", "destroyed")],
        rules=[rule(borders=[["AZ", "GE"]], title="the border is closed")],
    )
    with pytest.raises(NoRoute) as caught:
        net.route("a", "c", modes=["rail"])
    kinds = {reason.subject: reason.kind for reason in caught.value.reasons}
    assert kinds == {A_BORDER: "rule", "south": "state"}
    assert [change.subject for change in caught.value.changes] == [A_BORDER, "south"]
    assert "the border is closed" in str(caught.value)
    assert passes(net.with_open(*(change.subject for change in caught.value.changes)))
