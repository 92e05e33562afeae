"""Autoregressive models: p(x) = Π p(x_i | x_1, …, x_i-1).

Larochelle and Murray 2011, The neural autoregressive distribution estimator; van den Oord et al. 2016, Pixel recurrent
neural networks, https://arxiv.org/abs/1601.06759.
"""

import math
from collections.abc import Iterator
from typing import Unpack

import torch
from torch import Tensor

from gen_models.core.training import Training
from gen_models.errors import UsageError
from gen_models.families.chain_rule import ChainRule
from gen_models.families.parts.trajectory import last
from gen_models.losses.categorical import Categorical
from gen_models.media.pixels import from_levels, nearest_level
from gen_models.networks.autoregressive.causal import Causal

FRAMES = 32
"""States of a canvas that are shown of all that there are."""


class Autoregressive(ChainRule):
    """Autoregressive model: a causal network gives the distribution of each level, trained by maximum likelihood.

    Args:
        causal: As of every `ChainRule`.
        loss: The same.
        levels: The same.
        temperature: The same.
        training: Options of the engine.

    Raises:
        UsageError: The network does not give what the distribution takes.
    """

    def __init__(
        self,
        causal: Causal,
        loss: Categorical,
        levels: int,
        temperature: float = 1.0,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(causal, loss, levels, temperature, **training)
        size = loss.size(causal.shape[0], levels)
        if causal.outputs != size:
            raise UsageError(
                f"the loss takes {size} parameters at a position, and the network gives {causal.outputs}: "
                "choose loss=logistic_mixture for network=pixelcnn_pp, and loss=softmax for the others."
            )

    def training_log_prob(self, x: Tensor, y: Tensor) -> Tensor:
        """Give `log_prob`."""
        return self.log_prob(x, y)

    def log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Log-likelihood (B,) in nats of the nearest levels to x (B, *shape)."""
        x = self._snapped(x)
        return self.loss.log_prob(self.causal(x, y).float(), x, self.levels)

    def smooth_log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """`log_prob`, continued between the levels: the network takes x as it is, its distribution is interpolated."""
        return self.loss.smooth_log_prob(self.causal(x, y).float(), x, self.levels)

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw (n, *shape) in [-1, 1], dimension after dimension."""
        return self.complete(torch.zeros(n, *self.causal.shape, device=self.device), 0, y)

    @torch.no_grad()
    def trajectory(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw n samples, and give about `FRAMES` states of their canvas (T, n, *shape), the last finished."""
        positions = math.prod(self.causal.shape[1:])
        every = -(-positions // FRAMES)
        states = self._states(torch.zeros(n, *self.causal.shape, device=self.device), 0, y)
        kept = (canvas for done, canvas in enumerate(states, 1) if done % every == 0 or done == positions)
        return torch.stack([canvas.clone() for canvas in kept])

    @torch.no_grad()
    def complete(self, x: Tensor, keep: int, y: Tensor | None = None) -> Tensor:
        """Keep the first rows of images, or moments of sounds, (B, *shape), on their levels, and draw what follows."""
        return last(self._states(x, keep, y))

    def _states(self, x: Tensor, keep: int, y: Tensor | None) -> Iterator[Tensor]:
        """Give the canvas, always the same one, after each position of (B, *shape) whose first rows are kept."""
        # In float32 also under autocast: a stepper writes its products into what it keeps.
        with torch.autocast(self.device.type, enabled=False):
            yield from self._walk(self._snapped(x).contiguous(), keep, self.labels(len(x), y))

    def _walk(self, canvas: Tensor, keep: int, y: Tensor) -> Iterator[Tensor]:
        n, cells = len(canvas), canvas.flatten(2)
        channels, positions = cells.shape[1:]
        kept = keep * positions // canvas.shape[2]
        noise = torch.rand(positions, n, 1 + channels, device=self.device)
        step = self.causal.stepper(n, y)
        for position in range(positions):
            for channel in range(channels):
                parameters = step(canvas, position, channel).float()
                if position >= kept:
                    before = cells[:, :channel, position]
                    level = self.loss.draw(parameters, before, noise[position], self.levels, self.temperature)
                    cells[:, channel, position] = from_levels(level, self.levels)
            yield canvas

    def _snapped(self, x: Tensor) -> Tensor:
        return nearest_level(x, self.levels)
