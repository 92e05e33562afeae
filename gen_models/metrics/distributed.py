"""What a score needs to know of a process group; a lone process is a group of one."""

import torch
import torch.distributed as dist
from torch import Tensor

from gen_models.networks.layers.ranks import grouped


def rank() -> int:
    """This process's place in the group."""
    return dist.get_rank() if grouped() else 0


def world() -> int:
    """The number of processes."""
    return dist.get_world_size() if grouped() else 1


def gather(rows: Tensor) -> Tensor:
    """Every rank's `rows` (equally many on each), in the order of ranks and alike on all of them."""
    if world() == 1:
        return rows
    shares = [torch.empty_like(rows) for _ in range(world())]
    dist.all_gather(shares, rows.contiguous())
    return torch.cat(shares)
