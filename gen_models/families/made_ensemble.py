"""MADE by many masks: an ensemble of orders in one network (Germain et al. 2015, https://arxiv.org/abs/1502.03509)."""

import math
from typing import Unpack

import torch
from torch import Tensor

from gen_models.bounds import Natural, Positive
from gen_models.core.training import Training
from gen_models.families.chain_rule import ChainRule
from gen_models.losses.categorical import Softmax
from gen_models.media.pixels import from_levels, nearest_level
from gen_models.networks.autoregressive.made import MADE, MaskNumbers


class MADEEnsemble(ChainRule):
    """Order- and connectivity-agnostic MADE: a mixture of as many distributions as there are masks, by equal shares.

    Germain et al. (2015), sections 4.2 and 4.3, https://arxiv.org/abs/1502.03509. Masks take turns in training; a
    likelihood is the mean over all; a sample is drawn in the order of one.

    Args:
        causal: The network that all masks share.
        levels: Levels of a pixel of the data.
        masks: How many.
        first: Number of the first draw of masks: that of 0 has the order of rows, all others have random ones.
        temperature: Of samples: below 1 sharpens each distribution, above 1 flattens it.
        training: Options of the engine.

    Raises:
        UsageError: There is no mask.
    """

    causal: MADE

    def __init__(
        self,
        causal: MADE,
        levels: int,
        masks: Positive = 32,
        first: Natural = 0,
        temperature: float = 1.0,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(causal, Softmax(), levels, temperature, **training)
        self.numbers = MaskNumbers([causal.numbers(draw) for draw in range(first, first + masks)])
        self.masks = masks

    def training_log_prob(self, x: Tensor, y: Tensor) -> Tensor:
        """Log-likelihood (B,) by the mask whose turn it is."""
        return self.log_prob_by(self.clock.turn % self.masks, x, y)

    def log_prob_by(self, mask: int, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Log-likelihood (B,) in nats of the nearest levels to x (B, *shape), by one mask."""
        x = nearest_level(x, self.levels)
        return self.loss.log_prob(self.causal(x, y, self.causal.masks(self.numbers(mask))).float(), x, self.levels)

    def log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Logarithm (B,) of the mean likelihood over all masks, in nats."""
        each = [self.log_prob_by(mask, x, y) for mask in range(self.masks)]
        return torch.stack(each).logsumexp(0) - math.log(self.masks)

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw (n, *shape) in [-1, 1]: for each sample a mask, then dimension after dimension in its order."""
        y = self.labels(n, y)
        drawn = torch.randint(self.masks, (n,), device="cpu")
        samples = torch.zeros(n, *self.causal.shape, device=self.device)
        for mask in drawn.unique().tolist():
            chosen = (drawn == mask).nonzero()[:, 0].to(self.device)
            samples[chosen] = self._walked(mask, samples[chosen], y[chosen])
        return samples

    def _walked(self, mask: int, canvas: Tensor, y: Tensor) -> Tensor:
        """Fill a canvas (B, *shape) in the order of a mask."""
        numbers, channels = self.numbers(mask), canvas.shape[1]
        masks = self.causal.masks(numbers)
        cells = canvas.flatten(2)
        for place in self.causal.order(numbers).tolist():
            position, channel = divmod(place, channels)
            parameters = self.causal(canvas, y, masks).float().flatten(2)[:, :, position]
            noise = torch.rand(len(canvas), 1 + channels, device=canvas.device)
            level = self.loss.draw(parameters, cells[:, :channel, position], noise, self.levels, self.temperature)
            cells[:, channel, position] = from_levels(level, self.levels)
        return canvas
