"""The command of a run, noted in its directory when the run begins or goes on.

Hydra would note it before the job, also of a command that is then refused.
"""

import re
import shlex
from collections.abc import Iterable
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from gen_models.files import write_text
from gen_models.run.first_rank import rank_zero_only
from gen_models.run.quoting import quoted
from gen_models.run.sweeps import sweeping

FOLDER = ".hydra"
OVERRIDES = "overrides.yaml"
ANEW = re.compile(r"\+*resume=['\"]?never['\"]?")
"""What was typed to begin anew: typed again, it would remove what has come of it."""


@rank_zero_only
def note_command(run: Path, cfg: DictConfig) -> None:
    """Keep what was typed and what it was composed to: reports show the one, `gen-models status` asks the other."""
    if HydraConfig.initialized():
        write_text(run / FOLDER / "config.yaml", OmegaConf.to_yaml(cfg))
        write_text(run / FOLDER / OVERRIDES, OmegaConf.to_yaml(HydraConfig.get().overrides.task))


def typed(options: Iterable[str], run: Path | None = None, *, anew: bool = False) -> str:
    """A training as one types it in a shell.

    Args:
        options: Those that were typed.
        run: Its directory, where one is named.
        anew: Leave `resume=never` where it was typed.
    """
    words = [word for word in options if not re.match(r"\+*run=", word) and (anew or not ANEW.fullmatch(word))]
    return shlex.join(["gen-models", "train", *words, *([] if run is None else [f"run={quoted(str(run))}"])])


def going_on(run: Path, *, saved: bool = True) -> str:
    """Say how a run goes on that was asked to end; of a sweep no job is continued by itself.

    Args:
        run: Its directory.
        saved: Whether a turn is saved there: what was to begin anew, and has nothing yet, still is to.
    """
    if sweeping():
        return f"{again().capitalize()} goes on with the sweep."
    if not HydraConfig.initialized():
        return f"The same command with run={quoted(str(run))} goes on."
    return f"Go on with: {typed(HydraConfig.get().overrides.task, run, anew=not saved)}"


def again() -> str:
    """What goes on when it is typed again: the same command, but for what would begin anew."""
    words = HydraConfig.get().overrides.task if HydraConfig.initialized() else ()
    return "the same command without resume=never" if any(map(ANEW.fullmatch, words)) else "the same command"


def begun(run: Path, since: float) -> bool:
    """Whether a command was noted there since a time, in seconds since 1970."""
    try:
        return (run / FOLDER / OVERRIDES).stat().st_mtime >= since
    except OSError:
        return False
