"""Effects that a card states, compared with what the network gives before and after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.errors import NoRoute

if TYPE_CHECKING:
    from corridors.cards.scenario import Scenario
    from corridors.cards.schema import Show
    from corridors.network import Network
    from corridors.routing.route import Route

COLUMNS = (
    "scenario", "from", "to", "as_of", "when", "measure", "expected", "found", "agrees",
)  # fmt: skip
WITHIN = 0.01
"""How far a figure may be off, as a share."""
_LEAST = 0.05
NO_ROUTE = "no route"


def shown(scenario: Scenario, net: Network) -> pd.DataFrame:
    """What the cards of a scenario state, and what the network gives.

    Each card is judged on its own, after the scenarios that it requires.

    Parameters
    ----------
    scenario : Scenario
    net : Network
        Without the scenario.

    Returns
    -------
    DataFrame
        One row a statement: ``scenario``, ``from``, ``to``, ``as_of``, ``when`` ("before",
        "after"), ``measure``, ``expected``, ``found``, ``agrees``.
    """
    rows = [row for part in scenario.parts() for row in _rows(part, net)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(scenario: Scenario, net: Network) -> Iterator[tuple[Any, ...]]:
    (card,) = scenario.cards
    if not card.shows:
        return
    changed = scenario.apply(net)
    for show in card.shows:
        day = show.as_of or card.as_of or net.as_of
        for when, world, wanted in (("before", net, show.before), ("after", changed, show.after)):
            if wanted is None:
                continue
            route = _route(show, world.at(day))
            head = (card.name, show.start, show.to, day, when)
            if wanted == NO_ROUTE or route is None:
                found = NO_ROUTE if route is None else "a route"
                expected = wanted if isinstance(wanted, str) else "a route"
                yield (*head, "route", expected, found, expected == found)
                continue
            for measure, value in _stated(wanted).items():
                yield (*head, measure, value, *_compared(measure, value, route, day))


def _stated(wanted: Any) -> dict[str, Any]:
    stated: dict[str, Any] = wanted.model_dump(exclude_defaults=True)
    return stated


def _route(show: Show, net: Network) -> Route | None:
    try:
        return net.route(
            show.start, show.to, modes=show.modes or None, commodity=show.commodity,
            weight=show.weight, cargo_origin=show.cargo_origin,
            cargo_destination=show.cargo_destination,
        )  # fmt: skip
    except NoRoute:
        return None


def _compared(measure: str, expected: Any, route: Route, day: dt.date) -> tuple[Any, bool]:
    """What a route has of a measure, and whether that is what was expected."""
    net = route.network.at(day)
    if measure in {"passes", "avoids"}:
        words = [expected] if isinstance(expected, str) else expected
        ways = set(route.place_ids)
        met = [word for word in words if ways & set(net.gazetteer.find(word))]
        return met, met == (list(words) if measure == "passes" else [])
    if measure == "countries":
        found = list(route.by_country)
        return found, found == ([expected] if isinstance(expected, str) else list(expected))
    if measure == "gauge_breaks":
        return len(route.gauge_breaks), len(route.gauge_breaks) == expected
    value = float(getattr(route, measure))
    return round(value, 3), abs(value - expected) <= max(WITHIN * abs(expected), _LEAST)
