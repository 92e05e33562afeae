"""Names that parts of networks have in earlier checkpoints."""

from functools import partial
from typing import Any

from torch import nn


def once_named(module: nn.Module, former: str, name: str) -> None:
    """Let a module take checkpoints in which its part `name` is called `former`."""
    module.register_load_state_dict_pre_hook(partial(_renamed, former, name))


def _renamed(former: str, name: str, _: nn.Module, state: dict[str, Any], prefix: str, *__: Any) -> None:
    before = f"{prefix}{former}."
    for key in [key for key in state if key.startswith(before)]:
        state[f"{prefix}{name}.{key.removeprefix(before)}"] = state.pop(key)
