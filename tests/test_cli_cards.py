"""The commands about scenario cards."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from corridors.cli.app import app
from corridors.errors import ScenarioError


def run(*args, code=0):
    done = CliRunner().invoke(app, list(args))
    assert done.exit_code == code, done.output
    return done.output


def test_list_show_and_schema(tmp_path):
    assert "tripp-open" in run("scenarios")
    rows = json.loads(run("scenarios", "--json"))
    assert {"name", "title", "question", "as_of"} <= set(rows[0])
    told = run("scenarios", "show", "georgia-92-usd")
    assert "Claim: $92 a tonne" in told
    assert "1. Set the tariff for" in told
    assert "scenario,number,action" in run("scenarios", "show", "tripp-open", "--csv")
    card = json.loads(run("scenarios", "show", "tripp-open", "--json"))["cards"][0]
    assert card["name"] == "tripp-open"
    assert json.loads(run("scenarios", "schema"))["title"] == "Scenario card"
    run("scenarios", "schema", "-o", str(tmp_path / "s.json"))
    assert json.loads((tmp_path / "s.json").read_text())["$defs"]


def test_check(tmp_path):
    assert "1 cards are sound" in run("scenarios", "check", "btk-17-mt")
    wrong = tmp_path / "mine.yaml"
    wrong.write_text(
        "name: mine\ntitle: Mine\nchanges:\n- close: samur-border\nshows:\n"
        "- {from: Baku, to: Poti, modes: rail, after: {length_km: 100}}\n"
    )
    assert "are not as stated" in run("scenarios", "check", str(wrong), code=1)
    wrong.write_text("name: mine\ntitle: Mine\nchanges:\n- closes: samur-border\n")
    done = CliRunner().invoke(app, ["scenarios", "check", str(wrong)])
    assert isinstance(done.exception, ScenarioError)
    assert "mine.yaml, line 4" in str(done.exception)


def test_diff_and_the_option():
    told = run("diff", "rasht-astara")
    assert "rasht--astara" in told.replace("ir-1435", "")
    assert "cells differ on 2026-06-01" in told
    rows = json.loads(run("diff", "rasht-astara", "tripp-open", "--json"))
    assert {row["table"] for row in rows} == {"crossings", "links", "states"}
    ask = ["route", "Baku", "Nakhchivan", "-m", "rail", "--json"]
    assert json.loads(run(*ask, "--scenario", "tripp-open"))["length_km"] == pytest.approx(538)
    both = ["--scenario", "tripp-open", "--scenario", "samur-closed", "--json"]
    rows = json.loads(run("links", "samur-border", *both) + "")
    assert {row["state"] for row in rows} == {"open"}  # the crossing closes, not the line
    rows = json.loads(run("links", "meghri-railway", *both))
    assert {row["state"] for row in rows} == {"open"}
