"""Consistency models (Song et al. 2023, https://arxiv.org/abs/2303.01469).

Trained as in Easy Consistency Tuning (ECT: Geng et al. 2024, https://arxiv.org/abs/2406.14548, and locuslab/ect), or in
improved consistency training (iCT: Song and Dhariwal 2023, https://arxiv.org/abs/2310.14189), which differ in the pairs
of noise levels and in the distance.
"""

import math
from collections.abc import Callable, Sequence
from typing import Unpack

import torch
from torch import Tensor

from gen_models.bounds import Positive, Scale, Weight
from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.data.interface import root_mean_square
from gen_models.data.source import Source
from gen_models.diffusion.grids import check_levels, karras
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.noise_pairs import NoisePairs
from gen_models.diffusion.preconditioning import preconditioned
from gen_models.diffusion.solvers import wide
from gen_models.diffusion.spread import spread
from gen_models.errors import UsageError
from gen_models.families.denoising import Denoising
from gen_models.families.edm import EDM
from gen_models.families.parts.teacher import take_on
from gen_models.networks.denoisers.base import Denoiser
from gen_models.randomness import replayed
from gen_models.run.directory import load
from gen_models.run.fitting import check_told


class ConsistencyModel(Denoising):
    """Consistency model: f(x, σ) gives the end of EDM's equation through x at noise level σ, in one evaluation.

    Args:
        denoiser: F in f(x, σ) = c_skip x + c_out F, told ln(σ) / 4.
        shape: Of a sample.
        levels: Levels of a pixel; None for points.
        pairs: Noise levels at which f is held against itself.
        guidance: Of classes.
        sigma_data: Root mean square of the data; None measures it, or takes the teacher's.
        huber: c of the distance √(d² + c²) - c, as a multiple of the root of the dimension.
        sigma_max: Noise that samples begin with.
        sigma_last: Noise that is added again before the last of several steps.
        rho: Crowds the levels between them towards the last.
        steps: Evaluations for a sample.
        teacher: Run directory of model=edm whose weights the training begins with; None begins anew.
        training: Options of the engine.

    Raises:
        UsageError: Noise would rise on the way to data.
    """

    sigma_data: Tensor

    def __init__(
        self,
        denoiser: Denoiser,
        shape: Sequence[int],
        levels: int | None,
        pairs: NoisePairs,
        guidance: Guidance,
        sigma_data: Scale | None = None,
        huber: Weight = 0.0,
        sigma_max: Scale = 80.0,
        sigma_last: Scale = 0.821,
        rho: Scale = 7.0,
        steps: Positive = 1,
        teacher: str | None = None,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(denoiser, shape, levels, steps, guidance, **training)
        self.register_buffer("sigma_data", torch.tensor(0.5 if sigma_data is None else sigma_data))
        self.measured = sigma_data is None
        self.pairs = pairs
        check_levels(sigma_last, sigma_max)
        self.c = huber * math.sqrt(math.prod(shape))
        self.sigma_max, self.sigma_last, self.rho = sigma_max, sigma_last, rho
        self.teacher = teacher

    def prepare(self, source: Source) -> None:
        """Measure the data, unless the teacher has, whose classes are to be theirs."""
        if self.clock.turn:
            return
        if self.teacher is not None:
            check_told(self.teacher, self.classes, source)
        elif self.measured:
            self.sigma_data.fill_(root_mean_square(source.train))

    def setup(self, stage: str) -> None:
        """Begin a training with the teacher's weights; the checkpoints of this run then hold them."""
        if self.teacher is not None and self.clock.turn == 0:
            self.learn_from(self.teacher)

    def learn_from(self, run: str) -> None:
        """Take on the averaged weights of a trained EDM, and its σ_data where none is given.

        Raises:
            UsageError: The run is none of model=edm, or has another network.
        """
        teacher = load(run, device=self.device)
        if not isinstance(teacher, EDM):
            raise UsageError(f"{run} is no teacher of a consistency model: it has to be a run of model=edm.")
        take_on(self.denoiser, teacher.denoiser, run)
        self.averages.restart({"denoiser": self.denoiser})
        if self.measured:
            self.sigma_data.copy_(teacher.sigma_data)

    def players(self) -> tuple[Player, ...]:
        """One player."""
        return (Player("consistency", [self.denoiser], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """E d(f(x + t ε, t), f(x + r ε, r)) / (t - r): the same noise and dropout in both, a gradient in the first."""
        x, noise = self.bins.spread(batch.x), torch.randn_like(batch.x)
        t, r = self.pairs.draw(len(x), x.device)
        y = self.guidance.drop_labels(batch.y, self.classes)
        with replayed():
            end = self.consistent(self.denoiser, x + spread(t, x) * noise, t, y)
        with torch.no_grad():
            target = self.consistent(self.denoiser, x + spread(r, x) * noise, r, y)
        return {"inconsistency": (distance(end, target, self.c) / (t - r)).mean()}

    def consistent(self, network: Callable[..., Tensor], x: Tensor, sigma: Tensor, y: Tensor | None) -> Tensor:
        """f(x, σ), (B, *shape), by the bare or the guided network; at the least level it is x for any weights."""
        return preconditioned(network, x, sigma, y, self.sigma_data, self.pairs.least)

    def route(self) -> list[float]:
        """Noise levels of multistep sampling (algorithm 1), the highest first."""
        return karras(self.steps, self.sigma_last, self.sigma_max, self.rho)

    def advance(self, x: Tensor, t: float, end: float, y: Tensor | None) -> Tensor:
        """Go to the end of the equation, and add new noise."""
        x = self.denoised_end(t, x, y)
        return x + math.sqrt(end**2 - self.pairs.least**2) * torch.randn_like(x)

    def denoised_end(self, t: float, x: Tensor, y: Tensor | None) -> Tensor:
        """Give f(x, σ), guided."""
        return self.consistent(self.guided, x, x.new_full((len(x),), t), y)

    def decode_unrounded(self, z: Tensor, y: Tensor | None) -> Tensor:
        """Give what noise z (B, *shape) leads to in one step, however many samples take."""
        return self.denoised_end(self.sigma_max, wide(z) * self.sigma_max, y)

    def film_frame(self, t: float, x: Tensor, y: Tensor | None) -> Tensor:
        """Give f(x, σ), since noise of σ = 80 is no picture."""
        return self.denoised_end(t, x, y).float().clamp(-1, 1)

    def coefficients(self, t: float) -> tuple[float, float]:
        """Give 1 and σ: a state is x + σ ε."""
        return 1.0, t

    @property
    def start(self) -> float:
        """Noise that samples begin with."""
        return self.sigma_max

    @property
    def evaluations(self) -> int:
        """Evaluations of the network for a sample (NFE)."""
        return self.steps


def distance(x: Tensor, other: Tensor, c: float) -> Tensor:
    """Pseudo-Huber distance (B,) of (B, *shape): √(d² + c²) - c with the Euclidean d, which it is for c = 0."""
    squares = (x - other).flatten(1).square().sum(1) + c**2
    return squares.clamp(min=torch.finfo(torch.float32).tiny).sqrt() - c  # the root has no derivative at 0
