"""Optimal critic and its loss: in closed form (a divergence), and by minimising a loss cell by cell.

A critic that is free to take any value in every cell is a table of logits. Where a loss judges each sample by itself,
its expectation is a sum over cells, and the best table is found one cell at a time.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor

from gen_models.losses.adversarial import Adversarial

LIMIT = 20.0
STEPS = 2001


class Divergence(ABC):
    """Divergence of two tables of masses."""

    @abstractmethod
    def __call__(self, p: Tensor, q: Tensor) -> Tensor:
        """Give the divergence, a scalar, of masses (N,)."""


class TotalVariation(Divergence):
    """Total variation distance: TV = ½ Σ |p - q|, in [0, 1]."""

    def __call__(self, p: Tensor, q: Tensor) -> Tensor:
        """Give the distance of masses (N,)."""
        return 0.5 * (p - q).abs().sum()


class JensenShannon(Divergence):
    """Jensen-Shannon divergence: JS = ½ KL(p ‖ m) + ½ KL(q ‖ m) with m = ½(p + q), in nats: in [0, log 2]."""

    def __call__(self, p: Tensor, q: Tensor) -> Tensor:
        """Give the divergence of masses (N,)."""
        m = (p + q) / 2
        return 0.5 * torch.stack([torch.xlogy(d, d) - torch.xlogy(d, m) for d in (p, q)]).sum()


@dataclass(frozen=True)
class ClosedForm:
    """Loss of the optimal critic in closed form: offset + slope · divergence.

    Attributes:
        divergence: Of two tables of masses.
        slope: Factor on it.
        offset: Its value where the distributions agree.
        formula: How a picture writes it.
    """

    divergence: Divergence
    slope: float
    offset: float
    formula: str

    def __call__(self, p: Tensor, q: Tensor) -> float:
        """Give the value for two tables of masses (N,)."""
        return self.offset + self.slope * float(self.divergence(p, q))


def costs(loss: Adversarial, logits: Tensor) -> tuple[Tensor, Tensor]:
    """Critic's loss of each logit (N,) on a real and on a generated sample, each (N,), up to one constant.

    The constant is chosen so that Σ p · real + Σ q · fake is the loss where p and q sum to one.
    """
    zero = logits.new_zeros(1)
    real = torch.vmap(lambda logit: loss.critic(logit[None], zero))(logits)
    fake = torch.vmap(lambda logit: loss.critic(zero, logit[None]))(logits)
    return real, fake - loss.critic(zero, zero)


def value(loss: Adversarial, logits: Tensor, p: Tensor, q: Tensor) -> float:
    """The critic's loss with a table of logits, between two tables of masses, all (N,) float64."""
    real, fake = costs(loss, logits)
    return float(p @ real + q @ fake)


def best_logits(loss: Adversarial, p: Tensor, q: Tensor) -> Tensor:
    """The table of logits (N,) in ±LIMIT that minimises the critic's loss, to the nearest of `STEPS` values."""
    candidates = torch.linspace(-LIMIT, LIMIT, STEPS, dtype=torch.float64)
    real, fake = costs(loss, candidates)
    return candidates[(p[:, None] * real + q[:, None] * fake).argmin(dim=1)]
