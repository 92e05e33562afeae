"""StyleGAN2's generator (Karras et al. 2020, https://arxiv.org/abs/1912.04958): output skips, unnormalised maps."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from gen_models.networks.gan.stylegan2_layers import FILTER, ModulatedConv, StyleMapping, activated
from gen_models.networks.layers.resampling import Double
from gen_models.networks.layers.sizes import map_channels, map_sides


class StyledLayer(nn.Module):
    """Styled layer: a modulated convolution, noise of a learnt strength, a bias and a leaky ReLU.

    In training the noise is drawn for each map; else it is always the same, so that a style has one picture.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output.
        side: Of the result.
        styles: Size of a style's vector.
        up: Double the side.
    """

    noise: Tensor

    def __init__(self, inputs: int, outputs: int, side: int, styles: int, up: bool = False) -> None:
        super().__init__()
        self.conv = ModulatedConv(inputs, outputs, 3, styles, up)
        self.strength = nn.Parameter(torch.zeros(()))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("noise", torch.randn(side, side))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """Give (B, outputs, side, side) for maps and styles (B, styles)."""
        x = self.conv(x, w)
        noise = torch.randn_like(x[:, :1]) if self.training else self.noise
        return activated(x + self.strength * noise + self.bias[:, None, None])


class StyledOutput(nn.Module):
    """Output skip: a modulated 1x1 convolution to pixels, without demodulation.

    Args:
        inputs: Channels of the map.
        outputs: Of the picture.
        styles: Size of a style's vector.
    """

    def __init__(self, inputs: int, outputs: int, styles: int) -> None:
        super().__init__()
        self.conv = ModulatedConv(inputs, outputs, 1, styles, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """Give a picture (B, outputs, H, W)."""
        return self.conv(x, w) + self.bias[:, None, None]


class StyleGAN2Generator(nn.Module):
    """StyleGAN2 generator: latents (B, latent_dim) to styles, and styles to images (B, *shape), without bound.

    Karras et al. (2020), https://arxiv.org/abs/1912.04958.

    Args:
        shape: (channels, side, side) of an image.
        latent_dim: Size of a latent.
        size: Of a style's vector.
        base: Channels of a map are this over its side, at most `limit`.
        limit: Most channels of a map.
        depth: Layers of the mapping.
        mixing: Probability that a batch of training has two styles, the second from a random layer on.
        classes: Classes of which the styles are told; 0 for none.

    Attributes:
        layers: Styles that an image takes.

    Raises:
        ValueError: The images can't be halved to 4 to 7 pixels.
    """

    def __init__(
        self,
        shape: Sequence[int],
        latent_dim: int,
        size: int = 512,
        base: int = 32768,
        limit: int = 512,
        depth: int = 8,
        mixing: float = 0.9,
        classes: int = 0,
    ) -> None:
        super().__init__()
        self.classes, self.mixing = classes, mixing
        sides = map_sides(shape)
        channels = map_channels(sides, base, limit)
        self.mapping = StyleMapping(latent_dim, size, depth, classes)
        self.const = nn.Parameter(torch.randn(channels[0], sides[0], sides[0]))
        self.first = StyledLayer(channels[0], channels[0], sides[0], size)
        pairs = list(zip(pairwise(channels), sides[1:], strict=True))
        self.rise = nn.ModuleList(StyledLayer(i, o, side, size, up=True) for (i, o), side in pairs)
        self.keep = nn.ModuleList(StyledLayer(o, o, side, size) for (_, o), side in pairs)
        self.to_pixels = nn.ModuleList(StyledOutput(o, shape[0], size) for o in channels)
        self.enlarge = Double(FILTER)
        self.layers = 2 * len(channels)

    def forward(self, z: Tensor, y: Tensor | None = None, other: Tensor | None = None) -> Tensor:
        """Give images (B, *shape) for latents (B, latent_dim) and classes (B,); for `other` see `styles`."""
        return self.draw(self.styles(z, y, other))

    def styles(self, z: Tensor, y: Tensor | None = None, other: Tensor | None = None) -> Tensor:
        """Give the style of each layer (B, layers, size); in training the mean follows them, and some are mixed.

        Args:
            z: Latents (B, latent_dim).
            y: Classes (B,).
            other: Latents of the second styles; None draws them from N(0, 1).
        """
        w = self.mapping(z, y)
        if not self.training:
            return self.spread(w)
        self.mapping.observe(w.detach())
        other = self.mapping(torch.randn_like(z) if other is None else other, y)
        first = torch.randint(1, self.layers, (), device=z.device)
        alone = torch.rand((), device=z.device) >= self.mixing
        kept = (torch.arange(self.layers, device=z.device) < first) | alone
        return torch.where(kept[:, None], self.spread(w), self.spread(other))

    def spread(self, w: Tensor) -> Tensor:
        """Give one style (B, size) to all layers (B, layers, size)."""
        return w[:, None].expand(-1, self.layers, -1)

    def draw(self, styles: Tensor) -> Tensor:
        """Give images (B, *shape) of the styles (B, layers, size) of their layers."""
        w = styles.unbind(1)
        x = self.first(self.const.expand(len(styles), -1, -1, -1), w[0])
        picture = self.to_pixels[0](x, w[1])
        for i, (rise, keep) in enumerate(zip(self.rise, self.keep, strict=True)):
            x = keep(rise(x, w[2 * i + 1]), w[2 * i + 2])
            picture = self.enlarge(picture) + self.to_pixels[i + 1](x, w[2 * i + 3])
        return picture
