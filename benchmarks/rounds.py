"""The referee of a race: two processes on one core, which play in alternating rounds.

Whatever else the machine does hits both alike, and what is kept are ratios, never seconds: the second's time for a
unit of work over the first's in each round, their median, and their quartiles as the spread.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / ".cache" / "peers"
WARM_UP = 3
"""Turns by which the length of a turn is estimated."""


class Absent(Exception):
    """A side that cannot play, in a sentence."""


@dataclass(frozen=True)
class Side:
    """A worker: a module that is run, its arguments, and the environment that it lives in.

    Args:
        module: As after `python -m`.
        arguments: Its command line.
        environment: Name of a peer's; empty for the project's own.
    """

    module: str
    arguments: tuple[str, ...] = ()
    environment: str = ""

    def command(self) -> list[str]:
        """Say what starts it.

        Raises:
            Absent: Its environment could not be made.
        """
        if not self.environment:
            return [sys.executable, "-P", "-m", self.module, *self.arguments]
        home = PEERS / self.environment
        if not (home / "ready").exists():
            said = home / "failed"
            raise Absent(said.read_text().strip() if said.exists() else "not installed: `make peers` was not run.")
        return [str(home / "bin" / "python"), "-P", "-m", self.module, *self.arguments]


@dataclass(frozen=True)
class Outcome:
    """Ratios of a race, rising, and what its sides said of themselves."""

    ratios: list[float]
    facts: dict[str, str]

    @property
    def median(self) -> float:
        """How many times as fast as the second the first is."""
        return median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        """Lower and upper quartile."""
        low, _, high = quantiles(self.ratios, n=4) if len(self.ratios) > 1 else 3 * self.ratios
        return low, high


class Worker:
    """A side that has been started and waits for its next turns."""

    def __init__(self, process: subprocess.Popen[str], said: Path) -> None:
        self._process, self._said = process, said
        self.facts: dict[str, str] = self._answer()

    def play(self, turns: int) -> float:
        """Let it play; give the seconds a unit of work."""
        self._sink.write(f"{turns}\n")
        self._sink.flush()
        return self._answer()["seconds"] / turns

    def turns_in(self, seconds: float) -> int:
        """Estimate how many turns fill so many seconds."""
        if self.play(1) > seconds:  # and so are warm
            return 1
        return max(1, round(seconds / max(self.play(WARM_UP), 1e-5)))

    @property
    def _sink(self) -> IO[str]:
        assert self._process.stdin is not None
        return self._process.stdin

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        if line := self._process.stdout.readline():
            return json.loads(line)
        lines = self._said.read_text().strip().splitlines() or ["it ended without a word"]
        raise Absent(lines[-1])


@contextmanager
def started(side: Side, core: int | None, folder: Path) -> Iterator[Worker]:
    """Start a side on a core, in a folder of its own for whatever it writes, and end it afterwards."""
    command = side.command()
    folder.mkdir()
    said = folder / "said.txt"
    variables = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    with said.open("w") as errors:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": errors}
        process = subprocess.Popen(command, cwd=folder, text=True, env={**os.environ, **variables}, **pipes)
    if core is not None:
        os.sched_setaffinity(process.pid, {core})
    try:
        yield Worker(process, said)
    finally:
        process.kill()
        process.communicate()


def race(first: Side, second: Side, rounds: int = 7, seconds: float = 1.0, core: int | None = None) -> Outcome:
    """Let two sides play in turns, and say how many times as fast the first is.

    Args:
        first: The one in question.
        second: Its yardstick.
        rounds: Of both.
        seconds: About so long a side plays in a round, and at least one turn.
        core: The one that both are held on; None leaves them free.

    Raises:
        Absent: One of them can't play.
    """
    second.command()  # refuses at once, before the first has started
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        ours = stack.enter_context(started(first, core, Path(folder, "first")))
        theirs = stack.enter_context(started(second, core, Path(folder, "second")))
        turns = {worker: worker.turns_in(seconds) for worker in (ours, theirs)}
        ratios = []
        for number in range(rounds):
            order = (ours, theirs) if number % 2 else (theirs, ours)
            times = {worker: worker.play(turns[worker]) for worker in order}
            ratios.append(times[theirs] / times[ours])
        return Outcome(sorted(ratios), ours.facts | theirs.facts)
