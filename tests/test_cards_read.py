"""Cards as text: what is read, what is refused, and where it says that the fault is."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

import corridors as co
from corridors.cards.read import MAX_BYTES, read_file, read_text
from corridors.cards.scenario import Scenario
from corridors.cards.schema import Card, json_schema
from corridors.tables import data_folder

HEAD = "name: x\ntitle: X\n"
CARDS = sorted((data_folder() / "scenarios").glob("*.yaml"))


def scenario(text: str) -> Scenario:
    return Scenario.from_document(read_text(text, "x.yaml"))


def test_words_mean_what_they_mean_in_yaml_1_2():
    text = "on: 2028-01-01\nno: off\nk: [1, -2.5, 1e3, 0x10, 010, true, ~, 'true', \"1\", 1:30]"
    assert read_text(text, "x").content == {
        "on": "2028-01-01",
        "no": "off",
        "k": [1, -2.5, 1000.0, "0x10", 10, True, None, "true", "1", "1:30"],
    }


LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected 'key: value' lines"),
        ("- open: tripp", "expected 'key: value' lines"),
        ("just words", "expected 'key: value' lines"),
        ("a: 1\nb: 2\na: 3", "line 3: key 'a' is given twice"),
        ("a:\n  b: 1\n  b: 2", "line 3: key 'b' is given twice"),
        (LAUGHS, "line 1: anchors and aliases"),
        ("a: {b: 1, c: *d}", "line 1: anchors and aliases"),
        ("<<: *d\na: 1", "line 1: anchors and aliases"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]", "line 2: tags"),
        ("a: !include other.yaml", "line 1: tags"),
        ("a: !!set {b}", "line 1: tags"),
        ("a: 1\n---\nb: 2", "line 2: a second document"),
        ("a: " + "[" * 3000 + "]" * 3000, "nested more than 20 deep"),
        ("a: " + "{a: " * 3000, "nested more than 20 deep"),
        ("a: [1", "broken YAML"),
        ("a: \x07", "broken YAML"),
        ("? [1, 2]\n: 3", "a key must be a word"),
        ("a: .inf", "number .inf"),
        ("a: 1e999", "number 1e999"),
        ("a: " + "9" * 5000, "number of 5000 characters"),
    ],
)
def test_what_plain_yaml_does_not_need_is_refused(text, message):
    with pytest.raises(co.ScenarioError, match=r"x\.yaml") as caught:
        read_text(text, "x.yaml")
    assert message in str(caught.value)


def test_files_that_are_no_cards(tmp_path):
    for name, content, message in (
        ("big", b"a: " + b"x" * MAX_BYTES, "more than 1,000,000 bytes"),
        ("latin", "title: Kürdəmir".encode("utf-16"), "is not UTF-8"),
        ("binary", bytes(range(256)), "is not UTF-8"),
    ):
        path = tmp_path / f"{name}.yaml"
        path.write_bytes(content)
        with pytest.raises(co.ScenarioError, match=message):
            co.scenario(path)
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(co.ScenarioError, match="cannot be read"):
            read_file(path)
    with pytest.raises(co.ScenarioError, match="more than 1,000,000 bytes"):
        read_file(Path("/dev/zero"))


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        ("chnges:\n- open: tripp", 3, "chnges: is unknown; did you mean 'changes'?"),
        ("changes:\n- open: tripp\n  exsting: {}", 5, "is unknown; did you mean 'existing'?"),
        ("changes:\n- close: {contry: GE}", 4, "contry: is unknown; did you mean 'country'?"),
        ("changes:\n- close: {}", 4, "select something"),
        ("changes:\n- closes: a", 4, "a change has one action, one of: open, close"),
        ("changes:\n- open: a\n  close: a", 4, "a change has one action"),
        ("changes:\n- open: a\n  on: 2028-13-01", 5, "is not a date"),
        ("changes:\n- open: a\n  on: 20280101", 5, "is not a date"),
        ("changes:\n- open: a\n  on: 1970-01-01", 5, "outside the years covered"),
        ("changes:\n- open: a\n  on: 2028-01-01\n  until: 2027-01-01", 4, "is not after on"),
        ("changes:\n- parameter: a\n  value: [3, 2, 1]", 5, "not in order"),
        ("changes:\n- parameter: a\n  value: dear", 5, "give a number"),
        (
            "changes:\n- parameter: a\n  value: {low: 1, medium: 2, high: 3}",
            5,
            "medium: is unknown",
        ),
        ("changes:\n- parameter: a", 4, "give one of value, factor"),
        ("changes:\n- capacity: a\n  factor: -1", 5, "greater than or equal to 0"),
        ("changes:\n- set: a\n  to: {gauge_mm: 15.2}", 5, "changes 1, to.gauge_mm"),
        ("changes:\n- set: a\n  to: {gauge_mm: 1520}\n  on: 2028-01-01", 4, "takes no dates"),
        ("changes:\n- impose: {id: r}", 4, "title: is required"),
        ("changes:\n- tariff: {country: GE}\n  usd_per_t: 3", 4, "give from, to and country"),
        ("changes: []", 1, "a card needs changes"),
        ("changes: tripp", 3, "changes"),
        ("as_of: yesterday\nchanges:\n- open: a", 3, "as_of: 'yesterday' is not a date"),
        ("sources: [Not A Slug]\nchanges:\n- open: a", 3, "sources 1"),
    ],
)
def test_an_error_names_the_line_and_the_key(lines, line, message):
    with pytest.raises(co.ScenarioError) as caught:
        scenario(HEAD + lines)
    text = str(caught.value)
    assert text.startswith(f"x.yaml, line {line}")
    assert message in text


PLAIN = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20),
    lambda inner: (
        some.lists(inner, max_size=4)
        | some.dictionaries(some.sampled_from([*Card.model_fields, "open", "on", "x"]), inner)
    ),
    max_leaves=12,
)


@given(text=some.text(max_size=300))
def test_any_text_is_a_card_or_a_scenario_error(text):
    with suppress(co.ScenarioError):
        scenario(text)


@given(changes=some.lists(PLAIN, max_size=3), rest=PLAIN)
def test_any_values_are_a_card_or_a_scenario_error(changes, rest):
    with suppress(co.ScenarioError):
        Scenario("x", changes=changes, claims=rest, shows=rest, sources=rest)


ACTIONS = ["open", "close", "tariff", "dwell", "parameter", "impose", "lift", "set", "scale_flow"]


@given(
    action=some.sampled_from(ACTIONS),
    subject=PLAIN,
    fields=some.dictionaries(some.sampled_from(["on", "until", "value", "to", "hours"]), PLAIN),
)
def test_any_change_is_a_change_or_a_scenario_error(action, subject, fields):
    text = yaml.safe_dump({"name": "x", "title": "X", "changes": [{action: subject, **fields}]})
    with suppress(co.ScenarioError):
        scenario(text)


WORDS = some.text(some.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
DAYS = some.dates(dt.date(1988, 1, 1), dt.date(2049, 12, 31))
NUMBERS = some.floats(0, 1e6)


@some.composite
def cards(draw: some.DrawFn) -> Scenario:
    made = Scenario(
        "card", title=draw(WORDS), question=draw(some.none() | WORDS), as_of=draw(DAYS),
        assumptions=draw(some.lists(WORDS, max_size=2)),
    )  # fmt: skip
    for _ in range(draw(some.integers(0, 4))):
        words = draw(some.lists(WORDS, min_size=1, max_size=3))
        on = draw(some.none() | DAYS)
        made = draw(
            some.sampled_from(
                [
                    lambda m, w=words, o=on: m.open(*w, on=o),
                    lambda m, w=words, o=on: m.close(country=w, mode="rail", on=o),
                    lambda m, w=words: m.parameter(w, [1, 2.5, 3]),
                    lambda m, w=words: m.capacity(*w, factor=0.5, existing={"links": 2}),
                    lambda m, w=words: m.set(*w, to={"gauge_mm": 1435, "speed_km_h": 60}),
                    lambda m, w=words: m.dwell(
                        border=w[0], hours={"low": 1, "central": 2, "high": 2}
                    ),
                    lambda m, w=words: m.lift(*w, note=w[0]),
                    lambda m, w=words: m.impose({"id": "r", "title": w[0], "borders": w}),
                    lambda m, w=words, o=on: m.scale_flow(*w, tonnes_per_year=1e6, on=o),
                ]
            )
        )(made)
    return made


@given(card=cards())
def test_a_card_that_is_written_is_read_as_the_same(card):
    text = card.to_yaml()
    if card.changes:
        assert scenario(text) == card
    assert yaml.safe_load(text) is not None  # and any other reader finds it in order
    json.dumps(card.to_dict(), allow_nan=False)
    assert len(card.table) == len(card.changes)
    assert card.explain()


# -- the JSON Schema -------------------------------------------------------------------------------


def test_the_json_schema_is_the_one_in_the_data_folder():
    kept = (data_folder() / "scenario.schema.json").read_text(encoding="utf-8")
    assert kept == json_schema(), "run: corridors scenarios schema -o data/scenario.schema.json"


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_editors_find_the_schema_and_shipped_cards_fit_it(path):
    jsonschema = pytest.importorskip("jsonschema")
    text = path.read_text(encoding="utf-8")
    first = text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    schema = json.loads((path.parent / first).read_text(encoding="utf-8"))
    content = read_text(text, path.name).content
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(content)
    for wrong in (
        {**content, "chnges": []},
        {**content, "changes": [{"open": "a", "onn": "2028-01-01"}]},
        {**content, "changes": [{"opens": "a"}]},
        {**content, "changes": [{"open": {"contry": "GE"}}]},
        {**content, "as_of": 5},
    ):
        assert not validator.is_valid(wrong)


def test_every_figure_of_the_schema_says_its_unit():
    defs = json.loads(json_schema())["$defs"]
    units = ("km", "USD", "t a year", "hours", "links", "places", "things", "times", "degrees",
             "tracks", "own unit", "tonnes", "changes of gauge")  # fmt: skip
    for model, schema in defs.items():
        for name, field in schema.get("properties", {}).items():
            if '"number"' in json.dumps(field):
                said = field.get("description", "")
                assert any(unit in said for unit in units), f"{model}.{name}: {said!r}"
