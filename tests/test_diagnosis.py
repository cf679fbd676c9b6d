"""Why there is no route: every kind of reason, and the smallest set of changes."""

from __future__ import annotations

import pytest

from corridors.errors import NoRoute
from tests.worlds import line, link, network, place, state


def refusal(net, a, b, **given) -> NoRoute:
    with pytest.raises(NoRoute) as caught:
        net.route(a, b, **given)
    return caught.value


def kinds(error: NoRoute) -> set[str]:
    return {reason.kind for reason in error.reasons}


@pytest.fixture(scope="module")
def gauges():
    """1520 a–b, a closed gauge change b–c, 1435 c–d; e apart; f–g is road, b–f a transfer."""
    places = [
        place("a", 44, 41), place("b", 45, 41), place("c", 45, 41), place("d", 46, 41),
        place("e", 47, 42), place("e2", 47.2, 42),
        place("f", 45, 41.02, mode="road"), place("g", 46, 41.02, mode="road"),
        place("d-road", 46, 41.01, mode="road"),
    ]  # fmt: skip
    lines = [
        line("broad"), line("standard", gauge_mm="1435"), line("change", mode="gauge_change"),
        line("lonely"), line("street", mode="road"), line("carting", mode="transfer"),
    ]  # fmt: skip
    links = [
        link("a", "b", 90, "broad"), link("b", "c", 0, "change"), link("c", "d", 90, "standard"),
        link("e", "e2", 20, "lonely"), link("f", "g", 90, "street"),
        link("g", "d-road", 2, "street"), link("b", "f", 3, "carting"),
        link("d", "d-road", 2, "carting"),
    ]  # fmt: skip
    states = [state("line", row.line_id) for row in lines if row.line_id != "change"]
    return network(places, links, lines, [*states, state("line", "change", "closed")])


def test_gauge(gauges):
    error = refusal(gauges, "a", "d", modes=["rail"])
    assert "gauge" in kinds(error)
    assert [(c.kind, c.subject) for c in error.changes] == [("open", "change")]


def test_mode(gauges):
    error = refusal(gauges, "a", "d", modes=["rail"])
    mode = next(reason for reason in error.reasons if reason.kind == "mode")
    assert "road" in mode.text
    assert gauges.route("a", "d").by_mode == {"rail": 90, "transfer": 5, "road": 92}


def test_unconnected(gauges):
    error = refusal(gauges, "a", "e", modes=["rail"])
    assert kinds(error) == {"unconnected"}
    assert error.changes == ()


def test_avoided(gauges):
    error = refusal(gauges, "a", "b", modes=["rail"], avoid=["broad"])
    assert error.changes == ()
    assert [(reason.kind, reason.subject) for reason in error.reasons] == [("avoid", "broad")]
    assert "left out by avoid" in str(error)


def test_a_place_that_the_modes_do_not_serve(gauges):
    assert kinds(refusal(gauges, "g", "f", modes=["rail"])) == {"mode"}


def test_too_far_to_snap(gauges):
    error = refusal(gauges, (10.0, 50.0), "a", modes=["rail"])
    assert kinds(error) == {"too_far_to_snap"}
    assert "km from the nearest place that rail serves" in str(error)


def test_fewest_changes_win_over_fewer_kilometres():
    """Three closed lines in a row are shorter; one closed line round about changes less."""
    places = [place(name, 44 + i / 2, 41) for i, name in enumerate("abcd")]
    places.append(place("far", 44.75, 42))
    lines = [line(name) for name in ("one", "two", "three", "round-a", "round-b")]
    links = [
        link("a", "b", 50, "one"), link("b", "c", 50, "two"), link("c", "d", 50, "three"),
        link("a", "far", 200, "round-a"), link("far", "d", 200, "round-b"),
    ]  # fmt: skip
    shut = {"one", "two", "three", "round-b"}
    states = [state("line", n.line_id, "closed" if n.line_id in shut else "open") for n in lines]
    error = refusal(network(places, links, lines, states), "a", "d", modes=["rail"])
    assert [change.subject for change in error.changes] == ["round-b"]
    assert [reason.subject for reason in error.reasons] == ["one", "two", "three"]


def test_among_equal_changes_the_shorter_route_wins():
    places = [place("a", 44, 41), place("b", 45, 41)]
    lines = [line("long"), line("short")]
    links = [
        link("a", "b", 150, "long", link_id="a--b--long"),
        link("a", "b", 100, "short", link_id="a--b--short"),
    ]
    states = [state("line", name, "planned") for name in ("long", "short")]
    error = refusal(network(places, links, lines, states), "a", "b", modes=["rail"])
    assert [change.subject for change in error.changes] == ["short"]
