"""MaskGIT (Chang et al. 2022, Masked generative image transformer, https://arxiv.org/abs/2202.04200)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Unpack

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, max_pool2d

from gen_models.bounds import Fraction, Length, Positive
from gen_models.core.batch import Batch
from gen_models.core.player import Losses
from gen_models.core.training import Training
from gen_models.errors import UsageError
from gen_models.families.parts.masking import gumbel, hidden_at_random, least, rows_kept, still_hidden
from gen_models.families.parts.pretrained import SpaceImages
from gen_models.families.token_model import TokenModel
from gen_models.families.vqvae import VQVAE
from gen_models.losses.masked import hidden_cross_entropy
from gen_models.networks.transformer.masked_transformer import MaskedTransformer

MakeMasked = Callable[[Sequence[int], int], MaskedTransformer]
"""The constructor of a network but for the shape of its grid and the codes: `_partial_` in a config."""


class MaskGIT(TokenModel):
    """Masked generative transformer: learns to fill hidden tokens in, and draws all of them in a few steps.

    A step draws every hidden token, keeps those that it is surest of, and hides the others again.

    Args:
        tokeniser: This run's own; with a `space`, as many codes and tokens as there.
        masked: Makes the network of a shape (1, h, w) and a number of codes.
        shape: Of a sample.
        steps: Steps of drawing.
        temperature: Of the Gumbel noise on the confidence, which falls to 0 by the last step; the authors' is 4.5.
        smoothing: Of the labels in the cross-entropy.
        space: Run directory of a model with tokens.
        space_images: Images by which the own tokeniser is trained; afterwards the network is.
        training: Options of the engine.

    Raises:
        UsageError: The tokeniser has several grids of tokens.
    """

    def __init__(
        self,
        tokeniser: VQVAE,
        masked: MakeMasked,
        shape: Sequence[int],
        steps: Positive = 8,
        temperature: Length = 4.5,
        smoothing: Fraction = 0.1,
        space: str | None = None,
        space_images: SpaceImages = 64_000,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(tokeniser, shape, space, space_images, **training)
        if len(self.token_grids) > 1:
            raise UsageError("MaskGIT fills a single grid of tokens in, and this tokeniser has several: use model=var.")
        self.masked = masked((1, *self.grid), self.vocabulary)
        self.smoothing = smoothing
        self.set_way(steps, temperature)

    @property
    def drawer(self) -> nn.Module:
        """The masked transformer."""
        return self.masked

    def drawer_losses(self, batch: Batch) -> Losses:
        """Equation 1: cross-entropy of the hidden tokens, in nats each."""
        hidden = hidden_at_random(len(batch.x), self.grid, batch.x.device)
        logits = self.masked(batch.x.masked_fill(hidden, self.vocabulary), batch.y).float()
        return {"nats_per_hidden_token": hidden_cross_entropy(logits, batch.x, hidden, self.smoothing)}

    def states(self, tokens: Tensor, hidden: Tensor, y: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Draw the hidden tokens step by step (section 3.2).

        Args:
            tokens: (B, h, w), of which the hidden ones are not read.
            hidden: (B, h, w) where they are to be drawn.
            y: Classes (B,).

        Yields:
            Tokens, all of them drawn, and which of them are drawn again.
        """
        count = hidden.flatten(1).sum(1)
        for step in range(1, self.steps + 1):
            logits = self.masked(tokens.masked_fill(hidden, self.vocabulary), y).float().movedim(1, -1)
            tokens = torch.where(hidden, (logits + gumbel(logits)).argmax(-1), tokens)
            sure = logits.log_softmax(-1).gather(-1, tokens[..., None])[..., 0]
            sure = sure + self.temperature * (1 - step / self.steps) * gumbel(sure)
            sure = sure.masked_fill(~hidden, torch.inf)
            hidden = least(sure.flatten(1), still_hidden(count, step, self.steps)[:, None]).view_as(hidden)
            yield tokens, hidden

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw tokens and decode them to (n, *shape) in [-1, 1]."""
        y = self.labels(n, y)
        *_, (tokens, _) = self.states(*self._blank(n), y)
        return self.detokenise(tokens, y)

    @torch.no_grad()
    def trajectory(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw n samples, and give the pictures of each step (T, n, *shape), grey where tokens are drawn again."""
        y = self.labels(n, y)
        return torch.stack([self._shown(tokens, hidden, y) for tokens, hidden in self.states(*self._blank(n), y)])

    @torch.no_grad()
    def inpaint(self, x: Tensor, known: Tensor, y: Tensor | None = None) -> Tensor:
        """Keep images (B, C, H, W) where `known`, which broadcasts to (B, 1, H, W), is true, and draw the rest.

        A token is drawn as soon as one of its pixels is not known.
        """
        y = self.labels(len(x), y)
        patch = x.shape[2] // self.grid[0], x.shape[3] // self.grid[1]
        hidden = max_pool2d((~known).float().expand(len(x), 1, *x.shape[2:]), patch)[:, 0] > 0
        *_, (tokens, _) = self.states(self.tokenise(x, y), hidden, y)
        return torch.where(known, x, self.detokenise(tokens, y))

    def complete(self, x: Tensor, keep: int, y: Tensor | None = None) -> Tensor:
        """Keep the first rows of images (B, *shape), and draw what follows."""
        return self.inpaint(x, rows_kept(x, keep), y)

    @property
    def evaluations(self) -> int | None:
        """Evaluations of the network for a sample: a step is one."""
        return self.steps

    @property
    def way(self) -> Mapping[str, Any]:
        """Steps, and temperature of the confidence."""
        return {"steps": self.steps, "temperature": self.temperature}

    def set_way(self, steps: int, temperature: float) -> None:
        """Change steps and temperature; raise UsageError for values that there are not."""
        if steps < 1 or temperature < 0:
            raise UsageError(f"there is at least one step, and a temperature of 0 or more, not {steps}, {temperature}.")
        self.steps, self.temperature = steps, temperature

    def _blank(self, n: int) -> tuple[Tensor, Tensor]:
        tokens = torch.zeros(n, *self.grid, dtype=torch.long, device=self.device)
        return tokens, torch.ones_like(tokens, dtype=torch.bool)

    def _shown(self, tokens: Tensor, hidden: Tensor, y: Tensor) -> Tensor:
        x = self.detokenise(tokens, y)
        return x.masked_fill(interpolate(hidden[:, None].float(), x.shape[2:]) > 0, 0.0)
