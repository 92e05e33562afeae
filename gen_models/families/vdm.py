"""Variational diffusion model (VDM: Kingma et al. 2021, https://arxiv.org/abs/2107.00630)."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple, Unpack

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from gen_models.bounds import Positive
from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.diffusion.chain import step_between
from gen_models.diffusion.dpm_solver import DPMSolver
from gen_models.diffusion.gaussian import density, kl_between, quantised
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.log_noise import LinearLogNoise, waves
from gen_models.diffusion.samplers import DDIM, Ancestral, Sampler
from gen_models.diffusion.solvers import wide
from gen_models.diffusion.spread import spread
from gen_models.diffusion.times import spread_times
from gen_models.families.parts.dimensions import per_dimension
from gen_models.families.reverse_process import ReverseProcess
from gen_models.media.pixels import to_levels
from gen_models.networks.denoisers.base import Denoiser

READ = 8
"""In training one item in so many is read back from its least noise: that term teaches the schedule alone."""


class Level(NamedTuple):
    """Noise of a state z = signal · x + noise · ε: numbers or (B, 1, …) beside states."""

    signal: Tensor
    noise: Tensor
    told: Tensor


class VDM(ReverseProcess):
    """Variational diffusion model: a diffusion trained by its bound on the likelihood, in continuous time.

    Args:
        denoiser: Predicts what is to be added to a state so that it is noise; told how far γ is from its first end to
            its last, and waves of the state.
        shape: Of a sample.
        levels: Levels of a pixel; None for points.
        schedule: γ(t).
        steps: Of a sample.
        guidance: Of classes.
        octaves: n of the waves of 2ⁿ · 2π x that the network is given beside each state.
        sampler: Of the reverse process; None for the ancestral one.
        training: Options of the engine.

    Raises:
        UsageError: What `Denoising` refuses.
    """

    def __init__(
        self,
        denoiser: Denoiser,
        shape: Sequence[int],
        levels: int | None,
        schedule: LinearLogNoise,
        steps: Positive,
        guidance: Guidance,
        octaves: Sequence[int] = (6, 7),
        sampler: Sampler | DPMSolver | None = None,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(denoiser, shape, levels, steps, guidance, inputs=1 + 2 * len(octaves), **training)
        self.schedule = schedule
        self.sampler = sampler or Ancestral()
        self.octaves = tuple(octaves)
        self.scale = 1.0 if levels is None else (levels - 1) / levels
        """Of samples: levels lie in the middle of bins that fill [-1, 1]."""

    def players(self) -> tuple[Player, ...]:
        """One player, of the denoiser and the schedule."""
        return (Player("vdm", [self.denoiser, self.schedule], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """½ γ' ‖ε - ε̂‖² + KL(z_1, N(0, 1)) - log p(x | z_0), the negative bound in nats per dimension."""
        x, y = batch.x * self.scale, self.guidance.drop_labels(batch.y, self.classes)
        times = spread_times(len(x), 1, x.device)[:, 0]
        terms = {
            "diffusion": per_dimension(self._diffusion(self.predicted, x, times, y), x),
            "prior": per_dimension(self._prior(x), x),
            "reconstruction": per_dimension(self._reconstruction(x[: -(-len(x) // READ)]), x),
        }
        self.note("bits_per_dimension", torch.stack([*terms.values()]).sum() / math.log(2))
        return terms

    def _diffusion(self, network: Callable[..., Tensor], x: Tensor, t: Tensor, y: Tensor | None) -> Tensor:
        """Diffusion loss in continuous time: γ'(t) / 2 times the squared error of the bare or the guided network."""
        level, noise = self._level(spread(t.to(x), x)), torch.randn_like(x)
        z = level.signal * x + level.noise * noise
        error = noise - network(z, level.told.flatten(), y)
        return 0.5 * self.schedule.rate * error.square().flatten(1).sum(1)

    def _prior(self, x: Tensor) -> Tensor:
        """Divergence of the noisiest state from N(0, 1)."""
        last, zero = self._level(x.new_ones(())), x.new_zeros(())
        return kl_between(last.signal * x, 2 * last.noise.log(), zero, zero).flatten(1).sum(1)

    def _reconstruction(self, x: Tensor) -> Tensor:
        """Negative log-probability of levels, or points, given the state of least noise."""
        gamma = self.schedule(x.new_zeros(()))
        z = x + (0.5 * gamma).exp() * torch.randn_like(x)
        if self.levels is None:
            return -density(x, z, gamma).flatten(1).sum(1)
        return -quantised(z, gamma, to_levels(x / self.scale, self.levels), self.levels).flatten(1).sum(1)

    def predicted(self, z: Tensor, told: Tensor, y: Tensor | None) -> Tensor:
        """Give the noise ε̂ (B, *shape) of states by the bare network, which gives what is to be added to them."""
        return z + self.denoiser(waves(z, self.octaves), told, y).float()

    def guided(self, x: Tensor, noise: Tensor, y: Tensor | None) -> Tensor:
        """Give the noise (B, *shape) of states by the guided network, as float32."""
        x = x.float()
        return x + self.guidance(self.denoiser, waves(x, self.octaves), noise.float(), y)

    def route(self) -> list[float]:
        """Give the times 1, …, 0, evenly spaced."""
        return [1 - step / self.steps for step in range(self.steps)] + [0.0]

    def moved(self, sampler: Sampler, x: Tensor, t: float, end: float, y: Tensor | None) -> Tensor:
        """Draw z_s of z_t (B, *shape): by the ancestral sampler of q(z_s | z_t, x̂)."""
        ends = torch.tensor([end, t], dtype=torch.float64, device=self.schedule.offset.device)
        step = step_between((-self.schedule(ends)).sigmoid().cpu(), ends.cpu()).beside(x)
        return sampler.step(x, self.scale * self.predicted_data(x, t, y), step.log_least, step)

    def predicted_data(self, x: Tensor, t: float, y: Tensor | None) -> Tensor:
        """Give the data x̂ (B, *shape) that the network expects behind states."""
        level = self._at(t, x)
        noise = self.guided(x, level.told.expand(len(x)), y).to(x)
        return (x - level.noise * noise) / (level.signal * self.scale)

    def denoised_end(self, t: float, x: Tensor, y: Tensor | None) -> Tensor:
        """Give the data that states at t stand for, beside which little noise is left."""
        return x / (self._at(t, x).signal * self.scale)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the noise (B, D) that leads to samples by DDIM backwards, each step by the noise of its beginning."""
        x = wide(self.bins.nearest(x))
        x = x * self.scale * self._at(0.0, x).signal
        for end, t in pairwise(self.route()[::-1]):
            x = self.moved(DDIM(), x, end, t, y)
        return x.float().flatten(1)

    @torch.no_grad()
    def coefficients(self, t: float) -> tuple[float, float]:
        """Give a and b of the states a x + b ε."""
        level = self._at(t, self.schedule.offset)
        return float(level.signal) * self.scale, float(level.noise)

    @property
    def likelihood_rule(self) -> str:
        """A bound, by times and noise that are drawn."""
        return "bound"

    @torch.no_grad()
    def log_bound(self, x: Tensor, y: Tensor | None = None, draws: int = 1) -> Tensor:
        """Variational bound (B,) in nats, as a mean over draws of the noise and times that lie 1/draws apart."""
        x = self.bins.nearest(x) * self.scale
        times = spread_times(draws, len(x), x.device)
        terms = [self._diffusion(self.guided, x, t, y) + self._reconstruction(x) for t in times]
        return -torch.stack(terms).mean(0) - self._prior(x)

    def _level(self, t: Tensor) -> Level:
        gamma, first, last = self.schedule(t), self.schedule.first, self.schedule.last
        told = (gamma - first) / (last - first)
        return Level((0.5 * logsigmoid(-gamma)).exp(), (0.5 * logsigmoid(gamma)).exp(), told)

    def _at(self, t: float, x: Tensor) -> Level:
        return self._level(torch.full((), t, dtype=x.dtype, device=x.device))
