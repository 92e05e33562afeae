"""What a person is told when a run has ended."""

import os
import shlex
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from lightning.pytorch.utilities import rank_zero_only
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gen_models.metrics.record import Record
from gen_models.reports.finished import read
from gen_models.reports.page import write_page
from gen_models.run.checkpoints import Store
from gen_models.run.events import standing
from gen_models.run.forgiving import forgiven
from gen_models.run.history import METRICS
from gen_models.run.plugins import named_in, naming
from gen_models.run.reading import read_config
from gen_models.run.sweeps import sweeping
from gen_models.run.turn_files import turn_files


@rank_zero_only
def report(run: Path, records: Sequence[Record]) -> None:
    """Write `report.html`, and print where everything is, and the figures with their bounds.

    Of a job of a sweep only the report is named, in whose directory the rest lies.
    The run is over and noted: what can't be shown of it costs a warning.
    """
    try:
        _print(_named(run), records)
    except Exception as error:  # the exit code is that of the training
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        warnings.warn(f"{run} has ended, but could not be reported on ({reason}).", stacklevel=2)


def _named(run: Path) -> Path:
    """Its path from here, or the whole one of a run that lies elsewhere."""
    path = Path(os.path.relpath(run))
    return run.absolute() if os.pardir in path.parts else path


def _print(run: Path, records: Sequence[Record]) -> None:
    page = _page(run)
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    saved = bool(Store(run / "checkpoints").entries())
    grids = turn_files((run / "samples").glob("turn-*.png"))
    places = {
        "report": page,
        "wandb": f"wandb sync {run}/wandb/offline-*" if list(run.glob("wandb/offline-*")) else None,
    }
    alone = {
        "samples": grids[-1].path if grids else None,
        "metrics": run / METRICS,
        "checkpoints": run / "checkpoints" if saved else None,
        "dashboard": f"tensorboard --logdir {run}" if (run / "tensorboard").is_dir() else None,
        "more": shlex.join(["gen-models", "sample", str(run), "--n", "64", *_plugins(run)]) if saved else None,
    }
    for name, place in (places if sweeping() else places | alone).items():
        if place is not None:
            table.add_row(f"[bold]{name}", str(place))
    for record in records:
        table.add_row("[bold]quality", escape(str(record)))
    for event in standing(run):
        table.add_row("[bold]alarm", escape(str(event)))
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def _plugins(run: Path) -> list[str]:
    """What tells a command of the plug-ins whose classes the run names."""
    return naming(named_in(read_config(run)))


def _page(run: Path) -> Path | None:
    with forgiven(f"{run}/report.html"):
        return write_page([read(run)], run / "report.html")
    return None
