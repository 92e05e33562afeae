"""Distributions of codes, categorical and continuous (InfoGAN: Chen et al. 2016, https://arxiv.org/abs/1606.03657)."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from gen_models.errors import UsageError
from gen_models.latents.priors import Normal, Prior, Uniform
from gen_models.losses.information import categorical_log_likelihood, gaussian_log_likelihood


class Axis(NamedTuple):
    """A way to change a latent.

    Attributes:
        name: What changes.
        place: The entries of the latent.
        values: (steps, entries) what these become.
    """

    name: str
    place: slice
    values: Tensor


class Part(ABC):
    """A code: its prior, and the family of distributions of its approximate posterior Q(c | x).

    Args:
        size: Entries of the latent, and parameters of the posterior.
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise UsageError(f"a code has at least one entry, not {size}: change its size, or leave it out.")
        self.size = size

    @property
    @abstractmethod
    def entropy(self) -> float:
        """H(c) in nats."""

    @abstractmethod
    def draw(self, n: int, device: torch.device) -> Tensor:
        """Draw (n, size) float32."""

    @abstractmethod
    def log_likelihood(self, posterior: Tensor, code: Tensor) -> Tensor:
        """Log Q(c | x), (B,) in nats, of codes by the parameters of posteriors, both (B, size)."""

    @abstractmethod
    def mode(self, posterior: Tensor) -> Tensor:
        """Mode of posteriors by their parameters (B, size), in as many columns as there are `axes`."""

    @abstractmethod
    def entries(self, mode: Tensor) -> Tensor:
        """Entries of a latent (B, size) of what `mode` gives: of the nearest class, for a category."""

    @abstractmethod
    def truncated(self, limit: float) -> Part:
        """Give this code with numbers of at most `limit`."""

    @abstractmethod
    def axes(self, name: str, start: int, steps: int) -> Sequence[Axis]:
        """The ways to change the code, which begins at the entry `start` of a latent."""


class Category(Part):
    """One of `size` classes, all equally likely: a one-hot vector. Parameters of the posterior are logits."""

    @property
    def entropy(self) -> float:
        """That of K classes: log K."""
        return math.log(self.size)

    def draw(self, n: int, device: torch.device) -> Tensor:
        """Draw (n, size) float32."""
        return one_hot(torch.randint(self.size, (n,), device=device), self.size).float()

    def log_likelihood(self, posterior: Tensor, code: Tensor) -> Tensor:
        """Log-softmax of the logits at the class."""
        return categorical_log_likelihood(posterior, code)

    def mode(self, posterior: Tensor) -> Tensor:
        """The likeliest class, (B, 1)."""
        return posterior.argmax(1, keepdim=True).float()

    def entries(self, mode: Tensor) -> Tensor:
        """The one-hot vector of the nearest class, (B, size)."""
        return one_hot(mode[:, 0].round().long().clamp(0, self.size - 1), self.size).float()

    def truncated(self, limit: float) -> Part:
        """Give this code itself: a class has no middle to be truncated to."""
        return self

    def axes(self, name: str, start: int, steps: int) -> Sequence[Axis]:
        """One way: through all classes, whatever `steps`."""
        return [Axis(name, slice(start, start + self.size), torch.eye(self.size))]


class Continuous(Part):
    """`size` independent numbers. Parameters of the posterior are the means of Gaussians of variance 1."""

    @property
    @abstractmethod
    def prior(self) -> Prior:
        """What each number is drawn from."""

    @property
    @abstractmethod
    def nats(self) -> float:
        """Entropy of one number, in nats."""

    @property
    @abstractmethod
    def reach(self) -> float:
        """The largest value, on either side, that a walk along the code goes to."""

    @property
    def entropy(self) -> float:
        """That of one number, times their count."""
        return self.size * self.nats

    def draw(self, n: int, device: torch.device) -> Tensor:
        """Draw (n, size) float32."""
        return self.prior.sample(n, self.size, device)

    def log_likelihood(self, posterior: Tensor, code: Tensor) -> Tensor:
        """Log-density under N(posterior, 1)."""
        return gaussian_log_likelihood(posterior, code)

    def mode(self, posterior: Tensor) -> Tensor:
        """The posterior's means, which are its modes."""
        return posterior

    def entries(self, mode: Tensor) -> Tensor:
        """The numbers."""
        return mode

    def truncated(self, limit: float) -> Part:
        """The same numbers from a truncated prior."""
        return Cut(self, limit)

    def axes(self, name: str, start: int, steps: int) -> Sequence[Axis]:
        """One way for each number."""
        values = torch.linspace(-self.reach, self.reach, steps)[:, None]
        return [Axis(f"{name} {i + 1}", slice(start + i, start + i + 1), values) for i in range(self.size)]


class Interval(Continuous):
    """Uniform in [-1, 1]."""

    prior, nats, reach = Uniform(), math.log(2), 1.0


class GaussianCode(Continuous):
    """Standard normal."""

    prior, nats, reach = Normal(), 0.5 * math.log(2 * math.pi * math.e), 2.0


class Cut(Continuous):
    """Numbers of a truncated prior, for sampling; their entropy stays that of the training.

    Args:
        part: The numbers.
        limit: Largest absolute value.
    """

    def __init__(self, part: Continuous, limit: float) -> None:
        super().__init__(part.size)
        self._part, self._limit = part, limit

    @property
    def prior(self) -> Prior:
        """What each number is drawn from."""
        return self._part.prior.truncated(self._limit)

    @property
    def nats(self) -> float:
        """Entropy of one number in the training, in nats."""
        return self._part.nats

    @property
    def reach(self) -> float:
        """The largest value, on either side, that a walk along the code goes to."""
        return min(self._part.reach, self._limit)
