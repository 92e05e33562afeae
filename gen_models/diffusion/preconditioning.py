"""Preconditioning of denoisers (EDM: Karras et al. 2022, https://arxiv.org/abs/2206.00364, table 1)."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from gen_models.diffusion.spread import spread


class Preconditioning(NamedTuple):
    """D(x; σ) = skip x + out F(into x; noise): inputs and targets of the network F have a variance of 1 at every σ.

    Attributes:
        skip: (B,) c_skip.
        out: (B,) c_out.
        into: (B,) c_in.
        noise: (B,) c_noise, what the network is told of the level.
        weight: (B,) λ of the loss, the inverse of c_out².
    """

    skip: Tensor
    out: Tensor
    into: Tensor
    noise: Tensor
    weight: Tensor


def preconditioning(sigma: Tensor, data: Tensor, least: float = 0.0) -> Preconditioning:
    """Give the coefficients at noise levels (B,) for data of the root mean square `data`.

    At the level `least` D is the identity, whatever F is (Song et al. 2023, appendix C, https://arxiv.org/abs/2303.01469).
    """
    total, above = sigma.square() + data.square(), sigma - least
    out, skip = above * data * total.rsqrt(), data.square() / (above.square() + data.square())
    told = sigma.clamp(min=torch.finfo(torch.float32).tiny).log() / 4
    return Preconditioning(skip, out, total.rsqrt(), told, out.square().reciprocal())


def preconditioned(
    network: Callable[..., Tensor], x: Tensor, sigma: Tensor, y: Tensor | None, data: Tensor, least: float = 0.0
) -> Tensor:
    """Give D(x; σ) (B, *shape) by a network F of scaled samples, the told level and classes (equation 7).

    Args:
        network: F.
        x: Samples with noise (B, *shape).
        sigma: Its levels (B,).
        y: Classes (B,).
        data: Root mean square of the data.
        least: Level at which D is the identity.
    """
    c = preconditioning(sigma, data, least)
    prediction = network((spread(c.into, x) * x).float(), c.noise.float(), y).float()
    return spread(c.skip, x) * x + spread(c.out, x) * prediction
