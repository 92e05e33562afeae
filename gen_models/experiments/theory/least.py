"""Least losses that models can have on data of a known density: what no training gets below."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from gen_models.core.model import GenerativeModel
from gen_models.data.mixture import Mixture
from gen_models.data.source import Source
from gen_models.data.toys import Toy
from gen_models.diffusion.couplings import IndependentCoupling
from gen_models.diffusion.preconditioning import preconditioning
from gen_models.experiments.theory.posterior import posterior_mean
from gen_models.families.edm import EDM
from gen_models.families.flow import NormalisingFlow
from gen_models.families.flow_matching import FlowMatching
from gen_models.randomness import isolated

DRAWS, PART = 40_000, 4000
"""Draws, for an error of about a hundredth, and how many at a time."""


def least_losses(model: GenerativeModel, source: Source) -> Mapping[str, float]:
    """Give floors of the terms of a model's objective by their names on a dashboard, `player/term`; none where unknown.

    They are means over `DRAWS` draws, of the same random numbers each time.
    """
    if not isinstance(source, Toy) or model.classes:
        return {}
    known: Mapping[type[GenerativeModel], tuple[str, Callable[[Any, Mixture, Tensor], Tensor]]] = {
        NormalisingFlow: ("flow/bits_per_dimension", _entropy),
        FlowMatching: ("flow/velocity_error", _velocity_error),
        EDM: ("edm/denoising_error", _denoising_error),
    }
    of_model = [floor for each, floor in known.items() if isinstance(model, each)]
    with isolated("least losses"):
        positions = torch.randint(len(source.train), (DRAWS,)).split(PART)
        parts = [source.train.gather(part.tolist())[0] for part in positions]
        values = {
            name: torch.stack([floor(model, source.mixture, x) for x in parts]).mean() for name, floor in of_model
        }
    return {name: float(value) for name, value in values.items() if value.isfinite()}


def _entropy(_: NormalisingFlow, data: Mixture, x: Tensor) -> Tensor:
    """Entropy of the data in bits per dimension: that of the best density."""
    return -data.log_density(x).mean() / (x.shape[1] * math.log(2))


def _velocity_error(model: FlowMatching, data: Mixture, x: Tensor) -> Tensor:
    """E |dx_t/dt - E(dx_t/dt | x_t)|², of noise and data that pair by chance."""
    if not isinstance(model.coupling, IndependentCoupling):
        return torch.tensor(math.nan)
    t, noise = model.drawn_times.draw(len(x), x.device), torch.randn_like(x)
    a, b = (each[:, None] for each in model.path.coefficients(t))
    state = model.path.at(x, noise, t)
    best = posterior_mean(data, state / a, (b / a)[:, 0])
    gap = model.path.velocity(x - best, noise - (state - a * best) / b, t)
    return gap.square().mean()


def _denoising_error(model: EDM, data: Mixture, x: Tensor) -> Tensor:
    """E λ(σ) |x - E(x | x + σ ε)|²."""
    sigma = (model.p_mean + model.p_std * torch.randn(len(x))).exp()
    best = posterior_mean(data, x + sigma[:, None] * torch.randn_like(x), sigma)
    weight = preconditioning(sigma, model.sigma_data.cpu()).weight
    return (weight[:, None] * (best - x).square()).mean()
