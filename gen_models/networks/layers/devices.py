"""Devices of tensors, for the few layers that compute in another way on one of them."""

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor


def imagined(tensor: Tensor) -> bool:
    """Whether a tensor is imagined for a plan, which is of a GPU; in a compilation tensors are what they say."""
    return isinstance(tensor, FakeTensor) and not torch.compiler.is_compiling()
