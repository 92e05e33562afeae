"""Loader processes, however the system starts them."""

import os
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from gen_models.core.signals import ignore_signals
from gen_models.core.stream import Chain, Turn
from gen_models.data.digits import Digits
from gen_models.data.items import ArrayItems
from gen_models.data.workers import check_workers
from gen_models.errors import UsageError

TURNS = [Turn(number, 6 * number, 6) for number in range(4)]


def stored(tmp_path):
    np.save(tmp_path / "images.npy", np.random.default_rng(0).integers(0, 256, (10, 4, 4, 3), np.uint8))
    return ArrayItems(np.load(tmp_path / "images.npy", mmap_mode="r"), np.arange(10)).head(9)


def labelled(_):
    return Digits(labelled=30).train


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "make"), [("fork", stored), ("fork", labelled), ("spawn", stored), ("forkserver", labelled)]
)
def test_workers_give_the_same_batches_by_every_start_method(tmp_path, method, make):
    chain = Chain(make(tmp_path), seed=1, flip=True)
    expected = [chain[turn] for turn in TURNS]  # the permutations drawn are sent along
    options = {"batch_size": None, "sampler": TURNS, "num_workers": 1, "worker_init_fn": ignore_signals}
    for got, wanted in zip(DataLoader(chain, multiprocessing_context=method, **options), expected, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(got[:3], wanted[:3], strict=True))  # no noise yet
        assert torch.equal(got.mirrored, wanted.mirrored)


def test_too_little_shared_memory_is_one_sentence_before_training(run_job, monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.disk_usage", lambda path: namedtuple("Usage", "free")(16_000))
    with pytest.raises(UsageError, match=r"needs 0.0164 MB of shared memory, .* has 0.016: use data.workers=0"):
        run_job("model=gan", "network=mlp", "data.workers=2", "turns=1")
    assert not (tmp_path / "run" / "checkpoints").exists()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files")
def test_too_few_open_files_are_one_sentence():
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 20, hard))
    try:
        with pytest.raises(UsageError, match="data.workers=2 needs some 36 open files, .* may open .* more"):
            check_workers(2, batch=1)
        check_workers(0, batch=1)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
