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


def quieten() -> None:
    """Keep the screen for what matters: Lightning's greetings and its hints about other kinds of training do not."""
    logging.getLogger(TALKATIVE).setLevel(logging.WARNING)
    for message in UNASKED:
        warnings.filterwarnings("ignore", message)
    if "SLURM_JOB_ID" not in os.environ:  # where Slurm is installed and not asked
        warnings.filterwarnings("ignore", ".*`srun` command is available")
    threading.excepthook = _excepthook


def _excepthook(told: threading.ExceptHookArgs) -> None:
    """Leave out that TensorBoard's thread has met a full disk: the run is told, and warns (tensorboard_logger.py)."""
    if not (isinstance(told.exc_value, OSError) and type(told.thread).__module__.startswith("tensorboard.")):
        threading.__excepthook__(told)
