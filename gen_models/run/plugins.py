"""Plug-ins: packages beyond this project's that a configuration may name, and whose configs it may choose.

A plug-in is a package with classes and, in `conf/`, configs of the same groups as this project's. It is allowed by name
(`plugins=mine` in training, `--plugins mine` elsewhere), by the environment, or by its own entry point.
"""

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from gen_models.errors import UsageError
from gen_models.run.reading import flat

GROUP = "gen_models.plugins"
"""Entry points whose values are packages: `[project.entry-points."gen_models.plugins"] mine = "my_plugin"`."""
VARIABLE = "GEN_MODELS_PLUGINS"
"""The environment's packages, with commas between them."""

OWN = frozenset({"gen_models", "torch", "lightning"})
"""Packages of which a configuration may name classes anyway."""

GIVEN = re.compile(r"\+{0,2}plugins=\[?(.*?)\]?")
SEARCHED = re.compile(r"\+{0,2}hydra\.searchpath=\[?(.*?)\]?")


def allowed(extra: Iterable[str] | str = ()) -> tuple[str, ...]:
    """Give the packages that configurations may name beside this project's.

    Args:
        extra: Those that were asked for by name, for this process or this call; as text with commas between them.

    Raises:
        UsageError: There is no such package.
    """
    asked = _listed(extra) if isinstance(extra, str) else extra
    named = [*asked, *_listed(os.environ.get(VARIABLE, "")), *_installed(tuple(sys.path))]
    return tuple(name for name in dict.fromkeys(named) if conf(name))


def named_by(config: Mapping[str, Any]) -> list[str]:
    """Give the packages beyond this project's that a configuration names, by dotted paths, whoever allowed them."""
    targets = [str(value) for path, value in config.items() if path.endswith("_target_")]
    return sorted({name.partition(".")[0] for name in targets} - OWN)


def named_in(cfg: DictConfig) -> list[str]:
    """Give the packages beyond this project's that a configuration names, as it was read."""
    return named_by(flat(OmegaConf.to_container(cfg)))


def sources_of(package: str) -> str:
    """Give the first 16 hex digits of the SHA-256 of a package's Python files, with their places in it."""
    found, folder = sha256(), conf(package).parent
    for path in sorted(folder.rglob("*.py")):
        found.update(f"{path.relative_to(folder).as_posix()}\0".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def naming(plugins: Iterable[str]) -> list[str]:
    """Give the words of a command that allow what neither the environment nor an installed package allows by itself."""
    known = allowed()
    return [word for name in plugins if name not in known for word in ("--plugins", name)]


@cache  # it opens a file of every installed package, and each part of a configuration asks for it
def _installed(_path: tuple[str, ...]) -> tuple[str, ...]:
    """Give the packages that name themselves as plug-ins, of those that lie on Python's path."""
    return tuple(entry.value for entry in entry_points(group=GROUP))


def searching_plugins(arguments: Sequence[str]) -> list[str]:
    """Put the configs of plug-ins on Hydra's search path, behind what a command line has put there itself.

    Raises:
        UsageError: There is no such package.
    """
    given = [name for argument in arguments if (found := GIVEN.fullmatch(argument)) for name in _listed(found[1])]
    folders = [f"'file://{folder}'" for name in allowed(given) if (folder := conf(name)).is_dir()]
    if not folders:
        return list(arguments)
    own = [path for argument in arguments if (found := SEARCHED.fullmatch(argument)) for path in _listed(found[1])]
    others = [argument for argument in arguments if not SEARCHED.fullmatch(argument)]
    return [*others, f"hydra.searchpath=[{','.join([*own, *folders])}]"]


def conf(package: str) -> Path:
    """Give the folder where a plug-in's configs would be.

    Raises:
        UsageError: There is no such package.
    """
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):  # the parent of a dotted name is missing; a name that can't be one
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise UsageError(
            f"there is no package '{package}', which is named as a plug-in: install it, or add its parent folder to "
            "PYTHONPATH."
        )
    return Path(next(iter(spec.submodule_search_locations)), "conf")


def _listed(text: str) -> list[str]:
    return [name.strip(" '\"") for name in text.split(",") if name.strip()]
