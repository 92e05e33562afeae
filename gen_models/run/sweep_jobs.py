"""Jobs of a sweep before it has begun: composed as a launcher will, and refused where none of them could begin."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

from hydra.core.config_loader import ConfigLoader
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, open_dict, read_write

from gen_models.errors import EXIT_USAGE
from gen_models.run.boundary import explained
from gen_models.run.reading import CONFIG

LAUNCHER = "hydra._internal.core_plugins.basic_launcher.BasicLauncher"
Check = Callable[[DictConfig], object]
"""Refuses a job that could not begin."""


def local(sweep: DictConfig) -> bool:
    """Whether the jobs of a sweep run in this process, and on this machine."""
    return bool(sweep.hydra.launcher._target_ == LAUNCHER)


@contextmanager
def composed(loader: ConfigLoader, sweep: DictConfig, overrides: Sequence[str]) -> Iterator[DictConfig]:
    """Give a job as its launcher will hand it over, and let it ask Hydra meanwhile which job it is.

    Args:
        loader: Hydra's.
        sweep: The configuration of the whole.
        overrides: The job's own.
    """
    job, before = loader.load_sweep_config(sweep, list(overrides)), HydraConfig.instance().cfg
    with read_write(job.hydra), open_dict(job.hydra):
        job.hydra.job.id, job.hydra.job.num = "0", 0
    try:
        HydraConfig.instance().set_config(job)
        with read_write(job.hydra), open_dict(job.hydra):
            job.hydra.runtime.output_dir = str(Path(job.hydra.sweep.dir, job.hydra.sweep.subdir).absolute())
        HydraConfig.instance().set_config(job)
        own = deepcopy(job)
        with read_write(own), open_dict(own):
            del own["hydra"]
        yield own
    finally:
        HydraConfig.instance().cfg = before


def refuse_all(loader: ConfigLoader, sweep: DictConfig, jobs: Iterable[Sequence[str]], check: Check) -> None:
    """Refuse a sweep of which each job would be refused; one that could begin, or has begun, is enough.

    Args:
        loader: Hydra's.
        sweep: The configuration of the whole.
        jobs: The overrides of each.
        check: What a job would be refused by.

    Raises:
        UsageError: That of the first job.
    """
    first: Exception | None = None
    for overrides in jobs:
        with composed(loader, sweep, overrides) as job:
            refusal = _refusal(job, check)
        if refusal is None:
            return
        first = first or refusal
    if first is not None:
        raise first


def _refusal(job: DictConfig, check: Check) -> Exception | None:
    """What a person can mend before the job begins; all else the job says itself, and the sweep goes on without it."""
    if Path(job.paths.run, CONFIG).exists():
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the job will say them
            check(job)
    except Exception as error:
        told = explained(error)
        return error if told is not None and told[1] == EXIT_USAGE else None
    return None
