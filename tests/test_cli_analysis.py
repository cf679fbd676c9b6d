from __future__ import annotations

import csv
import io
import json

import pytest

from tests.test_cli import good, run

DAY = ["--as-of", "2026-06-01"]
WHEAT = ["Kostanay", "Yerevan", "--commodity", "wheat", "-m", "rail", "-m", "ferry"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["alternatives", *WHEAT], "Yalama–Samur rail border instead of Alat port"),
        (["pareto", "Aktau", "Yerevan", "-c", "length", "-c", "borders"], "2 routes"),
        (["skim", "--from", "Baku", "--to", "Yerevan", "--weight", "hours"], "hours"),
        (["reach", "Tbilisi", "--km", "30"], "Rustavi"),
        (["assign", "--method", "capacity"], "links used"),
    ],
)
def test_three_formats(arguments, told):
    assert told in good(*arguments, *DAY)
    assert json.loads(good(*arguments, *DAY, "--json"))
    assert list(csv.DictReader(io.StringIO(good(*arguments, *DAY, "--csv"))))
    assert run(*arguments, *DAY, "--csv", "--json").returncode == 2


def test_flows_of_ones_own(tmp_path):
    file = tmp_path / "flows.csv"
    file.write_text("origin,destination,tonnes\nTbilisi,Kars,7000000\n")
    ask = ["assign", "--flows", str(file), "--method", "capacity", *DAY, "--json"]
    answer = json.loads(good(*ask))
    assert answer["flows"][0]["tonnes"] == 7e6
    closed = json.loads(good(*ask, "--close", "akhalkalaki-kartsakhi"))
    assert closed["flows"][0]["cost"] >= answer["flows"][0]["cost"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["alternatives", "Baku", "Poti", "-k", "0"], "k=0"),
        (["pareto", "Baku", "Poti", "-c", "beauty"], "criteria=['beauty']"),
        (["skim", "--from", "Yalma"], "did you mean Yalama"),
        (["reach", "Baku"], "give one of km, hours, usd_per_t"),
        (["assign", "--flows", "/nowhere.csv"], "--flows /nowhere.csv"),
    ],
)
def test_an_error_is_one_clear_line(arguments, told):
    done = run(*arguments, *DAY)
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
