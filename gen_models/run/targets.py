"""What a `_target_` may name: classes, of this project and of packages that the command line allows.

A configuration may come with somebody else's run directory, so that a name in it must not be able to run anything but
the constructor of a part. Functions are never taken, an import under another name neither, and of torch and Lightning
only the kinds of classes that a configuration is made of.
"""

import inspect
import re
from collections.abc import Sequence
from importlib import import_module

from lightning import Callback, Trainer
from lightning.fabric.plugins import CheckpointIO, ClusterEnvironment
from lightning.pytorch.accelerators import Accelerator
from lightning.pytorch.loggers import Logger
from lightning.pytorch.plugins import LayerSync, Precision
from lightning.pytorch.profilers import Profiler
from lightning.pytorch.strategies import Strategy
from torch import nn
from torch.optim import Optimizer

from gen_models.errors import UsageError, nearest

PROJECT = "gen_models"

AROUND = (
    *(Trainer, Callback, Logger, Profiler, Strategy, Accelerator),
    *(Precision, ClusterEnvironment, CheckpointIO, LayerSync),
)
"""What surrounds a training. Some of these write files or talk to servers: they are no parts of a model or of data."""

KINDS = {"torch.optim": (Optimizer,), "torch.nn": (nn.Module,), "lightning": AROUND}
"""Other people's packages with the classes that may be taken from them, and what is derived from these."""

NAME = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)+")
"""A dotted name of public parts."""


def resolve(target: object, plugins: Sequence[str] = (), *, around: bool = False) -> type:
    """Import the class that a `_target_` names, if a config may name it.

    Args:
        target: The dotted name of a class in its package or module.
        plugins: Further packages that may be named.
        around: Whether it may be a callback, a logger, a trainer or one of its parts.

    Raises:
        UsageError: Another package, which is not imported; no class; an alias of something else; another kind.
    """
    name = str(target)
    root = next((root for root in (*plugins, PROJECT, *KINDS) if inside(name, root)), None)
    if root is None or not isinstance(target, str) or not NAME.fullmatch(name):
        raise UsageError(_stranger(name, plugins))
    found = _imported(name)
    if not inspect.isclass(found) or not inside(found.__module__, root):
        raise UsageError(f"a config may not name '{name}': it is no class of {root}.")
    if root not in plugins and not issubclass(found, KINDS.get(root, object)):
        kinds = ", ".join(kind.__name__ for kind in KINDS[root])
        raise UsageError(f"a config may not name '{name}': of {root} it may name a {kinds}.")
    if not around and issubclass(found, AROUND):
        raise UsageError(f"a config may not name '{name}' here: it belongs in trainer, callbacks or logger.")
    return found


def inside(name: str, root: str) -> bool:
    """Whether a dotted name is that of a package, or lies in it."""
    return name == root or name.startswith(f"{root}.")


def _imported(name: str) -> object:
    path, _, attribute = name.rpartition(".")
    try:
        module = import_module(path)
        return getattr(module, attribute)
    except AttributeError:
        hint = nearest(attribute, (name for name in dir(module) if name[0].isupper()))
        raise UsageError(f"a config may not name '{name}': {path} has no {attribute}: {hint}") from None
    except Exception as error:  # an import may raise anything
        raise UsageError(f"a config may not name '{name}': it can't be imported ({error}).") from error


def _stranger(name: str, plugins: Sequence[str]) -> str:
    """The sentence on a name outside all packages that may be named: how to allow its own."""
    package = name.partition(".")[0]
    return (
        f"a config may not name '{name}': only {', '.join((PROJECT, *KINDS, *plugins))}. If you trust the package: "
        f"plugins={package} in training, --plugins {package} in other commands, load(run, plugins=('{package}',))."
    )
