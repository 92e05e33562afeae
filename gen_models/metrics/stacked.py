"""Stacked pictures judged channel by channel, by a classifier of the single ones.

Metz et al. (2017), section 3.3.1, https://arxiv.org/abs/1611.02163.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax

from gen_models.data.interface import Items
from gen_models.data.stacked import StackedItems
from gen_models.errors import UsageError
from gen_models.metrics.classifier import Classifier
from gen_models.metrics.extractors import Extractor


@dataclass(frozen=True)
class FirstChannel:
    """First channel of stacked items, with its own class.

    Args:
        items: The stacked items.
    """

    items: StackedItems

    def __len__(self) -> int:
        return len(self.items)

    def gather(self, indices: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Gather x (B, 1, H, W) and y (B,)."""
        x, y = self.items.gather(indices)
        return x[:, :1], y // self.items.base ** (x.shape[1] - 1)


class StackedClassifier(Extractor):
    """Classifier of each channel of stacked pictures, trained on first channels and kept in the cache.

    Args:
        data: The name of the data, for the label of records.
        epochs: Passes over the training items.
        seed: Of the initial weights and of the order of items.
    """

    has_logits = False  # of whole pictures

    def __init__(self, data: str = "the data", epochs: int = 1, seed: int = 0) -> None:
        super().__init__(f"classifier of {data}", nn.Identity(), {})
        self.recipe = Classifier(data, epochs, seed)

    def prepare(self, train: Items, test: Items, fingerprint: str, cache: str | None, device: torch.device) -> Self:
        """Train, or look up, the classifier of this data.

        Raises:
            UsageError: The data are not stacked.
        """
        if not isinstance(train, StackedItems) or not isinstance(test, StackedItems):
            raise UsageError(
                "metrics=stacked judges stacked pictures: choose data=stacked_mnist, or metrics=classifier."
            )
        self.network = self.recipe.prepare(FirstChannel(train), FirstChannel(test), fingerprint, cache, device)
        self.protocol = {**self.network.protocol, "judged": "channel by channel"}
        return self.to(device)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Give the log-probabilities of each channel's classes, as features (B, K·C) and as logits (B, K, C)."""
        _, logits = self.network(images.flatten(0, 1)[:, None])
        parts = log_softmax(logits, 1).view(len(images), images.shape[1], -1).transpose(1, 2)
        return parts.flatten(1), parts
