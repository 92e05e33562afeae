"""Exponential moving estimates: a mean, a Gaussian of vectors, frequencies of tokens, a mean picture."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gen_models.networks.layers.ranks import averaged

LARGEST = torch.finfo(torch.float32).max
"""Of variances that were never measured; an infinite buffer would be a sign of death."""


class RunningMean(nn.Module):
    """Exponential moving mean of a number, of all ranks; it begins at 0."""

    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(()))

    def observed(self, value: Tensor, share: float) -> Tensor:
        """Take in a number by its share of the mean, and give the mean, with a gradient by that number."""
        mean = self.mean.lerp(averaged(value), share)
        self.mean.copy_(mean.detach())
        return mean


class RunningGaussian(nn.Module):
    """Exponential moving Gaussian: mean and covariance of batches of vectors.

    Before anything is seen it is N(0, 1); the first 1 / (1 - decay) batches all weigh the same.

    Args:
        dim: Size of a vector.
        decay: Weight of the past when a batch comes.
    """

    mean: Tensor
    covariance: Tensor
    seen: Tensor

    def __init__(self, dim: int, decay: float = 0.99) -> None:
        super().__init__()
        self.decay = decay
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("covariance", torch.eye(dim))
        self.register_buffer("seen", torch.zeros(()))

    @torch.no_grad()
    def observe(self, vectors: Tensor) -> None:
        """Take in (B, dim): the moments of a mixture of the past and the batch."""
        self.seen += 1
        share = (1 / self.seen).clamp(min=1 - self.decay)
        step = vectors.mean(0) - self.mean
        with torch.autocast(vectors.device.type, enabled=False):
            away = vectors.T - vectors.T.mean(1, keepdim=True)
            batch = away @ away.T / len(vectors)  # torch.cov would wait for the device, to look at the divisor
            self.covariance.lerp_(batch, share).add_(share * (1 - share) * step.outer(step))
        self.mean.add_(share * step)

    def sample(self, n: int) -> Tensor:
        """Draw (n, dim); dimensions in which nothing ever varied do not vary."""
        variances, axes = torch.linalg.eigh(self.covariance)
        noise = torch.randn(n, len(self.mean), device=self.mean.device)
        return self.mean + noise * variances.clamp(min=0).sqrt() @ axes.T


class RunningShares(nn.Module):
    """Exponential moving frequencies of tokens at each place of a grid, independent of each other.

    Before anything is seen all are equally frequent.

    Args:
        grid: Places.
        codes: What a token can be.
        decay: Weight of the past when a batch comes.
    """

    shares: Tensor

    def __init__(self, grid: Sequence[int], codes: int, decay: float = 0.99) -> None:
        super().__init__()
        self.grid, self.decay = tuple(grid), decay
        self.register_buffer("shares", torch.full((math.prod(grid), codes), 1 / codes))

    @torch.no_grad()
    def observe(self, tokens: Tensor) -> None:
        """Take in (B, *grid)."""
        found = tokens.flatten(1).t()
        each = torch.full_like(found, 1 / found.shape[1], dtype=torch.float32)
        self.shares.lerp_(torch.zeros_like(self.shares).scatter_add_(1, found, each), 1 - self.decay)

    def sample(self, n: int) -> Tensor:
        """Draw (n, *grid)."""
        return torch.multinomial(self.shares, n, replacement=True).t().unflatten(1, self.grid)


class RunningPicture(nn.Module):
    """Exponential moving mean of pictures that change, and that mean where their moving variance was least.

    Fitting a picture first finds what is regular, then noise; between the two, the moving variance of the results is
    least. Wang et al. (2023), Early stopping for deep image prior, section 2.3 (ES-EMV), https://arxiv.org/abs/2112.06074:
    this needs no clean picture.

    Args:
        shape: Of a picture.
        decay: Weight of the past when a picture comes; the first 1 / (1 - decay) all weigh the same.
    """

    mean: Tensor
    settled: Tensor
    moments: Tensor

    def __init__(self, shape: Sequence[int], decay: float = 0.99) -> None:
        super().__init__()
        self.decay = decay
        self.register_buffer("mean", torch.zeros(*shape))
        self.register_buffer("settled", torch.zeros(*shape))
        self.register_buffer("moments", torch.tensor([0.0, 0.0, LARGEST]))  # seen, variance, least variance

    @torch.no_grad()
    def observe(self, picture: Tensor) -> None:
        """Take in (*shape), without waiting for the device."""
        seen, variance, least = self.moments
        seen += 1
        share = (1 / seen).clamp(min=1 - self.decay)
        variance.lerp_((1 - share) * (picture - self.mean).square().mean(), share)
        self.mean.lerp_(picture, share)
        early = seen * (1 - self.decay) < 1  # a short past knows no variance
        settles = (variance < least) & ~early
        self.settled.copy_(torch.where(settles | early, self.mean, self.settled))
        least.copy_(torch.where(settles, variance, least))
