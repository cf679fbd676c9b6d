"""Small networks made of rows, for tests that need to know every figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from corridors import schema
from corridors.geodesy import distance_km
from corridors.network import Network
from corridors.sources.reference import build_tables

FACT = {"source": "own-estimate", "confidence": "assumption"}
DAY = dt.date(2026, 6, 1)


def place(place_id: str, lon: float, lat: float, **given: Any) -> schema.PlaceRow:
    row = {
        "place_id": place_id, "kind": "station", "mode": "rail", "country": "AZ",
        "name_en": place_id.replace("-", " ").title(), "lon": lon, "lat": lat,
        "position_source": "own-estimate", "position_accuracy": "approximate", **FACT,
    }  # fmt: skip
    return schema.PlaceRow.model_validate(row | given)


def line(line_id: str, **given: Any) -> schema.LineRow:
    row = {"line_id": line_id, "name": line_id, "mode": "rail", "operator_id": "op", **FACT}
    if given.get("mode", "rail") == "rail":
        row["gauge_mm"] = "1520"
    return schema.LineRow.model_validate(row | given)


def link(a: str, b: str, km: float, line_id: str = "main", **given: Any) -> schema.LinkRow:
    row = {
        "link_id": f"{a}--{b}", "line_id": line_id, "from_place": a, "to_place": b,
        "country": "AZ", "length_km": km, "length_kind": "estimate", **FACT,
    }  # fmt: skip
    return schema.LinkRow.model_validate(row | given)


def state(kind: str, subject: str, what: str = "open", **given: Any) -> schema.StateRow:
    row = {
        "subject_kind": kind, "subject_id": subject, "state": what,
        "valid_from": "1988-01-01", **FACT,
    }  # fmt: skip
    return schema.StateRow.model_validate(row | given)


OPERATOR = schema.OperatorRow.model_validate(
    {
        "operator_id": "op",
        "name": "Op",
        "country": "AZ",
        "owner": "State",
        "owner_country": "AZ",
        **FACT,
    }
)


def network(
    places: Iterable[schema.PlaceRow],
    links: Iterable[schema.LinkRow],
    lines: Iterable[schema.LineRow] = (),
    states: Iterable[schema.StateRow] | None = None,
    *,
    as_of: dt.date = DAY,
    **tables: Any,
) -> Network:
    """A network; lines default to one called "main", states to all lines open."""
    rows = list(lines) or [line("main")]
    history = [state("line", row.line_id) for row in rows] if states is None else list(states)
    built = build_tables(
        places=list(places), lines=rows, links=list(links), states=history,
        operators=[OPERATOR], **tables,
    )  # fmt: skip
    return Network(built, as_of=as_of)


def chain(
    at: Mapping[str, tuple[float, float]], stretch: float = 1.1
) -> tuple[list[Any], list[Any]]:
    """Places in a row and the links between them, ``stretch`` times as long as the chord."""
    names = list(at)
    places = [place(name, *at[name]) for name in names]
    links = [link(a, b, float(distance_km(*at[a], *at[b])) * stretch) for a, b in pairwise(names)]
    return places, links
