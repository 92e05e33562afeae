"""What a run writes into its directory, and how that is cleared for the run that takes its place.

What commands make of a run when a person asks for it (`export/`, `pictures/`) is that person's, as are their notes.
"""

from collections.abc import Iterable
from pathlib import Path

from gen_models.errors import UsageError
from gen_models.files import inside, remove

WRITTEN = (
    *("checkpoints/manifest.json", "checkpoints/turn-*.ckpt", "checkpoints/.*.tmp"),
    *("finished.json", "error.txt", "events.jsonl", "metrics.csv", "report.html"),
    *("evaluation/turn-*.json", "evaluation/sanity.json", "averages/images-*.safetensors"),
    *("samples/*.png", "samples/*.gif", "samples/*.wav"),
    *("tensorboard/events.out.tfevents.*", "wandb/*run-*", "wandb/debug*.log", "wandb_id"),
    *(".hydra/config.yaml", ".hydra/overrides.yaml", ".hydra/job", "config.yaml", "versions.json"),
)
"""Files and folders of a run, of whatever options: the checkpoints first, by which it would go on, its mark last."""
MARKS = ("versions.json", "checkpoints/manifest.json")
"""Files that nobody but a run writes: a folder with others of these names, of another program, is nobody's to clear."""
FOLDERS = frozenset(name.partition("/")[0] for name in WRITTEN if "/" in name)
"""Folders of a run, in which there is no other run."""


def check_inside(run: Path) -> None:
    """Refuse a directory of which a part that a run writes to, or clears, is a link that leads out of it.

    Raises:
        UsageError: Naming it.
    """
    for name in sorted({pattern.partition("/")[0] for pattern in WRITTEN}):
        inside(run, name)


def traces(run: Path) -> list[Path]:
    """Give what a run has written into a directory, links unread; nothing where there was no run."""
    if not any((run / mark).is_file() for mark in MARKS):
        return []
    return [path for pattern in WRITTEN for path in sorted(run.glob(pattern))]


def clear(paths: Iterable[Path]) -> None:
    """Remove what an earlier run has written.

    Raises:
        UsageError: It can't be removed, as where it is another user's.
    """
    for path in paths:
        try:
            remove(path)
        except OSError as error:
            raise UsageError(
                f"{path}, of the run before, can't be removed ({error.strerror}): remove it, or choose another run=…."
            ) from error
