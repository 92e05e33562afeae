"""Statistics of a batch that is spread over ranks; a lone process is a group of one."""

import torch.distributed as dist
from torch import Tensor


def grouped() -> bool:
    """Whether there are ranks that have to agree."""
    return dist.is_available() and dist.is_initialized()


def summed(x: Tensor) -> Tensor:
    """Replace a tensor by its sum over all ranks."""
    if grouped():
        dist.all_reduce(x)
    return x


def averaged(x: Tensor) -> Tensor:
    """Replace a tensor by its mean over all ranks, on all of them to the last bit; gradients stay the rank's own."""
    if not grouped():
        return x
    mean = summed(x.detach().clone()) / dist.get_world_size()
    return x - x.detach() + mean  # where x is finite, 0 and the mean


def of_the_first(x: Tensor) -> Tensor:
    """Replace a tensor by that of the first rank."""
    if grouped():
        dist.broadcast(x, 0)
    return x
