"""A density model as the universal judge, and what keeps a generator from drawing its favourite only."""

import math
from typing import Any

import torch
from torch import Tensor

from gen_models.core.abilities import HasSmoothLogProb
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.judges.base import Judge
from gen_models.losses.discrepancy import nearest_distance
from gen_models.run.directory import load


class LogLikelihood(Judge):
    """Bits per dimension that a trained density model needs for samples; alone it makes all of them the likeliest one.

    A generator's pixels lie between levels, where a model of levels says nothing. A flow is asked for its density
    there; an autoregressive one reads the pixels as they are, and its log-probabilities are joined by straight lines
    (`smooth_log_prob`). On the levels the figure is the model's own.

    Args:
        run: The run directory of that model, of the same data.
        weight: Factor on the bits.

    Raises:
        UsageError: No run is named.
    """

    def __init__(self, run: str | None, weight: float = 1.0) -> None:
        super().__init__(weight)
        if run is None:
            raise UsageError("this judge is a trained density model: name its run by judge.likelihood.run=…")
        self.run = run
        self._asked: tuple[Any, ...] = ()

    def prepare(self, source: Source, device: torch.device) -> None:
        """Load the model.

        Raises:
            UsageError: It has no likelihood.
        """
        model = load(self.run, device=device)
        if not isinstance(model, HasSmoothLogProb):
            raise UsageError(f"{self.run} has no likelihood that gradients can follow: choose a run of model=pixelcnn.")
        self._asked = (model,)

    def measure(self, fake: Tensor, real: Tensor, y: Tensor) -> Tensor:
        """-E log₂ p a dimension; a model that is told the class is told the sample's."""
        (model,) = self._asked
        nats = model.smooth_log_prob(fake, y if model.classes else None)
        return -nats.mean() / (fake[0].numel() * math.log(2))


class Diversity(Judge):
    """-E log₂ of the distance to the nearest other sample of the batch: the entropy, but for factor and constant.

    Kozachenko and Leonenko (1987) estimate the entropy of D dimensions by D times the mean logarithm, in a large batch.
    A generator fills fewer dimensions than a sample has, so the weight says how many bits a doubling is worth.
    """

    def measure(self, fake: Tensor, real: Tensor, y: Tensor) -> Tensor:
        """Measure in pixels, by the root mean square difference."""
        x = fake.flatten(1)
        return -(nearest_distance(x) / x.shape[1] ** 0.5).log2().mean()
