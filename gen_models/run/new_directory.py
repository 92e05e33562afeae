"""A directory for each run that was not given one, and none for a command that is refused.

Two that start in the same second would share one.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import Any

from filelock import FileLock, Timeout
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, open_dict, read_write

from gen_models.run.command import FOLDER
from gen_models.run.first_rank import rank_zero_only
from gen_models.run.reading import CONFIG, LOCK
from gen_models.run.sweeps import sweeping

STAMP = "${now:"
"""What is in `run` where the clock names the directory."""
RANKS = ("GEN_MODELS_JOB", "LOCAL_RANK", "RANK", "SLURM_PROCID")
"""Processes of one job, of which the environment tells, share a directory."""


def claimed(cfg: DictConfig) -> Path:
    """Give the run directory, after that of the clock was made this process's own, under another name if need be."""
    run = Path(cfg.paths.run)
    if sweeping() or not _timed(cfg, run):
        return run
    own = unused(run)
    if own != run:
        _move(cfg, own)
    return own


def unused(run: Path) -> Path:
    """Make a directory that no other process has begun to use: the given one, or the next of its name with a number."""
    return next(place for place in _places(run) if _made(place / FOLDER))


def vacant(run: Path) -> bool:
    """Whether a run directory holds no file yet, or is not there."""
    return not any(path.is_file() for path in run.rglob("*"))


@rank_zero_only
def abandon(run: Path, runs: Path) -> None:
    """Remove the directory of a refused command, which was `vacant` before it, and the folders that are then empty.

    Another process may have begun a run there in the meantime.

    Args:
        run: The run directory.
        runs: The folder of all runs.
    """
    if not run.is_dir():
        return
    with suppress(Timeout, OSError), FileLock(run / LOCK, timeout=0):
        if not (run / CONFIG).exists():
            rmtree(run, ignore_errors=True)
            for folder in _parents(run.absolute(), runs.absolute()):
                folder.rmdir()


def _parents(run: Path, runs: Path) -> list[Path]:
    """Folders that were made for a run alone if they hold nothing else, deepest first; never where one stands."""
    return [one for one in run.parents if (one == run.parent or one.is_relative_to(runs)) and one != Path.cwd()]


def _timed(cfg: DictConfig, run: Path) -> bool:
    """Whether the clock alone has named the directory of a job of one process."""
    stamped = STAMP in str(cfg._get_node("run")._value())  # type: ignore[union-attr]
    alone = not any(name in os.environ for name in RANKS)
    return stamped and alone and HydraConfig.initialized() and Path(cfg.run).absolute() == run.absolute()


def _places(run: Path) -> Iterator[Path]:
    yield run
    yield from (run.with_name(f"{run.name}_{turn}") for turn in count(2))


def _made(folder: Path) -> bool:
    """Whether this process made a folder: of several that try at once, one does."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        return False
    return True


def _move(cfg: DictConfig, run: Path) -> None:
    """Let everything that asks for the directory, a further rank of Lightning's among them, be told this one."""
    hydra: Any = HydraConfig.instance().cfg
    with read_write(cfg), open_dict(cfg):
        cfg.run = str(run)
    if hydra is not None:
        with read_write(hydra), read_write(hydra.hydra), open_dict(hydra.hydra):
            hydra.hydra.runtime.output_dir = str(run.absolute())
            hydra.hydra.run.dir = str(run)
