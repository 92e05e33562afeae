"""Weight constraints: projections of a network's parameters, applied before its first move and after each."""

from typing import Protocol, runtime_checkable

import torch
from torch import nn

from gen_models.bounds import Scale

INSIDE = 1 - 1e-6
"""Where what lies outside the unit ball is brought to: rounding must not move it again and again."""


@runtime_checkable
class Constraint(Protocol):
    """Weight constraint: a projection of a network's parameters, applied before its first move and after each."""

    def apply_(self, network: nn.Module) -> None:
        """Change the weights in place."""


class WeightClipping:
    """Weight clipping: all parameters in a box, and so a critic Lipschitz.

    Arjovsky et al. (2017), Algorithm 1, https://arxiv.org/abs/1701.07875.

    Args:
        limit: c of the paper.
    """

    def __init__(self, limit: Scale = 0.01) -> None:
        self.limit = limit

    @torch.no_grad()
    def apply_(self, network: nn.Module) -> None:
        """Clip the network's parameters in place."""
        for parameter in network.parameters():
            parameter.clamp_(-self.limit, self.limit)


class UnitBall:
    """Projection onto the unit ball, of the rows of all parameters such as a table's latents.

    Bojanowski et al. (2018), https://arxiv.org/abs/1707.05776.
    """

    @torch.no_grad()
    def apply_(self, network: nn.Module) -> None:
        """Shrink rows longer than 1 in place."""
        for rows in network.parameters():
            norm = rows.norm(dim=1, keepdim=True)
            rows.mul_(torch.where(norm > 1, INSIDE / norm, 1.0))


class NormClipping:
    """Max-norm constraint: the weights into each unit stay within a ball, and so SGD with large steps stable.

    Srivastava et al. (2014), https://jmlr.org/papers/v15/srivastava14a.html.

    Args:
        limit: Largest norm.
    """

    def __init__(self, limit: Scale) -> None:
        self.limit = limit

    @torch.no_grad()
    def apply_(self, network: nn.Module) -> None:
        """Shrink rows of linear layers' weights in place."""
        for layer in network.modules():
            if isinstance(layer, nn.Linear):
                layer.weight.copy_(torch.renorm(layer.weight, p=2, dim=0, maxnorm=self.limit))
