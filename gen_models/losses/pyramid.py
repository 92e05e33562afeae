"""Laplacian pyramid loss, a distance of pictures."""

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, conv2d, pad

from gen_models.bounds import Positive
from gen_models.losses.reconstruction import Reconstruction

BINOMIAL = (1.0, 4.0, 6.0, 4.0, 1.0)


class LaplacianPyramid(Reconstruction):
    """Laplacian pyramid loss Σ_j 4ʲ ‖Lʲ(x) - Lʲ(raw)‖₁.

    Bojanowski et al. (2018), section 3.2, https://arxiv.org/abs/1707.05776, after Ling and Okada (2006).

    A level is what a blur takes away, and the last one what is left; the weights make up for their sizes.

    Args:
        levels: How often the side is halved.
    """

    kernel: Tensor

    def __init__(self, levels: Positive = 3) -> None:
        super().__init__()
        self.levels = levels
        # A buffer, since a tensor made in each call would be a copy to the device that each call waits for.
        self.register_buffer("kernel", binomial(), persistent=False)

    def forward(self, raw: Tensor, x: Tensor) -> Tensor:
        """Take the pyramid of the difference, since it is linear."""
        if x.ndim != 4:
            raise ValueError("a pyramid needs images (C, H, W): choose loss=squared_error or loss=absolute_error.")
        rest, loss = x - raw, x.new_zeros(len(x))
        with torch.autocast(x.device.type, enabled=False):  # a band may be smaller than bfloat16 resolves
            for level in range(self.levels):
                low = blurred(rest, self.kernel)
                loss = loss + 4**level * (rest - low).abs().flatten(1).sum(1)
                rest = avg_pool2d(low, 2, ceil_mode=True)
        return loss + 4**self.levels * rest.abs().flatten(1).sum(1)


def binomial() -> Tensor:
    """Binomial kernel (5, 5): neighbours weigh 1, 4, 6, 4, 1 in both directions.

    Burt and Adelson (1983), https://doi.org/10.1109/TCOM.1983.1095851.
    """
    line = torch.tensor(BINOMIAL) / sum(BINOMIAL)
    return line.outer(line)


def blurred(x: Tensor, kernel: Tensor) -> Tensor:
    """Blur each plane of (B, C, H, W) by a kernel (5, 5); the border is repeated."""
    planes = pad(x.flatten(0, 1)[:, None], (2, 2, 2, 2), mode="replicate")
    return conv2d(planes, kernel.to(x)[None, None]).view_as(x)
