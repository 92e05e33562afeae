"""What a run writes into its directory, and how that is cleared for the run that takes its place.

What commands make of a run when a person asks for it (`export/`, `pictures/`) is that person's, as are their notes.
"""

from collections.abc import Iterable, Iterator
from glob import glob
from itertools import product
from os.path import isfile
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
DEPTH = 3
"""Folders from that of all runs to one of them, at most."""
FOLDERS = frozenset(name.partition("/")[0] for name in WRITTEN if "/" in name)
"""Folders of a run, in which there is no other run."""


def check_inside(run: Path) -> None:
    """Refuse a directory of which a part that a run writes to, or clears, is a link that leads out of it.

    Raises:
        UsageError: Naming it.
    """
    for name in sorted({pattern.partition("/")[0] for pattern in WRITTEN}):
        inside(run, name)


def check_run_place(run: Path) -> None:
    """Refuse a directory for a run that is a folder of several, or lies in another run, as where a sweep has its name.

    Raises:
        UsageError: Naming a run there.
    """
    if not _is_run(run) and (below := next(_below(run), None)):
        raise UsageError(
            f"{run} is a folder of runs, such as {below}: name a directory of this run's own in it, or choose another "
            "run=…."
        )
    for folder in run.parents:
        if _is_run(folder):
            raise UsageError(
                f"{run} lies in {folder}, which is a run itself: choose another run=…, or another study=… of a sweep."
            )


def _is_run(folder: Path) -> bool:
    return any(isfile(folder / mark) for mark in MARKS)  # False of what can't be read


def _below(folder: Path) -> Iterator[Path]:
    """Runs in a folder, those that lie least deep first."""
    for depth, mark in product(range(1, DEPTH + 1), MARKS):
        found = glob("/".join(["*"] * depth + [mark]), root_dir=folder)
        yield from sorted(folder / path.removesuffix(f"/{mark}") for path in found)


def traces(run: Path) -> list[Path]:
    """Give what a run has written into a directory, links unread; nothing where there was no run."""
    if not _is_run(run):
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
