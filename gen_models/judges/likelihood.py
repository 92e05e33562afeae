"""Likelihood under a trained density model as a loss, and the entropy that must go with it."""

import math
from typing import Any

import torch
from torch import Tensor

from gen_models.bounds import Weight
from gen_models.core.abilities.likelihood import HasSmoothLogProb
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.judges.base import Judge
from gen_models.losses.discrepancy import nearest_distance
from gen_models.run.directory import load
from gen_models.run.fitting import check_shown, check_told


class LogLikelihood(Judge):
    """Bits per dimension of samples under a trained density model; alone it makes all of them the likeliest one.

    A generator's pixels lie between levels, where a model of levels says nothing. A flow gives its density there; an
    autoregressive one takes the pixels as they are, and its log-probabilities are interpolated linearly
    (`smooth_log_prob`). On the levels the figure is the model's own.

    Args:
        run: The run directory of that model, of the same data.
        weight: Factor on the bits.

    Raises:
        UsageError: No run is named.
    """

    def __init__(self, run: str | None, weight: Weight = 1.0) -> None:
        super().__init__(weight)
        if run is None:
            raise UsageError("this judge is a trained density model: name its run by judge.likelihood.run=…")
        self.run = run
        self._density: tuple[Any, ...] = ()  # a tuple, and so no child

    def prepare(self, source: Source, device: torch.device) -> None:
        """Load the model.

        Raises:
            UsageError: It has no likelihood, or learned other data.
        """
        check_shown(self.run, source)
        model = load(self.run, device=device)
        if not isinstance(model, HasSmoothLogProb):
            raise UsageError(f"{self.run} has no likelihood that gradients can follow: choose a run of model=pixelcnn.")
        check_told(self.run, model.classes, source)
        self._density = (model,)

    def measure(self, fake: Tensor, real: Tensor, y: Tensor) -> Tensor:
        """-E log₂ p a dimension, p conditioned on the sample's class if the model is conditional."""
        (model,) = self._density
        nats = model.smooth_log_prob(fake, y if model.classes else None)
        return -nats.mean() / (fake[0].numel() * math.log(2))


class Diversity(Judge):
    """Negative entropy of a batch by nearest neighbours, but for factor and constant: -E log₂ of the distance.

    Kozachenko and Leonenko (1987), Sample estimate of the entropy of a random vector, take D times the mean logarithm
    for the entropy of D dimensions, in a large batch. A generator fills fewer dimensions than a sample has, so the
    weight says how many bits a doubling is worth.
    """

    def measure(self, fake: Tensor, real: Tensor, y: Tensor) -> Tensor:
        """Measure in pixels, by the root mean square difference."""
        x = fake.flatten(1)
        return -(nearest_distance(x) / x.shape[1] ** 0.5).log2().mean()
