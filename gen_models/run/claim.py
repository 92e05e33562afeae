"""A directory for each run that was not given one: two that start in the same second would share it."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, open_dict, read_write

from gen_models.run.command import FOLDER
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
    own = next(place for place in _places(run) if _made(place / FOLDER))
    if own != run:
        _move(cfg, own)
    return own


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
