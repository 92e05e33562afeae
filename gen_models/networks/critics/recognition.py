"""Recognition networks (Q) of InfoGAN on the features of a critic (Chen et al. 2016, https://arxiv.org/abs/1606.03657).

The prediction of a categorical code is its logits, that of a number is a mean.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from gen_models.networks.critics.heads import BodiedCritic
from gen_models.networks.layers.conditioning import Conditional
from gen_models.networks.layers.weights import start_normally


class ReadingCritic(nn.Module):
    """InfoGAN critic: the recognition network Q, a hidden layer and a linear one, on the critic's features.

    Chen et al. (2016), section 6 and appendix C.1, https://arxiv.org/abs/1606.03657.

    Args:
        critic: Gives the logits, and the features.
        codes: Sizes of the codes.
        hidden: Size of the hidden layer.
        std: Standard deviation of the starting weights of the reader and of the critic's head, 0.02 in the authors'
            code; None leaves the head, and the reader's first layer, as the critic's body starts them.
    """

    def __init__(self, critic: BodiedCritic, codes: Sequence[int], hidden: int = 128, std: float | None = None) -> None:
        super().__init__()
        self.critic = critic
        self.classes = critic.classes
        self.predictions = sum(codes)
        self.reader = nn.Sequential(
            *(critic.body.readout(hidden, bias=False), nn.BatchNorm1d(hidden), nn.LeakyReLU(0.1)),
            nn.Linear(hidden, self.predictions),
        )
        if std is not None:
            for part in (self.reader, *(part for part in critic.children() if part is not critic.body)):
                start_normally(part, std)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of samples (B, *shape) of classes (B,)."""
        return self.critic(x, y)

    def logits_and_predictions(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give logits (B,) and predictions (B, K) in one pass."""
        features = self.critic.body(x, y)
        return self.critic.logits(features, y), self.reader(features)


@runtime_checkable
class PredictsGradually(Protocol):
    """Critic that grows, and may read only the codes of scales that have grown."""

    @property
    def active(self) -> int:
        """Predictions that count by now; they are the first."""


@runtime_checkable
class TracesScales(Conditional, Protocol):
    """Critic that gives intermediate features of each scale."""

    @property
    def sizes(self) -> Sequence[int]:
        """Sizes of the features of each scale, the coarsest first."""

    def trace(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, list[Tensor]]:
        """Give logits (B,), and features, each (B, sizes[i])."""


class ScaleReadingCritic(nn.Module):
    """InfoGAN critic for codes of each scale: a linear recognition network on the features of each.

    After Progressive InfoGAN (https://github.com/jonasz/progressive_infogan), for critics that don't grow.

    Args:
        critic: Gives the logits, and features of each scale.
        codes: Size of the code of each scale.

    Raises:
        ValueError: The critic has no features of each scale.
    """

    def __init__(self, critic: nn.Module, codes: int) -> None:
        super().__init__()
        if not isinstance(critic, TracesScales):
            raise ValueError("codes of each scale need a critic that shows its scales, as biggan's does.")
        self.critic = critic
        self.classes = critic.classes
        self.predictions = codes * len(critic.sizes)
        self.readers = nn.ModuleList(nn.Linear(size, codes) for size in critic.sizes)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of samples (B, *shape) of classes (B,)."""
        return self.critic(x, y)

    def logits_and_predictions(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give logits (B,) and predictions (B, K) in one pass."""
        logits, features = self.critic.trace(x, y)
        return logits, torch.cat([read(part) for read, part in zip(self.readers, features, strict=True)], dim=1)
