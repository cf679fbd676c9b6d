"""What the pages are made from, read once."""

from __future__ import annotations

from functools import cache

import corridors as co
from corridors.network import Network
from corridors.schema import NEWEST_SOURCE


@cache
def network() -> Network:
    """The reference network on the day of its newest source."""
    return co.load(NEWEST_SOURCE)


@cache
def known_sources() -> dict[str, dict[str, str]]:
    """Sources by id, with empty text for what is missing."""
    table = network().sources.fillna("").astype(str)
    return {row["source_id"]: row for row in table.to_dict("records")}


def name(place: str) -> str:
    """Name of a place."""
    return network().label(place)
