"""The schema of ``parameters`` and ``calibration``: numbers of the cost model, and its proof."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from corridors.schema import (
    Confidence,
    Country,
    Day,
    Mode,
    Name,
    OptionalDay,
    OptionalFloat,
    OptionalSlug,
    OptionalText,
    Row,
    Slug,
    Slugs,
    Text,
)

ParameterKind = Literal[
    "speed", "rate", "factor", "section_tariff", "section_ceiling", "border_hours",
    "border_charge", "gauge_hours", "gauge_charge", "transfer_hours", "transfer_charge",
    "waiting_hours", "loading_hours", "unloading_hours", "sailing_hours", "port_charge",
    "ferry_rate", "value_of_time", "wagon_load", "wagon_length", "vehicle_load",
    "vehicle_length", "train_length", "capacity", "duration", "reversal_hours",
    "reversal_detour", "reference",
]  # fmt: skip
PARAMETER_UNITS: dict[str, tuple[str, ...]] = {
    "speed": ("km/h",), "rate": ("USD/t-km",), "factor": ("ratio", "share"),
    "section_tariff": ("USD/t",), "section_ceiling": ("USD/t",),
    "border_charge": ("USD/t",), "gauge_charge": ("USD/t",), "transfer_charge": ("USD/t",),
    "port_charge": ("USD/t",), "ferry_rate": ("USD/t", "USD/linear metre", "USD/TEU"),
    "value_of_time": ("USD/t-h", "USD/passenger-h"), "wagon_load": ("t/wagon",),
    "wagon_length": ("m",), "vehicle_load": ("t/vehicle",), "vehicle_length": ("m",),
    "train_length": ("wagons",), "capacity": ("wagons/day", "t/day", "t/year"),
    "duration": ("d", "h"), "reversal_detour": ("km",),
}  # fmt: skip
"""Units that the numbers of a kind may have; kinds of hours: h; references: any."""
DIVISORS = ("speed", "wagon_load", "vehicle_load")
"""Kinds that costs are divided by: more of them is cheaper or quicker, and zero is an error."""
ParameterKey = Literal[
    "mode", "country", "border", "to_country", "place", "from", "to", "line", "gauge",
    "road_class", "commodity", "traffic", "vehicle", "wagons", "origin", "destination",
    "wagon_load_t",
]  # fmt: skip


class ParameterRow(Row):
    """A number of the cost model: low, central, high, unit, and where it comes from."""

    parameter_id: Slug
    kind: ParameterKind = Field(description="what it does; a reference is recorded, not used")
    unit: Name
    low: float = Field(allow_inf_nan=False)
    central: float = Field(allow_inf_nan=False)
    high: float = Field(allow_inf_nan=False)
    applies_to: dict[ParameterKey, Text] = Field(default_factory=dict)
    valid_from: OptionalDay = None
    valid_to: OptionalDay = Field(None, description="the first day after")
    date: OptionalText = None
    source: OptionalSlug = Field(None, description="empty only for an assumption")
    confidence: Confidence
    ours: tuple[Literal["low", "central", "high"], ...] = Field(
        (), description="which of the three nobody published, though the row has a source"
    )
    note: OptionalText = None

    @property
    def assumed(self) -> bool:
        """Whether the central value, with which everything is counted, is an assumption."""
        return self.confidence == "assumption" or "central" in self.ours

    @model_validator(mode="after")
    def _ordered_and_sourced(self) -> ParameterRow:
        if not self.low <= self.central <= self.high:
            msg = f"low {self.low}, central {self.central}, high {self.high} are not in order"
            raise ValueError(msg)
        if (self.source is None) != (self.confidence == "assumption"):
            msg = "a parameter has a source, or is marked as an assumption; not both, not neither"
            raise ValueError(msg)
        if self.ours and self.source is None:
            msg = "an assumption is ours altogether; leave 'ours' out"
            raise ValueError(msg)
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            msg = f"valid_to {self.valid_to} is not after valid_from {self.valid_from}"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _possible(self) -> ParameterRow:
        units = ("h",) if self.kind.endswith("_hours") else PARAMETER_UNITS.get(self.kind)
        if units is not None and self.unit not in units:
            msg = f"a {self.kind} is in {' or '.join(units)}, not in {self.unit!r}"
            raise ValueError(msg)
        if self.kind in DIVISORS and self.low <= 0:
            msg = f"a {self.kind} must be above 0 {self.unit}, and low is {self.low:g}"
            raise ValueError(msg)
        least = -1.0 if self.unit == "share" else 0.0
        if self.kind != "reference" and self.low < least:
            msg = f"a {self.kind} cannot be below {least:g} {self.unit}, and low is {self.low:g}"
            raise ValueError(msg)
        return self


class CalibrationRow(Row):
    """A reported figure for the cost model to be measured against."""

    calibration_id: Slug
    title: Name
    from_place: Slug
    to_place: Slug
    via: Slugs = ()
    modes: tuple[Mode, ...] = Field(min_length=1)
    commodity: OptionalSlug = None
    cargo_origin: Country | None = None
    cargo_destination: Country | None = None
    as_of: Day
    measure: Literal["hours", "border_hours", "running_usd", "usd", "kmh"]
    reported_low: OptionalFloat = Field(None, ge=0, description="empty: 'within'")
    reported_high: float = Field(gt=0, allow_inf_nan=False)
    independent: bool = Field(description="false where the figure also went into a parameter")
    source: Slug
    note: OptionalText = None
