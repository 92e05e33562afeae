"""A fork server: this process has imported everything, and each run is a child of it that begins at once.

A child composes and runs a job as `train.py` does, between the same two boundaries.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import torch
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from gen_models.job import train
from gen_models.run.boundary import boundary, job
from gen_models.run.checkpoints import CHECKPOINTS, Store
from tests.conftest import CONF, QUICK, compose_without_hydra
from tests.helpers import assert_same

GAN = ("model=sngan", "network=mlp", "log_every=5")
"""The run of most trials; its checkpoints have 5 MB."""
JUDGED = ("metrics=data_space", "metrics.n=20", "metrics.metrics=[kid]", "callbacks.quality.every=4", "objective=null")
"""Figures every four turns, quickly taken; none marks a best checkpoint, which would be one save more."""
PATIENCE = 120.0
"""Seconds after which a child counts as hanging."""


def nothing() -> None:
    """Break nothing."""


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit code (-9: by signal 9), what it said, and the seconds that it took to end."""

    code: int
    said: str
    seconds: float

    @property
    def quietly(self) -> bool:
        """Whether nobody was shown a traceback."""
        return "Traceback (most recent call last)" not in self.said

    def __str__(self) -> str:
        last = (self.said.strip().splitlines() or ["nothing"])[-1]
        return f"exit {self.code}, said {last[:100]!r}"


@dataclass
class Child:
    """A process of our own, and the pipe that it speaks into (no file: files may be what is broken)."""

    pid: int
    pipe: int
    heard: bytes = field(default=b"", init=False)
    code: int | None = field(default=None, init=False)

    def send(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def over(self) -> int | None:
        """Its exit code, once it has ended."""
        self._listen()
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if pid else None
        return self.code

    def wait(self, limit: float = PATIENCE) -> Ended:
        """Wait for its end; one that hangs is killed, and ends with -9."""
        start = monotonic()
        while (code := self.over()) is None:
            if monotonic() - start > limit:
                self.send(signal.SIGKILL)
            sleep(0.005)
        self._listen()
        os.close(self.pipe)
        return Ended(code, self.heard.decode(errors="replace"), monotonic() - start)

    def _listen(self) -> None:
        try:
            while part := os.read(self.pipe, 65536):
                self.heard += part
        except BlockingIOError:
            return


def fork(act: Callable[[], Any]) -> Child:
    """Do something in a child, whose exit code is that of a script that does it."""
    reading, writing = os.pipe()
    if pid := os.fork():
        os.close(writing)
        os.set_blocking(reading, False)
        return Child(pid, reading)
    os.dup2(writing, 1)
    os.dup2(writing, 2)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1, closefd=False) for number in (1, 2))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os._exit(_code(act))


def _code(act: Callable[[], Any]) -> int:
    try:
        act()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except BaseException:  # what Python itself does at the end of a script
        traceback.print_exc()
        return 1
    return 0


@dataclass(frozen=True)
class Bench:
    """Where runs are made and broken.

    Args:
        folder: Theirs; removed by whoever made it.
    """

    folder: Path

    def place(self, name: str) -> Path:
        """A run directory that is not there yet."""
        return self.folder / f"{name}-{sum(1 for _ in self.folder.iterdir())}"

    def start(self, run: Path, *options: str, broken: Callable[[], Any] = nothing) -> Child:
        """Begin a job in a child in which something is broken first."""

        def act() -> None:
            broken()
            with boundary():
                job(train)(self.composed(run, *options))

        return fork(act)

    def ended(self, run: Path, *options: str, broken: Callable[[], Any] = nothing) -> Ended:
        """Run a job in a child to its end."""
        return self.start(run, *options, broken=broken).wait()

    def composed(self, run: Path, *options: str) -> DictConfig:
        """Compose a quick job on 8x8 digits."""
        quick = [*QUICK, f"paths.run={run}", f"paths.cache={self.folder.parent}/cache", "~callbacks.progress"]
        with initialize_config_dir(str(CONF), version_base="1.3"):
            cfg = compose("train", [*quick, *options], return_hydra_config=True)
        HydraConfig.instance().set_config(cfg)
        return compose_without_hydra(cfg)

    @cache  # noqa: B019 (a bench lives as long as the suite)
    def whole(self, *options: str) -> dict[str, Any]:
        """The last state of a run that nothing happened to."""
        run = self.place("whole")
        ended = self.ended(run, *options)
        if ended.code:
            raise RuntimeError(f"a run that nothing is done to has failed: {ended.said}")
        return newest(run)[1]

    def differs(self, run: Path, *options: str) -> str:
        """Give the command again, with nothing broken; "" if it ends in the bits of a whole run, or how it does not."""
        ended = self.ended(run, *options)
        if ended.code or not ended.quietly:
            return f"the same command then fails: {ended}"
        try:
            assert_same(self.whole(*options), newest(run)[1])
        except AssertionError as difference:
            return f"other bits: {str(difference).splitlines()[0]}"
        return ""


def newest(run: Path) -> tuple[int, dict[str, Any]]:
    """Turn and content of a run's newest whole checkpoint; turn 0 and nothing where there is none yet.

    Raises:
        UsageError: There are checkpoints, and none is whole.
    """
    found = Store(run / CHECKPOINTS).newest()
    return (found[0].turn, found[1]) if found else (0, {})


torch.set_num_threads(1)  # a thread pool does not live through a fork
