"""The schema of a scenario card: what changes may be written, with their units.

A card is a title, what it claims, its sources and an ordered list of changes. A change has one
action (``open``, ``close``, ``tariff``, ...) and may say from when until when it holds, and what it
expects to find. ``corridors scenarios schema`` writes the JSON Schema made from these models.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    Tag,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError

from corridors.costs.parameter_schema import ParameterKind
from corridors.schema import (
    Confidence,
    Country,
    Evidence,
    Gauge,
    LengthKind,
    Mode,
    Name,
    PlaceKind,
    PlaceMode,
    Slug,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


class Model(BaseModel):
    """Base of all parts of a card: frozen, no unknown keys, a hint where one is misspelt."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=False)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if isinstance(data, dict):
            known = [field.alias or name for name, field in cls.model_fields.items()]
            for key in data:
                if key not in known and key not in cls.model_fields:
                    raise unknown_key(str(key), known)
        return data


def unknown_key(key: str, known: list[str]) -> PydanticCustomError:
    """The error that a key is unknown, with the one that was meant."""
    from difflib import get_close_matches

    near = get_close_matches(key, known, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
    return PydanticCustomError("unknown_key", "{text}", {"key": key, "text": f"is unknown; {hint}"})


def _day(value: Any) -> Any:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    from corridors.errors import DateError
    from corridors.states import as_day

    try:
        return as_day(value if value is not None else "")
    except DateError as error:
        raise ValueError(str(error).removeprefix("as_of=")) from None


def _words(value: Any) -> Any:
    """One word, or a list of words, as a tuple; whole numbers (gauges, codes) as words."""
    listed = value if isinstance(value, (list, tuple)) else [value]
    return tuple(
        str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in listed
    )


def _range(value: Any) -> Any:
    """A number, ``[low, central, high]`` or a mapping of the three, as three numbers."""
    if isinstance(value, dict):
        unknown = [str(key) for key in value if key not in {"low", "central", "high"}]
        if unknown:
            raise unknown_key(unknown[0], ["low", "central", "high"])
        if len(value) != 3:  # noqa: PLR2004  (low, central, high)
            raise ValueError("give low, central and high, or one number")
        value = [value["low"], value["central"], value["high"]]
    listed = list(value) if isinstance(value, (list, tuple)) else [value] * 3
    numbers = [one for one in listed if isinstance(one, (int, float)) and not isinstance(one, bool)]
    if len(listed) != 3 or len(numbers) != 3:  # noqa: PLR2004
        raise ValueError("give a number, or low, central and high")
    if not numbers[0] <= numbers[1] <= numbers[2]:
        raise ValueError("low, central and high are not in order")
    return tuple(float(number) for number in numbers)


class _Written:
    """How a value may be written in a card, beside the form it is kept in."""

    def __init__(self, *forms: dict[str, Any], also: bool = False) -> None:
        self.forms, self.also = forms, also

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        inner = handler(core_schema)
        return {"anyOf": [*self.forms, *([inner] if self.also else [])]}


_WORD_OR_MAPPING = Discriminator(
    lambda value: "mapping" if isinstance(value, (dict, BaseModel)) else "word"
)
_WORD = {"type": "string"}
_NUMBER = {"type": "number"}
_LIST_OF_WORDS = {"type": "array", "items": {"type": ["string", "integer"]}, "minItems": 1}
_THREE = {
    "type": "object",
    "properties": {"low": _NUMBER, "central": _NUMBER, "high": _NUMBER},
    "required": ["low", "central", "high"],
    "additionalProperties": False,
}

Day = Annotated[dt.date, BeforeValidator(_day), _Written({"type": "string", "format": "date"})]
_Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Words = Annotated[
    tuple[_Word, ...],
    BeforeValidator(_words),
    Field(min_length=1),
    _Written({"type": ["string", "integer"]}, _LIST_OF_WORDS),
]
NoWords = Annotated[
    tuple[_Word, ...],
    BeforeValidator(_words),
    _Written({"type": ["string", "integer"]}, {**_LIST_OF_WORDS, "minItems": 0}),
]
Range = Annotated[
    tuple[float, float, float],
    BeforeValidator(_range),
    _Written(_NUMBER, {"type": "array", "items": _NUMBER, "minItems": 3, "maxItems": 3}, _THREE),
]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


# -- what is selected ----------------------------------------------------------------------------


def _named(value: Any) -> Any:
    """A word or a list of words selects by name."""
    return {"name": value} if isinstance(value, (str, int, list, tuple)) else value


class Where(Model):
    """What a change is about: keys narrow it, several words of one key widen it.

    Every word may be an id or any stored name or spelling. A word alone, or a list of them, is
    ``name``.
    """

    name: NoWords = Field((), description="corridor, line, crossing, place, operator, country")
    corridor: NoWords = Field((), description="what must open for the corridor to work")
    line: NoWords = Field((), description="a line or road that people name")
    link: NoWords = Field((), description="a piece of a line, by id")
    crossing: NoWords = Field((), description="a border crossing, by id, name or border station")
    border: NoWords = Field((), description="all crossings between two countries, as in AM-AZ")
    place: NoWords = Field((), description="a station, port, yard or town")
    country: NoWords = Field((), description="links in it (XZ: at sea)")
    operator: NoWords = Field((), description="who runs the line")
    mode: NoWords = Field((), description="rail, road, ferry, transfer, gauge_change, border")
    gauge: NoWords = Field((), description="1520, 1435, 900; dual gauge counts as both")

    @model_validator(mode="after")
    def _not_all(self) -> Self:
        if not self.keys:
            raise ValueError("select something; an empty selection would mean the whole network")
        return self

    @property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """The keys that are given."""
        return {name: words for name, words in self if words}

    def __str__(self) -> str:
        return "; ".join(f"{name} {', '.join(words)}" for name, words in self.keys.items())


Selection = Annotated[
    Where,
    BeforeValidator(_named),
    _Written({"type": ["string", "integer"]}, _LIST_OF_WORDS, also=True),
]


def _by_id(value: Any) -> Any:
    return {"id": value} if isinstance(value, (str, list, tuple)) else value


class WhichRules(Model):
    """Which access rules: keys narrow, several words of one key widen."""

    id: NoWords = Field((), description="rule id or title")
    country: NoWords = Field((), description="rules on transit of these countries")
    border: NoWords = Field((), description="rules on the whole border of two, as in AM-AZ")
    origin: NoWords = Field((), description="cargo from these countries")
    destination: NoWords = Field((), description="cargo to these countries")

    @model_validator(mode="after")
    def _not_all(self) -> Self:
        if not any(words for _, words in self):
            raise ValueError("select something; an empty selection would mean every rule")
        return self


class WhichFlows(Model):
    """Which flows: keys narrow, several words of one key widen."""

    id: NoWords = Field((), description="flow id or title")
    commodity: NoWords = Field((), description="commodity id")
    origin_country: NoWords = ()
    destination_country: NoWords = ()

    @model_validator(mode="after")
    def _not_all(self) -> Self:
        if not any(words for _, words in self):
            raise ValueError("select something; an empty selection would mean every flow")
        return self


class Keys(Model):
    """Where a number of the cost model holds; every key given must fit.

    Places by any name; ``border`` as AZ-GE; ``from`` and ``to`` are the ends of a section.
    """

    model_config = ConfigDict(populate_by_name=True)

    mode: Mode | None = None
    country: _Word | None = None
    border: _Word | None = None
    to_country: _Word | None = Field(None, description="country entered")
    place: _Word | None = Field(None, description="border point or port")
    start: _Word | None = Field(None, alias="from", description="first place of the section")
    to: _Word | None = Field(None, description="last place of the section")
    line: _Word | None = None
    gauge: Annotated[str | None, BeforeValidator(lambda v: str(v) if isinstance(v, int) else v)] = (
        None
    )
    road_class: Literal["motorway", "trunk", "primary", "secondary"] | None = None
    commodity: _Word | None = Field(None, description="commodity id; its children count too")
    traffic: Literal["freight", "passenger", "any"] | None = None
    vehicle: Literal["wagon", "lorry"] | None = Field(None, description="aboard a ferry")
    wagons: Literal["yes", "no"] | None = Field(None, description="ferries that carry wagons")
    origin: _Word | None = Field(None, description="country the cargo comes from")
    destination: _Word | None = Field(None, description="country the cargo goes to")

    @property
    def given(self) -> dict[str, str]:
        """The keys that are given, by the names of ``applies_to``."""
        fields = {name: getattr(self, name) for name in Keys.model_fields}
        fields["from"] = fields.pop("start")
        return {name: value for name, value in sorted(fields.items()) if value is not None}


# -- changes -------------------------------------------------------------------------------------


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


def _one_of(model: Model, names: tuple[str, ...]) -> None:
    given = [name for name in names if getattr(model, name) is not None]
    if len(given) != 1:
        raise ValueError(f"give one of {', '.join(names)}" + (", not several" if given else ""))


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
    Annotated[_Word, Tag("word")] | Annotated[NewOperator, Tag("mapping")], _WORD_OR_MAPPING
]


