"""Parts of a package of your own: a loss, a network, and a family, mean matching."""

from collections.abc import Sequence
from typing import Unpack

import torch
from torch import Tensor, nn

from gen_models import GenerativeModel
from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.losses import Adversarial


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
