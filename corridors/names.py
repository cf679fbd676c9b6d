"""Find places by id, by name in any stored language or spelling, or by official station code."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

import pandas as pd

from corridors.errors import AmbiguousPlaceError, UnknownPlaceError

# Letters that carry no combining mark and so survive NFKD.
_LETTERS = str.maketrans(
    {"ə": "e", "ǝ": "e", "ı": "i", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "đ": "d", "ё": "е"}
)
_SCHWA = str.maketrans({"ə": "a", "Ə": "A"})
_NOT_WORD = re.compile(r"[\W_]+")
NAME_COLUMNS = ("name_en", "name_az", "name_hy", "name_ka", "name_ru")


@lru_cache(maxsize=1 << 14)
def fold(text: str) -> str:
    """Reduce a name to what all its spellings share: no case, no diacritics, no punctuation.

    Examples
    --------
    >>> fold("Böyük Kəsik") == fold("boyuk-kesik")
    True
    """
    # Case twice: decomposing may bring forth capitals, folding may bring forth marks.
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", plain).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", plain.translate(_LETTERS)).strip()


class Gazetteer:
    """An index of names and codes over the places of a network.

    Parameters
    ----------
    places : DataFrame
        Columns ``place_id``, ``locality``, the name columns, ``names_other`` (tuples).
    codes : mapping of str to str
        Official station code to place id.
    extra_names : iterable of (str, str)
        Further (name, place id) pairs, such as the official names of station codes.
    """

    def __init__(
        self,
        places: pd.DataFrame,
        codes: Mapping[str, str],
        extra_names: Iterable[tuple[str, str]] = (),
    ) -> None:
        self._codes = dict(codes)
        self._locality: dict[str, str] = {}
        self._label: dict[str, str] = {}
        self._by_name: dict[str, set[str]] = {}
        columns = [*(places[name] for name in NAME_COLUMNS), places["names_other"]]
        ids = places["place_id"].tolist()
        for place_id, locality, *names, other in zip(
            ids, places["locality"].tolist(), *(c.tolist() for c in columns), strict=True
        ):
            self._locality[place_id] = locality if isinstance(locality, str) else place_id
            self._label[place_id] = names[0]
            for name in (*names, *other):
                if isinstance(name, str) and name:
                    # People write ə as e or, more often, as a.
                    for spelling in {name, name.translate(_SCHWA)}:
                        self._by_name.setdefault(fold(spelling), set()).add(place_id)
        for name, place_id in extra_names:
            self._by_name.setdefault(fold(name), set()).add(place_id)

    def called(self, name: str) -> frozenset[str]:
        """Ids of all places called so, of one town or of several.

        Parameters
        ----------
        name : str
        """
        return frozenset(self._by_name.get(fold(name), ()))

    def find(self, text: str) -> tuple[str, ...]:
        """Place ids that ``text`` stands for.

        An id or a code is one place; a name is the places of one town that share it, such as the
        station and the road junction.

        Parameters
        ----------
        text : str
            A place id, an official station code (six digits, or five without the check digit) or
            a name in any stored language; case, diacritics and punctuation do not matter.

        Returns
        -------
        tuple of str
            Place ids, sorted.

        Raises
        ------
        UnknownPlaceError
            If nothing answers to it; the message lists names that come close.
        AmbiguousPlaceError
            If places of different towns answer to it.
        """
        key = fold(text)
        named = self._by_name.get(key, set())
        if text in self._locality:
            return (text,)
        if key.isdigit():
            return self._by_code(text, key)
        if not named:
            raise UnknownPlaceError(self._unknown(text, key))
        if len({self._locality[p] for p in named}) > 1:
            candidates = sorted(named)
            listed = ", ".join(f"{p} ({self._label[p]})" for p in candidates)
            msg = f"{text!r} is ambiguous: {listed}; give one of these ids"
            raise AmbiguousPlaceError(msg, candidates)
        return tuple(sorted(named))

    def town(self, place_id: str) -> tuple[str, ...]:
        """All places of the town that a place belongs to, sorted."""
        home = self._locality[place_id]
        return tuple(sorted(p for p, town in self._locality.items() if town == home))

    def _by_code(self, text: str, code: str) -> tuple[str, ...]:
        if code in self._codes:
            return (self._codes[code],)
        found = {place for full, place in self._codes.items() if full[:5] == code}
        if len(found) == 1:
            return tuple(found)
        if found:
            msg = f"station code {text!r} is ambiguous; give six digits"
            raise AmbiguousPlaceError(msg, sorted(found))
        msg = f"no place has the station code {text!r}; codes have six digits, such as 545006"
        raise UnknownPlaceError(msg)

    def _unknown(self, text: str, key: str) -> str:
        close = difflib.get_close_matches(key, self._by_name, n=3, cutoff=0.7) if key else []
        names = sorted({self._label[place] for name in close for place in self._by_name[name]})
        hint = f"; did you mean {', '.join(names)}?" if names else ""
        return f"no place is called {text!r}{hint} (net.places lists all places and spellings)"
