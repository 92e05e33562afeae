"""Energy-based models trained by Langevin samples (Du and Mordatch 2019, IGEBM, https://arxiv.org/abs/1903.08689)."""

from collections.abc import Iterator, Sequence
from typing import Unpack

import torch
from torch import Tensor, nn

from gen_models.bounds import Positive, Share, Weight
from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.families.parts.langevin import Langevin, ReplayBuffer
from gen_models.families.parts.trajectory import last


class EnergyBased(GenerativeModel):
    """Energy-based model p(x) ∝ exp(-E(x)) on [-1, 1]: low energies for data, high ones for what chains come to.

    The gradient of -log p is that of E at data less its mean under p, for which ends of Langevin chains stand; these
    begin where earlier ones ended (persistent contrastive divergence).

    Args:
        energy: Gives -E(x) (B,), as a critic gives logits.
        shape: Of a sample.
        langevin: How chains move in training.
        capacity: Chains that are kept.
        fresh: Probability that one begins anew in noise.
        magnitude: Weight of the squares of energies, which would drift else (section 3.3).
        sampling_steps: Of the chains that samples are the ends of, from noise on.
        training: Options of the engine.
    """

    def __init__(
        self,
        energy: nn.Module,
        shape: Sequence[int],
        langevin: Langevin,
        capacity: Positive = 1000,
        fresh: Share = 0.05,
        magnitude: Weight = 0.01,
        sampling_steps: Positive = 100,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        self.energy = energy
        self.shape = tuple(shape)
        self.langevin = langevin
        self.chains = ReplayBuffer(capacity, shape, fresh)
        self.magnitude = magnitude
        self.sampling_steps = sampling_steps

    def players(self) -> tuple[Player, ...]:
        """One player."""
        return (Player("energy", [self.energy], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """Energy of data less that of samples, which has the gradient of the likelihood, and the size of both."""
        positions, begun = self.chains.begin(len(batch.x))
        ends = last(self.langevin(lambda x: self.energies(x, batch.y), begun))
        self.chains.keep(positions, ends)
        real, drawn = self.energies(batch.x, batch.y), self.energies(ends, batch.y)
        self.note("data", real.mean())
        self.note("samples", drawn.mean())
        size = (real.square() + drawn.square()).mean()
        return {"contrast": real.mean() - drawn.mean(), "magnitude": self.magnitude * size}

    def energies(self, x: Tensor, y: Tensor | None) -> Tensor:
        """Give the energies (B,) of samples (B, *shape), as float32 also under autocast."""
        return -self.energy(x, y).float()

    def score(self, x: Tensor, y: Tensor) -> Tensor:
        """Give -E (B,): the log-density of (B, *shape) but for a constant."""
        return -self.energies(x, y)

    @property
    def evaluations(self) -> int:
        """Steps of a chain."""
        return self.sampling_steps

    def trajectory(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw chains (T, n, *shape) in [-1, 1], from noise to samples."""
        return torch.stack(list(self._states(n, y)))

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw the ends (n, *shape) of chains."""
        return last(self._states(n, y))

    def _states(self, n: int, y: Tensor | None) -> Iterator[Tensor]:
        noise = torch.rand(n, *self.shape, device=self.device) * 2 - 1
        labels = self.labels(n, y)
        return self.langevin(lambda x: self.energies(x, labels), noise, self.sampling_steps)
