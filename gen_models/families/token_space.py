"""Spaces of tokens: a tokeniser within a model that learns to draw its tokens."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor

from gen_models.core.abilities.tokens import HasTokens
from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError
from gen_models.families.parts.palette import Palette
from gen_models.families.parts.pretrained import Adopted
from gen_models.families.vqvae import VQVAE
from gen_models.families.vqvae_2 import VQVAE2

OwnTokeniser = VQVAE | VQVAE2 | Palette
"""What a model of tokens can have of its own."""


class TokenSpace(Adopted, ABC):
    """Tokens of a tokeniser, this run's own or another run's.

    Args:
        model: Gives tokens to pictures, and pictures to tokens.
        shape: Of a picture.
    """

    def __init__(self, model: OwnTokeniser, shape: Sequence[int]) -> None:
        super().__init__(model, shape)
        self.vocabulary, self.grid, self.token_grids = model.vocabulary, model.grid, list(model.token_grids)

    def fit(self, run: str, model: GenerativeModel) -> None:
        """Refuse a model without tokens, or with other ones."""
        theirs = self.check(run, model)
        if theirs.vocabulary != self.vocabulary:
            raise UsageError(
                f"{run} has tokens of {theirs.vocabulary} codes: set network.quantiser.codes={theirs.vocabulary}."
            )
        if list(theirs.token_grids) != self.token_grids:
            grids = _said(theirs.token_grids), _said(self.token_grids)
            raise UsageError(
                f"{run} has a grid of {grids[0]} tokens, and this one of {grids[1]}: set the network's halvings as "
                "there; tokens of vqvae_2 are for model=vqvae_2_prior, those of several scales for model=var."
            )

    @abstractmethod
    def check(self, run: str, model: GenerativeModel) -> HasTokens:
        """Give the model of a run as one with tokens of use; raise a UsageError that says what would be some."""

    @torch.no_grad()
    def tokenise(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the tokens (B, h, w) int64 of samples."""
        return self.model.tokenise(x, y)

    def detokenise(self, tokens: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that tokens stand for."""
        return self.model.detokenise(tokens, y)


class AnyTokens(TokenSpace):
    """Tokens of any tokeniser."""

    def check(self, run: str, model: GenerativeModel) -> HasTokens:
        """Refuse a model without tokens."""
        if not isinstance(model, HasTokens):
            raise UsageError(f"{run} has no tokens: model.space is a run of model=vqvae or vqgan.")
        return model


def _said(grids: Sequence[tuple[int, int]]) -> str:
    return ", then ".join(str(list(grid)) for grid in grids)
