"""How fast a run is."""

from time import perf_counter
from typing import Any

from lightning import Callback, Trainer

from gen_models.core.clock import is_time
from gen_models.core.engine import Engine


class Throughput(Callback):
    """Logs images/s whenever the losses are logged; drawing, evaluating and saving count as time, as they should."""

    def on_train_start(self, trainer: Trainer, pl_module: Engine) -> None:
        """Start the watch."""
        self._mark(pl_module)

    def on_train_batch_end(self, trainer: Trainer, pl_module: Engine, *_: Any) -> None:
        """Log what passed since the last logging; the losses were just read, so the device has caught up."""
        if is_time(pl_module.clock.turn, trainer.log_every_n_steps):
            images, seconds = pl_module.clock.images - self._images, perf_counter() - self._time
            pl_module.report({"images/s": images / seconds}, bar=["images/s"])
            self._mark(pl_module)

    def _mark(self, model: Engine) -> None:
        self._time, self._images = perf_counter(), model.clock.images
