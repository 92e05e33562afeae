"""Laplacian pyramid of GANs (LAPGAN: Denton et al. 2015, https://arxiv.org/abs/1506.05751)."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Unpack

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from gen_models.bounds import Positive
from gen_models.core.batch import Batch
from gen_models.core.clock import Every
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.latents.priors import Normal, Prior
from gen_models.losses.adversarial import Adversarial
from gen_models.networks.critics.heads import Body, Critic
from gen_models.networks.gan.laplacian import enlarged, reduced
from gen_models.networks.layers.sizes import smallest_map

MakeNetwork = Callable[[Sequence[int]], nn.Module]
"""The constructor of a network but for the shape of its pictures: `_partial_` in a config."""


class LAPGAN(GenerativeModel):
    """Laplacian pyramid of GANs: one for the smallest picture, and one for each band, conditioned on what is below.

    All train at once and independently: each is conditioned on real coarser pictures. Only sampling goes
    from one to the next. Networks and players are named after their side: `generator_16`, `critic_16`.

    A critic sees the real and a generated band of each picture. In the paper a coin decides which (section 2.3), and in
    the authors' code (facebook/eyescream, conditional_adversarial.lua) generated bands are of other pictures: gradients
    of the same mean and of more variance.

    Args:
        shape: (channels, side, side) of the data.
        band_generator: Makes a network: noise (B, 1, S, S), enlarged pictures (B, C, S, S) and classes to bands.
        band_discriminator: Makes a network: bands, enlarged pictures and classes to logits (B,).
        coarse_generator: Makes a network: latents (B, latent_dim) and classes to pictures of the smallest side.
        coarse_discriminator: Makes a backbone: such pictures and classes to features, of which a critic is made.
        loss: What both sides of each game minimise.
        latent_dim: Size of the smallest picture's latent.
        prior: What it is drawn from; None takes N(0, 1).
        smallest: No picture of the pyramid is smaller.
        critic_steps: Each critic moves on every turn, each generator on every k-th.
        generator_batches: Samples in a generator's move, for each real one in the batch.
        training: Options of the engine; `optimizers` names `generator` and `critic`, for all levels.
    """

    def __init__(
        self,
        shape: Sequence[int],
        band_generator: MakeNetwork,
        band_discriminator: MakeNetwork,
        coarse_generator: MakeNetwork,
        coarse_discriminator: Callable[[Sequence[int]], Body],
        loss: Adversarial,
        latent_dim: int,
        prior: Prior | None = None,
        smallest: Positive = 4,
        critic_steps: Every = 1,
        generator_batches: Positive = 1,
        **training: Unpack[Training],
    ) -> None:
        side, doublings = smallest_map(shape, smallest)
        self.sides = [side * 2**i for i in range(doublings + 1)]
        roles = training["optimizers"].items()
        training["optimizers"] = {f"{role}_{side}": make for side in self.sides for role, make in roles}
        super().__init__(**training)
        coarse = coarse_generator, lambda shape: Critic(coarse_discriminator(shape))
        makers = [coarse, *[(band_generator, band_discriminator)] * doublings]
        for side, (generator, critic) in zip(self.sides, makers, strict=True):
            self.add_module(f"generator_{side}", generator([shape[0], side, side]))
            self.add_module(f"critic_{side}", critic([shape[0], side, side]))
        self.loss = loss
        self.latent_dim = latent_dim
        self.prior = prior or Normal()
        self.generator_batches = generator_batches
        self.critic_steps = critic_steps

    def players(self) -> tuple[Player, ...]:
        """For each level, the smallest first, a critic and a generator."""
        return tuple(player for side in self.sides for player in self._pair(side))

    def _pair(self, side: int) -> tuple[Player, Player]:
        generator, critic = f"generator_{side}", f"critic_{side}"
        return (
            Player(critic, [self.network(critic)], partial(self.critic_losses, side)),
            Player(generator, [self.network(generator)], partial(self.generator_losses, side), self.critic_steps),
        )

    def critic_losses(self, side: int, batch: Batch) -> Losses:
        """Tell a level's real bands from generated ones (Algorithm 1), with no graph through the generator."""
        real, below = self.level(side, batch.x)
        with torch.no_grad():
            fake = self.generate(side, below, batch.y)
        real_logits, fake_logits = (self.logits(side, band, below, batch.y) for band in (real, fake))
        return {"adversarial": self.loss.critic(real_logits, fake_logits)}

    def generator_losses(self, side: int, batch: Batch) -> Losses:
        """Make the level's critic believe in bands for real coarser pictures."""
        real, below = self.level(side, batch.x.repeat(self.generator_batches, *[1] * (batch.x.ndim - 1)))
        y = batch.y.repeat(self.generator_batches)
        fake_logits = self.logits(side, self.generate(side, below, y), below, y)
        real_logits = self.logits(side, real, below, y) if self.loss.compares else None
        return {"adversarial": self.loss.generator(fake_logits, real_logits)}

    def level(self, side: int, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Give a level's bands (B, C, side, side), and the enlarged pictures below them: none below the smallest."""
        picture = reduced(x, side)
        if side == self.sides[0]:
            return picture, []
        below = enlarged(reduced(picture, side // 2))
        return picture - below, [below]

    def generate(self, side: int, below: Sequence[Tensor], y: Tensor) -> Tensor:
        """Make a level's bands (B, C, side, side) of fresh noise: a plane of U(-1, 1), or latents from the prior."""
        if below:
            noise = torch.rand(len(y), 1, side, side, device=self.device) * 2 - 1
        else:
            noise = self.prior.sample(len(y), self.latent_dim, self.device)
        return self.network(f"generator_{side}")(noise, *below, y).float()

    def logits(self, side: int, band: Tensor, below: Sequence[Tensor], y: Tensor) -> Tensor:
        """Give the logits (B,) of a level's critic."""
        return self.network(f"critic_{side}")(band, *below, y).float()

    @torch.no_grad()
    def trajectory(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw level by level and give the pictures (T, n, *shape) in [-1, 1] so far, with pixels repeated."""
        y = self.labels(n, y)
        pictures = [self.generate(self.sides[0], [], y)]
        for side in self.sides[1:]:
            below = enlarged(pictures[-1])
            pictures.append(below + self.generate(side, [below], y))
        return torch.stack([interpolate(x, self.sides[-1]) for x in pictures]).clamp(-1, 1)

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw (n, *shape) in [-1, 1]: the last picture of a trajectory."""
        return self.trajectory(n, y)[-1]
