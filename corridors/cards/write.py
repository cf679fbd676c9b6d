"""A card as YAML that is read back as the same card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from corridors.cards import read

if TYPE_CHECKING:
    from corridors.cards.schema import Card

SCHEMA_LINE = "# yaml-language-server: $schema=../scenario.schema.json\n"
_WIDTH = 110


class _Dumper(yaml.SafeDumper):
    """Quotes what YAML 1.2 would not read as text, and nothing else: no 'on': for on:."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  (the base class has it so)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  (cards have no anchors)
        return True


for _kind, _words in (
    ("null", read.NULL),
    ("bool", read.BOOL),
    ("int", read.INT),
    ("float", read.FLOAT),
    ("float", read.NOT_FINITE),
):
    _Dumper.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", _words, None)


def to_yaml(card: Card) -> str:
    """A card as YAML, with the line by which editors find its schema."""
    data = card.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for number, change in enumerate(data.get("changes", ())):
        action = card.changes[number].action
        data["changes"][number] = {action: change.pop(action), **change}
    return SCHEMA_LINE + yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH
    )
