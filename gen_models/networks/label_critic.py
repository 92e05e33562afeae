"""Semi-supervised critic of codes (adversarial autoencoder, Makhzani et al. 2015, https://arxiv.org/abs/1511.05644)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gen_models.networks.critics.heads import Critic
from gen_models.networks.layers.conditioning import required
from gen_models.networks.mlp import MLPBody


class LabelCritic(nn.Module):
    """Class-conditional critic of codes, for partly labelled data: an unknown class is one class more.

    Makhzani et al. (2015), Adversarial autoencoders, section 2.3, https://arxiv.org/abs/1511.05644.

    Args:
        latent_dim: Size of a code.
        classes: How many classes there are.
        hidden: Sizes of the hidden layers.

    Raises:
        ValueError: The data has no classes.
    """

    def __init__(self, latent_dim: int, classes: int, hidden: Sequence[int] = (256, 256)) -> None:
        super().__init__()
        if classes < 1:
            raise ValueError("this critic is told the class, and the data has none: docs/data.md says what makes them.")
        self.classes = self.unknown = classes
        self.critic = Critic(MLPBody([latent_dim], hidden, classes + 1))

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of codes (B, latent_dim) of classes (B,), -1 where the class is not known."""
        labels = required(y)
        return self.critic(z, torch.where(labels < 0, self.unknown, labels))
