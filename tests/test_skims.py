"""Tables equal single routes; what is reached ends where the budget does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

import corridors as co
from corridors.geodesy import line_lengths_km
from tests.strategies import networks, place_ids
from tests.worlds import line, link, network, place


def km(net, a, b, **options):
    try:
        return net.route(a, b, **options).length_km
    except co.NoRoute:
        return float("nan")


@given(some.data())
def test_each_cell_is_the_route(data):
    net = data.draw(networks(oneway=True))
    names = some.lists(place_ids(net), min_size=1, max_size=4)
    origins, destinations = data.draw(names), data.draw(names)
    table = net.skim(origins, destinations)["length"]
    assert table.index.tolist() == origins
    assert table.columns.tolist() == destinations
    expected = [[km(net, a, b) for b in destinations] for a in origins]
    np.testing.assert_allclose(table.to_numpy(), expected)


def test_reference_table_keeps_rules_names_and_gaps_apart(net):
    origins = ["Kostanay", "Yalama", "Baku", (49.85, 40.38)]
    destinations = ["Yerevan", "Poti", "Nakhchivan", "gyumri"]
    found = net.skim(origins, destinations, modes=["rail"])
    table = found["length"]
    assert table.index.name == "origin"
    for row, a in enumerate(origins):
        for column, b in enumerate(destinations):
            expected = km(net, a, b, modes=["rail"])
            assert table.iloc[row, column] == pytest.approx(expected, nan_ok=True)
    assert table["Nakhchivan"].isna().all()
    assert len(found.table) == 16
    assert found.table.columns.tolist() == ["origin", "destination", "length"]


def test_one_origin_to_everywhere(net):
    table = net.skim("Tbilisi", modes=["rail"])["length"]
    assert len(table) == 1
    assert len(table.columns) > 400
    assert table.loc["Tbilisi", "poti"] == pytest.approx(km(net, "Tbilisi", "poti", modes=["rail"]))


def test_places_that_no_mode_serves_are_told(net):
    found = net.skim(["Verkhny Lars", "Tbilisi"], ["Poti"], modes=["rail"])
    assert np.isnan(found["length"].loc["Verkhny Lars", "Poti"])
    assert "not served by rail" in found.unserved["Verkhny Lars"]


def test_parallel_links_are_not_added_up():
    places = [place("west", 45, 40), place("east", 46, 40)]
    rows = [link("west", "east", 90), link("west", "east", 95, "second", link_id="second")]
    net = network(places, rows, [line("main"), line("second")])
    assert net.skim("west", "east")["length"].to_numpy().tolist() == [[90]]
    assert net.with_closed("main").skim("west", "east")["length"].to_numpy().tolist() == [[95]]


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        ({"origins": []}, "origins is empty"),
        ({"origins": "Baku", "destinations": []}, "destinations is empty"),
        ({"origins": "Baku", "weights": ()}, "weights="),
        ({"origins": "Baku", "weights": "beauty"}, "weights="),
        ({"origins": "Baku", "case": "hopeful"}, "case='hopeful'"),
        ({"origins": "Baku", "max_snap_km": -1}, "max_snap_km=-1"),
    ],
)
def test_bad_arguments_are_named(net, ask, told):
    with pytest.raises(co.ArgumentError, match=told):
        net.skim(**ask)


def test_unknown_place_is_named(net):
    with pytest.raises(co.UnknownPlaceError, match="Yalma"):
        net.skim(["Yalma"], ["Baku"])


# -- reach -------------------------------------------------------------------------------------


@given(some.data())
def test_reach_ends_where_the_budget_does(data):
    net = data.draw(networks(oneway=True))
    start = data.draw(place_ids(net))
    limit = float(data.draw(some.integers(0, 600)))
    found = net.reach(start, km=limit)
    far = net.skim(start)["length"].loc[start]
    near = far[far <= limit]
    places = found[found["kind"] == "place"].set_index("id")["cost"]
    assert set(places.index) == set(near.index)
    assert places.loc[start] == 0
    links = found[found["kind"] == "link"].set_index("id")
    assert links["share"].between(0, 1).all()
    table = net.links.set_index("link_id").loc[links.index]
    # A straight line is reached to the share that the kilometres say.
    drawn = line_lengths_km(links.geometry.to_numpy())
    np.testing.assert_allclose(drawn, links["share"] * table["geometry_km"], rtol=2e-2, atol=0.5)
    whole = links[links["share"] == 1]
    inside = table.loc[whole.index]
    assert (inside["from_place"].isin(places.index) | inside["to_place"].isin(places.index)).all()


def test_reach_by_hand():
    places = [place(name, 45 + at, 40) for at, name in enumerate(["one", "two", "three"])]
    net = network(places, [link("one", "two", 100), link("two", "three", 100)])
    found = net.reach("one", km=150)
    assert found["id"].tolist() == ["one", "two", "one--two", "two--three"]
    assert found["share"].tolist() == [1, 1, 1, 0.5]
    assert found.geometry.iloc[3].coords[-1] == pytest.approx((46.5, 40))
    assert found.crs is not None
    assert net.reach("two", km=50)["share"].tolist() == [1, 0.5, 0.5]


@pytest.mark.parametrize(
    "wrong", [{}, {"km": 1, "hours": 2}, {"km": -1}, {"km": float("nan")}, {"km": float("inf")}]
)
def test_reach_needs_one_budget(net, wrong):
    with pytest.raises(co.ArgumentError):
        net.reach("Tbilisi", **wrong)


def test_budgets_may_be_numbers_of_numpy_but_not_truths(net):
    asked = {"modes": ["rail"], "max_snap_km": np.int64(25)}
    some = net.reach("Tbilisi", km=np.int64(50), **asked)
    assert len(some) == len(net.reach("Tbilisi", km=50, modes=["rail"]))
    with pytest.raises(co.ArgumentError, match="km=True must be a number"):
        net.reach("Tbilisi", km=True)
    with pytest.raises(co.ArgumentError, match="max_snap_km=True must be a number"):
        net.route("Baku", "Tbilisi", max_snap_km=True)
