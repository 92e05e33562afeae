"""Models that draw by taking noise away step by step: what those of every kind have in common."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from math import prod
from typing import Any, Unpack

import torch
from torch import Tensor

from gen_models.bounds import Positive
from gen_models.core.model import GenerativeModel
from gen_models.core.training import Training
from gen_models.diffusion.dpm_solver import Advance
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.repaint import repaint
from gen_models.diffusion.solvers import wide
from gen_models.errors import UsageError
from gen_models.families.parts.masking import rows_kept
from gen_models.families.parts.trajectory import last
from gen_models.media.pixels import Bins
from gen_models.networks.denoisers.base import Denoiser


class Denoising(GenerativeModel):
    """Base class of models whose samples come out of Gaussian noise of their own shape, step by step.

    The noise that a sample begins with is its code, and samples are brought to the nearest levels of pixels. In
    training all but DDPM, whose last step is a likelihood of levels, spread these over bins of their own width, so that
    a density of the one is a probability of the other.

    Args:
        denoiser: Noisy samples, the level of their noise, and classes to a prediction.
        shape: Of a sample.
        levels: Levels of a pixel; None for points.
        steps: From noise to data.
        guidance: Of classes.
        outputs: What the network has to give: a multiple of a sample's channels.
        times: Numbers that tell it a noise level.
        inputs: What it is given: a multiple of a sample's channels.
        training: Options of the engine.

    Raises:
        UsageError: The network reads or gives another number of channels, or is told other times, or classes are guided
            that it is not told.
    """

    def __init__(
        self,
        denoiser: Denoiser,
        shape: Sequence[int],
        levels: int | None,
        steps: Positive,
        guidance: Guidance,
        outputs: int = 1,
        times: int = 1,
        inputs: int = 1,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        guidance.check(denoiser.classes, "network.denoiser.classes")
        if denoiser.outputs != outputs:
            raise UsageError(
                f"this model reads {outputs} outputs a channel, and the network gives {denoiser.outputs}: "
                f"set network.denoiser.outputs={outputs} (2 is for learned variances, model.variance=learned)."
            )
        if denoiser.times != times:
            raise UsageError(
                f"this model tells its network of {times} times, and the network reads {denoiser.times}: set "
                f"network.denoiser.times={times} (2, and network.denoiser.scale=1, are for the two times of "
                "model=meanflow, as in network=unet_fast_mean and mlp_denoiser_mean)."
            )
        if denoiser.inputs != inputs:
            raise UsageError(
                f"this model gives its network {inputs} maps a channel, and the network reads {denoiser.inputs}: set "
                f"network.denoiser.inputs={inputs} (model=vdm adds a sine and a cosine for each of model.octaves)."
            )
        self.denoiser = denoiser
        self.shape = tuple(shape)
        self.bins = Bins(levels)
        self.steps = steps
        self.guidance = guidance

    @abstractmethod
    def route(self) -> list[float]:
        """Give the times of a sample's steps, from noise to data."""

    @abstractmethod
    def advance(self, x: Tensor, t: float, end: float, y: Tensor | None) -> Tensor:
        """Take a step of a sample's way from states (B, *shape) at t, for itself."""

    @abstractmethod
    def decode_unrounded(self, z: Tensor, y: Tensor | None) -> Tensor:
        """Give what noise z (B, *shape) leads to without any further noise, not yet on the levels of pixels."""

    @abstractmethod
    def coefficients(self, t: float) -> tuple[float, float]:
        """Give a and b of the states a x + b ε at time t between data x and noise ε."""

    @property
    def start(self) -> float:
        """Standard deviation of the states that samples begin with."""
        return 1.0

    def states(self, z: Tensor, y: Tensor | None) -> Iterator[tuple[float, Tensor]]:
        """Give times and states (B, *shape) on the way of samples from noise z (B, *shape) ~ N(0, 1)."""
        return along(self.route(), wide(z) * self.start, self.walk(y))

    def walk(self, y: Tensor | None) -> Advance:
        """Give what takes the steps of samples of these classes in their order; by itself each step stands alone."""
        return partial(self.advance, y=y)

    def denoised_end(self, t: float, x: Tensor, y: Tensor | None) -> Tensor:
        """Give the data that a way's last state (B, *shape) stands for, not yet on the levels of pixels."""
        return x

    def to_samples(self, t: float, x: Tensor, y: Tensor | None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that the last states stand for, on the levels of pixels."""
        return self.bins.nearest(self.denoised_end(t, x, y))

    def film_frame(self, t: float, x: Tensor, y: Tensor | None) -> Tensor:
        """Give what a film shows of a state, (B, *shape) in [-1, 1]."""
        return x.float().clamp(-1, 1)

    def guided(self, x: Tensor, noise: Tensor, y: Tensor | None) -> Tensor:
        """Give the network's guided prediction as float32."""
        return self.guidance(self.denoiser, x.float(), noise.float(), y)

    @property
    def levels(self) -> int | None:
        """Levels of a pixel."""
        return self.bins.levels

    @property
    def way(self) -> dict[str, Any]:
        """Steps, and the scale of guidance where there are classes."""
        return {"steps": self.steps} | ({"guidance": float(self.guidance.scale)} if self.classes else {})

    def set_way(self, *, steps: int, guidance: float = 1.0) -> None:
        """Change the steps and the guidance.

        Raises:
            UsageError: There would be no step.
        """
        if steps < 1:
            raise UsageError(f"samples take at least 1 step, not {steps}.")
        self.steps = steps
        self.guidance = replace(self.guidance, scale=guidance)

    def draw_codes(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw the noise (n, D) that samples begin with, from N(0, 1)."""
        return torch.randn(n, prod(self.shape), device=self.device)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that noise (B, D) leads to."""
        return self.bins.nearest(self.decode_unrounded(z.view(-1, *self.shape), y))

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw noise and take it away: (n, *shape) in [-1, 1]."""
        y = self.labels(n, y)
        return self.to_samples(*last(self.states(self.draw_codes(n).view(-1, *self.shape), y)), y)

    @torch.no_grad()
    def trajectory(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw n samples and give the states (T, n, *shape) in [-1, 1] on the way."""
        y = self.labels(n, y)
        *before, end = self.states(self.draw_codes(n).view(-1, *self.shape), y)
        return torch.stack([*(self.film_frame(*state, y) for state in before), self.to_samples(*end, y)])

    def complete(self, x: Tensor, keep: int, y: Tensor | None = None) -> Tensor:
        """Keep the first rows of (B, *shape), and draw the others beside them: see `inpaint`."""
        return self.inpaint(x, rows_kept(x, keep), y)

    @torch.no_grad()
    def inpaint(self, x: Tensor, known: Tensor, y: Tensor | None = None) -> Tensor:
        """Keep what is known of (B, *shape), and draw the rest beside it (RePaint)."""
        y, x, route = self.labels(len(x), y), self.bins.nearest(x), self.route()
        state = repaint(x, known, route, self.start, self.coefficients, partial(self.advance, y=y))
        return torch.where(known, x, self.to_samples(route[-1], state, y))


def along(route: Sequence[float], x: Tensor, advance: Advance) -> Iterator[tuple[float, Tensor]]:
    """Give the times of a route and the states (B, *shape) there, from x at the first."""
    yield route[0], x
    for t, end in pairwise(route):
        x = advance(x, t, end)
        yield end, x
