"""Signals in every phase of a run: from a queue that needs the machine, and from a hand on the keyboard."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from signal import SIGINT, SIGTERM, SIGUSR1, SIGUSR2, Signals

from gen_models.errors import EXIT_INTERRUPTED, EXIT_RESUMABLE
from tests.faults.bench import GAN, JUDGED, Bench, Ended, newest
from tests.faults.patches import signalled, wrapped
from tests.faults.trial import Trial

OPTIONS = (*GAN, *JUDGED, "turns=8", "callbacks.checkpoint.every=3")


@dataclass(frozen=True)
class Phase:
    """A moment of a run.

    Attributes:
        name: Which it is.
        call: What is being done.
        number: Which of these calls is met by the signal.
        kept: The turn that is on the disk afterwards.
    """

    name: str
    call: str
    number: int
    kept: int


PHASES = (
    Phase("start-up", "gen_models.job:build_data", 1, 0),
    Phase("set-up", "lightning:Trainer.fit", 1, 0),
    Phase("set-up of the training", "gen_models.core.engine:Engine.on_fit_start", 1, 0),
    Phase("first turn", "gen_models.core.engine:Engine.training_step", 1, 1),
    Phase("a turn", "gen_models.core.engine:Engine.training_step", 5, 5),
    Phase("saving", "gen_models.run.checkpoints:Store._write", 1, 3),
    Phase("an evaluation", "gen_models.callbacks.quality:figures_of", 1, 3),
    Phase("last turn", "gen_models.core.engine:Engine.training_step", 8, 7),
    Phase("last save", "gen_models.run.checkpoints:Store._write", 4, 8),
    Phase("last evaluation", "gen_models.job:figures_of", 1, 8),
    Phase("report", "gen_models.job:report", 1, 8),
)
"""A signal in a turn, or behind it, is obeyed before the next one: what it finds being saved is saved once more. Where
a turn is to be measured (the fourth, the eighth), the run leaves instead, and goes on from the one before."""
TRIALS = tuple(product(PHASES, (SIGTERM, SIGINT, SIGUSR1, SIGUSR2), (1, 2)))
"""Once, or twice at once: a second Ctrl-C ends a run at once, the others repeat themselves."""


def signals(bench: Bench, count: int) -> Iterator[Trial]:
    """A signal, once or twice, in a phase: exit 75 (or 130), no traceback, saved in turns; then the same bits."""
    for phase, number, times in TRIALS[:: max(1, len(TRIALS) // count)]:
        run = bench.place("left")
        ended = bench.ended(
            run, *OPTIONS, broken=lambda phase=phase, number=number, times=times: _meet(phase, number, times)
        )
        what = f"{Signals(number).name}{' twice' if times == 2 else ''} in {phase.name}"
        fault = _fault(phase, number, times, ended, newest(run)[0]) or bench.differs(run, *OPTIONS)
        yield Trial(not fault, f"{what}: {fault or f'left within {ended.seconds:.1f} s'}", ended.seconds)


def _meet(phase: Phase, number: int, times: int) -> None:
    for _ in range(times):
        wrapped(phase.call, signalled(number), first=phase.number, last=phase.number)


def _fault(phase: Phase, number: int, times: int, ended: Ended, turn: int) -> str:
    """What is wrong with how a run left; "" if nothing is. The last turn need not be left for."""
    if not ended.quietly:
        return str(ended)
    codes = {EXIT_RESUMABLE, EXIT_INTERRUPTED} if number == SIGINT else {EXIT_RESUMABLE}
    if phase.kept == 8:
        codes.add(0)
    if ended.code not in codes:
        return str(ended)
    at_once = number == SIGINT and times == 2
    return "" if at_once or turn == phase.kept else f"kept turn {turn}, not {phase.kept}"
