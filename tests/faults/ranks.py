"""Two processes that train one model: one is asked to leave, killed or stopped; the other must not wait for ever."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGSTOP, SIGTERM, SIGUSR1, Signals
from time import monotonic, sleep

from gen_models.errors import EXIT_RESUMABLE
from tests.conftest import CONF
from tests.faults.bench import Bench, newest
from tests.faults.trial import Trial

SILENCE, GRACE = 40, 10
"""Seconds that a rank waits for another one, which a busy machine is slow to start, and that it takes to leave."""
LIMIT = 150.0
"""Seconds after which a process counts as hanging: torch notices a silent rank late, and this machine may be busy."""
OPTIONS = (
    *("model=ae", "network=mlp", "turns=1000000", "log_every=10", "callbacks.checkpoint.every=50"),
    *("data=digits", "metrics=none", "logger=csv", "callbacks.grids.every=0", "callbacks.quality.every=0"),
    *("trainer=ddp_cpu", f"trainer.strategy.timeout={SILENCE}", f"+callbacks.checkpoint.grace={GRACE}"),
)


@dataclass(frozen=True)
class Scene:
    """Which signal is sent to which ranks, and whether the run can then still save its turn."""

    number: Signals
    ranks: tuple[int, ...]
    code: int | None = None


SCENES = (
    Scene(SIGTERM, (1,), EXIT_RESUMABLE),
    Scene(SIGSTOP, (1,)),
    Scene(SIGKILL, (1,)),
    Scene(SIGTERM, (0,), EXIT_RESUMABLE),
    Scene(SIGTERM, (0, 1), EXIT_RESUMABLE),
    Scene(SIGUSR1, (1,), EXIT_RESUMABLE),
    Scene(SIGUSR1, (0, 1), EXIT_RESUMABLE),
    Scene(SIGINT, (0, 1), EXIT_RESUMABLE),
    Scene(SIGKILL, (0,)),
    Scene(SIGSTOP, (0,)),
)


def ranks(bench: Bench, count: int) -> Iterator[Trial]:
    """Signals to one rank or both: all others end in time, by 75 where they were asked to; a checkpoint stays."""
    for scene in SCENES[:count]:
        run = bench.place("ranks")
        what = f"{scene.number.name} to rank {' and '.join(map(str, scene.ranks))}"
        yield _played(scene, run, what)


def _played(scene: Scene, run: Path, what: str) -> Trial:
    command = [sys.executable, "train.py", *OPTIONS, f"run={run}", f"paths.cache={run.parent}/cache"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with (run.parent / f"{run.name}.txt").open("w") as said:
        process = subprocess.Popen(
            command, cwd=CONF.parent, env=environment, stdout=said, stderr=said, start_new_session=True
        )
        try:
            pids = (process.pid, _second(process, run))
            start = monotonic()
            for rank in scene.ranks:
                os.kill(pids[rank], scene.number)
            hanging = _waited(process, [pid for rank, pid in enumerate(pids) if _must_end(scene, rank)])
            # A process is no longer there for others a moment before its parent can be told how it ended.
            code = None if process.pid in hanging or 0 in scene.ranks and scene.number == SIGSTOP else process.wait(10)
            return _judged(scene, run, code, hanging, monotonic() - start, what)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, SIGKILL)
            process.wait()


def _judged(scene: Scene, run: Path, code: int | None, hanging: list[int], seconds: float, what: str) -> Trial:
    turn, _ = newest(run)
    seen = f"{what}: exit {code} after {seconds:.0f} s, kept turn {turn}"
    if hanging:
        return Trial(False, f"{seen}; {len(hanging)} processes hang")
    return Trial(turn > 0 and scene.code in (None, code), seen, seconds)


def _must_end(scene: Scene, rank: int) -> bool:
    """A stopped process can't end by itself; whoever stopped it sets it free."""
    return not (scene.number == SIGSTOP and rank in scene.ranks)


def _second(process: subprocess.Popen[bytes], run: Path) -> int:
    """The other rank, once both have trained for a while."""
    end = monotonic() + LIMIT
    while not (run / "checkpoints" / "manifest.json").exists():
        if process.poll() is not None or monotonic() > end:
            said = (run.parent / f"{run.name}.txt").read_text()
            raise RuntimeError(f"two ranks did not start: {said[-500:]}")
        sleep(0.1)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    named = [int(pid) for pid in children if b"train.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return named[0]


def _waited(process: subprocess.Popen[bytes], pids: list[int]) -> list[int]:
    """Wait until processes have ended; give those that do not."""
    end = monotonic() + LIMIT
    while (left := [pid for pid in pids if _alive(pid)]) and monotonic() < end:
        process.poll()
        sleep(0.1)
    return left


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
