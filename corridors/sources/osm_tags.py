"""What OpenStreetMap tags mean: layer, state, one-way, gauge, current, names.

The tags follow the OpenStreetMap wiki (Key:railway, Lifecycle prefix, Key:highway, Key:oneway,
Key:ferry); where the wiki leaves a choice, the docstring says which one is made here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from corridors.errors import ArgumentError

Tags = Mapping[str, str]

RAIL_KINDS = ("rail", "narrow_gauge")
"""Railways that carry freight or main-line trains; trams, metros and funiculars are left out."""
OTHER_RAILWAYS = ("light_rail", "subway", "tram", "monorail", "funicular", "miniature", "preserved")
MAIN_ROADS = (
    "motorway", "trunk", "primary", "secondary", "tertiary",
    "motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link",
)  # fmt: skip
DRIVABLE_ROADS = (
    *MAIN_ROADS, "unclassified", "residential", "living_street", "road", "service",
)  # fmt: skip
ROAD_SETS = {"main": MAIN_ROADS, "drivable": DRIVABLE_ROADS}

LIFE_CYCLE = {
    "construction": "under_construction",
    "proposed": "planned",
    "planned": "planned",
    "disused": "closed",
    "abandoned": "destroyed",
    "razed": "destroyed",
    "dismantled": "destroyed",
    "demolished": "destroyed",
    "removed": "destroyed",
    "destroyed": "destroyed",
    "historic": "destroyed",
}
"""Prefix or value to state. Disused track still lies (closed); abandoned track is lifted."""
_OLD_RAIL = {f"{stage}:railway": state for stage, state in LIFE_CYCLE.items()}
_ROAD_STAGES = ("construction", "proposed", "disused", "abandoned")
STATION_KINDS = {
    "station": "station",
    "halt": "station",
    "yard": "station",
    "service_station": "station",
    "junction": "junction",
    "spur_junction": "junction",
    "crossover": "junction",
    "border": "border",
}
"""Value of ``railway`` on a node or an area to kind of place."""
TOWN_KINDS = ("city", "town")
WAY_COLUMNS = {
    "name": "name",
    "name_en": "name:en",
    "ref": "ref",
    "operator": "operator",
    "gauge": "gauge",
    "electrified": "electrified",
    "voltage": "voltage",
    "frequency": "frequency",
    "usage": "usage",
    "service": "service",
    "maxspeed": "maxspeed",
    "tracks": "tracks",
    "preferred_direction": "railway:preferred_direction",
    "bridge": "bridge",
    "tunnel": "tunnel",
    "toll": "toll",
    "hgv": "hgv",
    "duration": "duration",
}
"""Column of the way table to tag, kept as text."""
NAME_LANGUAGES = ("az", "hy", "ka", "ru")
_FORWARD = frozenset({"yes", "true", "1"})
_BACKWARD = frozenset({"-1", "reverse"})
_NO = frozenset({"no", "private", "emergency", "military"})
_OTHER_NAMES = ("alt_name", "old_name", "official_name", "short_name", "int_name", "loc_name")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]+")
_COUNT = re.compile(r"[1-9][0-9]?")
_GAUGE = re.compile(r"\d{3,4}")
_STATION_WORDS = re.compile(
    r"\b(railway station|train station|ferry terminal|station|central|stansiyası|stansiyasi|"
    r"istasyonu|garı|станция|вокзал|железнодорожная|центральн(?:ый|ая)|пассажирская|"
    r"სადგური|რკინიგზის|ცენტრალი|ცენტრალური|կայարան)\b",
    re.IGNORECASE,
)
"""Words that a station's name is often asked without."""
STATION_CODE_KEYS = ("esr:user", "railway:ref:esr", "ref:esr", "railway:ref", "uic_ref")
"""Tags with a station's number, the most exact first."""


@dataclass(frozen=True, slots=True)
class Way:
    """What one way is, read from its tags.

    Parameters
    ----------
    layer : {"rail", "road", "ferry"}
    kind : str
        The class within the layer, such as ``"narrow_gauge"`` or ``"primary"``.
    state : str
        One of the states of the library.
    oneway : bool
        Whether only the way's own direction may be used (after turning it, if ``reverse``).
    reverse : bool
        Whether the nodes must be turned round for ``oneway`` or the preferred direction to hold.
    wagons : bool
        A ferry that carries railway wagons.
    """

    layer: str
    kind: str
    state: str
    oneway: bool = False
    reverse: bool = False
    wagons: bool = False


