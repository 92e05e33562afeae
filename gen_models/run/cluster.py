"""Leaving a machine when it asks for that, and coming back: signals, and Slurm's queue."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from gen_models.core.signals import SIGNALS, Interrupted, ignore_signals
from gen_models.errors import EXIT_INTERRUPTED, EXIT_RESUMABLE
from gen_models.files import write_text
from gen_models.run.command import FOLDER
from gen_models.run.first_rank import rank_zero_only

JOB = "GEN_MODELS_JOB"
"""Variable with the number of the Slurm job that consists of this run alone."""
NOTE = f"{FOLDER}/job"
"""File in the run directory with that number, of the job that has begun or continued the run last."""
PATIENCE = 60
"""Seconds to wait for an answer of Slurm's."""


@contextmanager
def requeueing() -> Iterator[None]:
    """Put a Slurm job that leaves as resumable back into the queue, once all of its files are closed.

    Only a job that is this run and nothing else: what starts one says so by `GEN_MODELS_JOB` (scripts/train.sbatch, and
    hydra/launcher=slurm). A run within somebody's session, or beside others in a script, must not requeue the whole,
    and whoever presses Ctrl-C wants it to end.
    While nothing trains (before, and during the last evaluation) there is no turn to finish: a signal ends it at once,
    and Ctrl-C does so without a traceback.
    """
    handlers = {number: signal.signal(number, _leave) for number in SIGNALS if number != signal.SIGINT}
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(EXIT_INTERRUPTED) from None
    except SystemExit as end:
        if isinstance(end.__context__, KeyboardInterrupt):  # to which Lightning, setting up a fit, gives another code
            raise SystemExit(EXIT_INTERRUPTED) from None
        by_hand = isinstance(end, Interrupted) and end.number == signal.SIGINT
        if end.code != EXIT_RESUMABLE or by_hand or not own_job():
            raise
        if rank_zero_only.rank:  # type: ignore[attr-defined]
            raise SystemExit(0) from None  # a failure here would let srun kill rank 0 before it has asked
        _requeue(_job())
        raise
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def own_job() -> str:
    """The number of the Slurm job that is this run and nothing else; "" where there is none."""
    number = os.environ.get("SLURM_JOB_ID", "")
    return number if number == os.environ.get(JOB) else ""


@rank_zero_only
def note_job(run: Path) -> None:
    """Note by which Slurm job a run is played from now on, if by one of its own."""
    if job := own_job():
        write_text(run / NOTE, job)
    else:
        (run / NOTE).unlink(missing_ok=True)


def restarted(run: Path) -> bool:
    """Whether this Slurm job has played turns of a run, and is back from the queue with the same command line."""
    with suppress(OSError, ValueError):
        back = os.environ.get("SLURM_RESTART_COUNT", "0") != "0"
        return back and (run / NOTE).read_text() == own_job()
    return False


def _leave(number: int, frame: FrameType | None) -> None:
    raise Interrupted(number)


def _job() -> str:
    """How Slurm calls this job; the last task of an array has the number of the whole, which must not be requeued."""
    if "SLURM_ARRAY_TASK_ID" in os.environ:
        return f"{os.environ['SLURM_ARRAY_JOB_ID']}_{os.environ['SLURM_ARRAY_TASK_ID']}"
    return os.environ["SLURM_JOB_ID"]


def _requeue(job: str) -> None:
    ignore_signals()  # as scontrol then does: the answer to it is a signal to this job
    shown = _scontrol("show", "job", "--oneliner", job)
    state = re.search(r"JobState=(\w+)", shown.stdout)
    if state is not None and state[1] != "RUNNING":  # cancelled, or requeued by Slurm itself
        print(f"Slurm job {job} is ending and was not requeued.", file=sys.stderr)
        return
    done = _scontrol("requeue", job)
    print(f"Slurm job {job} {done.stderr.strip() or 'goes back into the queue'}.", file=sys.stderr)


def _scontrol(*words: str) -> subprocess.CompletedProcess[str]:
    if shutil.which("scontrol") is None:
        return subprocess.CompletedProcess(words, 1, "", "can't be requeued: there is no scontrol on this node")
    try:
        return subprocess.run(["scontrol", *words], capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:  # it may still be done, or not: the turn is saved, whatever becomes of the job
        silent = f"was perhaps not requeued, for Slurm has not answered in {PATIENCE} s: see squeue, or submit it again"
        return subprocess.CompletedProcess(words, 1, "", silent)
