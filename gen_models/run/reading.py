"""A run directory as files: its configuration, and which directories below a folder are runs.

Nothing here imports torch: a list of a thousand runs is there at once.
"""

import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from gen_models.errors import UsageError
from gen_models.run.checkpoints import CHECKPOINTS
from gen_models.run.former import modernised
from gen_models.run.outcome import FINISHED
from gen_models.run.stored import literal, read_yaml
from gen_models.run.traces import FOLDERS

CONFIG = "config.yaml"
LOCK = ".lock"
"""Held by the process that trains in the directory."""
NEEDED = ("model", "spec", "seed")
"""Options that every run has written, and without which nothing of it can be built."""
EXPORTED = ".safetensors"
"""Ending of a file that `gen-models export` has written, which commands take for a run."""
LAST = Path("last")
"""What a person writes for the newest finished run of all."""
NEAR = 0.6
"""How alike a name has to be to be the one that was meant, of 1."""


def read_config(run: Path) -> DictConfig:
    """Read the resolved configuration that a run was started with.

    It may be a stranger's: nothing in it is resolved, and the plug-ins that were allowed then are not now.

    Raises:
        UsageError: It is no run directory, or its configuration is none that a run has written.
    """
    check_run(run)
    return configured(read_yaml(run / CONFIG), run / CONFIG)


def read_whole_config(run: Path) -> DictConfig:
    """Read the configuration of a run that is to be built from it.

    Raises:
        UsageError: As of `read_config`, and where it does not say what to build.
    """
    return complete(read_config(run), run / CONFIG)


def check_run(run: Path) -> None:
    """Refuse what is no run directory.

    Raises:
        UsageError: What it is, or which one may be meant.
    """
    if not (run / CONFIG).is_file():
        raise UsageError(_why_not(run))


def check_exists(path: Path) -> None:
    """Refuse a run, or a folder of them, that is not there.

    Raises:
        UsageError: Which one may be meant.
    """
    if not path.exists():
        raise UsageError(_why_not(path))


def _why_not(run: Path) -> str:
    """Why a path is no run directory, and which one may be meant."""
    if run.exists():
        return f"{run} is no run directory: it has no {CONFIG}."
    below = runs_folder() / run
    close = below if below.is_dir() else alike(run)
    return f"there is no {run}: {f'did you mean {close}?' if close else 'gen-models status lists the runs.'}"


def alike(path: Path) -> Path | None:
    """The folder beside a path that is not there whose name is nearest to its own; None where none is near."""
    known = [*_folders(path.parent), *([LAST.name] if path.parent == Path() else ())]
    close = get_close_matches(path.name, known, n=1, cutoff=NEAR)
    return path.with_name(close[0]) if close else None


def _folders(place: Path) -> list[str]:
    try:
        return [entry.name for entry in os.scandir(place) if entry.is_dir()]
    except OSError:
        return []


def complete(cfg: DictConfig, file: Path) -> DictConfig:
    """Give a configuration, read from a file, that says what to build.

    Raises:
        UsageError: It does not.
    """
    if lacking := [name for name in NEEDED if name not in cfg]:
        raise UsageError(f"{file} was not written by a run: it has no {lacking[0]}.")
    return cfg


def configured(stored: Any, file: Path) -> DictConfig:
    """Take plain data, read from a file, for the configuration of a run; nothing in it is resolved.

    Raises:
        UsageError: It is none.
    """
    if not isinstance(stored, dict):
        raise UsageError(f"{file} was not written by a run: it has no options.")
    try:
        cfg = OmegaConf.create({**literal(modernised(stored)), "plugins": []})
    except OmegaConfBaseException as error:
        raise UsageError(f"{file} was not written by a run: {str(error).splitlines()[0]}") from error
    cfg.pop("hydra", None)
    return cfg


def directories(folder: Path, *marks: str) -> list[Path]:
    """Give the run directories in a folder, itself included: those with a file of such a name, by default a config.

    In the folders of a run there is none: wandb and Hydra keep configurations of their own there.
    """
    found = []
    for place, folders, files in os.walk(folder):
        if not {*marks, CONFIG, LOCK}.isdisjoint(files):
            folders[:] = [name for name in folders if name not in FOLDERS]
        if not set(marks or (CONFIG,)).isdisjoint(files) and Path(place).name != ".hydra":
            found.append(Path(place))
    return sorted(found)


def runs_folder() -> Path:
    """Where runs go by default."""
    return Path(os.environ.get("GEN_MODELS_RUNS", "runs"))


def meant(path: Path) -> Path:
    """Give the run that a path means: itself, the only one in a folder, or the newest finished one in it.

    `last` stands for the folder of all runs.

    Raises:
        UsageError: There is none.
    """
    folder = runs_folder() if path == LAST else path
    runs = directories(folder)
    if path == LAST and not runs:
        raise UsageError(f"there is no run in {folder} yet: train one, or name a run directory.")
    if folder in runs or not runs:
        return folder
    finished = [run for run in runs if (run / FINISHED).is_file()]
    if not finished and len(runs) == 1:
        return runs[0]
    if not finished:
        raise UsageError(f"no run in {folder} is finished: name one that is not, such as {runs[-1]}.")
    return max(finished, key=lambda run: (run / FINISHED).stat().st_mtime)


def every(paths: Sequence[Path]) -> list[Path]:
    """Give run directories as they were named, and in place of a folder those in it that have a checkpoint.

    Raises:
        UsageError: A folder has none.
    """
    return once([run for path in paths for run in ([path] if (path / CONFIG).is_file() else _saved(path))])


def once(runs: Sequence[Path]) -> list[Path]:
    """Give each run directory once: a run that was named twice would count as two seeds."""
    found: dict[Path, Path] = {}
    for run in runs:
        found.setdefault(run.resolve(), run)
    return list(found.values())


def saved(folder: Path) -> list[Path]:
    """Give the run directories in a folder that have a checkpoint."""
    return [run for run in directories(folder) if (run / CHECKPOINTS).is_dir()]


def _saved(folder: Path) -> list[Path]:
    runs = saved(folder)
    check_exists(folder)
    if not runs:
        raise UsageError(f"{folder} is no run directory: it has no {CONFIG}, and no run with a checkpoint is below it.")
    return runs


def flat(node: Any, path: str = "") -> dict[str, Any]:
    """The leaves of nested dictionaries by their dotted paths."""
    if not isinstance(node, dict):
        return {path: node}
    leaves: dict[str, Any] = {}
    for key, child in node.items():
        leaves |= flat(child, f"{path}.{key}" if path else str(key))
    return leaves
