from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import pytest
import yaml
from typer.main import get_command

from corridors.cli import completion
from corridors.cli.app import app, main
from corridors.cli.parts import described
from corridors.files import data_folder


def spawn(*arguments: str, environment: dict[str, str] | None = None):
    """The command as a shell starts it."""
    return subprocess.run(
        [sys.executable, "-m", "corridors", *arguments],
        capture_output=True, text=True, check=False, timeout=120,
        env=os.environ | (environment or {}),
    )  # fmt: skip


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The same without a new process, which takes a second to start."""
    out, err = io.StringIO(), io.StringIO()
    argv = mock.patch.object(sys, "argv", ["corridors", *arguments])
    with argv, redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as end:
        main()
    return subprocess.CompletedProcess(
        arguments, end.value.code or 0, out.getvalue(), err.getvalue()
    )


def good(*arguments: str) -> str:
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_as_a_program():
    done = spawn("route", "Yalama", "Ganja", "--as-of", "2026-06-01")
    assert (done.returncode, done.stderr) == (0, "")
    assert "km" in done.stdout
    assert spawn("route", "Yalma", "Ganja").returncode == 2


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
        (["route", "Narnia", "Ganja"], "(corridors places lists all places and spellings)"),
        (["route", "Astara", "Ganja", "-m", "rail"], "ambiguous"),
        (["route", "Yalama", "Ganja", "--as-of", "2025-02-30"], "as_of='2025-02-30'"),
        (["route", "0,0", "Ganja"], "km from the nearest place"),
        (["route", "Yalama", "Ganja", "--commodity", "gold"], "commodity='gold' is unknown"),
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


def test_no_route_is_a_head_and_a_list():
    ask = ["route", "Baku", "Nakhchivan", "-m", "rail", "--as-of", "2026-06-01"]
    done = run(*ask)
    assert done.returncode == 2
    assert done.stdout == ""
    head, *lines, last = done.stderr.splitlines()
    assert head.startswith("corridors: no route from Baku to Nakhchivan by rail on 2026-06-01")
    assert len([line for line in lines if line.startswith("  - ")]) > 3
    assert max(map(len, [head, *lines, last])) < 180
    # What it says to add opens the way.
    told = last.removeprefix("to ask in that world, add:").split()
    assert "km" in good(*ask, *told)


def test_wrong_usage_names_the_command_that_helps():
    assert "(see corridors route --help)" in run("route", "Yalama").stderr


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
    names = {"corridors.html", "report.html", "lengths.csv", "flows.csv"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    assert all(name in told for name in names)


def test_map_opens_only_when_asked(tmp_path, monkeypatch):
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda uri: opened.append(uri) or True)
    monkeypatch.chdir(tmp_path)
    for ask in (["--open", "tripp"], ["--open", "-o", "a b.html"], ["--browser"], ["--open"]):
        app(["map", "--no-flows", "--as-of", "2026-06-01", *ask], standalone_mode=False)
    assert [uri.rsplit("/", 1)[1] for uri in opened] == ["a%20b.html", *["corridors.html"] * 2]
    assert all(uri.startswith("file:///") for uri in opened)


def test_no_browser_is_said(tmp_path):
    ask = ["map", "--no-flows", "--open", "-o", str(tmp_path / "map.html")]
    done = spawn(*ask, environment={"BROWSER": "/bin/false", "DISPLAY": "", "PATH": ""})
    assert done.returncode == 0
    assert "found no browser" in done.stderr


def test_help_and_version():
    told = good("--help")
    panels = ["Ask", "Compare", "Look", "Check", "Build", "Exit status", "Examples"]
    assert sorted(panels, key=told.index) == panels
    assert good("--version").startswith("corridors ")
    assert "route" in run().stdout


def commands(group, *names):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *names, name)
        else:
            yield (*names, name), command


COMMANDS = dict(commands(get_command(app)))
OFFLINE = [
    shlex.split(line)
    for names, command in COMMANDS.items()
    if names[0] != "osm"  # they need files or a server; tests/test_osm_cli.py has some
    for line in described(command.callback)[1].splitlines()
]


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_every_command_has_examples_of_itself_and_a_panel(names):
    text, examples = described(COMMANDS[names].callback)
    assert text.endswith(".")
    assert examples
    for line in examples.splitlines():
        assert line.strip().startswith(" ".join(["corridors", *names]))
    assert len(names) > 1 or COMMANDS[names].rich_help_panel
    assert examples.splitlines()[0].split()[1] in good(*names, "--help")


@pytest.mark.parametrize("line", OFFLINE, ids=" ".join)
def test_examples_of_the_help_run(line, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("webbrowser.open", lambda _: True)
    monkeypatch.chdir(tmp_path)
    Path("my-flows.csv").write_text("origin,destination,tonnes\nTbilisi,Kars,7000000\n")
    Path("my-card.yaml").write_text(
        "name: my-card\ntitle: Georgia is closed\nchanges:\n- close: {country: GE}\n"
    )
    if "my-data" in line:
        shutil.copytree(data_folder(), "my-data")
    words = line[: line.index(">")] if ">" in line else line
    app(words[1:], standalone_mode=False)
    told = capsys.readouterr()
    assert told.out or re.search(r"report: .* \([\d,]+ kB\)", told.err)


@pytest.mark.parametrize("table", ["places", "links", "rules", "parameters", "sources"])
def test_tables_of_the_network(table):
    rows = list(csv.DictReader(io.StringIO(good(table, "--csv"))))
    assert len(rows) == len(json.loads(good(table, "--json"))) > 30
    assert len(good(table, "narnia").splitlines()) == 2


def test_a_text_is_found_in_any_spelling():
    for text in ("agbend", "AĞBƏND", "Агбенд", "Աղբենդ"):
        assert "aghband-road " in good("places", text)


def complete(words: str, shell: str = "bash") -> list[str]:
    environment = {
        "_CORRIDORS_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    done = spawn(environment=environment)
    assert not done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("corridors ro", "route"),
        ("corridors route yer", "yerevan"),
        ("corridors route Kost", "Kostanay"),
        ("corridors route Kostanay Ер", "Ереван"),
        ("corridors route a b --commodity wh", "wheat"),
        ("corridors route a b --open tri", "tripp"),
        ("corridors map --close verkhny", "verkhny-lars-road-border"),
        ("corridors flows kaz", "kazakh-grain"),
        ("corridors corridors mid", "middle-corridor"),
        ("corridors map --as", "--as-of"),
    ],
)
def test_the_shell_completes(words, found):
    assert found in complete(words)


def test_everything_completed_is_known(net):
    columns = net.link_table[["line_id", "link_id"]].to_numpy().ravel()
    known = {*net.place_table["place_id"], *columns, *net.corridors}
    known |= {rule.rule_id for rule in net.rules}
    assert {name for name, _ in completion.to_open()} <= known
    assert {name for name, _ in completion.to_close()} <= known
    assert [name for name, _ in completion.flows()] == list(read_ids("flows.yaml"))
    assert {name for name, _ in completion.commodities()} == set(net.commodities)
    for name in ("Kostanay", "Ереван"):
        assert (name, "") in completion.places(name)
    assert {name for name, _ in completion.places("")} == set(net.place_table["place_id"])


def read_ids(file):
    return [row["flow_id"] for row in yaml.safe_load((data_folder() / file).read_text())]


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
