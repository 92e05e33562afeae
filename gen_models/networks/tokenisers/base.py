"""Encoders and decoders of tokenisers: what all have in common."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from torch import Tensor, nn


class TokenEncoder(nn.Module, ABC):
    """Encoder of a tokeniser: pictures to maps of vectors, one for each token.

    Attributes:
        size: Size D of a vector.
        grid: Rows h and columns w of a map.
    """

    size: int
    grid: tuple[int, int]

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """Give maps (B, D, h, w) of pictures (B, C, H, W)."""


class TokenDecoder(nn.Module, ABC):
    """Decoder of a tokeniser: maps of codes to what a loss reads."""

    @property
    @abstractmethod
    def last(self) -> Tensor:
        """Weight of the last layer."""

    @abstractmethod
    def forward(self, z: Tensor) -> Tensor:
        """Give (B, C, H, W) of maps (B, D, h, w)."""


def grid_of(shape: Sequence[int], halvings: int) -> tuple[int, int]:
    """Rows and columns of pictures (C, H, W) whose sides are halved so often.

    Raises:
        ValueError: The samples are no pictures, or their sides can't be halved so often.
    """
    if len(shape) != 3:
        raise ValueError(
            f"these networks make tokens of pictures, and the data has shape {list(shape)}: use data=digits."
        )
    if halvings < 1 or any(side % 2**halvings for side in shape[1:]):
        raise ValueError(
            f"sides of {shape[1]} and {shape[2]} pixels can't be halved {halvings} times: change data.size, or the "
            "network's halvings."
        )
    return shape[1] >> halvings, shape[2] >> halvings
