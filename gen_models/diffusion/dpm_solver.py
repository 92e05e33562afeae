"""DPM-Solver++ (Lu et al. 2022, https://arxiv.org/abs/2211.01095): a solver for few steps, by predictions of data."""

import math
from collections.abc import Callable

from torch import Tensor

Prediction = Callable[[Tensor, float], Tensor]
"""Of the data (B, *shape) that states (B, *shape) at time t stand for."""
Coefficients = Callable[[float], tuple[float, float]]
"""a and b of the states a x + b ε at a time."""
Advance = Callable[[Tensor, float, float], Tensor]
"""A step of states (B, *shape) from a time to the next."""
LONGEST = 2.0
"""Times that a step in λ is as long as that before it, up to which the predicted data are extended from both."""


class DPMSolver:
    """DPM-Solver++(2M): a multistep method of order 2, for the equation of every diffusion and of every flow.

    With λ = ln(a / b) the way from λ_t to λ_s is solved exactly but for the predicted data, which are extended linearly
    from those of this step and of the step before: one evaluation of the network a step. The first step has none
    before it, and a step to where no noise is left has λ_s = ∞: these are of order 1, which is DDIM's. So is a step
    more than twice as long as that before it, for which a line does not reach: the authors let the last of less than
    ten be one.
    """

    name = "dpm++"
    eta = 0.0  # no noise is drawn afresh

    def walk(self, prediction: Prediction, coefficients: Coefficients) -> Advance:
        """Give what takes the steps of one way from noise to data, in their order (algorithm 2)."""
        before: tuple[Tensor, float] | None = None  # the predicted data of the last step, and its length in λ

        def advance(x: Tensor, t: float, end: float) -> Tensor:
            nonlocal before
            (a, b), (a_end, b_end) = coefficients(t), coefficients(end)
            data = prediction(x, t)
            step = _log_ratio(a_end, b_end) - _log_ratio(a, b)
            ahead = data
            if before is not None and math.isfinite(step) and step <= LONGEST * before[1]:
                ahead = data + step / (2 * before[1]) * (data - before[0])
            before = data, step
            return b_end / b * x + (a_end - a * b_end / b) * ahead

        return advance


def _log_ratio(a: float, b: float) -> float:
    """λ = ln(a / b), which is -∞ where there is no data, and ∞ where there is no noise."""
    if a <= 0:
        return -math.inf
    return math.log(a / b) if b > 0 else math.inf
