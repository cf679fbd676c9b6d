"""The program that sieves an OpenStreetMap file: ``python sieve.py ORDER`` writes OPL.

It runs in a process of its own, started by :mod:`.opl`, for three reasons: one pass of osmium's C++
over a file holds Python's lock and hears no interrupt; some damaged files end the process in which
its writer runs; and what comes out is read while the rest is still being sieved. It imports nothing
but osmium, so that it starts in a twentieth of a second, and that only where it runs.

The order is JSON: ``path``, ``pairs`` (tags of which an object must have one) and ``careful``
(look at every node and every text first; slow, and only needed where a first run failed). The
output is OPL with the positions of nodes on ways: nodes, ways and relations asked for, then, after
a line ``#borders``, the ways of borders that carry no tag of one. In comments stand what careful
runs left out, ``#position ID`` and ``#text ID``. Exit status 3 asks for a careful run.
"""

from __future__ import annotations

import json
import os
import sys
from types import SimpleNamespace
from typing import Any

FORMAT = "opl,locations_on_ways=true,add_metadata=version"
STORES = ("sparse_mmap_array", "flex_mem")
"""Of these, the first that the platform has: as small as the second, and half the time to fill."""
BORDER = ("admin_level", "2")
BORDERS, POSITION, TEXT = "#borders", "#position", "#text"
CARE_NEEDED = 3
_TELLTALE = ("invalid location", "unicode")


class Careful:
    """Filters that keep away what osmium cannot write: no position on the globe, no UTF-8."""

    def __init__(self) -> None:
        self.dropped: list[str] = []

    def placed(self, node: Any) -> bool:
        """Whether a node must go because it has no position on the globe."""
        return self._drop(POSITION, node, not node.location.valid())

    def readable(self, one: Any) -> bool:
        """Whether an object must go because its tags or roles are not UTF-8."""
        try:
            dict(one.tags)
            if one.is_relation():
                [member.role for member in one.members]
        except UnicodeDecodeError:
            return self._drop(TEXT, one, True)
        return False

    def _drop(self, why: str, one: Any, wrong: bool) -> bool:
        if wrong:
            self.dropped.append(f"{why} {one.id}")
        return wrong


def wanted(pairs: list[list[str]], kinds: Any) -> tuple[Any, Any]:
    """Filters for objects that have one of the tags wanted."""
    from osmium import filter as filters

    # Most of a file has none of these keys: asking for the keys first halves the time.
    keys = dict.fromkeys(key for key, _ in pairs)
    chain = filters.KeyFilter(*keys), filters.TagFilter(*((key, value) for key, value in pairs))
    for one in chain:
        one.enable_for(kinds)
    return chain


def sieve(path: str, pairs: list[list[str]], *, careful: bool) -> None:
    """Write what is wanted of a file to the standard output."""
    import osmium

    kinds, out = osmium.osm, osmium.io.File("-", FORMAT)
    store = next(name for name in STORES if name in osmium.index.map_types())
    locations = osmium.NodeLocationsForWays(osmium.index.create_map(store))
    locations.ignore_errors()
    care = Careful()
    # In this order every node's position is kept, and only wanted ways look theirs up.
    chain: list[Any] = [
        *wanted(pairs, kinds.WAY | kinds.RELATION), locations, *wanted(pairs, kinds.NODE)
    ]  # fmt: skip
    if careful:
        first, last = (
            SimpleNamespace(node=care.placed),
            SimpleNamespace(**dict.fromkeys(("node", "way", "relation"), care.readable)),
        )
        chain = [first, *chain, last]
    members: set[int] = set()
    with osmium.SimpleWriter(out) as writer:
        processor = osmium.FileProcessor(path)
        for part in (*chain, writer):
            processor.with_filter(part)
        one: Any
        for one in processor:
            if one.is_relation() and one.tags.get(BORDER[0]) == BORDER[1]:
                members.update(member.ref for member in one.members if member.type == "w")
    if members:
        _say(BORDERS)
        _borders(path, members, locations, careful=careful, out=out)
    _say(*care.dropped)


def _borders(path: str, members: set[int], locations: Any, *, careful: bool, out: Any) -> None:
    """Write the ways of borders that are no ways of a border by their own tags."""
    import osmium

    ways = osmium.FileProcessor(path, osmium.osm.WAY)
    if min(members) >= 0:
        tracker = osmium.IdTracker()
        for number in members:
            tracker.add_way(number)
        ways.with_filter(tracker.id_filter())
    ways.with_filter(locations)
    with osmium.SimpleWriter(out) as writer:
        way: Any
        for way in ways:
            if way.id in members and way.tags.get(BORDER[0]) != BORDER[1]:
                # Their tags are not wanted, and need not be UTF-8.
                writer.add(way.replace(tags={}) if careful else way)


def _say(*lines: str) -> None:
    if lines:
        os.write(1, "".join(f"{line}\n" for line in lines).encode())


def main() -> None:
    """Sieve; on an error, say which and end at once, before writers try to finish their files."""
    order = json.loads(sys.argv[1])
    try:
        sieve(order["path"], order["pairs"], careful=order["careful"])
    except Exception as error:  # noqa: BLE001  (whatever osmium throws, the caller is told)
        text = f"{type(error).__name__}: {error}"
        telltale = any(word in text.lower() for word in _TELLTALE)
        sys.stderr.write(str(error) or text)
        sys.stderr.flush()
        os._exit(CARE_NEEDED if telltale and not order["careful"] else 1)


if __name__ == "__main__":
    main()
