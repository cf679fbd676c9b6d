"""New lines, with their places, links and crossings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.cards.effects import Draft, Effect, ParameterEffect
from corridors.cards.finder import country_code
from corridors.cards.gauges import SUPPOSED, built_states, drawn_between, joined, regauged
from corridors.cards.numbers import new_parameter
from corridors.errors import ScenarioError
from corridors.geodesy import distance_km
from corridors.schema import (
    INTERNATIONAL_WATERS,
    CrossingRow,
    LineRow,
    LinkRow,
    PlaceRow,
    ShapeRow,
)
from corridors.sources.reference import link_frame, place_frame, state_frame
from corridors.tables import frame
from corridors.whatif import WHAT_IF

if TYPE_CHECKING:
    from corridors.cards.changes import NewLine, NewLink, NewPlace
    from corridors.cards.world import Context, World

_LAYER = {"rail": "rail", "gauge_change": "rail", "road": "road", "ferry": None, "transfer": None}
_SLACK_KM = 0.001


@dataclass(frozen=True)
class BuildEffect(Effect):
    """Places, links and their states are added."""

    places: tuple[PlaceRow, ...] = ()
    crossings: tuple[CrossingRow, ...] = ()
    line: LineRow | None = None
    links: tuple[LinkRow, ...] = ()
    shapes: tuple[ShapeRow, ...] = ()

    def on(self, draft: Draft) -> Draft:
        """The draft with the line built."""
        if self.line is None:
            return draft
        tables = draft.tables
        places = joined(tables.places, place_frame(self.places), "place_id")
        new = link_frame(drawn_between(places), [self.line], self.links, self.shapes)
        states = state_frame(built_states(self.line.line_id, self.period, self.label))
        tables = replace(
            tables,
            places=places,
            links=joined(tables.links, new, "link_id"),
            crossings=joined(tables.crossings, frame(self.crossings, CrossingRow), "place_id"),
            states=joined(tables.states, states, None),
        )
        if self.line.mode == "rail" and self.line.gauge_mm is not None:
            ids = [link.link_id for link in self.links]
            tables = regauged(tables, ids, self.line.gauge_mm, self.line.line_id, self.label)
        return replace(draft, tables=tables)


def build_line(change: Any, world: World, context: Context) -> tuple[Effect, ...]:
    """What building a line does; see :class:`.NewLine`."""
    from corridors.cards.properties import operator_of

    new: NewLine = change.build
    if change.existing is not None:
        raise ScenarioError("a line that is built is not there yet", ("existing",))
    _check_new(new, world)
    operator, effects = operator_of(new.operator, world, context)
    places = [_place(place) for place in new.places]
    line = LineRow.model_validate(
        {
            "line_id": new.id, "name": new.name, "mode": new.mode, "operator_id": operator,
            "gauge_mm": new.gauge_mm, "electrification": new.electrification,
            "tracks": new.tracks, "road_class": new.road_class, "wagons": new.wagons, **SUPPOSED,
        }
    )  # fmt: skip
    known = _Ends(new, world)
    links: list[LinkRow] = []
    shapes: list[ShapeRow] = []
    for number, link in enumerate(new.links):
        try:
            row = known.link(link)
        except ScenarioError as error:
            raise ScenarioError(f"links {number + 1}: {error}") from None
        if any(other.link_id == row.link_id for other in links):
            raise ScenarioError(f"links {number + 1}: {row.link_id!r} twice; give them ids")
        links.append(row)
        shapes += [
            ShapeRow(link_id=row.link_id, seq=seq, lon=lon, lat=lat, source=WHAT_IF)
            for seq, (lon, lat) in enumerate(link.via, start=1)
        ]
    crossings = [known.crossing(place, links) for place in new.places if place.kind == "border"]
    effects.append(
        BuildEffect(
            context.period, context.label, tuple(places), tuple(crossings), line, tuple(links),
            tuple(shapes),
        )
    )  # fmt: skip
    if new.speed_km_h is not None:
        countries = sorted({link.country for link in links})
        speeds = tuple(
            new_parameter(
                "speed", "km/h", new.speed_km_h,
                {"mode": new.mode, "country": country, "line": new.id}, context, part,
            )
            for part, country in enumerate(countries)
        )  # fmt: skip
        effects.append(ParameterEffect(context.period, context.label, new=speeds))
    return tuple(effects)


def _check_new(new: NewLine, world: World) -> None:
    tables = world.draft.tables
    if (tables.links["line_id"] == new.id).any():
        raise ScenarioError(f"line {new.id!r} is in the network already; give another id")
    if new.mode == "rail" and new.gauge_mm is None:
        raise ScenarioError("gauge_mm: a railway needs a gauge")
    known = set(tables.places["place_id"])
    twice = [place.id for place in new.places if place.id in known]
    if twice:
        raise ScenarioError(f"place {twice[0]!r} is in the network already; use it by its id")


def _place(place: NewPlace) -> PlaceRow:
    countries = sorted({place.country, place.other_country or place.country})
    return PlaceRow.model_validate(
        {
            "place_id": place.id, "kind": place.kind, "mode": place.mode, "country": countries[0],
            "name_en": place.name, "lon": place.lon, "lat": place.lat,
            "position_source": WHAT_IF, "position_accuracy": "approximate", **SUPPOSED,
        }
    )  # fmt: skip


class _Ends:
    """Ends of new links: places of the network by any name, and places built with them."""

    def __init__(self, new: NewLine, world: World) -> None:
        self.new, self.finder = new, world.finder
        tables = world.draft.tables
        columns = tables.places[["place_id", "lon", "lat", "country"]].to_numpy(object).tolist()
        self.at = {name: (float(lon), float(lat)) for name, lon, lat, _ in columns}
        self.countries = {name: {country} for name, _, _, country in columns}
        for row in tables.crossings.itertuples():
            self.countries[row.place_id] = {row.country_a, row.country_b}
        self.taken = set(tables.links["link_id"])
        for place in new.places:
            self.at[place.id] = (place.lon, place.lat)
            self.countries[place.id] = {place.country, place.other_country or place.country}

    def link(self, link: NewLink) -> LinkRow:
        """A link of the line."""
        start, end = self._place(link.start), self._place(link.to)
        if start == end:
            raise ScenarioError(f"{link.start!r} and {link.to!r} are the same place")
        points = np.array([self.at[start], *link.via, self.at[end]], float)
        (a, b), (c, d) = points[0], points[-1]
        chord = float(distance_km(a, b, c, d))
        drawn = float(
            np.sum(distance_km(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1]))
        )
        km = drawn if link.length_km is None else link.length_km
        if km < chord - _SLACK_KM:
            raise ScenarioError(f"length_km {km:g} is below the distance, {chord:.2f} km")
        name = link.id or f"{start}--{end}"
        name = f"{name}--{self.new.id}" if link.id is None and name in self.taken else name
        if name in self.taken:
            raise ScenarioError(f"link {name!r} is in the network already; give another id")
        return LinkRow.model_validate(
            {
                "link_id": name, "line_id": self.new.id, "from_place": start, "to_place": end,
                "country": self._country(link, start, end), "length_km": km,
                "length_kind": link.length_kind, "oneway": link.oneway,
                "gauge_mm": link.gauge_mm, "capacity_t_per_year": self.new.capacity_t_per_year,
                "capacity_source": None if self.new.capacity_t_per_year is None else WHAT_IF,
                **SUPPOSED,
            }
        )  # fmt: skip

    def _place(self, word: str) -> str:
        built = {name: place.id for place in self.new.places for name in (place.id, place.name)}
        found: str = built.get(word) or self.finder.one_place(word, _LAYER.get(self.new.mode))
        return found

    def _country(self, link: NewLink, start: str, end: str) -> str:
        if link.country is not None:
            return country_code(link.country)
        if self.new.mode == "ferry":
            return INTERNATIONAL_WATERS
        both: set[str] = self.countries[start] & self.countries[end]
        if len(both) != 1:
            raise ScenarioError(
                f"give country: {start} is in {' and '.join(sorted(self.countries[start]))}, "
                f"{end} in {' and '.join(sorted(self.countries[end]))}"
            )
        return both.pop()

    def crossing(self, place: NewPlace, links: Sequence[LinkRow]) -> CrossingRow:
        """The row of a border point, with the nearest built station on either side."""
        a, b = sorted(self.countries[place.id])
        posts: dict[str, str] = {}
        for link in links:
            ends = (link.from_place, link.to_place)
            if place.id in ends:
                posts.setdefault(link.country, ends[1 - ends.index(place.id)])
        if set(posts) != {a, b}:
            raise ScenarioError(f"places: border point {place.id!r} needs a link on either side")
        return CrossingRow.model_validate(
            {
                "place_id": place.id, "mode": "road" if place.mode == "road" else "rail",
                "country_a": a, "country_b": b, "border_place_a": posts[a],
                "border_place_b": posts[b], **SUPPOSED,
            }
        )  # fmt: skip
