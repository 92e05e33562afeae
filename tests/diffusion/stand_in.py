"""Denoisers that are formulas, and a small network that learns, in the place of the kits."""

import torch
from torch import nn

from gen_models.networks.denoisers.base import Denoiser


class Formula(Denoiser):
    """A denoiser that calls a function of (x, noise, y), and counts."""

    def __init__(self, function, classes=0, outputs=1, inputs=1):
        super().__init__()
        self.classes = classes
        self.inputs = inputs
        self.outputs = outputs
        self.function = function
        self.calls = 0
        self.weight = nn.Parameter(torch.zeros(()))

    def forward(self, x, noise, y=None):
        self.calls += 1
        return self.function(x, noise.view(-1, *(1,) * (x.ndim - 1)), y) + 0 * self.weight
