"""The data dictionary, the sources, the parameters of the cost model and the access rules."""

from __future__ import annotations

import inspect

from corridors.dictionary import TABLES, data_dictionary
from corridors.schema import RuleRow
from corridors.words import listed
from generator.markdown import escape, link, number, page, table
from generator.world import known_sources, network


def pages() -> dict[str, str]:
    """Name and text of each page."""
    return {
        "data/dictionary.md": _dictionary(),
        "data/parameters.md": _parameters(),
        "data/rules.md": _rules(),
        "data/sources.md": _sources(),
    }


def _dictionary() -> str:
    head = (
        "One table a section, one row a column; made from the schema in `corridors/schema.py` and "
        "`corridors/costs/parameter_schema.py`. A column in bold must be given. In CSV files "
        "lists are written `a|b` and an empty cell is an absent value.\n"
    )
    parts = [head]
    for name, columns in data_dictionary().groupby("table", sort=False):
        text = inspect.getdoc(TABLES[str(name)]) or ""
        rows = [
            (
                f"**`{row['column']}`**" if row["required"] else f"`{row['column']}`",
                escape(row["holds"]), escape(row["unit"]), escape(row["meaning"]),
            )
            for row in columns.to_dict("records")
        ]  # fmt: skip
        parts += [
            f"## {escape(name)}\n",
            f"{escape(text).replace(2 * chr(92) + '`', '`')}\n",
            table(["column", "holds", "unit", "meaning"], rows),
        ]
    return page("Data dictionary", *parts)


def _parameters() -> str:
    known = known_sources()
    head = (
        "The numbers that hours and dollars are made from. *Assumption* means that nobody "
        "published the number and we chose it; everything else names its source, and which of its "
        "values are *ours* all the same. "
        "`net.with_parameters({...})` changes them.\n"
    )
    parts = [head]
    frame = network().parameters
    for kind, group in frame.groupby("kind", sort=True):
        rows = [
            (
                f"`{row['parameter_id']}`", f"{row['low']:g}", f"{row['central']:g}",
                f"{row['high']:g}", escape(row["unit"]),
                _source(known, row["source"]) + _ours(row["ours"]),
            )
            for row in group.to_dict("records")
        ]  # fmt: skip
        parts += [
            f"## {escape(str(kind).replace('_', ' ').capitalize())}\n",
            table(["parameter", "low", "central", "high", "unit", "source"], rows, right=[1, 2, 3]),
        ]
    return page("Parameters of the cost model", *parts)


def _source(known: dict[str, dict[str, str]], name: object) -> str:
    if not isinstance(name, str):
        return "*assumption*"
    return link(known[name]["publisher"], known[name]["url"])


def _ours(values: tuple[str, ...]) -> str:
    return f" (*{listed(values)}: ours*)" if values else ""


def _rules() -> str:
    known = known_sources()
    rows = [_rule(rule, known) for rule in sorted(network().rules, key=lambda r: r.valid_from)]
    return page(
        "Access rules",
        "Who may not use what is open, and since when. Only a rule that forbids closes anything; "
        "what was allowed, charged or claimed is recorded beside it. "
        '`net.with_open("rule-id")` lifts a rule.\n',
        table(["from", "to", "effect", "rule", "confidence", "sources"], rows),
    )


def _rule(rule: RuleRow, known: dict[str, dict[str, str]]) -> tuple[str, ...]:
    cited = ", ".join(link(known[name]["publisher"], known[name]["url"]) for name in rule.sources)
    what = f"{escape(rule.title)} (`{rule.rule_id}`)"
    end = str(rule.valid_to or "")
    return str(rule.valid_from), end, rule.effect, what, rule.confidence, cited


def _sources() -> str:
    rows = [
        (
            link(row["title"], row["url"] or None), escape(row["publisher"]), escape(row["date"]),
            escape(row["licence"]), f"`{row['source_id']}`",
        )
        for row in sorted(known_sources().values(), key=lambda row: row["title"].casefold())
    ]  # fmt: skip
    return page(
        "Sources",
        f"The {number(len(rows))} sources that the data cites, by title.\n",
        table(["title", "publisher", "date", "licence", "id"], rows),
    )
