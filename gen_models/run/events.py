"""What went wrong in a run, and what came right again: the lines of `events.jsonl` in its directory."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from gen_models.files import read_text, shown, write_text

EVENTS = "events.jsonl"


@dataclass(frozen=True)
class Event:
    """An alarm, or the end of one.

    Attributes:
        turn: Turns that were complete.
        signal: What was looked at, such as `variation` or `loss/critic/adversarial`.
        message: What is wrong, and what to try.
        value: What the signal was, where it has one.
        over: Whether the signal is well again.
    """

    turn: int
    signal: str
    message: str
    value: float | None = None
    over: bool = False

    def __str__(self) -> str:
        return f"turn {self.turn:,}: {self.message}"


def note(run: Path, event: Event) -> None:
    """Add an event to those of a run."""
    run.mkdir(parents=True, exist_ok=True)
    with (run / EVENTS).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(event)) + "\n")


def events(run: Path) -> list[Event]:
    """All of a run, oldest first; what is no event, such as half a line of a machine that died, is passed over."""
    return [event for _, event in _read(run)]


def standing(run: Path) -> list[Event]:
    """The alarms that nothing has put an end to, oldest first: one a signal, its first since all was well."""
    open_: dict[str, Event] = {}
    for event in events(run):
        if event.over:
            open_.pop(event.signal, None)
        else:
            open_.setdefault(event.signal, event)
    return list(open_.values())


def forget_after(run: Path, turn: int) -> None:
    """Strike out events of turns that are about to be played again."""
    if (run / EVENTS).exists():
        write_text(run / EVENTS, "".join(line for line, event in _read(run) if event.turn <= turn))


def _read(run: Path) -> Iterator[tuple[str, Event]]:
    try:
        lines = read_text(run / EVENTS).splitlines(keepends=True)
    except OSError:
        return
    for line in lines:
        event = _event(line) if line.endswith("\n") else None
        if event is not None:
            yield line, event


def _event(line: str) -> Event | None:
    try:
        event = Event(**shown(json.loads(line)))
    except (ValueError, TypeError, RecursionError):
        return None
    sound = isinstance(event.turn, int) and isinstance(event.message, str) and isinstance(event.signal, str)
    return event if sound else None
