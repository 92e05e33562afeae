"""What asks a run to end, and how it then leaves."""

import signal

from gen_models.errors import EXIT_RESUMABLE

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2)
"""Slurm's `--signal` is USR1 in scripts/train.sbatch, and USR2 in submitit's jobs."""


class Interrupted(SystemExit):
    """Leave after a complete turn, saved, with the exit code that says so.

    Args:
        number: The signal that asked for it; None where another rank was asked.
    """

    def __init__(self, number: int | None = None) -> None:
        super().__init__(EXIT_RESUMABLE)
        self.number = number


def ignore_signals(*_: int) -> None:
    """Leave signals to the parent: Slurm sends them to every process of a job, and loaders must outlive the turn."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
