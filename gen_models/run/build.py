"""From a configuration to objects: data first, since it decides the shapes of everything else."""

from collections.abc import Callable, Mapping
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from lightning import Callback, Trainer
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import ProgressBar
from omegaconf import DictConfig, OmegaConf
from torch import nn

from gen_models.augment.base import Augment
from gen_models.core.model import GenerativeModel
from gen_models.core.precision import PLAIN
from gen_models.core.stream import BatchSize, Stream, turns_for
from gen_models.data.arrays import Arrays
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.randomness import isolated
from gen_models.run.allocator import keep_freed_memory
from gen_models.run.check import check
from gen_models.run.hooks import lighten
from gen_models.run.job_options import whole
from gen_models.run.loggers import log_config
from gen_models.run.plugins import allowed
from gen_models.run.sizes import too_small
from gen_models.run.typed_names import TypedNames


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
    plugins = allowed(cfg.get("plugins") or ())
    tree = check(cfg, group, plugins)
    try:
        made = instantiate(tree, _convert_="all", **arguments)
    except InstantiationException as error:
        if sentence := _refusal(error, lambda: too_small(tree, group, TypedNames(cfg), plugins)):
            raise UsageError(sentence) from error
        raise
    hollow = isinstance(made, nn.Module) and any(not weight.numel() for weight in made.parameters())
    if hollow and (sentence := too_small(tree, group, TypedNames(cfg), plugins)):
        raise UsageError(sentence)
    return made


def _refusal(error: Exception, no_size: Callable[[], str | None]) -> str | None:
    """The sentence on a constructor that did not take its values; None where the constructor itself is wrong.

    Args:
        error: What Hydra makes of the constructor's own.
        no_size: Gives the sentence on an option that is no size, where there is one.
    """
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__) is not None:
        causes.append(cause)
    for cause in causes:
        if isinstance(cause, UsageError):
            return str(cause)
    if isinstance(causes[-1], ValueError | MisconfigurationException):
        return str(causes[-1])
    broken = isinstance(causes[-1], RuntimeError | ZeroDivisionError | IndexError)
    return no_size() if broken else None


def build_data(cfg: DictConfig, arrays: Arrays | None = None) -> Source:
    """Build the data set, around `arrays` where it is `data=array` and they are given, and let it decide `cfg.spec`."""
    data = build(cfg, "data") if arrays is None else build(cfg, "data", arrays=arrays)
    if data is None:
        raise UsageError("there is no data: choose data=avatars, or another file of conf/data.")
    if data.flip and len(data.shape) != 3:
        raise UsageError(f"data.flip=true mirrors pictures, and the data has shape {list(data.shape)}: leave it out.")
    cfg.spec = {**data.spec, "fingerprint": data.identity}  # a run is continued with the same items only
    return data


def data_of_run(cfg: DictConfig, arrays: Arrays | None = None) -> Source:
    """Build the data of a run, from its stored configuration, and refuse others than those it was trained on.

    Args:
        cfg: The stored configuration; runs of early versions did not know their items.
        arrays: The items of `data=array`.

    Raises:
        UsageError: Items are others, among which held-out ones may have been trained on, or their classes are.
    """
    known = OmegaConf.select(cfg, "spec.fingerprint")
    data = build_data(cfg, arrays)
    if known is not None and known not in {data.identity, *data.former_identities}:
        raise UsageError(
            "the items of the data, or their classes, are others than those that this run was trained on (fingerprint "
            f"{data.identity}, then {known}): restore them, or train a run on these."
        )
    return data


def build_metrics(cfg: DictConfig) -> Any:
    """Build the scorer and let it refuse the data, now rather than after the training; None without metrics."""
    scorer = build(cfg, "metrics")
    if scorer is not None:
        held_out = [count for count in (cfg.spec.num_validation, cfg.spec.num_test) if count]
        scorer.check(cfg.spec.shape, cfg.spec.num_train, min(held_out, default=0))
    return scorer


def build_model(cfg: DictConfig) -> GenerativeModel:
    """Build the model for `cfg.spec`, with initial weights keyed by the seed alone."""
    for role in OmegaConf.missing_keys(cfg.model) if OmegaConf.is_config(cfg.get("model")) else ():
        raise UsageError(f"model.{role} is not given and has no default.")
    with isolated("weights", cfg.seed):
        model = build(cfg, "model")
    if not isinstance(model, GenerativeModel):
        raise UsageError("there is no model: choose model=gan, or another file of conf/model.")
    shape = OmegaConf.select(cfg, "spec.shape", default=[0, 0, 0])  # a model within another one brings no data
    if len(shape) != 3 and any(isinstance(module, Augment) for module in model.modules()):
        raise UsageError(f"augment changes pictures, and the data has shape {list(shape)}: leave it out.")
    model.precision = precision_of(cfg)
    model.configure_model()
    return model


def precision_of(cfg: DictConfig) -> str:
    """Name the precision of the trainer, in which also those compute who look at the model."""
    return str((cfg.get("trainer") or {}).get("precision") or PLAIN)


def build_stream(cfg: DictConfig, data: Source, model: GenerativeModel) -> Stream:
    """Build the stream of `cfg.turns` turns, or of as many as `cfg.images` needs."""
    batch_size: BatchSize = model.batch_size or data.batch_size
    turns = turns_for(whole(cfg, "images"), batch_size) if cfg.get("images") is not None else whole(cfg, "turns")
    return Stream(data, lambda: model.clock, turns, cfg.seed, cfg.shuffle, batch_size)


def build_trainer(cfg: DictConfig, data: Source) -> Trainer:
    """Build the trainer with the callbacks of the configuration; its loggers are checked, and open no file yet."""
    if cfg.get("logger"):
        check(cfg, "logger", allowed(cfg.get("plugins") or ()))
        _check_sent(cfg)
    callbacks: Mapping[str, Any] = build(cfg, "callbacks") or {}
    # What is no callback are a recipe's options for one that was taken away (callbacks=none).
    present = [callback for callback in callbacks.values() if isinstance(callback, Callback)]
    bar = any(isinstance(callback, ProgressBar) for callback in present)  # Lightning would else bring one of its own
    shown = {} if "enable_progress_bar" in cfg.trainer else {"enable_progress_bar": bar}
    trainer: Trainer = build(cfg, "trainer", callbacks=present, logger=False, **shown)
    lighten(trainer)
    if trainer.strategy.root_device.type == "cpu":
        keep_freed_memory()
    if data.batch_size % trainer.world_size:
        raise UsageError(
            f"data.batch_size={data.batch_size} can't be shared by {trainer.world_size} processes: choose a multiple."
        )
    return trainer


def _check_sent(cfg: DictConfig) -> None:
    """Refuse to send a checkpoint where none is saved, which would be found out after the training."""
    for name, logger in cfg.logger.items():
        sent = OmegaConf.is_config(logger) and logger.get("artifact")
        if sent and OmegaConf.select(cfg, "callbacks.checkpoint") is None:
            raise UsageError(
                f"logger.{name}.artifact=true sends a checkpoint, and none is saved: leave it out, or do not take "
                "callbacks.checkpoint away."
            )


def open_loggers(cfg: DictConfig, trainer: Trainer) -> None:
    """Give the trainer the loggers of the configuration: some begin to write, or talk to servers, at once."""
    trainer.loggers = list((build(cfg, "logger") or {}).values())
    log_config(trainer.loggers, cfg)
