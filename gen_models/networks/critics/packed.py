"""Packing: a critic judges several samples at once (PacGAN, Lin et al. 2018, https://arxiv.org/abs/1712.04086)."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from gen_models.networks.critics.heads import Body
from gen_models.networks.layers.conditioning import append_class

MakeBody = Callable[[Sequence[int]], Body]
"""The constructor of a body but for the shape of what it sees: `_partial_` in a config."""


class PackedBody(Body):
    """Packed critic body: m samples side by side in the channels, to features (B, num_features) that they share.

    Lin et al. (2018), section 2, https://arxiv.org/abs/1712.04086: a generator that lacks a mode draws packs that lack
    variety, which one sample does not show. Samples of a pack are neighbours in the batch, and each is given its pack's
    features, so that means of logits are means over packs. The last pack is filled up from the batch's beginning.

    Args:
        make: Makes the body of packs, which is not told the class.
        shape: Shape of a sample.
        pack: Samples m in a pack; the published batches are 100 packs.
        classes: Classes appended to each sample; 0 for none.
    """

    looks_across_batch = True

    def __init__(self, make: MakeBody, shape: Sequence[int], pack: int = 2, classes: int = 0) -> None:
        super().__init__()
        channels, *positions = shape
        self.body = make([pack * (channels + classes), *positions])
        self.num_features = self.body.num_features
        self.pack = pack
        self.classes = classes

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give features (B, num_features) of samples (B, *shape) of classes (B,), the same for all of a pack."""
        x = append_class(x, y, self.classes)
        members = torch.arange(-(-len(x) // self.pack) * self.pack, device=x.device) % len(x)
        packs = x[members].unflatten(0, (-1, self.pack)).flatten(1, 2)
        return self.body(packs).repeat_interleave(self.pack, 0)[: len(x)]

    def begin(self, head: nn.Linear) -> None:
        """Start the logit as the body of packs starts it."""
        self.body.begin(head)
