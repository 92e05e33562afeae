"""Whether a run may be continued by a configuration: what may differ, and what is no difference at all."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.files import write_text
from gen_models.run.conf import CONF
from gen_models.run.quoting import as_typed
from gen_models.run.reading import CONFIG, flat, read_config
from gen_models.run.sentences import own_hydra
from gen_models.run.typed_names import TypedNames

FREE = (
    *("turns", "images", "resume", "objective", "name", "run", "log_every"),
    *("trainer", "callbacks", "logger", "metrics", "paths", "choices", "plugins", "study"),
)
"""Top-level keys that may differ when a run is continued: they don't change what the same turn does."""
UNTOLD = ("resume", "plugins")
"""Options that are of a process and not of the run."""
PLACES = ("root", "cache", "workers")
"""Ends of keys that say where and by whom something is read, and not what."""
PICTURES = "spec.fingerprint"
"""What the items and their classes are, wherever they lie; runs of earlier versions lack it."""


def compare(run: Path, cfg: DictConfig, source: Source | None = None) -> None:
    """Refuse to continue a run by a configuration that would play its turns differently.

    Args:
        run: The run directory.
        cfg: The job.
        source: Its data, opened; earlier versions may have known the same items by another identity.

    Raises:
        UsageError: Naming the option, or that the items are others.
    """
    before, now = _both(run, cfg)
    counting = [key for key in _differing(before, now) if _counts(key, before, now)]
    if source is not None and PICTURES in counting and before[PICTURES] in source.former_identities:
        counting.remove(PICTURES)
    usual = _defaults(cfg) if any(key not in before for key in counting) else {}
    for key in counting:
        if key in before or usual.get(key) != now[key]:
            raise UsageError(_sentence(run, TypedNames(cfg)[key], before.get(key), now.get(key)))


def renew_identity(run: Path, cfg: DictConfig) -> None:
    """Let a run that an earlier version began, and that goes on, know its items as they are known now."""
    before, now = _both(run, cfg)
    if before.get(PICTURES) in (None, now.get(PICTURES)):
        return
    file = run / CONFIG
    line = re.compile(rf"^(\s+fingerprint: )(['\"]?){re.escape(str(before[PICTURES]))}\2$", re.MULTILINE)
    write_text(file, line.sub(rf"\g<1>'{now[PICTURES]}'", file.read_text("utf-8")))


def changes(run: Path, cfg: DictConfig) -> dict[str, list[Any]]:
    """What a run was told otherwise than it is now, and what now, by dotted paths; nothing where that can't be read."""
    try:
        before, now = _both(run, cfg)
    except (UsageError, OmegaConfBaseException):
        return {}
    return {key: [before.get(key), now.get(key)] for key in _differing(before, now) if key not in UNTOLD}


def _both(run: Path, cfg: DictConfig) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options of a run as it stands, and those of a configuration, by dotted paths."""
    return tuple(flat(OmegaConf.to_container(each, resolve=True)) for each in (read_config(run), cfg))  # type: ignore[return-value]


def _differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [key for key in sorted(before.keys() | now.keys()) if before.get(key) != now.get(key)]


def _counts(key: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a difference in this option changes what a turn does."""
    group, last = key.partition(".")[0], key.rpartition(".")[2]
    if group in FREE or (group == "spec" and key not in before):  # more than older runs were told
        return False
    elsewhere = last in PLACES and (last != "root" or PICTURES in before or group != "data")
    return not elsewhere


def _sentence(run: Path, key: str, before: Any, now: Any) -> str:
    if key == PICTURES:
        return (
            f"the items of the data, or their classes, are others than those that {run} was trained on (fingerprint "
            f"{now}, then {before}): restore them, choose another run=…, or say resume=anyway."
        )
    return (
        f"{run} was trained with {key}={as_typed(before)}, not {as_typed(now)}: choose another run=…, give the same "
        "options, or say resume=anyway."
    )


def _defaults(cfg: DictConfig) -> dict[str, Any]:
    """What options are if only the files of the groups are chosen: one that an earlier version lacked was that."""
    words = list(HydraConfig.get().overrides.task) if HydraConfig.initialized() else []
    chosen = [word for word in words if (CONF / word.lstrip("+").partition("=")[0].partition("@")[0]).is_dir()]
    try:
        with own_hydra(), initialize_config_dir(str(CONF), version_base="1.3"):
            usual = compose("train", chosen)
        usual.spec, usual.paths, usual.choices = cfg.spec, cfg.paths, cfg.choices
        return {key: OmegaConf.select(usual, key) for key in flat(OmegaConf.to_container(usual, resolve=False))}
    except (HydraException, OmegaConfBaseException):
        return {}
