"""Composing a configuration outside of Hydra's own `main`, as commands other than `train` need it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf, open_dict

from gen_models.run.conf import CONF


@contextmanager
def composed(overrides: Sequence[str]) -> Iterator[DictConfig]:
    """Give the configuration of a job, as `train` would have it; within, errors can name the files of a group.

    Args:
        overrides: As typed after `train`: `model=vae`, `turns=100`, …
    """
    before = HydraConfig.instance().cfg
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("train", list(overrides), return_hydra_config=True)
    HydraConfig.instance().set_config(cfg)
    try:
        yield _own(cfg)
    finally:
        HydraConfig.instance().cfg = before


def _own(cfg: DictConfig) -> DictConfig:
    """Leave Hydra's own part out, once what is said of the choices has been read from it."""
    choices = OmegaConf.to_container(cfg.choices, resolve=True)
    with open_dict(cfg):
        cfg.choices = choices
        del cfg["hydra"]
    return cfg
