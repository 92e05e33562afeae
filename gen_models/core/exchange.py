"""All-reduce of gradients between ranks, in buckets, as the backward pass goes on; and buffers from the first rank.

Li et al. 2020, PyTorch distributed, https://arxiv.org/abs/2006.15704.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby

import torch
from torch import Tensor, distributed, nn

BUCKET = 25 * 2**20
"""Bytes of gradients that are sent at a time."""


class GradientExchange:
    """Gradient averaging over ranks (all-reduce) in buckets, which leave while the backward pass still runs.

    Only the gradients of the player that moves are sent. A parameter that the losses do not reach counts as zero, and
    keeps no gradient: which ones those are is the same on all ranks, since no turn looks at the values on the device.

    Args:
        parameters: Those of the player.
    """

    def __init__(self, parameters: Sequence[nn.Parameter]) -> None:
        self._buckets = list(_buckets(parameters[::-1]))  # the last layers' gradients are the first to be there
        self._places = {id(p): place for place, bucket in enumerate(self._buckets) for p in bucket}

    @contextmanager
    def during(self) -> Iterator[None]:
        """Average what the backward pass within adds to, so that earlier parts of a batch are included."""
        self._missing = [len(bucket) for bucket in self._buckets]
        self._sent: list[tuple[Tensor, distributed.Work | None]] = []
        parameters = [p for bucket in self._buckets for p in bucket]
        handles = [p.register_post_accumulate_grad_hook(self._arrived) for p in parameters]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()
        self._send(all_of_them=True)
        for bucket, (flat, work) in zip(self._buckets, self._sent, strict=True):
            if work is not None:
                work.wait()
            _write_back(bucket, flat / distributed.get_world_size())

    def now(self) -> None:
        """Average what a backward pass has left that could not be looked at meanwhile: a replayed one."""
        with self.during():
            pass

    def _arrived(self, parameter: Tensor) -> None:
        self._missing[self._places[id(parameter)]] -= 1
        self._send(all_of_them=False)

    def _send(self, all_of_them: bool) -> None:
        """Send what is complete, or everything, always in the same order: that of the other ranks."""
        for bucket, missing in list(zip(self._buckets, self._missing, strict=True))[len(self._sent) :]:
            if missing and not all_of_them:
                return
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).detach().flatten() for p in bucket])
            self._sent.append((flat, distributed.all_reduce(flat, async_op=True)))


@torch.no_grad()
def share(tensors: Sequence[Tensor]) -> None:
    """Give all ranks the values of rank 0, those of one type in one message."""
    for _, group in groupby(sorted(tensors, key=lambda tensor: str(tensor.dtype)), key=lambda tensor: tensor.dtype):
        alike = list(group)
        flat = torch.cat([tensor.flatten() for tensor in alike])
        distributed.broadcast(flat, 0)
        for tensor, value in zip(alike, flat.split([tensor.numel() for tensor in alike]), strict=True):
            tensor.copy_(value.view_as(tensor))


def _buckets(parameters: Sequence[nn.Parameter]) -> Iterator[list[nn.Parameter]]:
    """Neighbours of one type, of at most a bucket's size where they are several."""
    bucket: list[nn.Parameter] = []
    for parameter in parameters:
        size = sum(p.nbytes for p in bucket) + parameter.nbytes
        if bucket and (size > BUCKET or parameter.dtype != bucket[0].dtype):
            yield bucket
            bucket = []
        bucket.append(parameter)
    if bucket:
        yield bucket


def _write_back(bucket: Sequence[nn.Parameter], flat: Tensor) -> None:
    for parameter, value in zip(bucket, flat.split([p.numel() for p in bucket]), strict=True):
        if parameter.grad is not None:
            parameter.grad.copy_(value.view_as(parameter))
