"""Plug-ins: packages beyond this project's that a configuration may name, by the decision of whoever runs the command.

A stored configuration never decides this: it may come from a stranger.
"""

import os
from collections.abc import Iterable
from functools import cache
from importlib.metadata import entry_points

GROUP = "gen_models.plugins"
"""Entry points by which an installed package allows itself: `my_package = "my_package"`."""

VARIABLE = "GEN_MODELS_PLUGINS"
"""An environment variable with names of packages, separated by commas."""


def allowed(extra: Iterable[str] = ()) -> tuple[str, ...]:
    """Give the packages that a configuration may name besides this project's.

    Args:
        extra: Those of the command line, `plugins=[…]` or `--plugins`.
    """
    named = (name.strip() for name in os.environ.get(VARIABLE, "").split(","))
    return tuple(dict.fromkeys([*extra, *filter(None, named), *_installed()]))


@cache
def _installed() -> tuple[str, ...]:
    return tuple(entry.module for entry in entry_points(group=GROUP))
