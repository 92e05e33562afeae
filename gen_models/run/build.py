"""From a configuration to objects: data first, since it decides the shapes of everything else."""

import os
from collections.abc import Mapping
from typing import Any

import torch
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from lightning import Callback, Trainer
from lightning.fabric.utilities.exceptions import MisconfigurationException
from omegaconf import DictConfig, OmegaConf

from gen_models.core.model import GenerativeModel
from gen_models.core.stream import BatchSize, Stream, turns_for
from gen_models.data.arrays import Arrays
from gen_models.data.source import Source
from gen_models.errors import UsageError, nearest
from gen_models.randomness import isolated
from gen_models.run.check import check
from gen_models.run.loggers import finish, log_config
from gen_models.run.plugins import allowed
from gen_models.run.sweeps import sweeping

SHARDED = ("fsdp", "fullysharded", "deepspeed", "modelparallel", "model_parallel")
"""Parts of the names of strategies that give no process a whole network."""

PRECISIONS = ("32-true", "bf16-mixed", "16-mixed")
"""Those that keep weights in 32 bit: in 16, the small steps of an optimizer would be lost."""


def build(cfg: DictConfig, group: str, **arguments: Any) -> Any:
    """Check and instantiate everything under `cfg[group]`; None where the group is empty or switched off.

    Args:
        cfg: The whole configuration.
        group: The top-level key.
        arguments: Objects that no file can name, given to the constructor besides.

    Raises:
        UsageError: The group does not fit its constructors, or a constructor refused its values.
    """
    if not cfg.get(group):
        return None
    check(cfg, group, allowed(cfg.get("plugins") or ()))
    try:
        return instantiate(cfg[group], _convert_="all", **arguments)
    except InstantiationException as error:
        cause: BaseException = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        if isinstance(cause, ValueError | MisconfigurationException):
            raise UsageError(str(cause)) from error
        raise


def build_data(cfg: DictConfig, arrays: Arrays | None = None) -> Source:
    """Build the data set, around `arrays` where it is `data=array` and they are given, and let it decide `cfg.spec`."""
    data = build(cfg, "data") if arrays is None else build(cfg, "data", arrays=arrays)
    if data is None:
        raise UsageError("there is no data: choose data=avatars, or another file of conf/data.")
    cfg.spec = data.spec
    return data


def build_metrics(cfg: DictConfig) -> Any:
    """Build the scorer and let it refuse the data, now rather than after the training; None without metrics."""
    scorer = build(cfg, "metrics")
    if scorer is not None:
        scorer.check(cfg.spec.shape, cfg.spec.num_train, cfg.spec.num_test)
    return scorer


def build_model(cfg: DictConfig) -> GenerativeModel:
    """Build the model for `cfg.spec`, with initial weights keyed by the seed alone."""
    for role in OmegaConf.missing_keys(cfg.get("model") or {}):
        raise UsageError(f"model.{role} is not given and has no default.")
    with isolated("weights", cfg.seed):
        model = build(cfg, "model")
    if not isinstance(model, GenerativeModel):
        raise UsageError("there is no model: choose model=gan, or another file of conf/model.")
    model.configure_model()
    return model


def build_stream(cfg: DictConfig, data: Source, model: GenerativeModel) -> Stream:
    """Build the stream of `cfg.turns` turns, or of as many as `cfg.images` needs."""
    batch_size: BatchSize = model.batch_size or data.batch_size
    turns = turns_for(_count(cfg, "images"), batch_size) if cfg.get("images") else _count(cfg, "turns")
    return Stream(data, lambda: model.clock, turns, cfg.seed, cfg.shuffle, batch_size)


def build_trainer(cfg: DictConfig, data: Source) -> Trainer:
    """Build the trainer with the callbacks and loggers of the configuration."""
    _check_devices(cfg.trainer)
    callbacks: Mapping[str, Any] = build(cfg, "callbacks") or {}
    # What is no callback are a recipe's options for one that was taken away (callbacks=none).
    present = [callback for callback in callbacks.values() if isinstance(callback, Callback)]
    loggers: Mapping[str, Any] = build(cfg, "logger") or {}
    try:
        trainer = build(cfg, "trainer", callbacks=present, logger=list(loggers.values()))
    except BaseException:
        finish(loggers.values())
        raise
    if data.batch_size % trainer.world_size:
        raise UsageError(
            f"data.batch_size={data.batch_size} can't be shared by {trainer.world_size} processes: choose a multiple."
        )
    log_config(trainer.loggers, cfg)
    return trainer


def _count(cfg: DictConfig, name: str) -> int:
    value = cfg[name]
    if not isinstance(value, int | float) or isinstance(value, bool) or value != int(value) or value < 0:
        raise UsageError(f"{name} takes a whole number, not '{value}'.")
    return int(value)


def _check_devices(trainer: DictConfig) -> None:
    devices, gpus = trainer.get("devices", 1), torch.cuda.device_count()
    strategy = str(trainer.get("strategy")).lower()
    if any(name in strategy for name in SHARDED):
        raise UsageError(
            f"trainer.strategy={trainer.strategy} cuts networks into pieces, and a checkpoint holds whole ones: use "
            "trainer=ddp; docs/clusters.md counts the memory."
        )
    if (precision := trainer.get("precision")) is not None and precision not in PRECISIONS:
        hint = nearest(str(precision), PRECISIONS)
        raise UsageError(f"trainer.precision={precision} does not keep weights in 32 bit: {hint}")
    if trainer.get("sync_batchnorm") and (trainer.get("accelerator") == "cpu" or not gpus):
        raise UsageError("trainer.sync_batchnorm=true needs GPUs, for torch has it nowhere else: leave it out.")
    if trainer.get("accelerator") in ("gpu", "cuda") and not gpus:
        raise UsageError("this trainer needs a GPU and torch sees none: use trainer=cpu, or a CUDA build of torch.")
    if trainer.get("accelerator") in ("gpu", "cuda") and isinstance(devices, int) and devices > gpus:
        raise UsageError(f"trainer.devices={devices}, but torch sees {gpus}: lower it.")
    if "SLURMEnvironment" in str(trainer.get("plugins")) and "SLURM_PROCID" not in os.environ:
        raise UsageError("trainer=slurm is for processes that srun started: use scripts/train.sbatch, or trainer=auto.")
    if devices in (-1, "-1", "auto"):
        devices = gpus
    several = devices > 1 if isinstance(devices, int) else len(devices) > 1
    # Ranks that are started by running the command again would run the whole sweep, each in a search of its own.
    if sweeping() and (several or trainer.get("num_nodes", 1) > 1) and "SUBMITIT_EXECUTOR" not in os.environ:
        raise UsageError(
            "a sweep in one process can't use several devices a job: use trainer.devices=1, or hydra/launcher=slurm."
        )
