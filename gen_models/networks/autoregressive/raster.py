"""Cached sampling in raster order: convolutions with a memory, which are fed a row or a pixel at a time.

A pixel is a matter of microseconds, so that what costs time is the number of calls: what a convolution sees above is
computed for a whole row, and the views of a row's pixels are taken all at once, when the walk enters the row.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from torch import Tensor

from gen_models.networks.autoregressive.causal_conv import ShiftedConv
from gen_models.networks.autoregressive.taps import Map, Taps


class RowConv:
    """Cached convolution that is fed row by row.

    Args:
        conv: The convolution; it sees no row below its own.
        source: The map that it reads.
    """

    def __init__(self, conv: ShiftedConv, source: Map) -> None:
        self.taps, self.source, self.bias = Taps(conv, source), source, bias_of(conv)

    def __call__(self, i: int, x: Tensor) -> Tensor:
        """Take row i of the input (n, W, C), and give the output's (n, W, C')."""
        self.put(i, x)
        return self.read(i)

    def put(self, i: int, x: Tensor) -> None:
        """Take row i of the input (n, W, C)."""
        self.source.row(i).copy_(x)

    def read(self, i: int) -> Tensor:
        """Give row i of the output, of what the map holds by now."""
        return self.taps.row(i, self.bias)


class PixelConv:
    """Cached convolution that is fed pixel by pixel.

    Args:
        conv: The convolution; it sees no row below its own, and the present pixel, or those before it only.
        source: The map that it reads; without a stride, others may fill it too. Where the convolution sees its own
            row only, a map of one row will do, used again for every row.
        above: Convolutions of the rows above that are added to it.
    """

    def __init__(self, conv: ShiftedConv, source: Map, above: Sequence[ShiftedConv] = ()) -> None:
        last = conv.kernel_size[0] - 1
        self.own = Taps(conv, source, slice(last, None))
        self.above = [Taps(other, source) for other in above]
        if last:
            self.above.append(Taps(conv, source, slice(last)))
        self.source, self.bias, self.stride = source, bias_of(conv), conv.stride[0]
        self.row: int | None = None
        self.targets: Sequence[Tensor] = ()
        self.sums = self.bias.new_empty(len(source.cells), source.width // self.stride, conv.out_channels)
        self.partial = self.sums.unbind(1)

    def enter(self, i: int, partial: Tensor | None = None) -> None:
        """Turn to row i of the input; `partial` (n, W, C') is added to the output."""
        turned = i != self.row
        if turned:
            self.row, self.targets = i, self.source.row(i).unbind(1)
        if i % self.stride == 0:
            i //= self.stride
            if turned:
                self.own.enter(i)
            partial = self.bias if partial is None else partial + self.bias
            for taps in self.above:
                partial = taps.row(i, partial)
            self.sums.copy_(partial)

    def __call__(self, j: int, x: Tensor) -> Tensor:
        """Take the input (n, C) at column j, and give the output (n, C') there."""
        self.put(j, x)
        return self.read(j)

    def put(self, j: int, x: Tensor) -> None:
        """Take the input (n, C) at column j."""
        self.targets[j].copy_(x)

    def read(self, j: int) -> Tensor:
        """Give the output (n, C') at its column j, of what the map holds by now."""
        return self.own.at(j, self.partial[j])


def bias_of(conv: ShiftedConv) -> Tensor:
    """Give the bias (C,), zero where there is none."""
    return conv.weight.new_zeros(conv.out_channels) if conv.bias is None else conv.bias


class Dense:
    """Pointwise layers: 1x1 convolutions of features (n, …, C), with ReLU between them.

    Args:
        convs: The convolutions, one after another.
    """

    def __init__(self, *convs: ShiftedConv) -> None:
        self.layers = [(conv.visible().flatten(1).t().contiguous(), bias_of(conv)) for conv in convs]

    def __call__(self, x: Tensor) -> Tensor:
        """Give (n, …, C')."""
        (weight, bias), *rest = self.layers
        x = (x @ weight).add_(bias)
        for weight, bias in rest:
            x = (x.relu_() @ weight).add_(bias)
        return x


class RasterStepper(ABC):
    """Cached sampler in raster order: whole rows of what depends on the rows above, then pixel after pixel.

    Args:
        n: Samples.
        shape: (C, H, W) of an image.
        border: Of the map that holds the image.
        like: A tensor of the network's type, on its device.
        ones: Features beside the channels that are 1 in the image, and 0 in its border.
    """

    def __init__(self, n: int, shape: Sequence[int], border: int, like: Tensor, ones: int = 0) -> None:
        self.channels, self.height, self.width = shape
        features = self.read(like.new_zeros(1, self.channels)).shape[1]
        self.image = Map(n, features + ones, (self.height, self.width), border, like)
        for i in range(self.height):
            self.image.row(i)[:, :, features:] = 1

    def __call__(self, x: Tensor, position: int, channel: int) -> Tensor:
        """Give the parameters (n, outputs) at a position: see `Stepper`."""
        i, j = divmod(position, self.width)
        if channel:
            self._show(x, i, j)
        elif position:
            self._show(x, *divmod(position - 1, self.width))
        if not j and not channel:
            self.enter(i)
        return self.pixel(i, j)

    def read(self, x: Tensor) -> Tensor:
        """Give the features (n, F) of a pixel that the first layer reads: the levels (n, C) themselves."""
        return x

    def _show(self, x: Tensor, i: int, j: int) -> None:
        features = self.read(x[:, :, i, j])
        self.image.row(i)[:, j, : features.shape[1]] = features

    @abstractmethod
    def enter(self, i: int) -> None:
        """Compute what row i takes from the rows above."""

    @abstractmethod
    def pixel(self, i: int, j: int) -> Tensor:
        """Compute the parameters (n, outputs) of a pixel."""
