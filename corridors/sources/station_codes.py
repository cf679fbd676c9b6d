"""Official station codes out of OpenStreetMap's tags.

The railways of the 1520 mm gauge number their stations with six digits (Tariff Guide No. 4); the
sixth is a check digit, and OpenStreetMap mostly holds the first five, in ``railway:ref``.
"""

from __future__ import annotations

import re

import pandas as pd

from corridors import schema
from corridors.sources.build_report import BuildReport

COUNTRIES = frozenset(
    {"AM", "AZ", "BY", "EE", "GE", "KG", "KZ", "LT", "LV", "MD", "RU", "TJ", "TM", "UA", "UZ"}
)
"""Where five digits in ``railway:ref`` are the first five of such a code."""
_SIX = re.compile(r"(?!0{6})[0-9]{6}")
_FIVE = re.compile(r"(?!0{5})[0-9]{5}")


def with_check_digit(five: str) -> str:
    """The six-digit code that begins with these five digits.

    The check digit is the sum of digits times weights 1 to 5, modulo 11; where that is 10, with
    weights 3 to 7; where it is 10 again, 0.

    Parameters
    ----------
    five : str

    Examples
    --------
    >>> with_check_digit("56014")  # Tbilisi-Passenger
    '560148'
    """
    for weight in (1, 3):
        rest = sum(int(digit) * (weight + place) for place, digit in enumerate(five)) % 11
        if rest < 10:  # noqa: PLR2004
            return f"{five}{rest}"
    return f"{five}0"


def official(code: object, country: str) -> str | None:
    """Official six-digit code that a code of OpenStreetMap stands for; None if it is another kind.

    Parameters
    ----------
    code : str or None
    country : str
        Where the station stands, two letters.

    Examples
    --------
    >>> official("57720", "GE"), official("57720", "DE"), official("00000", "GE")
    ('577204', None, None)
    """
    text = code if isinstance(code, str) else ""
    if country not in COUNTRIES:
        return None
    if _SIX.fullmatch(text):
        return text
    return with_check_digit(text) if _FIVE.fullmatch(text) else None


def station_code_table(places: pd.DataFrame, report: BuildReport) -> pd.DataFrame:
    """Official codes that stations carry, each once.

    Parameters
    ----------
    places : DataFrame
        The place table of the network, sorted by id.
    report : BuildReport
        Counts what is no official code, and codes that several stations bear.
    """
    given = places[places["station_code"].notna() & (places["mode"] == "rail")]
    codes = [
        official(code, country)
        for code, country in zip(given["station_code"], given["country"], strict=True)
    ]
    table = given.assign(official=pd.Series(codes, index=given.index, dtype=object))
    other = table[table["official"].isna()]
    report.add(
        "place", "stations whose code is no official six-digit one, kept in places.station_code",
        other["locality"].nunique(), examples=sorted(set(other["station_code"]))[:5],
    )  # fmt: skip
    found = table[table["official"].notna()]
    first = found[~found["official"].duplicated()]
    home = dict(zip(first["official"], first["locality"], strict=True))
    again = found[found["locality"] != found["official"].map(home)]
    report.add(
        "place", "official codes that another station bears too, kept for the first",
        again["locality"].nunique(), examples=sorted(set(again["official"])),
    )  # fmt: skip
    added = first["station_code"].str.len() < first["official"].str.len()
    result = pd.DataFrame(
        {
            "source": first["source"], "confidence": "medium",
            "note": ["the check digit is worked out" if one else None for one in added],
            "station_code": first["official"], "place_id": first["place_id"],
            "railway": first["country"], "name_official": first["name_en"],
        },
        columns=list(schema.StationCodeRow.model_fields), dtype=object,
    )  # fmt: skip
    return result.sort_values("station_code", ignore_index=True)
