"""Models of tokens: a tokeniser, and what learns to draw its tokens."""

from collections.abc import Sequence
from typing import ClassVar, Unpack

from torch import Tensor

from gen_models.core.batch import Batch
from gen_models.core.training import Training
from gen_models.families.parts.pretrained import SpaceImages
from gen_models.families.parts.two_stages import TwoStages
from gen_models.families.token_space import AnyTokens, OwnTokeniser, TokenSpace


class TokenModel(TwoStages):
    """Model of the tokens of a tokeniser, which is another run's, or this run's own, which is then trained first.

    Args:
        tokeniser: This run's own; with a `space`, as many codes and tokens as there.
        shape: Of a sample.
        space: Run directory of a model with tokens.
        space_images: Images by which the own tokeniser is trained; afterwards the prior is. 0 for one without weights.
        training: Options of the engine.

    Attributes:
        kind: Which tokens it takes.
    """

    kind: ClassVar[type[TokenSpace]] = AnyTokens
    stages = ("tokeniser", "prior")
    space: TokenSpace

    def __init__(
        self,
        tokeniser: OwnTokeniser,
        shape: Sequence[int],
        space: str | None = None,
        space_images: SpaceImages = 64_000,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(self.kind(tokeniser, shape), space, space_images, **training)

    def coded(self, batch: Batch) -> Batch:
        """Give the tokens (B, h, w) of the batch's items."""
        return batch._replace(x=self.tokenise(batch.x, batch.y))

    @property
    def vocabulary(self) -> int:
        """Codes that a token can be."""
        return self.space.vocabulary

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of tokens."""
        return self.space.grid

    @property
    def token_grids(self) -> Sequence[tuple[int, int]]:
        """Rows and columns of each level of tokens, the coarsest first."""
        return self.space.token_grids

    def tokenise(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the tokens (B, h, w) int64 of samples."""
        return self.space.tokenise(x, y)

    def detokenise(self, tokens: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that tokens stand for."""
        return self.space.detokenise(tokens, y)

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Go to tokens and back."""
        return self.detokenise(self.tokenise(x, y), y)
