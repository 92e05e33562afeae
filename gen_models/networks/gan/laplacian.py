"""LAPGAN (Denton et al. 2015, https://arxiv.org/abs/1506.05751).

A picture is what is left of it at half its side, enlarged again, and the band of details that this lacks: exactly so,
whatever the filters. Here halving averages 2x2 pixels, and enlarging interpolates linearly.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

from gen_models.networks.layers.conditioning import required
from gen_models.networks.layers.dropout import Dropout


def reduced(x: Tensor, side: int) -> Tensor:
    """Downsampling of pictures (B, C, S, S) to a side that divides S."""
    return avg_pool2d(x, x.shape[-1] // side)


def enlarged(x: Tensor) -> Tensor:
    """Bilinear upsampling of pictures to twice their side: u(·) of the paper."""
    return interpolate(x, scale_factor=2, mode="bilinear")


class ClassPlane(nn.Module):
    """Class embedding as a plane that is appended to maps; with no classes, nothing.

    It starts as the authors' linear layer of a one-hot class does: a weight and a bias, each uniform in ±1/√classes.

    Args:
        side: Of the maps.
        classes: How many classes there are.
    """

    def __init__(self, side: int, classes: int) -> None:
        super().__init__()
        self.side = side
        self.planes = nn.Embedding(classes, side**2) if classes else None
        if self.planes is not None:
            reach = classes**-0.5
            nn.init.uniform_(self.planes.weight, -reach, reach)
            self.planes.weight.data += torch.empty(side**2).uniform_(-reach, reach)

    def forward(self, x: Tensor, y: Tensor | None) -> Tensor:
        """Give (B, C + 1, side, side) for maps (B, C, side, side) and classes (B,)."""
        if self.planes is None:
            return x
        return torch.cat([x, self.planes(required(y)).relu().view(-1, 1, self.side, self.side)], dim=1)


class BandGenerator(nn.Module):
    """LAPGAN generator of a band: noise and an enlarged coarser picture to details (authors' kernels: 7, 7, 5).

    Denton et al. (2015), https://arxiv.org/abs/1506.05751.

    Args:
        shape: (channels, side, side) of the band.
        width: Channels of the hidden maps.
        classes: Classes that it is conditioned on; 0 for none.
    """

    def __init__(self, shape: Sequence[int], width: int = 64, classes: int = 0) -> None:
        super().__init__()
        self.classes = classes
        self.plane = ClassPlane(shape[1], classes)
        self.layers = nn.Sequential(
            *(nn.Conv2d(1 + shape[0] + bool(classes), width, 7, padding=3), nn.ReLU()),
            *(nn.Conv2d(width, width, 7, padding=3), nn.ReLU()),
            nn.Conv2d(width, shape[0], 5, padding=2),
        )

    def forward(self, noise: Tensor, coarse: Tensor, y: Tensor | None = None) -> Tensor:
        """Give bands (B, *shape) for a plane of noise (B, 1, side, side) and pictures (B, *shape)."""
        return self.layers(self.plane(torch.cat([noise, coarse], dim=1), y))


class BandCritic(nn.Module):
    """LAPGAN critic of a band: details plus the enlarged coarser picture to logits; the authors' has no padding.

    Denton et al. (2015), https://arxiv.org/abs/1506.05751.

    Args:
        shape: (channels, side, side) of the band.
        width: Channels of the hidden maps.
        classes: Classes that it is conditioned on; 0 for none.
        dropout: Share of the features that is dropped.
    """

    def __init__(self, shape: Sequence[int], width: int = 64, classes: int = 0, dropout: float = 0.5) -> None:
        super().__init__()
        self.classes = classes
        self.plane = ClassPlane(shape[1], classes)
        self.layers = nn.Sequential(
            *(nn.Conv2d(shape[0] + bool(classes), width, 5, padding=2), nn.ReLU()),
            *(nn.Conv2d(width, width, 5, stride=2, padding=2), nn.ReLU()),
            *(nn.Flatten(), Dropout(dropout), nn.Linear(width * (shape[1] // 2) ** 2, 1)),
        )

    def forward(self, band: Tensor, coarse: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of bands (B, *shape) beside enlarged coarser pictures (B, *shape)."""
        return self.layers(self.plane(band + coarse, y)).squeeze(1)
