"""Flow from one Gaussian to another along straight lines, in closed form.

Lines x_t = (1 - t) x_0 + t x_1 between independent x_0 ~ N(0, 1) and x_1 ~ N(m, s²), as in flow matching (Lipman et al.
2023, https://arxiv.org/abs/2210.02747). Since x_t and x_1 - x_0 are jointly Gaussian, so is everything asked of them.
"""

import math
from dataclasses import dataclass

from torch import Tensor

from gen_models.data.toys import Toy
from gen_models.diffusion.density import log_normal
from gen_models.errors import UsageError


@dataclass(frozen=True)
class GaussianFlow:
    """Flow from N(0, 1), at time 0, to N(m, s²), at time 1, that flow matching learns from independent pairs.

    Args:
        mean: m of every coordinate.
        std: s of every coordinate.
    """

    mean: float
    std: float

    def variance(self, t: Tensor) -> Tensor:
        """V(t) = t² s² + (1 - t)² of the states at times t."""
        return t.square() * self.std**2 + (1 - t).square()

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        """Give the best velocity E(x_1 - x_0 | x_t = x) at points and times of one shape."""
        return self.mean + (t * self.std**2 - (1 - t)) / self.variance(t) * (x - t * self.mean)

    def at(self, z: Tensor, t: Tensor) -> Tensor:
        """Give the state at time t of the solution that begins at z: t m + √V(t) z."""
        return t * self.mean + self.variance(t).sqrt() * z

    def mean_velocity(self, x: Tensor, t: Tensor, end: Tensor) -> Tensor:
        """Give the mean velocity from t to `end` of the solution through x at t (MeanFlow, Geng et al. 2025).

        https://arxiv.org/abs/2505.13447, equation 3.
        """
        z = (x - t * self.mean) / self.variance(t).sqrt()
        return (self.at(z, end) - x) / (end - t)

    def floor(self, t: Tensor) -> Tensor:
        """Least squared error s² / V(t) of a velocity at times t, per dimension: the variance that no x_t tells."""
        return self.std**2 / self.variance(t)

    @property
    def mean_floor(self) -> float:
        """Least training loss, with t uniform: the integral s π/2 of s² / V(t)."""
        return 0.5 * math.pi * self.std

    @property
    def straightness(self) -> float:
        """∫ E |(x_1 - x_0) - dx/dt|² dt along the solutions, per dimension: s (2 - π/2), and 0 of straight ones.

        Of Liu et al. (2023), https://arxiv.org/abs/2209.03003, section 2.2.
        """
        return self.std * (2 - 0.5 * math.pi)

    def log_density(self, x: Tensor) -> Tensor:
        """Log-density (B,) in nats of data x (B, D)."""
        return log_normal(x - self.mean, self.std)


def flow_to(source: Toy) -> GaussianFlow:
    """Give the flow to data that are one Gaussian."""
    return GaussianFlow(float(source.mixture.centres[0, 0]), source.mixture.std)


def check_gaussian(source: object) -> None:
    """Refuse data that are not one Gaussian on a line.

    Raises:
        UsageError: They are not.
    """
    if not isinstance(source, Toy) or source.mixture.centres.shape != (1, 1):
        raise UsageError("this closed form is of one Gaussian on a line: use data=toy1d data.kind=gaussian.")
