"""What a feature extractor is, and the plainest one."""

from abc import ABC, abstractmethod
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from gen_models.data.interface import Items
from gen_models.errors import UsageError
from gen_models.media.pixels import rounded


class Extractor(nn.Module, ABC):
    """A frozen network, in evaluation mode and float32, on whose features and class logits metrics are computed.

    Args:
        name: As printed in a record's label.
        network: What is frozen.
        protocol: Whatever else its figures depend on, as plain JSON.
    """

    has_logits: bool = True
    wants_images: bool = True
    network: Any  # not only a Module: those of packages have methods of their own

    def __init__(self, name: str, network: nn.Module, protocol: dict[str, Any]) -> None:
        super().__init__()
        self.name = name
        self.network = network.float().eval().requires_grad_(False)
        self.protocol = {"extractor": name, **protocol}

    def prepare(self, train: Items, test: Items, fingerprint: str, cache: str | None, device: torch.device) -> Self:
        """Be ready on `device` to judge this data; a pretrained network needs nothing from it."""
        return self.to(device)

    @abstractmethod
    def forward(self, images: Tensor) -> tuple[Tensor, Tensor | None]:
        """Map (B, C, H, W) in [-1, 1] to features (B, F) and logits (B, K), or None where there are no classes."""


class DataSpace(Extractor):
    """The identity, for data of few dimensions: the features of a point are its coordinates.

    Of data that are stored as bytes the features are those of 8 bits, also of samples: as saved pictures hold them.
    """

    has_logits = False
    wants_images = False

    def __init__(self) -> None:
        super().__init__("data space", nn.Identity(), {})
        self.bytes = False

    def prepare(self, train: Items, test: Items, fingerprint: str, cache: str | None, device: torch.device) -> Self:
        """Know whether the data are bytes."""
        ready = type(self)()
        if not train.gather([0])[0].is_floating_point():
            ready.bytes, ready.protocol = True, {**ready.protocol, "samples": "8 bits"}
        return ready.to(device)

    def forward(self, images: Tensor) -> tuple[Tensor, None]:
        """Points (B, *) as rows (B, F); gradients pass through the rounding of bytes."""
        x = rounded(images) / 127.5 - 1 if self.bytes else images
        return x.flatten(1), None


def to_bytes(images: Tensor, channels: int) -> Tensor:
    """(B, C, H, W) in [-1, 1] as (B, channels, H, W) bytes, just as saved pictures hold them; grey fills all channels.

    They are float32, so that gradients can pass, as if nothing were rounded.

    Raises:
        UsageError: If these are no images, or of other channels.
    """
    if images.dim() != 4 or images.shape[1] not in {1, channels}:
        takes = " or ".join(sorted({"(1, H, W)", f"({channels}, H, W)"}))
        raise UsageError(
            f"The metrics' extractor takes images of shape {takes}, and these have shape {tuple(images.shape[1:])}: "
            "choose another, such as metrics=lite0 for images or metrics=data_space for points."
        )
    return rounded(images).expand(-1, channels, -1, -1)


def resized(pixels: Tensor, side: int) -> Tensor:
    """Bytes (B, C, H, W) at another size (B, C, side, side)."""
    return interpolate(pixels, (side, side), mode="bilinear", align_corners=False, antialias=True)
