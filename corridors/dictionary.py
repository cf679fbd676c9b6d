"""The data dictionary: every column of every table, made from the schema."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from corridors import schema
from corridors.costs import parameter_schema
from corridors.routing.groups import GroupRow

if TYPE_CHECKING:
    import pandas as pd
    from pydantic.fields import FieldInfo

TABLES: dict[str, type[schema.Row]] = {
    "places": schema.PlaceRow,
    "station_codes": schema.StationCodeRow,
    "lines": schema.LineRow,
    "links": schema.LinkRow,
    "shapes": schema.ShapeRow,
    "crossings": schema.CrossingRow,
    "states": schema.StateRow,
    "operators": schema.OperatorRow,
    "rules": schema.RuleRow,
    "corridors": schema.CorridorRow,
    "groups": GroupRow,
    "commodities": schema.CommodityRow,
    "flows": schema.FlowRow,
    "shipments": schema.ShipmentRow,
    "parameters": parameter_schema.ParameterRow,
    "calibration": parameter_schema.CalibrationRow,
    "published_lengths": schema.PublishedLengthRow,
    "tariff_distances": schema.TariffDistanceRow,
    "sources": schema.SourceRow,
}
"""Tables of the data folder and the model of a row."""

_MEANINGS = {
    "applies_to": "which links, borders, places and cargo the number holds for",
    "as_of": "the date on which the model is asked",
    "branches": "ways through the corridor: a name, places in order, modes",
    "calibration_id": "id of the row",
    "capacity_note": "what the capacity counts and how it was published",
    "capacity_source": "source of the capacity",
    "cargo_destination": "country the cargo goes to",
    "cargo_origin": "country the cargo comes from",
    "central": "what the model counts with",
    "commodities": "commodities the rule is about; empty: all",
    "commodity": "commodity id",
    "commodity_id": "id of the commodity",
    "confidence": "how sure the fact is; an assumption is ours",
    "contradictions": "what other sources say, in words",
    "corridor_id": "id of the corridor",
    "country": "country the row is about",
    "country_a": "one of the two countries",
    "country_b": "the other",
    "date": "the day, as printed",
    "destination": "where it went, as printed or as a place id",
    "destination_country": "country the cargo goes to",
    "effect": "forbid closes; allow, rate and claim only record",
    "electrification": "e.g. '3 kV DC', '25 kV AC', 'none'",
    "evidence": "whether it was seen, announced or forecast",
    "flow_id": "id of the flow",
    "from_place": "place id of one end",
    "group_id": "id of the group",
    "high": "the high end of what is reported or possible",
    "in_sum": "whether the tonnes count in sums",
    "kind": "what it is",
    "km": "the published length",
    "lat": "latitude north, WGS 84",
    "length_id": "id of the row",
    "length_kind": "what kind of kilometres: of a tariff, of an authority, ours ...",
    "licence": "terms of use, where the source states them",
    "line_id": "id of the line",
    "lines": "line ids the rule is about; empty: all",
    "link_id": "id of the link",
    "lon": "longitude east, WGS 84",
    "low": "the low end of what is reported or possible",
    "measure": "what was reported",
    "mode": "mode of transport",
    "modes": "modes of transport",
    "name": "name in English",
    "name_az": "name in Azerbaijani",
    "name_en": "name in English",
    "name_hy": "name in Armenian",
    "name_ka": "name in Georgian",
    "name_official": "name as the official list prints it",
    "name_ru": "name in Russian",
    "note": "what else should be known",
    "operator_id": "id of the operator",
    "origin": "where it came from, as printed or as a place id",
    "origin_country": "country the cargo comes from",
    "owner_country": "country of that owner",
    "parameter_id": "id of the parameter",
    "period": "the time that the figures are about",
    "place_id": "id of the place",
    "places": "place ids in order",
    "position_accuracy": "how the position was found",
    "position_source": "source of the position",
    "publisher": "who published it",
    "railway": "country of the railway that gave the code",
    "reported_high": "the figure, or the high end of a range",
    "road_class": "class of a road, as OpenStreetMap has it",
    "road_ref": "number of a road",
    "rule_id": "id of the rule",
    "seq": "order along the link, from from_place",
    "shipment_id": "id of the row",
    "source": "where the fact comes from: a source_id",
    "source_id": "id of the source",
    "sources": "where the facts come from: source_ids",
    "state": "what the subject was in that time",
    "station": "station, as the table prints it",
    "station_code": "official code of six digits",
    "subject_id": "id of the line, link or place",
    "subject_kind": "what subject_id is an id of",
    "summary": "what people mean by it, in a sentence or two",
    "title": "title",
    "to_place": "place id of the other end",
    "tonnes": "tonnes carried",
    "tonnes_per_year": "the same as a yearly rate",
    "tracks": "number of tracks",
    "traffic": "freight, passenger or both",
    "unit": "unit of low, central and high",
    "url": "address",
    "valid_from": "first day",
    "valid_to": "the first day after; empty: still so",
    "via": "place ids on the way, in order",
    "wagons": "railway wagons",
}
"""Columns that mean the same wherever they stand; the schema says the others."""
_LAST = ("source", "sources", "confidence", "note")
"""Columns of most tables: they close the list."""
_UNITS = (
    ("_t_per_year", "t/year"), ("tonnes_per_year", "t/year"), ("_t_m3", "t/m³"), ("_mm", "mm"),
    ("_km", "km"), ("_t", "t"), ("tonnes", "t"), ("wagons", "wagons"),
)  # fmt: skip
_WORDS = {str: "text", float: "number", int: "whole number", bool: "yes or no", dt.date: "date"}
_PATTERNS = {
    "^[a-z0-9]+(-+[a-z0-9]+)*$": "id",
    "^[A-Z]{2}$": "country code",
    r"^\d{6}$": "six digits",
}


def data_dictionary() -> pd.DataFrame:
    """Every column of every table of the data folder, as the schema has it.

    Returns
    -------
    DataFrame
        One row a column: ``table``, ``column``, ``holds`` (type, choices or pattern), ``unit``,
        ``required``, ``meaning``.

    Examples
    --------
    >>> from corridors.dictionary import data_dictionary
    >>> table = data_dictionary().set_index(["table", "column"])
    >>> table.loc[("links", "length_km"), "unit"]
    'km'
    """
    import pandas as pd

    rows = [
        (table, name, _holds(info), _unit(name, info), info.is_required(), _meaning(name, info))
        for table, model in TABLES.items()
        for name, info in sorted(model.model_fields.items(), key=lambda item: item[0] in _LAST)
    ]
    return pd.DataFrame(rows, columns=["table", "column", "holds", "unit", "required", "meaning"])


def _meaning(name: str, info: FieldInfo) -> str:
    return info.description or _MEANINGS[name]


def _unit(name: str, info: FieldInfo) -> str:
    if name in {"lon", "lat"}:
        return "degrees"
    if name == "km":
        return "km"
    if bool in _leaves(info.annotation):
        return ""
    return next((unit for suffix, unit in _UNITS if name.endswith(suffix)), "")


def _holds(info: FieldInfo) -> str:
    """Type of a column in words, with what it may be."""
    text = _words(info.annotation)
    patterns = [str(text) for text in _attributes(info, "pattern")]
    text = _PATTERNS.get(patterns[0], "text") if patterns else text
    bounds = [
        f"{sign} {value:g}"
        for name, sign in (("ge", "at least"), ("gt", "above"), ("le", "at most"))
        for value in _attributes(info, name)
    ]
    return ", ".join([text, *bounds])


def _attributes(info: FieldInfo, name: str) -> list[Any]:
    found = [getattr(one, name, None) for one in info.metadata]
    return [value for value in found if value is not None]


def _words(kind: Any) -> str:
    """A type in words: choices as they are written, lists as lists."""
    origin, inner = get_origin(kind), [arg for arg in get_args(kind) if arg is not types.NoneType]
    if origin is Literal:
        return ", ".join(map(str, inner))
    if origin in {Union, types.UnionType} or hasattr(kind, "__metadata__"):
        patterns = [str(p) for one in getattr(kind, "__metadata__", ()) for p in _pattern(one)]
        return _PATTERNS.get(patterns[0], "text") if patterns else _words(inner[0])
    if origin is tuple:
        several = len(inner) > 1 and inner[1] is not Ellipsis
        return f"{len(inner)} numbers" if several else f"list: {_words(inner[0])}"
    if origin is dict:
        return f"key: value, with the keys {_words(inner[0])}"
    return _WORDS.get(kind, "entries")


def _pattern(constraint: object) -> list[str]:
    pattern = getattr(constraint, "pattern", None)
    return [pattern] if pattern else []


def _leaves(kind: Any) -> Iterator[Any]:
    inner = get_args(kind)
    if not inner:
        yield kind
    for one in inner:
        yield from _leaves(one)
