"""Numbers of items beside the items themselves."""

from torch import Tensor


def spread(values: Tensor, x: Tensor) -> Tensor:
    """Give values (B,) the dimensions of x (B, *shape), so that they multiply it."""
    return values.view(-1, *(1,) * (x.ndim - 1))
