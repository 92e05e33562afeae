"""Where a part is written, what its docstring says first, and which part of the project it belongs to."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

FOREIGN = ("torch", "lightning", "builtins")
"""Packages whose parts need no explanation here."""

SYMBOLS = {"λ": "weight", "β": "weight", "δ": "delta"}
"""Letters of formulas, and the attributes that hold their values."""

SIGNS = re.compile(r"[½²³√‖·Σ∇ΠσλβχE₂=+](?=[\s\d(‖_|]|$)|\b(?:log|max|KL)\b(?!-)|[½√‖Σ]")
"""What a formula has and a sentence has not."""

AFTERTHOUGHT = re.compile(r";(?![^()]*\))|, (?:of|a|with no|up to)\b| in nats\b")
"""Where a formula's docstring goes on with shapes, units and optima."""

CITATION = re.compile(r"\s*\([^()]*\b\d{4}\b[^()]*\)")


def place(part: Any) -> str:
    """Give `folder/file.py:line` of a class or a function, from the package's folder on; empty if it is foreign."""
    if part.__module__.split(".")[0] in FOREIGN:
        return ""
    part = inspect.unwrap(part)
    package = Path(inspect.getsourcefile(part) or "").stem == "__init__"
    file = part.__module__.replace(".", "/") + ("/__init__.py" if package else ".py")
    return f"{file.removeprefix('gen_models/')}:{inspect.getsourcelines(part)[1]}"


def body(function: Callable[..., Any]) -> list[ast.stmt]:
    """Give the statements of a function; [] where its source is not to be had (generated code)."""
    try:
        source = inspect.getsource(function)
    except OSError:
        return []
    (tree,) = ast.parse(textwrap.dedent(source)).body
    return tree.body if isinstance(tree, ast.FunctionDef) else []


def code(function: Callable[..., Any]) -> str:
    """Give a function's source without its docstring; empty where it is not to be had."""
    try:
        lines = textwrap.dedent(inspect.getsource(inspect.unwrap(function))).splitlines()
    except OSError:
        return ""
    match ast.parse("\n".join(lines)).body:
        case [ast.FunctionDef(body=[ast.Expr(value=ast.Constant(value=str())) as words, *_])]:
            del lines[words.lineno - 1 : words.end_lineno]
    return "\n".join(lines)


def first_line(part: Any) -> str:
    """Give the first sentence of a docstring, without its full stop."""
    return (inspect.getdoc(part) or "").split("\n")[0].removesuffix(".")


def is_formula(text: str) -> bool:
    """Whether a docstring's first line is mathematics, and no sentence about it."""
    return bool(SIGNS.search(text)) and not re.match(r"(?:Give|Measure|Take|Draw|Make|Tell) ", text)


def formula(function: Callable[..., Any], part: Any = None, factor: float = 1.0) -> str:
    """Give a term's formula with its numbers filled in: from the function, else the class, else a sentence.

    Args:
        function: What computes the term.
        part: The object that it belongs to; None for a plain function.
        factor: What the whole is multiplied by.
    """
    lines = [first_line(function)] if part is None else [first_line(function), first_line(type(part))]
    text = next((line for line in lines if is_formula(line)), lines[-1] or first_line(function))
    text = AFTERTHOUGHT.split(CITATION.sub("", text))[0]
    text = next((piece for piece in text.split(": ") if is_formula(piece)), text)
    if factor == 1.0 and not is_formula(text):
        factor = numbers(part).get("weight", 1.0)
    return multiplied(filled(text, numbers(part)), factor)


def multiplied(text: str, factor: float) -> str:
    """Write a factor before a formula, with parentheses around a sum; after a sentence."""
    if factor == 1.0 or not text:
        return text
    if not is_formula(text):
        return f"{text} (times {short(factor)})"
    bare = re.sub(r"\([^()]*\)", "", re.sub(r"\([^()]*\)", "", text))
    text = f"({text})" if re.search(r"\S [-+] ", bare) else text
    return f"-{text}" if factor == -1.0 else f"{short(factor)} · {text}"


def numbers(part: Any) -> dict[str, float]:
    """Give the numeric attributes of an object by name."""
    values = vars(part) if isinstance(getattr(part, "__dict__", None), dict) else {}
    return {
        name: value for name, value in values.items() if isinstance(value, int | float) and not isinstance(value, bool)
    }


def filled(text: str, values: Mapping[str, float]) -> str:
    """Put numbers where a text names them: `in quotes`, as a word of a formula, or by the letter of a paper."""
    for letter, name in SYMBOLS.items():
        if name in values:
            text = re.sub(rf"^{letter} ", "" if values[name] == 1 else f"{short(values[name])} · ", text)
            text = text.replace(letter, short(values[name]))
    for name, value in values.items():
        text = text.replace(f"`{name}`", short(value))
        if is_formula(text):
            text = re.sub(rf"(?<![\w.'])({re.escape(name)})(?![\w'])", short(value), text)
    return text


def short(value: float) -> str:
    """Write a number briefly: 24,000, 0.5, 1e-4."""
    if value == int(value) and abs(value) >= 1:
        return f"{int(value):,}"
    text = f"{value:g}" if abs(value) >= 1e-2 or not value else f"{value:.6e}"
    return re.sub(r"\.?0*e-0*", "e-", text)
