"""Priors: distributions of latents."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, normalize

from gen_models.bounds import Length, Positive, Scale
from gen_models.errors import UsageError


class Prior(ABC):
    """Prior distribution of latents."""

    @abstractmethod
    def sample(self, n: int, dim: int, device: torch.device, y: Tensor | None = None) -> Tensor:
        """Draw (n, dim) float32, of classes (n,) where these differ; -1 is an unknown class."""

    def truncated(self, limit: float) -> Prior:
        """Give this prior, given that no entry is larger than the limit (truncation trick: Brock et al. 2019).

        Raises:
            UsageError: It has no middle to which it could be cut.
        """
        name = type(self).__name__
        raise UsageError(f"latents from {name} have no middle to be truncated to: leave --truncation out.")


class BaseDensity(Prior):
    """Base density of a normalising flow: a prior of independent latents, in closed form."""

    @abstractmethod
    def log_prob(self, z: Tensor) -> Tensor:
        """Log-density (B,) in nats of latents (B, D)."""


def _positive(limit: float) -> float:
    if limit <= 0:
        raise UsageError(f"latents are cut to a limit above 0, not {limit}: give another, such as 0.5.")
    return limit


class Normal(BaseDensity):
    """Standard normal prior, the same for every class."""

    def log_prob(self, z: Tensor) -> Tensor:
        """-½ Σ (z² + log 2π)."""
        return -0.5 * (z.square() + math.log(2 * math.pi)).sum(1)

    def sample(self, n: int, dim: int, device: torch.device, y: Tensor | None = None) -> Tensor:
        """Draw (n, dim) float32."""
        return torch.randn(n, dim, device=device)

    def truncated(self, limit: float) -> Prior:
        """Gaussians drawn again until they lie within the limit."""
        return Truncated(limit)


class Logistic(BaseDensity):
    """Standard logistic prior, with tails heavier than a Gaussian's.

    Dinh et al. (2015), section 3.4, https://arxiv.org/abs/1410.8516.
    """

    def log_prob(self, z: Tensor) -> Tensor:
        """-Σ log(1 + eᶻ) + log(1 + e⁻ᶻ)."""
        return (logsigmoid(z) + logsigmoid(-z)).sum(1)

    def sample(self, n: int, dim: int, device: torch.device, y: Tensor | None = None) -> Tensor:
        """Draw (n, dim) float32 by the inverse of the distribution function."""
        return torch.rand(n, dim, device=device).logit_(eps=1e-7)


class Truncated(Prior):
    """Truncated normal prior: fidelity for variety (truncation trick).

    Brock et al. 2019, https://arxiv.org/abs/1809.11096, section 3.1.

    Args:
        limit: Largest absolute value of an entry.
    """

    def __init__(self, limit: Scale = 0.5) -> None:
        self.limit = _positive(limit)

    def sample(self, n: int, dim: int, device: torch.device, y: Tensor | None = None) -> Tensor:
        """Draw (n, dim) float32."""
        return torch.nn.init.trunc_normal_(torch.empty(n, dim, device=device), a=-self.limit, b=self.limit)

    def truncated(self, limit: float) -> Prior:
        """The smaller of both limits."""
        return Truncated(min(limit, self.limit))


class Uniform(Prior):
    """Uniform prior in [-limit, limit]: 1 in Radford et al. (2016), √3 in Goodfellow et al. (2014).

    Args:
        limit: Largest absolute value of an entry; √3 gives entries a variance of 1.
    """

    def __init__(self, limit: Scale = 1.0) -> None:
        self.limit = _positive(limit)

    def sample(self, n: int, dim: int, device: torch.device, y: Tensor | None = None) -> Tensor:
        """Draw (n, dim) float32."""
        return torch.rand(n, dim, device=device).mul_(2).sub_(1).mul_(self.limit)

    def truncated(self, limit: float) -> Prior:
        """Uniform in the smaller of both boxes."""
        return Uniform(min(limit, self.limit))


class Sphere(Prior):
    """Uniform prior on the unit sphere (GLO: Bojanowski et al. 2018, https://arxiv.org/abs/1707.05776)."""

    def sample(self, n: int, dim: int, device: torch.device, y: Tensor | None = None) -> Tensor:
        """Draw (n, dim) float32."""
        return normalize(torch.randn(n, dim, device=device))


class MixtureOfGaussians(Prior):
    """Mixture of 2-D Gaussians on a circle, longer than wide and pointing outwards.

    Makhzani et al. 2015, https://arxiv.org/abs/1511.05644, figure 4.
    The sizes are those of musyoku/adversarial-autoencoder. More than two dimensions are so many independent flowers.

    Args:
        components: Petals; petal k, at the angle 2πk / `components`, is that of class k.
        radius: Distance of a petal's middle from the centre.
        along: Standard deviation on the line from the centre.
        across: Standard deviation across it.
    """

    def __init__(
        self, components: Positive = 10, radius: Length = 1.4, along: Length = 0.5, across: Length = 0.05
    ) -> None:
        self.components, self.radius, self.along, self.across = components, radius, along, across

    def sample(self, n: int, dim: int, device: torch.device, y: Tensor | None = None) -> Tensor:
        """Draw (n, dim) float32."""
        angle = _components(y, n, self.components, device).mul(2 * math.pi / self.components)[:, None]
        outwards, sideways = torch.randn(2, n, _pairs(dim), device=device)
        petal = torch.complex(self.radius + self.along * outwards, self.across * sideways)
        return torch.view_as_real(petal * torch.polar(torch.ones_like(angle), angle)).flatten(1)


class SwissRoll(Prior):
    """Swiss roll: points evenly along a spiral.

    Makhzani et al. 2015, https://arxiv.org/abs/1511.05644, figure 4.
    The sizes are those of musyoku/adversarial-autoencoder. More than two dimensions are so many independent rolls.

    Args:
        components: Slices one after another on the way out; slice k is that of class k.
        radius: Where the roll ends.
        turns: Times that it goes around.
    """

    def __init__(self, components: Positive = 10, radius: Scale = 3.0, turns: Scale = 2.0) -> None:
        self.components, self.radius, self.turns = components, radius, turns

    def sample(self, n: int, dim: int, device: torch.device, y: Tensor | None = None) -> Tensor:
        """Draw (n, dim) float32."""
        piece = _components(y, n, self.components, device)[:, None]
        way = ((piece + torch.rand(n, _pairs(dim), device=device)) / self.components).sqrt()
        return torch.view_as_real(torch.polar(self.radius * way, 2 * math.pi * self.turns * way)).flatten(1)


def _components(y: Tensor | None, n: int, count: int, device: torch.device) -> Tensor:
    """The component (n,) of each draw, as float32: that of its class, or any."""
    drawn = torch.randint(count, (n,), device=device)
    return (drawn if y is None else torch.where(y < 0, drawn, y)).float()


def _pairs(dim: int) -> int:
    if dim % 2:
        raise UsageError(f"this prior lies in the plane, so model.latent_dim must be even, not {dim}.")
    return dim // 2
