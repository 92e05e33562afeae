"""Standing statistics of batch normalisation."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


@torch.no_grad()
def standing_statistics(generator: nn.Module, sample_fn: Callable[[], Tensor], passes: int) -> None:
    """Standing statistics: give batch normalisations the mean statistics of freshly generated batches.

    Brock et al. (2019), https://arxiv.org/abs/1809.11096.

    Averaged weights, or another truncation of the latents, make the running statistics of the training wrong. Nothing
    else of the generator changes, and its modules keep their modes.

    Args:
        generator: Its normalisations' running means and variances are replaced.
        sample_fn: Runs the generator on one batch.
        passes: How many batches, all weighing the same.

    Raises:
        ValueError: There would be nothing to average.
    """
    if passes < 1:
        raise ValueError(f"standing statistics need at least one batch, not {passes}.")
    norms = _normalisations(generator)
    kept = [(norm.training, norm.momentum) for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.training, norm.momentum = True, None  # None: the mean of all batches
    try:
        for _ in range(passes):
            sample_fn()
    finally:
        for norm, (training, momentum) in zip(norms, kept, strict=True):
            norm.training, norm.momentum = training, momentum


@contextmanager
def batch_statistics(network: nn.Module) -> Iterator[None]:
    """Let batch normalisations use the statistics of their batches, as in training, without remembering them."""
    norms = _normalisations(network)
    kept = [(norm.training, norm.track_running_stats) for norm in norms]
    for norm in norms:
        norm.training, norm.track_running_stats = True, False
    try:
        yield
    finally:
        for norm, (training, track) in zip(norms, kept, strict=True):
            norm.training, norm.track_running_stats = training, track


def _normalisations(network: nn.Module) -> list[nn.modules.batchnorm._BatchNorm]:
    return [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
