"""Pages made from the data, the schema and the commands each time the documentation is built."""

from __future__ import annotations

from pathlib import Path

from generator import (
    api_pages,
    commands,
    corridor_pages,
    data_pages,
    flow_pages,
    notebooks,
    scenario_pages,
)


def generate(folder: Path, *, executed: Path | None = None) -> None:
    """Write all generated pages; what is no longer generated is removed.

    Parameters
    ----------
    folder : Path
        Folder of the generated pages, below the sources of the documentation.
    executed : Path, optional
        Folder with notebooks that have been run already; run here if not given.
    """
    pages = {
        **flow_pages.pages(),
        **corridor_pages.pages(),
        **scenario_pages.pages(),
        **data_pages.pages(),
        **commands.pages(),
        **api_pages.pages(),
        **notebooks.pages(executed),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.rglob("*.*"):
        if old.relative_to(folder).as_posix() not in pages:
            old.unlink()
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # Untouched files are not read again by Sphinx.
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
