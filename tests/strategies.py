"""Random networks for property tests: parallel links, one-way links, closed lines, loose ends."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as some

from corridors.geodesy import distance_km
from corridors.network import Network
from tests.worlds import line, link, network, place, state

HALF = settings(max_examples=max(1, settings.default.max_examples // 2))
"""For tests that check each example by trying everything, which takes its time."""


@some.composite
def networks(draw: some.DrawFn, *, oneway: bool = False, closed: bool = True) -> Network:
    """Up to nine places near the Caucasus and up to sixteen links, some parallel, some closed."""
    count = draw(some.integers(2, 9))
    coordinate = some.integers(0, 400)
    at = draw(
        some.lists(some.tuples(coordinate, coordinate), min_size=count, max_size=count, unique=True)
    )
    points = [(42 + x / 50, 38 + y / 80) for x, y in at]
    names = [f"p{number}" for number in range(count)]
    pairs = some.tuples(some.integers(0, count - 1), some.integers(0, count - 1))
    ends = draw(some.lists(pairs.filter(lambda p: p[0] != p[1]), min_size=1, max_size=16))
    links, lines, states = [], [], []
    for number, (a, b) in enumerate(ends):
        chord = float(distance_km(*points[a], *points[b]))
        # Whole steps of a quarter make ties between different ways likely.
        km = chord * (1 + draw(some.integers(0, 6)) / 4)
        name = f"line{number}"
        lines.append(line(name))
        links.append(
            link(
                names[a], names[b], km, name, link_id=f"link{number}",
                oneway=oneway and draw(some.booleans()),
            )
        )  # fmt: skip
        shut = closed and draw(some.integers(0, 3)) == 0
        states.append(state("line", name, "closed" if shut else "open"))
    places = [place(name, *point) for name, point in zip(names, points, strict=True)]
    return network(places, links, lines, states)


def place_ids(net: Network) -> some.SearchStrategy[str]:
    """Ids of the places of a network that some link reaches."""
    return some.sampled_from(sorted({*net.links["from_place"], *net.links["to_place"]}))
