"""What libraries say unasked, kept off the screen, and warnings as sentences."""

import logging
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gen_models.errors import visible
from gen_models.run.conf import PACKAGE

TALKATIVE = ("lightning.pytorch.utilities", "lightning.pytorch.accelerators", "lightning.fabric.utilities")
"""The loggers that greet: parts of Lightning, which sets the level of the whole anew whenever it is imported."""
UNASKED = (
    r".*isinstance\(treespec",
    ".*does not have many workers",
    ".*smaller than the logging interval",
    "Total length of `.*Loader` across ranks is zero",  # a run that has played its turns, and is measured otherwise
    '.*install "ipywidgets" for Jupyter support',
    r"Found \d+ module\(s\) in eval mode at the start of training",  # of a teacher or tokeniser, which learn no more
)
"""Warnings about what is right as it is."""


def quieten() -> None:
    """Keep the screen for what matters: Lightning's greetings and its hints about other kinds of training do not."""
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    for message in UNASKED:
        warnings.filterwarnings("ignore", message)
    if "SLURM_JOB_ID" not in os.environ:  # where Slurm is installed and not asked
        warnings.filterwarnings("ignore", ".*`srun` command is available")
    warnings.formatwarning = _sentence
    threading.excepthook = _excepthook


@contextmanager
def quietly() -> Iterator[None]:
    """Be quiet for a while in somebody else's process: levels, warnings and their form are as before at the end."""
    loggers = [logging.getLogger(name) for name in TALKATIVE]
    levels, form = [logger.level for logger in loggers], warnings.formatwarning
    with warnings.catch_warnings():
        quieten()
        try:
            yield
        finally:
            warnings.formatwarning = form
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def _sentence(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """Say this project's own warnings without the line of code that said them; those of others as Python does."""
    if Path(filename).is_relative_to(PACKAGE):
        return f"Warning: {visible(str(message))}\n"
    return f"{filename}:{lineno}: {category.__name__}: {message}\n"


def _excepthook(told: threading.ExceptHookArgs) -> None:
    """Leave out that TensorBoard's thread has met a full disk: the run is told, and warns (tensorboard_logger.py)."""
    if not (isinstance(told.exc_value, OSError) and type(told.thread).__module__.startswith("tensorboard.")):
        threading.__excepthook__(told)
