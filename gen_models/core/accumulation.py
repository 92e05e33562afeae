"""Gradient accumulation: what of a batch that is cut into parts is not what it is of the whole."""

from collections.abc import Mapping

from lightning.pytorch.utilities import rank_zero_warn
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from gen_models.networks.critics.packed import PackedBody
from gen_models.networks.flows.batchnorm import BatchNormalisation
from gen_models.networks.gan.equalised import MinibatchDeviation
from gen_models.networks.gan.progressive_infogan_critic import BatchVariance

MIXING = (_BatchNorm, BatchNormalisation, MinibatchDeviation, BatchVariance, PackedBody)
"""Layers whose output for a sample depends on the samples beside it, in training."""


def mixing(networks: Mapping[str, nn.Module]) -> list[str]:
    """Names of the networks with statistics over a batch (Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167)."""
    return [name for name, network in networks.items() if any(isinstance(part, MIXING) for part in network.modules())]


def warn_of_parts(networks: Mapping[str, nn.Module], parts: int) -> None:
    """Say that a batch in parts gives another gradient, where that is so."""
    if parts > 1 and (found := mixing(networks)):
        rank_zero_warn(
            f"model.accumulate={parts}: the statistics over a batch in {' and '.join(found)} are those of its parts, "
            "so the gradient is not that of the whole batch: choose a network without batch normalisation, or "
            "accumulate=1."
        )
