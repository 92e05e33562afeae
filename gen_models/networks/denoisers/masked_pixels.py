"""Network of masked diffusion: a denoiser that reads levels as vectors, and gives a distribution for each."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from gen_models.networks.denoisers.base import Denoiser

MakeDenoiser = Callable[..., Denoiser]
"""The constructor of a denoiser but for its shape, inputs and outputs: `_partial_` in a config."""


class MaskedPixels(nn.Module):
    """Masked pixels: levels of which some are hidden to logits of all of them.

    Shi et al. (2024), https://arxiv.org/abs/2406.04329, as in google-deepmind/md4, md4/models/backward.py: a vector
    for each level and one for the mask, the same ones for all channels, those of a pixel's channels beside each other.

    Args:
        shape: (C, H, W) of a picture.
        levels: Levels K of a channel; K itself is the mask.
        denoiser: Makes the network from the vectors' maps to those of the logits.
        size: Of a vector.
        timed: Tell the denoiser the time. What is best to say follows from what is shown, so that it can be spared
            (Ou et al. 2025, https://arxiv.org/abs/2406.03736); and a network that is not told of how much is hidden in
            all also completes pictures of which a whole side is.

    Raises:
        ValueError: The data are no pictures.
    """

    def __init__(
        self, shape: Sequence[int], levels: int | None, denoiser: MakeDenoiser, size: int = 32, timed: bool = False
    ) -> None:
        super().__init__()
        if levels is None or len(shape) != 3:
            raise ValueError(
                f"this network hides levels of pixels, and the data has shape {list(shape)}: choose images, such as "
                "data=digits."
            )
        self.levels, self.timed = levels, timed
        self.table = nn.Embedding(levels + 1, size)
        nn.init.normal_(self.table.weight, 0.0, size**-0.5)
        self.denoiser = denoiser(shape, inputs=size, outputs=levels)

    @property
    def classes(self) -> int:
        """How many classes it can be told."""
        return self.denoiser.classes

    def forward(self, index: Tensor, t: Tensor, y: Tensor | None = None) -> Tensor:
        """Give logits (B, C, H, W, K).

        Args:
            index: (B, C, H, W) int64 levels in 0..K, where K is a mask.
            t: (B,) float32 times in [0, 1], from which the share that is hidden follows.
            y: (B,) int64 classes; `classes` is the null class, and None is the null class for all.
        """
        maps = self.table(index).permute(0, 1, 4, 2, 3).flatten(1, 2)
        told = t if self.timed else torch.zeros_like(t)
        return self.denoiser(maps, told, y).unflatten(1, (-1, self.levels)).movedim(2, -1)
