"""corridors: the rail and road network of the South Caucasus, its flows and its what-ifs.

>>> import corridors as co
>>> net = co.load(as_of="2025-11-05")
>>> net.route("Alat", "Böyük Kəsik", modes=["rail"]).by_country
{'AZ': 415.23}

Everything heavy is imported when it is first used, so that ``import corridors`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from corridors.errors import (
    AmbiguousPlaceError,
    ArgumentError,
    CorridorsError,
    DataError,
    DateError,
    InfeasibleError,
    NoRoute,
    OverpassError,
    ScenarioError,
    UnitError,
    UnknownPlaceError,
    UnknownSubjectError,
)

if TYPE_CHECKING:
    from corridors.analysis.openings import article_flows, article_worlds, leverage_table
    from corridors.cards.difference import diff
    from corridors.cards.library import scenario, scenarios
    from corridors.cards.scenario import Scenario
    from corridors.catalog import corridors, flows
    from corridors.comparison.comparing import compare
    from corridors.comparison.result import Comparison
    from corridors.costs.switching import switching_value
    from corridors.flow import Flow
    from corridors.interchange import from_osmnx
    from corridors.maps import static_map
    from corridors.network import Network
    from corridors.routing.diagnosis import Change, Reason
    from corridors.routing.route import Route
    from corridors.sources.conflate import conflate
    from corridors.sources.overpass import from_overpass
    from corridors.sources.pbf import from_pbf
    from corridors.sources.reference import load
    from corridors.storage import open  # noqa: A004  (co.open reads best)

__version__ = "0.1.0"

_LAZY = {
    "Change": "corridors.routing.diagnosis",
    "Comparison": "corridors.comparison.result",
    "Flow": "corridors.flow",
    "Network": "corridors.network",
    "Reason": "corridors.routing.diagnosis",
    "Route": "corridors.routing.route",
    "article_flows": "corridors.analysis.openings",
    "article_worlds": "corridors.analysis.openings",
    "Scenario": "corridors.cards.scenario",
    "compare": "corridors.comparison.comparing",
    "conflate": "corridors.sources.conflate",
    "corridors": "corridors.catalog",
    "diff": "corridors.cards.difference",
    "flows": "corridors.catalog",
    "from_osmnx": "corridors.interchange",
    "from_overpass": "corridors.sources.overpass",
    "from_pbf": "corridors.sources.pbf",
    "leverage_table": "corridors.analysis.openings",
    "load": "corridors.sources.reference",
    "scenario": "corridors.cards.library",
    "scenarios": "corridors.cards.library",
    "static_map": "corridors.maps",
    "switching_value": "corridors.costs.switching",
    "open": "corridors.storage",
}

__all__ = [
    "AmbiguousPlaceError",
    "ArgumentError",
    "Change",
    "Comparison",
    "CorridorsError",
    "DataError",
    "DateError",
    "Flow",
    "InfeasibleError",
    "Network",
    "NoRoute",
    "OverpassError",
    "Reason",
    "Route",
    "Scenario",
    "ScenarioError",
    "UnitError",
    "UnknownPlaceError",
    "UnknownSubjectError",
    "article_flows",
    "article_worlds",
    "compare",
    "conflate",
    "corridors",
    "diff",
    "flows",
    "from_osmnx",
    "from_overpass",
    "from_pbf",
    "leverage_table",
    "load",
    "open",
    "scenario",
    "scenarios",
    "static_map",
    "switching_value",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        value = getattr(import_module(_LAZY[name]), name)
        # Keep it: the next access is a plain attribute.
        globals()[name] = value
        return value
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
