"""Notebooks run from top to bottom; the documentation builds without a warning or a request."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
sys.path.insert(0, str(DOCS))

from generator import markdown, public_api  # noqa: E402
from generator.notebooks import execute  # noqa: E402

from corridors.dictionary import TABLES, data_dictionary  # noqa: E402
from tests.pages import DESKTOP, PHONE, needs_browser  # noqa: E402

REQUEST = re.compile(
    r"""<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)=["']?(?:https?:)?//|"""
    r"""@import|url\(["']?(?:https?:)?//""",
    re.IGNORECASE,
)
CANONICAL = re.compile(r'<link[^>]+rel="(?:canonical|author|license)"[^>]*>', re.IGNORECASE)


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Where executed notebooks are kept, so that each is run once for all tests."""
    return tmp_path_factory.mktemp("notebooks")


def run_notebook(path, folder):
    done = folder / path.name
    if not done.exists():
        done.write_text(execute(path.with_suffix(".py")), encoding="utf-8")
    return nbformat.read(done, as_version=4)


def test_there_are_notebooks():
    assert NOTEBOOKS
    assert {p.stem for p in NOTEBOOKS} == {p.stem for p in (ROOT / "notebooks").glob("*.py")}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_in_step_with_its_text(path):
    cells = jupytext.read(path).cells
    text = jupytext.read(path.with_suffix(".py")).cells
    assert [(c.cell_type, c.source) for c in cells] == [(c.cell_type, c.source) for c in text]
    assert not any(cell.get("outputs") for cell in cells), "commit notebooks without outputs"


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path, executed):
    notebook = run_notebook(path, executed)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert outputs
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]


@pytest.fixture(scope="module")
def site(executed, tmp_path_factory):
    for path in NOTEBOOKS:
        run_notebook(path, executed)
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-d",
         str(folder / "doctrees"), str(DOCS), str(folder / "html")],
        capture_output=True, text=True, check=False, cwd=ROOT,
        env=os.environ | {"CORRIDORS_EXECUTED_NOTEBOOKS": str(executed)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_name_has_its_place(site):
    index = (site / "genindex.html").read_text(encoding="utf-8")
    things = [*public_api.functions(), *public_api.classes(), *public_api.errors()]
    things += public_api.members(public_api.network())
    for thing in things:
        assert f"#{thing.name}" in index, thing.name
    for name in ("flows/kazakh-grain", "scenarios/tripp-open", "notebooks/quickstart"):
        assert (site / "generated" / f"{name}.html").is_file()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_site_asks_nobody_for_anything(site):
    pages = [*site.rglob("*.html"), *site.rglob("*.css")]
    assert len(pages) > 50
    for page in pages:
        text = CANONICAL.sub("", page.read_text(encoding="utf-8"))
        assert not (found := REQUEST.search(text)), (page, text[found.start() :][:200])


@needs_browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_open_without_a_network(site, browser, size):
    page = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, offline=True
    ).new_page()
    told = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda said: told.append(said.text) if said.type == "error" else None)
    page.on(
        "request",
        lambda asked: told.append(asked.url) if asked.url.startswith(("http", "//")) else None,
    )
    for name in (
        "index", "search", "generated/api/network", "generated/commands",
        "generated/flows/kazakh-grain", "generated/notebooks/quickstart",
    ):  # fmt: skip
        page.goto((site / f"{name}.html").as_uri())
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert told == [], name


def test_every_column_of_every_table_is_explained():
    table = data_dictionary()
    assert table["meaning"].str.len().min() > 3
    assert set(table["table"]) == set(TABLES)
    known = {path.stem for path in (ROOT / "data").iterdir() if path.suffix not in {".md", ""}}
    known |= {path.name for path in (ROOT / "data").iterdir() if path.is_dir()}
    assert known - {"countries", "scenarios", "scenario.schema"} <= set(TABLES)


def test_text_of_the_data_is_never_markup():
    hostile = "<b>x</b> `a` [l](javascript:alert(1)) | {{7*7}} $x$ *e* _u_ \\ \n# h"
    shown = markdown.escape(hostile)
    assert "\n" not in shown
    for mark in "<`[{|$*_":
        assert not re.search(rf"(?<!\\){re.escape(mark)}", shown)
    assert markdown.link("x", "javascript:alert(1)") == "x"
