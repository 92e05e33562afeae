"""DRAW's reading and writing with selective attention (Gregor et al. 2015, section 3.2, https://arxiv.org/abs/1502.04623)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gen_models.networks.autoencoders.draw import Reader, Writer


class Window(nn.Module):
    """Selective attention: a grid of size × size Gaussian filters that a state lays over the picture (section 3.2).

    The state chooses centre, distance and width of the filters, and an intensity (equations 21 to 24). Pixels are
    numbered from 1, as in the paper, so that a centre of 0 is the picture's middle.

    Args:
        shape: (channels, height, width) of a picture; all channels share the filters.
        hidden: Size of the state.
        size: Filters a side, N.

    Raises:
        ValueError: The samples are no images.
    """

    offsets: Tensor
    pixels: Tensor

    def __init__(self, shape: Sequence[int], hidden: int, size: int) -> None:
        super().__init__()
        if len(shape) != 3:
            raise ValueError(f"attention looks at images, and the data has shape {list(shape)}: use network=draw.")
        _, self.height, self.width = shape
        self.spread = (max(self.height, self.width) - 1) / max(size - 1, 1)
        self.choose = nn.Linear(hidden, 5)
        self.register_buffer("offsets", torch.arange(size) - (size - 1) / 2, persistent=False)
        self.register_buffer("pixels", torch.arange(1.0, max(self.height, self.width) + 1), persistent=False)

    def forward(self, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Give F_Y (B, size, height), F_X (B, size, width) and γ (B, 1, 1, 1) of states (B, hidden)."""
        x, y, log_variance, log_distance, log_intensity = self.choose(state).float().unsqueeze(2).unbind(1)
        distance, precision = self.spread * log_distance.exp(), (-log_variance).exp()
        filters = [
            self.filterbank((length + 1) / 2 * (centre + 1), distance, precision, length)
            for centre, length in ((y, self.height), (x, self.width))
        ]
        return *filters, log_intensity.exp()[:, :, None, None]

    def filterbank(self, centre: Tensor, distance: Tensor, precision: Tensor, length: int) -> Tensor:
        """Gaussians (B, size, length) over a line of pixels, each of sum 1 (equations 19, 20, 25, 26).

        Args:
            centre: (B, 1) where the middle of the grid is, in pixels from 1.
            distance: (B, 1) between two neighbours, in pixels.
            precision: (B, 1) the inverse of their variance.
            length: Pixels in the line.
        """
        means = centre + distance * self.offsets
        exponents = (self.pixels[:length] - means.unsqueeze(2)).square() * (-0.5 * precision).unsqueeze(2)
        # Tails that float32 would add to nothing are left out: as denormal numbers they slow a processor tenfold.
        faint = exponents < exponents.amax(dim=2, keepdim=True) - 30
        # The normalised Gaussian is a softmax, which stays finite for a window far outside the picture.
        return exponents.masked_fill(faint, -torch.inf).softmax(dim=2)


class AttentiveReader(Reader):
    """Read operation with attention: γ [F_Y x F_Xᵀ, F_Y x̂ F_Xᵀ] (equation 27).

    Args:
        shape: (channels, height, width) of a picture.
        hidden: Size of the decoder's output.
        size: Pixels a side of what is read.
    """

    def __init__(self, shape: Sequence[int], hidden: int, size: int = 5) -> None:
        super().__init__()
        self.window = Window(shape, hidden, size)
        self.num_features = 2 * shape[0] * size**2

    def forward(self, x: Tensor, error: Tensor, state: Tensor) -> Tensor:
        """Look through the window that the decoder chose."""
        rows, columns, intensity = self.window(state)
        # In two steps, and this order: einsum of three takes another, three times as slow.
        strips = torch.einsum("bchw,bnw->bchn", torch.cat([x, error], dim=1), columns)
        patch = torch.einsum("bmh,bchn->bcmn", rows, strips)
        return (intensity * patch).flatten(1)


class AttentiveWriter(Writer):
    """Write operation with attention: F_Yᵀ w F_X / γ, a patch w through a window of its own (equations 28 and 29).

    Args:
        shape: (channels, height, width) of a picture.
        hidden: Size of the decoder's output.
        size: Pixels a side of what is written.
    """

    def __init__(self, shape: Sequence[int], hidden: int, size: int = 5) -> None:
        super().__init__(shape)
        self.window = Window(shape, hidden, size)
        self.patch = nn.Sequential(nn.Linear(hidden, shape[0] * size**2), nn.Unflatten(1, (shape[0], size, size)))

    def forward(self, state: Tensor) -> Tensor:
        """Draw through the window that the decoder chose."""
        rows, columns, intensity = self.window(state)
        strips = torch.einsum("bmh,bcmn->bchn", rows, self.patch(state) / intensity)
        return torch.einsum("bchn,bnw->bchw", strips, columns)
