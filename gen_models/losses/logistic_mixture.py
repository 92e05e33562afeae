"""Discretised mixture of logistics (PixelCNN++, Salimans et al. 2017, sections 2.1 and 2.2, https://arxiv.org/abs/1701.05517)."""

from itertools import combinations
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, pad

from gen_models.bounds import Positive
from gen_models.losses.categorical import Categorical, inverted
from gen_models.media.pixels import to_levels

LEAST_LOG_SCALE = -7.0
"""As in openai/pixel-cnn, nn.py: a scale of a tenth of the 256 levels' distance is as sharp as it gets."""


class Mixture(NamedTuple):
    """Parameters of C channels' K logistic components: logits (B, K, …); means and log-scales (B, C, K, …)."""

    logits: Tensor
    means: Tensor
    log_scales: Tensor


class LogisticMixture(Categorical):
    """Discretised mixture of logistics: each level gets the mass of its bin, and the outer levels the tails too.

    Salimans et al. (2017), https://arxiv.org/abs/1701.05517.

    The component is the position's; the mean of a channel is linear in the channels before it (equation 3).

    Args:
        components: K.
    """

    def __init__(self, components: Positive = 10) -> None:
        self.components = components

    def size(self, channels: int, levels: int) -> int:
        """For each component its logit, and a mean, a scale and coefficients of earlier channels for each channel."""
        return self.components * (1 + 2 * channels + channels * (channels - 1) // 2)

    def log_prob(self, parameters: Tensor, x: Tensor, levels: int) -> Tensor:
        """Sum log Σ_k π_k Π_c P(x_c | μ_kc, s_kc) over positions."""
        mixture = self._read(parameters, x)
        each = bin_log_prob(x[:, :, None], mixture.means, mixture.log_scales, levels).sum(1)
        return torch.logsumexp(mixture.logits.log_softmax(1) + each, dim=1).flatten(1).sum(1)

    def smooth_log_prob(self, parameters: Tensor, x: Tensor, levels: int) -> Tensor:
        """Log-likelihood as by `log_prob`: a bin may lie anywhere."""
        return self.log_prob(parameters, x, levels)

    def draw(self, parameters: Tensor, x: Tensor, noise: Tensor, levels: int, temperature: float) -> Tensor:
        """Draw the component by the position's number, then a logistic by the channel's, rounded to a level."""
        channel, channels = x.shape[1], noise.shape[1] - 1
        mixture = self._read(parameters, pad(x, (0, channels - channel)))
        component = inverted(mixture.logits / temperature, noise[:, 0])[:, None]
        mean, log_scale = (of[:, channel].gather(1, component)[:, 0] for of in (mixture.means, mixture.log_scales))
        return to_levels(mean + temperature * log_scale.exp() * noise[:, 1 + channel].logit(), levels)

    def _read(self, parameters: Tensor, x: Tensor) -> Mixture:
        """Take the parameters (B, P, …) apart, and let the means follow from x (B, C, …)."""
        channels = x.shape[1]
        each = parameters.unflatten(1, (-1, self.components))
        logits, means, log_scales, coefficients = each.tensor_split([1, 1 + channels, 1 + 2 * channels], dim=1)
        moved = list(means.unbind(1))
        pairs = combinations(range(channels), 2)
        for (earlier, channel), coefficient in zip(pairs, coefficients.tanh().unbind(1), strict=True):
            moved[channel] = moved[channel] + coefficient * x[:, earlier, None]
        return Mixture(logits[:, 0], torch.stack(moved, dim=1), log_scales.clamp(min=LEAST_LOG_SCALE))


def bin_log_prob(x: Tensor, mean: Tensor, log_scale: Tensor, levels: int) -> Tensor:
    """Log of a logistic's mass in the bin of each level x, exactly (the authors' code approximates narrow bins).

    With a and b the bin's ends in units of the scale, σ(a) - σ(b) = σ(a) σ(-b) (1 - exp(b - a)); the outer bins have
    one end only.
    """
    half, precision = 1 / (levels - 1), (-log_scale).exp()
    below = logsigmoid(precision * (x - mean + half))
    above = logsigmoid(-precision * (x - mean - half))
    inside = (-torch.expm1(-2 * half * precision)).log()
    lowest, highest = x <= half - 1, x >= 1 - half
    return torch.where(highest, above, torch.where(lowest, below, below + above + inside))
