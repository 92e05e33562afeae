"""The only saver, and the only place where a run may end early: after a complete turn."""

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from lightning import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_warn

from gen_models.callbacks.quality import Evaluation, evaluation_of
from gen_models.core.engine import Engine
from gen_models.core.model import GenerativeModel
from gen_models.core.signals import SIGNALS
from gen_models.errors import EXIT_RESUMABLE, NumericalDeath
from gen_models.run.checkpoints import Store
from gen_models.run.manifest import Score

PATIENCE = 3


class Checkpoint(Callback):
    """Saves every `every` turns, at the end, when a signal asks the run to end, and when a figure was just taken.

    SIGTERM, SIGUSR1, SIGUSR2 and Ctrl-C let the turn finish, save, and leave with exit code 75: the same command
    continues the run bit for bit, and a Slurm job requeues itself (core/cluster.py). A second Ctrl-C ends the run at
    once; the other signals may come as often as they like, since machines repeat themselves.

    Args:
        folder: Where the checkpoints live.
        every: Turns between two checkpoints.
        keep: How many recent ones stay, beside the best.
        monitor: Figure that decides which one is the best; None keeps no best.
    """

    def __init__(self, folder: str, every: int = 500, keep: int = 2, monitor: str | None = None) -> None:
        self.store = Store(folder, keep)
        self.every = every
        self.monitor = monitor
        self._asked = False
        self._failures = 0
        self._end = 0
        self._handlers: dict[int, Any] = {}

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Stand last, wherever the config names it, and find out now that the folder can't be written.

        What others keep of a turn, and their wish to end the run, is then in the checkpoint of that turn.
        """
        trainer.callbacks = [*(other for other in trainer.callbacks if other is not self), self]  # type: ignore[attr-defined]
        Path(self.store.folder).mkdir(parents=True, exist_ok=True)

    def on_train_start(self, trainer: Trainer, pl_module: Engine) -> None:
        """Listen for signals."""
        self._end = pl_module.clock.turn + int(trainer.num_training_batches)
        # Here and not earlier: Lightning and submitit install handlers of their own while a fit is set up.
        if threading.current_thread() is threading.main_thread():  # no other thread is sent any
            self._handlers = {number: signal.signal(number, self._ask) for number in SIGNALS}

    def on_train_batch_end(self, trainer: Trainer, pl_module: GenerativeModel, *_: Any) -> None:
        """Save if it is time to, and leave if that was asked for."""
        turn = pl_module.clock.turn
        asked = self._agreed(trainer, turn)
        evaluation = evaluation_of(trainer, pl_module) if self.monitor is not None else None
        if asked or evaluation is not None or trainer.should_stop or turn % self.every == 0 or turn == self._end:
            self._save(trainer, pl_module, self._score(evaluation))
        if asked and turn < self._end:
            raise SystemExit(EXIT_RESUMABLE)

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Give the signals back."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers = {}

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self._asked = True

    def _agreed(self, trainer: Trainer, turn: int) -> bool:
        """Whether any rank was asked to end; several ranks look only every `log_every` turns, since that waits."""
        if trainer.world_size == 1:
            return self._asked
        if turn % trainer.log_every_n_steps:
            return False
        return trainer.strategy.reduce_boolean_decision(self._asked, all=False)

    def _score(self, evaluation: Evaluation | None) -> Score | None:
        record = evaluation.record(self.monitor or "") if evaluation is not None else None
        return Score(record.key, record.value, record.higher_is_better) if record is not None else None

    def _save(self, trainer: Trainer, model: Engine, score: Score | None) -> None:
        if bad := [name for name, p in model.named_parameters() if not torch.isfinite(p).all()]:
            raise NumericalDeath(f"the weights {bad[0]} are not finite after turn {model.clock.turn}: not saved.")
        payload = model.capture()
        if trainer.is_global_zero:
            try:
                self.store.save(model.clock.turn, payload, score)
                self._failures = 0
            except OSError as error:
                self._failures += 1
                if self._failures >= PATIENCE:
                    raise
                rank_zero_warn(f"no checkpoint of turn {model.clock.turn} ({error}); the older ones still count.")
        trainer.strategy.barrier()
