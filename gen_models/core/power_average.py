"""Power-function averages of weights, and any other length of them after the training (post-hoc EMA).

Karras et al. 2024, Analyzing and improving the training dynamics of diffusion models (EDM2), section 3 and appendix C,
https://arxiv.org/abs/2312.02696. An average at t images weighs the weights at τ by p(τ) = (γ + 1) τ^γ / t^(γ + 1).
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from gen_models.errors import UsageError


class Profile(NamedTuple):
    """The profile of an average: its time, in images, and its exponent γ."""

    images: float
    gamma: float


@cache
def exponent(std: float) -> float:
    """Give the γ of a profile that is `std` wide, as a share of the time: σ² = (γ + 1) / ((γ + 2)² (γ + 3)).

    Raises:
        UsageError: No profile is that wide: the widest, γ = 0, is the plain mean, 0.289.
    """
    if not 0 < std <= 12**-0.5:
        raise UsageError(f"the width of an average is above 0 and at most 0.288, not {std}.")
    inverse = std**-2
    return float(max(np.roots([1, 7, 16 - inverse, 12 - inverse]).real))


def coefficients(stored: Sequence[Profile], wanted: Profile) -> np.ndarray:
    """Give the coefficients (N,) of stored averages whose sum has the profile nearest to the wanted one."""
    gram = np.array([[_overlap(a, b) for b in stored] for a in stored])
    return np.linalg.lstsq(gram, np.array([_overlap(a, wanted) for a in stored]), rcond=1e-15)[0]


def _overlap(a: Profile, b: Profile) -> float:
    """The integral of the product of two profiles."""
    early, late = sorted((a, b))
    ratio = (early.images / late.images) ** late.gamma
    return (a.gamma + 1) * (b.gamma + 1) / (a.gamma + b.gamma + 1) * ratio / late.images
