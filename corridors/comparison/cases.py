"""The worlds that a comparison sets side by side: the base first, then each scenario."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from corridors.analysis.demands import flow_records
from corridors.cards.library import scenario
from corridors.cards.scenario import Scenario
from corridors.errors import ArgumentError
from corridors.network import Network

if TYPE_CHECKING:
    from corridors.flow import Flow

BASE = "base"
"""Name of the world as it is."""
Flows: TypeAlias = "Iterable[Flow] | Mapping[str, Flow] | pd.DataFrame"
World: TypeAlias = str | Path | Scenario | Network
Scenarios: TypeAlias = World | Iterable[World] | Mapping[str, World]
"""Names of cards, Scenarios or Networks; the keys of a mapping name them."""


@dataclass(frozen=True)
class Case:
    """One world and the flows it has.

    Parameters
    ----------
    name, title : str
        The title is that of the card, or the name that the caller gave it.
    net : Network
    flows : tuple of dict
        See :func:`.flow_records`.
    card : Scenario or None
        What made it, if a card did.
    """

    name: str
    title: str
    net: Network
    flows: tuple[dict[str, Any], ...]
    card: Scenario | None = None


def worlds(
    net: Network, scenarios: Scenarios, flows: Flows, as_of: str | dt.date | None = None
) -> list[Case]:
    """The base and each scenario, applied to it.

    Raises
    ------
    ArgumentError
        If something is no scenario, two have one name, or flows cannot be read.
    """
    day = net if as_of is None else net.at(as_of)
    kept = flows if isinstance(flows, (pd.DataFrame, Mapping)) else list(flows)
    base = tuple(flow_records(kept, tonnes_needed=False))
    _check_ids(base)
    cases = [Case(BASE, f"As things are on {day.as_of}", day, base)]
    for name, given in _named(scenarios):
        case = _case(day, name, given, kept, base)
        if case.name in {other.name for other in cases}:
            raise ArgumentError(
                f"two scenarios are called {case.name!r}; give a mapping from names of your own"
            )
        cases.append(case)
    return cases


def _named(scenarios: Scenarios) -> list[tuple[str | None, Any]]:
    if isinstance(scenarios, Mapping):
        return [(str(name), given) for name, given in scenarios.items()]
    if isinstance(scenarios, (str, Path)) or not isinstance(scenarios, Iterable):
        return [(None, scenarios)]
    return [(None, given) for given in scenarios]


def _case(
    day: Network, name: str | None, given: Any, flows: Any, base: tuple[dict[str, Any], ...]
) -> Case:
    card = scenario(given) if isinstance(given, (str, Path)) else given
    if isinstance(card, Network):
        if name is None:
            raise ArgumentError("a Network has no name; give a mapping such as {'name': network}")
        return Case(name, name, card.at(day.as_of), base)
    if not isinstance(card, Scenario):
        raise ArgumentError(
            f"scenarios holds {card!r}; give names of cards, Scenarios or a mapping of Networks"
        )
    own = base
    if not isinstance(flows, pd.DataFrame):
        own = tuple(flow_records(card.apply_flows(flows, day.as_of), tonnes_needed=False))
    return Case(name or card.name, name or card.title, card.apply(day), own, card)


def _check_ids(flows: tuple[dict[str, Any], ...]) -> None:
    if not flows:
        raise ArgumentError("flows is empty; give one flow or more")
    ids = [row["flow_id"] for row in flows]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ArgumentError(f"flows: the id {twice[0]!r} is given twice")
