"""Readback: numbers on their way from the device."""

import torch
from torch import Tensor


class Readback:
    """Asynchronous copy to the host: begun without blocking, and waited for only once it is read.

    Whoever reads it waits for what the device did before the copy, not for what was launched after it.

    Args:
        values: What is copied, as it is now.
    """

    def __init__(self, values: Tensor) -> None:
        pinned = values.device.type == "cuda"
        self._values = torch.empty(values.shape, dtype=values.dtype, pin_memory=pinned)
        self._values.copy_(values.detach(), non_blocking=pinned)
        self._done = torch.cuda.Event() if pinned else None
        if self._done is not None:
            self._done.record()

    def tolist(self) -> list[float]:
        """Give the numbers."""
        if self._done is not None:
            self._done.synchronize()
        return self._values.tolist()
