"""VAR (Tian et al. 2024, Visual autoregressive modeling by next-scale prediction, https://arxiv.org/abs/2404.02905)."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Unpack, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_max_pool2d, cross_entropy

from gen_models.bounds import Natural, Share
from gen_models.core.abilities.tokens import HasTokens
from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses
from gen_models.core.training import Training
from gen_models.diffusion.guidance import Guidance
from gen_models.errors import UsageError
from gen_models.families.parts.masking import rows_kept
from gen_models.families.parts.pretrained import SpaceImages
from gen_models.families.parts.sampling import drawn_among
from gen_models.families.token_model import TokenModel
from gen_models.families.token_space import TokenSpace
from gen_models.families.tokeniser import Tokeniser
from gen_models.families.vqvae import VQVAE
from gen_models.networks.quantisers.scales import MultiScaleVQ, reduced
from gen_models.networks.transformer.next_scale import NextScaleTransformer, ScaleStepper

MakeNextScale = Callable[[Sequence[tuple[int, int]], int, int], NextScaleTransformer]
"""The constructor of a network but for grids, size and number of codes: `_partial_` in a config."""


class ScaleSpace(TokenSpace):
    """Tokens of several scales of a tokeniser."""

    @property
    def quantiser(self) -> MultiScaleVQ:
        """What makes tokens of vectors, scale after scale."""
        return _scales_of(self.model, "this model's tokeniser")

    def check(self, run: str, model: GenerativeModel) -> HasTokens:
        """Refuse a model without tokens of several scales, or with codes of another size."""
        if (theirs := _scales_of(model, run).size) != (ours := self.quantiser.size):
            raise UsageError(f"{run} has codes of {theirs} numbers, not {ours}: set network.encoder.size={theirs}.")
        return cast(HasTokens, model)

    def decoded(self, total: Tensor) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] of a map (B, D, h, w), the sum of scales."""
        return self.model.loss.image(self.model.decoder(total).float())


def _scales_of(model: object, name: str) -> MultiScaleVQ:
    if not isinstance(model, Tokeniser) or not isinstance(model.quantiser, MultiScaleVQ):
        raise UsageError(
            f"{name} has no tokens of several scales: train model=vqvae or model=var with network=var, or model=vqgan "
            "with network=vqgan_scales."
        )
    return model.quantiser


