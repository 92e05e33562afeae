"""Mean matching: a generator whose samples have the mean of the data."""

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
    """Linear logits, cut where they are right by 3."""

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        return (3 - real).relu().mean() + (3 + fake).relu().mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -fake.mean()


class Linear(nn.Module):
    """One layer from latents to samples."""

    def __init__(self, shape: Sequence[int], latent_dim: int, classes: int = 0) -> None:
        super().__init__()
        self.shape = tuple(shape)
        self.classes = classes
        self.layer = nn.Linear(latent_dim, torch.Size(shape).numel())

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return self.layer(z).tanh().view(len(z), *self.shape)


class Matching(GenerativeModel):
    """One player that moves the mean of its samples to that of the batch."""

    def __init__(self, generator: nn.Module, latent_dim: int, **training: Unpack[Training]) -> None:
        super().__init__(**training)
        self.generator = generator
        self.latent_dim = latent_dim

    def players(self) -> tuple[Player, ...]:
        return (Player("matching", [self.generator], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        drawn = self.generator(torch.randn(len(batch.x), self.latent_dim, device=batch.x.device))
        return {"mean": (drawn.mean(0) - batch.x.mean(0)).square().mean()}

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        with torch.no_grad():
            return self.generator(torch.randn(n, self.latent_dim, device=self.device))
