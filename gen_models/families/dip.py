"""Deep image prior (Ulyanov, Vedaldi, Lempitsky 2018, https://arxiv.org/abs/1711.10925)."""

from collections.abc import Sequence
from typing import Unpack

import torch
from torch import Tensor, nn

from gen_models.augment.degradation import Degradation
from gen_models.bounds import Fraction, Length, Natural, Positive
from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.families.parts.backtracking import Backtracking
from gen_models.media.pixels import to_unit_range
from gen_models.metrics.psnr import psnr
from gen_models.networks.layers.running import RunningPicture


class DeepImagePrior(GenerativeModel):
    """Deep image prior: a network fitted to one damaged picture restores it before it has learned the damage.

    The data give the picture and nothing else: a batch counts as a turn only. What regularises is the network itself,
    and the end of the training.

    Args:
        restorer: Fixed noise (B, inputs, H, W) to pictures.
        task: The degradation of the picture.
        shape: (C, H, W) of the picture.
        item: Its position in the training set.
        inputs: Channels of the noise, which is uniform in [0, 0.1].
        jitter: Standard deviation of what is added to the noise in each turn.
        smoothing: Decay of the exponential moving average of outputs.
        backtracking: Takes moves back after which the fit drops; None takes none back.
        training: Options of the engine.
    """

    fixed: Tensor
    clean: Tensor
    observed: Tensor
    latest: Tensor

    def __init__(
        self,
        restorer: nn.Module,
        task: Degradation,
        shape: Sequence[int],
        item: Natural = 0,
        inputs: Positive = 32,
        jitter: Length = 1 / 30,
        smoothing: Fraction = 0.99,
        backtracking: Backtracking | None = None,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        self.restorer = restorer
        self.task = task
        self.item = item
        self.jitter = jitter
        self.average = RunningPicture(shape, smoothing)
        self.backtracking = backtracking
        if backtracking is not None:
            backtracking.attach(restorer)
        self.register_buffer("fixed", 0.1 * torch.rand(1, inputs, *shape[1:]))
        for name in ("clean", "observed", "latest"):
            self.register_buffer(name, torch.zeros(*shape))

    def players(self) -> tuple[Player, ...]:
        """One player."""
        return (Player("restorer", [self.restorer], self.losses, after=self.settle),)

    def prepare(self, source: Source) -> None:
        """Take the picture and damage it, in each process in the same way.

        Raises:
            UsageError: There is no such picture.
        """
        if not 0 <= self.item < len(source.train):
            raise UsageError(f"the data have {len(source.train)} pictures, and none at {self.item}: change model.item.")
        x, _ = source.train.gather([self.item])
        clean = to_unit_range(x)
        target = self.task.degrade(clean)
        self.clean.copy_(clean[0])
        self.observed.copy_(self.task.shown(target)[0])
        self.task.to(self.device)
        self.target = target.to(self.device)

    def losses(self, batch: Batch) -> Losses:
        """Equation 2: the mean squared error between the degraded output and the observation."""
        output = self.outputs(1)
        self.latest.copy_(output[0].detach())
        self.average.observe(self.latest)
        for name, picture in self._made().items():
            self.note(f"psnr_{name}", psnr(picture[None], self.clean[None])[0])
        self.note("psnr_to_observed", psnr(self.latest[None], self.observed[None])[0])
        fit = self.task(output)
        if self.backtracking is not None:
            self.backtracking.observe(self.restorer, psnr(fit.detach(), self.target)[0])
            self.note("kept", self.backtracking.kept.float())
        return {"squared_error": (fit - self.target).square().mean()}

    def settle(self) -> None:
        """Take the move back if it began where the fit had dropped."""
        if self.backtracking is not None:
            self.backtracking.settle(self.restorer)

    def outputs(self, n: int) -> Tensor:
        """Give n pictures (n, *shape) in [-1, 1], each for jittered noise of its own."""
        noise = self.fixed.expand(n, -1, -1, -1)
        return self.restorer(noise + self.jitter * torch.randn_like(noise)).float()

    def restored(self) -> dict[str, Tensor]:
        """Give the clean picture, what was observed, and the last, the averaged and the settled output."""
        return {"clean": self.clean, "observed": self.observed, **self._made()}

    def _made(self) -> dict[str, Tensor]:
        return {"latest": self.latest, "averaged": self.average.mean, "settled": self.average.settled}

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Give n outputs (n, *shape): all restorations of the one picture."""
        self.labels(n, y)
        return self.outputs(n)
