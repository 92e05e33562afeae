"""Consistency of a generator's outputs across scales (Progressive InfoGAN, https://github.com/jonasz/progressive_infogan)."""

from collections.abc import Sequence

from torch import Tensor
from torch.nn.functional import avg_pool2d, mse_loss

from gen_models.bounds import Weight


class ScaleConsistency:
    """Consistency loss across scales: a larger picture, halved, should be the next smaller one.

    https://github.com/jonasz/progressive_infogan, losses.py.

    Args:
        weight: Factor on the sum over scales of mean square differences.
    """

    def __init__(self, weight: Weight = 300.0) -> None:
        self.weight = weight

    def __call__(self, pictures: Sequence[Tensor]) -> Tensor:
        """Give the weighted term, a scalar, of pictures (B, C, S, S) whose side doubles from one to the next."""
        pairs = zip(pictures, pictures[1:], strict=False)
        differences = [mse_loss(avg_pool2d(large, 2), small) for small, large in pairs]
        return self.weight * sum(differences, pictures[0].new_zeros(()))
