"""Parametrisations of a denoiser: what it predicts of x_t = a x_0 + b ε, and how the others follow from it."""

from typing import Literal

from torch import Tensor

Predicts = Literal["noise", "data", "v"]
"""ε (Ho et al. 2020), x_0, or v = a ε - b x_0 (Salimans and Ho 2022, https://arxiv.org/abs/2202.00512)."""


def target(predicts: Predicts, x: Tensor, noise: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Give the quantity that is predicted, for data x and noise ε (B, *shape)."""
    return {"noise": noise, "data": x, "v": a * noise - b * x}[predicts]


def data_of(predicts: Predicts, prediction: Tensor, state: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Give the data that a prediction (B, *shape) stands for, where a² + b² = 1."""
    if predicts == "data":
        return prediction
    return (state - b * prediction) / a if predicts == "noise" else a * state - b * prediction
