"""What a person is told when a run cannot go on, and the exit codes a job script can rely on."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar
from unicodedata import category

Thing = TypeVar("Thing")

EXIT_FAILED = 1
"""Jobs of a sweep failed, and the others were run; or the machine had too little memory for the only one."""
EXIT_USAGE = 2
"""Wrong input; nothing was trained."""
EXIT_RESUMABLE = 75
"""Interrupted at the end of a turn, saved, and ready to be continued."""
EXIT_DEAD = 76
"""Numerically dead: a loss, or a weight, is no longer a finite number."""
EXIT_INTERRUPTED = 130
"""Ctrl-C while nothing was training, as a shell reports it."""

SHOWN = 20


class UsageError(ValueError):
    """One sentence that names the cause and the fix of a wrong input."""


class Occupied(UsageError):
    """The run directory belongs to another process, whose files are left alone."""


class NotMeasured(UsageError):
    """A search goes by a figure that its jobs do not give; no other trial would."""


class JobFailed(RuntimeError):
    """A job of a sweep has ended with an error; the sweep goes on."""


class NumericalDeath(ArithmeticError):
    """A loss or a weight has become infinite or not a number."""


def visible(text: str, kept: str = "") -> str:
    """Spell out control characters of a text, such as escapes, which terminals obey, and what can't be printed.

    Args:
        text: A name, which line breaks would part; or lines.
        kept: Those that stay as they are.
    """
    spelt = ("Cc", "Cs")  # half a pair of UTF-16 stands for a byte that is no UTF-8
    return "".join(ascii(sign)[1:-1] if category(sign) in spelt and sign not in kept else sign for sign in text)


def named(what: str, name: str, known: Mapping[str, Thing]) -> Thing:
    """Give the thing of a name: what they are is said where there is none.

    Raises:
        UsageError: What was probably meant.
    """
    if name not in known:
        raise UsageError(f"there is no {what} '{name}': {nearest(name, known)}")
    return known[name]


def nearest(word: str, known: Iterable[str]) -> str:
    """The ending of a sentence about an unknown `word`: what was probably meant, or else what exists."""
    known = sorted(known)
    parts = [name for name in known if len(word) > 2 and word in name]
    if close := get_close_matches(word, known, n=3, cutoff=0.5):
        close.sort(key=lambda name: sorted(name) != sorted(word))  # letters in another order come first
        return f"did you mean {' or '.join(close)}?"
    if parts:  # resembles nothing, being short
        return f"did you mean {' or '.join(parts[:3])}?"
    more = ", …" if len(known) > SHOWN else ""
    return f"there is {', '.join(known[:SHOWN])}{more}." if known else "there is none."
