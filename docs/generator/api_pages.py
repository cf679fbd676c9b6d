"""The reference of the library: every public name once, in the words of its docstring."""

from __future__ import annotations

from generator import public_api
from generator.public_api import INSIDE_MEMBERS, Thing

_CLASS = (
    ":members:\n   :inherited-members: BaseModel, Mapping, Exception\n"
    f"   :exclude-members: {', '.join(sorted(INSIDE_MEMBERS))}"
)


def pages() -> dict[str, str]:
    """Name and text of each page."""
    functions, classes, errors = (
        public_api.functions(), public_api.classes(), public_api.errors(),
    )  # fmt: skip
    own = [thing for thing in functions if thing.name.count(".") == 1]
    tools = [thing for thing in functions if thing.name.count(".") > 1]
    return {
        "api/functions.rst": _page(
            "Functions",
            "``import corridors as co``; everything heavy is imported when it is first used.",
            own, "autofunction",
        ),
        "api/network.rst": _page(
            "The network",
            "What a network holds and what it can be asked. A network never changes; questions "
            "that change something give a new one.",
            [public_api.network()], "autoclass", _CLASS,
            summary=public_api.members(public_api.network()),
        ),
        "api/results.rst": _page(
            "Results",
            "Small objects around tables: each explains itself, draws itself and shows itself in "
            "a notebook.",
            classes, "autoclass", _CLASS,
        ),
        "api/errors.rst": _page(
            "Errors",
            "One base class; each error is also the nearest built-in one. Every message names "
            "what was wrong and what to do.",
            errors, "autoexception", ":show-inheritance:",
        ),
        "api/tools.rst": _page(
            "Tables and units",
            "Functions of single modules, imported from there.",
            tools, "autofunction",
        ),
    }  # fmt: skip


def _page(
    title: str,
    text: str,
    things: list[Thing],
    directive: str,
    options: str = "",
    *,
    summary: list[Thing] | None = None,
) -> str:
    parts = [title, "=" * len(title), "", text, "", ".. autosummary::", ""]
    parts += [f"   ~{thing.name}" for thing in summary or things]
    for thing in things:
        parts += ["", f".. {directive}:: {thing.name}", *([f"   {options}"] if options else [])]
    return "\n".join(parts) + "\n"
