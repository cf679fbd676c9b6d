"""What a selection of a card means in a network: links and places, by any name that is stored."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from corridors.errors import AmbiguousPlaceError, ScenarioError, UnknownPlaceError
from corridors.names import Gazetteer, fold
from corridors.words import COUNTRY_NAMES, ISO_COUNTRIES

if TYPE_CHECKING:
    import pandas as pd

    from corridors.cards.selection import Where, WhichRules
    from corridors.network import Tables
    from corridors.schema import RuleRow

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
_NONE: IntArray = np.zeros(0, np.int64)
_FILTERS = ("country", "operator", "mode", "gauge", "line", "link")
_SUBJECTS = ("name", "corridor", "crossing", "border", "place")


@dataclass(frozen=True)
class Found:
    """Links and places.

    Parameters
    ----------
    rows : ndarray of int
        Rows of the link table, ascending.
    places : tuple of str
        Place ids, sorted.
    """

    rows: IntArray = field(default_factory=lambda: _NONE)
    places: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(len(self.rows) or self.places)

    def __or__(self, other: Found) -> Found:
        return Found(
            np.union1d(self.rows, other.rows), tuple(sorted({*self.places, *other.places}))
        )

    def __and__(self, other: Found) -> Found:
        return Found(
            np.intersect1d(self.rows, other.rows),
            tuple(sorted(set(self.places) & set(other.places))),
        )


class Finder:
    """Finds links, places and rules of the tables of a network.

    Parameters
    ----------
    tables : Tables
    links : DataFrame
        Its links as they are on the day.
    gazetteer : Gazetteer
    """

    def __init__(self, tables: Tables, links: pd.DataFrame, gazetteer: Gazetteer) -> None:
        self.tables, self.links, self.gazetteer = tables, links, gazetteer
        self._rows: dict[str, Mapping[str, IntArray]] = {}

    def with_tables(self, tables: Tables) -> Finder:
        """The same for tables of the same links and places."""
        other = Finder(tables, self.links, self.gazetteer)
        other._rows = self._rows
        return other

    # -- links and places ------------------------------------------------------------------

    def find(self, where: Where) -> Found:
        """Links and places that a selection means.

        Raises
        ------
        ScenarioError
            If a word of it is unknown, or nothing answers to all of it.
        """
        found: Found | None = None
        for key in _SUBJECTS:
            words = getattr(where, key)
            if words:
                one = self._any(getattr(self, key), words)
                found = one if found is None else found & one
        mask = self._filter(where)
        if mask is not None:
            found = Found(np.flatnonzero(mask)) if found is None else self._within(found, mask)
        if not found:
            raise ScenarioError(f"nothing in the network is all of this: {where}")
        return found

    def _any(self, find: Callable[[str], Found], words: Iterable[str]) -> Found:
        found = Found()
        for word in words:
            found |= find(word)
        return found

    def _filter(self, where: Where) -> BoolArray | None:
        """Mask of the links that fit every key about links; None where there is no such key."""
        mask: BoolArray | None = None
        for key in _FILTERS:
            words = getattr(where, key)
            if not words:
                continue
            one = np.zeros(len(self.links), bool)
            one[self._any(getattr(self, key), words).rows] = True
            mask = one if mask is None else mask & one
        return mask

    def _within(self, found: Found, mask: BoolArray) -> Found:
        """Links of the mask; places that a link of it reaches."""
        ends = self.links[["from_place", "to_place"]].to_numpy(object)[mask]
        reached = set(ends.ravel().tolist())
        return Found(found.rows[mask[found.rows]], tuple(p for p in found.places if p in reached))

    def rows_by(self, column: str) -> Mapping[str, IntArray]:
        """Rows of the link table by the values of a column."""
        if column not in self._rows:
            indices: Any = self.links.groupby(column, sort=False).indices
            self._rows[column] = indices
        return self._rows[column]

    def name(self, word: str) -> Found:
        """What answers to a word: a corridor, line, link, operator, country, crossing or place."""
        by_id: tuple[tuple[Container[str], Callable[[str], Found]], ...] = (
            (self.tables.corridors, self.corridor),
            (self.rows_by("line_id"), self.line),
            (self.rows_by("link_id"), self.link),
            (self.rows_by("operator_id"), self.operator),
            (self._places, lambda place: Found(places=(place,))),
        )
        for known, find in by_id:
            if word in known:
                return find(word)
        for by_name in (self.corridor, self.line, self.operator, self.country, self.crossing):
            try:
                return by_name(word)
            except ScenarioError:
                continue
        return self.place(word)

    def corridor(self, word: str) -> Found:
        """Lines and crossings that must open for a corridor to work."""
        corridors = self.tables.corridors
        names = {fold(row.name): name for name, row in corridors.items()}
        row = corridors[self.known_id("corridor", word, corridors, names)]
        found = Found(places=tuple(sorted(row.crossings)))
        found |= self._any(self.line, row.lines)
        if not found:
            raise ScenarioError(
                f"corridor {word!r} needs nothing opened, so it names no lines of its own; "
                "select lines or crossings"
            )
        return found

    def line(self, word: str) -> Found:
        """Links of a line, by its id or name."""
        return Found(self.rows_by("line_id")[self.line_id(word)].astype(np.int64))

    def line_id(self, word: str) -> str:
        """Id of a line, by its id or name."""
        return self.known_id("line", word, self.rows_by("line_id"), self._line_names)

    def link(self, word: str) -> Found:
        """A link by its id."""
        rows = self.rows_by("link_id")
        return Found(rows[self.known_id("link", word, rows, {})].astype(np.int64))

    def operator(self, word: str) -> Found:
        """Links that an operator runs, by its id or name."""
        rows = self.rows_by("operator_id")
        return Found(rows.get(self.operator_id(word), _NONE).astype(np.int64))

    def operator_id(self, word: str) -> str:
        """Id of an operator, by its id or name."""
        table = self.tables.operators
        names = dict(zip(map(fold, table["name"]), table["operator_id"], strict=True))
        known = {*self.rows_by("operator_id"), *table["operator_id"]}
        return self.known_id("operator", word, known, names)

    def country(self, word: str) -> Found:
        """Links in a country, by its code or name."""
        return Found(self.rows_by("country").get(country_code(word), _NONE).astype(np.int64))

    def mode(self, word: str) -> Found:
        """Links of a mode."""
        return self._value("mode", word)

    def gauge(self, word: str) -> Found:
        """Links of a gauge, those of dual gauge among them."""
        rows = self.rows_by("gauge_mm")
        fit = [gauge for gauge in rows if word in {gauge, *str(gauge).split("+")}]
        if not fit:
            raise ScenarioError(f"no link has the gauge {word!r}; known: {', '.join(sorted(rows))}")
        return Found(np.sort(np.concatenate([rows[gauge] for gauge in fit])).astype(np.int64))

    def _value(self, column: str, word: str) -> Found:
        rows = self.rows_by(column)
        return Found(rows[self.known_id(column, word, rows, {})].astype(np.int64))

    def place(self, word: str) -> Found:
        """Places of a name, id or station code."""
        try:
            return Found(places=self.gazetteer.find(word))
        except (UnknownPlaceError, AmbiguousPlaceError) as error:
            raise ScenarioError(str(error)) from None

    def crossing(self, word: str) -> Found:
        """Border crossings by id or name, or by one of their border stations."""
        table = self.tables.crossings
        own, posts = set(table["place_id"]), table[["border_place_a", "border_place_b"]]
        if word in own:
            return Found(places=(word,))
        places = self.place(word).places
        crossings = own & set(places) or set(table["place_id"][posts.isin(places).any(axis=1)])
        if not crossings:
            raise ScenarioError(f"{word!r} is no border crossing and no border station")
        return Found(places=tuple(sorted(crossings)))

    def border(self, word: str) -> Found:
        """All crossings between two countries."""
        pair = border_pair(word)
        table = self.tables.crossings
        both = [
            frozenset(one) == pair
            for one in zip(table["country_a"], table["country_b"], strict=True)
        ]
        if not any(both):
            raise ScenarioError(f"no crossing joins {' and '.join(sorted(pair))}")
        return Found(places=tuple(sorted(table["place_id"][both])))

    def one_place(self, word: str, layer: str | None = None) -> str:
        """The one place of a name, on the layer of a mode where several share it."""
        found = self.place(word).places
        if len(found) > 1 and layer is not None:
            on_layer = self._layers
            found = tuple(p for p in found if on_layer[p] == layer) or found
        if len(found) != 1:
            raise ScenarioError(f"{word!r} is several places: {', '.join(found)}; give an id")
        return found[0]

    @cached_property
    def _places(self) -> frozenset[str]:
        return frozenset(self.tables.places["place_id"])

    @cached_property
    def _layers(self) -> Mapping[str, str]:
        places = self.tables.places
        return dict(zip(places["place_id"], places["mode"], strict=True))

    @cached_property
    def _line_names(self) -> Mapping[str, str]:
        table = self.links[["line_id", "line_name"]].drop_duplicates("line_id")
        return {
            fold(str(name)): line
            for line, name in zip(table["line_id"], table["line_name"], strict=True)
        }

    @staticmethod
    def known_id(
        kind: str, word: str, known: Iterable[str], names: Mapping[str, str] = MappingProxyType({})
    ) -> str:
        """The id that a word stands for, by itself, by a name, or by either but for its spelling.

        Raises
        ------
        ScenarioError
            If there is none; the message says what comes close.
        """
        ids = known if isinstance(known, Mapping) else set(known)
        if word in ids:
            return word
        key = fold(word)
        if key in names:
            return names[key]
        by_fold = {fold(str(one)): str(one) for one in ids}
        if key in by_fold:
            return by_fold[key]
        near = get_close_matches(key, [*by_fold, *names], n=3, cutoff=0.6)
        shown = sorted({by_fold.get(one, names.get(one, one)) for one in near})
        hint = f"; did you mean {', '.join(shown)}?" if shown else ""
        raise ScenarioError(f"no {kind} has the id or name {word!r}{hint}")

    # -- rules -----------------------------------------------------------------------------

    def rules(self, which: WhichRules) -> list[RuleRow]:
        """Access rules that a selection means.

        Raises
        ------
        ScenarioError
            If a rule is unknown, or none answers to all of it.
        """
        found = list(self.tables.rules)
        if which.id:
            ids = {rule.rule_id for rule in found}
            names = {fold(rule.title): rule.rule_id for rule in found}
            wanted = {self.known_id("rule", word, ids, names) for word in which.id}
            found = [rule for rule in found if rule.rule_id in wanted]
        for words, column in (
            (which.country, "transit_countries"),
            (which.origin, "origins"),
            (which.destination, "destinations"),
        ):
            codes = {country_code(word) for word in words}
            found = [rule for rule in found if not codes or codes & set(getattr(rule, column))]
        pairs = [border_pair(word) for word in which.border]
        found = [
            rule
            for rule in found
            if not pairs or any(set(p) == set(b) for p in pairs for b in rule.borders)
        ]
        if not found:
            raise ScenarioError("no access rule is all of this")
        return found


def country_code(word: str) -> str:
    """Code of a country given by code or name.

    Raises
    ------
    ScenarioError
        If there is none.
    """
    code = word.strip().upper()
    if code in ISO_COUNTRIES or code in COUNTRY_NAMES:
        return code
    names = {fold(name): code for code, name in COUNTRY_NAMES.items()}
    if fold(word) not in names:
        near = get_close_matches(fold(word), names, n=1)
        hint = f"; did you mean {names[near[0]]}?" if near else "; give a code such as GE"
        raise ScenarioError(f"no country is called {word!r}{hint}")
    return names[fold(word)]


def border_pair(word: str) -> frozenset[str]:
    """The two countries of ``AM-AZ``."""
    parts = [part for part in word.replace("–", "-").split("-") if part.strip()]
    if len(parts) != 2:  # noqa: PLR2004  (two countries)
        raise ScenarioError(f"{word!r} is no border; write two countries, such as AM-AZ")
    return frozenset(country_code(part) for part in parts)


def whole_lines(links: pd.DataFrame, rows: IntArray) -> tuple[list[str], IntArray]:
    """Lines all of whose links are among some, and the rows of the others."""
    codes, names = links["line_id"].factorize()
    chosen = np.bincount(codes[rows], minlength=len(names))
    whole = (chosen == np.bincount(codes, minlength=len(names))) & (chosen > 0)
    return sorted(names[whole].tolist()), rows[~whole[codes[rows]]]


def listed(words: Sequence[str], limit: int = 6) -> str:
    """Words for a message, the first few."""
    more = f" and {len(words) - limit} more" if len(words) > limit else ""
    return ", ".join(words[:limit]) + more
