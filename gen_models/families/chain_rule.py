"""Models of levels by the chain rule, p(x) = Π p(x_i | x_1, …, x_i-1): what those of one order and of many share."""

import math
from abc import abstractmethod
from typing import Unpack

from torch import Tensor

from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.families.parts.dimensions import per_dimension
from gen_models.families.tempered import Tempered
from gen_models.losses.categorical import Categorical
from gen_models.networks.autoregressive.causal import Causal


class ChainRule(Tempered):
    """Base class of models with a causal network of the distribution of each level, by maximum likelihood.

    Args:
        causal: Samples and classes to parameters of distributions.
        loss: The distribution.
        levels: Levels of a pixel, or of a sound, of the data.
        temperature: Of samples: below 1 sharpens each distribution, above 1 flattens it.
        training: Options of the engine.
    """

    def __init__(
        self, causal: Causal, loss: Categorical, levels: int, temperature: float, **training: Unpack[Training]
    ) -> None:
        super().__init__(temperature, **training)
        self.causal = causal
        self.loss = loss
        self.levels = levels

    @abstractmethod
    def training_log_prob(self, x: Tensor, y: Tensor) -> Tensor:
        """Give the log-likelihood (B,) in nats of a training batch (B, *shape), as it is maximised in this turn."""

    def players(self) -> tuple[Player, ...]:
        """One player."""
        return (Player("autoregressive", [self.causal], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """Negative log-likelihood in nats per dimension: the step size does not depend on the sample's size."""
        nats = per_dimension(-self.training_log_prob(batch.x, batch.y), batch.x)
        self.note("bits_per_dimension", nats / math.log(2))
        return {"nats_per_dimension": nats}

    @property
    def likelihood_rule(self) -> str:
        """The probability itself: by the chain rule, or a mean of such ones."""
        return "exact"

    @property
    def evaluations(self) -> int:
        """Evaluations of the network for a sample (NFE): one a dimension, each of a single position."""
        return math.prod(self.causal.shape)
