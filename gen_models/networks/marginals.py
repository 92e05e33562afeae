"""Networks that begin at the marginals of the data."""

from typing import Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class BeginsAtMean(Protocol):
    """Generator or decoder that begins at the mean of the data."""

    def begin_at(self, mean: Tensor) -> None:
        """Take the mean (*shape) of the data in [-1, 1], before the first turn."""


def marginal_logits(mean: Tensor, closest: float) -> Tensor:
    """Logits (D,), float64, of the marginals of pixels whose mean (*shape) is in [-1, 1].

    Args:
        mean: Of the data.
        closest: No marginal is closer to 0 or 1.
    """
    return ((mean.flatten().double() + 1) / 2).logit(closest)
