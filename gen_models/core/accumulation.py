"""Gradient accumulation: which parts a batch has, and what is not the same of them as of the whole."""

from collections.abc import Mapping

from lightning.pytorch.utilities import rank_zero_warn
from torch import nn

from gen_models.errors import UsageError
from gen_models.networks.layers.across_batch import looks_across_batch


def check_parts(parts: int, size: int) -> None:
    """Refuse parts that a batch does not have: all but the last are of one size.

    Args:
        parts: `model.accumulate`.
        size: Items of the batch on each device.

    Raises:
        UsageError: With the number of parts that it would have.
    """
    cut = -(-size // -(-size // parts))
    if cut != parts:
        raise UsageError(
            f"model.accumulate={parts} cuts a batch of {size} into {cut} parts: say {cut}, or raise data.batch_size."
        )


def warn_of_parts(networks: Mapping[str, nn.Module], parts: int) -> None:
    """Say that a batch in parts gives another gradient, where that is so."""
    found = [name for name, network in networks.items() if looks_across_batch(network)]
    if parts > 1 and found:
        rank_zero_warn(
            f"model.accumulate={parts}: the statistics over a batch in {' and '.join(found)} are those of its parts, "
            "so the gradient is not that of the whole batch: choose a network without batch normalisation, or "
            "accumulate=1."
        )
