"""The changes that a card may make, one model an action, with their units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from corridors.cards.fields import (
    LIST_OF_WORDS,
    NUMBER,
    WORD,
    WORD_OR_MAPPING,
    Day,
    GaugeWord,
    Model,
    NotNegative,
    NoWords,
    Positive,
    Range,
    Word,
    Words,
    Written,
    one_of,
)
from corridors.cards.selection import (
    Keys,
    Selection,
    WhichFlows,
    WhichParameters,
    WhichRules,
    by_id,
)
from corridors.schema import (
    Confidence,
    Country,
    Evidence,
    LengthKind,
    Mode,
    Name,
    PlaceKind,
    PlaceMode,
    Slug,
    Text,
)


class Existing(Model):
    """What a change expects to find; it fails if it is otherwise, before anything is applied."""

    state: NoWords = Field((), description="state of everything selected; one of several words")
    count: int | None = Field(None, ge=0, description="how many things are selected")
    links: int | None = Field(None, ge=0, description="how many links are selected")
    places: int | None = Field(None, ge=0, description="how many places are selected")
    length_km: NotNegative | None = Field(None, description="of all links selected, within 1 %")
    operator: NoWords = Field((), description="operators of the links selected")
    gauge: NoWords = Field((), description="gauges of the links selected")
    value: float | None = Field(None, description="value now, in its own unit, within 1 %")


class Change(Model):
    """A change: one action, from a day until the day before another."""

    on: Day | None = Field(None, description="from this day; not given: on every day")
    until: Day | None = Field(None, description="the first day on which it no longer holds")
    existing: Existing | None = None
    note: Text | None = Field(None, description="why, or what is assumed")
    sources: NoWords = Field((), description="ids of sources that speak of this change")

    action: ClassVar[str] = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.on is not None and self.until is not None and self.until <= self.on:
            raise ValueError(f"until {self.until} is not after on {self.on}")
        return self


class Open(Change):
    """Open lines, links, crossings, or all that a corridor needs."""

    action = "open"
    open: Selection


class Close(Change):
    """Close links, lines, crossings, places."""

    action = "close"
    close: Selection


class Suspend(Change):
    """Suspend traffic: nothing passes, and the tables say that it is for a time."""

    action = "suspend"
    suspend: Selection


class NewOperator(Model):
    """An operator that the data do not know."""

    operator_id: Slug
    name: Name
    country: Country = Field(description="where it runs the line")
    owner: Name
    owner_country: Country


_Operator = Annotated[
    Annotated[Word, Tag("word")] | Annotated[NewOperator, Tag("mapping")], WORD_OR_MAPPING
]


class NewPlace(Model):
    """A place that the data do not know."""

    id: Slug
    name: Name
    kind: PlaceKind = "station"
    mode: PlaceMode = "rail"
    country: Country
    lon: float = Field(ge=-180, le=180, description="degrees east, WGS 84")
    lat: float = Field(ge=-90, le=90, description="degrees north, WGS 84")
    other_country: Country | None = Field(None, description="of a border point: the other one")

    @model_validator(mode="after")
    def _border(self) -> Self:
        if (self.kind == "border") != (self.other_country is not None):
            raise ValueError("a border point needs other_country, and nothing else has one")
        return self


Point = Annotated[
    tuple[
        Annotated[float, Field(ge=-180, le=180)],
        Annotated[float, Field(ge=-90, le=90)],
    ],
    Written({"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}),
]


class NewLink(Model):
    """A link of a new line; ends by any name of a place, or new places."""

    model_config = ConfigDict(populate_by_name=True)

    id: Slug | None = Field(None, description="not given: made from the ends")
    start: Word = Field(alias="from")
    to: Word
    country: Country | None = Field(None, description="not given: that of its ends")
    length_km: Positive | None = Field(None, description="km; not given: along the line drawn")
    length_kind: LengthKind = "estimate"
    via: tuple[Point, ...] = Field(
        (), description="points between the ends, [lon, lat] in degrees, WGS 84"
    )
    oneway: bool = False
    gauge_mm: GaugeWord = None


class NewLine(Model):
    """A line to build: what its links share, and the links."""

    id: Slug
    name: Name
    mode: Mode
    operator: _Operator
    gauge_mm: GaugeWord = None
    electrification: Text | None = None
    tracks: int | None = Field(None, ge=1, le=8)
    road_class: Literal["motorway", "trunk", "primary", "secondary"] | None = None
    wagons: bool = Field(False, description="a ferry that carries railway wagons")
    capacity_t_per_year: NotNegative | None = Field(None, description="both directions, t a year")
    speed_km_h: Range | None = Field(None, description="of freight, km/h")
    places: tuple[NewPlace, ...] = ()
    links: tuple[NewLink, ...] = Field(min_length=1)


class Build(Change):
    """Build a new line; before ``on`` it is planned."""

    action = "build"
    build: NewLine


class Values(Model):
    """New properties of links."""

    length_km: Positive | None = Field(None, description="of each link selected, km")
    operator: _Operator | None = None
    gauge_mm: GaugeWord = Field(
        None, description="gauge changes are put where gauges then meet; takes no date"
    )
    tracks: int | None = Field(None, ge=1, le=8)
    electrification: Text | None = None
    road_class: Literal["motorway", "trunk", "primary", "secondary"] | None = None
    speed_km_h: Range | None = Field(None, description="of freight, km/h")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.given:
            raise ValueError(f"give one or more of {', '.join(type(self).model_fields)}")
        return self

    @property
    def given(self) -> dict[str, Any]:
        """What is to be set."""
        return {name: value for name, value in self if value is not None}


class Set(Change):
    """Set properties of links."""

    action = "set"
    set: Selection
    to: Values

    @model_validator(mode="after")
    def _laid_once(self) -> Self:
        if self.to.gauge_mm is not None and (self.on or self.until):
            raise ValueError("a gauge takes no dates: date the opening of the line instead")
        return self


class Capacity(Change):
    """Set or scale the capacity of links, both directions together."""

    action = "capacity"
    capacity: Selection
    t_per_year: NotNegative | None = Field(None, description="t a year, both directions together")
    factor: NotNegative | None = Field(None, description="times the capacity that is known")

    @model_validator(mode="after")
    def _one(self) -> Self:
        one_of(self, ("t_per_year", "factor"))
        return self


Exceptions = Annotated[
    Literal["keep", "replace"] | None,
    Field(description="what becomes of numbers that hold for the same more exactly, if there are"),
]


class Tariff(Change):
    """What carriage costs where the keys fit: a price of a section, of a t-km, of a stop."""

    action = "tariff"
    tariff: Keys
    at: Literal["haul", "border", "gauge_change", "transfer", "port"] = Field(
        "haul", description="what is paid for"
    )
    usd_per_t: Range | None = Field(None, description="USD a tonne; with from and to: a section")
    usd_per_t_km: Range | None = Field(None, description="USD a tonne and kilometre")
    factor: NotNegative | None = Field(
        None, description="times every such price in the data whose keys include these"
    )
    exceptions: Exceptions = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        one_of(self, ("usd_per_t", "usd_per_t_km", "factor"))
        if self.at != "haul" and self.usd_per_t_km is not None:
            raise ValueError(f"a charge at a {self.at} is in usd_per_t")
        if self.usd_per_t is not None and self.at == "haul":
            keys = self.tariff.given
            if keys.get("mode") != "ferry" and not {"from", "to", "country"} <= set(keys):
                raise ValueError("a price in usd_per_t is for a section: give from, to and country")
        return self


class Dwell(Change):
    """How long cargo stands at borders, gauge changes, transfers and in ports."""

    action = "dwell"
    dwell: Keys
    at: Literal[
        "border", "gauge_change", "transfer", "port_waiting", "port_loading", "port_unloading"
    ] = "border"
    hours: Range | None = Field(None, description="hours each time")
    factor: NotNegative | None = Field(
        None, description="times every such time in the data whose keys include these"
    )
    exceptions: Exceptions = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        one_of(self, ("hours", "factor"))
        return self


class Parameter(Change):
    """Set or scale numbers of the cost model, each in its own unit."""

    action = "parameter"
    parameter: Annotated[
        WhichParameters,
        BeforeValidator(by_id),
        Written(WORD, LIST_OF_WORDS, also=True),
    ]
    value: Range | None = Field(None, description="in the parameter's own unit")
    factor: NotNegative | None = Field(None, description="times the value that it has")
    unit: Text | None = Field(None, description="fails if the parameter has another")

    @model_validator(mode="after")
    def _one(self) -> Self:
        one_of(self, ("value", "factor"))
        return self


class NewRule(Model):
    """An access rule that forbids; each condition that is not given means any."""

    id: Slug
    title: Name
    transit_countries: NoWords = Field((), description="links in these countries")
    borders: NoWords = Field((), description="whole borders, as in AM-AZ")
    places: NoWords = Field((), description="links through these crossings or places")
    lines: NoWords = ()
    origins: NoWords = Field((), description="countries the cargo comes from")
    destinations: NoWords = Field((), description="countries the cargo goes to")
    not_origins: NoWords = Field((), description="the rule spares cargo from these")
    not_destinations: NoWords = Field((), description="the rule spares cargo to these")
    commodities: NoWords = ()
    traffic: Literal["freight", "passenger", "any"] = "any"


class Impose(Change):
    """Impose an access rule: one of the data again, or a new one."""

    action = "impose"
    impose: Annotated[
        Annotated[Words, Tag("word")] | Annotated[NewRule, Tag("mapping")], WORD_OR_MAPPING
    ]


class Lift(Change):
    """Lift access rules."""

    action = "lift"
    lift: Annotated[WhichRules, BeforeValidator(by_id), Written(WORD, LIST_OF_WORDS, also=True)]


_Flows = Annotated[WhichFlows, BeforeValidator(by_id), Written(WORD, LIST_OF_WORDS, also=True)]


class ScaleFlow(Change):
    """Set or scale the tonnes of flows."""

    action = "scale_flow"
    scale_flow: _Flows
    factor: NotNegative | None = Field(None, description="times the tonnes that it has")
    tonnes_per_year: NotNegative | None = Field(None, description="t a year")

    @model_validator(mode="after")
    def _one(self) -> Self:
        one_of(self, ("factor", "tonnes_per_year"))
        return self


class NewFlow(Model):
    """A flow that the data do not know."""

    id: Slug
    title: Name
    commodity: Slug
    origin: Slug = Field(description="place id")
    origin_country: Country
    destination: Slug = Field(description="place id")
    destination_country: Country
    modes: Annotated[tuple[Literal["rail", "road", "ferry"], ...], Field(min_length=1)]
    tonnes_per_year: NotNegative = Field(description="t a year")
    evidence: Evidence = "forecast"
    confidence: Confidence = "assumption"
    as_of: Day | None = Field(None, description="not given: that of the card")


class AddFlow(Change):
    """Add a flow."""

    action = "add_flow"
    add_flow: NewFlow


class RemoveFlow(Change):
    """Remove flows."""

    action = "remove_flow"
    remove_flow: _Flows


CHANGES: tuple[type[Change], ...] = (
    Open, Close, Suspend, Build, Set, Capacity, Tariff, Dwell, Parameter, Impose, Lift,
    ScaleFlow, AddFlow, RemoveFlow,
)  # fmt: skip
ACTIONS: Mapping[str, type[Change]] = {model.action: model for model in CHANGES}


def _action(data: Any) -> str | None:
    if isinstance(data, Change):
        return data.action
    found = [key for key in data if key in ACTIONS] if isinstance(data, dict) else []
    return found[0] if len(found) == 1 else None


AnyChange = Annotated[
    Annotated[Open, Tag("open")]
    | Annotated[Close, Tag("close")]
    | Annotated[Suspend, Tag("suspend")]
    | Annotated[Build, Tag("build")]
    | Annotated[Set, Tag("set")]
    | Annotated[Capacity, Tag("capacity")]
    | Annotated[Tariff, Tag("tariff")]
    | Annotated[Dwell, Tag("dwell")]
    | Annotated[Parameter, Tag("parameter")]
    | Annotated[Impose, Tag("impose")]
    | Annotated[Lift, Tag("lift")]
    | Annotated[ScaleFlow, Tag("scale_flow")]
    | Annotated[AddFlow, Tag("add_flow")]
    | Annotated[RemoveFlow, Tag("remove_flow")],
    Discriminator(
        _action,
        custom_error_type="one_action",
        custom_error_message=f"a change has one action, one of: {', '.join(ACTIONS)}",
    ),
]
