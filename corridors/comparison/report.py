"""A comparison as a file to hand on: a page, Markdown, CSV or a workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from corridors.errors import ArgumentError
from corridors.files import write_text

if TYPE_CHECKING:
    from corridors.comparison.result import Comparison


def write(comparison: Comparison, path: str | Path) -> Path:
    """Write a report in the form that the suffix names; see :meth:`.Comparison.report`."""
    target = Path(path)
    kinds: dict[str, Callable[[Comparison], str]] = {".csv": _csv}
    suffix = target.suffix.lower()
    if suffix not in kinds:
        raise ArgumentError(f"path={str(path)!r}: end it in {', '.join(kinds)}")
    return write_text(target, kinds[suffix](comparison))


def _csv(comparison: Comparison) -> str:
    return comparison.table.to_csv(index=False, lineterminator="\n")
