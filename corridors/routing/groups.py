"""Groups of places as one end of a question: a country, a named group, or places listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

import numpy as np
from pydantic import Field, model_validator

from corridors.errors import ArgumentError
from corridors.names import fold
from corridors.numeric import is_number
from corridors.routing.ends import End, PlaceLike, country_of
from corridors.schema import Country, Name, OptionalText, Row, Slug, Slugs
from corridors.tables import read_table
from corridors.words import COUNTRY_NAMES, ISO_COUNTRIES, listed

if TYPE_CHECKING:
    from corridors.network import Network
    from corridors.routing.offers import BoolArray
    from corridors.routing.terms import Terms

GroupLike: TypeAlias = Union["PlaceLike", Iterable["PlaceLike"]]
Box = tuple[float, float, float, float]
_NAMED = 3  # so many places are called by name


class GroupRow(Row):
    """A named group of places: those listed, or those of a country inside or outside a box."""

    group_id: Slug
    name: Name
    places: Slugs = Field((), description="place ids")
    country: Country | None = None
    box: Box | None = Field(None, description="west, south, east, north: within, degrees")
    outside_box: Box | None = Field(None, description="west, south, east, north: not within")
    note: OptionalText = None

    @model_validator(mode="after")
    def _listed_or_boxed(self) -> GroupRow:
        boxed = (self.box is None) != (self.outside_box is None)
        if not (self.places and self.country is None and not boxed) and not (
            not self.places and self.country is not None and boxed
        ):
            raise ValueError("give places, or a country and a box or outside_box")
        return self

    def holds(self, net: Network) -> BoolArray:
        """Mask of the places of a network that belong to the group."""
        table = net.place_table
        if self.places:
            return np.asarray(table["place_id"].isin(self.places), bool)
        west, south, east, north = self.box or self.outside_box or (0.0, 0.0, 0.0, 0.0)
        within = table["lon"].between(west, east) & table["lat"].between(south, north)
        return np.asarray(_of_country(net, str(self.country)) & (within == (self.box is not None)))


def read_groups(folder: Path) -> dict[str, GroupRow]:
    """The named groups of a data folder by id; none where it has no such table."""
    rows = read_table(folder, "groups", GroupRow, optional=True)
    return {row.group_id: row for row in sorted(rows, key=lambda row: row.group_id)}


def group(asked: Terms, given: GroupLike, name: str) -> End:
    """Places that an argument stands for, those that the modes serve, as one end.

    Parameters
    ----------
    asked : Terms
    given : str, point or iterable of them
        A country's code or name: all its places, border points left out. The id of a named
        group (``net.groups``). Any place as in :meth:`.Network.route`. Or several of these.
    name : str
        Of the argument, for messages.

    Raises
    ------
    ArgumentError
        If the group is empty, or nothing in it is served.
    UnknownPlaceError, AmbiguousPlaceError, NoRoute
        If a place cannot be used.
    """
    if isinstance(given, str):
        known = _known_group(asked.net, given)
        if known is None:
            return asked.end(given, name)
        label, mask = known
        nodes = np.flatnonzero(mask & asked.served)
        if not len(nodes):
            modes = " or ".join(asked.modes)
            raise ArgumentError(f"{name}={given!r}: no place of {label} is served by {modes}")
        return End(label, nodes, country_of(asked.net, nodes.tolist()), 0.0)
    if not isinstance(given, Iterable) or _is_point(given):
        return asked.end(given, name)  # type: ignore[arg-type]
    parts = [group(asked, one, name) for one in given]  # type: ignore[arg-type]
    if not parts:
        raise ArgumentError(f"{name} is empty; give a place, a country, a group, or several")
    labels = list(dict.fromkeys(part.label for part in parts))
    nodes = np.unique(np.concatenate([part.nodes for part in parts]))
    label = listed(labels if len(labels) <= _NAMED else [labels[0], f"{len(labels) - 1} others"])
    return End(
        label, nodes, country_of(asked.net, nodes.tolist()), max(part.snap_km for part in parts)
    )


def _is_point(given: object) -> bool:
    numbers = isinstance(given, (tuple, list)) and len(given) == 2  # noqa: PLR2004  (lon, lat)
    return numbers and all(map(is_number, given))  # type: ignore[call-overload]


def _known_group(net: Network, text: str) -> tuple[str, BoolArray] | None:
    """A country or a named group by what it is called; None: neither."""
    code = text.strip().upper()
    named = [c for c, country in COUNTRY_NAMES.items() if fold(country) == fold(text)]
    code = named[0] if named else code
    if code in ISO_COUNTRIES and text not in net.graph.index:
        return COUNTRY_NAMES.get(code, code), _of_country(net, code)
    groups: Mapping[str, GroupRow] = net.groups
    if text in groups:
        return groups[text].name, groups[text].holds(net)
    return None


def _of_country(net: Network, code: str) -> BoolArray:
    """Mask of the places of a country; a border point belongs to neither of its two."""
    return np.asarray((net.place_countries == code) & ~net.graph.index.isin(list(net.borders)))
