"""Comparisons with the authors' programs: numbers that two programs can agree on, and what sums a result up."""

import math

import torch
from torch.nn.utils.parametrize import is_parametrized


def waves(*shape, shift=0):
    """Fill a tensor with sin((k + shift)²) for k = 0, 1, …: fixed, with no pattern that a wrong order would keep."""
    steps = torch.arange(math.prod(shape), dtype=torch.double) + shift
    return steps.square().sin().float().view(shape)


@torch.no_grad()
def fill(network, spread=None):
    """Fill all parameters with waves, each shifted by one more than the one before.

    Matrices and kernels are waves times `spread`, by default √(2 / inputs). The others are what they start with, of
    biases 0 and of gains 1, and a tenth of a wave.
    """
    for shift, (name, parameter) in enumerate(network.named_parameters(), 1):
        wave = waves(*parameter.shape, shift=shift)
        if parameter.dim() > 1 and parameter[0].numel() > 1:
            parameter.copy_(wave * (spread or math.sqrt(2 / parameter[0].numel())))
        else:
            start = {"bias": torch.zeros_like, "weight": torch.ones_like}.get(name.rpartition(".")[2], torch.clone)
            parameter.copy_(start(parameter) + wave / 10)


@torch.no_grad()
def settle(network):
    """Let all spectral normalisations know their singular vectors, which power iterations find in the long run."""
    for layer in network.modules():
        if is_parametrized(layer, "weight"):
            left, _, right = torch.linalg.svd(layer.parametrizations.weight.original.flatten(1), full_matrices=False)
            layer.parametrizations.weight[0]._u.copy_(left[:, 0])
            layer.parametrizations.weight[0]._v.copy_(right[0])


def digest(x):
    """Sum a tensor up: its first three entries, its mean, its root mean square, and how much of a wave is in it."""
    flat = x.detach().double().flatten()
    wave = flat @ waves(len(flat), shift=0.5).double() / math.sqrt(len(flat))
    return [*flat[:3].tolist(), flat.mean().item(), flat.square().mean().sqrt().item(), wave.item()]
