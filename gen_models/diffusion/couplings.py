"""Couplings: which noise an item is paired with before a flow learns the way between them."""

from abc import ABC, abstractmethod

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from gen_models.core.batch import Batch


class Coupling(ABC):
    """Joint distribution of noise and data. It sees whole batches, whatever parts they are cut into later."""

    @abstractmethod
    def __call__(self, batch: Batch) -> Batch:
        """Give the batch with its noise (B, *shape); items may be replaced by others."""


class IndependentCoupling(Coupling):
    """Independent coupling: any noise with any item."""

    def __call__(self, batch: Batch) -> Batch:
        """Draw from N(0, 1)."""
        return batch._replace(noise=torch.randn_like(batch.x))


class OptimalTransport(Coupling):
    """Optimal transport within a batch: the pairing of least squared distance, which straightens the flow.

    Pooladian et al. 2023, https://arxiv.org/abs/2304.14772; Tong et al. 2024, https://arxiv.org/abs/2302.00482. The
    pairing is a permutation, so that each item and each draw of noise counts once. It is of a rank's share of the
    batch: with more ranks it is another one. In many dimensions the gain is small: for two batches of 64 noises of 784
    dimensions, the squared distances shrink by 8 % only.

    Args:
        within_classes: Pair the items of each class among themselves, so that each class still begins at all of the
            noise and can be asked for.
    """

    def __init__(self, within_classes: bool = True) -> None:
        self.within_classes = within_classes

    def __call__(self, batch: Batch) -> Batch:
        """Draw from N(0, 1), and give each item the noise that is assigned to it."""
        noise = torch.randn_like(batch.x)
        groups = batch.y if self.within_classes else torch.zeros_like(batch.y)
        for group in groups.unique():
            rows = (groups == group).nonzero()[:, 0]
            noise[rows] = noise[rows[assigned(batch.x[rows], noise[rows])]]
        return batch._replace(noise=noise)


def assigned(x: Tensor, noise: Tensor) -> Tensor:
    """Give the permutation (B,) int64 of the noise that is nearest to x in total squared distance."""
    cost = torch.cdist(x.flatten(1).double(), noise.flatten(1).double()).square()
    return torch.as_tensor(linear_sum_assignment(cost.cpu().numpy())[1], device=x.device)
