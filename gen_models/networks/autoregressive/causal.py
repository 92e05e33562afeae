"""Autoregressive (causal) networks: trained in parallel, sampled one dimension after another.

The order is that of van den Oord et al. (2016), Pixel recurrent neural networks, section 2, https://arxiv.org/abs/1601.06759:
position after position (an image row by row, from left to right), and within a position channel after channel. A
network gives the parameters of each dimension's distribution from the dimensions before it:

- `forward` for all positions at once, which is how it learns;
- `stepper` for one position after the other, which is how it draws: layers keep what they have computed, so that a
  whole sample costs about as much as one `forward`, instead of one `forward` a position.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol

from torch import Tensor, nn

from gen_models.networks.layers.conditioning import required


class Stepper(Protocol):
    """Cached sampler of an autoregressive network: it walks through a canvas in order, for one batch of samples.

    It is called for position 0, 1, 2, … and, at each, for channel 0 to C - 1, and never goes back. Whatever stands on
    the canvas before (position, channel) is final by then; whatever stands there and later must not be read.
    """

    def __call__(self, x: Tensor, position: int, channel: int) -> Tensor:
        """Give what `forward` gives at a position, as far as it is about `channel` and those before.

        Args:
            x: The canvas (B, C, *positions) in [-1, 1], always the same one, filled so far.
            position: Index of the position, counted in raster order: row · width + column in an image.
            channel: Index of the channel that is drawn next.

        Returns:
            Parameters (B, outputs).
        """


class Causal(nn.Module, ABC):
    """Autoregressive network: its output for a dimension follows from the dimensions before it.

    Args:
        shape: (C, *positions) of a sample: (C, H, W) of an image, (1, T) of a sequence.
        levels: Levels of a channel; None where the data has none.
        classes: Classes that it is conditioned on; 0 when it ignores them.
        axes: Axes of positions that it reads: 2 for images; None for any.

    Attributes:
        outputs: Parameters that it gives at each position, for all channels together: logits of their levels, unless a
            subclass says otherwise. Where each channel has its own, channel 0 comes first.

    Raises:
        ValueError: The data has no levels, or not that many axes.
    """

    outputs: int

    def __init__(self, shape: Sequence[int], levels: int | None, classes: int, axes: int | None = 2) -> None:
        super().__init__()
        if levels is None or len(shape) < 2:
            raise ValueError(
                "an autoregressive model draws levels of pixels or sounds, and the data has points of shape "
                f"{list(shape)}: choose images, such as data=digits."
            )
        if axes is not None and len(shape) != axes + 1:
            raise ValueError(f"this network reads images, and the data has shape {list(shape)}: use model=wavenet.")
        self.shape, self.levels, self.classes = tuple(shape), levels, classes
        self.outputs = self.shape[0] * levels

    @abstractmethod
    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give parameters (B, outputs, *positions) of samples (B, *shape) in [-1, 1] of classes (B,)."""

    def stepper(self, n: int, y: Tensor | None = None) -> Stepper:
        """Begin to walk through a canvas of `n` samples of classes (n,), without gradients.

        What stands here is the slow way, one `forward` a step, which is right for every network; a network that can
        keep what it has computed gives a faster one with the same results.
        """

        def step(x: Tensor, position: int, channel: int) -> Tensor:
            return self(x, y).flatten(2)[:, :, position]

        return step


class ClassBias(nn.Module):
    """Class-conditional bias of features.

    Van den Oord et al. (2016), Conditional image generation with PixelCNN decoders, equation 4,
    https://arxiv.org/abs/1606.05328.

    Args:
        classes: How many; 0 adds nothing.
        features: Features that it is added to.
        std: Standard deviation of what it starts from.
    """

    def __init__(self, classes: int, features: int, std: float = 0.0) -> None:
        super().__init__()
        self.embed = nn.Embedding(classes, features) if classes else None
        if self.embed is not None:
            nn.init.normal_(self.embed.weight, 0.0, std)

    def forward(self, x: Tensor, y: Tensor | None, dim: int = 1) -> Tensor:
        """Add the bias of classes (B,) to x (B, …) whose features lie along `dim`."""
        if self.embed is None:
            return x
        shape = [len(x), *[1] * (x.ndim - 1)]
        shape[dim] = -1
        return x + self.embed(required(y)).view(shape)
