"""The reference of the command line, made from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent
from typing import Any

from typer.main import get_command

from corridors.cli.app import app
from corridors.cli.parts import described
from generator.markdown import escape, fence, page, table


def pages() -> dict[str, str]:
    """Name and text of each page."""
    group: Any = get_command(app)
    parts = [f"{escape(text)}\n" for text in str(group.help).split("\n\n")]
    for text in str(app.info.epilog).split("\n\n"):
        head, _, lines = text.partition("[/bold]\n")
        parts.append(f"{head.removeprefix('[bold]')}:\n" if lines else f"{escape(text)}\n")
        parts.append(fence(dedent(lines)) if lines else "")
    panel = ""
    for names, command, its_panel in _commands(group):
        if its_panel != panel:
            panel = its_panel
            parts.append(f"## {panel}\n")
        parts += _command(names, command)
    return {"commands.md": page("The command line", *parts)}


def _commands(group: Any, *names: str, panel: str = "") -> Iterator[tuple[str, Any, str]]:
    for name, command in group.commands.items():
        its_panel = panel or str(command.rich_help_panel)
        if hasattr(command, "commands"):
            yield from _commands(command, *names, name, panel=its_panel)
        else:
            yield " ".join(["corridors", *names, name]), command, its_panel


def _command(names: str, command: Any) -> list[str]:
    text, examples = described(command.callback)
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and not p.hidden]
    usage = " ".join([names, "[OPTIONS]", *(_argument(one) for one in arguments)])
    rows = [(f"`{_argument(one)}`", escape(one.help or "")) for one in arguments]
    rows += [(f"`{_option(one)}`", escape(one.help or "") + _default(one)) for one in options]
    return [
        f"### {escape(names)}\n",
        *(f"{escape(part)}\n" for part in text.split("\n\n")),
        fence(usage, "sh"),
        table(["", ""], rows),
        "Examples:\n" if examples else "",
        fence("\n".join(line.strip() for line in examples.splitlines()), "sh") if examples else "",
    ]


def _argument(one: Any) -> str:
    name = str(one.metavar or one.name).upper().strip("[]")
    name += "..." if one.nargs == -1 else ""
    return name if one.required else f"[{name}]"


def _option(one: Any) -> str:
    names = ", ".join([*one.opts, *one.secondary_opts])
    return names if one.is_flag else f"{names} {one.metavar or one.name.upper()}"


def _default(one: Any) -> str:
    if one.is_flag or one.default in (None, ()) or callable(one.default):
        return ""
    return f" Not given: {escape(one.default)}."
