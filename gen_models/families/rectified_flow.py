"""Rectified flow (Liu et al. 2023, Flow straight and fast, https://arxiv.org/abs/2209.03003)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Unpack

import torch
from torch import Tensor

from gen_models.beside import Within
from gen_models.bounds import Positive
from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.data.source import Source
from gen_models.diffusion.density import ChangeOfVariables
from gen_models.diffusion.dpm_solver import DPMSolver
from gen_models.diffusion.grids import KarrasGrid, UniformGrid
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.interpolants import LinearPath
from gen_models.diffusion.solvers import Solver
from gen_models.errors import UsageError
from gen_models.families.flow_matching import FlowMatching
from gen_models.families.parts.teacher import Teacher, take_on
from gen_models.families.probability_flow import ProbabilityFlow
from gen_models.networks.denoisers.base import Denoiser
from gen_models.run.directory import load
from gen_models.run.fitting import check_told
from gen_models.run.reading import EXPORTED

Begin = Literal["raw", "averaged", "anew"]


class RectifiedFlow(ProbabilityFlow):
    """Rectified flow: straight ways from noise to data, straightened again on the pairs of a trained flow (reflow).

    Without a teacher noise and data are independent, the first rectified flow. With one, each training item is replaced
    by what the teacher makes of the noise beside it: these ways cross less, and few steps of the solver suffice. As in
    the authors' code (gnobitab/RectifiedFlow, run_lib_reflow.py) the training then goes on from the teacher's raw
    weights, while its averaged ones make the pairs, whose pixels are not rounded.

    Args:
        denoiser: Predicts the velocity, told the time.
        shape: Of a sample.
        levels: Levels of a pixel; None for points.
        solver: Of the equation.
        steps: Of the solver.
        guidance: Of classes.
        likelihood: How densities are carried along the equation.
        teacher: Run directory of a trained flow; None learns from data.
        pairs: How many the teacher makes before the first turn; None makes new ones in every turn.
        begin: With which of the teacher's weights the training begins; anew takes none, as a teacher of another network
            or of another path wants it. An exported teacher has one set of weights.
        training: Options of the engine.
    """

    def __init__(
        self,
        denoiser: Denoiser,
        shape: Sequence[int],
        levels: int | None,
        solver: Solver | DPMSolver,
        steps: Positive,
        guidance: Guidance,
        likelihood: ChangeOfVariables,
        teacher: str | None = None,
        pairs: Annotated[Positive | None, Within("teacher")] = None,
        begin: Annotated[Begin, Within("teacher")] = "raw",
        **training: Unpack[Training],
    ) -> None:
        super().__init__(denoiser, shape, levels, steps, guidance, **training)
        self.solver, self.likelihood = solver, likelihood
        self.teacher, self.pairs, self.begin = teacher, pairs, begin
        self._teacher: tuple[Teacher, ...] = ()  # no child: it never changes, and no checkpoint holds it
        self._made: Batch | None = None

    def setup(self, stage: str) -> None:
        """Begin a training with the teacher's weights; the checkpoints of this run then hold them."""
        if self.teacher is not None and self.begin != "anew" and self.clock.turn == 0:
            self.learn_from(self.teacher, raw=self.begin == "raw" and Path(self.teacher).suffix != EXPORTED)

    def learn_from(self, run: str, *, raw: bool) -> None:
        """Take on the raw or the averaged weights of a trained flow along straight lines.

        Raises:
            UsageError: The run is none, or has another network.
        """
        teacher = load(run, averaged=not raw, device=self.device)
        curved = isinstance(teacher, FlowMatching) and not isinstance(teacher.path, LinearPath)
        if curved or not isinstance(teacher, FlowMatching | RectifiedFlow):
            raise UsageError(
                f"the network of {run} predicts another thing than the velocity along straight lines, so that its "
                "weights are no beginning: say model.begin=anew, and it teaches by its pairs alone."
            )
        take_on(self.denoiser, teacher.denoiser, run, ", or say model.begin=anew")
        self.averages.restart({"denoiser": self.denoiser})

    def prepare(self, source: Source) -> None:
        """Load the teacher, and let it make its pairs."""
        if self.teacher is None:
            return
        self._teacher = (Teacher(self.teacher, self.shape, self.bins, self.device),)
        check_told(self.teacher, self._teacher[0].classes, source)
        if self.classes and not self._teacher[0].classes:
            raise UsageError(
                f"{self.teacher} is told no class, so that its pairs have none, and this model is told one: "
                "choose a teacher that is told the classes."
            )
        if self.pairs is not None:
            y = torch.randint(max(1, self._teacher[0].classes), (self.pairs,), device=self.device)
            made = [self._teacher[0].pairs(part) for part in y.split(500)]
            noise, x = (torch.cat(each) for each in zip(*made, strict=True))
            self._made = Batch(x, y, torch.arange(self.pairs), noise)

    def players(self) -> tuple[Player, ...]:
        """One player, whose batches are paired with noise before they are cut."""
        return (Player("flow", [self.denoiser], self.losses, before=self.paired),)

    def paired(self, batch: Batch) -> Batch:
        """Give noise X_0 to the items X_1, spread over the bins of their levels, or both as the teacher pairs them."""
        if not self._teacher:
            return batch._replace(x=self.bins.spread(batch.x), noise=torch.randn_like(batch.x))
        if self._made is None:
            noise, x = self._teacher[0].pairs(batch.y)
            return batch._replace(x=x, noise=noise)
        assert self._made.noise is not None
        rows = torch.randint(len(self._made.x), (len(batch.x),), device=batch.x.device)
        return batch._replace(x=self._made.x[rows], y=self._made.y[rows], noise=self._made.noise[rows])

    def losses(self, batch: Batch) -> Losses:
        """E |(X_1 - X_0) - v(t X_1 + (1 - t) X_0, t)|², t uniform (equation 1): a mean over dimensions."""
        assert batch.noise is not None
        x, t = batch.x, torch.rand(len(batch.x), *(1,) * len(self.shape), device=self.device)
        y = self.guidance.drop_labels(batch.y, self.classes)
        v = self.denoiser(t * x + (1 - t) * batch.noise, t.flatten(), y).float()
        return {"velocity_error": (x - batch.noise - v).square().mean()}

    def velocity(self, x: Tensor, t: float, y: Tensor | None) -> Tensor:
        """Give the network's velocity (B, *shape) at time t."""
        return self.guided(x, x.new_full((len(x),), t), y).to(x)

    def predicted_data(self, x: Tensor, t: float, y: Tensor | None) -> Tensor:
        """Give the data (B, *shape) at which straight lines with the network's velocity end."""
        return x + (1 - t) * self.velocity(x, t, y)

    def times(self, steps: int) -> list[float]:
        """Give even times from 0, noise, to 1, data."""
        return UniformGrid().times(steps)

    def fine_times(self, steps: int) -> list[float]:
        """Give EDM's times, since the velocity changes fastest near data."""
        return KarrasGrid().times(steps)

    def coefficients(self, t: float) -> tuple[float, float]:
        """Give t and 1 - t: a state is t x + (1 - t) ε."""
        return t, 1 - t
