"""Progressive growing: pictures double their side during training (Karras et al. 2018, section 2, https://arxiv.org/abs/1710.10196)."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, leaky_relu

from gen_models.networks.gan.residual import doubled
from gen_models.networks.layers.conditioning import append_class
from gen_models.networks.layers.sizes import map_sides


class Growing(nn.Module, ABC):
    """Progressively growing network; it is built fully grown, and whoever trains it sets it back.

    Args:
        shape: (channels, side, side) of the data.

    Attributes:
        sides: Of the pictures at each stage, the last one that of the data.
        stage: The present one, from 0.
        alpha: Share of the newest block; the rest is that of the stage before.
    """

    @abstractmethod
    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__()
        self.sides = tuple(map_sides(shape))
        self.stage, self.alpha = len(self.sides) - 1, 1.0

    def grow(self, stage: int, alpha: float) -> None:
        """Go to a stage, counted from 0, whose newest block has the share `alpha`."""
        self.stage, self.alpha = stage, alpha

    @property
    def fading(self) -> bool:
        """Whether the stage before still has a share."""
        return self.stage > 0 and self.alpha < 1

    def seen(self, x: Tensor) -> Tensor:
        """Give data (B, C, S, S) as it looks at the present stage: averaged over pixels, and faded as pictures are."""
        x = avg_pool2d(x, x.shape[-1] // self.sides[self.stage])
        return torch.lerp(doubled(halved(x)), x, self.alpha) if self.fading else x

    def shown(self, x: Tensor) -> Tensor:
        """Give pictures of the present stage as data (B, C, S, S) in [-1, 1]: pixels repeated, and clipped."""
        return interpolate(x, scale_factor=self.sides[-1] // x.shape[-1]).clamp(-1, 1)

    def get_extra_state(self) -> dict[str, Any]:
        """The stage, for the checkpoint: plain numbers that never were on the device."""
        return {"stage": self.stage, "alpha": self.alpha}

    def set_extra_state(self, state: dict[str, Any]) -> None:
        """Restore the stage."""
        self.grow(**state)


class GrowingGenerator(Growing):
    """Growing generator: its blocks' maps become pictures of each scale, of which the newest is faded in.

    Attributes:
        to_rgb: One layer for each block, from its maps to pictures.
    """

    to_rgb: nn.ModuleList

    @abstractmethod
    def maps(self, z: Tensor, y: Tensor | None) -> list[Tensor]:
        """Give what each block up to the present one makes of latents (B, latent_dim) and classes (B,)."""

    def bounded(self, pixels: Tensor) -> Tensor:
        """Give pictures for what `to_rgb` gives: the same, if nothing else is said."""
        return pixels

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give pictures (B, C, side, side) of the present stage for latents (B, latent_dim) and classes (B,)."""
        return self._faded(self.maps(z, y)[-2 if self.fading else -1 :])[-1]

    def pictures(self, z: Tensor, y: Tensor | None = None) -> list[Tensor]:
        """Give the same pictures as they are at each scale up to the present one, (B, C, sides[b], sides[b]).

        Once the next block is all there, only a loss of these pictures trains what makes pixels of a smaller scale.
        """
        return self._faded(self.maps(z, y))

    def _faded(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Pictures of the last of the blocks' maps; the very last is faded in."""
        first = self.stage + 1 - len(maps)
        pictures = [self.bounded(self.to_rgb[b](x)) for b, x in enumerate(maps, first)]
        if self.fading:
            pictures[-1] = torch.lerp(doubled(pictures[-2]), pictures[-1], self.alpha)
        return pictures


class GrowingCritic(Growing):
    """Growing critic: a picture enters at its scale, of which the newest is faded in, and is halved block by block.

    Attributes:
        classes: Classes appended to the picture as planes; 0 for none.
        from_rgb: One layer for each scale, from its pictures to the maps of its block.
        blocks: One for each scale but the smallest, which halves its maps.
        last: What the smallest maps become, features (B, F).
        head: The logit.
    """

    classes: int
    from_rgb: nn.ModuleList
    blocks: nn.ModuleList
    last: nn.Module
    head: nn.Module

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of pictures (B, C, side, side) of the present stage and classes (B,)."""
        return self.trace(x, y)[0]

    def trace(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, list[Tensor]]:
        """Give the logits (B,), and what the end (B, F) and each block (B, C, H, W) so far make, the coarsest first."""
        picture = append_class(x, y, self.classes)
        x = self._enter(picture, self.stage)
        made: list[Tensor] = []
        for b in reversed(range(self.stage)):
            x = self.blocks[b](x)
            made.insert(0, x)
            if self.fading and b == self.stage - 1:
                x = torch.lerp(self._enter(halved(picture), b), x, self.alpha)
        end = self.last(x)
        return self.head(end).squeeze(1), [end, *made]

    def _enter(self, x: Tensor, stage: int) -> Tensor:
        return leaky_relu(self.from_rgb[stage](x), 0.2)


@runtime_checkable
class DrawsScales(Protocol):
    """Generator that gives its pictures at every scale up to the present one."""

    def pictures(self, z: Tensor, y: Tensor | None = None) -> list[Tensor]:
        """Give the pictures (B, C, side, side) of latents (B, D) and classes (B,), the smallest first."""


def coded_scales(sides: Sequence[int], finest: int | None) -> int:
    """How many scales have a code: those of pictures up to the side `finest`, or all."""
    return sum(finest is None or side <= finest for side in sides)


def halved(x: Tensor) -> Tensor:
    """Average 2x2 pixels."""
    return avg_pool2d(x, 2)
