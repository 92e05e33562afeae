"""What libraries say unasked, kept off the screen."""

import logging
import os
import threading
import warnings

TALKATIVE = "lightning.pytorch"
"""The logger that greets."""
UNASKED = (
    r".*isinstance\(treespec",
    ".*does not have many workers",
    ".*smaller than the logging interval",
    '.*install "ipywidgets" for Jupyter support',
)
"""Warnings about what is right as it is."""


def _unhandled(failed: threading.ExceptHookArgs) -> None:
    """Show what ended a thread, but for TensorBoard's: that hands it to the next call, which warns."""
    ours = isinstance(failed.exc_value, OSError) and type(failed.thread).__module__.startswith("tensorboard.")
    if not ours:
        threading.__excepthook__(failed)


def quieten() -> None:
    """Keep the screen for what matters: Lightning's greetings and its hints about other kinds of training do not."""
    threading.excepthook = _unhandled
    logging.getLogger(TALKATIVE).setLevel(logging.WARNING)
    for message in UNASKED:
        warnings.filterwarnings("ignore", message)
    if "SLURM_JOB_ID" not in os.environ:  # where Slurm is installed and not asked
        warnings.filterwarnings("ignore", ".*`srun` command is available")
