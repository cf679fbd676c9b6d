"""A page for each scenario card: what it changes, and what that does to the flows."""

from __future__ import annotations

import datetime as dt

import corridors as co
from corridors.cards.scenario import Scenario
from corridors.comparison import words
from corridors.files import data_folder
from corridors.network import Network
from generator.markdown import bullets, escape, fence, number, page, sources, table
from generator.world import known_sources, network

LONG, MOST_ROWS = 120, 40


def pages() -> dict[str, str]:
    """Name and text of each page."""
    cards = co.scenarios()
    days: dict[dt.date, list[Scenario]] = {}
    for card in cards.values():
        days.setdefault(card.as_of or network().as_of, []).append(card)
    result = {}
    for day, together in days.items():
        compared = co.compare(network().at(day), together, progress=False)
        result |= {f"scenarios/{card.name}.md": _page(card, compared) for card in together}
    result["scenarios/index.md"] = _index(dict(cards))
    return result


def _index(cards: dict[str, Scenario]) -> str:
    rows = [
        (f"[{escape(card.title)}]({name}.md)", escape(card.question))
        for name, card in cards.items()
    ]
    names = "\n".join(cards)
    return page(
        "Scenarios",
        "A scenario card is a list of changes to the network, with sources. `co.scenario(name)` "
        "reads one, `co.compare(net, [name])` sets it beside the world as it is.\n",
        table(["scenario", "question"], rows),
        "```{toctree}\n:hidden:\n\n" + names + "\n```\n",
    )


def _page(card: Scenario, compared: co.Comparison) -> str:
    own = card.cards[0]
    net = compared.network
    return page(
        card.title,
        f"*{escape(card.question)}*\n" if card.question else "",
        f"{escape(own.note)}\n" if own.note else "",
        "What it assumes:\n\n" + bullets(own.assumptions) if own.assumptions else "",
        f"## What it does to the flows on {net.as_of}\n",
        _sentences(compared, card),
        _changes(compared, card),
        "## What it changes in the network\n",
        _differences(card, net),
        "## The card\n",
        fence(_text(card), "yaml"),
        "## Ask it yourself\n",
        fence(f'co.compare(net, ["{card.name}"]).report("{card.name}.html")', "python"),
        fence(f"corridors compare {card.name}", "sh"),
        "## Sources\n\n" + sources(card.sources, known_sources()) if card.sources else "",
    )


def _sentences(compared: co.Comparison, card: Scenario) -> str:
    case = next(case for case in compared.cases if case.name == card.name)
    return bullets(words.scenario(compared, case))


def _differences(card: Scenario, net: Network) -> str:
    """Cells that differ, equal ones of one line counted together."""
    cells = co.diff(net, card.apply(net))
    cells = cells[cells["column"] != "usable"].astype(object)
    keys = ["table", "name", "column", "before", "after"]
    cells[keys] = cells[keys].where(cells[keys].notna(), "").astype(str)
    counted = cells.groupby(keys, sort=False).size().reset_index(name="rows")
    rows = [
        [*(escape(str(row[key])[:LONG]) for key in keys), number(row["rows"])]
        for row in counted.head(MOST_ROWS).to_dict("records")
    ]
    left = len(counted) - len(rows)
    more = f"and {number(left)} more; `co.diff` lists them all.\n" if left > 0 else ""
    return table([*keys, "rows"], rows, right=[5]) + f"\n{more}"


def _changes(compared: co.Comparison, card: Scenario) -> str:
    changed = compared.changes[compared.changes["scenario"] == card.name]
    rows = [
        (
            escape(row["title"]), row["change"], number(row["length_km"]),
            number(row["d_length_km"]), number(row["d_hours"]), number(row["d_usd_per_t"], 1),
        )
        for row in changed.to_dict("records")
    ]  # fmt: skip
    head = ["flow", "change", "km", "more km", "more hours", "more USD/t"]
    return table(head, rows, right=[2, 3, 4, 5]) if rows else ""


def _text(card: Scenario) -> str:
    lines = (data_folder() / "scenarios" / f"{card.name}.yaml").read_text(encoding="utf-8")
    return "\n".join(line for line in lines.strip().splitlines() if not line.startswith("# yaml-"))
