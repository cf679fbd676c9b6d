"""Routes of flows -> coloured layers: which links, in which direction, with what to say of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from corridors.errors import ArgumentError
from corridors.flow import FlowRoute
from corridors.maps import style
from corridors.maps.encode import clean
from corridors.routing.route import Route
from corridors.words import COUNTRY_NAMES

if TYPE_CHECKING:
    import pandas as pd

    from corridors.flow import Flow
    from corridors.maps.layers import Drawing


@dataclass(frozen=True)
class Drawn:
    """A route to draw, with the flow it belongs to if there is one.

    Parameters
    ----------
    key : str
        Unique id on the map.
    title : str
    route : Route
        The way drawn: the reported one where it differs from the shortest.
    result : FlowRoute or None
    shown : bool
        Whether it is on when the map opens.
    """

    key: str
    title: str
    route: Route
    result: FlowRoute | None = None
    shown: bool = True

    @property
    def flow(self) -> Flow | None:
        """The flow, if the route belongs to one."""
        return None if self.result is None else self.result.flow

    @property
    def way(self) -> str:
        """How the way drawn relates to what was reported."""
        result = self.result
        if result is None or not result.flow.waypoints:
            return "shortest way open"
        if result.follows_report:
            return "as reported; also the shortest way open"
        net = result.route.network
        missed = ", ".join(net.label(place) for place in result.missed)
        if result.reported is None:
            return f"shortest way open; the model cannot pass {missed} as reported"
        return f"as reported by {missed}; the shortest way is {result.route.length_km:,.0f} km"

    @property
    def amount(self) -> str:
        """Tonnes and period in words; empty for a plain route."""
        flow = self.flow
        if flow is None:
            return ""
        if flow.stated_tonnes is None:
            return "tonnes not published"
        return f"{flow.stated_tonnes:,.0f} t{'' if flow.tonnes is not None else ' a year'}"


def as_drawn(
    flows: Iterable[FlowRoute | Route] | Mapping[str, FlowRoute | Route] | None,
) -> list[Drawn]:
    """Bring what a caller may give as flows into one form, in the order given.

    Raises
    ------
    ArgumentError
        If something is neither a FlowRoute nor a Route; a Flow has to be routed first.
    """
    if flows is None:
        return []
    if isinstance(flows, (Route, FlowRoute)):
        flows = [flows]
    named = flows.items() if isinstance(flows, Mapping) else (("", item) for item in flows)
    drawn: list[Drawn] = []
    taken = style.layer_ids()
    for name, item in named:
        if isinstance(item, FlowRoute):
            route = item.route if item.reported is None else item.reported
            key, title, result = item.flow.flow_id, item.flow.title, item
        elif isinstance(item, Route):
            title = name or f"{item.origin} → {item.destination}"
            key, route, result = name or "route", item, None
        else:
            msg = f"flows: {item!r} is no FlowRoute or Route; route a flow first: flow.route(net)"
            raise ArgumentError(msg)
        unique = next(k for k in _numbered(clean(key)) if k not in taken)
        taken.add(unique)
        drawn.append(Drawn(unique, clean(title), route, result))
    return drawn


def shown_first(drawn: list[Drawn], shown: Sequence[str] | None) -> list[Drawn]:
    """Routes to show at once first, in the order named; the others switched off.

    Raises
    ------
    ArgumentError
        If an id is not among the flows.
    """
    if shown is None:
        return drawn
    by_key = {item.key: item for item in drawn}
    unknown = [key for key in shown if key not in by_key]
    if unknown:
        msg = f"shown: {unknown[0]!r} is not among the flows drawn: {', '.join(by_key) or 'none'}"
        raise ArgumentError(msg)
    others = [replace(item, shown=False) for item in drawn if item.key not in shown]
    return [by_key[key] for key in dict.fromkeys(shown)] + others


def _numbered(key: str) -> Iterator[str]:
    yield key
    number = 2
    while True:
        yield f"{key}-{number}"
        number += 1


def flow_layers(
    drawing: Drawing, drawn: Sequence[Drawn], single: Route | None = None
) -> list[dict[str, Any]]:
    """One layer a route: stroke, links (row + 1, negative against the link's direction), facts.

    A route that a map is about (``single``) is drawn broad, with the places it passes.
    """
    rows = drawing.link_row
    starts = dict(zip(drawing.links["link_id"], drawing.links["from_place"], strict=True))
    layers = []
    for number, item in enumerate(drawn):
        route, flow = item.route, item.flow
        steps = [
            (1 + rows[link]) * (1 if starts[link] == place else -1)
            for link, place in zip(route.link_ids, route.place_ids, strict=False)
        ]
        observed = flow is None or flow.evidence == "observed"
        layers.append(
            {
                "id": item.key,
                "title": item.title,
                **style.flow_stroke(number, observed=observed),
                "tonnes": flow and flow.stated_tonnes,
                "steps": steps,
                "shown": item.shown,
                "detail": " · ".join(filter(None, [item.amount, f"{route.length_km:,.0f} km"])),
                "facts": _facts(item),
                "sources": list(flow.sources) if flow else [],
                "ends": [drawing.place_row[p] for p in (route.place_ids[0], route.place_ids[-1])],
            }
        )
        if single is not None:
            layers[-1] |= {"width": style.ROUTE_WIDTH, "stops": True}
    return layers


def stretches(route: Route) -> list[pd.DataFrame]:
    """Legs of a route, those of one line in one country, mode, gauge and state together."""
    table = route.legs.drop(columns="geometry")
    keys = table[["line_id", "country", "mode", "gauge_mm", "state"]].fillna("")
    number = (keys != keys.shift()).any(axis=1).cumsum()
    return [part for _, part in table.groupby(number, sort=True)]


def legs(drawing: Drawing, route: Route) -> list[dict[str, Any]]:
    """A route line by line, for the legend: from and to, line and length, rows of its links."""
    found = []
    for part in stretches(route):
        first = part.iloc[0]
        gauge = f"{first['gauge_mm']} mm" if first["gauge_mm"] else ""
        words = [
            first["line"], style.MODE_WORDS.get(first["mode"], first["mode"]), gauge,
            COUNTRY_NAMES.get(first["country"], first["country"]),
            f"{part['length_km'].sum():,.0f} km",
        ]  # fmt: skip
        found.append(
            {
                "title": clean(f"{first['from']} → {part.iloc[-1]['to']}"),
                "detail": clean(
                    " · ".join(word for word in words if isinstance(word, str) and word)
                ),
                "links": [drawing.link_row[link] for link in part["link_id"]],
            }
        )
    return found


def _facts(item: Drawn) -> list[list[str]]:
    route, flow = item.route, item.flow
    facts = [["From – to", f"{route.origin} → {route.destination}"]]
    if flow is not None:
        facts += [
            ["Commodity", flow.commodity],
            ["Amount", f"{item.amount} ({flow.period})"],
            ["Evidence", f"{flow.evidence}, confidence {flow.confidence}"],
        ]
    facts += [
        ["Length", f"{route.length_km:,.1f} km"],
        ["By country", by_country(route)],
        ["Borders", ", ".join(border.name for border in route.borders) or "none"],
        ["Gauge breaks", gauge_breaks(route)],
        ["Way drawn", item.way],
        ["Routed on", route.as_of.isoformat()],
    ]
    if flow is not None and flow.note:
        facts.append(["Note", flow.note])
    return [[name, clean(text)] for name, text in facts]


def by_country(route: Route) -> str:
    """Kilometres in each country, in words."""
    return ", ".join(
        f"{COUNTRY_NAMES.get(code, code)} {km:,.0f} km" for code, km in route.by_country.items()
    )


def gauge_breaks(route: Route) -> str:
    """Changes of gauge, in words."""
    named = [f"{g.name} ({g.from_gauge_mm} → {g.to_gauge_mm} mm)" for g in route.gauge_breaks]
    return ", ".join(named) or "none"


def marks(drawing: Drawing, route: Route) -> list[dict[str, Any]]:
    """What a map of one route points out: its ends, borders and gauge breaks, in order."""
    row = drawing.place_row
    found = [{"row": row[border.place_id], "kind": "border"} for border in route.borders]
    found += [{"row": row[change.place_id], "kind": "gauge"} for change in route.gauge_breaks]
    ends = route.place_ids
    return [
        *found,
        {"row": row[ends[0]], "kind": "origin"},
        {"row": row[ends[-1]], "kind": "destination"},
    ]
