"""Masked diffusion (MD4: Shi et al. 2024, https://arxiv.org/abs/2406.04329).

Also MDLM (Sahoo et al. 2024, https://arxiv.org/abs/2406.07524); before them absorbing diffusion (D3PM: Austin et al.
2021, https://arxiv.org/abs/2107.03006) and autoregressive models of all orders at once (Uria et al. 2014,
https://arxiv.org/abs/1310.1757; Hoogeboom et al. 2022, https://arxiv.org/abs/2110.02037), whose bound is the same.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal, Unpack

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from gen_models.bounds import Positive
from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.masks import MaskSchedule
from gen_models.diffusion.spread import spread
from gen_models.diffusion.times import spread_times
from gen_models.errors import UsageError
from gen_models.families.parts.dimensions import per_dimension
from gen_models.families.parts.masking import masked_at, rows_kept
from gen_models.families.parts.sampling import at_temperature
from gen_models.families.parts.trajectory import last
from gen_models.losses.categorical import inverted
from gen_models.media.pixels import from_levels, to_levels
from gen_models.networks.denoisers.masked_pixels import MaskedPixels

Spacing = Literal["uniform", "cosine"]
"""How the times of sampling lie: evenly, or closer to each other near noise."""


class MaskedDiffusion(GenerativeModel):
    """Masked diffusion: levels of pixels are hidden one by one, and a network says what they were.

    A sample begins all hidden. In each step some of what is hidden, at random, is drawn, each level given all that is
    shown. Its bound is the mean log-likelihood over all orders in which pixels could be drawn one after another.

    Args:
        masked: Levels, some of which are hidden, and the time to logits of all.
        shape: Of a sample.
        levels: Levels of a pixel.
        schedule: Which share is hidden at a time.
        steps: Of a sample.
        guidance: Of classes: of the logits.
        spacing: Of the times of a sample's steps.
        temperature: Of samples: below 1 sharpens each distribution.
        training: Options of the engine.

    Raises:
        UsageError: The temperature is not positive, or classes are guided that the network is not told.
    """

    def __init__(
        self,
        masked: MaskedPixels,
        shape: Sequence[int],
        levels: int,
        schedule: MaskSchedule,
        steps: Positive,
        guidance: Guidance,
        spacing: Spacing = "cosine",
        temperature: float = 1.0,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        guidance.check(masked.classes, "network.masked.denoiser.classes")
        self.masked = masked
        self.shape = tuple(shape)
        self.levels = levels
        self.schedule = schedule
        self.steps = steps
        self.guidance = guidance
        self.spacing = spacing
        self.temperature = at_temperature(temperature)

    def players(self) -> tuple[Player, ...]:
        """One player."""
        return (Player("diffusion", [self.masked], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """Weighted cross-entropy of hidden levels, the negative bound in nats per dimension."""
        y = self.guidance.drop_labels(batch.y, self.classes)
        times = spread_times(len(batch.x), 1, batch.x.device)[:, 0]
        nats = per_dimension(self.bound_terms(to_levels(batch.x, self.levels), times, y), batch.x)
        self.note("bits_per_dimension", nats / math.log(2))
        return {"nats_per_dimension": nats}

    def bound_terms(self, index: Tensor, t: Tensor, y: Tensor | None) -> Tensor:
        """Give nats (B,) whose mean over uniform t is the negative bound: a weighted cross-entropy of what is hidden.

        Args:
            index: (B, *shape) int64 levels.
            t: (B,) times in (0, 1].
            y: Classes (B,), or None.
        """
        hidden, time, weight = masked_at(self.schedule, t, index)
        logits = self.masked(index.masked_fill(hidden, self.levels), time, y).float()
        nats = cross_entropy(logits.flatten(0, -2), index.flatten(), reduction="none").view_as(index)
        return weight * (nats * hidden).flatten(1).sum(1)

    def states(self, index: Tensor, hidden: Tensor, y: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Draw what is hidden step by step, as if it were the state of a sample at the time when so much is hidden.

        Args:
            index: (B, *shape) levels, of which the hidden ones are not read.
            hidden: (B, *shape) where they are to be drawn.
            y: Classes (B,).

        Yields:
            Levels, and which of them are still hidden.
        """
        first = self.schedule.time(hidden.flatten(1).float().mean(1))
        for here, there in pairwise(self._route()):
            now, then = (self.schedule.hidden(first * time) for time in (here, there))
            logits = self.guidance(self.masked, index.masked_fill(hidden, self.levels), first * here, y)
            shown = hidden & (torch.rand(index.shape, device=index.device) < spread(1 - then / now, index))
            chosen = logits[shown] / self.temperature
            drawn = inverted(chosen, torch.rand(len(chosen), device=index.device))
            index = index.masked_scatter(shown, drawn)
            hidden = hidden & ~shown
            yield index, hidden

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw (n, *shape) in [-1, 1]."""
        index, _ = last(self.states(*self._blank(n), self.labels(n, y)))
        return from_levels(index, self.levels)

    @torch.no_grad()
    def trajectory(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw n samples, and give what is shown after each step (T, n, *shape), grey where it is hidden."""
        states = self.states(*self._blank(n), self.labels(n, y))
        return torch.stack([from_levels(index, self.levels).masked_fill(hidden, 0.0) for index, hidden in states])

    @torch.no_grad()
    def inpaint(self, x: Tensor, known: Tensor, y: Tensor | None = None) -> Tensor:
        """Keep samples (B, *shape) where `known`, which broadcasts to them, is true, and draw the rest given these."""
        hidden = (~known).expand(x.shape)
        index, _ = last(self.states(to_levels(x, self.levels), hidden, self.labels(len(x), y)))
        return from_levels(index, self.levels)

    def complete(self, x: Tensor, keep: int, y: Tensor | None = None) -> Tensor:
        """Keep the first rows of (B, *shape), and draw the others."""
        return self.inpaint(x, rows_kept(x, keep), y)

    @property
    def likelihood_rule(self) -> str:
        """A bound, by masks that are drawn."""
        return "bound"

    @torch.no_grad()
    def log_bound(self, x: Tensor, y: Tensor | None = None, draws: int = 1) -> Tensor:
        """Lower bound (B,) in nats, as a mean over times that lie 1/draws apart, and masks."""
        index = to_levels(x, self.levels)
        terms = [self.bound_terms(index, t, y) for t in spread_times(draws, len(x), x.device)]
        return -torch.stack(terms).mean(0)

    @property
    def evaluations(self) -> int:
        """Evaluations of the network for a sample (NFE)."""
        return self.steps

    @property
    def way(self) -> Mapping[str, Any]:
        """Steps and their spacing, the temperature, and the scale of guidance where there are classes."""
        plain = {"steps": self.steps, "spacing": self.spacing, "temperature": self.temperature}
        return plain | ({"guidance": float(self.guidance.scale)} if self.classes else {})

    def set_way(self, *, steps: int, spacing: Spacing, temperature: float, guidance: float = 1.0) -> None:
        """Change how samples are drawn; raise UsageError for what there is not."""
        if steps < 1 or spacing not in ("uniform", "cosine"):
            raise UsageError(f"there is at least one step, and spacing is uniform or cosine, not {steps}, {spacing}.")
        self.steps, self.spacing, self.temperature = steps, spacing, at_temperature(temperature)
        self.guidance = replace(self.guidance, scale=guidance)

    def _route(self) -> list[float]:
        """Give the times of the steps as shares of the first one, from 1 to 0."""
        even = [1 - step / self.steps for step in range(self.steps + 1)]
        return [math.sin(math.pi / 2 * time) for time in even] if self.spacing == "cosine" else even

    def _blank(self, n: int) -> tuple[Tensor, Tensor]:
        index = torch.zeros(n, *self.shape, dtype=torch.long, device=self.device)
        return index, torch.ones_like(index, dtype=torch.bool)
