"""Noise-conditional networks, whatever they predict: the noise, the data, a velocity."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from torch import Tensor, nn


class Denoiser(nn.Module, ABC):
    """Denoiser: a network of noisy samples, the level of their noise, and the class.

    What it predicts is the family's choice. Its last layer starts at zero, and so does what it gives.
    """

    classes: int
    """How many classes it can be told; 0 for a network that ignores them."""
    inputs: int = 1
    """Factor on the channels of its input: what a family tells of each besides."""
    outputs: int
    """Factor on the channels of its output: 2 for a learned variance beside the prediction."""
    labels: int = 0
    """Augmentation labels that it can be told, by the name `labels`; 0 for a network that can't."""
    times: int = 1
    """Numbers that tell a noise level: 2 for the two times of a MeanFlow."""

    @abstractmethod
    def forward(self, x: Tensor, noise: Tensor, y: Tensor | None = None) -> Tensor:
        """Give (B, *shape), or a multiple of its channels, for noisy samples (B, *shape), or a multiple of these.

        Args:
            x: Noisy samples, scaled to a variance near one.
            noise: (B,) float32 levels of the noise, numbers near one: t in [0, 1], or ln(σ)/4 of EDM; (B, times) where
                several tell a level.
            y: (B,) int64 classes; `classes`, one more than there are, is the null class of guidance, and None is the
                null class for all.
        """


def picture(shape: Sequence[int]) -> tuple[int, int, int]:
    """Channels, height and width of a picture.

    Raises:
        ValueError: It is none.
    """
    if len(shape) != 3:
        raise ValueError(
            f"this network denoises pictures, and the data has shape {list(shape)}: use network=mlp_denoiser."
        )
    return shape[0], shape[1], shape[2]
