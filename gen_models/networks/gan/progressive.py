"""ProGAN networks (Progressive growing of GANs, Karras et al. 2018, table 2, https://arxiv.org/abs/1710.10196).

Two numbers state all of the paper's architectures: `width`, the channels of the largest map, and `limit`, up to which
they double with every halving of the side. From the authors' code, `fmap_base` 8192: at 1024 pixels 16 and 512, at 256
pixels 64 and 512; for CIFAR-10 (`fmap_base` 4096, `fmap_max` 128) 128 and 128.
"""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from gen_models.networks.gan.equalised import (
    EqualisedConv,
    EqualisedLinear,
    EqualisedSeed,
    MinibatchDeviation,
    PixelNorm,
)
from gen_models.networks.gan.growing import GrowingCritic, GrowingGenerator
from gen_models.networks.gan.residual import doubled
from gen_models.networks.layers.conditioning import append_class
from gen_models.networks.layers.sizes import map_channels


class ProgressiveGenerator(GrowingGenerator):
    """ProGAN generator: latents (B, latent_dim) to pictures of the present stage; the last layer is linear.

    Karras et al. (2018), https://arxiv.org/abs/1710.10196.

    Args:
        shape: (channels, side, side) of the data.
        latent_dim: Size of a latent.
        width: Channels of the largest map.
        limit: Channels of the smaller ones double up to this.
        classes: Classes appended to the latent; 0 for none.
    """

    def __init__(
        self, shape: Sequence[int], latent_dim: int, width: int = 16, limit: int = 512, classes: int = 0
    ) -> None:
        super().__init__(shape)
        self.classes = classes
        channels = map_channels(self.sides, width * self.sides[-1], limit)
        self.normalise = PixelNorm()
        self.project = EqualisedSeed(latent_dim + classes, channels[0], self.sides[0])
        base = ProgressiveGeneratorBlock(channels[0], [channels[0]])
        grown = [ProgressiveGeneratorBlock(inputs, [outputs] * 2) for inputs, outputs in pairwise(channels)]
        self.blocks = nn.ModuleList([base, *grown])
        self.to_rgb = nn.ModuleList(EqualisedConv(count, shape[0], kernel=1, gain=1.0) for count in channels)

    def maps(self, z: Tensor, y: Tensor | None) -> list[Tensor]:
        """Give what the blocks up to the present one make of latents, which are normalised to the hypersphere."""
        x = self.normalise(leaky_relu(self.project(self.normalise(append_class(z, y, self.classes))), 0.2))
        maps = []
        for b in range(self.stage + 1):
            x = self.blocks[b](doubled(x) if b else x)
            maps.append(x)
        return maps


class ProgressiveGeneratorBlock(nn.Module):
    """ProGAN generator block: convolutions, each with leaky ReLU and pixelwise normalisation.

    Args:
        inputs: Channels of the input.
        outputs: Channels after each convolution.
    """

    def __init__(self, inputs: int, outputs: Sequence[int]) -> None:
        super().__init__()
        self.convs = nn.ModuleList(EqualisedConv(*edge) for edge in pairwise([inputs, *outputs]))
        self.normalise = PixelNorm()

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, outputs[-1], H, W) for (B, inputs, H, W)."""
        for conv in self.convs:
            x = self.normalise(leaky_relu(conv(x), 0.2))
        return x


class ProgressiveCritic(GrowingCritic):
    """ProGAN discriminator: pictures of the present stage to logits.

    Karras et al. (2018), https://arxiv.org/abs/1710.10196.

    Args:
        shape: (channels, side, side) of the data.
        width: Channels of the largest map.
        limit: Channels of the smaller ones double up to this.
        classes: Classes appended to the picture as planes; 0 for none.
        group: Samples over which the minibatch standard deviation is taken.
    """

    def __init__(
        self, shape: Sequence[int], width: int = 16, limit: int = 512, classes: int = 0, group: int = 4
    ) -> None:
        super().__init__(shape)
        self.classes = classes
        channels = map_channels(self.sides, width * self.sides[-1], limit)
        self.from_rgb = nn.ModuleList(EqualisedConv(shape[0] + classes, count, kernel=1) for count in channels)
        self.blocks = nn.ModuleList(ProgressiveCriticBlock(inputs, outputs) for outputs, inputs in pairwise(channels))
        smallest = self.num_features = channels[0]
        self.last = nn.Sequential(
            *(MinibatchDeviation(group), EqualisedConv(smallest + 1, smallest), nn.LeakyReLU(0.2), nn.Flatten()),
            *(EqualisedLinear(smallest * self.sides[0] ** 2, smallest), nn.LeakyReLU(0.2)),
        )
        self.head = EqualisedLinear(smallest, 1, gain=1.0)


class ProgressiveCriticBlock(nn.Sequential):
    """ProGAN discriminator block: two convolutions, of which the second widens, and an average over 2x2 places."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            *(EqualisedConv(inputs, inputs), nn.LeakyReLU(0.2)),
            *(EqualisedConv(inputs, outputs), nn.LeakyReLU(0.2), nn.AvgPool2d(2)),
        )
