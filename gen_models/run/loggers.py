"""Where the figures of a run go: a CSV that survives restarts, and what every dashboard is shown."""

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from lightning.pytorch.loggers import Logger, TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only, rank_zero_warn
from omegaconf import DictConfig, OmegaConf
from torch import Tensor

from gen_models.files import write_text
from gen_models.metrics.record import Record
from gen_models.run.history import rows
from gen_models.run.wandb_logger import RunWandb


class RunCSV(Logger):
    """`metrics.csv`: one row a logging, a column a name, continued by a resumed run.

    Lightning's CSVLogger deletes the file of an earlier process; here the rows that the run is about to repeat are
    dropped and the others stay.

    Args:
        path: The file.
    """

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = Path(path)
        self._columns: list[str] = []

    @property
    def name(self) -> str:
        """Stem of the file."""
        return self.path.stem

    @property
    def version(self) -> str:
        """A run directory holds one run."""
        return ""

    @rank_zero_only
    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """Leave the configuration to `config.yaml`."""

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Append a row; a new name adds a column to the whole file. A full disk costs the row, and not the run."""
        values = {name: f"{value:.6g}" for name, value in metrics.items() if name not in ("step", "epoch")}
        row = {"turn": step} | values
        try:
            if set(row) <= set(self._columns) and self.path.exists():
                self._append(row)
            else:
                self._rewrite(row)
        except OSError as error:
            rank_zero_warn(f"no row of turn {step} in {self.path} ({error.strerror}); the training goes on.")

    def _append(self, row: Mapping[str, Any]) -> None:
        """Add a row at the end, or nothing of it: half a row would pass for a whole one."""
        size = self.path.stat().st_size
        try:
            with self.path.open("a", newline="") as file:
                csv.DictWriter(file, self._columns, restval="").writerow(row)
        except OSError:
            os.truncate(self.path, size)
            raise

    def _rewrite(self, row: Mapping[str, Any]) -> None:
        """Write the file whole, with columns for all names and the row at its end."""
        # Rows from this turn on, if there are any, come from a process that was killed: they are played again.
        kept = [old for old in rows(self.path) if self._columns or int(old["turn"]) < int(row["turn"] or 0)]
        columns = list(dict.fromkeys([*(kept[0] if kept else ()), *self._columns, *row]))
        writer = csv.DictWriter(text := io.StringIO(), columns, restval="")
        writer.writeheader()
        writer.writerows([*kept, row])
        write_text(self.path, text.getvalue())
        self._columns = columns


def dashboards(loggers: Iterable[Logger]) -> bool:
    """Whether more than numbers can be shown."""
    return any(isinstance(logger, TensorBoardLogger | RunWandb) for logger in loggers)


@rank_zero_only
def log_config(loggers: Iterable[Logger], cfg: DictConfig) -> None:
    """Show what the run was asked for: as text, or as the columns by which wandb compares runs."""
    for logger in loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.experiment.add_text("config", f"```\n{OmegaConf.to_yaml(cfg, resolve=True)}```")
        elif isinstance(logger, RunWandb):
            logger.log_hyperparams(cast(dict[str, Any], OmegaConf.to_container(cfg, resolve=True)))


@rank_zero_only
def log_picture(loggers: Iterable[Logger], name: str, picture: Tensor, turn: int) -> None:
    """Show a (3, H, W) uint8 picture on every dashboard that has a place for it."""
    for logger in loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.experiment.add_image(name, picture, turn)
        elif isinstance(logger, RunWandb):
            logger.log_image(name, [picture.permute(1, 2, 0).numpy()], step=turn)


@rank_zero_only
def log_film(loggers: Iterable[Logger], name: str, sheet: Tensor, path: Path, turn: int) -> None:
    """Show the film of the GIF file `path`, or its contact sheet (3, H, W), on every dashboard."""
    for logger in loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.experiment.add_image(name, sheet, turn)  # whose films would need a package that makes films
        elif isinstance(logger, RunWandb):
            logger.log_video(name, [str(path)], step=turn, format=["gif"])


@rank_zero_only
def log_histograms(loggers: Iterable[Logger], values: Mapping[str, Tensor], turn: int) -> None:
    """Show how the finite numbers, at most a million evenly picked ones, of tensors of any shapes are distributed."""
    picked = {name: value.flatten()[:: -(-value.numel() // 1_000_000)] for name, value in values.items()}
    finite = {name: value[value.isfinite()].float().cpu().numpy() for name, value in picked.items()}
    finite = {name: numbers for name, numbers in finite.items() if len(numbers)}
    for logger in loggers:
        if isinstance(logger, TensorBoardLogger):
            for name, numbers in finite.items():
                logger.experiment.add_histogram(f"histograms/{name}", numbers, turn)
        elif isinstance(logger, RunWandb):
            logger.log_histograms({f"histograms/{name}": numbers for name, numbers in finite.items()}, turn)


@rank_zero_only
def log_sound(loggers: Iterable[Logger], name: str, samples: Tensor, rate: int, path: Path, turn: int) -> None:
    """Play samples (T,) in [-1, 1], which are also those of the file `path`, on every dashboard that can."""
    for logger in loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.experiment.add_audio(name, samples, turn, rate)
        elif isinstance(logger, RunWandb):
            from wandb import Audio

            # Given samples, or a list as `log_audio` does, wandb would need a package that reads and writes sounds.
            logger.log_metrics({name: Audio(str(path))}, turn)  # type: ignore[dict-item]


@rank_zero_only
def log_records(loggers: Iterable[Logger], records: Sequence[Record]) -> None:
    """Show the figures that a run ended with as a table, with their bounds and protocols."""
    columns = ["figure", "value", "error", "real", "untrained", "chance", "protocol", "remark"]
    lines: list[list[object]] = [
        [r.label, r.value, r.error, r.real, r.untrained, r.chance, json.dumps(dict(r.protocol)), r.remark]
        for r in records
    ]
    for logger in loggers if lines else ():
        if isinstance(logger, TensorBoardLogger):
            table: list[Sequence[object]] = [columns, ["---"] * len(columns), *lines]
            logger.experiment.add_text("figures", "\n".join(f"| {' | '.join(map(str, line))} |" for line in table))
        elif isinstance(logger, RunWandb):
            logger.log_table("figures", columns, lines)
            logger.summarise({record.key: record.value for record in records})


@rank_zero_only
def finish(loggers: Iterable[Logger]) -> None:
    """Close every dashboard: the next job of a sweep in this process would else write into this one's."""
    for logger in loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.experiment.close()
        elif isinstance(logger, RunWandb):
            logger.finish()
