"""ProGAN networks (Progressive growing of GANs, Karras et al. 2018, table 2, https://arxiv.org/abs/1710.10196).

Two numbers state all of the paper's architectures: `width`, the channels of the largest map, and `limit`, up to which
they double with every halving of the side. From the authors' code, `fmap_base` 8192: at 1024 pixels 16 and 512, at 256
pixels 64 and 512; for CIFAR-10 (`fmap_base` 4096, `fmap_max` 128) 128 and 128.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from gen_models.networks.gan.equalised import (
    EqualisedConv,
    EqualisedLinear,
    EqualisedSeed,
    MinibatchDeviation,
    PixelNorm,
)
from gen_models.networks.gan.growing import Growing, doubled, halved
from gen_models.networks.layers.conditioning import append_class

Norm = Literal["pixel", "batch"]
"""Pixelwise normalisation, or batch normalisation (Progressive InfoGAN)."""

Telling = Literal["condition", "append", "channels", "first", "unmask"]
"""Conditioning of a generator on codes (https://github.com/jonasz/progressive_infogan, 2018_08_28).

The linear map of a block's own code is added to the input of each of its convolutions, or the code is appended as
planes to the input of the block, as it is or after a layer; or all codes are appended to the noise, and those of scales
that have not grown yet may be 0.
"""


class ProgressiveGenerator(Growing):
    """ProGAN generator: latents (B, latent_dim) to pictures of the present stage; the last layer is linear.

    Karras et al. (2018), https://arxiv.org/abs/1710.10196; codes, https://github.com/jonasz/progressive_infogan.

    Args:
        shape: (channels, side, side) of the data.
        latent_dim: Size of a latent.
        width: Channels of the largest map.
        limit: Channels of the smaller ones double up to this.
        classes: Classes appended to the latent; 0 for none.
        codes: Size of a code for each scale; the codes of all scales begin the latent.
        norm: What follows each convolution.
        telling: How the codes condition it.
    """

    def __init__(
        self,
        shape: Sequence[int],
        latent_dim: int,
        width: int = 16,
        limit: int = 512,
        classes: int = 0,
        codes: int = 0,
        norm: Norm = "pixel",
        telling: Telling = "condition",
    ) -> None:
        super().__init__(shape)
        self.classes = classes
        self.codes = codes
        self.telling = telling
        self.noise = latent_dim - codes * len(self.sides)
        if self.noise < 1:
            raise ValueError(f"{codes} codes for each scale leave no noise in the latent: raise model.latent_dim.")
        channels = _channels(width, limit, len(self.sides))
        self.normalise = PixelNorm()
        early = telling in ("first", "unmask")
        inputs = self.noise + classes + (codes * len(self.sides) if early else 0)
        self.project = EqualisedSeed(inputs, channels[0], self.sides[0])
        self.first = _norm(norm, channels[0])
        own = 0 if early else codes
        base = ProgressiveGeneratorBlock(channels[0], [channels[0]], own, norm, telling)
        grown = [
            ProgressiveGeneratorBlock(inputs, [outputs] * 2, own, norm, telling)
            for inputs, outputs in pairwise(channels)
        ]
        self.blocks = nn.ModuleList([base, *grown])
        self.to_rgb = nn.ModuleList(EqualisedConv(count, shape[0], kernel=1, gain=1.0) for count in channels)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give pictures (B, C, side, side) of the present stage for latents (B, latent_dim) and classes (B,)."""
        return self._shown(self._maps(z, y)[-2 if self.fading else -1 :])[-1]

    def pictures(self, z: Tensor, y: Tensor | None = None) -> list[Tensor]:
        """Give the same pictures as they are at each scale up to the present one, (B, C, sides[b], sides[b])."""
        return self._shown(self._maps(z, y))

    def _maps(self, z: Tensor, y: Tensor | None) -> list[Tensor]:
        """What the blocks up to the present one make of latents, whose noise is normalised to the hypersphere."""
        *codes, noise = z.split([*[self.codes] * len(self.sides), self.noise], dim=1)
        noise = self.normalise(append_class(noise, y, self.classes))
        if self.telling == "unmask":
            codes = [code if b <= self.stage else torch.zeros_like(code) for b, code in enumerate(codes)]
        if self.telling in ("first", "unmask"):
            noise = torch.cat([*codes, noise], dim=1)
        x = self.first(leaky_relu(self.project(noise), 0.2))
        maps = []
        for b in range(self.stage + 1):
            x = self.blocks[b](doubled(x) if b else x, codes[b])
            maps.append(x)
        return maps

    def _shown(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Pictures of the last of the blocks' maps; the very last is faded in."""
        first = self.stage + 1 - len(maps)
        pictures = [self.to_rgb[b](x) for b, x in enumerate(maps, first)]
        if self.fading:
            pictures[-1] = torch.lerp(doubled(pictures[-2]), pictures[-1], self.alpha)
        return pictures


class ProgressiveGeneratorBlock(nn.Module):
    """ProGAN generator block: convolutions, leaky ReLU and normalisation, perhaps conditioned on a code.

    Args:
        inputs: Channels of the input.
        outputs: Channels after each convolution.
        codes: Size of the code that conditions the block; 0 for none.
        norm: The normalisation.
        telling: How the code conditions it.
    """

    def __init__(
        self,
        inputs: int,
        outputs: Sequence[int],
        codes: int = 0,
        norm: Norm = "pixel",
        telling: Telling = "condition",
    ) -> None:
        super().__init__()
        self.told: nn.ModuleList | None = None
        self.planes: nn.Module | None = None
        planes = 0
        if codes and telling == "condition":
            counts = [inputs, *outputs[:-1]]
            self.told = nn.ModuleList(EqualisedLinear(codes, count, gain=1.0) for count in counts)
        elif codes and telling == "append":
            self.planes, planes = nn.Identity(), codes
        elif codes:
            planes = inputs
            self.planes = nn.Sequential(EqualisedLinear(codes, planes), nn.LeakyReLU(0.2))
        edges = pairwise([inputs + planes, *outputs])
        self.convs = nn.ModuleList(EqualisedConv(*edge) for edge in edges)
        self.norms = nn.ModuleList(_norm(norm, count) for count in outputs)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """Give (B, outputs[-1], H, W) for (B, inputs, H, W) and codes (B, codes)."""
        if self.planes is not None:
            planes = self.planes(code)[:, :, None, None]
            x = torch.cat([x, planes.expand(-1, -1, *x.shape[2:])], dim=1)
        for i, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
            if self.told is not None:
                x = x + self.told[i](code)[:, :, None, None]
            x = norm(leaky_relu(conv(x), 0.2))
        return x


class ProgressiveCritic(Growing):
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
        self.channels = _channels(width, limit, len(self.sides))
        self.from_rgb = nn.ModuleList(EqualisedConv(shape[0] + classes, count, kernel=1) for count in self.channels)
        self.blocks = nn.ModuleList(
            ProgressiveCriticBlock(inputs, outputs) for outputs, inputs in pairwise(self.channels)
        )
        smallest = self.channels[0]
        self.last = nn.Sequential(
            *(MinibatchDeviation(group), EqualisedConv(smallest + 1, smallest), nn.LeakyReLU(0.2), nn.Flatten()),
            *(EqualisedLinear(smallest * self.sides[0] ** 2, smallest), nn.LeakyReLU(0.2)),
        )
        self.head = EqualisedLinear(smallest, 1, gain=1.0)

    @property
    def sizes(self) -> list[int]:
        """Sizes of what `trace` shows."""
        maps = (channels * side**2 for channels, side in zip(self.channels, self.sides[:-1], strict=False))
        return [self.channels[0], *maps]

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of pictures (B, C, side, side) of the present stage."""
        return self.trace(x, y)[0]

    def trace(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, list[Tensor]]:
        """Give the logits (B,), and the features of each block up to the present one, (B, sizes[b])."""
        picture = append_class(x, y, self.classes)
        x = self._enter(picture, self.stage)
        made: list[Tensor] = []
        for b in reversed(range(self.stage)):
            x = self.blocks[b](x)
            made.insert(0, x.flatten(1))
            if self.fading and b == self.stage - 1:
                x = torch.lerp(self._enter(halved(picture), b), x, self.alpha)
        features = self.last(x)
        return self.head(features).squeeze(1), [features, *made]

    def _enter(self, x: Tensor, stage: int) -> Tensor:
        return leaky_relu(self.from_rgb[stage](x), 0.2)


class ProgressiveCriticBlock(nn.Sequential):
    """ProGAN discriminator block: two convolutions, of which the second widens, and an average over 2x2 places."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            *(EqualisedConv(inputs, inputs), nn.LeakyReLU(0.2)),
            *(EqualisedConv(inputs, outputs), nn.LeakyReLU(0.2), nn.AvgPool2d(2)),
        )


def _channels(width: int, limit: int, stages: int) -> list[int]:
    """Channels at each stage, from the smallest map to the largest."""
    return [min(width * 2**i, limit) for i in reversed(range(stages))]


def _norm(norm: Norm, channels: int) -> nn.Module:
    return nn.BatchNorm2d(channels) if norm == "batch" else PixelNorm()
