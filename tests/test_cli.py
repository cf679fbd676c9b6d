from __future__ import annotations

import csv
import io
import json
import subprocess
import sys

import pytest


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "corridors", *arguments],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def good(*arguments: str) -> str:
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_route_in_words():
    text = good("route", "Yalama", "Böyük Kəsik", "--mode", "rail", "--as-of", "2026-06-01")
    assert "Yalama to Boyuk Kesik by rail on 2026-06-01: 672 km" in text


def test_route_as_json_and_csv():
    ask = ["route", "545006", "Ganja", "-m", "rail", "--as-of", "2026-06-01"]
    answer = json.loads(good(*ask, "--json"))
    rows = list(csv.DictReader(io.StringIO(good(*ask, "--csv"))))
    assert answer["length_km"] == pytest.approx(sum(float(row["length_km"]) for row in rows))
    assert answer["by_country"] == {"AZ": answer["length_km"]}


def test_weights_on_the_command_line():
    ask = ["route", "Kostanay", "Yerevan", "-m", "rail", "-m", "ferry", "--commodity", "wheat"]
    ask += ["--as-of", "2026-06-01", "--json"]
    short, quick, hasty = (
        json.loads(good(*ask, *more))
        for more in (
            [],
            ["--weight", "hours"],
            ["--weight", "generalised", "--value-of-time", "1"],
        )
    )
    assert quick["length_km"] > short["length_km"]
    assert quick["hours"] < short["hours"]
    assert hasty["value_of_time"] == 1
    assert hasty["generalised"] == pytest.approx(hasty["usd_per_t"] + hasty["hours"], abs=0.01)
    assert run(*ask, "--weight", "minutes").returncode == 2


def test_calibration():
    rows = list(csv.DictReader(io.StringIO(good("calibration", "--csv"))))
    assert {"agrees", "in range", "misses"} == {row["verdict"] for row in rows}
    assert good("calibration", "--markdown").startswith("# How right")


def test_point_via_avoid_open_and_close():
    ask = ["route", "49.85,40.38", "Nakhchivan", "-m", "rail", "--as-of", "2026-06-01", "--json"]
    with_tripp = json.loads(good(*ask, "--open", "tripp"))
    assert "meghri" in with_tripp["places"]
    assert with_tripp["snap_km"][0] > 0
    closed = run(*ask, "--open", "tripp", "--close", "meghri-railway")
    assert closed.returncode == 2
    ask = ["route", "Yalama", "Ganja", "-m", "rail", "--as-of", "2026-06-01", "--json"]
    assert "alat" in json.loads(good(*ask, "--via", "Alat"))["places"]
    assert run(*ask, "--avoid", "AZ").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["route", "Yalma", "Ganja"], "did you mean Yalama"),
        (["route", "Astara", "Ganja", "-m", "rail"], "ambiguous"),
        (["route", "Yalama", "Ganja", "--as-of", "2025-02-30"], "as_of='2025-02-30'"),
        (["route", "0,0", "Ganja"], "km from the nearest place"),
        (["route", "Yalama", "Ganja", "--commodity", "gold"], "commodity='gold' is unknown"),
        (["route", "Baku", "Nakhchivan", "-m", "rail"], "meghri"),
        (["route", "Yalama", "Ganja", "--open", "narnia"], "'narnia' is no corridor"),
        (
            ["route", "Yalama", "Ganja", "--weight", "hours", "--value-of-time", "-1"],
            "value_of_time",
        ),
        (["flows", "narnia"], "no flow has the id 'narnia'"),
        (["corridors", "narnia"], "no corridor has the id 'narnia'"),
        (["lengths", "--data", "/nowhere"], "is not a folder"),
        (["map", "-o", "/proc/nowhere/map.html"], "cannot write"),
    ],
)
def test_an_error_is_one_clear_line_and_exit_code_2(arguments, told):
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["route", "Yalama"], ["route", "a", "b", "--mode", "sea"], ["nonsense"], ["flows", "--nope"]],
)
def test_wrong_usage_is_exit_code_2(arguments):
    done = run(*arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["flows"], ["flows", "kazakh-grain"], ["corridors"], ["lengths"], ["lengths", "--official"]],
)
def test_tables_in_three_formats(arguments):
    ask = [*arguments, *([] if len(arguments) > 1 else ["--as-of", "2026-06-01"])]
    assert good(*ask)
    rows = list(csv.DictReader(io.StringIO(good(*ask, "--csv"))))
    answer = json.loads(good(*ask, "--json"))
    assert len(answer) == len(rows) > 0


def test_data_check_passes():
    answer = json.loads(good("data", "check", "--json"))
    assert [row for row in answer if row["level"] == "error"] == []


def test_map_and_demo_write_their_files(tmp_path):
    told = good("map", "-o", str(tmp_path / "a" / "map.html"), "--as-of", "2026-06-01")
    assert "map.html" in told
    assert (tmp_path / "a" / "map.html").stat().st_size > 100_000
    told = good("demo", "-o", str(tmp_path / "out"), "--as-of", "2026-06-01")
    names = {"corridors.html", "lengths.csv", "flows.csv"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    assert all(name in told for name in names)


def test_help_and_version():
    assert "route" in good("--help")
    assert good("--version").startswith("corridors ")


@pytest.mark.parametrize("command", ["corridors", "flows", "lengths"])
@pytest.mark.parametrize("day", ["1988-01-01", "1995-01-01", "2010-01-01", "2024-01-01"])
def test_every_table_stands_on_every_day(command, day):
    rows = json.loads(good(command, "--as-of", day, "--json"))
    assert len(rows) > 10


def test_an_error_is_json_where_json_is_asked_for():
    done = run("route", "Baku", "Nakhchivan", "-m", "rail", "--as-of", "2026-06-01", "--json")
    assert done.returncode == 2
    answer = json.loads(done.stdout)
    assert answer["error"] == "NoRoute"
    assert "meghri-railway" in {reason["subject"] for reason in answer["reasons"]}
    assert answer["changes"]
