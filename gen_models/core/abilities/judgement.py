"""Judgement of samples: logits of a critic, logits of classes."""

from typing import Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class Scores(Protocol):
    """A model with a critic of samples."""

    def score(self, x: Tensor, y: Tensor) -> Tensor:
        """Give the critic's logits (B,) of (B, *shape) in [-1, 1] and their classes; more looks more real to it."""


@runtime_checkable
class Classifies(Protocol):
    """A classifier."""

    def classify(self, x: Tensor) -> Tensor:
        """Give logits (B, K) of (B, *shape) in [-1, 1]."""
