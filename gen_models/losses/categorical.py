"""Categorical likelihoods: distributions over the levels of a pixel or sound that an autoregressive net gives."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from gen_models.media.pixels import to_levels


class Categorical(ABC):
    """Likelihood of levels: a distribution over `levels` values in [-1, 1] of a channel, given those before it."""

    @abstractmethod
    def size(self, channels: int, levels: int) -> int:
        """Parameters P that it takes at a position."""

    @abstractmethod
    def log_prob(self, parameters: Tensor, x: Tensor, levels: int) -> Tensor:
        """Log-probability in nats of samples, summed over their dimensions.

        Args:
            parameters: (B, P, *positions).
            x: (B, C, *positions) in [-1, 1], on the levels.
            levels: How many there are.

        Returns:
            (B,).
        """

    @abstractmethod
    def smooth_log_prob(self, parameters: Tensor, x: Tensor, levels: int) -> Tensor:
        """Continue `log_prob` between the levels, so that gradients reach x."""

    @abstractmethod
    def draw(self, parameters: Tensor, x: Tensor, noise: Tensor, levels: int, temperature: float) -> Tensor:
        """Draw the next channel at one position.

        Args:
            parameters: (B, P).
            x: (B, c) the position's channels before it, in [-1, 1].
            noise: (B, 1 + C) uniform in [0, 1), the same for all channels: one number for the position, one for each.
            levels: How many there are.
            temperature: Below 1 sharpens the distribution, above 1 flattens it.

        Returns:
            (B,) int64 levels.
        """


class Softmax(Categorical):
    """Softmax over levels: a probability for each level of each channel.

    Van den Oord et al. (2016), Pixel recurrent neural networks, section 3.1, https://arxiv.org/abs/1601.06759.
    """

    def size(self, channels: int, levels: int) -> int:
        """A logit for each level of each channel."""
        return channels * levels

    def log_prob(self, parameters: Tensor, x: Tensor, levels: int) -> Tensor:
        """Sum log softmax(logits)_k."""
        chosen = to_levels(x, levels)
        if parameters.stride(1) != 1:
            logits = parameters.unflatten(1, (-1, levels)).transpose(1, 2)
            return -cross_entropy(logits, chosen, reduction="none").flatten(1).sum(1)
        # Laid out channels last, the levels are beside each other already: so nothing is copied, forwards or back.
        logits = parameters.flatten(2).transpose(1, 2).unflatten(2, (-1, levels)).flatten(0, 2)
        nats = cross_entropy(logits, chosen.flatten(2).transpose(1, 2).flatten(), reduction="none")
        return -nats.view(len(x), -1).sum(1)

    def smooth_log_prob(self, parameters: Tensor, x: Tensor, levels: int) -> Tensor:
        """Join the log-probabilities of neighbouring levels by straight lines."""
        logs = parameters.unflatten(1, (-1, levels)).log_softmax(2)
        place = ((x.clamp(-1, 1) + 1) * ((levels - 1) / 2)).unsqueeze(2)
        below = place.detach().floor().clamp(max=levels - 2)
        pair = torch.cat([logs.gather(2, below.long() + step) for step in (0, 1)], dim=2)
        return torch.lerp(pair[:, :, 0], pair[:, :, 1], (place - below)[:, :, 0]).flatten(1).sum(1)

    def draw(self, parameters: Tensor, x: Tensor, noise: Tensor, levels: int, temperature: float) -> Tensor:
        """Invert the cumulative distribution."""
        channel = x.shape[1]
        logits = parameters.narrow(1, channel * levels, levels)
        return inverted(logits / temperature, noise[:, 1 + channel])


def inverted(logits: Tensor, uniform: Tensor) -> Tensor:
    """Inverse transform sampling: the class (B,) where the cumulative softmax of logits (B, K) passes uniform (B,)."""
    cumulative = logits.softmax(1).cumsum(1)
    return (
        torch.searchsorted(cumulative, uniform[:, None].contiguous(), right=True)
        .squeeze(1)
        .clamp_(max=logits.shape[1] - 1)
    )
