"""Generators whose latent has a part for each scale."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class ByScale(Protocol):
    """Generator whose latent (B, D) has a part for each scale of its maps."""

    @property
    def latent_chunks(self) -> Sequence[slice]:
        """The entries of each part, the coarsest first."""
