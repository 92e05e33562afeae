"""Critics that read the codes of a sample off what they see of it: Q on D's trunk (Chen et al. 2016, section 6).

A reading of a category is its logits, that of a number is a mean.
"""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from gen_models.networks.critics.heads import BodiedCritic
from gen_models.networks.layers.conditional import Conditional


class ReadingCritic(nn.Module):
    """A critic whose features are also read, by a hidden layer and a linear one (appendix C.1 there).

    Args:
        critic: Judges.
        codes: Sizes of the codes.
        hidden: Size of the hidden layer.
    """

    def __init__(self, critic: BodiedCritic, codes: Sequence[int], hidden: int = 128) -> None:
        super().__init__()
        self.critic = critic
        self.classes = critic.classes
        self.guesses = sum(codes)
        self.reader = nn.Sequential(
            *(nn.Linear(critic.body.num_features, hidden, bias=False), nn.BatchNorm1d(hidden), nn.LeakyReLU(0.1)),
            nn.Linear(hidden, self.guesses),
        )

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of samples (B, *shape) of classes (B,)."""
        return self.critic(x, y)

    def guess(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give readings (B, R) of samples (B, *shape)."""
        return self.reader(self.critic.body(x, y))

    def logits_and_guesses(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give logits (B,) and readings (B, R) in one pass."""
        features = self.critic.body(x, y)
        return self.critic.judge(features, y), self.reader(features)


@runtime_checkable
class Traced(Conditional, Protocol):
    """A critic that shows what it sees of each scale."""

    @property
    def sizes(self) -> Sequence[int]:
        """How much there is to see of each scale, the coarsest first."""

    def trace(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, list[Tensor]]:
        """Give logits (B,), and what is seen, each (B, sizes[i]); a critic that grows has fewer at first."""


Reads = Literal["each", "coarsest", "gradually"]
"""Each code is read where its scale is seen; or all are where the coarsest is, perhaps only those that have grown."""


class ScaleReadingCritic(nn.Module):
    """A critic that reads a code of each scale (jonasz/progressive_infogan).

    Args:
        critic: Judges, and shows what it sees.
        codes: Size of the code of each scale.
        layer: Makes the readers, given sizes in and out.
        reads: Where it reads them.

    Raises:
        ValueError: The critic does not show what it sees.
    """

    def __init__(
        self,
        critic: nn.Module,
        codes: int,
        layer: Callable[[int, int], nn.Module] = nn.Linear,
        reads: Reads = "each",
    ) -> None:
        super().__init__()
        if not isinstance(critic, Traced):
            raise ValueError("codes of each scale need a critic that shows its scales: biggan's, or progressive's.")
        self.critic = critic
        self.classes = critic.classes
        self.codes, self.reads = codes, reads
        self.guesses = codes * len(critic.sizes)
        if reads == "each":
            self.readers = nn.ModuleList(layer(size, codes) for size in critic.sizes)
        else:
            self.readers = nn.ModuleList([layer(critic.sizes[0], self.guesses)])

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of samples (B, *shape) of classes (B,)."""
        return self.critic(x, y)

    def guess(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give readings (B, R) of samples (B, *shape), the coarsest scale first."""
        return self.logits_and_guesses(x, y)[1]

    def logits_and_guesses(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give logits (B,) and readings (B, R) in one pass; what is not read yet is 0."""
        logits, seen = self.critic.trace(x, y)
        readings = torch.cat([read(part) for read, part in zip(self.readers, seen, strict=False)], dim=1)
        if self.reads == "gradually":
            readings = readings[:, : self.codes * len(seen)]
        return logits, pad(readings, (0, self.guesses - readings.shape[1]))
