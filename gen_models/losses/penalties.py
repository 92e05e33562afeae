"""Penalties on a critic: functions of (critic, real, fake, y), added to its loss by name."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

Critic = Callable[[Tensor, Tensor], Tensor]
"""Samples (B, *shape) and classes (B,) to logits (B,)."""


@runtime_checkable
class Penalty(Protocol):
    """A term of the critic's objective that looks at the critic itself."""

    def __call__(self, critic: Critic, real: Tensor, fake: Tensor, y: Tensor) -> Tensor:
        """Give the weighted penalty, a scalar."""


class GradientPenalty:
    """Ask for gradients of norm 1 between real and generated samples (Gulrajani et al. 2017, Algorithm 1).

    Args:
        weight: λ of the paper.
    """

    def __init__(self, weight: float = 10.0) -> None:
        self.weight = weight

    def __call__(self, critic: Critic, real: Tensor, fake: Tensor, y: Tensor) -> Tensor:
        """λ E (‖∇D(x̂)‖ - 1)², with one mixing weight an example; in float32 also under autocast."""
        with torch.autocast(real.device.type, enabled=False):
            mix = torch.rand(len(real), *[1] * (real.ndim - 1), device=real.device)
            between = torch.lerp(real.float(), fake.float(), mix).requires_grad_()
            (gradient,) = torch.autograd.grad(critic(between, y).sum(), between, create_graph=True)
            return self.weight * (gradient.flatten(1).norm(dim=1) - 1).square().mean()
