"""Progressive InfoGAN critic: it grows, and reads each scale's code (https://github.com/jonasz/progressive_infogan).

It differs from ProGAN's (Karras et al. 2018) in that data are not faded, the minibatch statistic is one variance over
the whole batch, and all gains are √2.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, pad

from gen_models.networks.gan.equalised import EqualisedConv, EqualisedLinear
from gen_models.networks.gan.growing import GrowingCritic, coded_scales
from gen_models.networks.gan.progressive import ProgressiveCriticBlock
from gen_models.networks.layers.sizes import map_channels

Reads = Literal["each", "coarsest", "gradually"]
"""Each code is read where the critic looks at its scale; or all at its end, perhaps only as far as it has grown."""


class ProgressiveInfoGANCritic(GrowingCritic):
    """Progressive InfoGAN critic: pictures of the present stage to logits, and to predictions of the codes.

    https://github.com/jonasz/progressive_infogan, networks.py.

    Args:
        shape: (channels, side, side) of the data.
        width: Channels of the largest map; the source has 256 at 64 pixels.
        limit: Channels of the smaller ones double up to this; the source has 512.
        classes: Classes appended to the picture as planes; 0 for none.
        codes: Size of a scale's code; 0 for none.
        finest: Side of the largest pictures whose scale has a code; None for no limit.
        reads: Where it reads them.

    Attributes:
        predictions: Size K of all predictions together.
    """

    def __init__(
        self,
        shape: Sequence[int],
        width: int = 32,
        limit: int = 512,
        classes: int = 0,
        codes: int = 16,
        finest: int | None = 64,
        reads: Reads = "each",
    ) -> None:
        super().__init__(shape)
        self.classes, self.codes, self.reads = classes, codes, reads
        channels = map_channels(self.sides, width * self.sides[-1], limit)
        scales, smallest, area = coded_scales(self.sides, finest), channels[0], self.sides[0] ** 2
        self.predictions = codes * scales
        self.from_rgb = nn.ModuleList(EqualisedConv(shape[0] + classes, count, kernel=1) for count in channels)
        self.blocks = nn.ModuleList(ProgressiveCriticBlock(inputs, outputs) for outputs, inputs in pairwise(channels))
        self.last = nn.Sequential(
            *(BatchVariance(), EqualisedConv(smallest + 1, smallest), nn.LeakyReLU(0.2), nn.Flatten()),
            *(EqualisedLinear(smallest * area, smallest), nn.LeakyReLU(0.2)),
        )
        self.head = EqualisedLinear(smallest, 1)
        sizes = [smallest, *(count * side**2 for count, side in zip(channels, self.sides[:-1], strict=False))]
        readers = [(size, codes) for size in sizes[:scales]] if reads == "each" else [(smallest, self.predictions)]
        self.readers = nn.ModuleList(EqualisedLinear(*sizes) for sizes in readers if codes)

    @property
    def active(self) -> int:
        """Predictions that count by now: all, or those of scales that have grown."""
        return min(self.codes * (self.stage + 1), self.predictions) if self.reads == "gradually" else self.predictions

    def seen(self, x: Tensor) -> Tensor:
        """Give data (B, C, S, S) as it looks at the present stage: averaged over pixels, and never faded."""
        return avg_pool2d(x, x.shape[-1] // self.sides[self.stage])

    def logits_and_predictions(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give logits (B,) and predictions (B, K) in one pass; what is not read yet is 0."""
        logits, features = self.trace(x, y)
        parts = [read(part.flatten(1)) for read, part in zip(self.readers, features, strict=False)]
        predictions = torch.cat([*parts, x.new_zeros(len(x), 0)], dim=1)[:, : self.active]
        return logits, pad(predictions, (0, self.predictions - predictions.shape[1]))


class BatchVariance(nn.Module):
    """Minibatch statistic: append a plane of the variance over the whole batch, averaged over all else.

    The source's variant of ProGAN's minibatch deviation (https://github.com/jonasz/progressive_infogan,
    network_utils.py: `concat_features_stddev`, which takes no root).
    """

    looks_across_batch = True

    def forward(self, x: Tensor) -> Tensor:
        """Give (B, C + 1, H, W) for (B, C, H, W)."""
        variance = (x.float() - x.float().mean(0)).square().mean()  # several times as fast as torch's on a processor
        return torch.cat([x, variance.to(x.dtype).expand(len(x), 1, *x.shape[2:])], dim=1)
