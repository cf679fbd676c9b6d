"""Every public thing says what it answers, what it takes and gives, and shows an example."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "docs"))

from generator import public_api

FUNCTIONS = public_api.functions()
CLASSES = [public_api.network(), *public_api.classes()]
MEMBERS = [member for thing in CLASSES for member in public_api.members(thing)]
METHODS = [member for member in MEMBERS if callable(member.value)]
QUESTIONS = [
    member
    for member in public_api.members(public_api.network())
    if member.name.split(".")[-1] in public_api.questions()
]
SECTION = re.compile(r"^(.+)\n-+$", re.MULTILINE)


def named(things):
    return [pytest.param(thing, id=thing.name) for thing in things]


def sections(thing):
    return set(SECTION.findall(thing.doc))


def section(thing, name):
    """Text of one section."""
    text = thing.doc.partition(f"{name}\n{'-' * len(name)}\n")[2]
    return SECTION.split(text)[0]


@pytest.mark.parametrize("thing", named([*FUNCTIONS, *CLASSES, *MEMBERS, *public_api.errors()]))
def test_says_what_it_is(thing):
    first = thing.doc.split("\n\n")[0].strip()
    assert first.endswith((".", "::", "?")), first
    assert len(first) > 10


@pytest.mark.parametrize("thing", named([*FUNCTIONS, *METHODS]))
def test_documents_what_it_takes(thing):
    wanted = set(thing.parameters)
    if not wanted or re.search(r"as for :|; see |See :", thing.doc):
        return
    lines = re.findall(r"^(\S.*?)(?: :|$)", section(thing, "Parameters"), re.MULTILINE)
    told = {name.strip("* ") for line in lines for name in line.split(",")}
    assert wanted <= told, wanted - told


@pytest.mark.parametrize("thing", named([*FUNCTIONS, *QUESTIONS]))
def test_documents_what_it_gives(thing):
    assert "Returns" in sections(thing) or thing.returns in {"", "None"}


@pytest.mark.parametrize("thing", named([*FUNCTIONS, *QUESTIONS]))
def test_shows_an_example(thing):
    example = section(thing, "Examples")
    assert ">>> " in example or "::" in example


@pytest.mark.parametrize("thing", named([*FUNCTIONS, *METHODS]))
def test_errors_it_raises_are_told(thing):
    """What a function raises in its own body, it names."""
    code = inspect.getsource(inspect.unwrap(getattr(thing.value, "__func__", thing.value)))
    raised = set(re.findall(r"raise (\w+Error|NoRoute)\(", code))
    assert raised <= set(re.findall(r"\w+", section(thing, "Raises")))


@pytest.mark.parametrize("thing", named(public_api.classes()))
def test_fields_of_a_result_are_told(thing):
    fields = getattr(thing.value, "__dataclass_fields__", {})
    for name in fields:
        if not name.startswith("_"):
            assert re.search(rf"\b{name}\b", thing.doc + inspect.getsource(thing.value)), name
