"""The one place where errors become sentences and exit codes."""

import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import wraps
from pathlib import Path
from time import time

from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from gen_models.errors import (
    EXIT_DEAD,
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    JobFailed,
    NotMeasured,
    NumericalDeath,
    Occupied,
    UsageError,
    visible,
)
from gen_models.run.cluster import requeueing
from gen_models.run.command import again, begun
from gen_models.run.new_directory import abandon, claimed, vacant
from gen_models.run.outcome import note_error
from gen_models.run.quiet import quieten
from gen_models.run.scarcity import FULL, last_line, scarce
from gen_models.run.sentences import UNNAMED, sentence
from gen_models.run.sweeps import searching, sweeping

LONE = "Expected more than 1 value per channel"
"""What torch says of a batch normalisation of vectors that is given one."""

MAKERS = {"sweep's directory": "sweep", "run directory": "run_job"}
"""Functions of Hydra, and of sweepers, that make a directory."""
PLACES = {"sweep's directory": "another paths.runs=…", "run directory": "another run=…"}

Task = Callable[[DictConfig], float | None]


@contextmanager
def boundary() -> Iterator[None]:
    """Turn what a person got wrong into one sentence on stderr and exit code 2.

    A numerically dead run exits with 76, an interrupted one with 75, a sweep of which jobs failed with 1.
    `GEN_MODELS_DEBUG=1` shows the traceback instead.
    """
    quieten()
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(EXIT_INTERRUPTED) from None
    except Exception as error:
        told = explained(error)
        if told is None or os.environ.get("GEN_MODELS_DEBUG"):
            raise
        message, code = told
        print(visible(message, "\n\t"), file=sys.stderr)
        raise SystemExit(code) from None


def explained(error: Exception, typed: Sequence[str] | None = None) -> tuple[str, int] | None:
    """Give the sentence and the exit code for what a person can mend; None for what a programmer has to.

    Args:
        error: What happened.
        typed: The options that were being composed; None takes those of the command line.
    """
    if isinstance(error, NumericalDeath):
        return f"numerically dead: {error} The last checkpoint is from before.", EXIT_DEAD
    if isinstance(error, JobFailed):
        return f"the sweep has ended, and jobs of it failed: first {error}", EXIT_FAILED
    if isinstance(error, UsageError):
        return str(error), EXIT_USAGE
    if told := _of_cluster(error):
        return told
    if isinstance(error, OSError) and (made := _made_by_hydra(error)):
        return f"the {made} {error.filename} can't be made ({error.strerror}): choose {PLACES[made]}.", EXIT_USAGE
    if short := scarce(error):
        return short, EXIT_FAILED
    if isinstance(error, OSError) and error.errno in FULL:
        return f"a file could not be written ({error.strerror}): make room, and {again()} goes on.", EXIT_USAGE
    if isinstance(error, ValueError) and LONE in str(error):
        return (
            "a layer normalises over the items of a batch, and was given one: let data.batch_size be 2 or more for "
            "each part (model.accumulate) and each device, or choose a network without batch normalisation.",
            EXIT_USAGE,
        )
    # A bare ValueError is Hydra's, for a group that is given no name.
    bare = isinstance(error, ValueError) and re.search(UNNAMED, str(error))
    if bare or isinstance(error, HydraException | OmegaConfBaseException | YAMLError):
        return sentence(error, sys.argv[1:] if typed is None else typed), EXIT_USAGE
    return None


def _of_cluster(error: Exception) -> tuple[str, int] | None:
    """What submitit says of a sweep: that there is no Slurm, that it takes no jobs, or how one of them has ended."""
    lines = str(error).splitlines() or [""]
    first, last = lines[0], lines[-1]
    if 'Could not detect "srun"' in first:
        return "this machine has no Slurm: leave hydra/launcher=slurm out, or start from where sbatch is.", EXIT_USAGE
    if not type(error).__module__.startswith("submitit."):
        return None
    if first.startswith("sbatch:"):
        reason = re.sub(r"^sbatch: (error|fatal): ", "", last)
        return f"Slurm takes no job of this sweep ({reason}): change hydra.launcher.…, or ask sinfo.", EXIT_USAGE
    return f"a job of the sweep was ended from outside: {first}", EXIT_FAILED


def _made_by_hydra(error: OSError) -> str | None:
    """Which directory could not be made, of a run or of its sweep, where that was before a job began."""
    calls = {frame.name for frame in traceback.extract_tb(error.__traceback__)}
    if "mkdir" not in calls or "guarded" in calls:
        return None
    return next((made for made, call in MAKERS.items() if call in calls), None)


def job(task: Task) -> Task:
    """Put the boundary around one job: its error stays in its run directory, and a sweep goes on without it.

    It is the inner one of two, and keeps Hydra from adding words of its own to what a single run says.
    """
    started = time()

    @wraps(task)
    def guarded(cfg: DictConfig) -> float | None:
        with (
            nullcontext() if sweeping() else boundary(),
            noted(claimed(cfg), started, Path(cfg.paths.runs)),
            requeueing(),
        ):
            return task(cfg)

    return guarded


@contextmanager
def noted(run: Path, started: float, runs: Path) -> Iterator[None]:
    """Keep an error in the run's directory; what is refused before the run has begun leaves nothing there.

    Args:
        run: The run directory.
        started: When the job began, in seconds since 1970.
        runs: The folder of all runs.
    """
    fresh = vacant(run)
    try:
        yield
    except KeyboardInterrupt:
        if fresh and not sweeping() and not begun(run, started):
            abandon(run, runs)
        raise
    except Exception as error:
        told, _ = explained(error) or (None, EXIT_FAILED)
        text = told or f"{traceback.format_exc().strip()}\n\n{last_line(error)}"
        if told and not sweeping() and not begun(run, started):
            if fresh:
                abandon(run, runs)
        elif not isinstance(error, Occupied):
            with suppress(OSError):  # a directory that can't be written is what the sentence may be about
                note_error(run, text)
        if not sweeping():
            raise
        message = f"{run}: {text.splitlines()[-1]}"
        print(visible(message, "\n\t"), file=sys.stderr)
        if isinstance(error, NotMeasured) and searching():
            raise SystemExit(EXIT_USAGE) from None
        raise JobFailed(message) from error
