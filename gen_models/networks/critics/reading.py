"""Recognition networks (Q) of InfoGAN on the features of a critic (Chen et al. 2016, https://arxiv.org/abs/1606.03657).

The prediction of a categorical code is its logits, that of a number is a mean; both are called readings.
"""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from gen_models.networks.critics.heads import BodiedCritic
from gen_models.networks.layers.conditional import Conditional


class ReadingCritic(nn.Module):
    """InfoGAN critic: the recognition network Q, a hidden layer and a linear one, on the critic's features.

    Chen et al. (2016), section 6 and appendix C.1, https://arxiv.org/abs/1606.03657.

    Args:
        critic: Gives the logits, and the features.
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
        return self.critic.logits(features, y), self.reader(features)


@runtime_checkable
class Traced(Conditional, Protocol):
    """Critic that gives intermediate features of each scale."""

    @property
    def sizes(self) -> Sequence[int]:
        """Sizes of the features of each scale, the coarsest first."""

    def trace(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, list[Tensor]]:
        """Give logits (B,), and features, each (B, sizes[i]); a critic that grows has fewer at first."""


Reads = Literal["each", "coarsest", "gradually"]
"""Each code is read from the features of its scale; or all from the coarsest, perhaps only those that have grown."""


class ScaleReadingCritic(nn.Module):
    """Progressive InfoGAN critic: a recognition network for the code of each scale.

    https://github.com/jonasz/progressive_infogan.

    Args:
        critic: Gives the logits, and features of each scale.
        codes: Size of the code of each scale.
        layer: Makes the readers, given sizes in and out.
        reads: Where it reads them.

    Raises:
        ValueError: The critic has no features of each scale.
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
        logits, features = self.critic.trace(x, y)
        readings = torch.cat([read(part) for read, part in zip(self.readers, features, strict=False)], dim=1)
        if self.reads == "gradually":
            readings = readings[:, : self.codes * len(features)]
        return logits, pad(readings, (0, self.guesses - readings.shape[1]))
