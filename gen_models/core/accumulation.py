"""Gradient accumulation: what of a batch that is cut into parts is not what it is of the whole."""

from collections.abc import Mapping

from lightning.pytorch.utilities import rank_zero_warn
from torch import nn

from gen_models.networks.layers.across_batch import looks_across_batch


def warn_of_parts(networks: Mapping[str, nn.Module], parts: int) -> None:
    """Say that a batch in parts gives another gradient, where that is so."""
    found = [name for name, network in networks.items() if looks_across_batch(network)]
    if parts > 1 and found:
        rank_zero_warn(
            f"model.accumulate={parts}: the statistics over a batch in {' and '.join(found)} are those of its parts, "
            "so the gradient is not that of the whole batch: choose a network without batch normalisation, or "
            "accumulate=1."
        )
