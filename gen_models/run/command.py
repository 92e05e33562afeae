"""The command of a run, noted in its directory when the run begins or goes on.

Hydra would note it before the job, also of a command that is then refused.
"""

import re
import shlex
from collections.abc import Iterable
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from lightning_utilities.core.rank_zero import rank_zero_only
from omegaconf import DictConfig, OmegaConf

from gen_models.files import write_text
from gen_models.run.sweeps import sweeping

FOLDER = ".hydra"
OVERRIDES = "overrides.yaml"
PLAIN = re.compile(r"[\w/.~+@-]*")
"""Places that Hydra reads as they are."""


@rank_zero_only
def note_command(run: Path, cfg: DictConfig) -> None:
    """Keep what was typed and what it was composed to: reports show the one, `gen-models status` asks the other."""
    if HydraConfig.initialized():
        write_text(run / FOLDER / "config.yaml", OmegaConf.to_yaml(cfg))
        write_text(run / FOLDER / OVERRIDES, OmegaConf.to_yaml(HydraConfig.get().overrides.task))


def typed(options: Iterable[str], run: Path | None = None) -> str:
    """A training as one types it in a shell, in the run directory `run` where one is given."""
    words = [option for option in options if not option.startswith("run=")]
    return shlex.join(["gen-models", "train", *words, *([] if run is None else [f"run={_readable(run)}"])])


def _readable(run: Path) -> str:
    """A path as Hydra reads it: between quotes where it would take signs of it for its own."""
    return str(run) if PLAIN.fullmatch(str(run)) else '"{}"'.format(str(run).replace('"', '\\"'))


def going_on(run: Path) -> str:
    """Say how a run goes on that was asked to end; of a sweep no job is continued by itself."""
    if sweeping():
        return "The same command goes on with the sweep."
    if not HydraConfig.initialized():
        return f"The same command with run={run} goes on."
    return f"Go on with: {typed(HydraConfig.get().overrides.task, run)}"


def begun(run: Path, since: float) -> bool:
    """Whether a command was noted there since a time, in seconds since 1970."""
    try:
        return (run / FOLDER / OVERRIDES).stat().st_mtime >= since
    except OSError:
        return False
