"""How alike samples are to each other: MS-SSIM of pairs.

Wang et al. (2003), https://doi.org/10.1109/ACSSC.2003.1292216; of samples, Odena et al. (2017), section 4.2,
https://arxiv.org/abs/1610.09585.
"""

from torch import Tensor
from torchmetrics.functional.image import multiscale_structural_similarity_index_measure

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Of the five published scales; small images have fewer, whose weights are made to sum to one."""
WIDE, NARROW = 1.5, 0.5
"""Deviation of the window as published, and for images that it does not fit in."""


def settings(side: int) -> tuple[float, int]:
    """The window's deviation, and how many scales torchmetrics takes and the window fits in, for images of a side."""
    sigma = WIDE if side >= 2 * _size(WIDE) else NARROW
    sides = {scales: min(side >> (scales - 1), side // max(1, scales - 1) ** 2) for scales in range(1, 6)}
    return sigma, max(scales for scales, smallest in sides.items() if smallest >= _size(sigma))


def ms_ssim(x: Tensor, y: Tensor) -> Tensor:
    """MS-SSIM (N,) of pairs of images (N, C, H, W) in [-1, 1]: 1 for equal ones."""
    sigma, scales = settings(min(x.shape[-2:]))
    weights = tuple(weight / sum(WEIGHTS[:scales]) for weight in WEIGHTS[:scales])
    return multiscale_structural_similarity_index_measure(
        x, y, sigma=sigma, kernel_size=_size(sigma), reduction="none", data_range=2.0, betas=weights, normalize="relu"
    )


def _size(sigma: float) -> int:
    """Side of a Gaussian window, as torchmetrics cuts it."""
    return 2 * int(3.5 * sigma + 0.5) + 1
