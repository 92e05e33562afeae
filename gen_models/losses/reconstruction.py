"""Reconstruction losses of decoders: distances, and likelihoods.

A decoder's raw output means what the loss takes it for: logits, or means. So the loss also says which picture it stands
for. A distance only ranks; a likelihood is in nats of the pixels themselves, so that its figures compare between losses
and between families, and only with one is a bound on the evidence one.
"""

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, huber_loss

from gen_models.bounds import Scale
from gen_models.losses.logistic_mixture import bin_log_prob
from gen_models.media.pixels import dequantised, log_bin


class Reconstruction(nn.Module, ABC):
    """Reconstruction loss of x (B, *shape) in [-1, 1] given a decoder's raw output of the same shape.

    Some have parameters: whoever trains the decoder trains them with it.
    """

    @abstractmethod
    def forward(self, raw: Tensor, x: Tensor) -> Tensor:
        """Give the loss (B,), summed over the sample's dimensions."""

    def image(self, raw: Tensor) -> Tensor:
        """Give the sample in [-1, 1] that `raw` stands for."""
        return self.mean(raw).clamp(-1, 1)

    def mean(self, raw: Tensor) -> Tensor:
        """Give that sample before it is confined to [-1, 1]: `raw` itself, if nothing else is said."""
        return raw


class SquaredError(Reconstruction):
    """Squared error: half the squared Euclidean distance; no likelihood, for autoencoders that only reconstruct."""

    def forward(self, raw: Tensor, x: Tensor) -> Tensor:
        """½‖x - raw‖²."""
        return 0.5 * (x - raw).square().flatten(1).sum(1)


class AbsoluteError(Reconstruction):
    """Absolute error: the sum of absolute differences, whose optimum is the median and so sharper than the mean."""

    def forward(self, raw: Tensor, x: Tensor) -> Tensor:
        """‖x - raw‖₁."""
        return (x - raw).abs().flatten(1).sum(1)


class Huber(Reconstruction):
    """Huber loss: half the square of small differences, and of larger ones δ times the rest.

    Huber (1964), https://doi.org/10.1214/aoms/1177703732.

    Args:
        delta: Where the square ends; 0.1 is about 13 of 255 grey levels.
    """

    def __init__(self, delta: Scale = 0.1) -> None:
        super().__init__()
        self.delta = delta

    def forward(self, raw: Tensor, x: Tensor) -> Tensor:
        """Σ ½d² where |d| ≤ δ, else δ(|d| - ½δ), with d = x - raw."""
        return huber_loss(raw, x, reduction="none", delta=self.delta).flatten(1).sum(1)


class Likelihood(Reconstruction):
    """Negative log-likelihood in nats of pixels that are independent given the decoder's output.

    Attributes:
        levels: Values of a pixel that this is the probability of; None for a density of points.
    """

    levels: int | None


class Bernoulli(Likelihood):
    """Bernoulli likelihood: pixels as probabilities; a likelihood only where pixels are binary.

    Kingma and Welling (2014), appendix C.1, https://arxiv.org/abs/1312.6114.
    """

    levels = 2

    def forward(self, raw: Tensor, x: Tensor) -> Tensor:
        """Cross-entropy of logits with (x + 1) / 2."""
        return binary_cross_entropy_with_logits(raw, (x + 1) / 2, reduction="none").flatten(1).sum(1)

    def mean(self, raw: Tensor) -> Tensor:
        """Give the probabilities, as grey values."""
        return raw.sigmoid() * 2 - 1


class Gaussian(Likelihood):
    """Gaussian likelihood around the decoder's output, with one standard deviation for all dimensions.

    Pixels of so many levels are spread over their bins by fresh noise, which makes the density a bound on their
    probability (Theis et al. 2016, section 3.1, https://arxiv.org/abs/1511.01844). A learned deviation settles at
    the root of the mean squared error, and so balances distortion and rate by itself (σ-VAE, Rybkin et al. 2021,
    https://arxiv.org/abs/2006.13202).

    Args:
        sigma: The standard deviation, at first; 0.1 is about 13 of 255 grey levels.
        learned: Train it.
        levels: Levels of a pixel; None for points.
    """

    def __init__(self, sigma: Scale = 0.1, learned: bool = False, levels: int | None = None) -> None:
        super().__init__()
        self.levels = levels
        self.log_sigma = _log(sigma, learned)

    def forward(self, raw: Tensor, x: Tensor) -> Tensor:
        """½((x - raw) / σ)² + log σ + ½ log 2π of points; less the logarithm of a bin's width for spread pixels."""
        constant = self.log_sigma + 0.5 * math.log(2 * math.pi)
        if self.levels is not None:
            x, constant = dequantised(x, self.levels), constant - log_bin(self.levels)
        return (0.5 * ((x - raw) * (-self.log_sigma).exp()).square() + constant).flatten(1).sum(1)

    def mean(self, raw: Tensor) -> Tensor:
        """Give the means; the middles of the outer bins stand for black and white."""
        return raw if self.levels is None else raw / (1 - 1 / self.levels)


class DiscretisedLogistic(Likelihood):
    """Discretised logistic likelihood: the mass of each level's bin under a logistic distribution, outer bins open.

    Salimans et al. (2017), equation 2, https://arxiv.org/abs/1701.05517.

    Args:
        scale: s of the paper, at first: one for all pixels, and learned.
        levels: Levels of a pixel.

    Raises:
        ValueError: There are no levels.
    """

    levels: int

    def __init__(self, scale: Scale = 0.1, levels: int | None = 256) -> None:
        super().__init__()
        if levels is None:
            raise ValueError("points have no levels that a discretised logistic could weigh: use loss=gaussian.")
        self.levels = levels
        self.log_scale = _log(scale, learned=True)

    def forward(self, raw: Tensor, x: Tensor) -> Tensor:
        """-log(σ(a) - σ(b)) for the ends a > b of the pixel's bin."""
        return -bin_log_prob(x, raw, self.log_scale, self.levels).flatten(1).sum(1)


def _log(value: float, learned: bool) -> nn.Parameter:
    """A positive number, kept as its logarithm."""
    return nn.Parameter(torch.tensor(math.log(value)), requires_grad=learned)
