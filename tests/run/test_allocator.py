"""Memory that a turn frees is there for the next one."""

import resource
import sys

import pytest
import torch

from gen_models.run.allocator import keep_freed_memory

BLOCKS, NUMBERS = 8, 2**21


def faults() -> int:
    """Pages that the system had to give so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is Linux's")
def test_what_is_freed_is_taken_again(monkeypatch):
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)
    if not keep_freed_memory():
        pytest.skip("another library than glibc")
    pages = []
    for _ in range(4):
        before = faults()
        blocks = [torch.ones(NUMBERS) for _ in range(BLOCKS)]
        del blocks
        pages.append(faults() - before)
    assert min(pages[1:]) < BLOCKS * NUMBERS * 4 / resource.getpagesize() / 10


def test_who_chose_otherwise_is_left_alone(monkeypatch):
    monkeypatch.setenv("MALLOC_ARENA_MAX", "2")
    assert not keep_freed_memory()
