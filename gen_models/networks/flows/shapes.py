"""Rearranging bijections (squeeze, flatten, permute): their log-determinant is zero."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import pixel_shuffle, pixel_unshuffle

from gen_models.networks.flows.bijection import Bijection


def halvings(shape: Sequence[int]) -> int:
    """How often a picture (C, H, W) can be squeezed.

    Raises:
        ValueError: It is no picture.
    """
    if len(shape) != 3:
        raise ValueError(f"this flow takes pictures or points, and the data has shape {list(shape)}: use model=nice.")
    (_, height, width), count = shape, 0
    while height % 2 == width % 2 == 0:
        height, width, count = height // 2, width // 2, count + 1
    return count


class Squeeze(Bijection):
    """Squeeze: (C, H, W) to (4C, H/2, W/2) (Dinh et al. 2017, section 3.6, https://arxiv.org/abs/1605.08803)."""

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Trade side for channels."""
        return pixel_unshuffle(x, 2), x.new_zeros(len(x))

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Trade channels for side."""
        return pixel_shuffle(z, 2)


class Alternate(Bijection):
    """Permutation of squeezed channels: two pixels of each 2x2 that touch at a corner, in all colours, then the others.

    So the half that is factored out is half of every colour's pixels, and a checkerboard, not the last colours: after
    `Squeeze` it makes the ordered squeeze of the authors' code (tensorflow/models, research/real_nvp,
    squeeze_2x2_ordered).
    """

    order = (0, 3, 1, 2)  # of (row, column) = (0, 0), (0, 1), (1, 0), (1, 1)

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Sort (B, 4C, H, W) by the place in 2x2, then by colour."""
        places = x.unflatten(1, (-1, 4)).unbind(2)  # a list of indices would be copied to the device in each turn
        return torch.cat([places[place] for place in self.order], 1), x.new_zeros(len(x))

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Sort by colour again, then by the place in 2x2."""
        places = z.chunk(4, 1)
        return torch.stack([places[self.order.index(place)] for place in range(4)], 2).flatten(1, 2)


class Flatten(Bijection):
    """Flattening of samples (B, *shape) to vectors (B, D).

    Args:
        shape: Of a sample.
    """

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__()
        self.shape = tuple(shape)

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give vectors (B, D)."""
        return x.flatten(1), x.new_zeros(len(x))

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give samples (B, *shape)."""
        return z.view(len(z), *self.shape)


class EvenThenOdd(Bijection):
    """Permutation of vectors: the even entries, then the odd ones, so that neighbouring pixels part.

    Dinh et al. (2015), section 5.1, https://arxiv.org/abs/1410.8516.
    """

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Sort the entries by parity."""
        return torch.cat([x[:, ::2], x[:, 1::2]], dim=1), x.new_zeros(len(x))

    def inverse(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Interleave the two halves."""
        x = torch.empty_like(z)
        x[:, ::2], x[:, 1::2] = z.tensor_split([(z.shape[1] + 1) // 2], dim=1)
        return x
