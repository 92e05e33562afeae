"""A bar for what takes longer than a moment."""

from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from threading import Timer
from typing import TypeVar

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

Part = TypeVar("Part", bound=Sized)
MOMENT = 2.0
"""Seconds that nobody has to be told of."""


def waited(parts: Iterable[Part], total: int, title: str, console: Console | None = None) -> Iterator[Part]:
    """Hand parts on, and show on a terminal how many of their items there are, once that has taken a while.

    Args:
        parts: Each has a length: its items.
        total: Items in all.
        title: What stands before the bar.
        console: Where it is shown; stderr by default, so that what is printed can be piped.
    """
    console = console or Console(stderr=True)
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=console, transient=True)
    task = progress.add_task(title, total=total)
    with _after_a_while(progress):
        for part in parts:
            yield part
            progress.advance(task, len(part))


@contextmanager
def _after_a_while(progress: Progress) -> Iterator[None]:
    timer = Timer(MOMENT, progress.start)
    timer.daemon = True
    if progress.console.is_terminal:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if progress.live.is_started:
            progress.stop()
