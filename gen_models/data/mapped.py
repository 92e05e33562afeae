"""Arrays on disk that are larger than the memory."""

import mmap
import os

import numpy as np


def read_in_no_order(x: np.ndarray, memory: int | None = None) -> None:
    """Tell the system that rows of a memory map will be read in no order, where they are too many to stay in memory.

    Else each row that is gathered brings its neighbours along (read-ahead: 128 KB and more), for nothing, and what was
    read before is dropped for them. A map that fits is left alone: what is read ahead will be wanted soon.

    Args:
        x: Any array; one that is no map is left alone, too.
        memory: Bytes of the machine's; None asks it.
    """
    available = _memory() if memory is None else memory
    advice = getattr(mmap, "MADV_RANDOM", None)  # which Windows lacks
    if advice is None or available is None or x.nbytes < available / 2:
        return
    owner = x
    while isinstance(owner, np.ndarray):
        owner = owner.base  # type: ignore[assignment]
    if isinstance(owner, mmap.mmap):
        owner.madvise(advice)


def _memory() -> int | None:
    names = ("SC_PHYS_PAGES", "SC_PAGE_SIZE")
    known = getattr(os, "sysconf_names", {})  # which Windows lacks
    return os.sysconf(names[0]) * os.sysconf(names[1]) if known.keys() >= set(names) else None
