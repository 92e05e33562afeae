"""Reference of a package in Markdown: signatures and docstrings of what it offers by `__all__`."""

import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from types import FunctionType, ModuleType
from typing import Any

SECTION = re.compile(r"^(\w+):\n((?:    .*\n?|\n)+)", re.MULTILINE)
"""A section of a docstring: its name, and what is indented below."""

MODULES = re.compile(r"\b(?:[A-Za-z_]\w*\.)+(?=[A-Za-z])")

MEMBERS = (FunctionType, property, cached_property)

ENTRY = re.compile(r"^    (\*{0,2}[\w, ]+):", re.MULTILINE)


def reference(package: ModuleType) -> str:
    """Write a page of all public names of a package."""
    blocks = [f"# {package.__name__}, name by name", inspect.getdoc(package) or ""]
    for name in package.__all__:
        blocks += described(getattr(package, name), f"{package.__name__}.{name}")
    return "\n\n".join(blocks) + "\n"


def described(part: Any, name: str) -> Iterator[str]:
    """Describe a function, or a class and the public members of its own."""
    yield f"## `{name}`"
    yield signature(part, name)
    yield documented(part)
    for label, member in vars(part).items() if inspect.isclass(part) else ():
        if not label.startswith("_") and isinstance(member, MEMBERS):
            yield f"### `{name.rpartition('.')[2]}.{label}`"
            if inspect.isfunction(member):
                yield signature(member, label)
            yield documented(member)


def signature(part: Any, name: str) -> str:
    """Write a call with its arguments, types by their bare names."""
    call = MODULES.sub("", f"({', '.join(map(str, inspect.signature(part).parameters.values()))})")
    return f"```python\n{name}{call}\n```"


def documented(part: Any) -> str:
    """Give a docstring, its sections as lists."""
    return SECTION.sub(_section, f"{inspect.getdoc(part)}\n").rstrip()


def _section(found: re.Match[str]) -> str:
    entries = re.sub(r"\n {8,}", " ", found[2])
    listed = ENTRY.sub(r"- `\1`:", entries)
    text = listed if listed != entries else re.sub(r"^ {4}", "", entries, flags=re.MULTILINE)
    return f"\n**{found[1]}**\n\n{text.rstrip()}\n"
