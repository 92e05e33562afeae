"""Image degradations that a deep image prior undoes: noise, holes, low resolution (Ulyanov et al. 2018, https://arxiv.org/abs/1711.10925)."""

from abc import ABC, abstractmethod
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from gen_models.bounds import Above, AtLeast, Below, Scale


class Degradation(nn.Module, ABC):
    """Image degradation: loses a part of pictures (B, C, H, W) in [-1, 1]."""

    def degrade(self, clean: Tensor) -> Tensor:
        """Give what is observed; whatever is random about it is drawn here, by torch's default generator."""
        return self(clean)

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """Give what would be observed of x, without noise."""

    def shown(self, observed: Tensor) -> Tensor:
        """Give a picture of the observation, as large as the clean one."""
        return observed


class Noise(Degradation):
    """Gaussian noise, for denoising; clipped with the picture.

    Args:
        sigma: Its standard deviation in grey levels of 255.
    """

    def __init__(self, sigma: Scale = 25.0) -> None:
        super().__init__()
        self.sigma = sigma / 127.5

    def degrade(self, clean: Tensor) -> Tensor:
        """Add noise."""
        return (clean + self.sigma * torch.randn_like(clean)).clamp(-1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Give x: the noise is what must not be fitted."""
        return x


class Holes(Degradation):
    """Missing pixels, for inpainting: lost in all channels, and black.

    Args:
        share: Of the pixels.
    """

    mask: Tensor

    def __init__(self, share: Annotated[float, Above(0), Below(1)] = 0.5) -> None:
        super().__init__()
        self.share = share
        self.register_buffer("mask", torch.ones(()), persistent=False)

    def degrade(self, clean: Tensor) -> Tensor:
        """Draw the holes."""
        self.mask = (torch.rand_like(clean[:1, :1]) >= self.share).to(clean)
        return self(clean)

    def forward(self, x: Tensor) -> Tensor:
        """Give x with its holes."""
        return self.mask * (x + 1) - 1


class Small(Degradation):
    """Low resolution, for super-resolution: antialiased bicubic downsampling (the authors take a Lanczos kernel).

    Args:
        factor: How many times fewer pixels on a side.
    """

    def __init__(self, factor: Annotated[int, AtLeast(2)] = 4) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        """Shrink."""
        size = [side // self.factor for side in x.shape[2:]]
        return interpolate(x, size, mode="bicubic", antialias=True)

    def shown(self, observed: Tensor) -> Tensor:
        """Enlarge by bicubic interpolation: what must be beaten."""
        return interpolate(observed, scale_factor=self.factor, mode="bicubic").clamp(-1, 1)
