"""StyleGAN2 (Karras et al. 2020, https://arxiv.org/abs/1912.04958): a game whose codes are styles."""

from collections.abc import Hashable
from typing import Annotated, Any

import torch
from torch import Tensor, nn

from gen_models.core.player import Losses
from gen_models.core.training import Training
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
        options: Each of `Parts`, and how the model is trained.

    Raises:
        UsageError: The generator has no styles.
    """

    generator: StyleGAN2Generator

    def __init__(
        self,
        prior: Prior,
        path_length: PathLength | None = None,
        truncation: float = 1.0,
        **options: Annotated[Any, Parts, Training],
    ) -> None:
        super().__init__(prior, **options)
        if not isinstance(self.generator, StyleGAN2Generator):
            raise UsageError("this model needs a generator of styles: choose network=stylegan2.")
        self.path_length = path_length
        self.lengths = RunningMean()
        self.register_load_state_dict_pre_hook(_renamed)
        self.truncation = truncation

    def critic_terms(self, real: Tensor, fake: Tensor, y: Tensor, z: Tensor) -> Losses:
        """Add nothing: the critic predicts nothing besides."""
        return {}

    def generator_terms(self, fake: Tensor, y: Tensor, z: Tensor) -> Losses:
        """Measure path lengths on every k-th move, k times as heavily."""
        measure = self.path_length
        if measure is None or not self.is_due("generator", measure.every):
            return {}
        count = max(1, len(z) // measure.shrink)
        styles = self.generator.styles(z[:count], y[:count])
        lengths = path_lengths(self.generator.draw(styles).float(), styles)
        mean = self.lengths.observed(lengths.mean(), measure.decay)
        return {"path_length": measure.every * measure(lengths, mean)}

    def generator_variant(self) -> Hashable:
        """Say what Python decides of the generator's move: whether path lengths are due."""
        return super().generator_variant(), self.path_length and self.is_due("generator", self.path_length.every)

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw styles and their pictures (n, *shape) in [-1, 1]."""
        return self.decode(self.draw_codes(n, y))

    def draw_codes(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw styles (n, size) of classes (n,), truncated."""
        w = self.generator.mapping(self.prior.sample(n, self.latent_dim, self.device), self.labels(n, y))
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
