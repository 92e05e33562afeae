"""What a job asks of Lightning's trainer: devices that there are, and nothing that is an option of this project."""

import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import torch
from lightning.pytorch.accelerators import AcceleratorRegistry
from omegaconf import DictConfig

from gen_models.errors import UsageError
from gen_models.run.sentences import BUDGET
from gen_models.run.sweeps import sweeping
from gen_models.run.trainer_words import check_words, counted, listed

FIGURES = "figures are taken every callbacks.quality.every turns, of metrics.n samples, and once more at the end"

CLIPPING = "gradients are clipped by model.clip_norm=…"

OURS: Mapping[str, tuple[tuple[Any, ...], str]] = {
    "max_epochs": ((1,), BUDGET),
    "min_epochs": ((None,), BUDGET),
    "max_steps": ((None, -1), BUDGET),
    "min_steps": ((None,), BUDGET),
    "max_time": ((None,), BUDGET),
    "limit_train_batches": ((None, 1.0), BUDGET),
    "fast_dev_run": ((None, False, 0), "a short run is debug=fast"),
    "overfit_batches": ((None, 0, 0.0), "a few items are data.limit=…, one batch is debug=overfit"),
    "gradient_clip_val": ((None,), CLIPPING),
    "gradient_clip_algorithm": ((None,), CLIPPING),
    "limit_val_batches": ((None, 1.0), FIGURES),
    "limit_test_batches": ((None, 1.0), FIGURES),
    "limit_predict_batches": ((None, 1.0), FIGURES),
    "val_check_interval": ((None, 1.0), FIGURES),
    "check_val_every_n_epoch": ((1,), FIGURES),
    "num_sanity_val_steps": ((0,), FIGURES),
    "reload_dataloaders_every_n_epochs": ((0,), "a run is one epoch"),
    "model_registry": ((None,), "a checkpoint is sent by logger=wandb logger.wandb.artifact=true"),
    "accumulate_grad_batches": ((None, 1), "a batch is cut into parts by model.accumulate=…"),
    "enable_checkpointing": ((None, False), "checkpoints are callbacks.checkpoint's, every callbacks.checkpoint.every"),
    "use_distributed_sampler": ((False,), "the stream gives each process its share, whatever Lightning's sampler does"),
    "inference_mode": ((True,), "figures are taken without gradients, and nothing of Lightning's own evaluates"),
    "barebones": ((False,), "without losses, checkpoints or figures a run leaves nothing: callbacks=none is the least"),
}
"""Options of Lightning that do nothing here, or that would end a run before it is saved: their harmless values, and
what this project has in their place."""


class _Request(NamedTuple):
    """What is asked for, beside what there is."""

    trainer: DictConfig
    on_gpus: bool
    on_cpu: bool
    gpus: int
    devices: int | None

    @classmethod
    def of(cls, trainer: DictConfig) -> "_Request":
        gpus, accelerator = torch.cuda.device_count(), trainer.get("accelerator", "auto")
        none = accelerator == "auto" and not gpus and not torch.backends.mps.is_available()
        on_gpus, on_cpu = accelerator in ("gpu", "cuda"), accelerator == "cpu" or none
        count = counted(trainer.get("devices", 1), gpus)
        return cls(trainer, on_gpus, on_cpu, gpus, count)

    @property
    def several(self) -> bool:
        """Whether more than one process trains."""
        return (self.devices or 1) > 1 or self.trainer.get("num_nodes", 1) > 1


def check_trainer(trainer: DictConfig | None, log_every: int) -> None:
    """Refuse a trainer that could not train here.

    Args:
        trainer: Options of `lightning.Trainer`; None where they were taken away.
        log_every: Turns between two rows of losses.

    Raises:
        UsageError: The first thing that is not so, and what to choose instead.
    """
    if not trainer:
        raise UsageError("there is no trainer: choose trainer=auto, or another file of conf/trainer.")
    for name, (harmless, ours) in OURS.items():
        if name in trainer and not any(_same(trainer[name], value) for value in harmless):
            raise UsageError(f"{ours}: leave trainer.{name}={trainer[name]} out.")
    if trainer.get("log_every_n_steps", log_every) != log_every:
        raise UsageError("losses are logged every log_every=… turns: leave trainer.log_every_n_steps out.")
    check_words(trainer)
    for wrong, sentence in _about_devices(_Request.of(trainer)):
        if wrong:
            raise UsageError(sentence)


def _same(given: Any, value: Any) -> bool:
    """Whether an option has a value, of its type: 1 is one batch, where 1.0 is all of them."""
    return type(given) is type(value) and bool(given == value)


def _about_devices(asked: _Request) -> Iterator[tuple[bool, str]]:
    """What is wrong, and the sentence on it, about where the processes run."""
    wanted, name = asked.trainer.get("devices", 1), asked.trainer.get("accelerator")
    yield (
        bool(asked.trainer.get("sync_batchnorm")) and (name == "cpu" or not asked.gpus),
        "trainer.sync_batchnorm=true needs GPUs, for torch has it nowhere else: leave it out.",
    )
    yield (
        (asked.on_cpu or wanted not in (-1, "-1")) and str(wanted).lstrip("-").isdecimal() and int(wanted) < 1,
        f"trainer.devices={wanted} is no number of devices: give 1 or more, or -1 for all GPUs with trainer=gpu.",
    )
    yield (
        asked.on_gpus and not asked.gpus,
        "this trainer needs a GPU and torch sees none: use trainer=cpu, or a CUDA build of torch.",
    )
    yield (
        name == "mps" and not torch.backends.mps.is_available(),
        "this trainer needs the GPU of a Mac and torch sees none: use trainer=cpu, or trainer=auto.",
    )
    yield (
        name in AcceleratorRegistry and not AcceleratorRegistry[name]["accelerator"].is_available(),
        f"trainer.accelerator={name} finds no such device here: use trainer=cpu, or trainer=auto.",
    )
    yield (
        asked.on_cpu and listed(wanted),
        f"trainer.devices={wanted} names GPUs, and this trainer uses the processor: give a number of processes.",
    )
    yield (
        asked.on_gpus and (asked.devices or 1) > asked.gpus,
        f"trainer.devices={asked.trainer.get('devices')}, but torch sees {asked.gpus}: lower it.",
    )
    yield (
        "SLURMEnvironment" in str(asked.trainer.get("plugins")) and "SLURM_PROCID" not in os.environ,
        "trainer=slurm is for processes that srun started: use scripts/train.sbatch, or trainer=auto.",
    )
    # Ranks that are started by running the command again would run the whole sweep, each in a search of its own.
    yield (
        sweeping() and asked.several and "SUBMITIT_EXECUTOR" not in os.environ,
        "a sweep in one process can't use several devices a job: use trainer.devices=1, or hydra/launcher=slurm.",
    )
