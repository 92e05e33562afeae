"""A first look at what a model draws, before a training that would else be told of it by its first picture."""

from typing import final

import torch
from lightning import Callback, Trainer

from gen_models.analysis.effort import evaluations_of
from gen_models.analysis.sampling import in_turn
from gen_models.core.contract import check_first_samples
from gen_models.core.model import GenerativeModel

N = 2
"""Samples; of one alone, a batch axis that was dropped might not be noticed."""
MOST = 100
"""Evaluations of the network, one after another, that a look is worth: a walk from pixel to pixel may take minutes."""


@final
class Trial(Callback):
    """Sanity check of sampling: holds two samples of the untrained model against what `sample` has to give.

    A picture that fails ends no run (`Showing`), so that a wrong `sample` would be known for sure only when figures are
    taken. Runs with parts of plug-ins have this callback: this project's own families are held to it by tests, and some
    of them take minutes for a sample. A model that states more than 100 `evaluations`, or cannot tell, is left alone.
    """

    def on_train_start(self, trainer: Trainer, pl_module: GenerativeModel) -> None:
        """Look, as a run begins, without disturbing it.

        Raises:
            UsageError: They are no such samples.
        """
        evaluations = evaluations_of(pl_module)
        if pl_module.clock.turn or evaluations is None or evaluations > MOST:
            return
        with pl_module.evaluating("trial"):
            samples = pl_module.sample(N, in_turn(pl_module, torch.arange(N)))
            check_first_samples(samples, N, trainer.datamodule.source.spec, pl_module.device)
