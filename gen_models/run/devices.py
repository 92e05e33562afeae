"""What a job asks of Lightning's trainer: devices that there are, and nothing that is an option of this project."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from lightning.pytorch.accelerators import AcceleratorRegistry
from lightning.pytorch.strategies import StrategyRegistry
from omegaconf import DictConfig

from gen_models.core.precision import DTYPES, PLAIN
from gen_models.errors import UsageError, nearest
from gen_models.run.device_counts import check_counts, counted, listed
from gen_models.run.quoting import as_typed
from gen_models.run.sentences import BUDGET
from gen_models.run.sweeps import sweeping

SHARDED = ("fsdp", "fullysharded", "deepspeed", "modelparallel", "model_parallel")
"""Parts of the names of strategies that give no process a whole network."""

OF_TPUS = ("xla", "tpu")
"""Parts of the names of strategies that train on TPUs only."""

PRECISIONS = (PLAIN, *DTYPES)
"""Those that keep weights in 32 bit: in 16, the small steps of an optimizer would be lost."""

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
    strategy: str
    precision: str
    on_gpus: bool
    on_cpu: bool
    gpus: int
    devices: int | None

    @classmethod
    def of(cls, trainer: DictConfig) -> "_Request":
        gpus, accelerator = torch.cuda.device_count(), trainer.get("accelerator", "auto")
        chosen = trainer.get("precision", PLAIN)
        if chosen is None:  # as Lightning wants it beside a precision plug-in
            chosen = PLAIN if trainer.get("plugins") else "null"
        none = accelerator == "auto" and not gpus and not torch.backends.mps.is_available()
        on_gpus, on_cpu = accelerator in ("gpu", "cuda"), accelerator == "cpu" or none
        count = counted(trainer.get("devices", 1), gpus)
        return cls(trainer, str(trainer.get("strategy")), str(chosen), on_gpus, on_cpu, gpus, count)

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
    check_counts(trainer)
    request = _Request.of(trainer)
    for about in (_about_names, _about_networks, _about_devices):
        for wrong, sentence in about(request):
            if wrong:
                raise UsageError(sentence)


def _about_names(asked: _Request) -> Iterator[tuple[bool, str]]:
    """What is wrong, and the sentence on it, about names that Lightning does not know."""
    kinds = ("auto", "gpu", *AcceleratorRegistry.available_accelerators())
    yield _unknown(asked.trainer, "accelerator", kinds)
    tpus = asked.trainer.get("accelerator") == "tpu"
    names = [name for name in StrategyRegistry.available_strategies() if tpus or not _among(OF_TPUS, name)]
    if not _among(SHARDED, asked.strategy):
        yield _unknown(asked.trainer, "strategy", ["auto", *(name for name in names if not _among(SHARDED, name))])


def _unknown(trainer: DictConfig, option: str, known: Sequence[str]) -> tuple[bool, str]:
    """Whether an option that is no object is none of the names that are known, and the sentence on it."""
    value = trainer.get(option, "auto")
    wrong = not isinstance(value, DictConfig) and value not in known
    return wrong, f"there is no trainer.{option}={as_typed(value)}: {nearest(str(value), known)}"


def _among(parts: Sequence[str], name: str) -> bool:
    return any(part in name.lower() for part in parts)


def _same(given: Any, value: Any) -> bool:
    """Whether an option has a value, of its type: 1 is one batch, where 1.0 is all of them."""
    return type(given) is type(value) and bool(given == value)


def _about_networks(asked: _Request) -> Iterator[tuple[bool, str]]:
    """What is wrong, and the sentence on it, about the weights in each process."""
    yield (
        _among(SHARDED, asked.strategy),
        f"trainer.strategy={asked.strategy} cuts networks into pieces, and a checkpoint holds whole ones: use "
        "trainer=ddp; docs/clusters.md counts the memory.",
    )
    yield (
        asked.precision not in PRECISIONS,
        f"trainer.precision={asked.precision} does not keep weights in 32 bit: {nearest(asked.precision, PRECISIONS)}",
    )
    yield (
        bool(asked.trainer.get("sync_batchnorm")) and (asked.trainer.get("accelerator") == "cpu" or not asked.gpus),
        "trainer.sync_batchnorm=true needs GPUs, for torch has it nowhere else: leave it out.",
    )


def _about_devices(asked: _Request) -> Iterator[tuple[bool, str]]:
    """What is wrong, and the sentence on it, about where the processes run."""
    wanted, name = asked.trainer.get("devices", 1), asked.trainer.get("accelerator")
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
