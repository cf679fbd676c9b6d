"""The same content as the map for those who read rather than look: tables below it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.maps import style
from corridors.maps.encode import clean, html_text, web_address
from corridors.maps.routes import by_country, gauge_breaks, stretches
from corridors.words import LENGTH_KINDS

if TYPE_CHECKING:
    from corridors.maps.routes import Drawn
    from corridors.network import Network
    from corridors.routing.route import Route

_MANY = 8
"""Columns from which a table scrolls sideways on a phone rather than squeeze its cells."""
_WHOLE = 100
"""From here on numbers are shown without digits behind the point."""
Sources = dict[str, dict[str, str]]


class Markup(str):
    """A cell that is already markup of ours; any other cell is text and gets escaped."""

    __slots__ = ()


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; numbers stand to the right, all text is escaped."""
    wide = " wide" if len(head) > _MANY else ""
    lines = [
        f'<div class="table{wide}"><table><caption>{html_text(caption)}</caption><thead><tr>',
        *(f'<th scope="col">{html_text(name)}</th>' for name in head),
        "</tr></thead><tbody>",
    ]
    for row in rows:
        lines += ["<tr>", *map(_cell, row), "</tr>\n"]
    return "".join([*lines, "</tbody></table></div>\n"])


def frame_table(caption: str, frame: pd.DataFrame) -> str:
    """A DataFrame as it is, its index left out."""
    head = [str(name).replace("_", " ") for name in frame.columns]
    return table(caption, head, frame.itertuples(index=False, name=None))


def _cell(value: object) -> str:
    if isinstance(value, Markup):
        return f"<td>{value}</td>"
    shown = html_text(figure(value))
    return f'<td class="number">{shown}</td>' if _is_number(value) else f"<td>{shown}</td>"


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def figure(value: Any) -> str:
    """A number with as many digits as it deserves, anything else as plain text."""
    if not _is_number(value):
        return clean(None if value is pd.NaT or value is pd.NA else value)
    if math.isnan(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= _WHOLE else f"{value:.3g}"


def cite(names: Iterable[str], sources: Sources) -> Markup:
    """Sources by title, each a link that opens on a click where it has an address."""
    parts = []
    for name in names:
        entry = sources.get(name, {})
        text = html_text(entry.get("title", name))
        url = web_address(entry.get("url", ""))
        parts.append(
            f'<a href="{html_text(url)}" target="_blank" rel="noopener noreferrer">{text}</a>'
            if url
            else text
        )
    return Markup("; ".join(parts))


def flows_table(drawn: Sequence[Drawn], sources: Sources) -> str:
    """Flows: amount, way, kilometres, borders, gauge breaks, sources."""
    head = (
        "Flow", "From", "To", "Amount", "Evidence", "km", "By country", "Borders", "Gauge breaks",
        "Way drawn", "Sources",
    )  # fmt: skip
    rows = [
        (
            item.title,
            item.route.origin,
            item.route.destination,
            f"{item.amount} ({item.flow.period})" if item.flow else "",
            item.flow.evidence.replace("_", " ") if item.flow else "",
            item.route.length_km,
            by_country(item.route),
            ", ".join(border.name for border in item.route.borders) or "none",
            gauge_breaks(item.route),
            item.way,
            cite(item.flow.sources if item.flow else (), sources),
        )
        for item in drawn
    ]
    return table("Flows", head, rows)


def legs_table(route: Route, sources: Sources) -> str:
    """A route line by line: links of one line in one country and state are one row."""
    rows: list[tuple[object, ...]] = []
    for number, part in enumerate(stretches(route), start=1):
        first, last = part.iloc[0], part.iloc[-1]
        kinds = dict.fromkeys(LENGTH_KINDS.get(k, k) for k in part["length_kind"])
        rows.append(
            (
                number,
                f"{first['from']} → {last['to']}",
                first["line"],
                style.MODE_WORDS.get(first["mode"], first["mode"]),
                first["country"],
                first["gauge_mm"],
                style.STATE_WORDS.get(first["state"], first["state"]),
                float(part["length_km"].sum()),
                float(part["geometry_km"].sum()),
                ", ".join(kinds),
                cite(dict.fromkeys(part["length_source"]), sources),
            )
        )
    head = (
        "", "From – to", "Line", "Mode", "Country", "Gauge, mm", "State", "km, published",
        "km, drawn", "Kind of length", "Sources",
    )  # fmt: skip
    return table("Route, line by line", head, rows)


def network_table(net: Network) -> str:
    """Kilometres by mode and state."""
    rows = [
        (
            style.MODE_WORDS.get(row["mode"], row["mode"]),
            style.STATE_WORDS.get(row["state"], row["state"]),
            int(row["links"]),
            float(row["km"]),
        )
        for row in net.summary().to_dict("records")
    ]
    return table(f"Network on {net.as_of}", ("Mode", "State", "Links", "km"), rows)


def crossings_table(net: Network, sources: Sources) -> str:
    """Border crossings with their state."""
    crossings: list[dict[Any, Any]] = net.crossings.to_dict("records")
    if not crossings:
        return ""
    rows = [
        (
            row["name_en"],
            f"{row['country_a']}–{row['country_b']}",
            style.MODE_WORDS.get(row["mode"], row["mode"]),
            style.STATE_WORDS.get(row["state"], row["state"]),
            cite([row["source"]], sources),
        )
        for row in crossings
    ]
    head = ("Crossing", "Countries", "Mode", "State", "Source")
    return table(f"Border crossings on {net.as_of}", head, rows)
