"""Play the matrix, or some rows of it: `python -m tests.faults [--row NAME …] [--size full|short] [--out PAGE]`."""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from tests.faults.bench import Bench
from tests.faults.rows import ROWS
from tests.faults.table import PAGE, write
from tests.faults.trial import Tally, Trial


def main() -> int:
    """Play rows one after the other, write each into the page as it ends, and fail if one does not hold."""
    asked = _asked()
    failed = 0
    for name in asked.row or ROWS:
        tally, seconds = played(name, asked.size)
        write(asked.out, {name: tally}, asked.size)
        failed += tally.held != tally.trials
        print(f"{name}: {tally.held} of {tally.trials} in {seconds:.0f} s; worst: {tally.worst}", flush=True)
    return min(failed, 1)


def played(name: str, size: str) -> tuple[Tally, float]:
    """What a row comes to in a folder of its own, and the seconds that this took."""
    row, start = ROWS[name], monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        bench = Bench(Path(folder) / "runs")
        bench.folder.mkdir()
        tally = Tally.of(_told(name, row.play(bench, row.full if size == "full" else row.short)))
    return tally, monotonic() - start


def _told(name: str, trials: Iterator[Trial]) -> Iterator[Trial]:
    """Pass trials on, and print those that don't hold."""
    for trial in trials:
        if not trial.held:
            print(f"{name}: does not hold: {trial.seen}", flush=True)
        yield trial


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--row", nargs="+", choices=ROWS, metavar="NAME", help=f"of {', '.join(ROWS)}; all by default")
    parser.add_argument("--size", choices=("full", "short"), default="full", help="an hour, or three minutes")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page with the table")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
