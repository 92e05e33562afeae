import mmap
import multiprocessing
import pickle
import shutil
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from gen_models.data.items import ArrayItems
from gen_models.data.mapped import read_in_no_order
from gen_models.data.store import ImageStore, StoreWriter, cached_store
from gen_models.errors import UsageError

IMAGES = np.random.default_rng(0).integers(0, 256, (10, 4, 5, 3), dtype=np.uint8)


def write(folder, mark=None):
    if mark is not None:
        mark.open("a").write("x")
    with StoreWriter(folder, (4, 5, 3), len(IMAGES)) as writer:
        for label, image in enumerate(IMAGES):
            writer.add(image, label)
    return {"note": "kept"}


def test_store_returns_what_was_written(tmp_path):
    store = cached_store(tmp_path / "cache" / "s", write)
    np.testing.assert_array_equal(store.images, IMAGES)
    np.testing.assert_array_equal(store.labels, np.arange(10))
    assert store.meta == {"note": "kept"}
    assert isinstance(store.images, np.memmap)


def _ask(path, mark):
    assert len(cached_store(path, partial(write, mark=mark)).labels) == 10


def test_one_of_several_processes_builds(tmp_path):
    context = multiprocessing.get_context("fork")
    jobs = [context.Process(target=_ask, args=(tmp_path / "s", tmp_path / "mark")) for _ in range(6)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(30)
    assert [job.exitcode for job in jobs] == [0] * 6
    assert (tmp_path / "mark").read_text() == "x"


def test_failed_build_leaves_nothing(tmp_path):
    def fail(folder):
        write(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cached_store(tmp_path / "s", fail)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []
    assert len(cached_store(tmp_path / "s", write).labels) == 10


@pytest.mark.parametrize("damage", ["truncate", "missing", "meta", "labels"])
def test_damaged_store_is_refused_then_rebuilt(tmp_path, damage):
    path = tmp_path / "s"
    cached_store(path, write)
    if damage == "truncate":
        (path / "images.npy").write_bytes((path / "images.npy").read_bytes()[:-1])
    elif damage == "missing":
        (path / "images.npy").unlink()
    elif damage == "meta":
        (path / "meta.json").write_text('{"note"')
    else:
        np.save(path / "labels.npy", np.zeros(3, np.int64))
    with pytest.raises(UsageError, match="delete it"):
        ImageStore.open(path)
    np.testing.assert_array_equal(cached_store(path, write).images, IMAGES)


def test_no_bit_of_a_header_ends_in_a_traceback(tmp_path):
    cached_store(tmp_path / "s", write)
    path = tmp_path / "s" / "images.npy"
    whole, refused = path.read_bytes(), 0
    for bit in range(8 * 128):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            ImageStore.open(tmp_path / "s")
        except UsageError:
            refused += 1
    assert refused > 500


def test_full_disk_is_named_before_anything_is_written(tmp_path, monkeypatch):
    usage = SimpleNamespace(free=599)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(UsageError, match="do not fit"):
        cached_store(tmp_path / "s", write)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=600))
    cached_store(tmp_path / "s", write)


def test_unusable_place_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"data\.cache"):
        cached_store(tmp_path / "file" / "s", write)


def test_writer_refuses_another_shape(tmp_path):
    with StoreWriter(tmp_path, (4, 5, 3), 1) as writer, pytest.raises(UsageError, match="came where"):
        writer.add(IMAGES[0, :3])


def test_items_gather_a_batch_of_channels_last_images(tmp_path):
    store = cached_store(tmp_path / "s", write)
    items = ArrayItems(store.images, store.labels, range(2, 9))
    x, y = items.gather([6, 0, 3])
    assert x.shape == (3, 3, 4, 5)
    assert x.dtype == torch.uint8
    assert x.is_contiguous(memory_format=torch.channels_last)
    np.testing.assert_array_equal(x.permute(0, 2, 3, 1), IMAGES[[8, 2, 5]])
    assert y.tolist() == [8, 2, 5]
    assert len(items) == 7
    assert len(items.head(3)) == 3
    with pytest.raises(IndexError):
        items.gather([7])


def test_workers_map_the_store_again_instead_of_copying_it(tmp_path):
    store = cached_store(tmp_path / "s", write)
    items = ArrayItems(np.load(store.path / "images.npy", mmap_mode="r"), store.labels, range(2, 9))
    message = pickle.dumps(items)
    copy = pickle.loads(message)
    assert IMAGES[3].tobytes() not in message
    assert torch.equal(copy.gather([1])[0], items.gather([1])[0])
    assert isinstance(copy.x, np.memmap)


def test_a_map_beyond_the_memory_is_read_in_no_order(tmp_path, monkeypatch):
    np.save(tmp_path / "x.npy", np.zeros((10, 4, 4, 3), np.uint8))
    advised = []

    class Map(mmap.mmap):
        def madvise(self, advice):
            advised.append(advice)

    monkeypatch.setattr("mmap.mmap", Map)
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    read_in_no_order(x, memory=1000)
    read_in_no_order(np.zeros(10_000), memory=1000)
    assert advised == []
    read_in_no_order(x.reshape(10, 48)[2:], memory=700)
    assert advised == [mmap.MADV_RANDOM]
