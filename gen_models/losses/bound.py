"""Importance-weighted bounds on a log-likelihood (Burda et al. 2016, https://arxiv.org/abs/1509.00519)."""

import math
from collections.abc import Callable
from functools import reduce

import torch
from torch import Tensor

from gen_models.errors import UsageError


def importance_weighted(log_weight: Callable[[], Tensor], draws: int) -> Tensor:
    """Logarithm (B,) of the mean weight over draws, in nats (equation 8): its mean rises with the draws.

    The weights are summed one draw after the other, so that memory does not grow with `draws`.

    Args:
        log_weight: Draws, and gives the logarithms (B,) of weights whose means are the likelihoods.
        draws: How many.

    Raises:
        UsageError: There is no draw.
    """
    if draws < 1:
        raise UsageError(f"a bound needs at least one draw, not {draws}.")
    return reduce(torch.logaddexp, (log_weight() for _ in range(draws))) - math.log(draws)
