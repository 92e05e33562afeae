"""Denoising diffusion probabilistic models (DDPM: Ho et al. 2020, https://arxiv.org/abs/2006.11239).

Also DDIM (Song et al. 2021, https://arxiv.org/abs/2010.02502) and iDDPM (Nichol and Dhariwal 2021,
https://arxiv.org/abs/2102.09672), which differ in the sampler, and in the variances. Time t = 1, …, T is as in the
papers: x_0 is the data.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, Unpack

import torch
from torch import Tensor

from gen_models.bounds import Positive
from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.diffusion.betas import Betas
from gen_models.diffusion.chain import NoiseChain, Step
from gen_models.diffusion.dpm_solver import DPMSolver
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.prediction import Predicts, data_of, target
from gen_models.diffusion.reverse import Reverse, Variance, bound_term, reverse, variational_bound
from gen_models.diffusion.samplers import Sampler
from gen_models.diffusion.solvers import wide
from gen_models.errors import UsageError
from gen_models.families.reverse_process import ReverseProcess
from gen_models.networks.denoisers.base import Denoiser


class DDPM(ReverseProcess):
    """Denoising diffusion: noise is added in T steps, and a network learns the way back.

    Args:
        denoiser: Predicts, told (t - 1) / T; learned variances double its channels.
        shape: Of a sample.
        levels: Levels of a pixel; None for points.
        betas: How much noise each step adds.
        sampler: Of the reverse process; DPM-Solver++ takes the fewest steps.
        steps: Of the T that the sampler takes.
        guidance: Of classes.
        timesteps: T.
        predicts: noise, data or v.
        variance: Of the reverse steps.
        terms: Of the T - 1 that the variational bound has besides the first, drawn to estimate it without bias.
        training: Options of the engine.

    Raises:
        UsageError: The sampler takes more steps than there are, or what `Denoising` refuses.
    """

    def __init__(
        self,
        denoiser: Denoiser,
        shape: Sequence[int],
        levels: int | None,
        betas: Betas,
        sampler: Sampler | DPMSolver,
        steps: Positive,
        guidance: Guidance,
        timesteps: Positive = 1000,
        predicts: Predicts = "noise",
        variance: Variance = "fixed_large",
        terms: Positive = 50,
        **training: Unpack[Training],
    ) -> None:
        outputs = 2 if variance == "learned" else 1
        super().__init__(denoiser, shape, levels, steps, guidance, outputs, **training)
        self.chain = NoiseChain(betas.alpha_bars(timesteps))
        self._check_steps(steps)
        self.sampler = sampler
        self.predicts, self.variance = predicts, variance
        self.terms = min(terms, timesteps - 1)

    def players(self) -> tuple[Player, ...]:
        """One player."""
        return (Player("ddpm", [self.denoiser], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """L_simple, and with learned variances 0.001 L_vlb in bits per dimension, whose means are detached."""
        step, noise = self.chain.drawn(len(batch.x), batch.x), torch.randn_like(batch.x)
        x = step.signal * batch.x + step.noise * noise
        found = self.reverse(self.denoiser, x, step, self.guidance.drop_labels(batch.y, self.classes))
        wanted = target(self.predicts, batch.x, noise, step.signal, step.noise)
        losses = {"simple": (found.prediction - wanted).square().mean()}
        if self.variance == "learned":
            data = data_of(self.predicts, found.prediction.detach(), x, step.signal, step.noise)  # beyond [-1, 1], too
            nats = bound_term(batch.x, x, found._replace(data=data), step, self.levels).mean()
            losses["bound"] = 0.001 * self.chain.steps * nats / (batch.x[0].numel() * math.log(2))
        return losses

    def reverse(self, network: Callable[..., Tensor], x: Tensor, step: Step, y: Tensor | None) -> Reverse:
        """Give p(x_s | x_t) for x_t (B, *shape), by the bare or the guided network."""
        level = ((step.time - 1) / self.chain.steps).flatten().expand(len(x))
        return reverse(network(x.float(), level.float(), y).float(), x, step, self.predicts, self.variance)

    def route(self) -> list[float]:
        """Give as many of the times T, …, 0 as are asked for."""
        return [*self.chain.spaced(self.steps)]

    def moved(self, sampler: Sampler, x: Tensor, t: float, end: float, y: Tensor | None) -> Tensor:
        """Draw x_s of x_t (B, *shape): algorithm 2 by the ancestral sampler."""
        step = self.chain.between(int(t), int(end)).beside(x)
        found = self.reverse(self.guided, x, step, y)
        return sampler.step(x, found.data, found.log_variance, step)

    def predicted_data(self, x: Tensor, t: float, y: Tensor | None) -> Tensor:
        """Give the prediction of x_0 (B, *shape)."""
        return self.reverse(self.guided, x, self.chain.at(int(t)).beside(x), y).data

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the noise (B, D) that leads to samples by DDIM backwards, each step by the noise of its beginning."""
        x = wide(self.bins.nearest(x))
        for s, t in pairwise(self.chain.spaced(self.steps)[::-1]):
            here, there = self.chain.at(max(s, 1)).beside(x), self.chain.at(t).beside(x)
            data = self.reverse(self.guided, x, here, y).data
            x = there.signal * data + there.noise * (x - here.signal * data) / here.noise
        return x.float().flatten(1)

    def coefficients(self, t: float) -> tuple[float, float]:
        """Give √ᾱ_t and √(1 - ᾱ_t)."""
        share = float(self.chain.alpha_bars[int(t)])
        return math.sqrt(share), math.sqrt(1 - share)

    @property
    def likelihood_rule(self) -> str:
        """A bound, some of whose terms are drawn."""
        return f"bound, {self.terms + 1} of {self.chain.steps} terms"

    @torch.no_grad()
    def log_bound(self, x: Tensor, y: Tensor | None = None, draws: int = 1) -> Tensor:
        """Variational bound (B,) in nats (equation 5), as a mean over draws of the noise and of the times."""
        x = self.bins.nearest(x)
        reverse = partial(self.reverse, self.guided, y=y)
        bounds = [variational_bound(wide(x), self.chain, reverse, self.terms, self.levels) for _ in range(draws)]
        return -torch.stack(bounds).mean(0).float()

    def set_way(self, **settings: Any) -> None:
        """Change the sampler, its steps and the rest; raise UsageError for what there is not."""
        self._check_steps(settings["steps"])
        super().set_way(**settings)

    def _check_steps(self, steps: int) -> None:
        if steps > self.chain.steps:
            raise UsageError(f"there are {self.chain.steps} steps to take of (model.timesteps), and not {steps}.")
