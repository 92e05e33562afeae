"""Health of a codebook: how many of its codes are used."""

import math

import torch
from torch import Tensor, nn

from gen_models.networks.layers.ranks import summed


class Usage(nn.Module):
    """Exponential moving use of codes, over a window of the last 1 / (1 - decay) turns.

    A single batch is no measure: it can't use more codes than it has vectors.

    Args:
        codes: How many there are.
        decay: Weight of the past when a batch comes.
    """

    counts: Tensor

    def __init__(self, codes: int, decay: float = 0.99) -> None:
        super().__init__()
        self.decay = decay
        self.register_buffer("counts", torch.zeros(codes))

    @torch.no_grad()
    def observe(self, index: Tensor) -> None:
        """Take in the codes (…) that all ranks' vectors are nearest to."""
        self.counts.lerp_(summed(tally(index, len(self.counts))), 1 - self.decay)

    def perplexity(self) -> Tensor:
        """Give exp(-Σ p ln p): as many codes as would be as various if evenly used; 1 is collapse."""
        shares = self.counts / self.counts.sum().clamp(min=1e-12)
        return torch.special.entr(shares).sum().exp()

    def dead(self) -> Tensor:
        """Give the number of codes that no vector was nearest to within the window."""
        once = (1 - self.decay) * math.exp(-1)  # what a single use is worth at the window's end
        return (self.counts < once).sum().float()


def tally(index: Tensor, codes: int) -> Tensor:
    """Count each of so many codes (K,) among tokens (…)."""
    flat = index.flatten()
    return torch.zeros(codes, device=flat.device).index_add_(0, flat, torch.ones_like(flat, dtype=torch.float32))
