"""Classifier-free guidance (Ho and Salimans 2022, https://arxiv.org/abs/2207.12598)."""

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from gen_models.bounds import Share
from gen_models.errors import UsageError


class Denoises(Protocol):
    """A network that is told how noisy samples are, and their class, of which one is none."""

    @property
    def classes(self) -> int:
        """How many classes; as a class it is the null class."""

    def __call__(self, x: Tensor, noise: Tensor, y: Tensor | None, /) -> Any:
        """Give a prediction for samples (B, …), their noise (B,) and classes (B,)."""


@dataclass(frozen=True)
class Guidance:
    """Classifier-free guidance: what a class changes in the prediction is exaggerated.

    The convention is unconditional + scale · (conditional - unconditional), so that 1 is unguided. In the paper's own,
    (1 + w) conditional - w unconditional, w is scale - 1.

    Args:
        scale: 1 samples each class as it is, more sharpens it, 0 forgets the class.
        dropout: Share of the training items whose class is hidden, as the null class.
    """

    scale: float = 1.0
    dropout: Share = 0.1

    def check(self, classes: int, option: str) -> None:
        """Refuse to guide a network that is told no classes, which `option` sets, as a UsageError."""
        if self.scale != 1 and not classes:
            raise UsageError(
                f"model.guidance.scale={self.scale:g} exaggerates what a class changes, and this network is told none: "
                f"say '{option}=${{spec.num_classes}}', too, or leave the scale at 1."
            )

    def drop_labels(self, y: Tensor, classes: int) -> Tensor:
        """Put the null class, row `classes`, in the place of some of the classes (B,) of a training batch."""
        if not classes:
            return y
        return torch.where(torch.rand(len(y), device=y.device) < self.dropout, classes, y)

    def __call__(self, denoiser: Denoises, x: Tensor, noise: Tensor, y: Tensor | None) -> Tensor:
        """Give the guided output of a network as float32, by one batch of twice the size where it takes both."""
        if y is None or not denoiser.classes or self.scale == 1:
            return denoiser(x, noise, y).float()
        classes = torch.cat([y, torch.full_like(y, denoiser.classes)])
        told, untold = denoiser(torch.cat([x, x]), torch.cat([noise, noise]), classes).float().chunk(2)
        return self.combine(told, untold)

    def combine(self, told: Tensor, untold: Tensor) -> Tensor:
        """Give the guided one of two predictions, with the class and without."""
        return untold + self.scale * (told - untold)
