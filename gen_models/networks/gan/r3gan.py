"""R3GAN (Huang et al. 2024, section 4 and appendix, https://arxiv.org/abs/2501.05441).

Bottleneck blocks with grouped 3x3 convolutions, two on each map, no normalisation; sizes change between blocks by a
low-pass filter. A block begins as the identity: its last layer is zero, and the others shrink with the depth (Fixup:
Zhang et al. 2019, https://arxiv.org/abs/1901.09321).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from gen_models.networks.critics.embedded import class_vectors
from gen_models.networks.critics.heads import Body
from gen_models.networks.layers.conditioning import required
from gen_models.networks.layers.resampling import Double, Halve
from gen_models.networks.layers.sizes import map_channels, map_sides

SLOPE = 0.2
GAIN = math.sqrt(2 / (1 + SLOPE**2))
FILTER = (1, 3, 3, 1)
Layer = TypeVar("Layer", nn.Conv2d, nn.Linear)


class R3GANBlock(nn.Module):
    """R3GAN residual block: 1x1, grouped 3x3 and 1x1 convolutions, a leaky ReLU after the first two.

    Args:
        channels: Of the map.
        groups: Of the 3x3 convolution (cardinality).
        expansion: Times more channels inside.
        depth: Blocks of the whole network, by which the initial weights are scaled.
    """

    def __init__(self, channels: int, groups: int, expansion: int, depth: int) -> None:
        super().__init__()
        hidden, gain = channels * expansion, GAIN * depth ** (-1 / 4)  # L^(-1 / (2m - 2)) for m = 3 layers
        self.enter = normally(nn.Conv2d(channels, hidden, 1), gain)
        self.mix = normally(nn.Conv2d(hidden, hidden, 3, padding=1, groups=groups), gain)
        self.leave = normally(nn.Conv2d(hidden, channels, 1, bias=False), 0.0)

    def forward(self, x: Tensor) -> Tensor:
        """Give maps (B, C, H, W) for maps of the same size."""
        return x + self.leave(leaky_relu(self.mix(leaky_relu(self.enter(x), SLOPE)), SLOPE))


class R3GANGenerator(nn.Module):
    """R3GAN generator: latents (B, latent_dim) to images (B, *shape), without bound.

    Huang et al. (2024), https://arxiv.org/abs/2501.05441.

    Args:
        shape: (channels, side, side) of an image.
        latent_dim: Size of a latent.
        width: Channels of all maps up to a side of `full`.
        groups: Groups of the 3x3 convolutions of these.
        blocks: On each map.
        expansion: Times more channels within a block.
        classes: Classes whose embeddings are appended to the latent; 0 for none.
        embedding: Size of an embedding.
        full: Side of the largest map with all channels; twice the side has half of them.

    Raises:
        ValueError: The images can't be halved to 4 to 7 pixels.
    """

    def __init__(
        self,
        shape: Sequence[int],
        latent_dim: int,
        width: int = 768,
        groups: int = 96,
        blocks: int = 2,
        expansion: int = 2,
        classes: int = 0,
        embedding: int = 64,
        full: int = 32,
    ) -> None:
        super().__init__()
        self.classes = classes
        sides = map_sides(shape)
        channels = map_channels(sides, width * full, width)
        self.embed = class_vectors(classes, embedding) if classes else None
        self.basis = nn.Parameter(torch.randn(channels[0], sides[0], sides[0]))
        self.seed = normally(nn.Linear(latent_dim + (embedding if classes else 0), channels[0], bias=False))
        make = _BlockFactory(width, groups, expansion, blocks, len(channels))
        layers: list[nn.Module] = [*make.blocks(channels[0])]
        for before, after in pairwise(channels):
            layers += [*_change(before, after), Double(FILTER), *make.blocks(after)]
        self.layers = nn.Sequential(*layers)
        self.to_pixels = normally(nn.Conv2d(channels[-1], shape[0], 1, bias=False))

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give images (B, *shape) for latents (B, latent_dim) and classes (B,)."""
        z = z if self.embed is None else torch.cat([z, self.embed(required(y))], dim=1)
        return self.to_pixels(self.layers(self.basis * self.seed(z)[:, :, None, None]))


class R3GANBody(Body):
    """R3GAN critic body: images (B, *shape) to features (B, num_features), the generator's mirror image.

    Huang et al. (2024), https://arxiv.org/abs/2501.05441.

    Arguments: see `R3GANGenerator`.
    """

    def __init__(
        self,
        shape: Sequence[int],
        width: int = 768,
        groups: int = 96,
        blocks: int = 2,
        expansion: int = 2,
        full: int = 32,
    ) -> None:
        super().__init__()
        sides = map_sides(shape)
        channels = map_channels(sides, width * full, width)
        self.classes, self.num_features = 0, channels[0]
        self.from_pixels = normally(nn.Conv2d(shape[0], channels[-1], 1, bias=False))
        make = _BlockFactory(width, groups, expansion, blocks, len(channels))
        layers: list[nn.Module] = []
        for before, after in pairwise(reversed(channels)):
            layers += [*make.blocks(before), Halve(FILTER), *_change(before, after)]
        self.layers = nn.Sequential(*layers, *make.blocks(channels[0]))
        self.basis = normally(nn.Conv2d(channels[0], channels[0], sides[0], groups=channels[0], bias=False))

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give features (B, num_features) of images (B, *shape)."""
        return self.basis(self.layers(self.from_pixels(x))).flatten(1)

    def begin(self, head: nn.Linear) -> None:
        """Start a layer on the features with normal weights of variance 1 / inputs."""
        normally(head)


def normally(layer: Layer, gain: float = 1.0) -> Layer:
    """Start a layer with weights from N(0, gain² / inputs), and without a bias."""
    nn.init.normal_(layer.weight, 0.0, gain / math.sqrt(layer.weight[0].numel()))
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


@dataclass(frozen=True)
class _BlockFactory:
    """Factory of the residual blocks of a network's maps; a map with fewer channels has as many fewer groups."""

    width: int
    groups: int
    expansion: int
    count: int
    maps: int

    def blocks(self, channels: int) -> Iterator[nn.Module]:
        """Make the blocks of one map."""
        groups = max(1, self.groups * channels // self.width)
        for _ in range(self.count):
            yield R3GANBlock(channels, groups, self.expansion, self.count * self.maps)


def _change(before: int, after: int) -> list[nn.Module]:
    """A 1x1 convolution where the number of channels changes."""
    return [] if before == after else [normally(nn.Conv2d(before, after, 1, bias=False))]
