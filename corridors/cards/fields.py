"""Values of a card: days, words, ranges, each as people write it and as it is kept."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError

from corridors.errors import DateError
from corridors.schema import Gauge
from corridors.states import as_day


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
    try:
        low, central, high = map(float, numbers)
    except OverflowError:
        raise ValueError("a number is too large") from None
    if not low <= central <= high:
        raise ValueError("low, central and high are not in order")
    return low, central, high


def _short_words(value: tuple[str, ...]) -> str | list[str]:
    return value[0] if len(value) == 1 else list(value)


def _short_range(value: tuple[float, ...]) -> float | list[float]:
    return value[0] if len(set(value)) == 1 else list(value)


class Written:
    """How a value may be written in a card, beside the form it is kept in."""

    def __init__(self, *forms: dict[str, Any], also: bool = False) -> None:
        self.forms, self.also = forms, also

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        inner = handler(core_schema)
        return {"anyOf": [*self.forms, *([inner] if self.also else [])]}


WORD_OR_MAPPING = Discriminator(
    lambda value: "mapping" if isinstance(value, (dict, BaseModel)) else "word"
)
WORD = {"type": "string"}
NUMBER = {"type": "number"}
LIST_OF_WORDS = {"type": "array", "items": {"type": ["string", "integer"]}, "minItems": 1}
_THREE = {
    "type": "object",
    "properties": {"low": NUMBER, "central": NUMBER, "high": NUMBER},
    "required": ["low", "central", "high"],
    "additionalProperties": False,
}

Day = Annotated[dt.date, BeforeValidator(_day), Written({"type": "string", "format": "date"})]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Words = Annotated[
    tuple[Word, ...],
    BeforeValidator(_words),
    PlainSerializer(_short_words),
    Field(min_length=1),
    Written({"type": ["string", "integer"]}, LIST_OF_WORDS),
]
NoWords = Annotated[
    tuple[Word, ...],
    BeforeValidator(_words),
    PlainSerializer(_short_words),
    Written({"type": ["string", "integer"]}, {**LIST_OF_WORDS, "minItems": 0}),
]
Range = Annotated[
    tuple[float, float, float],
    BeforeValidator(_range),
    PlainSerializer(_short_range),
    Written(NUMBER, {"type": "array", "items": NUMBER, "minItems": 3, "maxItems": 3}, _THREE),
]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]

GaugeWord = Annotated[
    Gauge, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)
]
"""A gauge in mm, which people write as a number."""


def one_of(model: Model, names: tuple[str, ...]) -> None:
    """Raise unless exactly one of some fields is given."""
    given = [name for name in names if getattr(model, name) is not None]
    if len(given) != 1:
        raise ValueError(f"give one of {', '.join(names)}" + (", not several" if given else ""))
