"""Adaptive discriminator augmentation, ADA (Karras et al. 2020, https://arxiv.org/abs/2006.06676)."""

from typing import Annotated

import torch
from torch import Tensor

from gen_models.augment.base import Augment
from gen_models.augment.bgc import random_colours, random_places
from gen_models.augment.filtering import filtered_warp
from gen_models.augment.geometry import warp
from gen_models.bounds import Above, Below, Positive, Scale, Share
from gen_models.networks.layers.ranks import summed


class Adaptive(Augment):
    """Adaptive discriminator augmentation (ADA): probability p rises while the critic overfits, and falls else.

    Karras et al. (2020), Training generative adversarial networks with limited data, https://arxiv.org/abs/2006.06676.

    The changes are the paper's pixel blitting, geometry and colour (`bgc`), with its strengths. An overfitted critic
    believes in nearly all real samples; so p follows the mean sign of their logits. Each move counts once; in the
    authors' code (NVlabs/stylegan2-ada-pytorch, loss.py) R1's pass over the same samples, changed anew, counts too.

    Args:
        target: The mean sign at which p stays.
        interval: Moves of the critic from one adjustment of p to the next.
        kimg: Thousands of real images in which p may go from 0 to 1.
        p: The initial probability.
        filtered: Filter warps against aliasing, as published; pictures are interpolated otherwise.
    """

    p: Tensor
    signs: Tensor

    def __init__(
        self,
        target: Annotated[float, Above(-1), Below(1)] = 0.6,
        interval: Positive = 4,
        kimg: Scale = 500.0,
        p: Share = 0.0,
        filtered: bool = False,
    ) -> None:
        super().__init__()
        self.target = target
        self.interval = interval
        self.kimg = kimg
        self.warp = filtered_warp if filtered else warp
        self.register_buffer("p", torch.tensor(float(p)))
        self.register_buffer("signs", torch.zeros(2))  # their sum and number since the last adjustment
        self._observed = 0

    @torch.no_grad()
    def observe(self, real_logits: Tensor) -> None:
        """Count the signs of the logits (B,) on all ranks, and adjust p on every `interval`-th call."""
        signs = real_logits.sign().float()
        counted = torch.stack([signs.sum(), torch.ones_like(signs).sum()])
        self.signs += summed(counted)  # at once, so that the buffers never differ between ranks
        self._observed += 1
        if self._observed % self.interval == 0:
            total, number = self.signs
            self.p += torch.sign(total / number - self.target) * number / (1000 * self.kimg)
            self.p.clamp_(0, 1)
            self.signs.zero_()

    def forward(self, x: Tensor) -> Tensor:
        """Change grey or RGB images (B, C, H, W); with p = 0 none."""
        if x.shape[1] not in (1, 3):
            raise ValueError(f"ADA changes images of 1 or 3 channels, not of {x.shape[1]}: use another augment.")
        with torch.autocast(x.device.type, enabled=False):
            return random_colours(self.warp(x.float(), random_places(x, self.p)), self.p)

    def get_extra_state(self) -> dict[str, int]:
        """The number of observations, for the checkpoint."""
        return {"observed": self._observed}

    def set_extra_state(self, state: dict[str, int]) -> None:
        """Restore the number of observations."""
        self._observed = state["observed"]
