"""The schema of ``data/``: one pydantic model a table, units in the column names.

The models are the single statement of what a row may hold; the data dictionary is made from them.
Unknown columns are errors, so that a misspelt header cannot lose a column silently.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    field_validator,
    model_validator,
)

__all__ = [
    "CommodityRow",
    "CorridorRow",
    "CrossingRow",
    "FlowRow",
    "LineRow",
    "LinkRow",
    "OperatorRow",
    "PlaceRow",
    "PublishedLengthRow",
    "RuleRow",
    "ShapeRow",
    "ShipmentRow",
    "SourceRow",
    "StateRow",
    "StationCodeRow",
    "TariffDistanceRow",
]

FIRST_DAY = dt.date(1988, 1, 1)
"""The first date the dated tables cover."""
LAST_DAY = dt.date(2050, 12, 31)
"""The last date a question may name."""
NEWEST_SOURCE = dt.date(2026, 6, 1)
"""Date of the newest source of the data; nothing after it is known."""
INTERNATIONAL_WATERS = "XZ"
"""Country code of links at sea (UN/LOCODE: installations in international waters)."""
UNKNOWN_COUNTRY = "ZZ"
"""Country code of what lies outside all borders that are known (CLDR: unknown region)."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-+[a-z0-9]+)*$", max_length=120)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Confidence = Literal["high", "medium", "low", "assumption"]
Mode = Literal["rail", "road", "ferry", "transfer", "gauge_change", "border"]
WagonType = Literal[
    "hopper", "tank", "pressure_tank", "bunker", "covered", "open", "flat", "container", "coach"
]
PlaceMode = Literal["rail", "road", "sea"]
PlaceKind = Literal["station", "junction", "border", "port", "gauge_change", "terminal", "town"]
PositionAccuracy = Literal["surveyed", "approximate", "interpolated"]
LengthKind = Literal["tariff", "official", "line_table", "press", "osm", "derived", "estimate"]
State = Literal[
    "open", "closed", "suspended", "seasonal", "destroyed", "under_construction", "planned"
]
SubjectKind = Literal["line", "link", "place"]
Evidence = Literal["observed", "announced", "forecast"]


def _blank_to_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _split(value: Any) -> Any:
    """``"a|b"`` in a CSV cell is a tuple in the model."""
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split("|") if part.strip())
    return value


def _day(value: Any) -> Any:
    """Accept an ISO date; reject numbers, which pydantic would read as seconds since 1970."""
    if isinstance(value, (int, float)):
        msg = f"{value!r} is a number; write a date as YYYY-MM-DD"
        raise ValueError(msg)  # noqa: TRY004  (pydantic turns ValueError into a row error)
    return _blank_to_none(value)


Day = Annotated[dt.date, BeforeValidator(_day)]
OptionalDay = Annotated[dt.date | None, BeforeValidator(_day)]
OptionalText = Annotated[Text | None, BeforeValidator(_blank_to_none)]
OptionalSlug = Annotated[Slug | None, BeforeValidator(_blank_to_none)]
OptionalFloat = Annotated[float | None, BeforeValidator(_blank_to_none)]
OptionalInt = Annotated[int | None, BeforeValidator(_blank_to_none)]
Slugs = Annotated[tuple[Slug, ...], BeforeValidator(_split)]
Countries = Annotated[tuple[Country, ...], BeforeValidator(_split)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_split)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Gauge = Annotated[
    str | None,
    StringConstraints(pattern=r"^\d{3,4}(\+\d{3,4})?$"),
    BeforeValidator(_blank_to_none),
]


