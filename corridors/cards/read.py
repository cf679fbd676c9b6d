"""Safe YAML with line numbers: plain values only, every key with the line that it stands on.

A card is text that strangers may send. So there are no tags (they could name code), no anchors
and aliases (they could expand without end), no key twice, no deep nesting and no big files; and
words are read as in YAML 1.2, where ``on``, ``no`` and ``2028-01-01`` are text.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from corridors.errors import ScenarioError

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
_LONGEST_NUMBER = 60

At: TypeAlias = tuple[str | int, ...]
"""Keys and list positions that lead to a value."""

# What plain words mean in YAML 1.2 (its core schema); all else is text.
NULL = re.compile(r"(?:~|null|Null|NULL|)\Z")
BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z")
INT = re.compile(r"[-+]?[0-9]+\Z")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
NOT_FINITE = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")


@dataclass(frozen=True)
class Document:
    """What a file says, and on which line it says it.

    Parameters
    ----------
    name : str
        Of the file, for messages.
    content : dict
    lines : mapping of path to int
        Line of each key and each entry of a list, from 1.
    """

    name: str
    content: dict[str, Any]
    lines: dict[At, int] = field(default_factory=dict)

    def where(self, at: At) -> str:
        """File and line of a value, or of the nearest thing that holds it."""
        for length in range(len(at), -1, -1):
            if at[:length] in self.lines:
                return f"{self.name}, line {self.lines[at[:length]]}"
        return self.name


def read_file(path: Path) -> Document:
    """Read a YAML file that holds one mapping.

    Raises
    ------
    ScenarioError
        If it cannot be read, is no UTF-8 text, is too big, or is not plain YAML.
    """
    try:
        # Never more than is allowed, however big or endless the file is.
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ScenarioError(f"{path}: cannot be read: {reason}") from None
    if len(raw) > MAX_BYTES:
        raise ScenarioError(f"{path}: more than {MAX_BYTES:,} bytes; a card is a page or two")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path}: is not UTF-8 text: {error}") from None
    return read_text(text, str(path))


def read_text(text: str, name: str) -> Document:
    """Read YAML text that holds one mapping; see :func:`read_file`."""
    if len(text) > MAX_BYTES:
        raise ScenarioError(f"{name}: more than {MAX_BYTES:,} characters; a card is a page or two")
    try:
        _only_plain(text, name)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}, line {mark.line + 1}" if mark else name
        problem = getattr(error, "problem", None) or " ".join(str(error).split())
        raise ScenarioError(f"{where}: broken YAML: {problem}") from None
    if not isinstance(node, yaml.MappingNode):
        raise ScenarioError(f"{name}: expected 'key: value' lines, such as 'title: ...'")
    lines: dict[At, int] = {}
    content = _value(node, (), name, lines)
    return Document(name, content, lines)


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _only_plain(text: str, name: str) -> None:
    """Refuse what plain data does not need, before anything is built from it."""
    depth = documents = 0
    events: Any = yaml.parse(text, Loader=_LOADER)
    for event in events:
        where = f"{name}, line {event.start_mark.line + 1}"
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ScenarioError(f"{where}: anchors and aliases (&, *) are not used in cards")
        # "!" alone stands for a quoted word in libyaml's events and names nothing.
        if getattr(event, "tag", None) not in {None, "!"}:
            raise ScenarioError(f"{where}: tags ({event.tag}) are not used in cards")
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise ScenarioError(f"{where}: a second document begins; a file holds one card")
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise ScenarioError(f"{where}: nested more than {MAX_DEPTH} deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _value(node: yaml.Node, at: At, name: str, lines: dict[At, int]) -> Any:
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, name)
    if isinstance(node, yaml.SequenceNode):
        return [_value(one, (*at, place), name, lines) for place, one in enumerate(node.value)]
    content: dict[str, Any] = {}
    pairs: Any = node.value
    for key, value in pairs:
        where = f"{name}, line {key.start_mark.line + 1}"
        if not isinstance(key, yaml.ScalarNode):
            raise ScenarioError(f"{where}: a key must be a word")
        if key.value in content:
            raise ScenarioError(f"{where}: key {key.value!r} is given twice")
        lines[*at, key.value] = key.start_mark.line + 1
        content[key.value] = _value(value, (*at, key.value), name, lines)
    return content


def _scalar(node: yaml.ScalarNode, name: str) -> Any:
    text: str = node.value
    if node.style:  # quoted, or a block of text
        return text
    if NULL.match(text):
        return None
    if BOOL.match(text):
        return text.lower() == "true"
    where = f"{name}, line {node.start_mark.line + 1}"
    if not (FLOAT.match(text) or NOT_FINITE.match(text)):
        return text
    if NOT_FINITE.match(text) or len(text) > _LONGEST_NUMBER or math.isinf(float(text)):
        shown = text if len(text) <= _LONGEST_NUMBER else f"of {len(text)} characters"
        raise ScenarioError(f"{where}: the number {shown} is none that a card can use")
    return int(text) if INT.match(text) else float(text)
