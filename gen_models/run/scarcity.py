"""What a machine has too little of, in a sentence with the way out: memory, shared memory, open files.

Nothing here imports torch, whose errors are known by their names and words.
"""

import errno
import re
import traceback
from collections.abc import Iterator

from gen_models.run.command import again

MEMORY = r"can't allocate memory|[Cc]annot allocate memory|out of memory|std::bad_alloc"
SHARED = r"unable to (?:open|allocate|write|resize|mmap) .*shared memory|insufficient shared memory|Bus error"
FEWER = "data.workers=0 (or fewer workers)"


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors of a disk that is full, or of a quota or a limit that is reached."""


def scarce(error: BaseException) -> str | None:
    """The sentence on what was lacking when an error arose, or one that it followed from; None where nothing was."""
    for cause in causes(error):
        text = str(cause)
        if isinstance(cause, OSError) and cause.errno in (errno.EMFILE, errno.ENFILE):
            return f"there are too few open files for this run ({_first(text)}): {FEWER}, or a larger ulimit -n."
        if re.search(SHARED, text) or (isinstance(cause, OSError) and cause.errno == errno.ENOSPC and _shared(cause)):
            return f"/dev/shm is too small for these data.workers ({_first(text)}): {FEWER}, or a larger one."
        if _of_memory(cause):
            return (
                f"there is not enough memory ({_first(text) or type(cause).__name__}): lower data.batch_size, raise "
                "model.accumulate (a batch in parts), or choose trainer.precision=bf16-mixed; "
                f"{again()} goes on from the last checkpoint."
            )
    return None


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error and those that it followed from, as a traceback would show them, the latest first."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        yield cause
        seen.add(id(cause))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def last_line(error: BaseException) -> str:
    """What an error says, and what it first followed from, in a line: libraries end with words of their own."""
    chain = list(causes(error))
    said = [f"{type(each).__name__}: {_first(str(each))}" for each in (chain[0], chain[-1])]
    return said[0] if len(chain) == 1 else f"{said[0]} (it began with {said[1]})"


def _of_memory(error: BaseException) -> bool:
    short = isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
    named = type(error).__name__ == "OutOfMemoryError"
    return short or named or (isinstance(error, RuntimeError) and re.search(MEMORY, str(error)) is not None)


def _shared(error: BaseException) -> bool:
    """Whether an error arose where processes share something; files fill up, too."""
    return any("multiprocessing" in frame.filename for frame in traceback.extract_tb(error.__traceback__))


def _first(text: str) -> str:
    """The first line of a message, without its end and not longer than a line of a table."""
    return next(iter(text.strip().splitlines()), "")[:160].rstrip(". ")