class Row(BaseModel):
    """Base of all rows: frozen, no unknown columns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    _where: str = PrivateAttr("")

    @property
    def where(self) -> str:
        """File and row it was read from, for messages; empty for a row that was not read."""
        return self._where

    def __eq__(self, other: object) -> bool:
        """Rows are equal if they say the same, wherever they were read."""
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(tuple(vars(self).values()))

    def read_from(self, where: str) -> Self:
        """The same row, knowing where it was read.

        Parameters
        ----------
        where : str
            File and row.
        """
        self._where = where
        return self


class SourceRow(Row):
    """Where a fact comes from."""

    source_id: Slug
    title: Name = Field(max_length=300)
    publisher: Text = Field(min_length=1)
    date: Text = Field(description="as printed: a day, a month, a year or 'n.d.'")
    url: OptionalText = None
    reference: OptionalText = Field(None, description="where there is no address")
    licence: OptionalText = None
    note: OptionalText = None

    @model_validator(mode="after")
    def _has_a_reference(self) -> SourceRow:
        if not (self.url or self.reference):
            msg = "a source needs a url or a reference"
            raise ValueError(msg)
        return self


class Sourced(Row):
    """A fact: it names its source and how sure it is."""

    source: Slug
    confidence: Confidence
    note: OptionalText = None


class OperatorRow(Sourced):
    """Who runs a line."""

    operator_id: Slug
    name: Name
    country: Country = Field(description="where it runs the line")
    owner: Name = Field(description="who owns or controls the operator")
    owner_country: Country


class PlaceRow(Sourced):
    """A station, junction, border point, port, gauge-change yard, terminal or town."""

    place_id: Slug
    kind: PlaceKind
    mode: PlaceMode = Field(description="the layer of the network it stands in")
    country: Country = Field(description="of a border point: the first of its two, by code")
    locality: OptionalSlug = Field(
        None, description="town it belongs to; places of one town answer to its name together"
    )
    name_en: Name
    name_az: OptionalText = None
    name_hy: OptionalText = None
    name_ka: OptionalText = None
    name_ru: OptionalText = None
    names_other: Names = Field((), description="further spellings and languages, | between them")
    lon: Longitude
    lat: Latitude
    position_source: Slug
    position_accuracy: PositionAccuracy


class StationCodeRow(Sourced):
    """An official six-digit station code; a place may have several (loading, export, ferry)."""

    station_code: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
    place_id: Slug
    railway: Country
    name_official: Name


class CrossingRow(Sourced):
    """A border crossing: the place on the line, the two countries, the two border stations."""

    place_id: Slug
    mode: Literal["rail", "road"]
    country_a: Country
    country_b: Country
    border_place_a: Slug = Field(description="last station or post in country_a")
    border_place_b: Slug = Field(description="last station or post in country_b")


class LineRow(Sourced):
    """A line or road that people name: holds what its links share."""

    line_id: Slug
    name: Name
    mode: Mode
    operator_id: Slug
    gauge_mm: Gauge = Field(None, description="1520, 1435, 1520+1435; empty: unknown or no rail")
    electrification: OptionalText = Field(None, description="e.g. '3 kV DC', '25 kV AC', 'none'")
    tracks: OptionalInt = Field(None, ge=1, le=8)
    road_class: Literal["motorway", "trunk", "primary", "secondary"] | None = None
    road_ref: OptionalText = None
    wagons: bool = Field(False, description="a ferry that carries railway wagons")

    _blank = field_validator("road_class", mode="before")(_blank_to_none)
    _blank_bool = field_validator("wagons", mode="before")(
        lambda value: False if _blank_to_none(value) is None else value
    )


class LinkRow(Sourced):
    """A piece of infrastructure between two places, in one country."""

    link_id: Slug
    line_id: Slug
    from_place: Slug
    to_place: Slug
    country: Country = Field(description="XZ at sea")
    length_km: float = Field(ge=0, allow_inf_nan=False, description="published length")
    length_kind: LengthKind
    oneway: bool = Field(False, description="usable only from from_place to to_place")
    gauge_mm: Gauge = Field(None, description="where it differs from the line's")
    electrification: OptionalText = None
    tracks: OptionalInt = Field(None, ge=1, le=8)
    capacity_t_per_year: OptionalFloat = Field(
        None, ge=0, allow_inf_nan=False, description="both directions; empty: not published"
    )
    capacity_source: OptionalSlug = None
    capacity_note: OptionalText = None

    _blank_bool = field_validator("oneway", mode="before")(
        lambda value: False if _blank_to_none(value) is None else value
    )

    @model_validator(mode="after")
    def _two_ends(self) -> LinkRow:
        if self.from_place == self.to_place:
            msg = "a link needs two different places"
            raise ValueError(msg)
        if (self.capacity_t_per_year is None) != (self.capacity_source is None):
            msg = "a capacity needs a capacity_source, and the other way round"
            raise ValueError(msg)
        return self


class ShapeRow(Row):
    """A point between the ends of a link, where the straight chord would mislead."""

    link_id: Slug
    seq: int = Field(ge=1)
    lon: Longitude
    lat: Latitude
    source: Slug


class StateRow(Sourced):
    """What a line, link or place was between two dates (the end is the first day after it).

    The most exact subject wins: a link's own row before its line's. A place's state adds to that
    of its links: traffic passes a link only if it and both its ends are usable.
    """

    subject_kind: SubjectKind
    subject_id: Slug
    state: State
    valid_from: Day
    valid_to: OptionalDay = None
    season: Annotated[
        str | None,
        StringConstraints(pattern=r"^\d\d-\d\d\.\.\d\d-\d\d$"),
        BeforeValidator(_blank_to_none),
    ] = Field(None, description="of a seasonal state: first and last day of use, MM-DD..MM-DD")
    spared: bool = Field(
        False, description="of a place that is open: rules that close its whole border spare it"
    )

    @model_validator(mode="after")
    def _in_order(self) -> StateRow:
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            msg = f"valid_to {self.valid_to} is not after valid_from {self.valid_from}"
            raise ValueError(msg)
        if self.season is not None and self.state != "seasonal":
            msg = "only a seasonal state has a season"
            raise ValueError(msg)
        return self


class RuleRow(Row):
    """A dated rule on who may use open infrastructure.

    A ``forbid`` rule closes the places it names to the shipments it names; each empty condition
    means "any". ``allow``, ``rate`` and ``claim`` rules close nothing: they record what was agreed,
    what was charged and what somebody said.
    """

    rule_id: Slug
    title: Name = Field(max_length=300)
    effect: Literal["forbid", "allow", "rate", "claim"]
    valid_from: Day
    valid_to: OptionalDay = None
    transit_countries: Countries = Field((), description="links in these countries")
    borders: tuple[tuple[Country, Country], ...] = Field(
        (), description="links through a crossing between these two countries"
    )
    places: Slugs = Field((), description="links through these crossings or places")
    lines: Slugs = ()
    origins: Countries = Field((), description="countries the cargo comes from")
    destinations: Countries = Field((), description="countries the cargo goes to")
    not_origins: Countries = Field((), description="the rule spares cargo from these")
    not_destinations: Countries = Field((), description="the rule spares cargo to these")
    commodities: Slugs = ()
    traffic: Literal["freight", "passenger", "any"] = "any"
    sources: Slugs = Field(min_length=1)
    confidence: Confidence
    note: OptionalText = None

    @model_validator(mode="after")
    def _says_where_and_when(self) -> RuleRow:
        if not (self.transit_countries or self.borders or self.places or self.lines):
            msg = "a rule needs transit_countries, borders, places or lines"
            raise ValueError(msg)
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            msg = f"valid_to {self.valid_to} is not after valid_from {self.valid_from}"
            raise ValueError(msg)
        return self


class CommodityRow(Row):
    """What is carried: by which modes, how much goes into a wagon."""

    commodity_id: Slug
    name: Name
    parent: OptionalSlug = Field(None, description="rules for the parent hold for it too")
    traffic: Literal["freight", "passenger"] = "freight"
    modes: tuple[Mode, ...] = Field(min_length=1, description="modes it usually goes by")
    wagon_load_t: OptionalFloat = Field(None, gt=0, description="usual load of a wagon")
    wagon_load_max_t: OptionalFloat = Field(None, gt=0, description="more than this is an error")
    may_go_by: tuple[Mode, ...] = Field(
        ("rail", "road", "ferry"), description="modes that can carry it at all"
    )
    wagon_types: tuple[WagonType, ...] = Field((), description="wagons that can carry it")
    teu_load_t: OptionalFloat = Field(
        None, gt=0, le=30, description="net load of a 20-foot container; empty: not containerised"
    )
    density_t_m3: OptionalFloat = Field(
        None, gt=0, le=3, description="of what is traded in barrels, t/m3; empty: no barrels"
    )
    source: Slug
    confidence: Confidence
    note: OptionalText = None

    @model_validator(mode="after")
    def _usual_is_possible(self) -> CommodityRow:
        impossible = sorted(set(self.modes) - set(self.may_go_by))
        if impossible:
            msg = f"usual modes {impossible} are not in may_go_by"
            raise ValueError(msg)
        return self


class Branch(Row):
    """One way through a corridor: places in order."""

    name: Name
    places: Slugs = Field(min_length=2)
    modes: tuple[Mode, ...] = Field(min_length=1)


class CorridorRow(Row):
    """A named sequence of places that people talk about."""

    corridor_id: Slug
    name: Name
    summary: Text = Field(min_length=1)
    branches: tuple[Branch, ...] = Field(min_length=1)
    lines: Slugs = Field((), description="lines to open for it to work as a whole")
    crossings: Slugs = Field((), description="crossings to open for it to work as a whole")
    sources: Slugs = Field(min_length=1)
    confidence: Confidence
    note: OptionalText = None


class FlowRow(Row):
    """A commodity moved from an origin to a destination by a mode in a period."""

    flow_id: Slug
    title: Name
    commodity: Slug
    origin: Slug = Field(description="place id")
    origin_note: OptionalText = Field(None, description="why this place stands for the origin")
    origin_country: Country
    destination: Slug = Field(description="place id")
    destination_country: Country
    modes: tuple[Mode, ...] = Field(min_length=1)
    as_of: Day = Field(description="the date on which the flow is routed")
    period: Text
    tonnes: OptionalFloat = Field(None, ge=0, description="in the period, best figure")
    tonnes_per_year: OptionalFloat = Field(None, ge=0)
    wagons: OptionalFloat = Field(None, ge=0)
    evidence: Evidence
    waypoints: Slugs = Field((), description="places the route is reported to pass, in order")
    opens: Slugs = Field((), description="corridors a planned flow needs open")
    sources: Slugs = Field(min_length=1)
    confidence: Confidence
    contradictions: tuple[Text, ...] = ()
    note: OptionalText = None


class ShipmentRow(Sourced):
    """One train, or one published figure for a period; only rows with in_sum count in sums."""

    shipment_id: Slug
    flow_id: Slug
    date: OptionalDay = None
    period: OptionalText = Field(None, description="where there is no single day")
    commodity: Slug
    origin: OptionalText = None
    destination: OptionalText = None
    wagons: OptionalFloat = Field(None, ge=0)
    tonnes: OptionalFloat = Field(None, ge=0)
    evidence: Evidence
    kind: Literal["shipment", "period_total", "capacity", "demand", "statement"]
    in_sum: bool
    flag: OptionalText = Field(None, description="what is wrong with the figure, if anything")

    @model_validator(mode="after")
    def _not_counted_without_reason(self) -> ShipmentRow:
        if self.in_sum and (self.kind != "shipment" or self.tonnes is None):
            msg = "only a shipment with tonnes can be in_sum"
            raise ValueError(msg)
        if not self.in_sum and self.kind == "shipment" and not self.flag:
            msg = "a shipment that is left out of sums needs a flag that says why"
            raise ValueError(msg)
        return self


class PublishedLengthRow(Sourced):
    """A length somebody published between two places: what the model is measured against."""

    length_id: Slug
    from_place: Slug
    to_place: Slug
    via: Slugs = ()
    modes: tuple[Mode, ...] = ("rail",)
    km: float = Field(gt=0, allow_inf_nan=False)
    length_kind: LengthKind
    preferred: bool = Field(description="the figure the model follows, where several disagree")
    as_of: Day = Field(description="the date on which the route is looked for")
    opens: Slugs = Field((), description="corridors that must be open for the route to exist")

    _modes = field_validator("modes", mode="before")(_split)


class TariffDistanceRow(Row):
    """A row of an official distance table: a station and a reference point."""

    station_code: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
    station: Name
    reference: Name = Field(description="reference point as the table names it")
    reference_place: OptionalSlug = Field(None, description="place id of the reference point")
    km: float = Field(ge=0)
    source: Slug
    station_place: OptionalSlug = Field(
        None, description="place that the table means, where it is not the one that bears the code"
    )
    not_by: OptionalSlug = Field(None, description="line that the table does not count by")
    note: OptionalText = Field(None, description="a misprint or another line, where known")
