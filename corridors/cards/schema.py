"""The schema of a scenario card: title, claims, sources and an ordered list of changes.

``corridors scenarios schema`` prints the JSON Schema made from these models; editors that know
YAML then complete and check cards while they are written.
"""

from __future__ import annotations

import json
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, Tag, model_validator

from corridors.cards.changes import AnyChange
from corridors.cards.fields import WORD_OR_MAPPING, Day, Model, NotNegative, NoWords, Word
from corridors.schema import Name, Slug, Text


class Claim(Model):
    """What somebody says of it: a date, a figure, an effect."""

    text: Text = Field(min_length=1)
    who: Text | None = None
    date: Text | None = Field(None, description="when it was said, as printed")
    source: Slug | None = None


class Outcome(Model):
    """What a route should be; figures within 1 %."""

    length_km: NotNegative | None = Field(None, description="km")
    hours: NotNegative | None = Field(None, description="hours, central")
    usd_per_t: NotNegative | None = Field(None, description="USD a tonne, central")
    countries: NoWords = Field((), description="in the order entered")
    gauge_breaks: int | None = Field(None, ge=0)
    passes: NoWords = Field((), description="places on the way")
    avoids: NoWords = Field((), description="places not on the way")


_Outcome = Annotated[
    Annotated[Literal["no route"], Tag("word")] | Annotated[Outcome, Tag("mapping")],
    WORD_OR_MAPPING,
]


class Show(Model):
    """An effect that the card states, checked with the data: a route before and after."""

    model_config = ConfigDict(populate_by_name=True)

    start: Word = Field(alias="from")
    to: Word
    modes: NoWords = ()
    commodity: Slug | None = None
    cargo_origin: Word | None = None
    cargo_destination: Word | None = None
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
    Annotated[Slug, Tag("word")] | Annotated[NewSource, Tag("mapping")], WORD_OR_MAPPING
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

    @property
    def source_ids(self) -> tuple[str, ...]:
        """Ids of its own sources."""
        return tuple(s.source_id if isinstance(s, NewSource) else s for s in self.sources)


def json_schema() -> str:
    """The JSON Schema of a card, as text; ``data/scenario.schema.json`` holds the same."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Card.model_json_schema(by_alias=True),
        "title": "Scenario card",
    }
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
