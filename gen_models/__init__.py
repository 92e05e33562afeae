"""Every classical family of generative models in one harness, scored on one board."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gen_models.core.model import GenerativeModel
    from gen_models.run.directory import load

__all__ = ["GenerativeModel", "load"]

_HOMES = {"GenerativeModel": "gen_models.core.model", "load": "gen_models.run.directory"}


def __getattr__(name: str) -> Any:
    """Import what is public when it is asked for: the command line must not wait for torch."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gen_models' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
