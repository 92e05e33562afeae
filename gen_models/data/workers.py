"""What loader processes need of the machine, asked before they are started: torch's own words name no way out."""

import os
import shutil
from pathlib import Path

from gen_models.errors import UsageError

SHARED = Path("/dev/shm")
OPEN = Path("/proc/self/fd")
AHEAD = 2
"""Batches that each worker holds ready in shared memory: torch's `prefetch_factor`."""
FILES, ELSEWHERE = 10, 16
"""Open files: of each worker (pipes, and the tensors in flight), and of what else a run opens."""


def check_workers(workers: int, batch: int) -> None:
    """Refuse more loader processes than the machine has shared memory and open files for.

    Args:
        workers: How many there are.
        batch: Bytes of a batch.

    Raises:
        UsageError: Naming what is too small, and the way out.
    """
    if not workers:
        return
    need, free = workers * AHEAD * batch, shutil.disk_usage(SHARED).free if SHARED.is_dir() else None
    if free is not None and need > free:
        raise UsageError(
            f"data.workers={workers} needs {need / 1e6:.3g} MB of shared memory, and {SHARED} has {free / 1e6:.3g}: "
            "use data.workers=0, a smaller data.batch_size, or a larger one (docker run --shm-size=1g)."
        )
    files, allowed = workers * FILES + ELSEWHERE, _files_left()
    if allowed is not None and files > allowed:
        raise UsageError(
            f"data.workers={workers} needs some {files} open files, and this process may open {allowed} more: use "
            "data.workers=0, or raise the limit (ulimit -n 4096)."
        )


def _files_left() -> int | None:
    if not OPEN.is_dir():
        return None
    import resource  # which Windows lacks

    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if limit == resource.RLIM_INFINITY else limit - len(os.listdir(OPEN))
