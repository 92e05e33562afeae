"""Networks of the very deep VAE: maps of halving sides up from the picture, and latents on each side down to it again.

Child (2021), Very deep VAEs generalize autoregressive models and can outperform them on images,
https://arxiv.org/abs/2011.10650, figures 2 and 3; constants and starts by the authors' code, openai/vdvae, vae.py.
"""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, gelu, interpolate

from gen_models.losses.divergence import kl_of_normals
from gen_models.networks.layers.typed import Layers
from gen_models.networks.layers.weights import silenced, zero_bias

LARGEST_BIAS = 64
"""The largest side whose map begins at a learned bias; larger ones begin at zero."""


class Latents(NamedTuple):
    """Latents of one layer, and the normal distributions on both sides of them, each (B, latent, H, W).

    Attributes:
        z: Drawn from the posterior.
        noise: Standard normal numbers that they were made of.
        mean: Of the posterior q(z_l | z_<l, x).
        log_sigma: Logarithm of its deviation.
        prior_mean: Of the prior p(z_l | z_<l).
        prior_log_sigma: Logarithm of its deviation.
    """

    z: Tensor
    noise: Tensor
    mean: Tensor
    log_sigma: Tensor
    prior_mean: Tensor
    prior_log_sigma: Tensor

    def kl(self) -> Tensor:
        """Give KL(q ‖ p), (B,) in nats."""
        each = kl_of_normals(self.mean, self.log_sigma, self.prior_mean, self.prior_log_sigma)
        return each.flatten(1).sum(1)

    def log_ratio(self) -> Tensor:
        """Give log p(z) - log q(z), (B,)."""
        distance = (self.z - self.prior_mean) * (-self.prior_log_sigma).exp()
        each = 0.5 * (self.noise.square() - distance.square()) + self.log_sigma - self.prior_log_sigma
        return each.flatten(1).sum(1)


