"""Feature matching: distances in the features of a critic (pix2pixHD: Wang et al. 2018).

https://arxiv.org/abs/1711.11585
"""

import torch
from torch import Tensor


def matching(found: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """Feature matching: the mean absolute difference of a critic's features, a mean over its layers.

    Wang et al. (2018), equation 4, https://arxiv.org/abs/1711.11585.

    Args:
        found: Features of each layer, of restored samples.
        wanted: Those of the originals, to which no gradient passes.
    """
    pairs = zip(found, wanted, strict=True)
    return torch.stack([(a.float() - b.detach().float()).abs().mean() for a, b in pairs]).mean()
