"""How values that should look alike are distributed: values, verdicts, codes, and the weights behind them."""

import torch
from lightning import Trainer
from torch import Tensor

from gen_models.analysis.codes import codes_of
from gen_models.analysis.subject import Subject
from gen_models.bounds import Natural, Positive
from gen_models.callbacks.showing import Showing
from gen_models.core.abilities.codes import Encodes
from gen_models.core.abilities.judgement import Scores
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import gathered, picked
from gen_models.run.loggers import dashboards, log_histograms


class Histograms(Showing):
    """Sends histograms to the dashboards every `every` turns and at the end.

    - `values/data` and `values/samples`: pixels (or whatever the data are) in [-1, 1] of held-out items and of samples;
    - `verdicts/data` and `verdicts/samples`: the critic's logits of both, where there is one;
    - `codes`: all numbers in the codes of held-out items, where there are codes. For a prior of N(0, 1), a spike at 0
      is the share of numbers that have collapsed;
    - `weights/<network>`: all parameters of each network, the averaged ones where there is an average.

    Args:
        every: Turns between two looks.
        n: Held-out items, and samples.
    """

    def __init__(self, every: Natural = 1000, n: Positive = 64) -> None:
        super().__init__(every)
        self.n = n

    @classmethod
    def lacking(cls, subject: Subject, *, dashboards: bool) -> str:
        """Need somewhere to be shown, and items beside which samples are."""
        if not dashboards:
            return "a dashboard (logger=tensorboard or logger=wandb)"
        return "" if len(subject.source.watched) else "held-out items"

    def show(self, trainer: Trainer, model: GenerativeModel) -> None:
        """Send the histograms, if a dashboard shows any."""
        items = trainer.datamodule.source.watched
        if not dashboards(trainer.loggers) or not len(items):
            return
        x, y = gathered(items, picked(items, self.n, seed=0))
        found: dict[str, Tensor] = {"values/data": x}
        with model.evaluating("histograms"):
            samples = found["values/samples"] = model.sample(len(x), y if model.classes else None)
            if isinstance(model, Scores):
                found["verdicts/data"] = model.score(x.to(model.device), y.to(model.device))
                found["verdicts/samples"] = model.score(samples, y.to(model.device))
            if isinstance(model, Encodes):
                found["codes"] = codes_of(model, items, self.n)
            for name, network in model.named_children():
                if weights := [weight.flatten().cpu() for weight in network.parameters()]:
                    found[f"weights/{name}"] = torch.cat(weights)
            log_histograms(trainer.loggers, found, model.clock.turn)
