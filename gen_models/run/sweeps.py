"""What one job has to know of the sweep that it may be part of."""

import math
from hashlib import blake2b

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from gen_models.errors import NotMeasured, nearest
from gen_models.run.outcome import Outcome

GRIDS = ("hydra_plugins.gen_models_grid.Grid", "hydra._internal.core_plugins.basic_sweeper.BasicSweeper")
"""Sweepers that decide nothing: this project's, and Hydra's own."""
LONGEST = 100
"""Characters of a job's name; wandb takes 128 for a run's."""
BYTES = 200
"""Bytes of these, which leave room for what is written behind a directory's name."""


def short(name: str) -> str:
    """Make a job's name that of one directory: no slash, and cut to what a file system takes (255 bytes)."""
    name = name.replace("/", ".")
    kept = name[:LONGEST].encode()[:BYTES].decode(errors="ignore")
    return name if kept == name else f"{kept}-{blake2b(name.encode(), digest_size=4).hexdigest()}"


OmegaConf.register_new_resolver("short", short, replace=True)  # for hydra.sweep.subdir, in every process of a sweep


def sweeping() -> bool:
    """Whether this job is one of a sweep."""
    return HydraConfig.initialized() and HydraConfig.get().mode == RunMode.MULTIRUN


def searching() -> bool:
    """Whether the sweep decides by the objective what to try next, as Optuna does and a grid does not."""
    return sweeping() and HydraConfig.get().sweeper._target_ not in GRIDS


def objective(cfg: DictConfig, outcome: Outcome) -> float | None:
    """Give the figure that the sweep is after; None where nobody waits for it and it was not measured.

    One that was measured and has no value is no number, which a search takes for a failure.

    Raises:
        NotMeasured: A search waits for a figure that was not measured.
    """
    keys = [record.key for record in outcome.records]
    if searching() and outcome.objective is None:
        if cfg.objective in keys:
            return math.nan
        raise NotMeasured(
            f"objective={cfg.objective} was not measured, and the search goes by it: {nearest(cfg.objective, keys)}"
        )
    return outcome.objective
