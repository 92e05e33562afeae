"""The only saver, and the only place where a run may end early: after a complete turn."""

import signal
import threading
from collections.abc import Callable
from time import sleep
from types import FrameType
from typing import Any

from lightning import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_warn

from gen_models.callbacks.quality import Evaluation, evaluation_of
from gen_models.core.clock import is_time
from gen_models.core.engine import Engine
from gen_models.core.health import not_finite
from gen_models.core.model import GenerativeModel
from gen_models.core.signals import SIGNALS, Deadline, Interrupted
from gen_models.errors import NumericalDeath, UsageError
from gen_models.files import write_whole
from gen_models.run.checkpoints import Store
from gen_models.run.manifest import Score

TRIES, PAUSE = 3, 1.0
"""How often a save that must succeed is tried, and the seconds between."""


class Checkpoint(Callback):
    """Saves every `every` turns, at the end, when a signal asks the run to end, and when a figure was just taken.

    SIGTERM, SIGUSR1, SIGUSR2 and Ctrl-C let the turn finish, save, and leave with exit code 75: the same command
    continues the run bit for bit, and a Slurm job requeues itself (run/cluster.py). A second Ctrl-C ends the run at
    once; the other signals may come as often as they like, since machines repeat themselves.

    A save in between that fails (a full disk) costs a warning, and is tried again when the losses are next logged.
    The last one, and that before leaving, must succeed.

    Args:
        folder: Where the checkpoints live.
        every: Turns between two checkpoints; 0 saves at the end only.
        keep: How many recent ones stay, beside the best.
        monitor: Figure that decides which one is the best; None keeps no best.
        grace: Seconds from a signal to the end of a process that does not finish its turn; 0 waits for ever.
    """

    def __init__(
        self, folder: str, every: int = 500, keep: int = 2, monitor: str | None = None, grace: float = 240
    ) -> None:
        self.store = Store(folder, keep)
        self.every = every
        self.monitor = monitor
        self.grace = grace
        self._asked: int | None = None
        self._leaving = self._overdue = False
        self._end = 0
        self._deadline: Deadline | None = None
        self._handlers: dict[int, Any] = {}

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Stand last, wherever the config names it, and find out now that the folder can't be written.

        What others keep of a turn, and their wish to end the run, is then in the checkpoint of that turn.

        Raises:
            UsageError: It can't.
        """
        trainer.callbacks = [*(other for other in trainer.callbacks if other is not self), self]  # type: ignore[attr-defined]
        if trainer.is_global_zero:
            try:
                self.store.folder.mkdir(parents=True, exist_ok=True)
                write_whole(probe := self.store.folder / ".probe", lambda file: file.write(b"whole"))
                probe.unlink()
            except OSError as error:
                raise UsageError(
                    f"{self.store.folder} can't be written ({error.strerror}): make room, or choose another run=…."
                ) from error

    def on_train_start(self, trainer: Trainer, pl_module: Engine) -> None:
        """Listen for signals."""
        self._end = pl_module.clock.turn + int(trainer.num_training_batches)
        # Here and not earlier: Lightning and submitit install handlers of their own while a fit is set up.
        if threading.current_thread() is threading.main_thread():  # no other thread is sent any
            self._handlers = {number: signal.signal(number, self._ask) for number in SIGNALS}
            self._deadline = Deadline(self.grace)

    def on_train_batch_start(self, trainer: Trainer, pl_module: Engine, *_: Any) -> None:
        """Leave, if that was asked for in the last turn: only now has that been logged."""
        if self._leaving:
            turn, run = pl_module.clock.turn, self.store.folder.parent
            if trainer.is_global_zero:
                print(f"Stopped after turn {turn} of {self._end} and saved. The same command with run={run} goes on.")
            raise Interrupted(self._asked)

    def on_train_batch_end(self, trainer: Trainer, pl_module: GenerativeModel, *_: Any) -> None:
        """Save if it is time to, and note whether to leave."""
        turn = pl_module.clock.turn
        self._leaving = self._agreed(trainer, turn) and turn < self._end
        evaluation = evaluation_of(trainer, pl_module) if self.monitor is not None else None
        last = self._leaving or trainer.should_stop or turn == self._end
        overdue = self._overdue and is_time(turn, trainer.log_every_n_steps)
        if last or evaluation is not None or overdue or is_time(turn, self.every):
            self._save(trainer, pl_module, self._score(evaluation), must=last)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Let signals end the process at once again: no turn is left to finish."""
        self._stop_listening()

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Give the signals back, however the training has ended."""
        self._stop_listening()

    def _stop_listening(self) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers = {}
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._asked is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self._asked = number

    def _agreed(self, trainer: Trainer, turn: int) -> bool:
        """Whether any rank was asked to end; several ranks look only every `log_every` turns, since that waits."""
        asked = self._asked is not None
        if trainer.world_size == 1:
            return asked
        return is_time(turn, trainer.log_every_n_steps) and trainer.strategy.reduce_boolean_decision(asked, all=False)

    def _score(self, evaluation: Evaluation | None) -> Score | None:
        record = evaluation.record(self.monitor or "") if evaluation is not None else None
        if record is None or record.value is None:
            return None
        return Score(record.key, record.value, record.higher_is_better)

    def _save(self, trainer: Trainer, model: Engine, score: Score | None, *, must: bool) -> None:
        turn, payload = model.clock.turn, model.capture()
        if broken := not_finite({name: payload[name] for name in ("model", "optimizers")}):
            raise NumericalDeath(f"{broken[0]} is not finite after turn {turn}, which was not saved.")
        if trainer.is_global_zero:
            try:
                _tried(TRIES if must else 1, lambda: self.store.save(turn, payload, score))
                self._overdue = False
            except OSError as error:
                if must:
                    raise UsageError(
                        f"turn {turn} could not be saved in {self.store.folder} ({error}): make room, and the same "
                        "command goes on from the checkpoint before."
                    ) from error
                self._overdue = True
                rank_zero_warn(f"no checkpoint of turn {turn} ({error}); the older ones still count.")
        trainer.strategy.barrier()


def _tried(times: int, write: Callable[[], Any]) -> None:
    """Write, and again after a pause where that fails; the last error is raised."""
    for left in reversed(range(times)):
        try:
            write()
            return
        except OSError:
            if not left:
                raise
            sleep(PAUSE)
