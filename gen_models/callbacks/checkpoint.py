"""The only saver, and the only place where a run may end early: after a complete turn."""

from collections.abc import Callable, Mapping
from functools import partial
from time import sleep
from typing import Annotated, Any

from lightning import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_warn

from gen_models.analysis.subject import Subject
from gen_models.bounds import AtLeast, Natural
from gen_models.callbacks.quality import Evaluation, evaluation_due, evaluation_of, takers, untaken
from gen_models.core.clock import is_time
from gen_models.core.engine import Engine
from gen_models.core.health import not_finite
from gen_models.core.model import GenerativeModel
from gen_models.core.signals import Interrupted, Listener
from gen_models.errors import NumericalDeath, UsageError
from gen_models.files import write_whole
from gen_models.run.checkpoints import Store
from gen_models.run.command import again, going_on
from gen_models.run.manifest import Score

TRIES, PAUSE = 3, 1.0
"""How often a save that must succeed is tried, and the seconds between."""


class Checkpoint(Callback):
    """Saves every `every` turns, at the end, when a signal asks the run to end, and when a figure was just taken.

    SIGTERM, SIGUSR1, SIGUSR2 and Ctrl-C let the turn finish, save, and leave with exit code 75: the same command
    continues the run bit for bit, and a Slurm job requeues itself (run/cluster.py). A second Ctrl-C ends the run at
    once; the other signals may come as often as they like, since machines repeat themselves.

    An evaluation may last longer than a machine waits. So the turn before it is saved, and a process that trains by
    itself and is asked to end while it measures leaves at once: the run then plays that one turn again. Of several
    ranks each waits for the others to measure, for `grace` seconds at most.

    A save in between that fails (a full disk) costs a warning, and is tried again when the losses are next logged.
    The last one, and that before leaving, must succeed.

    Args:
        folder: Where the checkpoints live.
        every: Turns between two checkpoints; 0 saves at the end only.
        keep: How many recent ones stay, beside the best: the newest may be the one that is damaged.
        monitor: Figure that decides which one is the best; None keeps no best.
        grace: Seconds from a signal to the end of a process that does not finish its turn; 0 waits for ever.
    """

    def __init__(
        self,
        folder: str,
        every: Natural = 500,
        keep: Annotated[int, AtLeast(2)] = 2,
        monitor: str | None = None,
        grace: Annotated[float, AtLeast(0)] = 240,
    ) -> None:
        self.store = Store(folder, keep)
        self.every = every
        self.monitor = monitor
        self._signals = Listener(grace)
        self._leaving = self._overdue = False
        self._end = self._saved = 0

    def unread(self, trainer: Trainer, subject: Subject, turns: int) -> Mapping[str, str]:
        """The figure that decides which checkpoint is the best, where none is taken."""
        why = untaken(trainer)
        return {"monitor": why} if why else {}

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
        self._saved = pl_module.clock.turn
        self._end = self._saved + int(trainer.num_training_batches)
        for taker in takers(trainer) if trainer.world_size == 1 else ():
            taker.beforehand = partial(self._leave_unmeasured, pl_module)
        # Here and not earlier: Lightning and submitit install handlers of their own while a fit is set up.
        self._signals.listen(partial(self._leave_measuring, trainer, pl_module))

    def on_train_batch_start(self, trainer: Trainer, pl_module: Engine, *_: Any) -> None:
        """Leave, if that was asked for in the last turn: only now has that been logged."""
        if self._leaving:
            raise Interrupted(self._signals.asked)

    def on_train_batch_end(self, trainer: Trainer, pl_module: GenerativeModel, *_: Any) -> None:
        """Save if it is time to, and note whether to leave."""
        turn = pl_module.clock.turn
        evaluation = evaluation_of(trainer, pl_module) if self.monitor is not None else None
        self._leaving = self._agreed(trainer, turn)
        last = self._leaving or trainer.should_stop or turn == self._end
        overdue = self._overdue and is_time(turn, trainer.log_every_n_steps)
        due = is_time(turn, self.every) or evaluation_due(trainer, turn + 1)
        if last or evaluation is not None or overdue or due:
            self._save(trainer, pl_module, self._score(evaluation), must=last)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Let signals end the process at once again: no turn is left to finish."""
        self._signals.stop()

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave, if that was asked for in the last turn: the last evaluation may be long."""
        if self._leaving or self._signals.asked is not None and trainer.world_size == 1:
            raise Interrupted(self._signals.asked)

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        """Give the signals back, for Lightning tears down no callback now; say how a run asked to end goes on."""
        self._signals.stop()
        if isinstance(exception, Interrupted | KeyboardInterrupt) and trainer.is_global_zero:
            saved = f"turn {self._saved:,} of {self._end:,} is saved" if self._saved else "no turn was saved"
            print(f"Stopped; {saved}. {going_on(self.store.folder.parent, saved=self._saved > 0)}")

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Give the signals back, however the training has ended."""
        self._signals.stop()

    def _leave_measuring(self, trainer: Trainer, model: Engine) -> None:
        """Leave at once where a signal comes within an evaluation."""
        if trainer.world_size == 1 and any(taker.busy for taker in takers(trainer)):
            self._leave_unmeasured(model)

    def _leave_unmeasured(self, model: Engine) -> None:
        """Leave within an evaluation, if that was asked for and no more than its turn has to be played again."""
        if self._signals.asked is not None and self._saved >= model.clock.turn - 1:
            raise Interrupted(self._signals.asked)

    def _agreed(self, trainer: Trainer, turn: int) -> bool:
        """Whether any rank was asked to end; several ranks look only every `log_every` turns, since that waits."""
        asked = self._signals.asked is not None
        if trainer.world_size == 1:
            return asked
        looking = turn == self._end or is_time(turn, trainer.log_every_n_steps)
        return looking and trainer.strategy.reduce_boolean_decision(asked, all=False)

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
                self._overdue, self._saved = False, turn
            except OSError as error:
                kept = self.store.entries()
                if must:
                    raise UsageError(
                        f"turn {turn} could not be saved in {self.store.folder} ({error}): make room, and "
                        f"{f'{again()} goes on from the checkpoint before' if kept else 'the same command begins'}."
                    ) from error
                self._overdue = True
                rest = "the older ones still count" if kept else "there is none yet"
                rank_zero_warn(f"no checkpoint of turn {turn} ({error}); {rest}.")
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
