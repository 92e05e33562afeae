"""The command of a run, noted in its directory when the run begins or goes on.

Hydra would note it before the job, also of a command that is then refused.
"""

from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from lightning_utilities.core.rank_zero import rank_zero_only
from omegaconf import DictConfig, OmegaConf

from gen_models.files import write_text

FOLDER = ".hydra"
OVERRIDES = "overrides.yaml"


@rank_zero_only
def note_command(run: Path, cfg: DictConfig) -> None:
    """Keep what was typed and what it was composed to: reports show the one, `gen-models status` asks the other."""
    if HydraConfig.initialized():
        write_text(run / FOLDER / "config.yaml", OmegaConf.to_yaml(cfg))
        write_text(run / FOLDER / OVERRIDES, OmegaConf.to_yaml(HydraConfig.get().overrides.task))


def begun(run: Path, since: float) -> bool:
    """Whether a command was noted there since a time, in seconds since 1970."""
    try:
        return (run / FOLDER / OVERRIDES).stat().st_mtime >= since
    except OSError:
        return False
