"""Consistency regularisation of a critic (CR, bCR)."""

from collections.abc import Callable

import torch
from torch import Tensor

from gen_models.bounds import Positive, Weight
from gen_models.losses.penalties import CriticFunction, Penalty

Transform = Callable[[Tensor], Tensor]
"""Samples (B, *shape) to samples of the same shape that mean the same."""


class Consistency(Penalty):
    """Consistency regularisation (CR, bCR): a sample and its augmented twin get the same logit.

    Zhang et al. (2020), https://arxiv.org/abs/1910.12027; balanced: Zhao et al. (2021), https://arxiv.org/abs/2002.04724.

    Args:
        weight: λ of the paper.
        augment: Makes the twin.
        balanced: Ask it of generated samples too, so that these don't come to look augmented (bCR).
        every: See `Penalty`.
    """

    def __init__(self, weight: Weight, augment: Transform, balanced: bool = False, every: Positive = 1) -> None:
        super().__init__(weight, every)
        self.augment = augment
        self.balanced = self.needs_samples = balanced

    def measure(self, critic: CriticFunction, real: Tensor, fake: Tensor, y: Tensor) -> Tensor:
        """E (D(x) - D(T(x)))², balanced: + E (D(G(z)) - D(T(G(z))))²."""
        measured = disagreement(critic, real, self.augment(real), y)
        return measured + disagreement(critic, fake, self.augment(fake), y) if self.balanced else measured


def disagreement(critic: CriticFunction, first: Tensor, second: Tensor, y: Tensor) -> Tensor:
    """E (D(x) - D(x'))², of one pass: a spectrally normalised critic is another one in the next."""
    one, other = critic(torch.cat([first, second]), torch.cat([y, y])).chunk(2)
    return (one - other).square().mean()
