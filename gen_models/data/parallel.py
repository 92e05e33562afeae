"""Ordered work over all cores with a progress bar."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import TypeVar

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

T = TypeVar("T")
R = TypeVar("R")

CHUNK = 1024  # bounds what waits in memory, and what is still done after an error


def in_parallel(function: Callable[[T], R], items: Sequence[T], title: str, *, processes: bool) -> Iterator[R]:
    """The results of `function` over `items`, in order; the bar shows on a terminal only.

    Args:
        function: Picklable where `processes` is set.
        items: The arguments.
        title: What stands before the bar.
        processes: Processes for Python code; threads for code that lets go of the interpreter.
    """
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with _pool(processes) as pool, Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=len(items))
        for start in range(0, len(items), CHUNK):
            for result in pool.map(function, items[start : start + CHUNK], chunksize=16):
                yield result
                progress.advance(task)


def _pool(processes: bool) -> Executor:
    # sched_getaffinity honours the share of a cluster node that a job was given
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    if not processes:
        return ThreadPoolExecutor(cores)
    # forked workers need neither import torch again nor a guarded __main__; elsewhere forking is not safe
    return ProcessPoolExecutor(cores, multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn"))
