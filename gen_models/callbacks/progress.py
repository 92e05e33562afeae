"""A progress bar over the whole run, whatever part of it this process plays."""

from typing import Any

from lightning import Trainer
from lightning.pytorch.callbacks import RichProgressBar

from gen_models.core.engine import Engine


class RunProgress(RichProgressBar):
    """Lightning's Rich bar, counting turns of the run instead of batches since the last restart."""

    def __init__(self, refresh_rate: int = 10) -> None:
        super().__init__(refresh_rate=refresh_rate, leave=True)
        self._played = 0

    @property
    def total_train_batches(self) -> int | float:
        """Turns of the whole run."""
        return self._played + super().total_train_batches

    def on_train_start(self, trainer: Trainer, pl_module: Engine) -> None:
        """Remember what earlier processes have played."""
        self._played = pl_module.clock.turn
        super().on_train_start(trainer, pl_module)

    def on_train_epoch_start(self, trainer: Trainer, pl_module: Engine) -> None:
        """Draw the bar; turns of earlier processes don't count for the speed."""
        super().on_train_epoch_start(trainer, pl_module)
        if self.progress is not None and self.train_progress_bar_id is not None:
            self.progress.reset(self.train_progress_bar_id, completed=self._played)

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: Engine,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Move the bar to the present turn."""
        super().on_train_batch_end(trainer, pl_module, outputs, batch, pl_module.clock.turn - 1)

    def _get_train_description(self, current_epoch: int) -> str:
        return "Training"

    def get_metrics(self, trainer: Trainer, pl_module: Engine) -> dict[str, Any]:
        """Show three digits; the loggers' version number says nothing in a run directory."""
        metrics: dict[str, Any] = super().get_metrics(trainer, pl_module)
        return {name: f"{float(value):.3g}" for name, value in metrics.items() if name != "v_num"}
