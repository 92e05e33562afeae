"""Multi-scale architecture and learned priors of flows."""

import torch
from torch import Tensor, nn

from gen_models.networks.flows.bijection import Bijection
from gen_models.networks.flows.nets import ZeroConvolution
from gen_models.networks.layers.conditioning import required


class FactorOut(Bijection):
    """Factoring out: half of the channels are latents already, the others go on; (B, C, H, W) to (B, D).

    Dinh et al. (2017), section 3.6, https://arxiv.org/abs/1605.08803.

    Args:
        rest: Maps the first half of the channels to vectors.
    """

    def __init__(self, rest: Bijection) -> None:
        super().__init__()
        self.rest = rest

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give the second half's latents, then those of the rest."""
        kept, out = x.chunk(2, dim=1)
        z, log_det = self.rest(kept, y)
        return torch.cat([out.flatten(1), z], dim=1), log_det

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Put the two halves together again."""
        out, z = z.chunk(2, dim=1)
        kept = self.rest.inverse(z, y)
        return torch.cat([kept, out.view_as(kept)], dim=1)


class LearnedPrior(Bijection):
    """Learned prior: a Gaussian for each channel and class, as the map to the standard one (openai/glow, model.py).

    In pictures those at the edges differ, by what the authors' convolution of zeros makes of its edge bias. It starts
    as the identity.

    Args:
        channels: Channels of the data.
        classes: Classes that have Gaussians of their own; 0 for one for all.
        sides: Further dimensions of the data: 2 for pictures, 0 for points.
    """

    def __init__(self, channels: int, classes: int = 0, sides: int = 2) -> None:
        super().__init__()
        self.classes = classes
        self.table = nn.Embedding(max(1, classes), 2 * channels)
        self.edges = ZeroConvolution(0, 2 * channels) if sides else None
        nn.init.zeros_(self.table.weight)

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Standardise."""
        log_scale, shift = self._affine(x, y)
        return x * log_scale.exp() + shift, log_scale.expand_as(x).flatten(1).sum(1)

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the class's Gaussian its mean and deviation."""
        log_scale, shift = self._affine(z, y)
        return (z - shift) * (-log_scale).exp()

    def _affine(self, x: Tensor, y: Tensor | None) -> tuple[Tensor, Tensor]:
        row = required(y) if self.classes else torch.zeros(len(x), dtype=torch.int64, device=x.device)
        affine = self.table(row).view(len(x), -1, *[1] * (x.ndim - 2))
        if self.edges is not None:
            affine = affine + self.edges(x[:, :0]).float()
        log_scale, shift = affine.chunk(2, dim=1)
        return log_scale, shift
