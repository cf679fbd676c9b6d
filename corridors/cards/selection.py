"""How a card says what it is about: links and places, rules, flows, numbers of the cost model."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from corridors.cards.fields import LIST_OF_WORDS, GaugeWord, Model, NoWords, Word, Written
from corridors.costs.parameter_schema import ParameterKind
from corridors.schema import Mode


def _named_alone(data: dict[str, Any], key: str) -> Any:
    """The words of a key where that is the only one, as people write it."""
    given = {name: value for name, value in data.items() if value not in ([], None)}
    return given[key] if list(given) == [key] else data


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

    @model_serializer(mode="wrap")
    def _short(self, whole: SerializerFunctionWrapHandler) -> Any:
        return _named_alone(whole(self), "name")

    @property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """The keys that are given."""
        return {name: words for name, words in self if words}

    def __str__(self) -> str:
        return "; ".join(f"{name} {', '.join(words)}" for name, words in self.keys.items())


Selection = Annotated[
    Where,
    BeforeValidator(_named),
    Written({"type": ["string", "integer"]}, LIST_OF_WORDS, also=True),
]


def by_id(value: Any) -> Any:
    """A word or a list of words selects by id."""
    return {"id": value} if isinstance(value, (str, list, tuple)) else value


class WhichRules(Model):
    """Which access rules: keys narrow, several words of one key widen."""

    id: NoWords = Field((), description="rule id or title")
    country: NoWords = Field((), description="rules on transit of these countries")
    border: NoWords = Field((), description="rules on the whole border of two, as in AM-AZ")
    origin: NoWords = Field((), description="cargo from these countries")
    destination: NoWords = Field((), description="cargo to these countries")

    @model_serializer(mode="wrap")
    def _short(self, whole: SerializerFunctionWrapHandler) -> Any:
        return _named_alone(whole(self), "id")

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

    @model_serializer(mode="wrap")
    def _short(self, whole: SerializerFunctionWrapHandler) -> Any:
        return _named_alone(whole(self), "id")

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
    country: Word | None = None
    border: Word | None = None
    to_country: Word | None = Field(None, description="country entered")
    place: Word | None = Field(None, description="border point or port")
    start: Word | None = Field(None, alias="from", description="first place of the section")
    to: Word | None = Field(None, description="last place of the section")
    line: Word | None = None
    gauge: GaugeWord = None
    road_class: Literal["motorway", "trunk", "primary", "secondary"] | None = None
    commodity: Word | None = Field(None, description="commodity id; its children count too")
    traffic: Literal["freight", "passenger", "any"] | None = None
    vehicle: Literal["wagon", "lorry"] | None = Field(None, description="aboard a ferry")
    wagons: Literal["yes", "no"] | None = Field(None, description="ferries that carry wagons")
    origin: Word | None = Field(None, description="country the cargo comes from")
    destination: Word | None = Field(None, description="country the cargo goes to")

    @property
    def given(self) -> dict[str, str]:
        """The keys that are given, by the names of ``applies_to``."""
        fields = {name: getattr(self, name) for name in Keys.model_fields}
        fields["from"] = fields.pop("start")
        return {name: value for name, value in sorted(fields.items()) if value is not None}


class WhichParameters(Keys):
    """Which numbers of the cost model: by id, or by kind and keys."""

    id: NoWords = Field((), description="parameter id")
    kind: ParameterKind | None = None

    @model_serializer(mode="wrap")
    def _short(self, whole: SerializerFunctionWrapHandler) -> Any:
        return _named_alone(whole(self), "id")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if bool(self.id) == (self.kind is not None):
            raise ValueError("give id, or kind with keys")
        return self
