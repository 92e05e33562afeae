"""SIGKILL at any moment: power that fails, a machine that is taken away, the kernel short of memory."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from signal import SIGKILL
from time import monotonic, sleep
from typing import Any

from gen_models.errors import UsageError
from tests.faults.bench import GAN, Bench, Child, newest, nothing
from tests.faults.patches import preceded, wrapped
from tests.faults.trial import Trial

OPTIONS = (*GAN, "turns=40", "callbacks.checkpoint.every=2")
LONGEST = 2.0
"""Seconds after which a run is killed at the latest, about what all of its turns take."""


def kills(bench: Bench, count: int) -> Iterator[Trial]:
    """Kill runs again and again until they are done; each is then held against one that was left alone."""
    random, made = Random(0), 0
    _elsewhere(bench.folder)
    while made < count:
        run, killed = bench.place("killed"), True
        while killed:
            inside = made % 3 == 2
            before = newest(run)[0]
            child = bench.start(run, *OPTIONS, broken=_slow_writer if inside else nothing)
            (_in_a_write if inside else _by_chance)(child, run, random)
            killed = child.wait().code == -SIGKILL
            made += killed
            yield from [_looked_at(run, before, inside)] if killed else []
            killed = killed and made < count
        difference = bench.differs(run, *OPTIONS)
        yield Trial(not difference, difference or "ended in the same bits", count=1)


def _looked_at(run: Path, before: int, inside: bool) -> Trial:
    """A killed run keeps a newest checkpoint that is whole and not older than before."""
    try:
        turn, _ = newest(run)
    except UsageError as error:
        return Trial(False, str(error)[:150])
    half = any((run / "checkpoints").glob(".*tmp"))
    seen = f"killed {'inside a write' if half else 'anywhere' if not inside else 'beside a write'}, kept turn {turn}"
    return Trial(turn >= before, seen if turn >= before else f"went back from turn {before} to {turn}", half)


def _by_chance(child: Child, run: Path, random: Random) -> None:
    end = monotonic() + random.uniform(0.05, LONGEST)
    while monotonic() < end:
        sleep(0.002)
    child.send(SIGKILL)  # until it is waited for, a process that has ended can still be sent signals


def _in_a_write(child: Child, run: Path, random: Random) -> None:
    """Kill it a moment after a file has been begun that is not finished, but not necessarily the first one."""
    end, begun = monotonic() + 10 * LONGEST, random.uniform(0, LONGEST)
    sleep(begun)
    while monotonic() < end and not any((run / "checkpoints").glob(".*turn*tmp")):
        sleep(0.001)
    sleep(random.uniform(0, 0.05))
    child.send(SIGKILL)


def _slow_writer() -> None:
    def pause(*_: Any) -> None:
        sleep(0.005)

    wrapped("gen_models.files:_Remembering.write", preceded(pause))


def _elsewhere(folder: Path) -> None:
    """Temporary files go to another file system where there is one: a rename from there would be a copy."""
    shared = Path("/dev/shm")
    if shared.is_dir() and shared.stat().st_dev != folder.stat().st_dev:
        os.environ["TMPDIR"] = str(shared)
        tempfile.tempdir = None
