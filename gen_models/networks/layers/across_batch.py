"""Layers that look across a batch: batch normalisation, minibatch statistics, packing."""

from typing import Protocol, runtime_checkable

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


@runtime_checkable
class LooksAcrossBatch(Protocol):
    """Layer whose output for a sample depends on the samples beside it, in training (minibatch statistics).

    A critic with one sees data and samples in passes of their own, and a batch that is cut into parts has another
    gradient. torch's batch normalisations are known without it (Ioffe and Szegedy 2015,
    https://arxiv.org/abs/1502.03167).
    """

    looks_across_batch: bool
    """Whether this layer does."""


def looks_across_batch(network: nn.Module) -> bool:
    """Whether any layer of a network does."""
    return any(
        isinstance(layer, _BatchNorm) or isinstance(layer, LooksAcrossBatch) and layer.looks_across_batch
        for layer in network.modules()
    )
