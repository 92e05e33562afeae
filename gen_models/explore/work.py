"""One drawing after another, each of which can be watched and stopped."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock, get_ident
from time import monotonic
from typing import Any, final

from torch.nn.modules.module import register_module_forward_pre_hook

KINDS = 256
"""Kinds of drawings of which is known how long the last one took."""


class Stopped(Exception):
    """A drawing was stopped, or a newer one has taken its place."""


@dataclass
class Work:
    """A drawing under way.

    Attributes:
        expected: Passes through layers that the same drawing took before; None where it is the first.
        passes: Passes through layers so far.
        stopped: Whether it should end at its next layer.
        begun: When it began, by the machine's clock; None while it waits for its turn.
    """

    expected: int | None = None
    passes: int = 0
    stopped: bool = False
    begun: float | None = None
    thread: int = field(default_factory=get_ident)

    def look(self, *_: Any) -> None:
        """Count a pass through a layer; a training in another thread is none of its business.

        Raises:
            Stopped: It should end.
        """
        if get_ident() == self.thread:
            self.passes += 1
            if self.stopped:
                raise Stopped

    @property
    def progress(self) -> dict[str, float | None]:
        """Seconds so far, and the share that is done where it is known."""
        share = min(0.99, self.passes / self.expected) if self.expected else None
        return {"seconds": 0.0 if self.begun is None else monotonic() - self.begun, "share": share}


@final
class Desk:
    """Where drawings are made: one at a time, since torch's random numbers belong to the whole process.

    A drawing of the same lane (a place on the page) as an earlier one that is unfinished stops it: a slider that moves
    on makes what it asked for before obsolete.

    Attributes:
        turn: Held by whoever draws; a training holds it for each of its turns.
    """

    def __init__(self) -> None:
        self.turn = Lock()
        self._lanes: dict[str, Work] = {}
        self._known: dict[str, int] = {}

    @contextmanager
    def work(self, lane: str, kind: str) -> Iterator[Work]:
        """Wait for the turn of a drawing of some kind, and count its passes for the next one of this kind.

        Raises:
            Stopped: It was stopped, or another of its lane has begun.
        """
        self.stop(lane)
        mine = self._lanes[lane] = Work(self._known.get(kind))
        with self.turn:
            mine.look()
            mine.begun = monotonic()
            hook = register_module_forward_pre_hook(mine.look)
            try:
                yield mine
            finally:
                hook.remove()
        self._known.pop(kind, None)
        self._known[kind] = mine.passes
        for oldest in list(self._known)[:-KINDS]:
            self._known.pop(oldest, None)

    def stop(self, lane: str) -> None:
        """Stop the drawing of a lane, if there is one."""
        if lane in self._lanes:
            self._lanes[lane].stopped = True

    def stop_all(self) -> None:
        """Stop all drawings: the server ends."""
        for lane in list(self._lanes):  # others add theirs meanwhile
            self.stop(lane)

    def progress(self, lane: str) -> dict[str, float | None]:
        """How far the drawing of a lane is."""
        return self._lanes.get(lane, Work()).progress
