"""Logit transform of pixels (RealNVP, Dinh et al. 2017, section 4.1, https://arxiv.org/abs/1605.08803)."""

import math

import torch
from torch import Tensor

from gen_models.networks.flows.bijection import Bijection


class Logit(Bijection):
    """Logit transform logit(α + (1 - 2α) (x + 1) / 2) of x in [-1, 1], which removes boundaries.

    Dinh et al. (2017), section 4.1, https://arxiv.org/abs/1605.08803. As in the authors' code, both ends of
    the range keep away from the poles.

    Args:
        alpha: Distance of the range's ends from 0 and 1.

    Raises:
        ValueError: The range is empty, or touches the poles.
    """

    def __init__(self, alpha: float = 0.05) -> None:
        super().__init__()
        if not 0 < alpha < 0.5:
            raise ValueError(f"alpha={alpha} of the logit must lie between 0 and 0.5.")
        self.alpha = alpha

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The derivative is (½ - α) / (p (1 - p))."""
        p = 0.5 + (0.5 - self.alpha) * x
        log_p, log_q = p.log(), torch.log1p(-p)
        return log_p - log_q, (math.log(0.5 - self.alpha) - log_p - log_q).flatten(1).sum(1)

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give x in ±½ / (½ - α)."""
        return (z.sigmoid() - 0.5) / (0.5 - self.alpha)
