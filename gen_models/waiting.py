"""What a person sees on a terminal of something that takes a while: a bar, and how long it will still be."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TypeVar

from rich.console import Console
from rich.file_proxy import FileProxy
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

T = TypeVar("T")

MOMENT = 1.5
"""Seconds that nobody has to be told of."""
SCREEN = Lock()
"""Held by whoever shows a bar: of waits within waits the outermost is shown."""


def awaited(items: Iterable[T], title: str, total: int | None = None, console: Console | None = None) -> Iterator[T]:
    """Give the items, of which there are `total`, under a bar that counts them.

    Close what is not read to the end (`contextlib.closing`), so that the bar goes.
    """
    with waiting(title, total, console) as done:
        for item in items:
            yield item
            done()


@contextmanager
def waiting(title: str, total: int | None = None, console: Console | None = None) -> Iterator[Callable[[], None]]:
    """Show a bar on a terminal from the second second on, and let it go at the end.

    Args:
        title: What is waited for.
        total: How many steps it takes; None where nobody knows.
        console: Where; standard error by default.

    Yields:
        What is called after each step.
    """
    console = console or Console(stderr=True)
    if not _free(console) or not SCREEN.acquire(blocking=False):
        yield lambda: None
        return
    ends = (TimeElapsedColumn(),) if total is None else (MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*Progress.get_default_columns()[:2], *ends, console=console, transient=True)
    task = progress.add_task(title, total=total)
    timer = Timer(MOMENT, progress.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda: progress.advance(task)
    finally:
        timer.cancel()
        timer.join()
        if progress.live.is_started:  # to stop another would leave an empty line
            progress.stop()
        SCREEN.release()


@contextmanager
def unshown() -> Iterator[None]:
    """Show no bar within the block."""
    taken = SCREEN.acquire(blocking=False)
    try:
        yield
    finally:
        if taken:
            SCREEN.release()


def _free(console: Console) -> bool:
    """Whether there is a terminal, and no bar of a training on it, which takes hold of what is printed."""
    return console.is_terminal and not isinstance(console.file, FileProxy)
