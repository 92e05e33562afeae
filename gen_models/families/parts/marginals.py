"""Networks that begin at the marginals of the data, in models that let them."""

from torch import nn

from gen_models.core.model import GenerativeModel
from gen_models.data.interface import mean_item
from gen_models.data.source import Source
from gen_models.networks.marginals import BeginsAtMean


def begin_at_mean(model: GenerativeModel, network: nn.Module, source: Source) -> None:
    """Let a network of a model that asks for it begin at the mean of the data, once in a run."""
    if isinstance(network, BeginsAtMean) and model.clock.turn == 0:
        network.begin_at(mean_item(source.train))
