"""The simplest way to tell a network the class: append it to the input (Mirza and Osindero 2014)."""

import torch
from torch import Tensor
from torch.nn.functional import one_hot


def append_class(x: Tensor, y: Tensor | None, classes: int) -> Tensor:
    """Append the one-hot class to vectors (B, D) as entries, or to images (B, C, H, W) as planes.

    Args:
        x: The input.
        y: (B,) int64 classes.
        classes: How many there are; 0 returns `x` as it is.

    Raises:
        ValueError: The network wants a class and gets none.
    """
    if not classes:
        return x
    if y is None:
        raise ValueError("this network is conditional: it needs the classes y.")
    code = one_hot(y, classes).to(x.dtype)
    if x.ndim == 4:
        code = code[:, :, None, None].expand(-1, -1, *x.shape[2:])
    return torch.cat([x, code], dim=1)
