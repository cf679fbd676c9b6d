"""``corridors osm fetch``."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import corridors as co
from corridors.cli.app import app
from tests.overpass_server import Answer, OverpassServer

FILE = Path(__file__).parent / "data" / "overpass_today.osm"


@pytest.fixture(scope="module")
def server():
    with OverpassServer(FILE) as running:
        yield running


def run(server, tmp_path, *words):
    words = [
        "osm", "fetch", "--bbox", "43.3,41,43.8,41.5", "--endpoint", server.endpoint,
        "--cache", str(tmp_path / "cache"), *words,
    ]  # fmt: skip
    return CliRunner().invoke(app, words)


def test_fetch_saves_a_network(server, tmp_path):
    target = tmp_path / "net.gpkg"
    result = run(server, tmp_path, "-m", "rail", "-o", str(target))
    assert result.exit_code == 0, result.output
    assert f"saved: {target}" in result.stdout
    assert "rail links, under_construction" in result.stdout
    net = co.open(target)
    assert set(net.links["mode"]) <= {"rail", "gauge_change"}
    again = run(server, tmp_path, "-m", "rail", "-o", str(tmp_path / "b.gpkg"), "--offline")
    assert again.exit_code == 0
    assert len(co.open(tmp_path / "b.gpkg").links) == len(net.links)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["-o", "net.txt"], "must end in .gpkg or .parquet"),
        (["-o", "net.gpkg", "--bbox", "1,2,3"], "WEST,SOUTH,EAST,NORTH"),
        (["-o", "net.gpkg", "--date", "someday"], "not a date"),
    ],
)
def test_wrong_words_are_named(server, tmp_path, words, says):
    result = run(server, tmp_path, *words)
    assert isinstance(result.exception, co.ArgumentError)
    assert says in str(result.exception)


def test_a_busy_server_leaves_no_file(server, tmp_path):
    server.script.append(Answer(429, retry_after="100"))
    target = tmp_path / "net.gpkg"
    result = run(server, tmp_path, "-o", str(target), "--max-wait", "1")
    assert isinstance(result.exception, co.OverpassError)
    assert not target.exists()
