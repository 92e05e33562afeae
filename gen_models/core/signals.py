"""Signals that ask a run to end."""

import signal

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2)
"""Slurm's `--signal` is USR1 in scripts/train.sbatch, and USR2 in submitit's jobs."""


def ignore_signals(*_: int) -> None:
    """Leave signals to the parent: Slurm sends them to every process of a job, and loaders must outlive the turn."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
