"""Composing a job in this process, without Hydra's command line and beside another use of Hydra."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import hydra
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.version import VersionBase
from omegaconf import DictConfig, ListConfig, open_dict

from gen_models.api.options import written
from gen_models.errors import NumericalDeath, UsageError
from gen_models.run.arguments import understood
from gen_models.run.boundary import explained
from gen_models.run.choices import check_choices, typed
from gen_models.run.conf import CONF
from gen_models.run.job_options import check_own
from gen_models.run.plugins import searching_plugins
from gen_models.run.replaced_parts import taking_places

STAMP = "%Y-%m-%d_%H-%M-%S"
"""The clock's name of a directory: as in conf/train.yaml, but in a Slurm job, too, where a program may train twice."""


def compose(overrides: Sequence[str] = (), **options: Any) -> DictConfig:
    """Compose the configuration that a training with these options would have.

    Args:
        overrides: Options as on the command line: `["model=vae", "data.limit=1000"]`.
        **options: Others by name: `turns=500`.

    Returns:
        The configuration; `paths.run` is where the training would go.

    Raises:
        UsageError: There is no such option, or no such file, or the job's own options are none.
    """
    with composed(overrides, options) as cfg:
        return cfg


@contextmanager
def composed(
    overrides: Sequence[str], options: Mapping[str, Any] | None = None, place: Callable[[Path], Path] = Path
) -> Iterator[DictConfig]:
    """Compose a job, and let this process be the one of a command line with these options for as long as it runs.

    Args:
        overrides: Options as on the command line.
        options: Others by name.
        place: Turns the directory that the clock names, where none is given, into the one that is used.
    """
    words = written(overrides, options or {})
    with sentences(words), _own_hydra():
        words = searching_plugins(understood(words))
        with hydra.initialize_config_dir(str(CONF), version_base="1.3"), taking_places():
            cfg = hydra.compose("train", words, return_hydra_config=True)
        HydraConfig.instance().set_config(cfg)
        job = cfg.copy()
        _settle(job)
        check_choices(job, typed())
        check_own(job)
        if not any(word.lstrip("+").startswith("run=") for word in words):
            job.run = str(place(Path(job.paths.runs, job.name, datetime.now().strftime(STAMP))))
        job.paths.run = str(Path(job.run).absolute())
        with open_dict(job):
            del job["hydra"]
        yield job


@contextmanager
def sentences(options: Sequence[str] = ()) -> Iterator[None]:
    """Raise what a person got wrong as a `UsageError`, whoever found it; what a programmer did stays as it is.

    Args:
        options: Those that are composed meanwhile.
    """
    try:
        yield
    except (UsageError, NumericalDeath):
        raise
    except Exception as error:
        told = explained(error, options)
        if told is None:
            raise
        raise UsageError(told[0]) from None


@contextmanager
def _own_hydra() -> Iterator[None]:
    """Put the caller's Hydra aside, if there is one: it holds one application a process, in three places."""
    before = GlobalHydra.instance().hydra, HydraConfig.instance().cfg, VersionBase.instance().version_base
    GlobalHydra.instance().hydra, HydraConfig.instance().cfg = None, None
    try:
        yield
    finally:  # their instances anew, since composing replaces them
        GlobalHydra.instance().hydra, HydraConfig.instance().cfg = before[:2]
        VersionBase.instance().version_base = before[2]


def _settle(node: Any) -> None:
    """Replace what refers to Hydra by its value: the configuration outlives the composing."""
    for key in range(len(node)) if isinstance(node, ListConfig) else [key for key in node if key != "hydra"]:
        child = node._get_node(key)
        if isinstance(child, DictConfig | ListConfig) and not child._is_none() and not child._is_interpolation():
            _settle(child)
        elif "${hydra:" in str(child._value()):
            node[key] = node[key]
