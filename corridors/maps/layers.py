"""Tables of a network -> the columns that the page's script draws and explains."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.maps import style
from corridors.maps.encode import clean, column, encode_points, numbers, web_address

if TYPE_CHECKING:
    import geopandas as gpd

    from corridors.network import Network

_LINK_TEXTS = (
    "link_id", "line_id", "line_name", "mode", "country", "length_kind", "length_source",
    "confidence", "gauge_mm", "electrification", "operator_id", "road_ref", "note",
)  # fmt: skip
_PLACE_TEXTS = (
    "place_id", "kind", "mode", "country", *(f"name_{code}" for code in style.LANGUAGES),
    "position_source", "position_accuracy", "source", "confidence", "note",
)  # fmt: skip
_SIMPLIFY_DEGREES = 0.00002
"""About two metres, a quarter of a pixel at the closest zoom."""


@dataclass(frozen=True)
class Drawing:
    """The tables a map is drawn from, and where each place and link stands in them.

    Parameters
    ----------
    net : Network
        Whose day and states are shown.
    places, links : GeoDataFrame
        Its tables, with what other networks (a what-if, of which a route is drawn) add below.
    others : tuple of Network
        Those other networks.
    """

    net: Network
    places: gpd.GeoDataFrame
    links: gpd.GeoDataFrame
    others: tuple[Network, ...] = ()

    @property
    def nets(self) -> tuple[Network, ...]:
        """The network and the others that add to it."""
        return (self.net, *self.others)

    @cached_property
    def place_row(self) -> dict[str, int]:
        """Place id to row."""
        return {str(name): row for row, name in enumerate(self.places["place_id"])}

    @cached_property
    def link_row(self) -> dict[str, int]:
        """Link id to row."""
        return {str(name): row for row, name in enumerate(self.links["link_id"])}


def drawing(net: Network, others: Iterable[Network] = ()) -> Drawing:
    """Tables of a network, with the links and places that only other networks have."""
    places, links = net.places, net.links
    different = tuple(dict.fromkeys(other for other in others if other is not net))
    for other in different:
        places = _joined(places, other.places, "place_id")
        links = _joined(links, other.links, "link_id")
    return Drawing(net, places, links, different)


def _joined(known: gpd.GeoDataFrame, more: gpd.GeoDataFrame, key: str) -> gpd.GeoDataFrame:
    new = more[~more[key].isin(known[key])]
    return pd.concat([known, new], ignore_index=True) if len(new) else known


def link_columns(drawn: Drawing) -> dict[str, Any]:
    """Links: what the popup says, the layer each belongs to, and the drawn lines.

    What state each is in, the page's script works out for the day it shows.

    Returns
    -------
    dict
        ``columns`` by name, ``from`` and ``to`` as rows of the place table, ``geometry`` as
        encoded lines in the order of the rows.
    """
    import shapely

    links, place = drawn.links, drawn.place_row
    operators = drawn.net.operators
    names = dict(zip(operators["operator_id"], operators["name"], strict=True))
    columns = {name: column(links[name]) for name in _LINK_TEXTS}
    columns["operator"] = column(names.get(name, name) for name in links["operator_id"])
    del columns["operator_id"]
    columns["tracks"] = column(_whole(value) for value in links["tracks"])
    columns["length_km"] = numbers(links["length_km"], 3)
    columns["geometry_km"] = numbers(links["geometry_km"], 1)
    columns["kind"] = column(
        style.kind_of(mode, gauge)
        for mode, gauge in zip(links["mode"], links["gauge_mm"].fillna(""), strict=True)
    )
    lines = shapely.simplify(links.geometry.to_numpy(), _SIMPLIFY_DEGREES)
    coords, owner = shapely.get_coordinates(lines, return_index=True)
    return {
        "columns": columns,
        "from": [place[name] for name in links["from_place"]],
        "to": [place[name] for name in links["to_place"]],
        "geometry": encode_points(coords, np.bincount(owner, minlength=len(links)).tolist()),
    }


def _whole(value: Any) -> str:
    return "" if pd.isna(value) else str(int(value))


def place_columns(drawn: Drawing) -> dict[str, Any]:
    """Places: names, codes, position, the symbol and how early the name is shown.

    Returns
    -------
    dict
        ``columns`` by name, ``crossings`` by row, ``geometry`` as one encoded line of all points.
    """
    places, net = drawn.places, drawn.net
    table = net.station_code_table.sort_values("station_code")
    codes = table.groupby("place_id")["station_code"].agg(", ".join)
    official = table.groupby("place_id")["name_official"].agg(", ".join)
    columns = {name: column(places[name]) for name in _PLACE_TEXTS}
    columns["name_en"] = column(places["name_en"].mask(unnamed(places), ""))
    columns["other"] = column(", ".join(names) for names in places["names_other"])
    columns["codes"] = column(places["place_id"].map(codes))
    columns["spelled"] = column(places["place_id"].map(official))
    crossings = _crossings(drawn)
    columns["symbol"] = column(map(_symbol, places["kind"]))
    columns["rank"] = {"a": ranks(drawn).tolist()}
    coords = np.column_stack([places.geometry.x, places.geometry.y])
    return {
        "columns": columns,
        "crossings": {str(row): entry for row, entry in crossings.items()},
        "geometry": encode_points(coords, [len(places)]),
    }


def _crossings(drawn: Drawing) -> dict[int, dict[str, Any]]:
    table, row = drawn.net.crossings, drawn.place_row
    return {
        row[entry["place_id"]]: {
            "countries": [entry["country_a"], entry["country_b"]],
            "posts": [row[entry[f"border_place_{side}"]] for side in ("a", "b")
                      if entry[f"border_place_{side}"] in row],
            "mode": entry["mode"],
            "source": entry["source"],
            "confidence": entry["confidence"],
            "note": clean(entry["note"]),
        }
        for entry in table.to_dict("records")
    }  # fmt: skip


def _symbol(kind: str) -> str:
    return {"gauge_change": "gauge", "port": "port"}.get(kind, "station")


def symbols(drawn: Drawing) -> pd.Series[str]:
    """Symbol of each place on the network's day; the page's script does so for any day."""
    found = drawn.places["kind"].map(_symbol)
    closed = drawn.places["place_id"].isin(drawn.net.closed_places)
    crossing = drawn.places["place_id"].isin(drawn.net.crossings["place_id"])
    found = found.mask(crossing & closed, "crossing_closed")
    return found.mask(crossing & ~closed, "crossing_open")


def unnamed(places: pd.DataFrame) -> pd.Series[bool]:
    """Whether a place has no other name than its id."""
    return places["name_en"] == places["place_id"]


def ranks(drawn: Drawing) -> npt.NDArray[np.int64]:
    """0: city, 1: port or gauge change, 2: junction or crossing, 3: town, 4: other station.

    5 is a place without a name of its own, such as a switch in a yard. A city may have a station,
    a port and a town of its name: one of them stands for it.
    """
    places = drawn.places
    ends = pd.concat([drawn.links["from_place"], drawn.links["to_place"]])
    degree = places["place_id"].map(ends.value_counts()).fillna(0)
    kind = places["kind"]
    found = np.select(
        [
            unnamed(places),
            kind.isin(["port", "gauge_change"]),
            # a way in, a way out, and more
            (kind == "border") | (degree > 2),  # noqa: PLR2004
            kind.isin(["town", "junction", "terminal"]),
        ],
        [5, 1, 2, 3],
        4,
    )
    named = places[["name_en", "country", "kind"]].reset_index(drop=True)
    cities = named[named["name_en"].map(style.is_city) & (named["kind"] != "border")]
    town_first = (cities["kind"] != "town").sort_values(kind="stable").index
    stands = cities.loc[town_first].drop_duplicates(["name_en", "country"]).index
    found[stands] = 0
    return found


def histories(drawn: Drawing, net: Network | None = None) -> dict[str, list[list[str]]]:
    """Dated states by subject id, oldest first, of everything that is drawn.

    Parameters
    ----------
    drawn : Drawing
    net : Network, optional
        Whose state table to read; that of the drawing if not given.

    Returns
    -------
    dict of str to list
        Rows of state, first day, first day after (empty: still), source, confidence, season, note.
    """
    ids = {*drawn.links["link_id"], *drawn.links["line_id"], *drawn.places["place_id"]}
    found: dict[str, list[list[str]]] = {}
    table = _states(drawn) if net is None else net.states
    table = table[table["subject_id"].isin(ids)].sort_values("valid_from", kind="stable")
    for entry in table.to_dict("records"):
        days = [
            "" if pd.isna(entry[name]) else pd.Timestamp(entry[name]).date().isoformat()
            for name in ("valid_from", "valid_to")
        ]
        rest = [clean(entry[name]) for name in ("source", "confidence", "season", "note")]
        found.setdefault(str(entry["subject_id"]), []).append([entry["state"], *days, *rest])
    return dict(sorted(found.items()))


def _states(drawn: Drawing) -> pd.DataFrame:
    """States of the network, and of what only other networks have."""
    table = drawn.net.states
    known = {
        *drawn.net.link_table["link_id"],
        *drawn.net.link_table["line_id"],
        *drawn.net.place_table["place_id"],
    }
    for other in drawn.others:
        more = other.states
        new = more[~more["subject_id"].isin(known)]
        if len(new):
            table = pd.concat([table, new])
            known |= set(new["subject_id"])
    return table


def sources(drawn: Drawing, cited: Iterable[str] = ()) -> dict[str, dict[str, str]]:
    """Title, publisher, date and address of every source that the map can show."""
    names = set(cited)
    for table, columns in (
        (drawn.links, ("length_source",)),
        (drawn.places, ("source", "position_source")),
        *((net.states, ("source",)) for net in drawn.nets),
        (drawn.net.crossings, ("source",)),
    ):
        for name in columns:
            names |= set(table[name].dropna())
    known = pd.concat([net.sources for net in drawn.nets]).drop_duplicates("source_id")
    found: dict[str, dict[str, str]] = {}
    for entry in known[known["source_id"].isin(names)].to_dict("records"):
        fields = {name: clean(entry[name]) for name in ("title", "publisher", "date", "reference")}
        fields["url"] = web_address(entry["url"])
        found[str(entry["source_id"])] = {key: text for key, text in fields.items() if text}
    return dict(sorted(found.items()))


def bounds(drawn: Drawing) -> list[list[float]]:
    """South-west and north-east corner of the project's countries, or of all places."""
    core = drawn.places[drawn.places["country"].isin(style.CORE_COUNTRIES)]
    return corners(core if len(core) else drawn.places)


def corners(table: gpd.GeoDataFrame) -> list[list[float]]:
    """South-west and north-east corner of a table, as latitude and longitude."""
    if not len(table):
        return [[38.0, 40.0], [44.0, 51.0]]
    west, south, east, north = (round(float(x), 5) for x in table.total_bounds)
    return [[south, west], [north, east]]
