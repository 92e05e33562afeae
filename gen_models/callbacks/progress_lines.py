"""The progress of a run where there is no terminal: in a file, in a job's log."""

from collections.abc import Mapping
from time import perf_counter
from typing import Annotated, Any

from lightning import Callback, Trainer

from gen_models.bounds import AtLeast
from gen_models.callbacks.objectives import chosen, objectives
from gen_models.callbacks.progress import SPEED, drawable
from gen_models.core.clock import is_time
from gen_models.core.engine import Engine
from gen_models.metrics.record import rounded


class ProgressLines(Callback):
    """Prints a line now and then, as losses are logged: turn, what each player minimises, speed, remaining time.

    On a terminal and in a notebook there is a bar instead.

    Args:
        seconds: The least time between two lines; 0 prints none.
    """

    def __init__(self, seconds: Annotated[float, AtLeast(0)] = 60) -> None:
        self.seconds = seconds

    def on_train_start(self, trainer: Trainer, pl_module: Engine) -> None:
        """Start the watch; the first line comes after the first logging, so that one sees that it works."""
        self._speaks = self.seconds > 0 and trainer.is_global_zero and not drawable()
        self._began, self._first = perf_counter(), pl_module.clock.turn
        self._end = self._first + int(trainer.num_training_batches)
        self._told = self._began - self.seconds

    def on_train_batch_end(self, trainer: Trainer, pl_module: Engine, *_: Any) -> None:
        """Print a line if it is time to: when the log has just waited for the device."""
        turn, now = pl_module.clock.turn, perf_counter()
        if not self._speaks or not is_time(turn, trainer.log_every_n_steps) or now - self._told < self.seconds:
            return
        self._told = now
        values = objectives(chosen(trainer.callback_metrics, pl_module.objectives))
        speed = chosen(trainer.callback_metrics, (SPEED,)).get(SPEED)
        left = (now - self._began) / (turn - self._first) * (self._end - turn)
        print(line(turn, self._end, values, speed, left), flush=True)


def line(turn: int, of: int, values: Mapping[str, float], speed: float | None, left: float) -> str:
    """Such as `turn 1,500 of 3,000 (50 %): critic 1.2, generator 0.8; 740 images/s; 0:04:10 left`."""
    losses = ", ".join(f"{name.rpartition('/')[2]} {rounded(value, 4)}" for name, value in values.items())
    rate = "" if speed is None else f"; {speed:,.0f} {SPEED}"
    minutes, seconds = divmod(round(left), 60)
    time = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return f"turn {turn:,} of {of:,} ({turn / max(1, of):.0%}): {losses}{rate}; {time} left"
