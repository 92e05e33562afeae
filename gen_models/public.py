"""Public names of a package: the classes in its files, found by reading them, imported when they are asked for.

A config names a class by its package (`gen_models.losses.Hinge`) and not by its file, so that files can be moved, and
a new class needs no list.
"""

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

CLASS = re.compile(r"^class ([A-Z]\w*)", re.MULTILINE)


def exporting(package: str, file: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Give a package what Python asks for names that it lacks: its `__getattr__` and its `__dir__`.

    The former raises an AttributeError for a name that no file defines, or that several do.

    Args:
        package: Its name.
        file: Its `__init__.py`; the files beside and below it are read.
    """

    @cache
    def homes() -> dict[str, list[str]]:
        found = classes(package, Path(file).parent)
        return {name: [home for home in found if name in found[home]] for names in found.values() for name in names}

    def getattr_(name: str) -> Any:
        modules = homes().get(name, [])
        if len(modules) > 1:
            raise AttributeError(f"module {package!r} has several {name!r}, in {' and '.join(modules)}: rename one.")
        if not modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(modules[0]), name)

    return getattr_, lambda: sorted(homes())


def classes(package: str, folder: Path) -> dict[str, list[str]]:
    """Give the names of the public classes that each module of a package defines, without importing one."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        module = ".".join([package, *path.relative_to(folder).with_suffix("").parts]).removesuffix(".__init__")
        found[module] = CLASS.findall(path.read_text(encoding="utf-8"))
    return found
