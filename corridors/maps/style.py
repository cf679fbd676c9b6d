"""How things look: colour tells the mode, form the gauge, the dash the state, a symbol the place.

Flow colours are those of Okabe and Ito (2008), told apart by people with any colour vision, less
their yellow and with three of Paul Tol's for long lists; the network itself stays muted so that
flows stand out. Nothing is told by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FLOW_COLOURS = {
    "light": (
        "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#332288", "#882255",
        "#777733", "#111111",
    ),
    "dark": (
        "#3d9fe0", "#f07c3a", "#26c295", "#e39bc4", "#f2b632", "#8fd0f7", "#9b8cf0", "#d9649a",
        "#b5b562", "#f2f2f2",
    ),
}  # fmt: skip
PALETTES: dict[str, dict[str, Any]] = {
    "light": {
        "paper": "#ffffff",
        "sea": "#d9e6ec",
        "outside": "#edf0ef",
        "land": "#f1eee6",
        "core": "#fcfaf4",
        "boundary": "#b8b0a0",
        "ink": "#22303c",
        "soft": "#5a6672",
        "tick": "#b0742a",
        "halo": "#ffffff",
        "black": "#000000",
        "station": "#4a5a68",
        "crossing_open": "#00684a",
        "crossing_closed": "#8a1f11",
        "gauge": "#6a3d9a",
        "port": "#1f6f9f",
        "selected": "#ffd23f",
        "changed": "#f2a7d4",
        "result": "#d55e00",
        "rail": "#3a4652",
        "narrow": "#3a4652",
        "ferry": "#4a8fb3",
        "road": "#b5813a",
        "transfer": "#7b6d8d",
    },
    "dark": {
        "paper": "#1b2227",
        "sea": "#14222b",
        "outside": "#10161a",
        "land": "#1f262b",
        "core": "#2b343a",
        "boundary": "#56626b",
        "ink": "#e8edf0",
        "soft": "#a5b1ba",
        "tick": "#d9a35a",
        "halo": "#12181c",
        "black": "#000000",
        "station": "#b9c4cc",
        "crossing_open": "#4fd1a5",
        "crossing_closed": "#ff8a75",
        "gauge": "#c3a3ea",
        "port": "#6bbbe8",
        "selected": "#c9a21a",
        "changed": "#8a3f73",
        "result": "#f07c3a",
        "rail": "#c3ccd3",
        "narrow": "#c3ccd3",
        "ferry": "#5d9fc4",
        "road": "#a9864f",
        "transfer": "#a99cbb",
    },
}
"""Colours by what they stand for. The dark ones are lighter siblings of the same hues."""
CORE_COUNTRIES = ("AM", "AZ", "GE")
"""The countries the project is about: drawn lighter, and in view when a map opens."""
LANGUAGES = {
    "en": "English",
    "az": "Azerbaijani",
    "hy": "Armenian",
    "ka": "Georgian",
    "ru": "Russian",
}
"""Languages of the names on a map, by code."""
SEAS: tuple[tuple[dict[str, str], tuple[float, float, float, float]], ...] = (
    (
        {
            "en": "Black Sea", "az": "Qara dəniz", "hy": "Սև ծով", "ka": "შავი ზღვა",
            "ru": "Чёрное море",
        },
        (40.8, 28.0, 45.0, 42.0),
    ),
    (
        {
            "en": "Caspian Sea", "az": "Xəzər dənizi", "hy": "Կասպից ծով", "ka": "კასპიის ზღვა",
            "ru": "Каспийское море",
        },
        (36.4, 46.6, 47.3, 55.0),
    ),
    (
        {
            "en": "Mediterranean Sea", "az": "Aralıq dənizi", "hy": "Միջերկրական ծով",
            "ka": "ხმელთაშუა ზღვა", "ru": "Средиземное море",
        },
        (31.0, 24.0, 36.6, 36.2),
    ),
)  # fmt: skip
"""Names of seas, and south, west, north, east of the water each name may stand on."""


@dataclass(frozen=True)
class Kind:
    """A layer of links: its name, and the stroke that tells it from the others.

    Parameters
    ----------
    id : str
    label : str
    colour : str
        Name in the palette.
    width : float
        Pixels at middle zooms.
    core : float
        Share of the width that a light line along the middle takes; 0: none.
    stateless : bool
        Whether the state is left to the symbols at its ends, as for links inside a station.
    """

    id: str
    label: str
    colour: str
    width: float
    core: float = 0.0
    stateless: bool = False


KINDS = (
    Kind("transfer", "Transfer between modes or gauges", "transfer", 1.6, stateless=True),
    Kind("road", "Road", "road", 1.3),
    Kind("ferry", "Ferry", "ferry", 1.2),
    Kind("rail", "Railway, gauge not known", "rail", 1.4),
    Kind("rail-narrow", "Railway, narrow gauge", "narrow", 0.9),
    Kind("rail-1520", "Railway, 1520 mm", "rail", 1.9),
    Kind("rail-1435", "Railway, 1435 mm", "rail", 3.0, core=0.42),
    Kind("rail-both", "Railway, 1435 and 1520 mm", "rail", 4.2, core=0.24),
)
"""In drawing order. A double line is standard gauge: gauge is told by form, mode by colour."""
NARROW_BELOW_MM = 1435


@dataclass(frozen=True)
class StateClass:
    """What several states have in common for the eye: the dash of the line."""

    id: str
    label: str
    dash: tuple[float, ...]
    states: tuple[str, ...]


STATES = (
    StateClass("state-shut", "Out of use", (1.5, 4.5), ("closed", "suspended", "destroyed")),
    StateClass("state-future", "Planned or being built", (9, 5), ("under_construction", "planned")),
    StateClass("state-open", "Open", (), ("open", "seasonal")),
)
"""In drawing order."""
CORES = ("", "halo", "black")
"""Lines along the middle, by name in the palette, that tell two flows of one colour apart."""
FLOW_WIDTH = 2.6
"""Of a flow whose tonnes are not published, and of a plain route."""
ROUTE_WIDTH = 6.0
NOT_OBSERVED_DASH = (12.0, 6.0)
"""Dash of flows that were announced or forecast, not observed."""

SYMBOLS = {
    "station": "Station or junction",
    "town": "Main town",
    "port": "Port",
    "gauge": "Gauge change",
    "crossing_open": "Border crossing, open",
    "crossing_closed": "Border crossing, closed",
}
"""What the symbols of places mean, in drawing order."""
OTHER_LAYERS = ("names", "changed", "results-lines", "results-points")

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


def kind_of(mode: str, gauge_mm: str | None) -> str:
    """Id of the layer that a link of this mode and gauge is drawn in.

    Examples
    --------
    >>> kind_of("rail", "1435+1520"), kind_of("rail", "900"), kind_of("border", None)
    ('rail-both', 'rail-narrow', 'transfer')
    """
    if mode in {"road", "ferry"}:
        return mode
    if mode != "rail":
        return "transfer"
    gauges = {int(part) for part in (gauge_mm or "").split("+") if part.isdigit()}
    if not gauges:
        return "rail"
    if max(gauges) < NARROW_BELOW_MM:
        return "rail-narrow"
    if len(gauges) > 1:
        return "rail-both"
    return "rail-1435" if gauges == {NARROW_BELOW_MM} else "rail-1520"


def layer_ids() -> set[str]:
    """Ids that layers of the network already have: no flow may take one of them."""
    return {*(kind.id for kind in KINDS), *(state.id for state in STATES), *SYMBOLS, *OTHER_LAYERS}


def flow_stroke(number: int, *, observed: bool) -> dict[str, Any]:
    """Colour, core, width and dash of the flow drawn as the ``number``-th, from 0.

    Where there are more flows than colours, a light or dark line along the middle tells two flows
    of one colour apart.
    """
    count = len(FLOW_COLOURS["light"])
    return {
        "colour": number % count,
        "core": CORES[number // count % len(CORES)],
        "width": FLOW_WIDTH,
        "dash": [] if observed else list(NOT_OBSERVED_DASH),
    }


def palettes() -> dict[str, dict[str, Any]]:
    """Both palettes with the colours of flows, as the page's script wants them."""
    return {name: {**colours, "flows": FLOW_COLOURS[name]} for name, colours in PALETTES.items()}
