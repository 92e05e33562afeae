"""What stands around a training on the page: its turns can be held, and its losses are kept in memory."""

from collections.abc import Mapping
from threading import Condition, Event
from time import sleep
from typing import Any, final

from lightning import Callback
from lightning.pytorch.loggers import Logger

from gen_models.explore.work import Desk, Stopped

BREATH = 0.001
"""Seconds after each turn in which a drawing may begin."""


@final
class Turns(Callback):
    """Hold a training before each turn until it may play it, and while something is drawn.

    Args:
        desk: Where is drawn.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.allowed: int | None = 0
        self.reached = Event()
        """Whether it has come to its first turn, or to its end."""
        self._ending = self._held = False
        self._changed = Condition()

    def allow(self, turns: int | None) -> None:
        """Let the training play so many turns from now; None for as many as it likes."""
        with self._changed:
            self.allowed = turns
            self._changed.notify_all()

    def end(self) -> None:
        """End the training before its next turn."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()

    def hold(self) -> None:
        """Take the model for a turn: nobody draws samples of it meanwhile."""
        self.desk.turn.acquire()
        self._held = True

    def release(self) -> None:
        """Leave the model to those who want to draw samples of it."""
        if self._held:
            self._held = False
            self.desk.turn.release()

    def on_train_batch_start(self, *_: Any) -> None:
        """Wait for what may be played.

        Raises:
            Stopped: It should end.
        """
        self.release()
        self.reached.set()
        with self._changed:
            self._changed.wait_for(lambda: self._ending or self.allowed != 0)
            if self._ending:
                raise Stopped
            self.allowed = None if self.allowed is None else self.allowed - 1
        self.hold()

    def on_train_batch_end(self, *_: Any) -> None:
        """Leave a moment to those who want to draw: a lock is not given in turn."""
        self.release()
        sleep(BREATH)


@final
class History(Logger):
    """Rows of losses by turn, in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[tuple[int, dict[str, float]]] = []

    @property
    def name(self) -> str:
        """No directory."""
        return ""

    @property
    def version(self) -> str:
        """None of several."""
        return ""

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Keep what the players minimise and note."""
        losses = {name: float(value) for name, value in metrics.items() if "/" in name and not name.startswith("lr/")}
        self.rows.append((step or 0, losses))

    def log_hyperparams(self, *_: Any, **__: Any) -> None:
        """They stand in the command."""
