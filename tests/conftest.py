"""Compose and run jobs in this process, without Hydra's launcher."""

import os
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shutil import copytree

import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from lightning.pytorch.utilities import rank_zero_only
from omegaconf import OmegaConf, open_dict

from gen_models.job import train
from tests.remembered import remember

CONF = Path(__file__).parent.parent / "conf"
QUICK = "data=digits trainer=cpu logger=csv metrics=none log_every=2".split()
UNMAPPED = "callbacks.latents.every=0"

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")  # CUDA_VISIBLE_DEVICES=0 pytest -m gpu
os.environ["WANDB_MODE"] = "offline"
torch.set_num_threads(1)
rank_zero_only.rank = 0  # as it is before the first trainer
remember()
os.fsync = lambda descriptor: None  # no test outlives the power, and each run waits for the disk twenty times


def pytest_runtest_setup(item):
    """Skip what needs a CUDA device where there is none, or none is shown."""
    if item.get_closest_marker("gpu") and not torch.cuda.is_available():
        pytest.skip("no CUDA device: CUDA_VISIBLE_DEVICES=0 pytest -m gpu")


@contextmanager
def composing(folder):
    """Compose quick jobs whose files lie in a folder: 8x8 digits, no extractor."""

    def composed(*overrides, run=folder / "run"):
        with initialize_config_dir(str(CONF), version_base="1.3"):
            cfg = compose("train", [*QUICK, *overrides], return_hydra_config=True)
        place(cfg, overrides, {"paths.run": str(run), "paths.cache": f"{folder}/cache"})
        HydraConfig.instance().set_config(cfg)
        return compose_without_hydra(cfg)

    yield composed
    HydraConfig.instance().cfg = None


def place(cfg, overrides, paths):
    """Set options of one test behind the others, so that Hydra composes the same for many; what was typed counts."""
    paths = {name: path for name, path in paths.items() if not any(word.startswith(f"{name}=") for word in overrides)}
    for name, path in paths.items():
        OmegaConf.update(cfg, name, path)
    cfg.hydra.overrides.task = [*QUICK, *(f"{name}={path}" for name, path in paths.items()), *overrides]


@pytest.fixture
def compose_job(tmp_path):
    """Compose a quick job: 8x8 digits, no extractor."""
    with composing(tmp_path) as composed:
        yield composed


def compose_without_hydra(cfg):
    resolved = OmegaConf.to_container(cfg.choices, resolve=True)
    with open_dict(cfg):
        cfg.choices = resolved
        del cfg["hydra"]
    return cfg


@pytest.fixture
def run_job(compose_job, tmp_path):
    """Run a quick job and return its run directory; maps of codes, which take longest to draw, must be asked for."""

    def ran(*overrides, run=tmp_path / "run"):
        chosen = any(word.startswith("callbacks=") for word in overrides)
        train(compose_job("~callbacks.progress", *([] if chosen else [UNMAPPED]), *overrides, run=run))
        return run

    return ran


@pytest.fixture(scope="module")
def trained_once(tmp_path_factory):
    """Run a quick job once for all tests of a file."""

    @cache
    def ran(*overrides):
        folder = tmp_path_factory.mktemp("trained")
        with composing(folder) as composed:
            train(composed("~callbacks.progress", UNMAPPED, *overrides))
        return folder / "run"

    return ran


@pytest.fixture
def copy_job(trained_once, tmp_path):
    """Give a test its own copy of a run that is trained once a file."""
    return lambda *overrides: copytree(trained_once(*overrides), tmp_path / "run")
