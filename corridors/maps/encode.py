"""The boundary between data and page: text made harmless once, geometry and columns made small.

Data reaches the page only as JSON in a data block that our script reads, and as the cells of the
tables below the map. Both take their text from here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt

_ALPHABET = np.frombuffer(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", dtype=np.uint8
)
"""Digits of encoded numbers: none of them needs escaping in JSON, HTML or a template."""
_DIGITS = 8
_HIDDEN = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")
"""Controls, separators of lines, what turns the direction of text round, halves of characters."""
_UNSAFE_IN_SCRIPT = {
    "<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029",
}  # fmt: skip
COORDINATE_SCALE = 100_000
"""Coordinates keep five decimals, about a metre."""


def clean(value: object) -> str:
    """Text that looks like what it is: controls that hide or turn text round become visible.

    Parameters
    ----------
    value : object
        None and NaN give an empty text.

    Returns
    -------
    str
        Line breaks and tabs are spaces; control characters, direction overrides, line separators
        and lone surrogates read ``‹U+202E›``.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return _HIDDEN.sub(_shown, str(value))


def _shown(match: re.Match[str]) -> str:
    char = match[0]
    return " " if char in "\n\t\r" else f"‹U+{ord(char):04X}›"


def html_text(value: object) -> str:
    """Text for a cell or an attribute of a page."""
    return escape(clean(value))


def web_address(url: object) -> str:
    """The address if a browser may open it on a click (http or https), else an empty text."""
    text = clean(url)
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in {"http", "https"} and parts.netloc else ""


def to_json(content: object) -> str:
    """JSON that may stand inside a script element: no character of it can end the element."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for char, code in _UNSAFE_IN_SCRIPT.items():
        text = text.replace(char, code)
    return text


def column(values: Iterable[object]) -> dict[str, list[Any]]:
    """A column of texts: ``{"a": [...]}``, or values and indices where many are equal.

    Returns
    -------
    dict
        ``a``: all cells; or ``v``: the different cells and ``i``: which of them each row has
        (left out if all rows are equal).
    """
    given = list(values)
    # A column has few different values, or as many as rows: each is made harmless once.
    text = {value: clean(value) for value in set(given)}
    different = sorted(set(text.values()))
    if len(different) == 1:
        return {"v": different}
    if len(different) * 2 > len(given):
        return {"a": [text[value] for value in given]}
    position = {cell: index for index, cell in enumerate(different)}
    number = {value: position[cell] for value, cell in text.items()}
    return {"v": different, "i": [number[value] for value in given]}


def numbers(values: Iterable[float], digits: int) -> dict[str, list[Any]]:
    """A column of numbers, rounded; NaN is null."""
    rounded = [round(float(value), digits) for value in values]
    return {"a": [None if math.isnan(x) else int(x) if x.is_integer() else x for x in rounded]}


def encode_points(
    lon_lat: npt.NDArray[np.float64], counts: Sequence[int], scale: int = COORDINATE_SCALE
) -> dict[str, Any]:
    """Lines as one text: whole numbers of 1/scale degree, each the difference to the one before.

    Parameters
    ----------
    lon_lat : ndarray of float, shape (n, 2)
        Vertices of all lines, one after the other, degrees.
    counts : sequence of int
        Number of vertices of each line.
    scale : int
        Units in a degree.

    Returns
    -------
    dict
        ``scale``, ``counts`` and ``data``, base-64 digits of five bits and a continuation bit.
    """
    units = np.rint(np.asarray(lon_lat, float).reshape(-1, 2) * scale).astype(np.int64)
    steps = np.diff(units, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel()
    return {"scale": scale, "counts": [int(n) for n in counts], "data": _digits(steps)}


def _digits(values: npt.NDArray[np.int64]) -> str:
    # Zigzag: small negative numbers become small odd ones.
    rest = (values << 1) ^ (values >> 63)
    digit = np.zeros((len(values), _DIGITS), np.uint8)
    used = np.zeros((len(values), _DIGITS), bool)
    needed = np.ones(len(values), bool)
    for place in range(_DIGITS):
        used[:, place] = needed
        low = rest & 31
        rest >>= 5
        needed = rest > 0
        digit[:, place] = low + 32 * needed
    return _ALPHABET[digit[used]].tobytes().decode("ascii")
