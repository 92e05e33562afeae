"""Text as Hydra reads it on a command line: as it is, or between quotes where Hydra would take signs for its own."""

import re
from typing import Any

PLAIN = re.compile(r"(?:[A-Za-z_]|\.{0,2}/)[\w./@+-]*", re.ASCII)
"""Text that needs no quotes."""
WORDS = ("true", "false", "null", "nan", "inf")
"""Text that does, or it would be read as another value."""


def quoted(text: str) -> str:
    """Write a text, such as a path, as the value of an option."""
    if PLAIN.fullmatch(text) and text.lower() not in WORDS:
        return text
    escaped = re.sub(r"(\\*)('|$)", lambda found: found[1] * 2 + ("\\'" if found[2] else ""), text)
    return f"'{escaped}'"


def as_typed(value: Any) -> str:
    """A value in a command line's words: null, true and false are not Python's."""
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
