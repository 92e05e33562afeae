"""Critic regularisers: gradient penalties and drift, functions of (critic, real, fake, y) added to its loss by name."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import relu

from gen_models.bounds import Length, Positive, Weight

CriticFunction = Callable[[Tensor, Tensor], Tensor]
"""Samples (B, *shape) and classes (B,) to logits (B,)."""


class Penalty(ABC):
    """Critic regulariser: a term of its objective that looks at the critic itself, in float32 also under autocast.

    Args:
        weight: Factor on what is measured.
        every: Moves of the critic from one measurement to the next. Whoever trains the critic multiplies the penalty
            by it, so that the mean force is the same, and above 1 gives it a step of its own (lazy regularisation,
            Karras et al. 2020, StyleGAN2, section 3.1, https://arxiv.org/abs/1912.04958).

    Attributes:
        needs_samples: Whether it looks at generated samples; they are not drawn for one that does not and comes lazily.
    """

    needs_samples: bool = True

    def __init__(self, weight: Weight, every: Positive = 1) -> None:
        self.weight = weight
        self.every = every

    def __call__(self, critic: CriticFunction, real: Tensor, fake: Tensor, y: Tensor) -> Tensor:
        """Give the weighted penalty, a scalar."""
        with torch.autocast(real.device.type, enabled=False):
            return self.weight * self.measure(critic, real.float(), fake.float(), y)

    @abstractmethod
    def measure(self, critic: CriticFunction, real: Tensor, fake: Tensor, y: Tensor) -> Tensor:
        """Give the penalty without its weight, a scalar."""


def input_gradient(critic: CriticFunction, x: Tensor, y: Tensor) -> Tensor:
    """The gradient of each logit at its own sample, (B, D), ready to be differentiated by the critic's weights."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(critic(x, y).sum(), x, create_graph=True)
    return gradient.flatten(1)


class GradientPenalty(Penalty):
    """Gradient penalty (WGAN-GP): gradients of one norm between real and generated samples.

    Gulrajani et al. (2017), Algorithm 1, https://arxiv.org/abs/1704.00028.

    Args:
        weight: λ of the paper.
        target: The norm.
        every: See `Penalty`.
    """

    def __init__(self, weight: Weight = 10.0, target: Length = 1.0, every: Positive = 1) -> None:
        super().__init__(weight, every)
        self.target = target

    def measure(self, critic: CriticFunction, real: Tensor, fake: Tensor, y: Tensor) -> Tensor:
        """E (‖∇D(x̂)‖ - target)²."""
        norm = input_gradient(critic, _between(real, fake), y).norm(dim=1)
        return (norm - self.target).square().mean()


class OneSidedGradientPenalty(Penalty):
    """One-sided gradient penalty: gradients of norm at most 1 between real and generated samples.

    Gulrajani et al. (2017), section 4, https://arxiv.org/abs/1704.00028.
    """

    def measure(self, critic: CriticFunction, real: Tensor, fake: Tensor, y: Tensor) -> Tensor:
        """E max(0, ‖∇D(x̂)‖ - 1)²."""
        norm = input_gradient(critic, _between(real, fake), y).norm(dim=1)
        return relu(norm - 1).square().mean()


class Dragan(Penalty):
    """DRAGAN penalty: gradients of norm 1 around real samples, perturbed as in the authors' code.

    Kodali et al. (2017), https://arxiv.org/abs/1705.07215. The norm is by pixels in [-1, 1]. The paper names no
    range; the authors' notebook of MNIST has pixels in [0, 1], by which the same critic is twice as steep.

    Args:
        weight: λ of the paper.
        spread: How far the samples are moved, in standard deviations of the batch.
        every: See `Penalty`.
    """

    needs_samples = False

    def __init__(self, weight: Weight = 10.0, spread: Length = 0.5, every: Positive = 1) -> None:
        super().__init__(weight, every)
        self.spread = spread

    def measure(self, critic: CriticFunction, real: Tensor, fake: Tensor, y: Tensor) -> Tensor:
        """E (‖∇D(x + δ)‖ - 1)²."""
        perturbed = real + self.spread * real.std() * torch.rand_like(real)
        norm = input_gradient(critic, _between(real, perturbed), y).norm(dim=1)
        return (norm - 1).square().mean()


class R1(Penalty):
    """R1 penalty: zero-centred gradient penalty at real samples; the weight is γ.

    Mescheder et al. (2018), https://arxiv.org/abs/1801.04406.
    """

    needs_samples = False

    def measure(self, critic: CriticFunction, real: Tensor, fake: Tensor, y: Tensor) -> Tensor:
        """½ E ‖∇D(x)‖²."""
        return 0.5 * input_gradient(critic, real, y).square().sum(1).mean()


class R2(Penalty):
    """R2 penalty: zero-centred gradient penalty at generated samples; the weight is γ.

    Mescheder et al. (2018), https://arxiv.org/abs/1801.04406.
    """

    def measure(self, critic: CriticFunction, real: Tensor, fake: Tensor, y: Tensor) -> Tensor:
        """½ E ‖∇D(G(z))‖²."""
        return 0.5 * input_gradient(critic, fake, y).square().sum(1).mean()


class Drift(Penalty):
    """Drift penalty: logits of real samples near 0; the weight is ε.

    Karras et al. (2018), appendix A.1, https://arxiv.org/abs/1710.10196.
    """

    needs_samples = False

    def measure(self, critic: CriticFunction, real: Tensor, fake: Tensor, y: Tensor) -> Tensor:
        """E D(x)²."""
        return critic(real, y).square().mean()


def _between(first: Tensor, second: Tensor) -> Tensor:
    """A point on the way from each sample to its partner, with one mixing weight an example."""
    return torch.lerp(first, second, torch.rand(len(first), *[1] * (first.ndim - 1), device=first.device))
