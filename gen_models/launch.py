"""The command line of a training: compose a job, or the jobs of a sweep, and hand each to `gen_models.job`.

Help, a configuration to look at, and a refusal for which no class need be known wait for neither torch nor Lightning.
"""

import os
import sys
from collections.abc import Sequence
from functools import wraps

os.environ.setdefault("HYDRA_FULL_ERROR", "1")

import hydra
from omegaconf import DictConfig

from gen_models.run.arguments import understood
from gen_models.run.boundary import Task, boundary, job
from gen_models.run.choices import check_alone, check_choices, typed
from gen_models.run.conf import CONF
from gen_models.run.job_options import check_own
from gen_models.run.plugins import searching_plugins
from gen_models.run.replaced_parts import take_places
from gen_models.run.trainer_words import check_words

take_places()


def main(arguments: Sequence[str] | None = None) -> None:
    """Compose a job, or the jobs of a sweep, from the command line, and run it: `train.py`, and `gen-models train`.

    Args:
        arguments: What was typed behind the command; all that the process was given by default.
    """
    words = sys.argv
    with boundary():
        options = searching_plugins(understood(words[1:] if arguments is None else arguments))
        sys.argv = [words[0], *options]
        hydra.main(version_base="1.3", config_path=str(CONF), config_name="train")(job(_repeatable(_train, words)))()


def check_job(cfg: DictConfig, *, here: bool) -> None:
    """Refuse a job that could not begin, as it would be when it does, and leave nothing behind.

    Args:
        cfg: The job; what the data decide is filled in.
        here: Whether this machine will train it. Another one may have other devices, and data that are not here.

    Raises:
        UsageError: The first reason.
    """
    _check_typed(cfg)

    from gen_models.job import check_begins, check_builds

    (check_begins if here else check_builds)(cfg)


def _train(cfg: DictConfig) -> float | None:
    _check_typed(cfg)

    from gen_models.job import train

    return train(cfg)


def _check_typed(cfg: DictConfig) -> None:
    """Refuse what can be seen by the options alone."""
    check_alone()
    check_words(cfg.get("trainer") or {})  # before choices, for which the classes of a group are imported
    check_choices(cfg, typed())
    check_own(cfg)


def _repeatable(task: Task, words: list[str]) -> Task:
    """Give the process its own command line back, once Hydra has read its part of it.

    Lightning repeats it to start a process for each further device.
    """

    @wraps(task)
    def restored(cfg: DictConfig) -> float | None:
        sys.argv = words
        return task(cfg)

    return restored
