"""Power-function averages of weights, and any other length of them after the training (post-hoc EMA).

Karras et al. 2024, Analyzing and improving the training dynamics of diffusion models (EDM2), section 3 and appendix C,
https://arxiv.org/abs/2312.02696. An average at t images weighs the weights at τ by p(τ) = (γ + 1) τ^γ / t^(γ + 1).
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from gen_models.errors import UsageError

HEAVY = 1e3
"""How much it counts in a fit that coefficients sum to 1, beside overlaps of at most 1."""


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
    """Give the coefficients (N,) of stored averages whose sum is an average with the profile nearest to the wanted one.

    They sum to 1, so that weights which never changed are their own average, and some are negative as a rule. (The
    paper's fit leaves their sum free: near the stored widths it is 1, far from them it scales all weights.)
    """
    gram, target = _fit(stored, wanted)
    ones = np.ones((len(stored), 1))
    bordered = np.block([[gram, ones], [ones.T, np.zeros((1, 1))]])  # with a multiplier, for the sum
    return np.linalg.lstsq(bordered, np.append(target, 1.0), rcond=1e-15)[0][:-1]


def shares(stored: Sequence[Profile], wanted: Profile) -> np.ndarray:
    """Give the nearest such coefficients that are all shares: of what is never negative, their sum is not either."""
    from scipy.optimize import nnls

    gram, target = _fit(stored, wanted)
    sizes, axes = np.linalg.eigh(gram)
    roots = np.sqrt(sizes.clip(sizes[-1] * 1e-15))
    rows = np.vstack([roots[:, None] * axes.T, np.full((1, len(stored)), HEAVY)])
    found = nnls(rows, np.append(axes.T @ target / roots, HEAVY))[0]
    return found / found.sum()


def _fit(stored: Sequence[Profile], wanted: Profile) -> tuple[np.ndarray, np.ndarray]:
    """Overlaps (N, N) of stored profiles, and (N,) with the wanted one, in units of the largest."""
    gram = np.array([[_overlap(a, b) for b in stored] for a in stored])
    return gram / gram.max(), np.array([_overlap(a, wanted) for a in stored]) / gram.max()


def _overlap(a: Profile, b: Profile) -> float:
    """The integral of the product of two profiles."""
    early, late = sorted((a, b))
    ratio = (early.images / late.images) ** late.gamma
    return (a.gamma + 1) * (b.gamma + 1) / (a.gamma + b.gamma + 1) * ratio / late.images
