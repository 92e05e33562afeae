"""A side of races: mimicry's Trainer, with this project's DCGAN networks of some width."""

import sys

import torch
from torch import Tensor

from benchmarks.pace import PacedLoader
from benchmarks.peers.sides import LATENT, critic, generator, loader, pace_of, without

without(
    "torch._six", "tensorflow", "torchvision", "torchvision.datasets", "torchvision.transforms", "torchvision.utils"
)
without("torchvision.models", "skimage", "matplotlib", "matplotlib.pyplot")
from torch_mimicry.nets.gan import gan  # noqa: E402
from torch_mimicry.training import Trainer  # noqa: E402


class Generator(gan.BaseGenerator):
    """This project's generator as one of mimicry's."""

    def __init__(self, width: int) -> None:
        super().__init__(nz=LATENT, ngf=width, bottom_width=4, loss_type="ns")
        self.network = generator(width)

    def forward(self, z: Tensor) -> Tensor:
        """Give pictures (B, 3, 32, 32) of latents."""
        return self.network(z)


class Discriminator(gan.BaseDiscriminator):
    """This project's critic as one of mimicry's."""

    def __init__(self, width: int) -> None:
        super().__init__(ndf=width, loss_type="ns")
        self.network = critic(width)

    def forward(self, x: Tensor) -> Tensor:
        """Give the logits of pictures."""
        return self.network(x).unsqueeze(1)


def main(width: str) -> None:
    pace = pace_of("torch-mimicry")
    g, d = Generator(int(width)), Discriminator(int(width))
    optimizers = [torch.optim.Adam(net.parameters(), 2e-4, betas=(0.5, 0.999)) for net in (d, g)]
    data = PacedLoader(pace, loader((3, 32, 32), 64))
    device = torch.device("cpu")
    Trainer(d, g, *optimizers, data, num_steps=10**6, lr_decay="None", vis_steps=10**6, device=device).train()


if __name__ == "__main__":
    main(*sys.argv[1:])
