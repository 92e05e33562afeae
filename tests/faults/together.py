"""What surrounds a run: a second process, a clock that is set back, and time."""

import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

from gen_models.errors import EXIT_USAGE
from tests.conftest import CONF
from tests.faults.bench import GAN, Bench, Child
from tests.faults.patches import preceded, wrapped
from tests.faults.trial import Trial

SHORT_RUN = (*GAN, "turns=8", "callbacks.checkpoint.every=3")
DAY = 86400.0


def two(bench: Bench, count: int) -> Iterator[Trial]:
    """Two processes in one directory: the second is refused in one sentence, the first ends as if alone."""
    for _ in range(count):
        run, over = bench.place("two"), bench.place("over")
        first = bench.start(run, *SHORT_RUN, broken=partial(_held_until, over))
        while not (run / "config.yaml").exists() and first.over() is None:
            sleep(0.01)
        second = bench.ended(run, *SHORT_RUN)
        over.touch()
        one = first.wait()
        sentence = len(second.said.strip().splitlines()) == 1 and "another process is training" in second.said
        difference = bench.differs(run, *SHORT_RUN)
        held = second.code == EXIT_USAGE and sentence and not one.code and not (run / "error.txt").exists()
        seen = f"the second: {second}; the first: {difference or 'the same bits'}"
        yield Trial(held and not difference, seen, second.seconds)


def _held_until(over: Path) -> None:
    """Let the second turn last until the other process has ended, however slow this machine is."""

    def wait(*_: Any) -> None:
        while not over.exists():
            sleep(0.01)

    wrapped("gen_models.core.engine:Engine.training_step", preceded(wait), first=2, last=2)


def clocks(bench: Bench, count: int) -> Iterator[Trial]:
    """The clock is set back by a day in a turn: the run ends in the same bits, and so does its continuation."""
    for number in range(count):
        turn, run = 1 + number % 8, bench.place("clock")
        ended = bench.ended(run, *SHORT_RUN, broken=lambda turn=turn: _set_back(turn))
        (run / "finished.json").unlink(missing_ok=True)
        fault = str(ended) if ended.code or not ended.quietly else bench.differs(run, *SHORT_RUN)
        yield Trial(not fault, f"in turn {turn}: {fault or 'the same bits'}")


def _set_back(turn: int) -> None:
    now, shift = time.time, [0.0]
    time.time = lambda: now() - shift[0]

    def back(*_: Any) -> None:
        shift[0] = DAY

    wrapped("gen_models.core.engine:Engine.training_step", preceded(back), first=turn, last=turn)


def soak(bench: Bench, count: int) -> Iterator[Trial]:
    """Thousands of turns, saved every 200: memory stays flat, files and open files bounded; counted in turns."""
    run = bench.place("soak")
    options = (*GAN, "log_every=50", f"turns={count}", "callbacks.checkpoint.every=200", "callbacks.grids.every=1000")
    child = bench.start(run, *options)
    early, late, handles = _watched(child, run, count)
    ended = child.wait(7200)
    files = sum(1 for path in run.rglob("*") if path.is_file())
    held = not ended.code and late <= 1.05 * early and files <= 20 + count // 1000 and handles <= 64
    seen = f"{early:.0f} MB after a fifth, {late:.0f} MB at most later, {handles} open files, {files} files"
    yield Trial(held, seen if not ended.code else f"{seen}; {ended}", count=count)


def _watched(child: Child, run: Path, count: int) -> tuple[float, float, int]:
    """The most memory in MB in the first fifth of the turns and after it, and the most open files."""
    early = late = 0.0
    handles = 0
    while child.over() is None:
        memory, handles = _memory(child.pid), max(handles, len(os.listdir(f"/proc/{child.pid}/fd")))
        if _turn(run) <= count / 5:
            early = max(early, memory)
        else:
            late = max(late, memory)
        sleep(0.2)
    return early, late, handles


def _memory(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _turn(run: Path) -> int:
    names = sorted(path.name for path in (run / "checkpoints").glob("turn-*.ckpt"))
    return int(names[-1][5:14]) if names else 0


def models(bench: Bench, count: int) -> Iterator[Trial]:
    """Every model of conf/model, cut after turns 3 and 7 of 8 and continued: the same bits."""
    names = sorted(path.stem for path in CONF.glob("model/*.yaml"))
    for name in names[:: max(1, len(names) // count)]:
        options, run = (f"model={name}", "callbacks.checkpoint.every=3"), bench.place("cut")
        cuts = [bench.ended(run, *options, f"turns={turn}") for turn in (3, 7)]
        failed = [str(ended) for ended in cuts if ended.code]
        fault = failed[0] if failed else bench.differs(run, *options, "turns=8")
        yield Trial(not fault, f"{name}: {fault or 'the same bits'}")
