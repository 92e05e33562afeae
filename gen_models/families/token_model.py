"""Models of tokens: a tokeniser, and what learns to draw its tokens."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Unpack

from torch import Tensor, nn

from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.data.source import Source
from gen_models.families.parts.pretrained import SpaceImages
from gen_models.families.token_space import OwnTokeniser, TokenSpace


class TokenModel(GenerativeModel):
    """Model of the tokens of a tokeniser, which is another run's, or this run's own, which is then trained first.

    Args:
        tokeniser: This run's own; with a `space`, as many codes and tokens as there.
        shape: Of a sample.
        space: Run directory of a model with tokens.
        space_images: Images by which the own tokeniser is trained; afterwards the prior is. 0 for one without weights.
        training: Options of the engine.
    """

    def __init__(
        self,
        tokeniser: OwnTokeniser,
        shape: Sequence[int],
        space: str | None = None,
        space_images: SpaceImages = 64_000,
        **training: Unpack[Training],
    ) -> None:
        space_images = 0 if space else space_images
        if not space_images:
            training["optimizers"] = {"prior": training["optimizers"]["prior"]}
        super().__init__(**training)
        self.space = TokenSpace(tokeniser, shape)
        self.run = space
        self.space_images = space_images

    @property
    @abstractmethod
    def drawer(self) -> nn.Module:
        """The network that draws tokens."""

    @abstractmethod
    def prior_losses(self, batch: Batch) -> Losses:
        """Give the losses of the prior for a batch whose x are tokens (B, h, w)."""

    def setup(self, stage: str) -> None:
        """Take over the tokeniser of the other run, before the first turn; checkpoints of this run then hold it."""
        if self.run is not None and self.clock.turn == 0:
            self.space.adopt(self.run)

    def prepare(self, source: Source) -> None:
        """Let the own tokeniser look at the data when the run begins, as a palette does."""
        if self.run is None and self.clock.turn == 0:
            self.space.model.prepare(source)

    def on_turn_start(self) -> None:
        """Freeze the space when it is learned."""
        if self.drawing:
            self.space.eval()

    @property
    def drawing(self) -> bool:
        """Whether the tokens are there, and the prior learns to draw them."""
        return self.clock.images >= self.space_images

    def players(self) -> tuple[Player, ...]:
        """The own tokeniser, then the prior, one after the other; or the prior alone."""
        prior = Player("prior", [self.drawer], self.losses, before=self.tokenised)
        own = (Player("tokeniser", [self.space], self.space_losses),) if self.space_images else ()
        return (*own, prior)

    def space_losses(self, batch: Batch) -> Losses:
        """Losses of the tokeniser, as long as it is learned."""
        return {} if self.drawing else self.space.model.losses(batch)

    def tokenised(self, batch: Batch) -> Batch:
        """Give the tokens (B, h, w) of the batch's items."""
        return batch._replace(x=self.tokenise(batch.x, batch.y)) if self.drawing else batch

    def losses(self, batch: Batch) -> Losses:
        """Losses of the prior, once the tokens are there."""
        return self.prior_losses(batch) if self.drawing else {}

    @property
    def vocabulary(self) -> int:
        """Codes that a token can be."""
        return self.space.vocabulary

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of tokens."""
        return self.space.grid

    def tokenise(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the tokens (B, h, w) int64 of samples."""
        return self.space.tokenise(x, y)

    def detokenise(self, tokens: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that tokens stand for."""
        return self.space.detokenise(tokens, y)

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Go to tokens and back."""
        return self.detokenise(self.tokenise(x, y), y)
