"""Chen et al. (2016): InfoGAN. A lower bound on the mutual information of a code and the sample that it made."""

import math

from torch import Tensor
from torch.nn.functional import cross_entropy


def information_bound(log_likelihood: Tensor, entropy: float) -> Tensor:
    """Equation 4: H(c) + E log q(c | x), a scalar in nats; at its best what a reader of this kind can know of the code.

    Args:
        log_likelihood: (B,) of each sample's code, by its reader.
        entropy: H(c) of what codes are drawn from.
    """
    return entropy + log_likelihood.mean()


def categorical_log_likelihood(logits: Tensor, code: Tensor) -> Tensor:
    """Log-probability (B,) of one-hot codes (B, K) under the softmax of readings (B, K): at most 0."""
    return -cross_entropy(logits, code, reduction="none")


def gaussian_log_likelihood(mean: Tensor, code: Tensor) -> Tensor:
    """Log-density (B,) of codes (B, D) under N(reading, 1).

    The variance is fixed, as in the authors' code: a learned one could shrink for ever around a code that is read
    exactly, and the density would have no upper bound.
    """
    return -0.5 * ((code - mean).square() + math.log(2 * math.pi)).sum(1)
