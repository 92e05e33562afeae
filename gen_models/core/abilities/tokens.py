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
        """Rows h and columns w of tokens."""

    def tokenise(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the tokens (B, h, w) int64 in 0..K - 1 of (B, *shape) in [-1, 1]."""

    def detokenise(self, tokens: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that tokens (B, h, w) stand for."""


@runtime_checkable
class HasTokenLevels(HasTokens, Protocol):
    """A model with tokens of several levels, the coarsest first: rows of its grid are no rows of a picture."""

    @property
    def token_grids(self) -> Sequence[tuple[int, int]]:
        """Rows and columns of each level."""
