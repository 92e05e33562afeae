"""`metrics.csv`: the figures of a run by its turns, over restarts, damage and full disks."""

import csv
import errno
import io
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import Logger
from lightning.pytorch.utilities import rank_zero_only

from gen_models.files import write_text
from gen_models.run.forgiving import Forgiving
from gen_models.run.history import rows


class RunCSV(Logger):
    """`metrics.csv`: one row a logging, a column a name, continued by a resumed run.

    Lightning's CSVLogger deletes the file of an earlier process; here the rows that the run is about to repeat are
    dropped and the others stay. Rows that can't be written, as on a full disk, cost a warning.

    Args:
        path: The file.
    """

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = Path(path)
        self._columns: list[str] = []
        self._forgiving = Forgiving(self.path.name)

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
        with self._forgiving.writing():
            if new := [name for name in row if name not in self._columns]:
                self._widen(new, int(step or 0))
            elif not self.path.exists():  # somebody has deleted it
                self._write([])
            self._append(row)

    def _widen(self, new: Iterable[str], turn: int) -> None:
        """Add columns to the rows that stay, and keep the columns only once they are in the file."""
        # Rows from this turn on, if there are any, come from a process that was killed: they are played again.
        kept = [old for old in rows(self.path) if self._columns or int(old["turn"]) < turn]
        before, self._columns = self._columns, list(dict.fromkeys([*(kept[0] if kept else ()), *self._columns, *new]))
        try:
            self._write(kept)
        except OSError:
            self._columns = before
            raise

    def _write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        header = dict(zip(self._columns, self._columns, strict=True))
        write_text(self.path, self._text([header, *rows]))

    def _append(self, row: Mapping[str, Any]) -> None:
        """Add a whole row or none: the next one would else continue half of it."""
        with self.path.open("ab", buffering=0) as file:
            size, content = file.seek(0, os.SEEK_END), self._text([row]).encode()
            try:
                if file.write(content) != len(content):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            except OSError:
                with suppress(OSError):  # the first error is the one to tell
                    file.truncate(size)
                raise

    def _text(self, rows: Iterable[Mapping[str, Any]]) -> str:
        text = io.StringIO(newline="")
        csv.DictWriter(text, self._columns, restval="").writerows(rows)
        return text.getvalue()
