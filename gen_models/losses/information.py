"""Variational lower bound on mutual information, of a code and its sample (InfoGAN, Chen et al. 2016, https://arxiv.org/abs/1606.03657)."""

import math

from torch import Tensor
from torch.nn.functional import cross_entropy


def information_bound(log_likelihood: Tensor, entropy: float) -> Tensor:
    """Variational lower bound H(c) + E log q(c | x) ≤ I(c; x), a scalar in nats (equation 4).

    Args:
        log_likelihood: (B,) log q(c | x) of each sample's code.
        entropy: H(c) of what codes are drawn from.
    """
    return entropy + log_likelihood.mean()


def categorical_log_likelihood(logits: Tensor, code: Tensor) -> Tensor:
    """Categorical log-likelihood (B,) of one-hot codes (B, K) under the softmax of logits (B, K): at most 0."""
    return -cross_entropy(logits, code, reduction="none")


def gaussian_log_likelihood(mean: Tensor, code: Tensor) -> Tensor:
    """Gaussian log-likelihood (B,) of codes (B, D) under N(mean, 1), with means (B, D).

    The variance is fixed, as in the authors' code: a learned one could shrink for ever around a code that is read
    exactly, and the density would have no upper bound.
    """
    return -0.5 * ((code - mean).square() + math.log(2 * math.pi)).sum(1)
