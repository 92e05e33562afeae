"""How far the runs below a directory are."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from gen_models.metrics.record import Record
from gen_models.run.checkpoints import CHECKPOINTS, Store
from gen_models.run.history import history
from gen_models.run.outcome import ERROR, Finish
from gen_models.run.reading import CONFIG, directories
from gen_models.run.stored import read_yaml

EVENTS = "events.jsonl"
STATES = ("done", "stopped", "running", "interrupted", "failed")


@dataclass(frozen=True)
class Status:
    """One run.

    Attributes:
        run: Its directory.
        state: `done`; `stopped` early by the stability watch; `running` in some process; `interrupted`, and ready to go
            on; `failed`.
        turn: Turns that are complete, as far as they were logged or saved.
        share: Which share of the budget that is.
        speed: Turns/s at the last logging.
        figure: The objective and its value.
        error: The last line of what ended it.
    """

    run: Path
    state: str
    turn: int
    share: float
    speed: float | None
    figure: str
    error: str


def statuses(folder: Path) -> Iterator[Status]:
    """Look at every run in `folder` and below it, in the order of their names."""
    for run in directories(folder, CONFIG, ERROR):
        yield status_of(run)


def status_of(run: Path) -> Status:
    """Look at one run, from the outside."""
    finish, row, cfg = Finish.read(run), _last_row(run), _asked(run)
    if _locked(run):
        state = "running"
    elif finish is not None:
        state = "done" if finish.turn >= finish.of else "stopped"
    else:
        state = "failed" if (run / ERROR).is_file() else "interrupted"
    entries = Store(run / CHECKPOINTS).entries()
    turn = finish.turn if finish else max([int(row.get("turn") or 0)] + [entry.turn for entry in entries])
    share = 1.0 if state == "done" else _share(turn, row, cfg)
    return Status(run, state, turn, share, _speed(row), _figure(finish, row, cfg), _error(run, state))


def _locked(run: Path) -> bool:
    """Whether a living process trains there: its lock dies with it."""
    if not (run / ".lock").exists():
        return False
    try:
        with FileLock(run / ".lock", timeout=0):
            return False
    except Timeout:
        return True


def _asked(run: Path) -> dict[str, Any]:
    """The options that the last process was given, which may ask for more turns than those of the first.

    Which figure `objective=auto` stands for, only the resolved configuration says.
    """
    first, last = (_loaded(file) for file in (run / CONFIG, run / ".hydra" / "config.yaml"))
    if last.get("objective") == "auto":
        last["objective"] = first.get("objective")
    return last or first


def _loaded(file: Path) -> dict[str, Any]:
    cfg = read_yaml(file) if file.is_file() else None
    return cfg if isinstance(cfg, dict) else {}


def _last_row(run: Path) -> dict[str, float]:
    """The newest value of every column of what the run has logged."""
    newest: dict[str, float] = {}
    for row in history(run):
        newest |= row
    return newest


def _share(turn: int, row: dict[str, float], cfg: Mapping[str, Any]) -> float:
    done, asked = (row.get("images", 0.0), cfg["images"]) if cfg.get("images") else (turn, cfg.get("turns"))
    return done / float(asked) if asked else 0.0


def _speed(row: dict[str, float]) -> float | None:
    if not row.get("images/s") or not row.get("images"):
        return None
    return row["images/s"] * row["turn"] / row["images"]


def _figure(finish: Finish | None, row: dict[str, float], cfg: Mapping[str, Any]) -> str:
    """The objective: as it was measured in the end, or else at last."""
    name = cfg.get("objective") or ""
    figures = {record.key: record.value for record in map(Record.from_dict, finish.records if finish else ())}
    value = figures.get(name, row.get(name))
    return f"{name} {value:.4g}" if value is not None else ""


def _error(run: Path, state: str) -> str:
    """The last line of what ended the run before its time: an error, or an alarm of the watch."""
    file = run / {"failed": ERROR, "stopped": EVENTS}.get(state, "")
    lines = file.read_text().strip().splitlines() if file.is_file() else []
    if not lines:
        return ""
    return json.loads(lines[-1])["message"] if state == "stopped" else lines[-1]
