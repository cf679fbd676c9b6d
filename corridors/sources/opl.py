"""Objects of an OpenStreetMap file, sieved by osmium and read from its text form, OPL.

See https://osmcode.org/opl-file-format/ for the format. Per way, one split of a line; the numbers
of thousands of ways are read at once.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from corridors.sources import sieve

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BATCH = 4_000
"""Lines read at once."""
NOWHERE = 999.0
"""Longitude and latitude of nodes whose position is not known."""
_LAST = 4
"""The field of a way's nodes."""
_ESCAPE = re.compile("%([0-9a-f]+)%")
_NUMBERS = bytes.maketrans(b"xy,", b"   ")


class CareNeededError(Exception):
    """The file holds what osmium cannot write: sieve again, carefully."""


class SieveError(Exception):
    """The file cannot be read; the text says why, in osmium's words."""


@dataclass(frozen=True, slots=True)
class Item:
    """A node, a way or a relation.

    Parameters
    ----------
    kind : {"n", "w", "r"}
    number : int
        Its id.
    version : int
    tags : dict of str to str
    lon, lat : float
        Of a node, degrees.
    refs : ndarray of int
        Nodes of a way.
    members : tuple of (str, int, str)
        Type, id and role of the members of a relation.
    border : bool
        Whether it was only asked for as a part of a border.
    """

    kind: str
    number: int
    version: int
    tags: dict[str, str]
    lon: float = NOWHERE
    lat: float = NOWHERE
    refs: IntArray | tuple[()] = ()
    members: tuple[tuple[str, int, str], ...] = ()
    border: bool = False


@dataclass(frozen=True)
class Batch:
    """Some objects, the positions of the nodes of the ways among them, and what was left out."""

    items: list[Item]
    node_id: IntArray
    lon: FloatArray
    lat: FloatArray
    left_out: list[tuple[str, int]]


@contextmanager
def sieved(
    path: Path, pairs: Sequence[tuple[str, str]], *, careful: bool = False
) -> Iterator[Iterator[Batch]]:
    """Objects of a file that have one of the tags, in the order of the file.

    The file is being read from the moment the context is entered.

    Parameters
    ----------
    path : Path
    pairs : sequence of (key, value)
    careful : bool
        Look at every node and text first; much slower.

    Yields
    ------
    iterator of Batch

    Raises
    ------
    CareNeededError
        If the file can only be read with ``careful``; on leaving the context, as is the next.
    SieveError
        If it cannot be read at all.
    """
    order = json.dumps({"path": str(path), "pairs": list(pairs), "careful": careful})
    with _child(order) as output:
        yield _batches(output)


def _batches(output: IO[bytes]) -> Iterator[Batch]:
    border = False
    while lines := list(islice(output, BATCH)):
        batch, border = decode([line.decode() for line in lines], border=border)
        yield batch


@contextmanager
def _child(order: str) -> Iterator[IO[bytes]]:
    """The output of the program; ends it if the reader stops early."""
    command = [sys.executable, "-P", sieve.__file__, order]
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(  # noqa: S603  (this Python, our own program, no shell)
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=paths
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101  (tells the type checker)
        try:
            yield process.stdout
            status = process.wait()
        finally:
            process.kill()
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip()
    if status == sieve.CARE_NEEDED:
        raise CareNeededError(said)
    if status:
        raise SieveError(said or f"the reader ended with status {status}")


def decode(lines: Iterable[str], *, border: bool = False) -> tuple[Batch, bool]:
    """Read lines of OPL.

    Parameters
    ----------
    lines : iterable of str
    border : bool
        Whether the line that announces ways of borders came before.

    Returns
    -------
    Batch
    bool
        The same for the lines that follow.

    Examples
    --------
    >>> batch, _ = decode(["w7 v2 dV Trailway=rail,name=A%20%1 Nn1x44.5y40,n2xy"])
    >>> batch.items[0].number, batch.items[0].tags["name"], batch.items[0].refs.tolist()
    (7, 'A 1', [1, 2])
    >>> batch.lon.tolist()
    [44.5, 999.0]
    """
    rows: list[tuple[list[str], bool]] = []
    left_out: list[tuple[str, int]] = []
    for line in lines:
        if line.startswith("#"):
            word, _, number = line.rstrip("\n").partition(" ")
            border |= word == sieve.BORDERS
            if number:
                left_out.append((word, int(number)))
        else:
            rows.append((line.rstrip("\n").split(" "), border))
    texts = [fields[_LAST][1:] if fields[0][0] == "w" else "" for fields, _ in rows]
    node_id, lon, lat = _positions([text for text in texts if text])
    items, end = [], 0
    for (fields, flag), text in zip(rows, texts, strict=True):
        start, end = end, end + (text.count(",") + 1 if text else 0)
        items.append(_item(fields, node_id[start:end], border=flag))
    return Batch(items, node_id, lon, lat, left_out), border


def _item(fields: list[str], refs: IntArray, *, border: bool) -> Item:
    """One object from its fields: id, version, whether deleted, tags; then what its kind has."""
    name, version, _, tags, *rest = fields
    kind, number = name[0], int(name[1:])
    about = _tags(tags[1:])
    if kind == "w":
        return Item(kind, number, int(version[1:]), about, refs=refs, border=border)
    if kind == "n":
        lon, lat = (float(text[1:] or NOWHERE) for text in rest)
        return Item(kind, number, int(version[1:]), about, lon, lat)
    return Item(kind, number, int(version[1:]), about, members=_members(rest[0][1:]))


def _positions(texts: list[str]) -> tuple[IntArray, FloatArray, FloatArray]:
    """Ids and positions in fields such as ``n1x44.5y40,n2xy``."""
    known = ",".join(texts).replace("xy", f"x{NOWHERE:g}y{NOWHERE:g}")
    plain = known.encode("ascii").translate(_NUMBERS, b"n")
    table = np.fromstring(plain, sep=" ").reshape(-1, 3)
    return table[:, 0].astype(np.int64), table[:, 1], table[:, 2]


def _tags(text: str) -> dict[str, str]:
    if not text:
        return {}
    tags = {}
    for pair in text.split(","):
        key, _, value = pair.partition("=")
        tags[_plain(key)] = _plain(value)
    return tags


def _members(text: str) -> tuple[tuple[str, int, str], ...]:
    found = []
    for member in text.split(",") if text else ():
        name, _, role = member.partition("@")
        found.append((name[0], int(name[1:]), _plain(role)))
    return tuple(found)


def _plain(text: str) -> str:
    """Text without OPL's escapes, ``%20%`` for a blank."""
    return _ESCAPE.sub(lambda code: chr(int(code[1], 16)), text) if "%" in text else text
