"""Comparisons with the authors' programs: numbers that two programs can agree on, and what sums a result up."""

import math

import torch


def waves(*shape, shift=0):
    """Fill a tensor with sin((k + shift)²) for k = 0, 1, …: fixed, and without a pattern that a wrong order would keep."""
    steps = torch.arange(math.prod(shape), dtype=torch.double) + shift
    return steps.square().sin().float().view(shape)


@torch.no_grad()
def fill(network, spread=None):
    """Fill all weights with waves, each shifted by one more than the one before.

    Biases and gains keep what they start with, and get a tenth of a wave on top.

    Args:
        network: The network.
        spread: Of the weights of layers; √(2 / inputs) if None.
    """
    for shift, parameter in enumerate(network.parameters(), 1):
        wave = waves(*parameter.shape, shift=shift)
        if parameter.dim() > 1 and parameter[0].numel() > 1:
            parameter.copy_(wave * (spread or math.sqrt(2 / parameter[0].numel())))
        else:
            parameter.add_(wave / 10)


def digest(x):
    """Sum a tensor up: its first three entries, its mean, its root mean square, and how much of a wave is in it."""
    flat = x.detach().double().flatten()
    wave = flat @ waves(len(flat), shift=0.5).double() / math.sqrt(len(flat))
    return [*flat[:3].tolist(), flat.mean().item(), flat.square().mean().sqrt().item(), wave.item()]
