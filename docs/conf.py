"""Sphinx: the documentation, built without a network and with warnings as errors."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))

from docutils import nodes  # noqa: E402
from generator import generate, public_api  # noqa: E402
from generator.figures import figures  # noqa: E402

import corridors  # noqa: E402

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "corridors"
author = "the corridors project"
project_copyright = "code MIT, data CC BY 4.0 and ODbL 1.0, see Licences"
version = release = corridors.__version__
language = "en-GB"
smartquotes = False  # they would make dashes of the hyphens of options

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
nitpick_ignore_regex = [("py:class", ".*"), ("py:obj", r"corridors\.catalog\.T")]

myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline", "substitution"]
myst_heading_anchors = 3
myst_substitutions = figures()
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
    executed = os.environ.get("CORRIDORS_EXECUTED_NOTEBOOKS")
    generate(DOCS / "generated", executed=Path(executed) if executed else None)


def _drop_net(_: Sphinx, what: str, *about: Any) -> None:
    """A question of a network is a function of the network; as its method it takes none."""
    lines: list[str] = about[-1]
    if what == "method" and ":param net:" in lines:
        start = lines.index(":param net:")
        del lines[start : start + 2]


def _known_inside(_: Sphinx, __: object, node: Any, text: nodes.Node) -> nodes.Node | None:
    """A name that exists but has no page of its own is shown without a link; others are errors."""
    own = node.get("refdomain") == "py" and public_api.exists(node["reftarget"].lstrip("."))
    return text if own else None


def _trim_code(_: Sphinx, doctree: nodes.document) -> None:
    """Examples end in an empty line for doctest; on the page it is a hole."""
    for block in doctree.findall(nodes.literal_block):
        text = block.astext().rstrip()
        block.children = [nodes.Text(text)]
        block.rawsource = text


def setup(app: Sphinx) -> None:
    """Write the generated pages before Sphinx looks for sources."""
    app.connect("builder-inited", _generate)
    app.connect("autodoc-process-docstring", _drop_net, priority=900)
    app.connect("missing-reference", _known_inside)
    app.connect("doctree-read", _trim_code)
