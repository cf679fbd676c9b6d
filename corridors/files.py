"""Where the data lies; write files and folders whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corridors.errors import CorridorsError

_PACKAGE = Path(__file__).resolve().parent


def data_folder() -> Path:
    """Folder of the embedded data: inside the installed package, or beside it in a checkout."""
    installed = _PACKAGE / "data"
    return installed if installed.is_dir() else _PACKAGE.parent / "data"


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


@contextmanager
def replacing_file(path: str | Path) -> Iterator[Path]:
    """Give a name to write to beside ``path``; put it in place only if the block ends well.

    Parameters
    ----------
    path : path
        Missing folders are made.

    Yields
    ------
    Path
        A file that does not exist yet, with the same suffix, in a private folder beside it.
    """
    with _workshop(Path(path)) as folder:
        temporary = folder / Path(path).name
        yield temporary
        temporary.replace(path)


@contextmanager
def replacing_folder(path: str | Path) -> Iterator[Path]:
    """Give an empty folder to fill; put it in place of ``path`` only if the block ends well.

    Parameters
    ----------
    path : path
        A folder that stands there is moved aside first and removed last, so that one of the two
        is always whole.

    Yields
    ------
    Path
    """
    target = Path(path)
    with _workshop(target) as folder:
        temporary, old = folder / target.name, folder / f"{target.name}.old"
        temporary.mkdir()
        yield temporary
        if not target.exists():
            temporary.replace(target)
            return
        target.replace(old)
        try:
            temporary.replace(target)
        except OSError:
            old.replace(target)
            raise


@contextmanager
def _workshop(target: Path) -> Iterator[Path]:
    """A private folder on the same disk as ``target``, gone afterwards."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}") from None
    try:
        yield folder
    except OSError as error:
        if isinstance(error, CorridorsError):
            raise
        raise OutputError(f"cannot write {target}: {error.strerror or error}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
