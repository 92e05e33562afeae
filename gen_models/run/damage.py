"""What in a run directory is torn, lost or no longer readable, in words, without building anything."""

from pathlib import Path

from gen_models.errors import UsageError
from gen_models.run.checkpoints import CHECKPOINTS, Store
from gen_models.run.command import FOLDER
from gen_models.run.history import METRICS, torn
from gen_models.run.outcome import FINISHED, Finish
from gen_models.run.reading import CONFIG
from gen_models.run.stored import read_yaml

OPTIONS = (CONFIG, f"{FOLDER}/config.yaml", f"{FOLDER}/overrides.yaml")


def damages(run: Path) -> list[str]:
    """Say of a run that nobody is writing what is damaged there; nothing of a run that is whole.

    Raises:
        UsageError: A later version of this project wrote the manifest of its checkpoints.
    """
    store = Store(run / CHECKPOINTS)
    found = [f"{name} can't be read" for name in OPTIONS if (run / name).exists() and not _sound(run / name)]
    if (run / FINISHED).exists() and Finish.read(run) is None:
        found.append(f"{FINISHED} can't be read")
    if store.lost:
        found.append(f"{CHECKPOINTS}/{store.manifest.name} can't be read")
    if torn(run / METRICS):
        found.append(f"rows of {METRICS} can't be read")
    if bereft(run):
        return [*found, "its checkpoints are gone"]
    return [*found, f"{CHECKPOINTS}/{file} is not whole"] if (file := cut(run)) else found


def bereft(run: Path) -> bool:
    """Whether a run has ended with checkpoints, going by its configuration, and none of them is there."""
    finish = Finish.read(run)
    if finish is None or not finish.turn or not _saves(run):
        return False
    store = Store(run / CHECKPOINTS)
    return not any((store.folder / entry.file).is_file() for entry in store.entries())


def cut(run: Path) -> str:
    """The newest checkpoint, if it is not there or not as long as it was written; "" if it is, or there is none."""
    store = Store(run / CHECKPOINTS)
    entries = [] if store.lost else store.entries()  # which of lost ones are read off the files
    return entries[-1].file if entries and not store.fits(entries[-1]) else ""


def _saves(run: Path) -> bool:
    try:
        cfg = read_yaml(run / CONFIG)
    except (OSError, UsageError):
        return False
    callbacks = cfg.get("callbacks") if isinstance(cfg, dict) else None
    return isinstance(callbacks, dict) and bool(callbacks.get("checkpoint"))


def _sound(path: Path) -> bool:
    """Whether a file holds the options of a run, or the words of a command."""
    try:
        return isinstance(read_yaml(path), dict | list)
    except (OSError, UsageError):
        return False
