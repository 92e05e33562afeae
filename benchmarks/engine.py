"""A side of races: this project's engine with all that surrounds a training by default, on arrays in memory.

`python -m benchmarks.engine 3,32,32 model=dcgan network.generator.width=64`: the shape of an item, then options of
`train.py`. Pictures are drawn, and figures logged, as often as by default.
"""

import logging
import sys
from typing import Any

import numpy as np
import torch
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from lightning import Callback
from omegaconf import DictConfig, OmegaConf, open_dict

from benchmarks.pace import Pace
from benchmarks.rounds import ROOT
from gen_models.data.arrays import Arrays
from gen_models.run.build import build_data, build_model, build_stream, build_trainer

ITEMS = 2000
PLAIN = ("data=array", "data.test_fraction=0.1", "metrics=none", "trainer=cpu", "turns=1000000", "paths.run=run")


def items(shape: list[int]) -> Arrays:
    """Random bytes for pictures, (N, H, W, C), and numbers in [-1, 1] for points."""
    random = np.random.default_rng(0)
    if len(shape) == 1:
        return Arrays(random.uniform(-1, 1, (ITEMS, *shape)))
    channels, *sides = shape
    return Arrays(random.integers(0, 256, (ITEMS, *sides, channels), np.uint8), channels="last")


def configuration(overrides: list[str]) -> DictConfig:
    """What `train.py` would compose, without the files that Hydra writes."""
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        cfg = compose("train", [*PLAIN, *overrides], return_hydra_config=True)
    HydraConfig.instance().set_config(cfg)
    choices = OmegaConf.to_container(cfg.choices, resolve=True)
    with open_dict(cfg):
        cfg.choices = choices
        del cfg["hydra"]
    return cfg


class Paced(Callback):
    """Ends a turn where the engine has, with all that belongs to it.

    Args:
        pace: The referee's.
    """

    def __init__(self, pace: Pace) -> None:
        self.pace = pace

    def on_train_batch_end(self, *_: Any) -> None:
        """The last of the callbacks."""
        self.pace.turn()


def main(shape: str, *overrides: str) -> None:
    pace = Pace(torch=torch.__version__)
    torch.set_num_threads(1)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    cfg = configuration(list(overrides))
    data = build_data(cfg, items([int(size) for size in shape.split(",")]))
    model, trainer = build_model(cfg), build_trainer(cfg, data)
    trainer.callbacks.append(Paced(pace))  # type: ignore[attr-defined]
    trainer.fit(model, datamodule=build_stream(cfg, data, model))


if __name__ == "__main__":
    main(*sys.argv[1:])
