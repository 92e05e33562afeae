"""Every family of generative models, classical and of today, in one harness, scored on one board."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gen_models.api.asking import compare, evaluate, models
    from gen_models.api.composing import compose
    from gen_models.api.handle import Run
    from gen_models.api.training import train
    from gen_models.core.model import GenerativeModel
    from gen_models.run.directory import load

__all__ = ["GenerativeModel", "Run", "compare", "compose", "evaluate", "load", "models", "train"]

_HOMES = {
    "GenerativeModel": "gen_models.core.model",
    "Run": "gen_models.api.handle",
    "compare": "gen_models.api.asking",
    "compose": "gen_models.api.composing",
    "evaluate": "gen_models.api.asking",
    "load": "gen_models.run.directory",
    "models": "gen_models.api.asking",
    "train": "gen_models.api.training",
}


def __getattr__(name: str) -> Any:
    """Import what is public when it is asked for: the command line must not wait for torch."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gen_models' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
