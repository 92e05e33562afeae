"""Figures of merit during the training."""

from typing import Any

import torch
from lightning import Callback, Trainer

from gen_models.analysis.evaluate import figures_of
from gen_models.core.model import GenerativeModel
from gen_models.metrics.scorer import Scorer


class Quality(Callback):
    """Evaluates the model every `every` turns, logs the figures, and leaves them with the model for the saver.

    Args:
        scorer: What is measured; None measures only what needs no extractor.
        every: Turns between two evaluations.
    """

    def __init__(self, scorer: Scorer | None = None, every: int = 1000) -> None:
        self.scorer = scorer
        self.every = every

    def on_train_batch_end(self, trainer: Trainer, pl_module: GenerativeModel, *_: Any) -> None:
        """Evaluate if it is time to."""
        turn = pl_module.clock.turn
        if turn % self.every:
            return
        records = figures_of(pl_module, trainer.datamodule.source, self.scorer)
        pl_module.figures = {record.key: record.value for record in records}
        pl_module.figures_turn = turn
        for logger in trainer.loggers:
            logger.log_metrics(pl_module.figures | {"images": pl_module.clock.images}, step=turn)
        trainer.callback_metrics.update({name: torch.tensor(value) for name, value in pl_module.figures.items()})
