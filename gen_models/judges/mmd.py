"""Maximum mean discrepancy as a loss (GMMN: Li et al. 2015, https://arxiv.org/abs/1502.02761)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from gen_models.bounds import Weight
from gen_models.judges.base import FeatureJudge
from gen_models.losses.discrepancy import SCALES, mmd2
from gen_models.metrics.classifier import Classifier
from gen_models.metrics.extractors import Extractor


class MMD(FeatureJudge):
    """Maximum mean discrepancy (MMD) between samples and real items, in pixels or in features.

    Its root is the objective, as there: the gradient of the square vanishes near the end. Unbiased, the square may fall
    below zero, and then it counts as zero.

    Args:
        extractor: Gives the features; `DataSpace` leaves the pixels.
        scales: Widths of the Gaussian kernels, in median distances of real items.
        weight: Factor on the distance.
        cache: See `FeatureJudge`.
    """

    def __init__(
        self,
        extractor: Extractor | Classifier,
        scales: Sequence[float] = SCALES,
        weight: Weight = 1.0,
        cache: str | None = None,
    ) -> None:
        super().__init__(extractor, weight, cache)
        self.scales = scales

    def measure(self, fake: Tensor, real: Tensor, y: Tensor) -> Tensor:
        """√MMD²."""
        with torch.no_grad():
            target = self.features(real)
        return mmd2(self.features(fake), target, self.scales).clamp(min=1e-8).sqrt()
