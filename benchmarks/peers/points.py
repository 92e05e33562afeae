"""What the sides share that train flows on points: 16 dimensions, batches of 256, perceptrons of two layers of 128."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from benchmarks.pace import Pace
from benchmarks.peers.sides import loader

DIMS, BATCH, HIDDEN = 16, 256, (128, 128)
AFFINE, SPLINES = 10, 6
"""Couplings of RealNVP and of the spline flow."""


def train(pace: Pace, parameters: Sequence[nn.Parameter], loss: Callable[[Tensor], Tensor], clip: float = 0.0) -> None:
    """The loop of the peers' documentation: Adam, and a norm of the gradient at most `clip` where that is given."""
    parameters = list(parameters)
    optimizer = torch.optim.Adam(parameters, lr=1e-3)
    for x, _ in pace.through(loader((DIMS,), BATCH)):
        optimizer.zero_grad()
        loss(x).backward()
        if clip:
            nn.utils.clip_grad_norm_(parameters, clip)
        optimizer.step()
