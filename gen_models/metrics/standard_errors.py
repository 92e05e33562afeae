"""Standard errors: how far a mean or a share of some items may be from that of all."""

import math

from torch import Tensor


def mean_error(values: Tensor) -> float | None:
    """Standard error of the mean of values (N,); None where there is one value."""
    return float(values.std() / math.sqrt(len(values))) if len(values) > 1 else None


def smoothed(share: float, n: int) -> float:
    """Give the share of n items with half an item more on either side, which is never 0 or 1."""
    return (share * n + 0.5) / (n + 1)


def share_error(share: float, n: int) -> float:
    """Standard error of the share of n items that have something.

    It is that of the smoothed share: one of 0 or 1 among a hundred is not known for sure (Agresti
    and Coull 1998, https://doi.org/10.1080/00031305.1998.10480550, on Wald's interval, which is empty there).
    """
    probable = smoothed(share, n)
    return math.sqrt(probable * (1 - probable) / n)