class VDVAEEncoder(nn.Module):
    """Bottom-up path of the very deep VAE: residual blocks, and poolings from side to side.

    Args:
        shape: (channels, height, width) of a picture.
        width: Channels of all maps.
        blocks: Blocks on each side, from the picture's to that of a single place.
        bottleneck: Channels within a block, over the width.
    """

    def __init__(self, shape: Sequence[int], width: int, blocks: Sequence[int], bottleneck: float = 0.25) -> None:
        super().__init__()
        self.sides = sides(shape, _counted(blocks))
        self.conv_in = _conv(shape[0], width, 3)
        self.levels = Layers[Layers[Bottleneck]](
            Layers(Bottleneck(width, int(width * bottleneck), width, side) for _ in range(count))
            for side, count in zip(self.sides, blocks, strict=True)
        )
        for level in self.levels:
            for block in level:
                block.scale(1 / sqrt(sum(blocks)))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Give the maps (B, width, H, W) of all sides for pictures (B, *shape), the picture's side first."""
        x, seen = self.conv_in(x), []
        for level, side, smaller in zip(self.levels, self.sides, [*self.sides[1:], None], strict=True):
            *blocks, last = level
            for block in blocks if smaller else level:
                x = x + block(x)
            seen.append(x)
            if smaller:  # the side's last block belongs to the way on
                x = avg_pool2d(x + last(x), (side[0] // smaller[0], side[1] // smaller[1]))
        return seen


class VDVAEDecoder(nn.Module):
    """Top-down path of the very deep VAE: each block draws latents given all before, and adds what they say to the map.

    Args:
        shape: (channels, height, width) of a picture.
        width: Channels of all maps.
        blocks: Blocks on each side, from the picture's to that of a single place.
        latent: Channels of a block's latents.
        bottleneck: Channels within a block's networks, over the width.

    Attributes:
        width: Channels of its output.
        sides: Of its maps, the single place first.
        shapes: Of the latents of all blocks, in the order in which they are drawn, for each side.
    """

    def __init__(
        self, shape: Sequence[int], width: int, blocks: Sequence[int], latent: int = 16, bottleneck: float = 0.25
    ) -> None:
        super().__init__()
        self.width = width
        self.sides = sides(shape, _counted(blocks))[::-1]
        counts = list(blocks)[::-1]
        middle, scale = int(width * bottleneck), 1 / sqrt(sum(blocks))
        self.levels = Layers[Layers[TopDownBlock]](
            Layers(TopDownBlock(width, middle, latent, side, scale) for _ in range(count))
            for side, count in zip(self.sides, counts, strict=True)
        )
        self.starts = nn.ParameterList(torch.zeros(1, width, *side) for side in self.sides if max(side) <= LARGEST_BIAS)
        self.gain = nn.Parameter(torch.ones(1, width, 1, 1))
        self.bias = nn.Parameter(torch.zeros(1, width, 1, 1))
        self.shapes = [[(latent, *side)] * count for side, count in zip(self.sides, counts, strict=True)]

    def noise(self, n: int) -> list[list[Tensor]]:
        """Draw standard normal numbers for all latents of n pictures: for each side, for each of its blocks."""
        return [[torch.randn(n, *shape, device=self.gain.device) for shape in level] for level in self.shapes]

    def forward(self, seen: Sequence[Tensor], noise: Sequence[Sequence[Tensor]]) -> tuple[Tensor, list[list[Latents]]]:
        """Draw latents from the posteriors.

        Args:
            seen: What `VDVAEEncoder` gives.
            noise: Of `noise`.

        Returns:
            The map (B, width, H, W) that the picture is read from, and the latents of each side's blocks.
        """
        x, drawn = self._nothing(len(seen[0])), []
        for number, (level, of_data, fresh) in enumerate(zip(self.levels, seen[::-1], noise, strict=True)):
            x, found = self._entered(number, x), []
            for block, each in zip(level, fresh, strict=True):
                x, latents = block.infer(x, of_data, each)
                found.append(latents)
            drawn.append(found)
        return x * self.gain + self.bias, drawn

    def generate(self, noise: Sequence[Sequence[Tensor]]) -> Tensor:
        """Draw latents from the priors by numbers of `noise`, and give the map (B, width, H, W) of the picture."""
        x = self._nothing(len(noise[0][0]))
        for number, (level, fresh) in enumerate(zip(self.levels, noise, strict=True)):
            x = self._entered(number, x)
            for block, each in zip(level, fresh, strict=True):
                x = block.generate(x, each)
        return x * self.gain + self.bias

    def _nothing(self, n: int) -> Tensor:
        """The map of a single place that the way down begins with."""
        return self.gain.new_zeros(n, self.width, 1, 1)

    def _entered(self, number: int, x: Tensor) -> Tensor:
        """The map with which a side begins: that of the side before, enlarged, and its own bias."""
        x = interpolate(x, self.sides[number])
        return x + self.starts[number] if number < len(self.starts) else x


class TopDownBlock(nn.Module):
    """Top-down block: prior, posterior, and what their latents change (figure 3, right).

    Args:
        width: Channels of the map.
        middle: Channels within its networks.
        latent: Channels of the latents.
        side: Height and width of the map.
        scale: Of the weights at the start by which it changes the map: 1 / √(number of blocks).
    """

    def __init__(self, width: int, middle: int, latent: int, side: tuple[int, int], scale: float) -> None:
        super().__init__()
        self.latent = latent
        self.posterior = Bottleneck(2 * width, middle, 2 * latent, side)
        self.prior = Bottleneck(width, middle, 2 * latent + width, side)
        silenced(self.prior.conv_out)
        self.project = _conv(latent, width, 1)
        with torch.no_grad():
            self.project.weight *= scale
        self.residual = Bottleneck(width, middle, width, side)
        self.residual.scale(scale)

    def infer(self, x: Tensor, seen: Tensor, noise: Tensor) -> tuple[Tensor, Latents]:
        """Draw latents from the posterior, and give the map (B, width, H, W) with what they say."""
        mean, log_sigma = self.posterior(torch.cat([x, seen], dim=1)).float().chunk(2, dim=1)
        prior_mean, prior_log_sigma, told = self._prior(x)
        z = mean + noise * log_sigma.exp()
        return self._changed(x + told, z), Latents(z, noise, mean, log_sigma, prior_mean, prior_log_sigma)

    def generate(self, x: Tensor, noise: Tensor) -> Tensor:
        """Draw latents from the prior, and give the map (B, width, H, W) with what they say."""
        mean, log_sigma, told = self._prior(x)
        return self._changed(x + told, mean + noise * log_sigma.exp())

    def _prior(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Mean and log-deviation of the prior, and what the map says by itself."""
        found = self.prior(x).float()
        mean, log_sigma, told = found.split([self.latent, self.latent, found.shape[1] - 2 * self.latent], dim=1)
        return mean, log_sigma, told

    def _changed(self, x: Tensor, z: Tensor) -> Tensor:
        x = x + self.project(z)
        return x + self.residual(x)


class Bottleneck(nn.Module):
    """Bottleneck block: GELU and a convolution, four times: 1x1 to few channels, 3x3, 3x3, and 1x1 (figure 3, left).

    On maps of up to two pixels a side those in the middle are 1x1 too.

    Args:
        inputs: Channels of the map that comes in.
        middle: Channels of the maps between.
        outputs: Channels of the result.
        side: Height and width of the maps.
    """

    def __init__(self, inputs: int, middle: int, outputs: int, side: tuple[int, int]) -> None:
        super().__init__()
        kernel = 3 if max(side) > 2 else 1
        self.convs = Layers[nn.Conv2d](
            [_conv(inputs, middle, 1), _conv(middle, middle, kernel), _conv(middle, middle, kernel)]
        )
        self.conv_out = _conv(middle, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, outputs, H, W) for maps (B, inputs, H, W)."""
        for conv in self.convs:
            x = conv(gelu(x))
        return self.conv_out(gelu(x))

    @torch.no_grad()
    def scale(self, factor: float) -> None:
        """Multiply the last weights at the start: many blocks then add up to as much as one."""
        self.conv_out.weight *= factor


def _counted(blocks: Sequence[int]) -> int:
    """On how many sides there are blocks; a ValueError where a side has none."""
    if any(count < 1 for count in blocks):
        raise ValueError(
            f"blocks={list(blocks)} leaves a side without any: give each one at least, or leave sides out."
        )
    return len(blocks)


def sides(shape: Sequence[int], count: int) -> list[tuple[int, int]]:
    """Heights and widths of the maps of a picture: its own, each half of the one before, and last a single place.

    Args:
        shape: (channels, height, width).
        count: How many.

    Raises:
        ValueError: The picture can't be halved so often, or is none.
    """
    if len(shape) != 3:
        raise ValueError(f"these networks take pictures, and the data has shape {list(shape)}: use model=vae.")
    halvings = count - 2
    if halvings < 0 or any(side % 2**halvings or side == 2**halvings for side in shape[1:]):
        raise ValueError(
            f"these networks halve a picture {max(halvings, 0)} times on the way to a single place, and the data has "
            f"shape {list(shape)}: change the number of network.encoder.blocks (two more than halvings), or data.size."
        )
    return [*((shape[1] >> halved, shape[2] >> halved) for halved in range(halvings + 1)), (1, 1)]


def _conv(inputs: int, outputs: int, kernel: int) -> nn.Conv2d:
    """A convolution that keeps the sides, with torch's weights and no bias at first."""
    conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)
    zero_bias(conv)
    return conv
