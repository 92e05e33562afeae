"""Networks of VQ-VAE-2: a map of vectors for details that depends on a smaller one for the whole."""

from typing import Annotated, Any

import torch
from torch import Tensor, nn

from gen_models.networks.layers.weights import start_as_sonnet
from gen_models.networks.tokenisers.maps import MapDecoder, MapEncoder, MapSizes


class TwoLevelMaps(nn.Module):
    """Encoders and decoders of VQ-VAE-2: a bottom map of vectors, and a top one of half its sides, which comes first.

    Razavi et al. (2019), section 3.1, https://arxiv.org/abs/1906.00446; layers as in rosinality/vq-vae-2-pytorch, with
    VQ-VAE's own ReLU before the residual layers of encoders. There is no forward, since codes stand in between.

    Args:
        sizes: See `MapSizes`; halvings are those from the picture to the bottom map.

    Attributes:
        size: Size D of a vector, of either map.
        grids: Rows and columns of the top map, and of the bottom map.

    Raises:
        ValueError: The samples are no pictures, or their sides can't be halved so often, and once more.
    """

    def __init__(self, **sizes: Annotated[Any, MapSizes]) -> None:
        super().__init__()
        chosen = MapSizes(**sizes)
        inner = {"width": chosen.width, "hidden": chosen.hidden, "blocks": chosen.blocks}
        self.size = size = chosen.size
        self.bottom = MapEncoder(**sizes)
        self.bottom.last = nn.Conv2d(size + chosen.width, size, 1)  # which also sees the top codes
        self.top = MapEncoder(shape=(chosen.width, *chosen.grid), size=size, halvings=1, **inner)
        self.hint = MapDecoder(shape=(size, *chosen.grid), size=size, halvings=1, **inner)
        self.up = nn.ConvTranspose2d(size, size, 4, 2, 1)
        self.decoder = MapDecoder(shape=chosen.shape, size=2 * size, halvings=chosen.halvings, **inner)
        start_as_sonnet(self)
        self.grids = self.top.grid, self.bottom.grid

    def features(self, x: Tensor) -> Tensor:
        """Give the features (B, width, h, w) that both levels are made of."""
        return self.bottom.features(x)

    def coarse(self, features: Tensor) -> Tensor:
        """Give the top map (B, D, h/2, w/2)."""
        return self.top(features)

    def fine(self, features: Tensor, top: Tensor) -> Tensor:
        """Give the bottom map (B, D, h, w) given top codes (B, D, h/2, w/2)."""
        return self.bottom.last(torch.cat([self.hint(top), features], dim=1))

    def decode(self, top: Tensor, bottom: Tensor) -> Tensor:
        """Give (B, C, H, W) of codes of both levels."""
        return self.decoder(torch.cat([self.up(top), bottom], dim=1))
