"""Write files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from corridors.errors import CorridorsError


class OutputError(CorridorsError, OSError):
    """A file cannot be written; the message names it and says why."""


def write_text(path: str | Path, text: str) -> Path:
    """Write UTF-8 text atomically: a reader sees the old file or the new, never a part.

    Parameters
    ----------
    path : path
        Missing folders are made.
    text : str

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        If it cannot be written; what was there before is untouched.
    """
    target = Path(path)
    temporary = ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        # mkstemp makes a private file; give it the mode a plain open() would.
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(target)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}") from None
    finally:
        if temporary and Path(temporary).exists():
            Path(temporary).unlink()
    return target