class NewPlace(Model):
    """A place that the data do not know."""

    id: Slug
    name: Name
    kind: PlaceKind = "station"
    mode: PlaceMode = "rail"
    country: Country
    lon: Annotated[float, Field(ge=-180, le=180, description="degrees east, WGS 84")]
    lat: Annotated[float, Field(ge=-90, le=90, description="degrees north, WGS 84")]
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
    _Written({"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}),
]


class NewLink(Model):
    """A link of a new line; ends by any name of a place, or new places."""

    model_config = ConfigDict(populate_by_name=True)

    id: Slug | None = Field(None, description="not given: made from the ends")
    start: _Word = Field(alias="from")
    to: _Word
    country: Country | None = Field(None, description="not given: that of its ends")
    length_km: Positive | None = Field(None, description="not given: along the line drawn")
    length_kind: LengthKind = "estimate"
    via: tuple[Point, ...] = Field((), description="points between the ends, [lon, lat]")
    oneway: bool = False
    gauge_mm: Annotated[Gauge, BeforeValidator(lambda v: str(v) if isinstance(v, int) else v)] = (
        None
    )


class NewLine(Model):
    """A line to build: what its links share, and the links."""

    id: Slug
    name: Name
    mode: Mode
    operator: _Operator
    gauge_mm: Annotated[Gauge, BeforeValidator(lambda v: str(v) if isinstance(v, int) else v)] = (
        None
    )
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
    gauge_mm: Annotated[Gauge, BeforeValidator(lambda v: str(v) if isinstance(v, int) else v)] = (
        Field(None, description="gauge changes are put where gauges then meet; takes no date")
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
    t_per_year: NotNegative | None = None
    factor: NotNegative | None = Field(None, description="times the capacity that is known")

    @model_validator(mode="after")
    def _one(self) -> Self:
        _one_of(self, ("t_per_year", "factor"))
        return self


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

    @model_validator(mode="after")
    def _one(self) -> Self:
        _one_of(self, ("usd_per_t", "usd_per_t_km", "factor"))
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
    hours: Range | None = None
    factor: NotNegative | None = Field(
        None, description="times every such time in the data whose keys include these"
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        _one_of(self, ("hours", "factor"))
        return self


class WhichParameters(Keys):
    """Which numbers of the cost model: by id, or by kind and keys."""

    id: NoWords = Field((), description="parameter id")
    kind: ParameterKind | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if bool(self.id) == (self.kind is not None):
            raise ValueError("give id, or kind with keys")
        return self


class Parameter(Change):
    """Set or scale numbers of the cost model, each in its own unit."""

    action = "parameter"
    parameter: Annotated[
        WhichParameters,
        BeforeValidator(_by_id),
        _Written(_WORD, _LIST_OF_WORDS, also=True),
    ]
    value: Range | None = None
    factor: NotNegative | None = None
    unit: Text | None = Field(None, description="fails if the parameter has another")

    @model_validator(mode="after")
    def _one(self) -> Self:
        _one_of(self, ("value", "factor"))
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
        Annotated[Words, Tag("word")] | Annotated[NewRule, Tag("mapping")], _WORD_OR_MAPPING
    ]


class Lift(Change):
    """Lift access rules."""

    action = "lift"
    lift: Annotated[WhichRules, BeforeValidator(_by_id), _Written(_WORD, _LIST_OF_WORDS, also=True)]


_Flows = Annotated[WhichFlows, BeforeValidator(_by_id), _Written(_WORD, _LIST_OF_WORDS, also=True)]


class ScaleFlow(Change):
    """Set or scale the tonnes of flows."""

    action = "scale_flow"
    scale_flow: _Flows
    factor: NotNegative | None = None
    tonnes_per_year: NotNegative | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        _one_of(self, ("factor", "tonnes_per_year"))
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
    tonnes_per_year: NotNegative
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


# -- the card ------------------------------------------------------------------------------------


class Claim(Model):
    """What somebody says of it: a date, a figure, an effect."""

    text: Text = Field(min_length=1)
    who: Text | None = None
    date: Text | None = Field(None, description="when it was said, as printed")
    source: Slug | None = None


class Outcome(Model):
    """What a route should be; figures within 1 %."""

    length_km: NotNegative | None = None
    hours: NotNegative | None = None
    usd_per_t: NotNegative | None = None
    countries: NoWords = Field((), description="in the order entered")
    gauge_breaks: int | None = Field(None, ge=0)
    passes: NoWords = Field((), description="places on the way")
    avoids: NoWords = Field((), description="places not on the way")


_Outcome = Annotated[
    Annotated[Literal["no route"], Tag("word")] | Annotated[Outcome, Tag("mapping")],
    _WORD_OR_MAPPING,
]


class Show(Model):
    """An effect that the card states, checked with the data: a route before and after."""

    model_config = ConfigDict(populate_by_name=True)

    start: _Word = Field(alias="from")
    to: _Word
    modes: NoWords = ()
    commodity: Slug | None = None
    cargo_origin: _Word | None = None
    cargo_destination: _Word | None = None
    weight: Literal["length", "hours", "usd_per_t", "generalised"] = "length"
    as_of: Day | None = Field(None, description="not given: that of the card")
    before: _Outcome | None = None
    after: _Outcome | None = None


class NewSource(Model):
    """A source that only this card cites; the columns of ``data/sources``."""

    source_id: Slug
    title: Name = Field(max_length=300)
    publisher: Text = Field(min_length=1)
    date: Text = Field(description="as printed: a day, a month, a year or 'n.d.'")
    url: Text | None = None
    reference: Text | None = Field(None, description="where there is no address")
    licence: Text | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _has_a_reference(self) -> Self:
        if not (self.url or self.reference):
            raise ValueError("a source needs a url or a reference")
        return self


_Source = Annotated[
    Annotated[Slug, Tag("word")] | Annotated[NewSource, Tag("mapping")], _WORD_OR_MAPPING
]


class Card(Model):
    """A scenario: a named, ordered, validated list of changes, with its claims and sources."""

    name: Slug = Field(description="id of the scenario; the name of its file")
    title: Name = Field(max_length=200)
    question: Text | None = Field(None, description="what it is to answer")
    as_of: Day | None = Field(None, description="the day whose world it is about")
    claims: tuple[Claim, ...] = Field((), description="what is said of it, by whom")
    assumptions: tuple[Text, ...] = Field((), description="what no source says")
    sources: tuple[_Source, ...] = Field(
        (), description="ids of the data folder's sources, or whole entries"
    )
    requires: tuple[Slug, ...] = Field((), description="scenarios that are applied first")
    conflicts: tuple[Slug, ...] = Field((), description="scenarios it cannot be combined with")
    changes: tuple[AnyChange, ...] = ()
    shows: tuple[Show, ...] = Field((), description="effects that are checked with the data")
    note: Text | None = None
