"""The notebooks, run without a network, their outputs part of the pages."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import jupytext
import nbclient
import nbformat

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def pages(executed: Path | None) -> dict[str, str]:
    """Name and text of each notebook, executed.

    Parameters
    ----------
    executed : Path, optional
        Folder with notebooks that have been run already; run here if not given.
    """
    found = {}
    for path in sorted(NOTEBOOKS.glob("*.py")):
        name = f"{path.stem}.ipynb"
        text = execute(path) if executed is None else (executed / name).read_text(encoding="utf-8")
        found[f"notebooks/{name}"] = text
    return found


def execute(path: Path) -> str:
    """A notebook from its text form, run from top to bottom, as the text of an ``.ipynb`` file."""
    notebook = jupytext.read(path)
    with TemporaryDirectory() as folder:
        where = {"metadata": {"path": folder}}
        nbclient.NotebookClient(
            notebook, timeout=120, kernel_name="python3", resources=where
        ).execute()
    for number, cell in enumerate(notebook.cells):
        # Times of the run and drawn ids would make two builds differ.
        cell.metadata.pop("execution", None)
        cell.id = f"cell-{number}"
    return str(nbformat.writes(notebook)) + "\n"
