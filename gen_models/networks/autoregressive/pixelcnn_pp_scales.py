"""Down- and upsampling with shortcuts in PixelCNN++ (Salimans et al. 2017, sections 2.3 and 2.4, https://arxiv.org/abs/1701.05517)."""

from torch import Tensor, nn
from torch.nn.functional import conv_transpose2d, linear

from gen_models.networks.autoregressive.gated_resnet import Pair, PairSteps, shifted
from gen_models.networks.autoregressive.raster import PixelConv, RowConv
from gen_models.networks.autoregressive.taps import Map
from gen_models.networks.layers.former import once_named
from gen_models.networks.layers.typed import Layers


class PixelCNNppScale(nn.Module):
    """One resolution and all coarser ones: blocks down, the coarser scale, and blocks up with shortcuts.

    Args:
        depth: Coarser scales.
        width: Features in each stack.
        blocks: Blocks of a stack on the way down.
        classes: Classes that each block has a bias for.
        dropout: Probability of dropping a feature within a block.
    """

    def __init__(self, depth: int, width: int, blocks: int, classes: int, dropout: float) -> None:
        super().__init__()
        self.down = Layers[Pair](Pair(width, False, classes, dropout) for _ in range(blocks))
        self.coarser = Coarser(PixelCNNppScale(depth - 1, width, blocks, classes, dropout), width) if depth else None
        self.up = Layers[Pair](Pair(width, True, classes, dropout) for _ in range(blocks + (depth > 0)))
        once_named(self, "there", "down")
        once_named(self, "back", "up")

    def forward(self, u: Tensor, ul: Tensor, y: Tensor | None) -> tuple[Tensor, Tensor]:
        """Give the features (B, width, H, W) of both stacks."""
        passed = [(u, ul)]
        for pair in self.down:
            passed.append(pair(*passed[-1], y))
        u, ul = passed.pop() if self.coarser is None else self.coarser(*passed[-1], y)
        for pair in self.up:
            u, ul = pair(u, ul, y, passed.pop())
        return u, ul


class Coarser(nn.Module):
    """Downsampling, the coarser scales, and upsampling.

    Args:
        scale: The scales.
        width: Features in each stack.
    """

    def __init__(self, scale: PixelCNNppScale, width: int) -> None:
        super().__init__()
        self.halve_u, self.halve_ul = shifted("u", width, width, 2), shifted("ul", width, width, 2)
        self.scale = scale
        # A row and a column more than the map needs, which count in the authors' first batch, and are cut off.
        self.double_u = nn.ConvTranspose2d(width, width, (2, 3), 2, output_padding=1)
        self.double_ul = nn.ConvTranspose2d(width, width, 2, 2, output_padding=1)

    def forward(self, u: Tensor, ul: Tensor, y: Tensor | None) -> tuple[Tensor, Tensor]:
        """Give the features (B, width, H, W) of both stacks."""
        u, ul = self.scale(self.halve_u(u), self.halve_ul(ul), y)
        return self.double_u(u)[..., :-1, 1:-1], self.double_ul(ul)[..., :-1, :-1]


class ScaleSteps:
    """Cached sampling of a scale.

    Args:
        scale: The scale.
        image: A map of its size.
        y: Classes (n,).
    """

    def __init__(self, scale: PixelCNNppScale, image: Map, y: Tensor | None) -> None:
        self.down = [PairSteps(pair, image, y) for pair in scale.down]
        self.coarser = None if scale.coarser is None else CoarserSteps(scale.coarser, image, y)
        self.up = [PairSteps(pair, image, y) for pair in scale.up]

    def enter(self, i: int, u: Tensor) -> Tensor:
        """Compute row i of stack u, (n, W, width)."""
        passed = [u]
        for pair in self.down:
            passed.append(pair.enter(i, passed[-1]))
        u = passed.pop() if self.coarser is None else self.coarser.enter(i, passed[-1])
        for pair in self.up:
            u = pair.enter(i, u, passed.pop())
        return u

    def pixel(self, i: int, j: int, ul: Tensor) -> Tensor:
        """Compute stack ul at a pixel, (n, width)."""
        passed = [ul]
        for pair in self.down:
            passed.append(pair.pixel(j, passed[-1]))
        ul = passed.pop() if self.coarser is None else self.coarser.pixel(i, j, passed[-1])
        for pair in self.up:
            ul = pair.pixel(j, ul, passed.pop())
        return ul


class CoarserSteps:
    """Cached sampling of the coarser scales: they move at every other pixel of every other row, and are kept between.

    Args:
        coarser: The scales.
        image: A map of the finer size.
        y: Classes (n,).
    """

    def __init__(self, coarser: Coarser, image: Map, y: Tensor | None) -> None:
        width = coarser.halve_u.in_channels
        self.double_u, self.double_ul = Doubled(coarser.double_u), Doubled(coarser.double_ul)
        self.halve_u = RowConv(coarser.halve_u, image.alike(width))
        self.halve_ul = PixelConv(coarser.halve_ul, image.alike(width))
        small = image.alike(width, scale=2)
        self.scale = ScaleSteps(coarser.scale, small, y)
        self.u = small.row(0)
        self.ul = list(small.row(0).unbind(1))

    def enter(self, i: int, u: Tensor) -> Tensor:
        """Take row i of stack u (n, W, width), and give that of the doubled map."""
        self.halve_u.put(i, u)
        self.halve_ul.enter(i)
        if i % 2 == 0:
            self.u = self.scale.enter(i // 2, self.halve_u.read(i // 2))
        return self.double_u.row(i, self.u)

    def pixel(self, i: int, j: int, ul: Tensor) -> Tensor:
        """Take a pixel of stack ul (n, width), and give that of the doubled map."""
        self.halve_ul.put(j, ul)
        if i % 2 == 0 and j % 2 == 0:
            self.ul[j // 2] = self.scale.pixel(i // 2, j // 2, self.halve_ul.read(j // 2))
        return self.double_ul.pixel(i, j, self.ul[j // 2])


class Doubled:
    """Transposed convolution of stride 2, by rows or by pixels of what it gives; its weight is read once.

    Args:
        conv: The convolution.
    """

    def __init__(self, conv: nn.ConvTranspose2d) -> None:
        self.weight, self.bias = conv.weight, conv.bias

    def row(self, i: int, small: Tensor) -> Tensor:
        """Give row i (n, 2 W, C') of the doubled map, of the row (n, W, C) that it comes from."""
        doubled = conv_transpose2d(
            small.transpose(1, 2)[:, :, None], self.weight[:, :, i % 2, None], self.bias, (1, 2), (0, 1), (0, 1)
        )
        return doubled[:, :, 0].transpose(1, 2)

    def pixel(self, i: int, j: int, small: Tensor) -> Tensor:
        """Give pixel (i, j), (n, C'), of the doubled map, of the pixel (n, C) that it comes from."""
        return linear(small, self.weight[:, :, i % 2, j % 2].T, self.bias)
