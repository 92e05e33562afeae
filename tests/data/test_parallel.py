"""Work over all cores that is asked to end, or whose processes die."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from threading import Event

import pytest

import gen_models
from gen_models.data.parallel import AHEAD, cores, in_parallel
from gen_models.errors import EXIT_INTERRUPTED, EXIT_RESUMABLE, UsageError

SCRIPT = """
import os, sys, time
from gen_models.data.parallel import in_parallel
from gen_models.run.cluster import requeueing

def work(item):
    time.sleep(0.001)
    return os.getpid(), bytes(20_000)  # of which several fill a pipe: workers are met in the middle of a result

if __name__ == "__main__":
    with requeueing():
        for pid, _ in in_parallel(work, range(100_000), "working", processes=True):
            print(pid, flush=True)
"""


@pytest.fixture
def start(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)

    def start():
        command = [sys.executable, str(tmp_path / "script.py")]
        environment = {**os.environ, "PYTHONPATH": str(Path(gen_models.__file__).parent.parent)}
        pipes = {"env": environment, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        process = subprocess.Popen(command, start_new_session=True, **pipes)
        return process, int(process.stdout.readline())

    return start


def gone(pid):
    for _ in range(100):
        with suppress(FileNotFoundError, ProcessLookupError):
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z":
                time.sleep(0.1)
                continue
        return True
    return False


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(
    ("number", "code", "whole"),
    [("SIGTERM", EXIT_RESUMABLE, False), ("SIGTERM", EXIT_RESUMABLE, True), ("SIGINT", EXIT_INTERRUPTED, True)],
)
def test_a_signal_ends_main_and_workers_quietly(start, number, code, whole):
    process, worker = start()
    (os.killpg if whole else os.kill)(process.pid, signal.Signals[number])
    _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert errors == ""
    assert gone(worker)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_workers_end_with_a_parent_that_is_killed(start):
    process, worker = start()
    process.kill()
    process.communicate(timeout=30)
    assert gone(worker)


def _die(item):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_worker_is_one_sentence():
    with pytest.raises(UsageError, match="killed while drawing, perhaps for want of memory"):
        list(in_parallel(_die, range(3), "drawing", processes=True))


def _note(folder, item):
    (folder / str(item)).touch()
    time.sleep(0.01)


@pytest.mark.parametrize("processes", [True, False])
def test_what_is_closed_early_stops_working(tmp_path, processes):
    with closing(in_parallel(partial(_note, tmp_path), range(1000), "", processes=processes)) as results:
        next(results)
    done = len(list(tmp_path.iterdir()))
    assert done < 500
    time.sleep(0.3)
    assert len(list(tmp_path.iterdir())) == done


def test_few_results_wait_in_memory_for_one_that_takes_long():
    begun, long = [], Event()

    def work(item):
        begun.append(item)
        return long.wait(10) if item == 0 else item

    with closing(in_parallel(work, range(1000), "", processes=False)) as results:
        threading.Timer(0.2, long.set).start()
        next(results)
        assert len(begun) <= 1 + (AHEAD + 1) * cores()


@pytest.mark.parametrize("processes", [True, False])
def test_results_come_in_order(processes):
    assert list(in_parallel(abs, range(-2000, 0), "", processes=processes)) == list(range(2000, 0, -1))
