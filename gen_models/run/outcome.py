"""What became of a run, in two files of its directory: `finished.json` and `error.txt`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from gen_models.files import read_json, write_json, write_text
from gen_models.metrics.record import Record
from gen_models.run.first_rank import rank_zero_only
from gen_models.run.former import modernised

FINISHED = "finished.json"
ERROR = "error.txt"


@dataclass(frozen=True)
class Outcome:
    """What a run has come to.

    Attributes:
        records: Its figures, on the items that are reported on.
        objective: The figure that it went by, on the items that one chooses by; None where that was not measured.
    """

    records: Sequence[Record]
    objective: float | None


@dataclass(frozen=True)
class Finish:
    """How a run ended.

    Attributes:
        turn: Turns that it played.
        of: Turns that it was to play; more than `turn` if the watch stopped it.
        asked: The options that decided so, and what is measured then.
        records: The figures that it ended with, on the items that are reported on.
        objective: The figure that it went by, on the items that one chooses by; None where there is none.
    """

    turn: int
    of: int
    asked: dict[str, Any]
    records: list[dict[str, Any]]
    objective: float | None = None

    @property
    def outcome(self) -> Outcome:
        """The figures that it ended with."""
        return Outcome([Record.from_dict(record) for record in self.records], self.objective)

    @classmethod
    def read(cls, run: Path) -> "Finish | None":
        """What the run directory says, if the run has ended; a file that is damaged says nothing."""
        content = read_json(run / FINISHED)
        try:
            finish = cls(**modernised(content)) if isinstance(content, dict) else None
            return finish if finish is not None and finish._sound() else None
        except (AttributeError, KeyError, TypeError):  # it says something else
            return None

    def _sound(self) -> bool:
        """Whether the file says what a run would; an error of Python where a figure is none."""
        values = [self.objective, *(figure.value for figure in self.outcome.records)]
        counts = type(self.turn) is int and type(self.of) is int and isinstance(self.asked, dict)
        return counts and all(isinstance(value, int | float | None) for value in values)


@rank_zero_only
def conclude(run: Path, cfg: DictConfig, turn: int, of: int, outcome: Outcome) -> None:
    """Note that the run has ended, for the same command given again."""
    finish = Finish(turn, of, asked(cfg), [record.to_dict() for record in outcome.records], outcome.objective)
    write_json(run / FINISHED, asdict(finish))


@rank_zero_only
def forget(run: Path) -> None:
    """Strike out what became of earlier processes: this one plays on."""
    for name in (FINISHED, ERROR):
        (run / name).unlink(missing_ok=True)


@rank_zero_only
def note_error(run: Path, text: str) -> None:
    """Keep what ended the run: a sentence, or a traceback, whose last line says what happened."""
    write_text(run / ERROR, f"{text.strip()}\n")


def asked(cfg: DictConfig) -> dict[str, Any]:
    """The options that decide when a run has ended and what is measured then."""
    metrics = OmegaConf.to_container(cfg.metrics, resolve=True) if cfg.metrics else None
    return {"turns": cfg.turns, "images": cfg.images, "metrics": metrics}
