"""Where a part is written, what its docstring says first, and which part of the project it belongs to."""

import inspect
import re
from collections.abc import Callable, Mapping
from numbers import Real
from pathlib import Path
from typing import Any

from gen_models.run.conf import PACKAGE

FOREIGN = ("torch", "lightning", "builtins")
"""Packages whose parts need no explanation here."""

SYMBOLS = {"λ": "weight", "β": "weight", "δ": "delta"}
"""Letters of formulas, and the attributes that hold their values."""

SIGNS = re.compile(r"[½²³√‖·Σ∇ΠσλβχE₂=+](?=[\s\d(‖_|]|$)|\b(?:log|max|KL)\b|[½√‖Σ]")
"""What a formula has and a sentence has not."""

CITATION = re.compile(r"\s*\([^()]*\b\d{4}\b[^()]*\)")


def place(part: Any) -> str:
    """Give `folder/file.py:line` of a class or a function, from the package's folder on; empty if it is foreign."""
    if part.__module__.split(".")[0] in FOREIGN:
        return ""
    part = inspect.unwrap(part)
    file = Path(inspect.getsourcefile(part) or "")
    root = PACKAGE if file.is_relative_to(PACKAGE) else file.parents[part.__module__.count(".")]
    return f"{file.relative_to(root)}:{inspect.getsourcelines(part)[1]}"


def first_line(part: Any) -> str:
    """Give the first sentence of a docstring, without its full stop."""
    return (inspect.getdoc(part) or "").split("\n")[0].removesuffix(".")


def is_formula(text: str) -> bool:
    """Whether a docstring's first line is mathematics, and no sentence about it."""
    return bool(SIGNS.search(text)) and not re.match(r"(?:Give|Measure|Take|Draw|Make|Tell) ", text)


def formula(function: Callable[..., Any], part: Any) -> str:
    """Give a term's formula with the part's numbers filled in: of the function, else of the class, else a sentence.

    Args:
        function: What computes the term.
        part: The object that it belongs to; None for a plain function.
    """
    lines = [first_line(function), first_line(type(part))] if part is not None else [first_line(function)]
    text = next((line for line in lines if is_formula(line)), lines[-1])
    text = CITATION.sub("", text.split(";")[0])
    return filled(text, numbers(part))


def numbers(part: Any) -> dict[str, float]:
    """Give the numeric attributes of an object by name."""
    values = part if isinstance(part, Mapping) else getattr(part, "__dict__", {})
    return {name: value for name, value in values.items() if isinstance(value, Real) and not isinstance(value, bool)}


def filled(text: str, values: Mapping[str, float]) -> str:
    """Put numbers where a text names them, `in quotes`, bare, or by the letter of a paper."""
    for letter, name in SYMBOLS.items():
        if name in values:
            text = text.replace(letter, f"{values[name]:g}" + (" ·" if text.startswith(letter) else ""), 1)
    for name, value in values.items():
        text = text.replace(f"`{name}`", short(value))
        if is_formula(text):
            text = re.sub(rf"(?<![\w.'])({re.escape(name)})(?![\w'])", short(value), text)
    return text


def short(value: float) -> str:
    """Write a number briefly: 24,000, 0.5, 1e-4."""
    if value == int(value) and abs(value) >= 1:
        return f"{int(value):,}"
    return f"{value:g}".replace("e-0", "e-")
