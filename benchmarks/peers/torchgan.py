"""A side of races: torchgan's Trainer, with this project's DCGAN networks of some width."""

import os
import sys

import torch
from torch import Tensor

from benchmarks.pace import PacedLoader
from benchmarks.peers.sides import LATENT, critic, generator, loader, pace_of, without

without("torchvision", "torchvision.utils", "torchvision.models", "torchvision.transforms", "torchvision.datasets")
os.environ["TENSORBOARD_LOGGING"] = "0"
from torchgan.losses import MinimaxDiscriminatorLoss, MinimaxGeneratorLoss  # noqa: E402
from torchgan.models import Discriminator, Generator  # noqa: E402
from torchgan.trainer import Trainer  # noqa: E402


class Ours(Generator):
    """This project's generator as one of torchgan's."""

    def __init__(self, width: int) -> None:
        super().__init__(LATENT)
        self.network = generator(width)

    def forward(self, z: Tensor) -> Tensor:
        """Give pictures (B, 3, 32, 32) of latents."""
        return self.network(z)


class OurCritic(Discriminator):
    """This project's critic as one of torchgan's."""

    def __init__(self, width: int) -> None:
        super().__init__(3)
        self.network = critic(width)

    def forward(self, x: Tensor) -> Tensor:
        """Give the logits of pictures."""
        return self.network(x)


def main(width: str) -> None:
    pace = pace_of("torchgan")
    adam = {"name": torch.optim.Adam, "args": {"lr": 2e-4, "betas": (0.5, 0.999)}}
    models = {
        "generator": {"name": Ours, "args": {"width": int(width)}, "optimizer": adam},
        "discriminator": {"name": OurCritic, "args": {"width": int(width)}, "optimizer": adam},
    }
    losses = [MinimaxGeneratorLoss(), MinimaxDiscriminatorLoss()]
    trainer = Trainer(models, losses, device=torch.device("cpu"), epochs=1)
    trainer(PacedLoader(pace, loader((3, 32, 32), 64)))


if __name__ == "__main__":
    main(*sys.argv[1:])