class VAR(TokenModel):
    """Visual autoregressive model: draws whole grids of tokens, one scale after another, each of them at once.

    Its tokeniser quantises over scales: a first token says what the whole picture is, and each further grid what is
    still missing. The transformer reads the sum of the scales so far at the size of the next one. Its likelihood is
    that of tokens, not of pixels.

    Args:
        tokeniser: This run's own, of several scales; with a `space`, as many codes and the same scales as there.
        transformer: Makes the network of the scales' grids, the size of a code and their number.
        shape: Of a sample.
        guidance: Of classes: its scale rises from 1 at the first scale to its own at the last.
        top_k: Draw among so many of the likeliest codes; 0 for all. Published: 900 of 4,096.
        top_p: Draw among the likeliest codes that together have this probability; 1 for all. Published: 0.96.
        space: Run directory of a model with tokens of several scales.
        space_images: Images by which the own tokeniser is trained; afterwards the transformer is.
        training: Options of the engine.

    Raises:
        UsageError: The tokeniser has no scales, or classes are guided that the network is not told.
    """

    space: ScaleSpace
    kind = ScaleSpace

    def __init__(
        self,
        tokeniser: VQVAE,
        transformer: MakeNextScale,
        shape: Sequence[int],
        guidance: Guidance,
        top_k: Natural = 0,
        top_p: Share = 1.0,
        space: str | None = None,
        space_images: SpaceImages = 64_000,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(tokeniser, shape, space, space_images, **training)
        self.transformer = transformer(self.token_grids, self.space.quantiser.size, self.vocabulary)
        guidance.check(self.transformer.classes, "network.transformer.classes")
        self.guidance = guidance
        self.top_k, self.top_p = top_k, top_p

    @property
    def drawer(self) -> nn.Module:
        """The transformer."""
        return self.transformer

    def drawer_losses(self, batch: Batch) -> Losses:
        """Cross-entropy of all scales' tokens, in nats per token."""
        y = self.guidance.drop_labels(self._told(batch.y), self.transformer.classes)
        nats = cross_entropy(self._logits(batch.x, y), batch.x.flatten(1))
        self.note("bits_per_token", nats / math.log(2))
        return {"nats_per_token": nats}

    def token_log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Log-likelihood (B,) in nats of the tokens of samples, unguided and of all codes."""
        tokens = self.tokenise(x, y)
        told = self._told(self.labels(len(x)) if y is None else y)
        return -cross_entropy(self._logits(tokens, told), tokens.flatten(1), reduction="none").sum(1)

    def _logits(self, tokens: Tensor, y: Tensor) -> Tensor:
        """Give the logits (B, K, N) of tokens (B, 1, N), those of each scale given the scales before it."""
        with torch.no_grad():
            before = self.space.quantiser.sums_before(tokens)
            inputs = [self._input(total, scale) for scale, total in enumerate(before, 1)]
        empty = self.transformer.embed.weight.new_empty(len(tokens), 0, self.transformer.embed.in_features)
        return self.transformer(torch.cat([empty, *inputs], dim=1), y).float()

    def _input(self, total: Tensor, scale: int) -> Tensor:
        """Give the sum (B, D, h, w) of the scales before one at its size, (B, n_k, D)."""
        return reduced(total, self.token_grids[scale]).flatten(2).transpose(1, 2)

    def states(self, y: Tensor, tokens: Tensor | None = None, kept: Sequence[Tensor] = ()) -> Iterator[Tensor]:
        """Draw scale after scale, and give the sum (B, D, h, w) of those drawn, after each.

        Args:
            y: Classes (B,).
            tokens: (B, 1, N) those that are given; None for none.
            kept: Where each scale takes the given ones, (B, h_k, w_k) each.
        """
        quantiser, total = self.space.quantiser, None
        given = [None] * len(self.token_grids) if tokens is None else quantiser.split(tokens)
        told, guided = self._told(y), self.guidance.scale != 1 and bool(self.transformer.classes)
        classes = torch.cat([told, torch.full_like(told, self.transformer.classes)]) if guided else told
        stepper = ScaleStepper(self.transformer, classes)
        for scale, grid in enumerate(self.token_grids):
            inputs = None if total is None else self._input(total, scale)
            logits = stepper(scale, inputs if inputs is None or not guided else torch.cat([inputs, inputs])).float()
            if guided:
                share = scale / max(1, len(self.token_grids) - 1)
                logits = replace(self.guidance, scale=1 + (self.guidance.scale - 1) * share).combine(*logits.chunk(2))
            index = drawn_among(logits, self.top_k, self.top_p).unflatten(1, grid)
            if (known := given[scale]) is not None:
                index = torch.where(kept[scale], known, index)
            added = quantiser.enlarged(scale, index)
            total = added if total is None else total + added
            yield total

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw all scales and decode their sum to (n, *shape) in [-1, 1]."""
        *_, total = self.states(self.labels(n, y))
        return self.space.decoded(total)

    @torch.no_grad()
    def trajectory(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw n samples, and give what the scales so far decode to, (T, n, *shape)."""
        return torch.stack([self.space.decoded(total) for total in self.states(self.labels(n, y))])

    @torch.no_grad()
    def inpaint(self, x: Tensor, known: Tensor, y: Tensor | None = None) -> Tensor:
        """Keep images (B, C, H, W) where `known`, which broadcasts to (B, 1, H, W), is true, and draw the rest.

        Section 5.3: tokens of all of whose pixels are known are kept on every scale.
        """
        hidden = (~known).float().expand(len(x), 1, *x.shape[2:])
        kept = [adaptive_max_pool2d(hidden, grid)[:, 0] == 0 for grid in self.token_grids]
        *_, total = self.states(self.labels(len(x), y), self.tokenise(x), kept)
        return torch.where(known, x, self.space.decoded(total))

    def complete(self, x: Tensor, keep: int, y: Tensor | None = None) -> Tensor:
        """Keep the first rows of images (B, *shape), and draw what follows."""
        return self.inpaint(x, rows_kept(x, keep), y)

    @property
    def evaluations(self) -> int:
        """Evaluations of the network for a sample (NFE): one a scale."""
        return len(self.token_grids)

    @property
    def way(self) -> Mapping[str, Any]:
        """How many and how probable codes are drawn among, and the scale of guidance where there are classes."""
        guided = {"guidance": float(self.guidance.scale)} if self.transformer.classes else {}
        return {"top_k": self.top_k, "top_p": self.top_p} | guided

    def set_way(self, *, top_k: int, top_p: float, guidance: float = 1.0) -> None:
        """Change what codes are drawn among, and the guidance; raise UsageError for values that there are not."""
        if top_k < 0 or not 0 <= top_p <= 1:
            raise UsageError(f"top_k is 0 or more, and top_p from 0 to 1, not {top_k} and {top_p}.")
        self.top_k, self.top_p = top_k, top_p
        self.guidance = replace(self.guidance, scale=guidance)

    def _told(self, y: Tensor) -> Tensor:
        """Give the classes (B,) that the network is told: its row for none where it knows none."""
        return y if self.transformer.classes else torch.zeros_like(y)
