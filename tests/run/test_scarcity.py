"""A machine with too little of something: one sentence with the way out, and what it began with in error.txt."""

import errno
import multiprocessing
import re

import pytest
import torch

from gen_models.errors import EXIT_FAILED, EXIT_INTERRUPTED
from gen_models.run.boundary import boundary, explained, job

SHARED = "/dev/shm is too small .*data.workers=0"
LACKS = {
    "memory": (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.\nMore"), "lower data.batch_size"),
    "address space": (MemoryError(), r"MemoryError\): lower data.batch_size, raise model.accumulate"),
    "allocator": (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "trainer.precision"),
    "files": (OSError(errno.EMFILE, "Too many open files"), "data.workers=0 .*ulimit -n"),
    "shared memory": (RuntimeError("unable to open shared memory object </x>"), SHARED),
    "worker": (RuntimeError("DataLoader worker is killed by signal: Bus error."), SHARED),
}


@pytest.mark.parametrize("lack", LACKS)
def test_what_is_lacking_is_said_with_the_way_out(lack):
    error, way = LACKS[lack]
    sentence, code = explained(error)
    assert code == EXIT_FAILED
    assert "\n" not in sentence
    assert re.search(way, sentence), sentence


def test_the_lack_is_found_behind_the_last_words_of_a_library(monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("multiprocessing.synchronize.SemLock._make_name", full)
    with pytest.raises(RuntimeError) as end:
        following(multiprocessing.Lock)
    assert "/dev/shm is too small" in explained(end.value)[0]


def following(call):
    try:
        call()
    except OSError:
        raise RuntimeError("Please call `iter(combined_loader)` first.")  # noqa: B904


def test_a_full_disk_is_no_lack_of_shared_memory():
    message, _ = explained(OSError(errno.ENOSPC, "No space left on device"))
    assert "shm" not in message


def test_error_txt_ends_with_what_it_began_with(compose_job, tmp_path):
    def full():
        raise OSError(errno.EIO, "Input/output error")

    def failing(cfg):
        following(full)

    with pytest.raises(RuntimeError):
        job(failing)(compose_job(run=tmp_path / "run"))
    last = (tmp_path / "run" / "error.txt").read_text().splitlines()[-1]
    assert last.startswith("RuntimeError: Please call")
    assert last.endswith("(it began with OSError: [Errno 5] Input/output error)")


def test_ctrl_c_before_a_job_leaves_quietly():
    with pytest.raises(SystemExit) as end, boundary():
        raise KeyboardInterrupt
    assert end.value.code == EXIT_INTERRUPTED