def road_classes(roads: str | Iterable[str]) -> frozenset[str]:
    """Road classes that ``"main"``, ``"drivable"`` or a list of values of ``highway`` stand for.

    Raises
    ------
    ArgumentError
        If a class is unknown.
    """
    if isinstance(roads, str) and roads in ROAD_SETS:
        return frozenset(ROAD_SETS[roads])
    chosen = list(roads) if isinstance(roads, Iterable) and not isinstance(roads, str) else [roads]
    wrong = [name for name in chosen if name not in (*DRIVABLE_ROADS, "track")]
    if wrong or not chosen:
        raise ArgumentError(
            f"roads={roads!r}: give 'main', 'drivable' or classes out of "
            f"{', '.join((*DRIVABLE_ROADS, 'track'))}"
        )
    return frozenset(chosen)


def wanted_pairs(modes: Iterable[str], roads: frozenset[str]) -> list[tuple[str, str]]:
    """Tags of which a way, node or relation must have one to be looked at."""
    pairs: list[tuple[str, str]] = []
    if "rail" in modes:
        pairs += [("railway", kind) for kind in (*RAIL_KINDS, *OTHER_RAILWAYS, *LIFE_CYCLE)]
        pairs += [(f"{stage}:railway", kind) for stage in LIFE_CYCLE for kind in RAIL_KINDS]
        pairs += [("railway", kind) for kind in (*STATION_KINDS, "railway_crossing")]
    if "road" in modes:
        pairs += [("highway", kind) for kind in sorted(roads)]
        pairs += [("highway", stage) for stage in ("construction", "proposed")]
        pairs += [(f"{stage}:highway", kind) for stage in _ROAD_STAGES for kind in sorted(roads)]
        pairs += [("barrier", "border_control"), *(("place", kind) for kind in TOWN_KINDS)]
    if "ferry" in modes:
        pairs += [("route", "ferry"), ("railway", "ferry"), ("amenity", "ferry_terminal")]
    return pairs


def classify(tags: Tags, modes: Iterable[str], roads: frozenset[str]) -> Way | str:
    """What a way is, or in words why it is not used.

    Parameters
    ----------
    tags : mapping
    modes : iterable of str
        Layers wanted.
    roads : frozenset of str
        Road classes wanted.
    """
    railway = tags.get("railway")
    if "ferry" in modes and (tags.get("route") == "ferry" or railway == "ferry"):
        return _ferry(tags)
    if "rail" in modes:
        found = _rail(tags, railway)
        if found is not None:
            return found
    if "road" in modes:
        found = _road(tags, roads)
        if found is not None:
            return found
    return "no link of a mode asked for (stations and the like drawn as areas among them)"


def _ferry(tags: Tags) -> Way:
    wagons = tags.get("railway") == "ferry" or tags.get("train") == "yes"
    goods = tags.get("motor_vehicle") != "no" and tags.get("motorcar") != "no"
    kind = "train_ferry" if wagons else "ferry" if goods else "passenger_ferry"
    oneway, reverse = _direction(tags)
    state = _access_state(tags) if goods else "open"
    return Way("ferry", kind, state, oneway, reverse, wagons)


def _rail(tags: Tags, railway: str | None) -> Way | str | None:
    kind: str | None = None
    was: str | None
    state = "open"
    if railway in RAIL_KINDS:
        kind = railway
    elif railway in LIFE_CYCLE:
        was = tags.get(railway) or tags.get(f"{railway}:railway") or "rail"
        if was not in RAIL_KINDS and was != "yes":
            return f"railway={railway} of another kind"
        kind, state = ("rail" if was == "yes" else was), LIFE_CYCLE[railway]
    else:
        for key, meaning in _OLD_RAIL.items():
            if key in tags and tags[key] in RAIL_KINDS:
                kind, state = tags[key], meaning
                break
        else:
            return f"railway={railway}" if railway in OTHER_RAILWAYS else None
    # Preferred direction needs no rule of its own: nothing on rails is forbidden by it.
    oneway = tags.get("oneway") in _FORWARD | _BACKWARD
    reverse = (
        tags.get("oneway") in _BACKWARD
        if oneway
        else tags.get("railway:preferred_direction") == "backward"
    )
    if state == "open" and tags.get("seasonal") not in {None, "no"}:
        state = "seasonal"
    return Way("rail", str(kind), state, oneway, reverse)


