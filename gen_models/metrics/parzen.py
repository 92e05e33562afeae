"""Log-likelihood under Gaussian windows around samples, for the tables of older papers (Breuleux et al. 2011).

https://doi.org/10.1162/NECO_a_00158

Theis et al. (2016), https://arxiv.org/abs/1511.01844, show how little it says: k-means centres beat real data. Pixels
count from 0 to 1 here, as there.
"""

import math

import torch
from torch import Tensor

SIGMAS = torch.logspace(-1.5, 0, 16).tolist()
BATCH = 100


def log_density(x: Tensor, centres: Tensor, sigma: float) -> Tensor:
    """Logarithm (N,) in nats of the mean of N(c, σ²) over centres (M, D), at points (N, D)."""
    norm = math.log(len(centres)) + 0.5 * centres.shape[1] * math.log(2 * math.pi * sigma**2)
    parts = [torch.cdist(part, centres).square() / (-2 * sigma**2) for part in x.split(BATCH)]
    return torch.cat([part.logsumexp(1) for part in parts]) - norm


def cross_validated(validation: Tensor, centres: Tensor) -> float:
    """The width, of `SIGMAS`, under which validation points (N, D) are the most likely."""
    return max(SIGMAS, key=lambda sigma: float(log_density(validation, centres, sigma).mean()))
