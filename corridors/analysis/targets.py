"""What can be closed: single links, or crossings with every link through them.

Links in a row are one target, since which of them is closed makes no difference to what passes.
The first by id stands for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corridors.analysis.chains import chains
from corridors.analysis.subjects import subjects
from corridors.errors import ArgumentError

if TYPE_CHECKING:
    from corridors.network import Network
    from corridors.routing.ends import End
    from corridors.routing.graph import IntArray
    from corridors.routing.offers import BoolArray
    from corridors.routing.weighted import Weighted

KINDS = ("links", "crossings")


@dataclass(frozen=True)
class Targets:
    """What can be closed, in order of ids; a set of them is an int with a bit for each.

    Parameters
    ----------
    of : {"links", "crossings"}
    names : tuple of tuple of str
        Ids of each: of links, or of crossings. Closing any one of a tuple does the same.
    rows : tuple of ndarray of int
        Rows of the link table that closing the first of them closes.
    masks : list of int
        The set of targets that each link belongs to.
    """

    of: str
    names: tuple[tuple[str, ...], ...]
    rows: tuple[IntArray, ...]
    masks: list[int]

    def crossed(self, links: IntArray) -> int:
        """The targets on a way over some links."""
        found = 0
        for row in links.tolist():
            found |= self.masks[row]
        return found

    def closed(self, chosen: int) -> BoolArray:
        """Mask of the links that a set of targets closes."""
        mask = np.zeros(len(self.masks), bool)
        for number in members(chosen):
            mask[self.rows[number]] = True
        return mask

    def ids(self, chosen: int) -> tuple[str, ...]:
        """The first id of each target of a set, sorted."""
        return tuple(self.names[number][0] for number in members(chosen))


def members(chosen: int) -> Iterator[int]:
    """Numbers of the targets of a set, ascending."""
    while chosen:
        lowest = chosen & -chosen
        yield lowest.bit_length() - 1
        chosen ^= lowest


def check_kind(of: str) -> None:
    """Raise ArgumentError unless ``of`` is a kind of target."""
    if of not in KINDS:
        raise ArgumentError(f"of={of!r} is unknown; available: {', '.join(KINDS)}")


def targets(net: Network, of: str, worlds: Sequence[tuple[Weighted, Iterable[End]]]) -> Targets:
    """What can be closed to someone's harm.

    Parameters
    ----------
    net : Network
    of : {"links", "crossings"}
    worlds : sequence of (Weighted, ends)
        What may be used (without turns), and where something starts or ends.

    Returns
    -------
    Targets
    """
    check_kind(of)
    count = len(net.link_modes)
    # Alike means alike in every world; the first column keeps the table two-dimensional. Where
    # trains turn, a link may serve to turn on, and none is like another.
    kinds = np.column_stack(
        [
            np.arange(count) if net.graph.has_turns else np.zeros(count, np.int64),
            *(chains(world, ends, count) for world, ends in worlds),
        ]
    )
    usable = np.asarray((kinds[:, 1:] >= 0).any(axis=1))
    _, kind = np.unique(kinds, axis=0, return_inverse=True)
    kind = kind.ravel()
    ordered = sorted(_links(net, usable, kind) if of == "links" else _crossings(net, usable, kind))
    masks = [0] * count
    for number, (_, rows) in enumerate(ordered):
        for row in np.concatenate(rows).tolist():
            masks[row] |= 1 << number
    return Targets(
        of, tuple(ids for ids, _ in ordered), tuple(rows[0] for _, rows in ordered), masks
    )


Alike = tuple[tuple[str, ...], list["IntArray"]]
"""Targets that do the same when closed: their ids, sorted, and the rows that each closes."""


def _links(net: Network, usable: BoolArray, kind: IntArray) -> list[Alike]:
    # Rows of the link table are in order of ids.
    ids = net.link_table["link_id"].tolist()
    alike: dict[int, list[int]] = {}
    for row in np.flatnonzero(usable).tolist():
        alike.setdefault(int(kind[row]), []).append(row)
    return [
        (tuple(ids[row] for row in rows), [np.array([row]) for row in rows])
        for rows in alike.values()
    ]


def _crossings(net: Network, usable: BoolArray, kind: IntArray) -> list[Alike]:
    alike: dict[tuple[int, ...], dict[str, IntArray]] = {}
    for one in subjects(net, "crossing", usable):
        rows = one.rows[usable[one.rows]]
        alike.setdefault(tuple(np.unique(kind[rows]).tolist()), {})[one.subject_id] = rows
    return [(tuple(rows), list(rows.values())) for rows in alike.values()]
