"""Stacked pictures judged channel by channel, by a classifier of the single ones.

Metz et al. (2017), section 3.3.1, https://arxiv.org/abs/1611.02163.
"""

from abc import ABC, abstractmethod
from typing import Self, final

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax

from gen_models.bounds import Positive
from gen_models.data.interface import Items
from gen_models.data.stacked import StackedItems
from gen_models.errors import UsageError
from gen_models.metrics.classifier import Classifier
from gen_models.metrics.extractors import Extractor
from gen_models.metrics.pretrained import Mnist


class Channelwise(Extractor, ABC):
    """Classifier of each channel of stacked pictures.

    Args:
        name: As printed in a record's label.
    """

    has_logits = False  # of whole pictures

    def __init__(self, name: str) -> None:
        super().__init__(name, nn.Identity(), {})

    @abstractmethod
    def judge(self, train: Items, test: Items, fingerprint: str, cache: str | None, device: torch.device) -> Extractor:
        """Give the classifier of single pictures, ready to judge these, of which the data are stacked."""

    def prepare(self, train: Items, test: Items, fingerprint: str, cache: str | None, device: torch.device) -> Self:
        """Be ready to judge this data.

        Raises:
            UsageError: The data are not stacked.
        """
        if not isinstance(train, StackedItems) or not isinstance(test, StackedItems):
            raise UsageError(
                "metrics=stacked judges stacked pictures: choose data=stacked_mnist, or metrics=classifier."
            )
        self.network = self.judge(train.single, test.single, fingerprint, cache, device)
        self.protocol = {**self.network.protocol, "judged": "channel by channel"}
        return self.to(device)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Give the log-probabilities of each channel's classes, as features (B, K·C) and as logits (B, K, C)."""
        _, logits = self.network(images.flatten(0, 1)[:, None])
        parts = log_softmax(logits, 1).view(len(images), images.shape[1], -1).transpose(1, 2)
        return parts.flatten(1), parts


@final
class StackedClassifier(Channelwise):
    """Classifier that is trained on the single pictures, each of them once an epoch, and kept in the cache.

    Args:
        data: The name of the data, for the label of records.
        epochs: Passes over the single training pictures.
        seed: Of the initial weights and of the order of pictures.
    """

    def __init__(self, data: str = "the data", epochs: Positive = 1, seed: int = 0) -> None:
        single = Classifier(data, epochs, seed)
        super().__init__(single.name)
        self.single = single

    def judge(self, train: Items, test: Items, fingerprint: str, cache: str | None, device: torch.device) -> Extractor:
        """Train the classifier, or look it up in the cache."""
        return self.single.prepare(train, test, fingerprint, cache, device)


@final
class StackedMnist(Channelwise):
    """Classifier of MNIST whose weights install as the package ccexam: nothing is trained before digits are judged."""

    def __init__(self) -> None:
        pretrained = Mnist()
        super().__init__(pretrained.name)
        self.pretrained = pretrained

    def judge(self, train: Items, test: Items, fingerprint: str, cache: str | None, device: torch.device) -> Extractor:
        """Give the pretrained classifier as it is."""
        return self.pretrained.prepare(train, test, fingerprint, cache, device)
