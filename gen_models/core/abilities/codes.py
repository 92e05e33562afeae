"""Codes: latents of samples, and samples of latents."""

from typing import Protocol, runtime_checkable

from torch import Tensor

from gen_models.latents.codes import Codes


@runtime_checkable
class Encodes(Protocol):
    """A model with a code for each sample."""

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the codes (B, D) of (B, *shape) in [-1, 1], without noise."""


@runtime_checkable
class Decodes(Protocol):
    """A model with a sample for each code."""

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] of codes (B, D)."""


@runtime_checkable
class DecodesUnrounded(Protocol):
    """A model whose codes have a sample's shape, and lead to samples before these are brought to levels of pixels."""

    def decode_unrounded(self, z: Tensor, y: Tensor | None) -> Tensor:
        """Give what codes (B, *shape) lead to, not yet on the levels of pixels."""


@runtime_checkable
class Reconstructs(Protocol):
    """A model that reconstructs samples."""

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Encode and decode (B, *shape) in [-1, 1], without noise."""


@runtime_checkable
class HasCodePrior(Protocol):
    """A model with a prior of its codes."""

    def draw_codes(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw n codes (n, D) from the prior, of classes (n,) where it tells them apart."""


@runtime_checkable
class HasCodes(Protocol):
    """A model whose latents have entries with a meaning (InfoGAN); `encode` gives these entries only."""

    def codes(self) -> Codes:
        """Give their places in a latent and their distributions."""

    def draw_latents(self, n: int) -> Tensor:
        """Draw n whole latents (n, D): codes and noise."""

    def decode_latents(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] of whole latents (B, D)."""


@runtime_checkable
class HasStyles(Protocol):
    """A model whose samples can have some scales of one code and the others of another (style mixing)."""

    @property
    def style_scales(self) -> int:
        """Scales that can have a code, or a part of it, of their own, from coarse to fine; 0 where all share one."""

    def mix(self, z: Tensor, other: Tensor, taken: slice, y: Tensor | None = None) -> Tensor:
        """Give samples (B, *shape) in [-1, 1] of codes z (B, D), with the scales `taken` of others (B, D)."""


@runtime_checkable
class HasItemLatents(Decodes, Protocol):
    """A model with a latent for each training item."""

    def latents_of(self, index: Tensor) -> Tensor:
        """Give the latents (B, D) of the training items at these positions (B,)."""

    def recall(self, index: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the training items (B, *shape) in [-1, 1] at these positions as the training draws them in a batch."""
