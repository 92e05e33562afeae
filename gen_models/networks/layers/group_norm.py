"""Group normalisation in the memory format in which it is fast, and differentiable forwards."""

from torch import Tensor, nn
from torch.nn.functional import group_norm

GROUPS = 32
SMALLEST_GROUP = 4


class ContiguousGroupNorm(nn.GroupNorm):
    """Group normalisation: 32 groups of channels, or as many as leave four to a group.

    Wu and He (2018), https://arxiv.org/abs/1803.08494; groups of four at least are those of Karras et al. (2022),
    https://arxiv.org/abs/2206.00364.

    Maps that are laid out channels last are laid out channel by channel, and back. On a processor torch 2.13 otherwise
    takes longer for these normalisations than for the convolutions (bfloat16), and has no forward-mode derivative.

    Args:
        channels: Channels of the map.
        eps: Is added to the variance.
    """

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__(largest_divisor(channels, min(GROUPS, channels // SMALLEST_GROUP)), channels, eps)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise (B, channels, H, W)."""
        normed = group_norm(input.contiguous(), self.num_groups, self.weight, self.bias, self.eps)
        # Strides and axes, since torch.vmap knows no memory formats.
        return normed.movedim(1, -1).contiguous().movedim(-1, 1) if input.stride(1) == 1 else normed


def largest_divisor(number: int, limit: int) -> int:
    """The largest divisor of a number up to a limit; 1 where the limit is less."""
    return next(each for each in range(max(1, limit), 0, -1) if number % each == 0)
