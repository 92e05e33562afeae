"""Loader processes, however the system starts them."""

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from gen_models.core.signals import ignore_signals
from gen_models.core.stream import Chain, Turn
from gen_models.data.digits import Digits
from gen_models.data.items import ArrayItems

TURNS = [Turn(number, 6 * number, 6) for number in range(4)]


def stored(tmp_path):
    np.save(tmp_path / "images.npy", np.random.default_rng(0).integers(0, 256, (10, 4, 4, 3), np.uint8))
    return ArrayItems(np.load(tmp_path / "images.npy", mmap_mode="r"), np.arange(10)).head(9)


def labelled(_):
    return Digits(labelled=30).train


@pytest.mark.parametrize(
    ("method", "make"), [("fork", stored), ("fork", labelled), ("spawn", stored), ("forkserver", labelled)]
)
def test_workers_give_the_same_batches_by_every_start_method(tmp_path, method, make):
    chain = Chain(make(tmp_path), seed=1, flip=True)
    expected = [chain[turn] for turn in TURNS]  # the permutations drawn are sent along
    options = {"batch_size": None, "sampler": TURNS, "num_workers": 1, "worker_init_fn": ignore_signals}
    for got, wanted in zip(DataLoader(chain, multiprocessing_context=method, **options), expected, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(got, wanted, strict=True))
