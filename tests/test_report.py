"""Reports: whole, self-contained, escaped, the same every time, harmless in spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import corridors as co
from corridors.comparison import content, tripp
from corridors.comparison.report import safe_cell
from corridors.errors import ArgumentError
from tests.test_cli import good, run

EVIL = "=HYPERLINK('x')<img src=x onerror=alert(1)>$a^2$ |*_`"


@pytest.fixture(scope="module")
def found(net):
    flows = pd.DataFrame(
        {
            "flow_id": ["fuel", "nakhchivan", "bulk"],
            "title": [EVIL, "Baku – Nakhchivan", "=1+1"],
            "origin": ["baku-freight"] * 3,
            "destination": ["yerevan", "nakhchivan", "kars"],
            "commodity": ["oil-products", "general", "general"],
            "modes": ["rail"] * 3,
            "tonnes": [1000.0, None, 5000.0],
        }
    )
    tripp_open = co.scenario("tripp-open")
    both = tripp_open + co.Scenario("more", title=EVIL).open("yeraskh-nakhchivan")
    shut = co.Scenario("shut", title="Closed later").close("akhalkalaki-kartsakhi", on="2027-01-01")
    return co.compare(
        net, {"tripp": tripp_open, "both": both, "shut": shut}, flows, draws=30, seed=2,
        question=EVIL, progress=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def page(found, tmp_path_factory):
    return found.report(tmp_path_factory.mktemp("page") / "report.html").read_text(encoding="utf-8")


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]


def test_the_page_is_one_file_that_fetches_nothing(page):
    seen = Tags()
    seen.feed(page)
    assert not {"script", "img", "link", "object", "embed", "form"} & set(seen.tags)
    fetched = {
        (tag, name) for tag, name, value in seen.attributes
        if name in {"src", "href", "data", "action"} and not str(value).startswith("#")
    }  # fmt: skip
    assert fetched <= {("a", "href")}
    assert not [name for _, name, _ in seen.attributes if name.startswith("on")]
    assert re.search(r"default-src 'none'; script-src 'sha256-[^;]+; style-src", page)
    assert seen.tags.count("iframe") == 1
    assert ("iframe", "sandbox", "allow-scripts") in seen.attributes
    assert "<img src=x" not in page.split("<iframe")[0]
    assert "@media print" in page
    headings = re.findall(r"<h2>(.*?)</h2>", page)
    assert set(headings) == {
        "In short", "The scenarios", "What changes", "Pictures", "Map", "New dependences",
        "Who wins and who loses", "Prices at which routes change", "Dates", "How sure it is",
        "All flows", "Method", "Limits", "Sources",
    }  # fmt: skip


def test_every_source_is_cited_with_title_and_address(found):
    cited = {one.source_id: one for one in content.cited(found)}
    route = found.route("fuel", "both")
    assert set(route.sources["source_id"]) - {"what-if", "own-estimate"} <= set(cited)
    assert {name for cell in route.costs["sources"] for name in cell.split()} <= set(cited)
    assert all(one.title and (one.url or one.reference) for one in cited.values())


def test_the_same_input_gives_the_same_bytes(net, found, page, tmp_path):
    again = co.compare(
        net, {case.name: case.card for case in found.cases[1:]},
        pd.DataFrame(found.cases[0].flows).drop(columns="basis"), draws=30, seed=2,
        question=EVIL, progress=False,
    )  # fmt: skip
    html = again.report(tmp_path / "again.html").read_text(encoding="utf-8")
    assert html == page
    for suffix in ("md", "csv", "xlsx"):
        one, other = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
        assert found.report(one).read_bytes() == again.report(other).read_bytes(), suffix


def test_cells_never_turn_into_formulas(found, tmp_path):
    for value in ("=1", "+1", "-1", "@x", "\t=1", "\r=1"):
        assert str(safe_cell(value)).startswith(("'", " "))
    assert safe_cell(-3.5) == -3.5
    text = found.report(tmp_path / "r.csv").read_text(encoding="utf-8")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    risky = [cell for cell in cells if re.match(r"[=+@]|-(?![\d.])", cell)]
    assert not risky
    book = openpyxl.load_workbook(found.report(tmp_path / "r.xlsx"))
    assert {"About", "Flows", "Countries", "Prices", "Dates", "Ranges", "Sources"} <= set(
        book.sheetnames
    )
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.value
    table = pd.read_excel(tmp_path / "r.xlsx", sheet_name="Flows")
    assert table["length_km"].sum() == pytest.approx(found.table["length_km"].sum())


def test_markdown_holds_the_same_and_no_markup_from_data(found, tmp_path):
    text = found.report(tmp_path / "r.md").read_text(encoding="utf-8")
    assert "## What changes" in text
    assert "<img" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)


def test_other_files_are_refused_and_nothing_is_left(found, tmp_path):
    with pytest.raises(ArgumentError, match=r"end it in \.html, \.md, \.csv, \.xlsx"):
        found.report(tmp_path / "r.docx")
    (tmp_path / "file").write_text("x")
    with pytest.raises(co.CorridorsError, match="cannot write"):
        found.report(tmp_path / "file" / "r.html")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_without_scenarios_or_changes(net, tmp_path):
    flows = pd.DataFrame({"origin": ["Baku"], "destination": ["Nakhchivan"], "modes": ["rail"]})
    none = co.compare(net, {}, flows)
    for suffix in ("html", "md", "csv", "xlsx"):
        assert none.report(tmp_path / f"none.{suffix}").stat().st_size > 100
    assert none.explain().startswith("1 flows on")
    assert none.switches.empty
    assert none.exposure.empty


def test_the_readme_tells_what_the_model_says():
    text = Path("README.md").read_text(encoding="utf-8")
    told = re.search(r"<!-- tripp: .*?-->\n(.*?)<!-- /tripp -->", text, re.DOTALL)
    assert told is not None
    found = tripp.answer(co.load(tripp.DAY), progress=False)
    assert told[1] == tripp.markdown(found), "run python -m corridors.comparison.tripp"


def test_compare_on_the_command_line(tmp_path):
    ask = ["compare", "tripp-open", "--flow", "tripp-transit", "--flow", "btk"]
    assert "newly possible" in good(*ask)
    assert "changes 1 of 2 flows" in good(*ask, "--explain")
    rows = list(csv.DictReader(io.StringIO(good(*ask, "--csv"))))
    assert [row["scenario"] for row in rows] == ["base", "base", "tripp-open", "tripp-open"]
    out = tmp_path / "r.md"
    answer = json.loads(
        good(*ask, "--json", "--draws", "20", "--seed", "1", "--workers", "1",
             "--report", str(out))
    )  # fmt: skip
    assert answer["draws"] == 20
    assert out.read_text(encoding="utf-8").startswith("# What does a railway")
    assert run("compare").returncode == 2
    assert "no scenario is called" in run("compare", "narnia").stderr
    assert "end it in .html" in run(*ask, "--report", "r.doc").stderr


def test_report_on_the_command_line(tmp_path):
    out = tmp_path / "tripp.md"
    good("report", "-o", str(out))
    assert tripp.QUESTION in out.read_text(encoding="utf-8")
