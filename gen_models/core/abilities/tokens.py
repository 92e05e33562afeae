"""Tokens: grids of indices of codes, which stand for samples."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class HasTokens(Protocol):
    """A model with a grid of tokens for each sample."""

    @property
    def vocabulary(self) -> int:
        """Codes K that a token can be."""

    @property
    def grid(self) -> tuple[int, int]:
        """Rows h and columns w of tokens: those of its level, or of all levels, one after another."""

    @property
    def token_grids(self) -> Sequence[tuple[int, int]]:
        """Rows and columns of each level, the coarsest first; of several, the rows of `grid` are none of a picture."""

    def tokenise(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the tokens (B, h, w) int64 in 0..K - 1 of (B, *shape) in [-1, 1]."""

    def detokenise(self, tokens: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that tokens (B, h, w) stand for."""
