"""Gaussians of variational bounds: of DDPM (Ho et al. 2020, https://arxiv.org/abs/2006.11239, section 3.3) and VDM."""

import math

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


def kl_between(mean: Tensor, log_variance: Tensor, other: Tensor, other_log_variance: Tensor) -> Tensor:
    """Kullback-Leibler divergence in nats, entry by entry, from one diagonal Gaussian to another."""
    ratio = (log_variance - other_log_variance).exp()
    return 0.5 * (other_log_variance - log_variance + ratio + (mean - other).square() * (-other_log_variance).exp() - 1)


def discretised(x: Tensor, mean: Tensor, log_variance: Tensor, levels: int) -> Tensor:
    """Log-probability, entry by entry, of levels x in [-1, 1]: a Gaussian in bins, open at both ends (equation 13)."""
    half, scale = 1 / (levels - 1), (-0.5 * log_variance).exp()
    upper = torch.where(x > 1 - half, torch.inf, (x + half - mean) * scale)
    lower = torch.where(x < half - 1, -torch.inf, (x - half - mean) * scale)
    lower, upper = torch.where(lower > 0, -upper, lower), torch.where(lower > 0, -lower, upper)  # the tail near 0
    above, below = torch.special.log_ndtr(upper), torch.special.log_ndtr(lower)
    return above + torch.log1p(-(below - above).exp())


def quantised(z: Tensor, log_variance: Tensor, index: Tensor, levels: int) -> Tensor:
    """Log-probability, entry by entry, of levels given their values with Gaussian noise: Bayes' rule, all as likely.

    Kingma et al. (2021), https://arxiv.org/abs/2107.00630, as in google-research/vdm, model_vdm.py, EncDec.

    Args:
        z: Noisy values.
        log_variance: Of the noise, one number.
        index: int64 levels; the value of k is (2 k + 1) / levels - 1.
        levels: How many.
    """
    values = (2 * torch.arange(levels, device=z.device) + 1) / levels - 1
    logits = -0.5 * (z[..., None] - values).square() * (-log_variance).exp()
    return -cross_entropy(logits.flatten(0, -2), index.flatten(), reduction="none").view_as(z)


def density(x: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """Log-density, entry by entry, of points."""
    return -0.5 * ((x - mean).square() * (-log_variance).exp() + log_variance + math.log(2 * math.pi))
