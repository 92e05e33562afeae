"""Evaluation draws from generators of its own, so that it never changes a training run."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def isolated(seed: int, device: torch.device) -> Iterator[None]:
    """Draw, on the CPU and on `device`, from generators seeded here, and leave the caller's untouched."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        # Not torch.manual_seed: it would also reseed the CUDA devices that are not forked.
        torch.random.default_generator.manual_seed(seed)
        if device.type == "cuda":
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        yield
