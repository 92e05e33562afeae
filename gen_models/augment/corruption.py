"""Corruptions that a denoising autoencoder undoes.

Vincent et al. (2008), https://doi.org/10.1145/1390156.1390294, and (2010), who compare these three,
https://jmlr.org/papers/v11/vincent10a.html.
"""

from abc import ABC, abstractmethod
from typing import Annotated

import torch
from torch import Tensor

from gen_models.bounds import Above, AtMost, Scale

Spoilt = Annotated[float, Above(0), AtMost(1)]
"""Share of the components of a sample that is lost."""


class Corruption(ABC):
    """Corruption of samples, each in its own way."""

    @abstractmethod
    def __call__(self, x: Tensor) -> Tensor:
        """Give another tensor for x (B, *shape) in [-1, 1]; the result may leave that range."""


class GaussianNoise(Corruption):
    """Additive Gaussian noise.

    Args:
        sigma: Its standard deviation; samples span 2.
    """

    def __init__(self, sigma: Scale = 0.5) -> None:
        self.sigma = sigma

    def __call__(self, x: Tensor) -> Tensor:
        """Give x + σ ε."""
        return x + self.sigma * torch.randn_like(x)


class Masking(Corruption):
    """Masking noise: a share of the components of each sample becomes black.

    Args:
        share: ν of the paper.
    """

    def __init__(self, share: Spoilt = 0.25) -> None:
        self.share = share

    def __call__(self, x: Tensor) -> Tensor:
        """Give x with so many components at -1."""
        return x.masked_fill(_chosen(x, self.share), -1.0)


class SaltAndPepper(Corruption):
    """Salt-and-pepper noise: a share of the components of each sample becomes black or white.

    Args:
        share: ν of the paper.
    """

    def __init__(self, share: Spoilt = 0.25) -> None:
        self.share = share

    def __call__(self, x: Tensor) -> Tensor:
        """Give x with so many components at -1 or 1."""
        coins = torch.randint_like(x, 2) * 2 - 1
        return torch.where(_chosen(x, self.share), coins, x)


def _chosen(x: Tensor, share: float) -> Tensor:
    """As many components of each sample as the share says, to the nearest; which, is random."""
    places = torch.rand_like(x.flatten(1)).argsort(1)
    return (places < round(share * places.shape[1])).view(x.shape)
