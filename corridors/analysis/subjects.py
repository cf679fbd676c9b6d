"""What can be lost as a whole: a link, crossing, place or corridor, or all that a party holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from corridors.analysis.crossings import crossings, links_at
from corridors.errors import ArgumentError, UnknownSubjectError
from corridors.routing.offers import mode_mask
from corridors.schema import INTERNATIONAL_WATERS, UNKNOWN_COUNTRY
from corridors.words import COUNTRY_NAMES

if TYPE_CHECKING:
    from corridors.network import Network
    from corridors.routing.graph import IntArray
    from corridors.schema import CorridorRow

BoolArray = npt.NDArray[np.bool_]
_NOBODY = frozenset({INTERNATIONAL_WATERS, UNKNOWN_COUNTRY, ""})


@dataclass(frozen=True)
class Subject:
    """Links that are lost together.

    Parameters
    ----------
    subject_id, name : str
    rows : ndarray of int
        Rows of the link table, sorted.
    party : str
        Country, or place, whose own trade the loss would hit as well; empty where there is none to
        speak of.
    """

    subject_id: str
    name: str
    rows: IntArray
    party: str = ""


def subjects(
    net: Network, by: str, used: BoolArray, run_by: Mapping[str, str] | None = None
) -> list[Subject]:
    """Subjects that hold one used link or more, in order of their ids.

    Parameters
    ----------
    net : Network
    by : str
        One of :data:`BY`.
    used : ndarray of bool, one a link
        Links that flows go by; a subject without any holds no flow.
    run_by : mapping of str to str, optional
        Operator id by line or link id, where somebody else than in the data runs it.

    Raises
    ------
    ArgumentError, UnknownSubjectError
        If ``by`` is none of them, or ``run_by`` names an unknown line or operator.
    """
    if by not in BY:
        raise ArgumentError(f"by={by!r} is unknown; available: {', '.join(BY)}")
    operator = _operators(net, run_by or {})
    found = _MAKERS[by](net, used, operator)
    kept = [one for one in found if used[one.rows].any()]
    return sorted(kept, key=lambda one: one.subject_id)


def _operators(net: Network, run_by: Mapping[str, str]) -> npt.NDArray[np.object_]:
    """Operator of every link."""
    table = net.link_table
    operator = table["operator_id"].to_numpy(object).copy()
    known = set(net.operators["operator_id"])
    for name, who in run_by.items():
        rows = ((table["line_id"] == name) | (table["link_id"] == name)).to_numpy(bool)
        if not rows.any():
            raise UnknownSubjectError(f"run_by: {name!r} is no line or link; net.links lists them")
        if who not in known:
            raise UnknownSubjectError(
                f"run_by: {who!r} is no operator; known: {', '.join(sorted(known))}"
            )
        operator[rows] = who
    return operator


def _links(net: Network, used: BoolArray, _: npt.NDArray[np.object_]) -> list[Subject]:
    table = net.link_table
    rows = np.flatnonzero(used)
    names = dict(zip(net.place_table["place_id"], net.place_names, strict=True))
    columns = [table[name].to_numpy(object)[rows] for name in ("link_id", "from_place", "to_place")]
    return [
        Subject(str(link), f"{names[a]}–{names[b]}", np.array([row]))
        for row, link, a, b in zip(rows.tolist(), *columns, strict=True)
    ]


def _places(net: Network, used: BoolArray, _: npt.NDArray[np.object_]) -> list[Subject]:
    table = net.link_table
    passed = {*table["from_place"][used], *table["to_place"][used]}
    return [
        Subject(place, net.label(place), links_at(net, [place]), place) for place in sorted(passed)
    ]


def _crossings(net: Network, _: BoolArray, __: npt.NDArray[np.object_]) -> list[Subject]:
    return [
        Subject(name, net.label(name), links_at(net, places))
        for name, places in crossings(net).items()
    ]


def _corridors(net: Network, _: BoolArray, __: npt.NDArray[np.object_]) -> list[Subject]:
    return [
        Subject(name, row.name, corridor_links(net, row))
        for name, row in sorted(net.corridors.items())
    ]


def corridor_links(net: Network, corridor: CorridorRow) -> IntArray:
    """Rows of the links along a corridor's places, by open links where they join them.

    Parameters
    ----------
    net : Network
    corridor : Corridor
        Branches through places that the network does not have are left out.
    """
    rows: set[int] = set()
    for branch in corridor.branches:
        nodes = net.graph.nodes(branch.places)
        if (nodes < 0).any():
            continue
        fits = mode_mask(net, list(branch.modes))
        weights = [
            np.where(fits & ok, net.graph_lengths, np.inf) for ok in (net.state_allows, True)
        ]
        for start, end in pairwise(nodes.tolist()):
            ways = (
                net.graph.shortest_path(np.array([start]), np.array([end]), one) for one in weights
            )
            path = next((way for way in ways if way is not None), None)
            rows.update([] if path is None else path.links.tolist())
    return np.array(sorted(rows), np.int64)


def _countries(net: Network, _: BoolArray, __: npt.NDArray[np.object_]) -> list[Subject]:
    return _held(net.link_table["country"].to_numpy(object), COUNTRY_NAMES)


def _by_operator(net: Network, _: BoolArray, operator: npt.NDArray[np.object_]) -> list[Subject]:
    table = net.operators
    names = dict(zip(table["operator_id"], table["name"], strict=True))
    owners = dict(zip(table["operator_id"], table["owner_country"], strict=True))
    return [
        Subject(
            name, str(names.get(name, name)), np.flatnonzero(operator == name),
            owners.get(name, ""),
        )
        for name in sorted(set(operator))
    ]  # fmt: skip


def _owner_of(net: Network, operator: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Country of the owner of every link's operator."""
    table = net.operators
    owners = dict(zip(table["operator_id"], table["owner_country"], strict=True))
    return np.array([owners.get(name, "") for name in operator], object)


def _owners(net: Network, _: BoolArray, operator: npt.NDArray[np.object_]) -> list[Subject]:
    return _held(_owner_of(net, operator), COUNTRY_NAMES)


def _parties(net: Network, _: BoolArray, operator: npt.NDArray[np.object_]) -> list[Subject]:
    country, owner = net.link_table["country"].to_numpy(object), _owner_of(net, operator)
    return [
        Subject(name, COUNTRY_NAMES.get(name, name), np.flatnonzero(held), name)
        for name in sorted({*country, *owner} - _NOBODY)
        if (held := (country == name) | (owner == name)).any()
    ]


def _held(holder: npt.NDArray[np.object_], names: Mapping[str, str]) -> list[Subject]:
    return [
        Subject(name, names.get(name, name), np.flatnonzero(holder == name), name)
        for name in sorted(set(holder) - _NOBODY)
    ]


_Maker = Callable[["Network", BoolArray, npt.NDArray[np.object_]], list[Subject]]
_MAKERS: dict[str, _Maker] = {
    "link": _links,
    "crossing": _crossings,
    "place": _places,
    "corridor": _corridors,
    "country": _countries,
    "operator": _by_operator,
    "owner": _owners,
    "party": _parties,
}
BY = tuple(_MAKERS)
"""Kinds of subject. ``owner``: all that operators owned in a country run, wherever it lies;
``party``: that and all that lies in the country."""
