"""What several peers' sides share: data in memory, this project's GAN networks, and libraries that are not needed."""

import sys
from importlib.machinery import ModuleSpec
from importlib.metadata import version
from unittest.mock import MagicMock

import torch
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.pace import Pace
from gen_models.networks import Critic, DCGANBody, DCGANGenerator

ITEMS = 1800
LATENT = 100


def pace_of(package: str, commit: str = "") -> Pace:
    """A pace that states the peer's version, or its commit if it is no package, and torch's; torch has one thread."""
    torch.set_num_threads(1)
    return Pace(**{package: commit[:7] or version(package), "torch": torch.__version__})


def without(*modules: str) -> None:
    """Stand in for libraries that a peer imports, and that its turns do not use: TensorFlow for its FID."""
    sys.modules.update({module: MagicMock(__spec__=ModuleSpec(module, None)) for module in modules})


def loader(shape: tuple[int, ...], batch_size: int) -> DataLoader:
    """Floats in [-1, 1] that are in memory already, with classes, shuffled."""
    data = TensorDataset(2 * torch.rand(ITEMS, *shape) - 1, torch.zeros(ITEMS, dtype=torch.long))
    return DataLoader(data, batch_size, shuffle=True, drop_last=True)


def generator(width: int) -> DCGANGenerator:
    """The generator of `model=dcgan` for 32x32 pictures in colour."""
    return DCGANGenerator((3, 32, 32), LATENT, width, kernel=5, bias=False, first="feature")


def critic(width: int) -> Critic:
    """The critic of `model=dcgan`."""
    return Critic(DCGANBody((3, 32, 32), width, kernel=5, norm=True, bias=False), bias=False)
