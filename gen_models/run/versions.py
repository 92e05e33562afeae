"""Which software has trained a run: `versions.json`, one entry for each set of versions that played turns of it.

Where a run was continued though options differ, its entry says which (`changed`).
"""

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from gen_models.files import read_json, write_json
from gen_models.run.first_rank import rank_zero_only
from gen_models.run.plugins import sources_of

VERSIONS = "versions.json"
CHANGED = "changed"
OWN = "gen_models"
PACKAGES = (OWN, "torch", "lightning", "torchmetrics", "numpy")
CHECKOUT = Path(__file__).parents[2]
"""Where this project lies, if it is a checkout."""


@rank_zero_only
def note_versions(
    run: Path, turn: int, plugins: Iterable[str] = (), changed: Mapping[str, Sequence[Any]] | None = None
) -> None:
    """Note the present versions where they are others than those of the process before, or options are.

    Args:
        run: The run directory.
        turn: Turns that were complete when this process began.
        plugins: Packages beyond this project's whose classes the run is made of.
        changed: Options that are others from now on, before and now, by their dotted paths.
    """
    known, now = _entries(run) if turn else [], {"turn": turn, **versions(plugins)}
    told = {CHANGED: dict(changed)} if changed else {}
    if told or not known or {name: known[-1][name] for name in known[-1] if name != CHANGED} | {"turn": turn} != now:
        write_json(run / VERSIONS, [*known, now | told])


def versions(plugins: Iterable[str] = ()) -> dict[str, str]:
    """The versions of this project and of what its figures depend on, the commit, and what identifies plug-ins."""
    commit = commit_of(CHECKOUT)
    own = {name: _version(name) for name in PACKAGES} | ({"commit": commit} if commit else {})
    return own | {name: sources_of(name) for name in plugins}


def told_version(run: Path) -> str:
    """The version, and the commit in short, by which a run was trained last; "" where it is not known."""
    last = (_entries(run) or [{}])[-1]
    commit = str(last.get("commit", ""))[:9]
    return " ".join(str(part) for part in (last.get(OWN, ""), commit) if part)


def commit_of(checkout: Path) -> str:
    """The commit that a git checkout is at, read from its files; "" where it is none."""
    try:
        folder = _git_folder(checkout)
        head = (folder / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head
        return _tip(folder, head.removeprefix("ref: "))
    except (OSError, ValueError):
        return ""


def _git_folder(checkout: Path) -> Path:
    """The folder `.git`, or what a file of that name leads to, as in a worktree."""
    place = checkout / ".git"
    return checkout / place.read_text().strip().removeprefix("gitdir: ") if place.is_file() else place


def _tip(folder: Path, ref: str) -> str:
    """The commit of a branch: a file, in the worktree's folder or the common one, or a line of the packed ones."""
    shared = folder / "commondir"
    common = folder / shared.read_text().strip() if shared.is_file() else folder
    for place in (folder / ref, common / ref):
        if place.is_file():
            return place.read_text().strip()
    packed = (common / "packed-refs").read_text().splitlines()
    return next((line.split()[0] for line in packed if line.endswith(f" {ref}")), "")


def _entries(run: Path) -> list[dict[str, Any]]:
    content = read_json(run / VERSIONS)
    return [entry for entry in content if isinstance(entry, dict)] if isinstance(content, list) else []


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
