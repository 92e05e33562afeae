"""Completion: samples of which a part is known (inpainting, restoration)."""

from typing import Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class Completes(Protocol):
    """A model that completes samples (inpainting of what comes later)."""

    def complete(self, x: Tensor, keep: int, y: Tensor | None = None) -> Tensor:
        """Keep the first rows of images, or moments of sounds, (B, *shape) in [-1, 1], and draw what follows."""


@runtime_checkable
class Inpaints(Protocol):
    """A model that completes any part of samples (inpainting)."""

    def inpaint(self, x: Tensor, known: Tensor, y: Tensor | None = None) -> Tensor:
        """Keep (B, *shape) in [-1, 1] where `known`, a mask that broadcasts to it, is true, and draw the rest."""


@runtime_checkable
class HasRestorations(Protocol):
    """A model that restores one damaged picture."""

    def restored(self) -> dict[str, Tensor]:
        """Give pictures (*shape) in [-1, 1] by name: the `clean` one, what was `observed`, and what was made of it."""
