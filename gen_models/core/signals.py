"""Signals that ask a run to end, and how it then leaves."""

import os
import signal
from collections.abc import Callable
from select import select
from threading import Thread, current_thread, main_thread
from time import monotonic
from types import FrameType
from typing import Any

from gen_models.errors import EXIT_RESUMABLE

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2)
"""Slurm's `--signal` is USR1 in scripts/train.sbatch, and USR2 in submitit's jobs."""

CANCELLED = b"\0"
"""No signal has this number."""


class Interrupted(SystemExit):
    """Leave after a complete turn, saved, with the exit code that says so.

    Args:
        number: The signal that asked for it; None where another rank was asked.
    """

    def __init__(self, number: int | None = None) -> None:
        super().__init__(EXIT_RESUMABLE)
        self.number = number


def ignore_signals(*_: int) -> None:
    """Leave signals to the parent: Slurm sends them to every process of a job, and loaders must outlive the turn."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


class Deadline:
    """End the process some time after a signal, whatever it waits for: a silent rank, a loader's worker, a disk.

    Python's handlers run between two instructions of the main thread, and so never while it waits in a library. The
    system's own writes a byte into a pipe at once, and a thread that reads it counts the time. Nothing is lost: what is
    on the disk is whole at any moment.

    Args:
        seconds: From the first of `SIGNALS` to the end; 0 waits for ever.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        self._before = signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Leave the process alone from now on."""
        signal.set_wakeup_fd(self._before)
        os.write(self._writing, CANCELLED)
        self._thread.join()
        os.close(self._writing)
        os.close(self._reading)

    def _watch(self) -> None:
        end: float | None = None
        while True:
            left = None if end is None else max(0.0, end - monotonic())
            ready, _, _ = select([self._reading], [], [], left)
            if not ready:
                os.write(2, b"The run was asked to end and did not in time: it leaves without saving this turn.\n")
                os._exit(EXIT_RESUMABLE)
            number = os.read(self._reading, 1)
            if number == CANCELLED:
                return
            if end is None and self.seconds and number[0] in SIGNALS:
                end = monotonic() + self.seconds


class Listener:
    """Signal handlers of a training: a signal is noted, for whoever may end at the next safe point.

    A second Ctrl-C raises KeyboardInterrupt at once; the other signals may come as often as they like, since machines
    repeat themselves.

    Args:
        grace: Seconds from a signal to the end of the process, whatever it waits for; 0 waits for ever.

    Attributes:
        asked: The signal that has come; None while there is none.
    """

    def __init__(self, grace: float) -> None:
        self.grace = grace
        self.asked: int | None = None
        self._handlers: dict[int, Any] = {}
        self._deadline: Deadline | None = None

    def listen(self, answer: Callable[[], object]) -> None:
        """Note signals from now on, and call `answer` after each; no thread but the main one is sent any."""
        if current_thread() is not main_thread():
            return

        def note(number: int, frame: FrameType | None) -> None:
            if self.asked is not None and number == signal.SIGINT:
                raise KeyboardInterrupt
            self.asked = number
            answer()

        self._handlers = {number: signal.signal(number, note) for number in SIGNALS}
        self._deadline = Deadline(self.grace)

    def stop(self) -> None:
        """Give the signals back to who had them; once is enough, and more do no harm."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers = {}
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
