"""Where the figures of a run go: a CSV that survives restarts, TensorBoard, and wandb with or without a login."""

import csv
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import Logger, TensorBoardLogger, WandbLogger
from lightning.pytorch.utilities import rank_zero_info, rank_zero_only
from torch import Tensor


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
        """Append a row; a new name adds a column to the whole file."""
        values = {name: f"{value:.6g}" for name, value in metrics.items() if name not in ("step", "epoch")}
        row = {"turn": step} | values
        if new := [name for name in row if name not in self._columns]:
            # Rows from this turn on, if there are any, come from a process that was killed: they are played again.
            rows = [old for old in self._rows() if self._columns or int(old["turn"]) < int(row["turn"] or 0)]
            self._columns = list(dict.fromkeys([*(rows[0] if rows else ()), *self._columns, *new]))
            self._write("w", [dict(zip(self._columns, self._columns, strict=True)), *rows])
        self._write("a", [row])

    def _rows(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        with self.path.open(newline="") as file:
            return list(csv.DictReader(file))

    def _write(self, mode: str, rows: Iterable[Mapping[str, Any]]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open(mode, newline="") as file:
            csv.DictWriter(file, self._columns, restval="").writerows(rows)


def wandb_logger(save_dir: str, project: str, name: str, mode: str = "auto", **options: Any) -> WandbLogger:
    """Make a wandb logger that can't end the run.

    Args:
        save_dir: The run directory; a resumed run keeps its id in `wandb_id` there.
        project: Project on the server.
        name: Name of the run.
        mode: `online`, `offline`, or `auto`: online with an API key at hand, else offline.
        options: Further arguments of `wandb.init`.
    """
    import wandb

    if mode == "auto":
        mode = os.environ.get("WANDB_MODE") or ("online" if wandb.api.api_key else "offline")
    if mode == "offline":
        print(f"wandb: offline. Send the run later with: wandb sync {save_dir}/wandb/offline-*")
    Path(save_dir).mkdir(parents=True, exist_ok=True)
    stored = Path(save_dir) / "wandb_id"
    if not stored.exists():
        stored.write_text(secrets.token_hex(4))
    settings = wandb.Settings(init_timeout=30, console="off", disable_git=True, save_code=False)
    try:
        logger = WandbLogger(
            save_dir=save_dir, project=project, name=name, id=stored.read_text(), resume="allow", mode=mode,
            settings=settings, **options,
        )  # fmt: skip
        logger.experiment.define_metric("images")
        logger.experiment.define_metric("*", step_metric="trainer/global_step")
    except wandb.Error as error:
        if mode == "offline":
            raise
        rank_zero_info(f"wandb: no server ({error}); continuing offline.")
        return wandb_logger(save_dir, project, name, "offline", **options)
    return logger


@rank_zero_only
def log_picture(loggers: Iterable[Logger], name: str, picture: Tensor, turn: int) -> None:
    """Show a (3, H, W) uint8 picture on every dashboard that has a place for it."""
    for logger in loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.experiment.add_image(name, picture, turn)
        elif isinstance(logger, WandbLogger):
            logger.log_image(name, [picture.permute(1, 2, 0).numpy()], step=turn)


@rank_zero_only
def log_sound(loggers: Iterable[Logger], name: str, samples: Tensor, rate: int, path: Path, turn: int) -> None:
    """Play samples (T,) in [-1, 1], which are also those of the file `path`, on every dashboard that can."""
    for logger in loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.experiment.add_audio(name, samples, turn, rate)
        elif isinstance(logger, WandbLogger):
            from wandb import Audio

            # Given samples, or a list as `log_audio` does, wandb would need a package that reads and writes sounds.
            logger.log_metrics({name: Audio(str(path))}, turn)  # type: ignore[dict-item]


@rank_zero_only
def finish(loggers: Iterable[Logger]) -> None:
    """Close every dashboard: the next job of a sweep in this process would else write into this one's."""
    for logger in loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.experiment.close()
        elif isinstance(logger, WandbLogger):
            logger.experiment.finish()
