"""Ordered work over all cores with a progress bar."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import TypeVar

from gen_models.errors import UsageError
from gen_models.waiting import waiting

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 4
"""Tasks for each core whose results may wait in memory for those before them."""
TOGETHER = 8
"""Items that a process is sent at a time."""
GRACE = 5.0
"""Seconds for the parent to clear up; then workers that were told to end are gone."""


def in_parallel(
    function: Callable[[T], R], items: Sequence[T], title: str, *, processes: bool
) -> Generator[R, None, None]:
    """Give the results of `function` over `items`, in order; a bar shows on a terminal.

    Close what is not read to the end (`contextlib.closing`), so that the work ends there and then.

    Args:
        function: Picklable where `processes` is set.
        items: The arguments.
        title: What stands before the bar.
        processes: Processes for Python code; threads for code that lets go of the interpreter.

    Raises:
        UsageError: A process was killed from outside.
    """
    pool = _pool(processes)
    try:
        with waiting(title, len(items)) as done:
            for result in _in_order(pool, function, items, TOGETHER if processes else 1):
                yield result
                done()
    except BrokenExecutor as error:
        raise UsageError(f"A process was killed while {title}, perhaps for want of memory: start again.") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(pool: Executor, function: Callable[[T], R], items: Sequence[T], size: int) -> Iterator[R]:
    """Keep the pool at work on the next items, `size` to a task; of a slow one the others do not run far ahead."""
    begun: deque[Future[list[R]]] = deque()
    for start in range(0, len(items), size):
        begun.append(pool.submit(_each, function, items[start : start + size]))
        if len(begun) >= AHEAD * cores():
            yield from begun.popleft().result()
    while begun:
        yield from begun.popleft().result()


def _each(function: Callable[[T], R], items: Sequence[T]) -> list[R]:
    return [function(item) for item in items]


def cores() -> int:
    """Count the cores that this process may use: of a cluster node, those that the job was given."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _pool(processes: bool) -> Executor:
    if not processes:
        return ThreadPoolExecutor(cores())
    # forked workers need neither import torch again nor a guarded __main__; elsewhere forking is not safe
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    return ProcessPoolExecutor(cores(), context, initializer=_serve, initargs=(os.getpid(),))


def _serve(parent: int) -> None:
    """Prepare a worker: it has no turn to finish, so the parent's handlers go, and it never outlives its parent."""
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    for name in {"SIGINT", "SIGUSR1", "SIGUSR2"} & set(signal.Signals.__members__):
        signal.signal(signal.Signals[name], signal.SIG_IGN)  # sent to a whole job, they are the parent's to answer
    threading.Thread(target=_end_with, args=(parent, told), daemon=True).start()


def _end_with(parent: int, told: threading.Event) -> None:
    """End with the parent, or a while after a SIGTERM, which a whole job gets, and what is left of a broken pool.

    At once would be in the middle of a result, for the rest of which the parent would wait for ever.
    """
    while os.getppid() == parent and not told.wait(0.5):  # no pipe tells it, for forked siblings hold both ends
        pass
    if told.is_set():
        time.sleep(GRACE)
    os._exit(1)
