"""Callbacks that an option was typed of, and that would have nothing to do in this run: refused before the training."""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from lightning import Trainer
from omegaconf import DictConfig, OmegaConf

from gen_models.analysis.subject import Subject
from gen_models.errors import UsageError
from gen_models.run.choices import chosen, refuse_unread
from gen_models.run.former import current
from gen_models.run.loggers import is_dashboard
from gen_models.run.plugins import allowed
from gen_models.run.targets import resolve


@runtime_checkable
class MayIdle(Protocol):
    """A callback with something to do in some runs only, and silent in the others where nobody asked for it."""

    @classmethod
    def lacking(cls, subject: Subject, *, dashboards: bool) -> str:
        """Say what it would need of the model, of its data, or of dashboards; "" where there is something to do."""


@runtime_checkable
class HasUnread(Protocol):
    """A callback of which some options mean something beside others, or beside other callbacks, only."""

    def unread(self, trainer: Trainer, subject: Subject, turns: int) -> Mapping[str, str]:
        """Options without effect in a training as it was built, with the reason, as a half sentence.

        Args:
            trainer: The trainer with its callbacks.
            subject: The model, its data and its scorer.
            turns: Turns of the whole run.
        """


def check_options(cfg: DictConfig, trainer: Trainer, subject: Subject, turns: int, overrides: Sequence[str]) -> None:
    """Refuse single options of such callbacks that were typed and would be without effect.

    Args:
        cfg: The configuration.
        trainer: The trainer with its callbacks.
        subject: The model, its data and its scorer.
        turns: Turns of the whole run.
        overrides: What was typed.

    Raises:
        UsageError: The first of them, and why.
    """
    asked = {path.split(".")[1] for path, _ in chosen(overrides) if path.startswith("callbacks.")}
    for name in sorted(asked):
        kind = _kind(cfg, f"callbacks.{name}")
        for callback in trainer.callbacks if kind is not None else ():  # type: ignore[attr-defined]
            if type(callback) is kind and isinstance(callback, HasUnread):
                refuse_unread(f"callbacks.{name}", callback.unread(trainer, subject, turns), overrides)


def check_idle(cfg: DictConfig, subject: Subject, overrides: Sequence[str]) -> None:
    """Refuse options of such callbacks that were typed and would be without effect.

    Args:
        cfg: The configuration.
        subject: The model, its data and its scorer.
        overrides: What was typed.

    Raises:
        UsageError: The first of them, and what the callback would need.
    """
    loggers = [_kind(cfg, f"logger.{name}") for name in cfg.get("logger") or ()]
    boards = any(is_dashboard(kind) for kind in loggers if kind is not None)
    for path, words in chosen(overrides):
        group, name, option = (*path.split("."), "", "")[:3]
        kind = _kind(cfg, f"{group}.{name}") if group == "callbacks" and name else None
        if kind is None or not issubclass(kind, MayIdle):
            continue
        if need := _need(kind, option, cfg.callbacks[name].get("every"), subject, boards):
            raise UsageError(f"{words} would be without effect, since callbacks.{name} needs {need}: leave it out.")


def _need(kind: type[MayIdle], option: str, every: int | None, subject: Subject, dashboards: bool) -> str:
    """What a callback lacks to heed an option of it; "" where that is nothing, or where it is to do nothing."""
    if every == 0:
        return "" if option == "every" else "an every above 0"
    return kind.lacking(subject, dashboards=dashboards)


def _kind(cfg: DictConfig, path: str) -> type | None:
    """The class of an object at a path; None where there is none."""
    node = OmegaConf.select(cfg, path)
    if not isinstance(node, DictConfig) or "_target_" not in node:
        return None
    return resolve(current(node["_target_"]), allowed(cfg.get("plugins") or ()), around=True)
