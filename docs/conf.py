"""Sphinx: the documentation, built without a network and with warnings as errors."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))

import corridors  # noqa: E402

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "corridors"
author = "the corridors project"
project_copyright = "code MIT, data CC BY 4.0 and ODbL 1.0, see Licences"
version = release = corridors.__version__
language = "en-GB"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build", "generator"]
nitpicky = True
# Types of parameters are words ("path", "mapping of str to float"), not always names of objects.
nitpick_ignore_regex = [("py:class", ".*")]

myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # generator/notebooks.py has run them
nb_mime_priority_overrides = [("html", "text/html", 0), ("html", "image/png", 10)]

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_default_options = {"show-inheritance": False}
autosummary_generate = False
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
add_module_names = False
toc_object_entries_show_parents = "hide"
viewcode_line_numbers = False

html_theme = "furo"
html_title = f"corridors {release}"
html_static_path = ["_static"]
html_css_files = ["docs.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}


def _generate(_: Sphinx) -> None:
    from generator import generate

    executed = os.environ.get("CORRIDORS_EXECUTED_NOTEBOOKS")
    generate(DOCS / "generated", executed=Path(executed) if executed else None)


def setup(app: Sphinx) -> None:
    """Write the generated pages before Sphinx looks for sources."""
    app.connect("builder-inited", _generate)
