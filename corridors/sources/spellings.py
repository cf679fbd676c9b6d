"""Stations of OpenStreetMap answer to what the region calls them, not only to what is mapped.

A mapper writes one name: the junction that all call Alat, Ələt or Алят is "Bash - Alat" there. The
reference network holds the other spellings, and its stations are matched to those of the map by
station code or by name and position, never by position alone.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from corridors.names import NAME_COLUMNS, fold
from corridors.sources.build_report import BuildReport
from corridors.sources.osm_places import SAME_TOWN_DEG

if TYPE_CHECKING:
    from corridors.network import Network, Tables

REGION = (24.0, 24.0, 84.0, 62.0)
"""West, south, east, north: all places of the reference network lie within, degrees."""
_SURE = ("code", "name")


def with_spellings(tables: Tables, report: BuildReport) -> Tables:
    """Tables whose stations also answer to the names that the reference network knows for them.

    A name is learned only where no station on the map answers to it and one has the best claim, so
    that no name of the map ever changes its meaning. Where a town nearby answers to it, station
    and town become one locality.

    Parameters
    ----------
    tables : Tables
        As :func:`.osm_tables.make_tables` makes them.
    report : BuildReport
        Counts the stations that learned a name; becomes ``net.build_report``.

    Returns
    -------
    Tables
    """
    places = tables.places
    west, south, east, north = REGION
    inside = places["lon"].between(west, east) & places["lat"].between(south, north)
    if not (inside & (places["mode"] == "rail") & (places["kind"] == "station")).any():
        return tables
    learned = _learned(tables)
    if learned.empty:
        return tables
    report.add(
        "place", "stations that also answer to further names of the reference network",
        learned["home"].nunique(), examples=learned["name"][~learned["home"].duplicated()],
    )  # fmt: skip
    homes = _homes(places)
    known = homes.map(learned.groupby("home")["name"].agg(tuple))
    names = [
        (*own, *(new if isinstance(new, tuple) else ()))
        for own, new in zip(places["names_other"], known, strict=True)
    ]
    towns = learned.dropna(subset=["town"]).groupby("home")["town"].first()
    town = homes.map(towns).astype(object)
    return replace(
        tables,
        places=places.assign(
            names_other=pd.Series(names, places.index, object),
            locality=town.where(town.notna(), places["locality"]),
        ),
        reports={**tables.reports, "build": report.frame()},
    )


def _learned(tables: Tables) -> pd.DataFrame:
    """New spellings: ``home`` (a station, which may be many places), ``name``, ``town`` or None."""
    from corridors.network import Network
    from corridors.sources.match_places import match_places

    reference = _reference()
    osm = Network(tables, as_of=reference.as_of)
    found = match_places(reference, osm)
    found = found[found["how"].isin(_SURE)]
    home = dict(zip(tables.places["place_id"], _homes(tables.places), strict=True))
    spellings = _spellings(reference)
    rows = [
        (home[other], other, name, fold(name), fold(spellings[place][0]))
        for place, other in zip(found["place_id"], found["osm_place_id"], strict=True)
        for name in spellings[place]
    ]
    table = pd.DataFrame(rows, columns=["home", "place_id", "name", "key", "main"])
    # What several claim goes to the one whose own name all of them bear: "Баку" to Baku's
    # passenger station, as Baku freight station is called Baku too, and not the other way.
    holders = table.groupby("key")["home"].agg(frozenset)
    table = table[table["main"].map(holders) >= table["key"].map(holders)]
    table = table[table.groupby("key")["home"].transform("nunique") == 1]
    free = _Towns(osm)
    pairs = zip(table["name"], table["place_id"], strict=True)
    table = table.assign(town=pd.Series([free(*pair) for pair in pairs], table.index, object))
    table = table[table["town"].ne("")]
    return table.drop_duplicates(["home", "key"]).reset_index(drop=True)


class _Towns:
    """Tells whether a name is free for a station, and the town nearby that bears it."""

    def __init__(self, osm: Network) -> None:
        places = osm.place_table
        self._gazetteer = osm.gazetteer
        self._mode = dict(zip(places["place_id"], places["mode"], strict=True))
        self._town = dict(zip(places["place_id"], places["locality"], strict=True))
        self._at = dict(zip(places["place_id"], places[["lon", "lat"]].to_numpy(), strict=True))

    def __call__(self, name: str, station: str) -> str | None:
        """Locality of the one town nearby that bears the name; None if nobody does; "" else."""
        bearers = sorted(self._gazetteer.called(name))
        if not bearers:
            return None
        towns = {self._town[place] for place in bearers}
        lon, lat = self._at[station]
        alone = len(towns) == 1 and all(
            self._mode[place] != "rail"
            and abs(self._at[place][1] - lat) < SAME_TOWN_DEG
            and abs(self._at[place][0] - lon) < 2 * SAME_TOWN_DEG
            for place in bearers
        )
        town = towns.pop()
        return town if alone and isinstance(town, str) else ""


def _spellings(reference: Network) -> dict[str, list[str]]:
    """All names of each rail place of the reference, its own first, those of its codes last."""
    places = reference.place_table
    places = places[places["mode"] == "rail"]
    columns = [*(places[name] for name in NAME_COLUMNS), places["names_other"]]
    found = {
        place: [name for name in (*names, *other) if isinstance(name, str) and fold(name)]
        for place, *names, other in zip(places["place_id"], *columns, strict=True)
    }
    codes = reference.station_code_table
    for place, name in zip(codes["place_id"], codes["name_official"], strict=True):
        found.setdefault(place, []).append(name)
    return found


def _homes(places: pd.DataFrame) -> pd.Series[str]:
    """What the places of one station share: a station of many tracks is many places."""
    stop = places["osm_id"].where(places["osm_id"].notna(), places["place_id"])
    return places["locality"].where(places["locality"].notna(), stop)


@cache
def _reference() -> Network:
    from corridors.sources.reference import load

    return load()
