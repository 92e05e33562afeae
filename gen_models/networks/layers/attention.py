"""Self-attention over feature maps (SAGAN, Zhang et al. 2019, https://arxiv.org/abs/1805.08318)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from gen_models.networks.layers.weights import start_by_glorot


class SelfAttention(nn.Module):
    """Self-attention over positions: x + γ o(g softmax(θᵀφ)), with γ = 0 at first.

    Zhang et al. (2019), section 3, https://arxiv.org/abs/1805.08318.

    As in the authors' code, keys φ and values g are pooled to a quarter of the positions, nothing scales θᵀφ, and
    weights start by Glorot.

    Args:
        channels: Channels C of the map; θ and φ have C/8, g has C/2.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        keys, values = max(1, channels // 8), max(1, channels // 2)
        self.theta = nn.Conv2d(channels, keys, 1, bias=False)
        self.phi = nn.Conv2d(channels, keys, 1, bias=False)
        self.g = nn.Conv2d(channels, values, 1, bias=False)
        self.o = nn.Conv2d(values, channels, 1, bias=False)
        self.gamma = nn.Parameter(torch.zeros(()))
        start_by_glorot(self)

    def forward(self, x: Tensor) -> Tensor:
        """Give a map of the same shape (B, C, H, W)."""
        query = self.theta(x).flatten(2)
        key = max_pool2d(self.phi(x), 2).flatten(2)
        value = max_pool2d(self.g(x), 2).flatten(2)
        weights = (query.transpose(1, 2) @ key).softmax(dim=2)
        found = (value @ weights.transpose(1, 2)).unflatten(2, x.shape[2:])
        return x + self.gamma * self.o(found)


def attentions(channels: Sequence[int], sides: Sequence[int], limit: int | None) -> nn.ModuleList:
    """Self-attention after one of several maps, the identity after the others.

    Args:
        channels: Channels of the maps.
        sides: Sides of the maps.
        limit: The first of the largest maps up to this side attends to itself; None for none.

    Raises:
        ValueError: All maps are larger.
    """
    after = [nn.Identity() for _ in sides]
    if limit is None:
        return nn.ModuleList(after)
    fitting = [side for side in sides if side <= limit]
    if not fitting:
        raise ValueError(
            f"there is no map of {limit} pixels or less to attend to: choose attention from "
            f"{', '.join(map(str, sorted(set(sides))))}, or null."
        )
    chosen = sides.index(max(fitting))
    return nn.ModuleList([*after[:chosen], SelfAttention(channels[chosen]), *after[chosen + 1 :]])
