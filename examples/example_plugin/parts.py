"""Parts of a package of your own: a loss, a network, a family of one player, and a game with a term of its own."""

from collections.abc import Sequence
from typing import Annotated, Any, Unpack

import torch
from torch import Tensor, nn

from gen_models import GenerativeModel
from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.errors import UsageError
from gen_models.families import GAN
from gen_models.losses import Adversarial
from gen_models.networks import BodiedCritic


class Margin(Adversarial):
    """Margin loss: linear logits, cut where they are right by 3."""

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """E max(0, 3 - D(x)) + E max(0, 3 + D(G(z)))."""
        return (3 - real).relu().mean() + (3 + fake).relu().mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """-E D(G(z))."""
        return -fake.mean()


class Linear(nn.Module):
    """Linear generator: one layer from latents (B, latent_dim) to samples (B, *shape) in [-1, 1]."""

    def __init__(self, shape: Sequence[int], latent_dim: int, classes: int = 0) -> None:
        super().__init__()
        self.shape = tuple(shape)
        self.classes = classes
        self.layer = nn.Linear(latent_dim, torch.Size(shape).numel())

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give a sample for each latent; classes say nothing here."""
        return self.layer(z).tanh().view(len(z), *self.shape)


class Matching(GenerativeModel):
    """One player that moves the mean of its samples to that of the batch."""

    def __init__(self, generator: nn.Module, latent_dim: int, **training: Unpack[Training]) -> None:
        super().__init__(**training)
        self.generator = generator
        self.latent_dim = latent_dim

    def players(self) -> tuple[Player, ...]:
        """One player."""
        return (Player("matching", [self.generator], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """‖E G(z) - E x‖², a mean over dimensions."""
        drawn = self.generator(torch.randn(len(batch.x), self.latent_dim, device=batch.x.device))
        return {"mean": (drawn.mean(0) - batch.x.mean(0)).square().mean()}

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw latents from N(0, 1) and decode them."""
        with torch.no_grad():
            return self.generator(torch.randn(n, self.latent_dim, device=self.device))


class FeatureMatching(GAN):
    """GAN whose generator also matches the mean of the critic's features.

    Salimans et al. (2016), section 3.1, https://arxiv.org/abs/1606.03498.

    Args:
        matching: Weight of the distance of the means.
        options: Those of `GAN`.
    """

    def __init__(self, matching: float = 1.0, **options: Annotated[Any, GAN]) -> None:
        super().__init__(**options)
        if not isinstance(self.discriminator, BodiedCritic):
            raise UsageError("this model compares features of the critic's body: choose network=dcgan.")
        self.matching = matching

    def generator_losses(self, batch: Batch) -> Losses:
        """‖E φ(G(z)) - E φ(x)‖², a mean over features."""
        body, z = self.discriminator.body, self.draw_codes(len(batch.x))
        fake, real = body(self.generate(z, batch.y), batch.y), body(batch.x, batch.y)
        distance = (fake.mean(0) - real.detach().mean(0)).square().mean()
        return super().generator_losses(batch) | {"matching": self.matching * distance}