def _road(tags: Tags, roads: frozenset[str]) -> Way | str | None:
    highway, state = tags.get("highway"), "open"
    was: str | None
    if highway in {"construction", "proposed"}:
        was = tags.get(highway) or "road"
        if was not in roads:
            return f"highway={highway} of another class"
        kind, state = was, LIFE_CYCLE[highway]
    elif highway in roads:
        kind = highway
    else:
        for stage in _ROAD_STAGES:
            was = tags.get(f"{stage}:highway")
            if was in roads:
                kind, state = was, LIFE_CYCLE[stage]
                break
        else:
            return None
    if tags.get("area") == "yes":
        return "an area, not a line"
    if state == "open":
        state = _access_state(tags)
    oneway, reverse = _direction(tags)
    if "oneway" not in tags:
        oneway |= tags.get("junction") in {"roundabout", "circular"} or kind == "motorway"
    return Way("road", kind, state, oneway, reverse)


def _access_state(tags: Tags) -> str:
    """Closed where no motor vehicle may go; the most exact key that is there decides."""
    for key in ("motor_vehicle", "vehicle", "access"):
        value = tags.get(key)
        if value is not None:
            if value in _NO:
                return "closed"
            break
    return "seasonal" if tags.get("seasonal") not in {None, "no"} else "open"


def _direction(tags: Tags) -> tuple[bool, bool]:
    value = tags.get("oneway")
    return (value in _FORWARD or value in _BACKWARD), value in _BACKWARD


def clean(text: str | None) -> str | None:
    r"""A tag's text without control characters and direction marks; None if none is left.

    Examples
    --------
    >>> clean("Bak\x00u")
    'Bak u'
    """
    if text is None:
        return None
    if text.isascii() and text.isprintable():
        return text.strip() or None
    plain = _CONTROL.sub(" ", unicodedata.normalize("NFC", text)).strip()
    return plain.encode("utf-8", "replace").decode("utf-8") or None


def gauge_mm(text: str | None) -> str | None:
    """Gauge as the library writes it: ``"1435;1520"`` is ``"1435+1520"``; None where unknown.

    Examples
    --------
    >>> gauge_mm("1520; 1435"), gauge_mm("broad")
    ('1435+1520', None)
    """
    found = sorted(set(_GAUGE.findall(text or "")))
    return "+".join(found) or None


def track_count(text: str | None) -> int | None:
    """Number of tracks, 1 to 99; None where unknown."""
    return int(text) if text is not None and _COUNT.fullmatch(text) else None


def electrification(
    electrified: str | None, voltage: str | None, frequency: str | None
) -> str | None:
    """Current in words: ``"3 kV DC"``, ``"25 kV AC"``, ``"none"``; None where unknown.

    Examples
    --------
    >>> electrification("contact_line", "25000", "50")
    '25 kV AC'
    """
    if electrified is None:
        return None
    if electrified == "no":
        return "none"
    try:
        kilovolts = float((voltage or "").split(";")[0]) / 1000
        hertz = float((frequency or "").split(";")[0])
    except ValueError:
        return "electrified"
    return f"{kilovolts:g} kV {'AC' if hertz else 'DC'}"


def names(tags: Tags) -> dict[str, str | tuple[str, ...] | None]:
    """Names in the columns of the place table; further languages and spellings in a tuple.

    The English name is ``name:en``, else ``int_name``, else ``name`` as written there. Names
    without the word for a station ("Tbilisi" for "Tbilisi Central Station") are further spellings.
    """
    given = {key: clean(value) for key, value in tags.items() if "name" in key}
    found: dict[str, str | tuple[str, ...] | None] = {
        f"name_{language}": given.get(f"name:{language}") for language in NAME_LANGUAGES
    }
    english: str | None = given.get("name:en") or given.get("int_name") or given.get("name")
    others: dict[str, None] = {}
    for key, value in sorted(given.items()):
        if value and (key == "name" or key.startswith("name:") or key in _OTHER_NAMES):
            others.update(dict.fromkeys(part.strip() for part in value.split(";") if part.strip()))
    if english is None:
        english = next((v for v in (*found.values(), *others) if isinstance(v, str)), None)
    for name in [v for v in (english, *found.values(), *others) if isinstance(v, str)]:
        short = _STATION_WORDS.sub(" ", name).strip(" -,")
        if short and short != name:
            others.setdefault(" ".join(short.split()))
    for known in (english, *found.values()):
        others.pop(str(known), None)
    return {"name_en": english, **found, "names_other": tuple(others)}
