"""How things look: colour tells the mode, the dash tells the state, a symbol tells the place.

Flow colours are those of Okabe and Ito (2008), told apart by people with any colour vision, less
their yellow and with three of Paul Tol's for long lists; the network itself stays muted so that
flows stand out. Nothing is told by colour alone.
"""

from __future__ import annotations

from typing import Any

PALETTE: dict[str, str] = {
    "sea": "#d9e6ec",
    "outside": "#edf0ef",
    "land": "#f1eee6",
    "core": "#fcfaf4",
    "boundary": "#b8b0a0",
    "coast": "#9db4c0",
    "ink": "#22303c",
    "halo": "#ffffff",
    "country_label": "#8b8371",
    "sea_label": "#6f93a6",
    "station": "#4a5a68",
    "crossing_open": "#00684a",
    "crossing_closed": "#8a1f11",
    "gauge": "#6a3d9a",
    "port": "#1f6f9f",
    "selected": "#ffd23f",
    "result": "#d55e00",
}
CORE_COUNTRIES = ("AM", "AZ", "GE")
"""The countries the project is about: drawn lighter, and in view when a map opens."""
SEAS = (
    ("Black Sea", (40.8, 28.0, 45.0, 42.0)),
    ("Caspian Sea", (36.4, 46.6, 47.3, 55.0)),
)
"""Names of seas, and south, west, north, east of the water each name may stand on."""

_MODES: dict[str, tuple[str, str, float]] = {
    "road": ("Road", "#b5813a", 1.3),
    "ferry": ("Ferry", "#4a8fb3", 1.2),
    "rail": ("Railway", "#3a4652", 1.9),
}
_TRANSFER = {
    "id": "transfer",
    "label": "Transfer between modes or gauges",
    "mode": "transfer",
    "states": [],
    "colour": "#7b6d8d",
    "width": 1.6,
    "dash": [],
}
"""Links within a station or port: too short to show a state, which their ends' symbols show."""
_STATES: dict[str, tuple[str, tuple[float, ...], frozenset[str]]] = {
    "open": ("open", (), frozenset({"open", "seasonal"})),
    "future": (
        "planned or being built", (9, 5), frozenset({"under_construction", "planned"})
    ),
    "shut": (
        "out of use", (1.5, 4.5), frozenset({"closed", "suspended", "destroyed"})
    ),
}  # fmt: skip

FLOW_COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#332288", "#882255",
    "#777733", "#111111",
)  # fmt: skip
_CORES = ("", "#ffffff", "#000000")
FLOW_WIDTH = 4.2
ROUTE_WIDTH = 6.0
NOT_OBSERVED_DASH = (12.0, 6.0)
"""Dash of flows that were announced or forecast, not observed."""

STATE_WORDS = {
    "open": "open",
    "seasonal": "open in season",
    "closed": "closed",
    "suspended": "suspended",
    "destroyed": "lifted or destroyed",
    "under_construction": "under construction",
    "planned": "planned",
}
MODE_WORDS = {
    "rail": "railway",
    "road": "road",
    "ferry": "ferry",
    "transfer": "transfer",
    "gauge_change": "gauge change",
    "border": "border",
    "sea": "sea",
}
KIND_WORDS = {
    "station": "station",
    "junction": "junction",
    "border": "border crossing",
    "port": "port",
    "gauge_change": "gauge change",
    "terminal": "terminal",
    "town": "town",
}
CITIES = frozenset(
    {
        "adana", "aktau", "almaty", "ankara", "ardabil", "astana", "astrakhan", "atyrau", "baku",
        "bandar abbas", "batumi", "burgas", "constanta", "derbent", "erzurum", "ganja", "gyumri",
        "istanbul", "kars", "kostanay", "kutaisi", "lankaran", "makhachkala", "mersin", "moscow",
        "nakhchivan", "novorossiysk", "odesa", "poti", "qazvin", "rasht", "rostov-on-don",
        "samara", "saratov", "sukhumi", "tabriz", "tbilisi", "tehran", "trabzon", "turkmenbashi",
        "vanadzor", "vladikavkaz", "volgograd", "yerevan", "zugdidi",
    }
)  # fmt: skip
"""English names, lower case, of places that are labelled first and at every zoom."""


def is_city(name: str) -> bool:
    """Whether a place is labelled at every zoom."""
    return name.lower() in CITIES


def groups() -> list[dict[str, Any]]:
    """Network layers by mode and state, in drawing order: id, label, mode, states, stroke."""
    return [_TRANSFER] + [
        {
            "id": f"{mode}-{state}",
            "label": f"{mode_label}, {state_label}",
            "mode": mode,
            "states": sorted(states),
            "colour": colour,
            "width": width,
            "dash": list(dash),
        }
        for mode, (mode_label, colour, width) in _MODES.items()
        for state, (state_label, dash, states) in reversed(_STATES.items())
    ]


def group_of(mode: str, state: str) -> str:
    """Id of the layer that a link of this mode and state is drawn in."""
    if mode not in _MODES:
        return str(_TRANSFER["id"])
    key = next(key for key, (_, _, states) in _STATES.items() if state in states)
    return f"{mode}-{key}"


def flow_stroke(number: int, *, observed: bool) -> dict[str, Any]:
    """Colour, core, width and dash of the flow drawn as the ``number``-th, from 0.

    Where there are more flows than colours, a light or dark line along the middle tells two flows
    of one colour apart.
    """
    turn = number // len(FLOW_COLOURS)
    return {
        "colour": FLOW_COLOURS[number % len(FLOW_COLOURS)],
        "core": _CORES[turn % len(_CORES)],
        "width": FLOW_WIDTH,
        "dash": [] if observed else list(NOT_OBSERVED_DASH),
    }
