"""Fréchet distance of features (FID: Heusel et al. 2017, https://arxiv.org/abs/1706.08500) as a loss."""

from typing import Any

import torch
from torch import Tensor

from gen_models.bounds import Natural, Positive, Weight
from gen_models.data.interface import batches
from gen_models.data.source import Source
from gen_models.judges.base import FeatureJudge
from gen_models.losses.discrepancy import Moments, frechet, moments
from gen_models.metrics.classifier import Classifier
from gen_models.metrics.extractors import Extractor

BATCH = 500


class Frechet(FeatureJudge):
    """Fréchet distance of the features of samples to those of the training items.

    A batch is too small for a covariance, so features of earlier batches stand beside it; they carry no gradient.

    Args:
        extractor: Gives the features.
        queue: Samples of earlier batches.
        items: Training items that make the target.
        weight: Factor on the distance.
        cache: See `FeatureJudge`.
    """

    def __init__(
        self,
        extractor: Extractor | Classifier,
        queue: Natural = 512,
        items: Positive = 5000,
        weight: Weight = 1.0,
        cache: str | None = None,
    ) -> None:
        super().__init__(extractor, weight, cache)
        self.queue = queue
        self.items = items
        self.past: Tensor | None = None

    @torch.no_grad()
    def prepare(self, source: Source, device: torch.device) -> None:
        """Take the moments of the training items."""
        super().prepare(source, device)
        picked = torch.randperm(len(source.reference))[: self.items]
        features = torch.cat([self.features(x.to(device)) for x, _ in batches(source.reference, picked, BATCH)])
        mean, root = moments(features.double())
        self.target = Moments(mean.float(), root.float())

    def measure(self, fake: Tensor, real: Tensor, y: Tensor) -> Tensor:
        """Measure the batch and the queue, and let the batch join the queue."""
        features = self.features(fake)
        everything = features if self.past is None else torch.cat([self.past.to(features.device), features])
        self.past = everything.detach()[-self.queue :] if self.queue else None
        return frechet(everything, self.target)

    def get_extra_state(self) -> dict[str, Any]:
        """The queue, for the checkpoint; no buffer, for the size of features is unknown before the first batch."""
        return {"past": self.past}

    def set_extra_state(self, state: dict[str, Any]) -> None:
        """Restore the queue."""
        self.past = state["past"]
