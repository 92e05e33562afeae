"""How far the runs below a directory are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fcntl import LOCK_NB, LOCK_SH, flock
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from gen_models.errors import UsageError
from gen_models.files import read_text
from gen_models.metrics.record import rounded
from gen_models.run.checkpoints import CHECKPOINTS, Store
from gen_models.run.damage import damages
from gen_models.run.events import events, standing
from gen_models.run.history import history
from gen_models.run.outcome import ERROR, Finish
from gen_models.run.reading import CONFIG, LOCK, directories
from gen_models.run.stored import read_yaml
from gen_models.run.versions import told_version

STATES = ("done", "stopped", "running", "interrupted", "failed", "damaged")


@dataclass(frozen=True)
class Status:
    """How far a run is, and how it does.

    Attributes:
        run: Its directory.
        state: `done`; `stopped` early by the stability watch; `running` in some process; `interrupted`, and ready to go
            on; `failed`; `damaged`, where a file of it can't be read or its checkpoints are gone.
        turn: Turns that are complete, as far as they were logged or saved.
        share: Which share of the budget that is.
        speed: Turns/s at the last logging.
        figure: The objective and its value.
        error: The last line of what ended it, or what is damaged.
        version: That of this project which trained it last.
        alarm: The last of what went wrong in it and never came right, or "".
    """

    run: Path
    state: str
    turn: int
    share: float
    speed: float | None
    figure: str
    error: str
    version: str = ""
    alarm: str = ""

    @property
    def remark(self) -> str:
        """What is to be said of it: what ended it, or else its figure and what went wrong, without what to try."""
        return self.error or "; ".join(filter(None, (self.figure, self.alarm.split(";")[0])))


def statuses(folder: Path) -> Iterator[Status]:
    """Look at every run in `folder` and below it, in the order of their names."""
    for run in directories(folder, CONFIG, ERROR):
        yield status_of(run)


def status_of(run: Path) -> Status:
    """Look at one run, from the outside; whatever its files hold, it is a row and no error."""
    try:
        return _seen(run)
    except Exception as error:  # one strange directory must not hide all others
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        return Status(run, "damaged", 0, 0.0, None, "", f"damaged: {reason}")


def _seen(run: Path) -> Status:
    finish, row, cfg = Finish.read(run), _last_row(run), _asked(run)
    state = _state(run, finish)
    entries = Store(run / CHECKPOINTS).entries()
    turn = finish.turn if finish else max([int(row.get("turn") or 0)] + [entry.turn for entry in entries])
    share = 1.0 if state == "done" else _share(turn, row, cfg)
    error, alarm = _error(run, state), next((str(event) for event in reversed(standing(run))), "")
    return Status(run, state, turn, share, _speed(row), _figure(finish, row, cfg), error, told_version(run), alarm)


def _state(run: Path, finish: Finish | None) -> str:
    if _locked(run):
        return "running"
    if damages(run):
        return "damaged"
    if finish is not None:
        return "done" if finish.turn >= finish.of else "stopped"
    return "failed" if (run / ERROR).is_file() else "interrupted"


def _locked(run: Path) -> bool:
    """Whether a living process trains there: its lock dies with it."""
    if not (run / LOCK).exists():
        return False
    try:
        with FileLock(run / LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # of a run that one may only read
        return _held(run / LOCK)


def _held(lock: Path) -> bool:
    """Whether a process holds a lock that can't be taken, but perhaps shared; no where it can't be read."""
    try:
        with lock.open("rb") as file:
            flock(file, LOCK_SH | LOCK_NB)
    except OSError as error:
        return isinstance(error, BlockingIOError)
    return False


def _asked(run: Path) -> dict[str, Any]:
    """The options that the last process was given, which may ask for more turns than those of the first.

    Which figure `objective=auto` stands for, only the resolved configuration says.
    """
    first, last = (_loaded(file) for file in (run / CONFIG, run / ".hydra" / "config.yaml"))
    if last.get("objective") == "auto":
        last["objective"] = first.get("objective")
    return last or first


def _loaded(file: Path) -> dict[str, Any]:
    """The options in a file; none where it is damaged, which is told apart (`damages`)."""
    try:
        cfg = read_yaml(file)
    except (OSError, UsageError):
        return {}
    return cfg if isinstance(cfg, dict) else {}


def _last_row(run: Path) -> dict[str, float]:
    """The newest value of every column of what the run has logged."""
    newest: dict[str, float] = {}
    for row in history(run):
        newest |= row
    return newest


def _share(turn: int, row: dict[str, float], cfg: Mapping[str, Any]) -> float:
    name = "images" if cfg.get("images") is not None else "turns"
    done, asked = row.get("images", 0.0) if name == "images" else turn, cfg.get(name)
    if not isinstance(asked, int | float | None):
        raise UsageError(f"it was asked for {name}={asked}, which is no number.")
    return done / float(asked) if asked else 0.0


def _speed(row: dict[str, float]) -> float | None:
    if not row.get("images/s") or not row.get("images"):
        return None
    return row["images/s"] * row["turn"] / row["images"]


def _figure(finish: Finish | None, row: dict[str, float], cfg: Mapping[str, Any]) -> str:
    """The objective: as it was measured in the end, or else at last; earlier versions noted it among the others."""
    name = cfg.get("objective") or ""
    figures = {record.key: record.value for record in finish.outcome.records} if finish else {}
    noted = finish.objective if finish else None
    value = figures.get(name, row.get(name)) if noted is None else noted
    return f"{name} {rounded(value, 4)}" if value is not None else ""


def _error(run: Path, state: str) -> str:
    """What ended the run before its time, in a line: an error, an alarm of the watch, or what is damaged."""
    if state == "damaged":
        return f"damaged: {', '.join(damages(run))}"
    if state == "stopped":
        return next((str(event) for event in reversed(events(run)) if not event.over), "")
    try:
        lines = read_text(run / ERROR).strip().splitlines() if state == "failed" else []
    except OSError:
        lines = []
    return lines[-1] if lines else ""
