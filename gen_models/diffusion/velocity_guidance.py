"""Guidance that is trained in (MeanFlow: Geng et al. 2025, section 4.2, https://arxiv.org/abs/2505.13447)."""

from dataclasses import dataclass

from torch import Tensor

from gen_models.diffusion.spread import spread


@dataclass(frozen=True)
class VelocityGuidance:
    """Guidance of the velocity that a mean velocity is learned from, so that a guided step takes one evaluation.

    Geng et al. (2025), section 4.2, https://arxiv.org/abs/2505.13447, and Gsunshine/meanflow, meanflow.py. What takes
    effect in the end is a scale of ω / (1 - κ), since the network's velocity of the class is guided itself.

    Args:
        scale: ω.
        mixed: κ, the share of the network's velocity of the class.
        start: Least time at which velocities are guided, from 0, data, to 1, noise.
        end: Greatest one.
    """

    scale: float = 1.0
    mixed: float = 0.0
    start: float = 0.0
    end: float = 1.0

    def __call__(self, v: Tensor, told: Tensor, untold: Tensor, t: Tensor) -> Tensor:
        """Give ω v + κ u(z, t, t | y) + (1 - ω - κ) u(z, t, t).

        Args:
            v: The velocity e - x (B, *shape) of data to noise.
            told: The network's velocity, told the class.
            untold: That without it.
            t: Times (B,); outside of [start, end] the result is v.
        """
        within = spread(((t >= self.start) & (t <= self.end)).to(v), v)
        scale, mixed = 1 + within * (self.scale - 1), within * self.mixed
        return scale * v + mixed * told + (1 - scale - mixed) * untold
