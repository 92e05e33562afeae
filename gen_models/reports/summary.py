"""What a person is told when a run has ended."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from lightning.pytorch.utilities import rank_zero_only, rank_zero_warn
from rich.console import Console
from rich.table import Table

from gen_models.metrics.record import Record
from gen_models.reports.finished import read
from gen_models.reports.page import write_page
from gen_models.run.history import METRICS


@rank_zero_only
def report(run: Path, records: Sequence[Record]) -> None:
    """Write `report.html`, and print where everything is, and the figures with their bounds."""
    run = Path(os.path.relpath(run))
    page = _page(run)
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    grids = sorted((run / "samples").glob("turn-*.png"))
    places = {
        "report": page,
        "samples": grids[-1] if grids else None,
        "metrics": run / METRICS,
        "checkpoints": run / "checkpoints",
        "dashboard": f"tensorboard --logdir {run}" if (run / "tensorboard").is_dir() else None,
        "wandb": f"wandb sync {run}/wandb/offline-*" if list(run.glob("wandb/offline-*")) else None,
        "more": f"gen-models sample {run} --n 64 --out grid.png",
    }
    for name, place in places.items():
        if place is not None:
            table.add_row(f"[bold]{name}", str(place))
    for record in records:
        table.add_row("[bold]quality", str(record).replace("[", r"\["))
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def _page(run: Path) -> Path | None:
    """Write the report; a disk that is full by now does not undo that the run has ended."""
    try:
        return write_page([read(run)], run / "report.html")
    except OSError as error:
        rank_zero_warn(f"no report.html ({error.strerror}): make room, and give the same command again.")
        return None
