"""Cuts, worst closures, resilience and audits on the command line."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.test_cli import good, run

DAY = ["--as-of", "2026-06-01"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["cut", "Armenia", "black-sea-ports", "-m", "rail", *DAY], "closing 1 link"),
        (["interdict", "-k", "1", "--of", "crossings", *DAY], "Boyuk Kesik"),
        (["resilience", "-n", "2", "--of", "crossings", *DAY], "after 2, Yalama"),
        (["audit", "masis--noragavit", *DAY], "+0.3 km"),
    ],
)
def test_three_formats(arguments, told):
    assert told in good(*arguments)
    assert json.loads(good(*arguments, "--json"))
    assert list(csv.DictReader(io.StringIO(good(*arguments, "--csv"))))
    assert run(*arguments, "--csv", "--json").returncode == 2


def test_groups_joined_by_a_plus_and_pictures(tmp_path):
    page, picture = tmp_path / "cut.html", tmp_path / "cut.svg"
    ask = ["cut", "AM", "poti-port+batumi-port", "-m", "rail", *DAY]
    text = good(*ask, "--map", str(page), "--chart", str(picture))
    assert "Poti Port and Batumi Port" in text
    assert "Sadakhlo" in page.read_text()
    assert picture.read_text().startswith("<?xml")


def test_a_closure_with_a_way_round_is_noted_once_on_standard_error():
    ask = ["route", "Masis", "Noragavit", "-m", "rail", *DAY]
    found = run(*ask, "--close", "masis--noragavit", "--json")
    assert found.returncode == 0
    assert json.loads(found.stdout)["length_km"] == pytest.approx(8.3)
    assert found.stderr.count("leaves a way round: Masis–Noragavit +0.3 km") == 1
    # Nothing leads past this one, and nothing is said.
    other = run(*ask, "--close", "sadakhlo-ayrum-rail-border")
    assert other.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["cut", "AM", "Yerevan"], "overlap"),
        (["cut", "AM", "GE", "--by", "capacity", "--of", "crossings"], "capacities are those"),
        (["interdict", "-k", "0"], "k=0"),
        (["interdict", "--flow", "narnia"], "narnia"),
        (["resilience", "-n", "0"], "n=0"),
        (["audit", "narnia"], "narnia"),
        (["audit", "GE", "--within-km", "-1"], "within_km"),
    ],
)
def test_wrong_input_is_one_line(arguments, told):
    found = run(*arguments)
    assert found.returncode == 2
    assert told in found.stderr
    assert len(found.stderr.strip().splitlines()) == 1
