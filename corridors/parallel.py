"""Many independent tasks on one machine or many, through a standard executor.

Results come in the order of the tasks, so that they do not depend on who finished first.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any, TypeVar

from corridors.errors import ArgumentError, CorridorsError

T = TypeVar("T")
R = TypeVar("R")


class WorkerError(CorridorsError, RuntimeError):
    """The processes that were to do the work ended before it was done."""


def run(
    function: Callable[[T], R],
    tasks: Sequence[T],
    *,
    executor: Executor | None = None,
    what: str = "",
    progress: bool = True,
) -> list[R]:
    """The result of a function for each of many tasks, in their order.

    Parameters
    ----------
    function : callable
        Defined at the top of a module, so that it can be sent to another process.
    tasks : sequence
        Each can be pickled.
    executor : concurrent.futures.Executor, optional
        Where to do it, such as a ``ProcessPoolExecutor`` or ``dask_client.get_executor()``; it is
        left open. Here, one after the other, if not given.
    what : str
        Label of the progress bar.
    progress : bool
        Show one, if it takes more than two seconds.

    Raises
    ------
    WorkerError
        If the executor lost its processes.
    """
    bar = _bar(len(tasks), what, progress)
    with bar:
        if executor is None:
            return [_counted(bar, function(task)) for task in tasks]
        if not hasattr(executor, "submit"):
            raise ArgumentError(
                f"executor={executor!r} has no submit; give a concurrent.futures.Executor, "
                "such as client.get_executor() of Dask"
            )
        return _submitted(function, tasks, executor, bar)


def _submitted(
    function: Callable[[T], R], tasks: Sequence[T], executor: Executor, bar: Any
) -> list[R]:
    waiting: list[Future[R]] = []
    try:
        waiting = [executor.submit(function, task) for task in tasks]
        for _ in as_completed(waiting):
            bar.update()
        return [one.result() for one in waiting]
    except BrokenProcessPool as error:
        raise WorkerError(
            f"the worker processes ended before the work was done ({error}); run it again, "
            "or without executor"
        ) from None
    finally:
        for one in waiting:
            one.cancel()


def _counted(bar: Any, result: R) -> R:
    bar.update()
    return result


def _bar(total: int, what: str, progress: bool) -> Any:
    from tqdm import tqdm

    return tqdm(total=total, desc=what, delay=2, leave=False, disable=not progress)


@contextmanager
def processes(workers: int | None = None) -> Iterator[Executor | None]:
    """Processes of this machine; None where there would be but one, or they cannot be started.

    Each starts afresh (``spawn``) rather than as a copy of a program that may hold locks. That
    runs the main script again up to its ``if __name__ == "__main__":``, so for a script
    without one no processes are started.

    Parameters
    ----------
    workers : int, optional
        As many as there are cores if not given.
    """
    if workers is not None and (isinstance(workers, bool) or workers < 1):
        raise ArgumentError(f"workers={workers!r} must be a whole number, 1 or more")
    count = _cores() if workers is None else workers
    if count == 1 or not _can_spawn():
        yield None
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        yield pool


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _can_spawn() -> bool:
    """Whether a new process would not run the main script as a whole."""
    if parent_process() is not None:
        return False
    main = sys.modules["__main__"]
    if getattr(main, "__spec__", None) is not None or not hasattr(main, "__file__"):
        return True
    try:
        return "__name__" in Path(str(main.__file__)).read_text(encoding="utf-8", errors="ignore")
    except OSError:
        return False
