"""GRAN (Generating images with recurrent adversarial networks, Im et al. 2016, https://arxiv.org/abs/1602.05110)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from gen_models.bounds import Positive
from gen_models.networks.gan.dcgan import margin, transposed
from gen_models.networks.layers.conditioning import append_class
from gen_models.networks.layers.sizes import smallest_map

EPSILON = 1e-8
"""Of the normalisations: the first increments are small, and the authors add only 1e-6 to a standard deviation."""


@runtime_checkable
class Unrolls(Protocol):
    """Generator that draws in steps."""

    def unroll(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the pictures (T, B, *shape) after each step; the last ones are what it generates."""


class RecurrentGenerator(nn.Module):
    """GRAN generator: adds to a canvas T times, each time encoding what it has just added.

    Im et al. (2016), section 3.1, https://arxiv.org/abs/1602.05110.

    h_z = tanh(W z + b), ΔC_t = f([h_z, h_c]) with h_c = 0 at first and then g(ΔC_{t-1}); z is drawn once. The picture
    is σ(ΣΔC_t) in [0, 1], hence 2σ(ΣΔC_t) - 1 = tanh(½ΣΔC_t) in [-1, 1]. With T = 1 it is a plain decoder.

    Batch normalisation stands where the authors' code (jiwoongim/GRAN, recGenI32.py) has it: before both tanh, so that
    neither h outweighs the other, in f's first layer, and in g's convolutions but for the last; not between f's.
    Gains are shared by all steps; statistics are each step's own, since samples are drawn by running ones here and by
    those of the batch there.

    Args:
        shape: (channels, side, side) of an image.
        latent_dim: Size of a latent, of h_z and of h_c.
        width: Channels of the largest hidden map; each smaller one has twice as many.
        kernel: Side of the kernels, 4 or 5.
        steps: T.
        classes: Classes appended to the latent; 0 for none.
    """

    def __init__(
        self,
        shape: Sequence[int],
        latent_dim: int,
        width: int = 64,
        kernel: int = 5,
        steps: Positive = 3,
        classes: int = 0,
    ) -> None:
        super().__init__()
        self.classes = classes
        self.steps = steps
        self.embed = nn.Sequential(nn.Linear(latent_dim + classes, latent_dim), nn.BatchNorm1d(latent_dim), nn.Tanh())
        self.decoder = CanvasDecoder(shape, 2 * latent_dim, width, kernel, steps)
        self.encoder = CanvasEncoder(shape, latent_dim, width, kernel, steps - 1) if steps > 1 else None
        self.apply(glorot_weight)

    def increments(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give ΔC (T, B, *shape), what each step adds to the canvas before the sigmoid."""
        h_z = self.embed(append_class(z, y, self.classes))
        h_c = torch.zeros_like(h_z)
        added = [self.decoder(torch.cat([h_z, h_c], dim=1), 0)]
        if self.encoder is not None:
            for step in range(1, self.steps):
                h_c = self.encoder(added[-1], step - 1)
                added.append(self.decoder(torch.cat([h_z, h_c], dim=1), step))
        return torch.stack(added)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give images (B, *shape) for latents (B, latent_dim)."""
        return (0.5 * self.increments(z, y).sum(0)).tanh()

    def unroll(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the images (T, B, *shape) after each step."""
        return (0.5 * self.increments(z, y).cumsum(0)).tanh()


class CanvasDecoder(nn.Module):
    """Decoder f of the paper: a layer with a normalisation for each step, then transposed convolutions, weights shared.

    Args:
        shape: (channels, side, side) of an image.
        inputs: Size of the input.
        width: Channels of the largest hidden map.
        kernel: Side of the kernels.
        steps: How many steps there are.
    """

    def __init__(self, shape: Sequence[int], inputs: int, width: int, kernel: int, steps: int) -> None:
        super().__init__()
        self.side, doublings = smallest_map(shape)
        channels = [width * 2**i for i in reversed(range(doublings))]
        units = channels[0] * self.side**2
        self.project, self.norm = nn.Linear(inputs, units, bias=False), StepNorm(nn.BatchNorm1d, units, steps)
        self.ups = nn.ModuleList(transposed(*pair, kernel, bias=True) for pair in pairwise([*channels, shape[0]]))

    def forward(self, x: Tensor, step: int) -> Tensor:
        """Give what a step adds, (B, *shape), by (B, inputs)."""
        x = self.norm(self.project(x), step).unflatten(1, (-1, self.side, self.side))
        for up in self.ups:
            x = up(relu(x))
        return x


class CanvasEncoder(nn.Module):
    """Encoder g of the paper: strided convolutions, of which the last has a bias instead of a normalisation.

    Args:
        shape: (channels, side, side) of an image.
        outputs: Size of the output.
        width: Channels of the largest hidden map.
        kernel: Side of the kernels.
        steps: How many steps there are.
    """

    def __init__(self, shape: Sequence[int], outputs: int, width: int, kernel: int, steps: int) -> None:
        super().__init__()
        side, halvings = smallest_map(shape)
        channels = [shape[0], *(width * 2**i for i in range(halvings))]
        *edges, last = pairwise(channels)
        downs = (nn.Conv2d(*edge, kernel, 2, margin(kernel), bias=False) for edge in edges)
        self.downs = nn.ModuleList([*downs, nn.Conv2d(*last, kernel, 2, margin(kernel))])
        norms = (StepNorm(nn.BatchNorm2d, count, steps) for _, count in edges)
        self.norms = nn.ModuleList([*norms, Unnormed()])
        self.head, self.norm = nn.Linear(channels[-1] * side**2, outputs), StepNorm(nn.BatchNorm1d, outputs, steps)

    def forward(self, x: Tensor, step: int) -> Tensor:
        """Give h_c (B, outputs) of what a step has added, (B, *shape)."""
        for down, norm in zip(self.downs, self.norms, strict=True):
            x = relu(norm(down(x), step))
        return self.norm(self.head(x.flatten(1)), step).tanh()


class StepNorm(nn.Module):
    """Step-wise batch normalisation: statistics of each step's own, for one average would fit none; shared gains.

    Args:
        kind: Makes a batch normalisation of so many channels, `affine` or not.
        channels: How many there are.
        steps: How many steps there are.
    """

    def __init__(self, kind: type[nn.BatchNorm1d | nn.BatchNorm2d], channels: int, steps: int) -> None:
        super().__init__()
        self.steps = nn.ModuleList(kind(channels, eps=EPSILON, affine=False) for _ in range(steps))
        self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor, step: int) -> Tensor:
        """Normalise (B, channels, …) of a step, counted from 0."""
        gain, bias = (p.view(-1, *[1] * (x.ndim - 2)) for p in (self.weight, self.bias))
        return self.steps[step](x) * gain + bias


class Unnormed(nn.Module):
    """Identity in the place of a step-wise normalisation."""

    def forward(self, x: Tensor, step: int) -> Tensor:
        """Give (B, channels, …) as it is."""
        return x


def glorot_weight(layer: nn.Module) -> None:
    """Glorot (Xavier) initialisation of the weight, uniform (the authors' code); a bias starts as torch's."""
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
