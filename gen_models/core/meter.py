"""Running means of logged scalars, kept on the device so that no turn waits for it."""

import torch
from torch import Tensor


class Meter:
    """Running sums of scalar tensors, read as means once in a while."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    def add(self, name: str, value: Tensor) -> None:
        """Add one scalar, without looking at it."""
        value = value.detach().float()
        count = self._counts.get(name, 0)
        self._sums[name] = self._sums[name] + value if count else value
        self._counts[name] = count + 1

    def read(self) -> dict[str, float]:
        """Means since the last reading: the only place that waits for the device, and averages over the ranks."""
        if not self._sums:
            return {}
        means = torch.stack([total / self._counts[name] for name, total in self._sums.items()])
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.all_reduce(means)
            means /= torch.distributed.get_world_size()
        values = dict(zip(self._sums, means.tolist(), strict=True))
        self._sums, self._counts = {}, {}
        return values
