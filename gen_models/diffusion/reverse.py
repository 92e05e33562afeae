"""Reverse process of DDPM: p(x_s | x_t) by a network's prediction, and its terms of the variational bound."""

from collections.abc import Callable
from itertools import pairwise
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from gen_models.diffusion.chain import NoiseChain, Step
from gen_models.diffusion.gaussian import density, discretised, kl_between
from gen_models.diffusion.prediction import Predicts, data_of

Variance = Literal["fixed_large", "fixed_small", "learned"]
"""β_t or β̃_t (Ho et al. 2020, section 3.2), or by the network between the two (Nichol and Dhariwal 2021)."""


class Reverse(NamedTuple):
    """Reverse step as predicted.

    Attributes:
        prediction: (B, *shape) as the network gives it.
        data: (B, *shape) the x_0 that it stands for, within [-1, 1].
        log_variance: Of p(x_s | x_t), of every entry (B, *shape) or of all.
    """

    prediction: Tensor
    data: Tensor
    log_variance: Tensor


def reverse(output: Tensor, x: Tensor, step: Step, predicts: Predicts, variance: Variance) -> Reverse:
    """Read what a network gives for x_t (B, *shape): a prediction, and with it maybe (B, *shape) of a variance.

    A learned variance is exp(v log β_t + (1 - v) log β̃_t), where the network gives 2 v - 1 (Nichol and Dhariwal 2021,
    https://arxiv.org/abs/2102.09672, equation 15, and the authors' code).
    """
    prediction = output.chunk(2, 1)[0] if variance == "learned" else output
    data = data_of(predicts, prediction, x, step.signal, step.noise).clamp(-1, 1)
    large = torch.where(step.before < 1, step.beta.log(), step.log_least)
    if variance == "learned":
        share = 0.5 * (output.chunk(2, 1)[1] + 1)
        return Reverse(prediction, data, share * step.beta.log() + (1 - share) * step.log_least)
    return Reverse(prediction, data, large if variance == "fixed_large" else step.log_least)


def bound_term(data: Tensor, x: Tensor, found: Reverse, step: Step, levels: int | None) -> Tensor:
    """Term of the negative variational bound in nats (B,), for x_t drawn from q(x_t | data).

    KL(q(x_s | x_t, x_0) | p(x_s | x_t)), and at the first step -log p(x_0 | x_1) (equations 5 and 13).
    """
    mean = step.of_data * found.data + step.of_state * x
    kl = kl_between(step.of_data * data + step.of_state * x, step.log_least, mean, found.log_variance)
    if levels is None:
        decoder = density(data, mean, found.log_variance)
    else:
        decoder = discretised(data, mean, found.log_variance, levels)
    return torch.where(step.before < 1, kl, -decoder).flatten(1).sum(1)


def variational_bound(
    x: Tensor, chain: NoiseChain, reverse: Callable[[Tensor, Step], Reverse], terms: int, levels: int | None
) -> Tensor:
    """Draw the negative variational bound in nats (B,) of data x (B, *shape), without bias (equation 5).

    It has the term of the prior, the first term, and a term of each stratum of times in the place of all in it.

    Args:
        x: On the levels of pixels, float64.
        chain: The forward process.
        reverse: p(x_s | x_t) of states (B, *shape) at a step.
        terms: Strata.
        levels: Of a pixel; None for points.
    """
    end, zero = chain.at(chain.steps).beside(x), x.new_zeros(())
    total = kl_between(end.signal * x, 2 * end.noise.log(), zero, zero).flatten(1).sum(1)
    edges = torch.linspace(2, chain.steps + 1, terms + 1).round().long().tolist()
    for first, beyond in [(1, 2), *pairwise(edges)]:
        step = chain.at(torch.randint(first, beyond, (len(x),))).beside(x)
        state = step.signal * x + step.noise * torch.randn_like(x)
        total += (beyond - first) * bound_term(x, state, reverse(state, step), step, levels)
    return total
