"""StyleGAN2 (Karras et al. 2020, https://arxiv.org/abs/1912.04958): a game whose codes are styles."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Unpack

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import cached

from gen_models.bounds import Share
from gen_models.core.batch import Batch
from gen_models.core.lazy import Lazy
from gen_models.core.player import Losses, Player
from gen_models.errors import UsageError
from gen_models.families.game import Game
from gen_models.families.parts.two_player import Parts
from gen_models.latents.priors import Prior
from gen_models.losses.path_length import PathLength, path_lengths
from gen_models.networks.gan.stylegan2 import StyleGAN2Generator
from gen_models.networks.layers.running import RunningMean


class StyleGAN2(Game):
    """StyleGAN2: a mapping makes styles of latents, and a code is a style w (B, size), the same for all layers.

    Args:
        prior: What latents are drawn from.
        path_length: Makes equal steps of styles equal steps of pictures; None for none.
        truncation: ψ: share of the way from the mean style to a drawn one (StyleGAN, appendix B).
        options: Each of `Parts`.

    Raises:
        UsageError: The generator has no styles.
    """

    generator: StyleGAN2Generator

    def __init__(
        self,
        prior: Prior,
        path_length: PathLength | None = None,
        truncation: Share = 1.0,
        **options: Unpack[Parts],
    ) -> None:
        super().__init__(prior, **options)
        if not isinstance(self.generator, StyleGAN2Generator):
            raise UsageError("this model needs a generator of styles: choose network=stylegan2.")
        self.path_length = path_length
        self.lengths = RunningMean()
        self.register_load_state_dict_pre_hook(_renamed)
        self.truncation = truncation

    def players(self) -> tuple[Player, ...]:
        """Those of any game; path lengths may come on some of the generator's moves only."""
        players = super().players()
        if self.path_length is None or self.path_length.every == 1:
            return players
        lazy = Lazy({"path_length": self.path_length.every}, self.lazy_path_length)
        return tuple(replace(one, lazy=lazy) if one.name == "generator" else one for one in players)

    def generate(self, z: Tensor, y: Tensor | None) -> Tensor:
        """Map latents to samples, as float32 also under autocast; styles are mixed with those of the same prior."""
        return self.generator(z, y, self._latents(len(z)) if self.generator.training else None).float()

    def generator_terms(self, of_fake: Tensor, y: Tensor, z: Tensor) -> Losses:
        """Measure path lengths where they come on every move."""
        if self.path_length is None or self.path_length.every > 1:
            return {}
        return {"path_length": self._path_length(self.path_length, z, y)}

    @cached()
    def lazy_path_length(self, batch: Batch, names: Sequence[str]) -> Losses:
        """Measure path lengths at latents of their own."""
        assert self.path_length is not None
        return {"path_length": self._path_length(self.path_length, self._latents(len(batch.y)), batch.y)}

    def _path_length(self, measure: PathLength, z: Tensor, y: Tensor) -> Tensor:
        count = max(1, len(z) // measure.shrink)
        styles = self.generator.styles(z[:count], y[:count], self._latents(count))
        lengths = path_lengths(self.generator.draw(styles).float(), styles)
        return measure(lengths, self.lengths.observed(lengths.mean(), measure.decay))

    def _latents(self, n: int) -> Tensor:
        return self.prior.sample(n, self.latent_dim, self.device)

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw styles and their pictures (n, *shape) in [-1, 1]."""
        return self.decode(self.draw_codes(n, y))

    def draw_codes(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw styles (n, size) of classes (n,), truncated."""
        w = self.generator.mapping(self._latents(n), self.labels(n, y))
        return self.generator.mapping.mean.lerp(w, self.truncation)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the pictures (B, *shape) in [-1, 1] of styles (B, size), which know their classes."""
        return self.full_size(self.generator.draw(self.generator.spread(z)).float())

    @property
    def style_scales(self) -> int:
        """Layers of the generator, each of which takes a style."""
        return self.generator.layers

    def mix(self, z: Tensor, other: Tensor, taken: slice, y: Tensor | None = None) -> Tensor:
        """Give pictures (B, *shape) in [-1, 1] of styles z (B, size), the layers `taken` by others (B, size)."""
        styles = self.generator.spread(z).clone()
        styles[:, taken] = self.generator.spread(other)[:, taken]
        return self.full_size(self.generator.draw(styles).float())

    def truncate(self, limit: float, passes: int) -> None:
        """Sample nearer to the mean style, by the share ψ of the way; there are no statistics to take in passes.

        Raises:
            UsageError: ψ is no share.
        """
        if not 0 <= limit <= 1:
            raise UsageError(f"styles are truncated by a share in [0, 1], not by {limit}.")
        self.truncation = limit


def _renamed(module: nn.Module, state: dict[str, Any], prefix: str, *_: Any) -> None:
    """Checkpoints of earlier versions hold the mean length as part of the loss, or none without one."""
    before = state.pop(f"{prefix}path_length.mean", torch.zeros(()))
    state.setdefault(f"{prefix}lengths.mean", before)
