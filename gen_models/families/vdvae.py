"""Very deep variational autoencoder (Child 2021, https://arxiv.org/abs/2011.10650).

Latents lie on maps of all sides, from a single place to the picture, many layers of them on each; a layer's prior and
posterior know all before (ladder VAE, Sønderby et al. 2016, https://arxiv.org/abs/1602.02282). After the authors' code,
openai/vdvae.
"""

import math
from typing import Unpack

import torch
from torch import Tensor, nn

from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.data.interface import mean_item, root_mean_square
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.families.parts.dimensions import per_dimension
from gen_models.families.tempered import Tempered
from gen_models.losses.bound import importance_weighted
from gen_models.losses.categorical import Categorical
from gen_models.media.pixels import from_levels, nearest_level
from gen_models.networks.autoencoders.vdvae import Latents, VDVAEDecoder, VDVAEEncoder
from gen_models.networks.layers.weights import zero_bias

MIDDLE = 0.5
"""The number in [0, 1) that stands for all where nothing is to be random."""


class VDVAE(Tempered):
    """Very deep VAE: a hierarchy of latents on maps of rising sides, and a likelihood of levels given the last map.

    Args:
        encoder: Bottom-up path.
        decoder: Top-down path, with priors and posteriors.
        loss: Distribution of a pixel's levels given the decoder's output there.
        levels: Levels of a pixel of the data.
        temperature: Factor on the priors' deviations in samples.
        training: Options of the engine.

    Raises:
        UsageError: The data are points, which have no levels, or the paths have other sides.
    """

    centre: Tensor
    spread: Tensor

    def __init__(
        self,
        encoder: VDVAEEncoder,
        decoder: VDVAEDecoder,
        loss: Categorical,
        levels: int | None,
        temperature: float = 1.0,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(temperature, **training)
        if levels is None:
            raise UsageError("points have no levels, whose probability this is: use model=vae loss=gaussian.")
        if encoder.sides != decoder.sides[::-1]:
            raise UsageError("both paths have the same sides: give network.encoder.blocks and .decoder.blocks alike.")
        self.encoder = encoder
        self.decoder = decoder
        self.loss = loss
        self.levels = levels
        self.channels = encoder.conv_in.in_channels
        self.readout = nn.Conv2d(decoder.width, loss.size(self.channels, levels), 1)
        zero_bias(self.readout)
        self.register_buffer("centre", torch.tensor(0.0))  # of the training data, by which the encoder's are whitened
        self.register_buffer("spread", torch.tensor(1.0))

    def prepare(self, source: Source) -> None:
        """Measure the mean and the deviation of the data, once in a run."""
        super().prepare(source)
        if self.clock.turn == 0:
            self.centre.fill_(mean_item(source.train).mean())
            square = root_mean_square(source.train) ** 2 - self.centre.square()
            self.spread.copy_(square.clamp(min=1e-6).sqrt())

    def players(self) -> tuple[Player, ...]:
        """One player: all want the same."""
        return (Player("vdvae", [self.encoder, self.decoder, self.readout], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """The negative evidence bound by one draw, in nats a dimension."""
        x = nearest_level(batch.x, self.levels)
        parameters, latents = self.infer(x, self.decoder.noise(len(x)))
        distortion = per_dimension(-self.loss.log_prob(parameters, x, self.levels), x)
        rates = [per_dimension(torch.stack([each.kl() for each in level]).sum(0), x) for level in latents]
        rate = torch.stack(rates).sum()
        for (height, width), of_side in zip(self.decoder.sides, rates, strict=True):
            self.note(f"rate_{height}x{width}", of_side)
        self.note("bits_per_dimension", (distortion + rate) / math.log(2))
        return {"distortion": distortion, "rate": rate}

    def infer(self, x: Tensor, noise: list[list[Tensor]]) -> tuple[Tensor, list[list[Latents]]]:
        """Draw latents of pictures (B, *shape) from their posteriors.

        Args:
            x: In [-1, 1].
            noise: Standard normal numbers, as the decoder's `noise` gives them; zeros take the posteriors' means.

        Returns:
            Parameters (B, P, H, W) of the pixels' distributions, and the latents of each side.
        """
        found, latents = self.decoder(self.encoder((x - self.centre) / self.spread), noise)
        return self.readout(found).float(), latents

    @property
    def likelihood_rule(self) -> str:
        """The evidence bound."""
        return "bound"

    @torch.no_grad()
    def log_bound(self, x: Tensor, y: Tensor | None = None, draws: int = 1) -> Tensor:
        """Importance-weighted bound (B,) in nats, one draw of all latents at a time."""
        x = nearest_level(x, self.levels)
        return importance_weighted(lambda: self._log_weight(x), draws)

    def _log_weight(self, x: Tensor) -> Tensor:
        """Give log [p(x | z) p(z) / q(z | x)], (B,), of fresh latents."""
        parameters, latents = self.infer(x, self.decoder.noise(len(x)))
        ratios = [each.log_ratio() for level in latents for each in level]
        return self.loss.log_prob(parameters, x, self.levels) + torch.stack(ratios).sum(0)

    @torch.no_grad()
    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Take the posteriors' means, and of each pixel the middle of its distribution."""
        x = nearest_level(x, self.levels)
        return self._pixels(self.infer(x, _still(self.decoder.noise(len(x))))[0], random=False)

    @torch.no_grad()
    def trajectory(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw n pictures, and give them (T, n, *shape) as the latents of one side after another say them.

        Latents of later sides are at their priors' means; in the last state all are drawn, and the pixels too.
        """
        self.labels(n, y)  # refuses to draw a class on demand
        noise = self._tempered_noise(n)
        states = [
            self._drawn([*noise[:count], *_still(noise[count:])], random=count == len(noise))
            for count in range(1, len(noise) + 1)
        ]
        return torch.stack(states)

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw all latents from their priors, and pixels (n, *shape) in [-1, 1] on their levels."""
        self.labels(n, y)  # refuses to draw a class on demand
        return self._drawn(self._tempered_noise(n), random=True)

    def _tempered_noise(self, n: int) -> list[list[Tensor]]:
        return [[self.temperature * each for each in level] for level in self.decoder.noise(n)]

    def _drawn(self, noise: list[list[Tensor]], random: bool) -> Tensor:
        return self._pixels(self.readout(self.decoder.generate(noise)).float(), random)

    def _pixels(self, parameters: Tensor, random: bool) -> Tensor:
        """Pictures (B, *shape) of pixels' distributions (B, P, H, W): drawn channel after channel, or their middles."""
        places = parameters.movedim(1, -1)
        each = places.flatten(0, -2)
        shape = (len(each), 1 + self.channels)
        noise = torch.rand(shape, device=each.device) if random else each.new_full(shape, MIDDLE)
        x = each.new_empty(len(each), 0)
        for _ in range(self.channels):
            level = self.loss.draw(each, x, noise, self.levels, temperature=1.0)
            x = torch.cat([x, from_levels(level, self.levels)[:, None]], dim=1)
        return x.view(*places.shape[:-1], self.channels).movedim(-1, 1).contiguous()


def _still(noise: list[list[Tensor]]) -> list[list[Tensor]]:
    """No noise of these shapes."""
    return [[torch.zeros_like(each) for each in level] for level in noise]
