"""Langevin dynamics in a box, and the chains that a training keeps (Tieleman 2008).

https://doi.org/10.1145/1390156.1390290
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gen_models.bounds import Natural, Scale, Weight

Energy = Callable[[Tensor], Tensor]
"""Samples (B, *shape) to energies (B,)."""


@dataclass
class Langevin:
    """Unadjusted Langevin dynamics x ← x - η ∇E(x) + √(2η) ξ, reflected at the walls of [-1, 1].

    With small steps it draws from exp(-E) over its integral. Du and Mordatch (2019), https://arxiv.org/abs/1903.08689,
    and their followers take less noise than that, and so draw from a sharper density.

    Args:
        steps: How many.
        step: η.
        noise: Factor on the noise; 1 draws from the density itself.
    """

    steps: Natural = 20
    step: Scale = 1e-3
    noise: Weight = 1.0

    def __call__(self, energy: Energy, x: Tensor, steps: int | None = None) -> Iterator[Tensor]:
        """Give the states (B, *shape) of chains one after another, x the first of them, without a graph."""
        x = x.detach()
        yield x
        for _ in range(self.steps if steps is None else steps):
            x = self._moved(x, slope(energy, x))
            yield x

    def _moved(self, x: Tensor, gradient: Tensor) -> Tensor:
        spread = self.noise * math.sqrt(2 * self.step)
        return reflected(x - self.step * gradient + spread * torch.randn_like(x))


def slope(energy: Energy, x: Tensor) -> Tensor:
    """The gradient of each energy at its own sample, (B, *shape)."""
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(energy(x).sum(), x)
    return gradient


def reflected(x: Tensor) -> Tensor:
    """Fold what left [-1, 1] back into it, as at walls: an even density stays even."""
    along = (x + 1).remainder(4)
    return torch.where(along > 2, 4 - along, along) - 1


class ReplayBuffer(nn.Module):
    """Replay buffer: the ends of earlier chains, from which new ones begin; a part of the model's state.

    Each rank has its own, and a run that is resumed goes on from that of the first.

    Args:
        capacity: Chains.
        shape: Of a sample.
        fresh: Probability that a chain begins anew, in uniform noise.
    """

    samples: Tensor
    rank_local = True

    def __init__(self, capacity: int, shape: Sequence[int], fresh: float = 0.05) -> None:
        super().__init__()
        self.fresh = fresh
        self.register_buffer("samples", torch.rand(capacity, *shape) * 2 - 1)

    def begin(self, n: int) -> tuple[Tensor, Tensor]:
        """Draw positions (n,) without repetition, as far as there are, and where chains begin (n, *shape)."""
        capacity, device = len(self.samples), self.samples.device
        positions = torch.randperm(capacity, device=device).repeat(-(-n // capacity))[:n]
        kept = self.samples[positions]
        anew = torch.rand(n, *[1] * (kept.ndim - 1), device=device) < self.fresh
        return positions, torch.where(anew, torch.rand_like(kept) * 2 - 1, kept)

    def keep(self, positions: Tensor, ends: Tensor) -> None:
        """Put the ends (n, *shape) of chains where they began."""
        self.samples[positions] = ends
