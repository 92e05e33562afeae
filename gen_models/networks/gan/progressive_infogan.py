"""Progressive InfoGAN generator: it grows, and has a code for each scale (https://github.com/jonasz/progressive_infogan).

It differs from ProGAN's (Karras et al. 2018) in that batches are normalised between a convolution and its leaky ReLU,
noise is taken as it is, pictures end in tanh, and all gains are √2.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from gen_models.networks.gan.code_conditioning import CodeConditioning, Conditioning, at_input, within
from gen_models.networks.gan.equalised import EqualisedConv, EqualisedLinear
from gen_models.networks.gan.growing import GrowingGenerator, coded_scales
from gen_models.networks.layers.conditioning import append_class
from gen_models.networks.layers.sizes import map_channels


class ProgressiveInfoGANGenerator(GrowingGenerator):
    """Progressive InfoGAN generator: codes and noise (B, latent_dim) to pictures of the present stage, in [-1, 1].

    https://github.com/jonasz/progressive_infogan, networks.py.

    Args:
        shape: (channels, side, side) of the data.
        latent_dim: Size of a latent; the codes begin it, the coarsest scale's first.
        width: Channels of the largest map; the source has 128 at 64 pixels.
        limit: Channels of the smaller ones double up to this; the source has 480.
        classes: Classes appended to the noise; 0 for none.
        codes: Size of a scale's code; 0 for none.
        finest: Side of the largest pictures whose scale has a code; None for no limit.
        conditioning: How the codes condition it.
        momentum: Share of a batch in the running statistics; the source has 0.001.
    """

    def __init__(
        self,
        shape: Sequence[int],
        latent_dim: int,
        width: int = 32,
        limit: int = 480,
        classes: int = 0,
        codes: int = 16,
        finest: int | None = 64,
        conditioning: Conditioning = "placewise",
        momentum: float = 0.1,
    ) -> None:
        super().__init__(shape)
        self.classes, self.codes, self.conditioning = classes, codes, conditioning
        self.scales = coded_scales(self.sides, finest)
        self.noise = latent_dim - codes * self.scales
        if self.noise < 1:
            raise ValueError(f"{codes} codes for each scale leave no noise in the latent: raise model.latent_dim.")
        channels = map_channels(self.sides, width * self.sides[-1], limit)
        own = self._own_sizes()
        seed = (self.noise + classes, channels[0], self.sides[0])
        self.blocks = nn.ModuleList([_first_block(*seed, own[0], conditioning, momentum)])
        edges = zip(pairwise(channels), self.sides[:-1], own[1:], strict=True)
        self.blocks.extend(_block(*edge, side, size, conditioning, momentum) for edge, side, size in edges)
        self.to_rgb = nn.ModuleList(EqualisedConv(count, shape[0], kernel=1) for count in channels)

    def _own_sizes(self) -> list[int]:
        """Sizes of the codes that each block is conditioned on."""
        if self.conditioning in ("first", "unmask"):
            return [self.codes * self.scales, *[0] * (len(self.sides) - 1)]
        return [self.codes if b < self.scales else 0 for b in range(len(self.sides))]

    def maps(self, z: Tensor, y: Tensor | None) -> list[Tensor]:
        """Give what the blocks up to the present one make of latents."""
        size = self.codes * self.scales
        codes = z[:, :size]
        if self.conditioning == "unmask":
            codes = codes * (torch.arange(size, device=z.device) < self.codes * (self.stage + 1))
        x, maps = append_class(z[:, size:], y, self.classes), []
        for block, code in zip(self.blocks[: self.stage + 1], codes.split(self._own_sizes(), dim=1), strict=False):
            x = block(x, code)
            maps.append(x)
        return maps

    def bounded(self, pixels: Tensor) -> Tensor:
        """Give pictures in [-1, 1]."""
        return pixels.tanh()


class CodedBlock(nn.Module):
    """Generator block that is conditioned on a code at its input and before each convolution.

    Args:
        enter: Conditions the input.
        widen: Makes a map of it.
        within: Condition the map, each before its convolution.
        convs: Convolutions, with normalisation and activation.
    """

    def __init__(
        self, enter: CodeConditioning, widen: nn.Module, within: Sequence[CodeConditioning], convs: Sequence[nn.Module]
    ) -> None:
        super().__init__()
        self.enter, self.widen = enter, widen
        self.within, self.convs = nn.ModuleList(within), nn.ModuleList(convs)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """Give a map (B, C, H, W) for noise (B, D) or a map of half the side, and codes (B, codes)."""
        x = self.widen(self.enter(x, code))
        for condition, conv in zip(self.within, self.convs, strict=True):
            x = conv(condition(x, code))
        return x


class CentredBatchNorm(nn.Module):
    """Batch normalisation with a bias and no gain, of vectors (B, C) or maps (B, C, H, W).

    Ioffe and Szegedy (2015), https://arxiv.org/abs/1502.03167; tf.contrib.layers.batch_norm as the source calls it.

    Args:
        channels: C.
        momentum: Share of a batch in the running statistics.
    """

    def __init__(self, channels: int, momentum: float) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, eps=1e-3, momentum=momentum, affine=False)
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise over all but C."""
        maps = x if x.ndim == 4 else x[:, :, None, None]
        return (self.norm(maps) + self.bias).view_as(x)


def _first_block(
    noise: int, channels: int, side: int, codes: int, conditioning: Conditioning, momentum: float
) -> CodedBlock:
    """The block at the smallest map, which noise enters."""
    enter = at_input(conditioning, codes, [noise])
    size = channels * side**2
    widen = nn.Sequential(
        *(EqualisedLinear(noise + enter.appended, size), CentredBatchNorm(size, momentum), nn.LeakyReLU(0.2)),
        nn.Unflatten(1, (channels, side, side)),
    )
    return CodedBlock(
        enter, widen, [within(conditioning, codes, [channels, side, side])], [_conv(channels, channels, momentum)]
    )


def _block(inputs: int, outputs: int, side: int, codes: int, conditioning: Conditioning, momentum: float) -> CodedBlock:
    """A block that doubles the side of a map."""
    enter = at_input(conditioning, codes, [inputs, side, side])
    inner = [within(conditioning, codes, [count, 2 * side, 2 * side]) for count in (inputs, outputs)]
    convs = [_conv(inputs + enter.appended, outputs, momentum), _conv(outputs, outputs, momentum)]
    return CodedBlock(enter, nn.Upsample(scale_factor=2), inner, convs)


def _conv(inputs: int, outputs: int, momentum: float) -> nn.Module:
    return nn.Sequential(EqualisedConv(inputs, outputs), CentredBatchNorm(outputs, momentum), nn.LeakyReLU(0.2))
