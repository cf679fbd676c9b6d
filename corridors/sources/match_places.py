"""Which place of one network is which of another: by station code, by name, by position."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.geodesy import distance_km
from corridors.names import NAME_COLUMNS, fold

if TYPE_CHECKING:
    from corridors.network import Network

WAYS = ("code", "name", "similar name", "border", "position", "track", "none")
"""How a place can be matched, surest first."""
SIMILAR = 0.84
"""Least likeness (difflib ratio of folded names) of names that differ by spelling only."""
NAME_REACH_KM = {"surveyed": 3.0, "approximate": 10.0, "interpolated": 20.0}
"""How far apart places of one name may lie, by how sure the reference position is, km."""
CODE_REACH_KM = 25.0
SIMILAR_REACH_KM = 3.0
BORDER_REACH_KM = 3.0
POSITION_REACH_KM = 0.4
_EARTH_KM = 6371.0088
_CODE_DIGITS = 5  # the sixth of a station code is a check digit that maps leave out
_GENERIC = re.compile(
    r"\b(stansiyasi|stansiyas|stansiya|demiryol|vagzali|sernisin|station|railway|halt|"
    r"istasyonu|istasyon|gari|gar|станция|вокзал|разъезд|рзд|железнодорожная|"
    r"eksport|export|эксп|სადგური|რკინიგზის|կայարան)\b"
)
"""Words for "station" and the like, folded."""
_NUMBER = re.compile(r"\d+|\b[ivx]+\b")
_SEVERAL = re.compile(r"[\\/;|]")


def match_places(reference: Network, osm: Network) -> pd.DataFrame:
    """Match the rail places of a reference network to places of a network from OpenStreetMap.

    Surest way first: the same station code, the same name (any language, spelling folded) within
    a reach that depends on how sure the reference position is, a name that differs by spelling,
    a border point, a station at the same spot. Within a way the nearest pair goes first. A station
    of OpenStreetMap (the places of one name in one locality) is given once; ties are broken by id.

    Parameters
    ----------
    reference, osm : Network

    Returns
    -------
    DataFrame
        One row a rail place of the reference, by ``place_id``: ``osm_place_id``, ``osm_name``,
        ``how`` (one of :data:`WAYS`; "none": no place of OpenStreetMap answers), ``apart_km``.
    """
    wanted = _rail_places(reference, named_only=False)
    offered = _rail_places(osm, named_only=True)
    pairs = _pairs(wanted, offered, max(CODE_REACH_KM, *NAME_REACH_KM.values()))
    pairs["tier"] = _tiers(pairs, wanted, offered, reference, osm)
    pairs = pairs[pairs["tier"] < len(WAYS)]
    pairs = pairs.sort_values(["tier", "apart_km", "place_id", "osm_place_id"])
    # A station of many tracks is many places of one name in one town.
    station = {
        place: (town if isinstance(town, str) else place, fold(name))
        for place, town, name in zip(
            *(offered[column] for column in ("place_id", "locality", "name_en")), strict=True
        )
    }
    taken: set[tuple[str, str]] = set()
    found: dict[str, tuple[str, str, float]] = {}
    columns = (pairs[c].tolist() for c in ("place_id", "osm_place_id", "tier", "apart_km"))
    for place, other, tier, apart in zip(*columns, strict=True):
        if place not in found and station[other] not in taken:
            found[place] = (other, WAYS[tier], apart)
            taken.add(station[other])
    names = dict(zip(offered["place_id"], offered["name_en"], strict=True))
    nothing = ("", "none", float("nan"))
    rows = [(place, *found.get(place, nothing)) for place in wanted["place_id"]]
    table = pd.DataFrame(rows, columns=["place_id", "osm_place_id", "how", "apart_km"])
    table.insert(2, "osm_name", table["osm_place_id"].map(names).fillna(""))
    return table


def name_keys(names: Iterable[object]) -> frozenset[str]:
    """Folded spellings without the words that stand for "station"."""
    keys = set()
    for name in names:
        # One tag may hold several names: "Montin \ Nərimanov Stansiyası".
        for part in _SEVERAL.split(name) if isinstance(name, str) else ():
            folded = fold(part)
            short = " ".join(_GENERIC.sub(" ", folded).split())
            keys.add(short or folded)
    return frozenset(keys - {""})


def _rail_places(net: Network, *, named_only: bool) -> pd.DataFrame:
    """Rail places with their spellings; of a map only those that stand for something."""
    places = pd.DataFrame(net.place_table.drop(columns="geometry"))
    places = places[places["mode"] == "rail"]
    if named_only:
        border = places["place_id"].isin(net.borders) | (places["kind"] == "border")
        places = places[(places["kind"] != "junction") | border]
    official: dict[str, list[str]] = {}
    codes = net.station_code_table
    for place, name in zip(codes["place_id"], codes["name_official"], strict=True):
        official.setdefault(place, []).append(name)
    spellings = zip(
        places["place_id"], *(places[c] for c in (*NAME_COLUMNS, "names_other")), strict=True
    )
    keys = [name_keys([*names, *other, *official.get(p, ())]) for p, *names, other in spellings]
    return places.assign(keys=pd.Series(keys, places.index, object)).reset_index(drop=True)


def _pairs(wanted: pd.DataFrame, offered: pd.DataFrame, reach_km: float) -> pd.DataFrame:
    """All pairs within reach; row numbers of both tables, ids, geodesic kilometres."""
    from scipy.spatial import cKDTree

    columns = ["place_id", "osm_place_id", "apart_km", "a", "b"]
    if wanted.empty or offered.empty:
        return pd.DataFrame({name: [] for name in columns})
    # A chord is never longer than the arc; a little more reach makes up for the flattening.
    near = cKDTree(_on_sphere(wanted)).query_ball_tree(
        cKDTree(_on_sphere(offered)), r=1.01 * reach_km / _EARTH_KM
    )
    a = np.repeat(np.arange(len(wanted)), [len(found) for found in near])
    b = np.array([row for found in near for row in sorted(found)], np.int64)
    here, there = wanted.iloc[a], offered.iloc[b]
    apart = distance_km(here["lon"], here["lat"], there["lon"], there["lat"])
    return pd.DataFrame(
        {
            "place_id": wanted["place_id"].to_numpy()[a],
            "osm_place_id": offered["place_id"].to_numpy()[b],
            "apart_km": apart,
            "a": a,
            "b": b,
        }
    )


def _on_sphere(places: pd.DataFrame) -> npt.NDArray[np.float64]:
    lon, lat = (np.radians(places[name].to_numpy(float)) for name in ("lon", "lat"))
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _tiers(
    pairs: pd.DataFrame,
    wanted: pd.DataFrame,
    offered: pd.DataFrame,
    reference: Network,
    osm: Network,
) -> list[int]:
    """Position in :data:`WAYS` of the surest way in which each pair agrees; else their number."""
    codes, osm_codes = (_codes(net) for net in (reference, osm))
    keys, osm_keys = wanted["keys"].tolist(), offered["keys"].tolist()
    reach = wanted["position_accuracy"].map(NAME_REACH_KM).fillna(max(NAME_REACH_KM.values()))
    border = wanted["place_id"].isin(reference.borders).tolist()
    osm_border = (offered["kind"] == "border").tolist()
    reaches = reach.tolist()
    tiers = []
    columns = (pairs[c].tolist() for c in ("place_id", "osm_place_id", "apart_km", "a", "b"))
    for place, other, apart, a, b in zip(*columns, strict=True):
        way = "none"
        if border[a] or osm_border[b]:
            # A point on the border is no station, however near and whatever it is called.
            both = border[a] and osm_border[b]
            way = "border" if both and apart <= BORDER_REACH_KM else "none"
        elif codes.get(place, frozenset()) & osm_codes.get(other, frozenset()):
            way = "code"
        elif keys[a] & osm_keys[b] and apart <= reaches[a]:
            way = "name"
        elif apart <= SIMILAR_REACH_KM and _similar(keys[a], osm_keys[b]):
            way = "similar name"
        elif apart <= POSITION_REACH_KM:
            way = "position"
        tiers.append(WAYS.index(way) if way != "none" else len(WAYS))
    return tiers


def _codes(net: Network) -> dict[str, frozenset[str]]:
    """Station codes of each place, without check digit; 00000 is what mappers write for none."""
    found: dict[str, set[str]] = {}
    table = net.station_code_table
    for code, place in zip(table["station_code"], table["place_id"], strict=True):
        short = str(code)[:_CODE_DIGITS]
        if short.strip("0"):
            found.setdefault(place, set()).add(short)
    return {place: frozenset(codes) for place, codes in found.items()}


def _similar(one: frozenset[str], two: frozenset[str]) -> bool:
    """Whether two names differ by spelling; a number tells stations of one town apart."""
    return any(
        _NUMBER.findall(a) == _NUMBER.findall(b)
        and difflib.SequenceMatcher(None, a, b).ratio() >= SIMILAR
        for a in sorted(one)
        for b in sorted(two)
    )
