"""Whether the state of a model is made of finite numbers."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor


def not_finite(state: Mapping[str, Any]) -> list[str]:
    """Name the tensors of nested state that hold infinities or what is no number, waiting for the device once.

    Args:
        state: What `Engine.capture` gives: weights, buffers, averages, moments.

    Returns:
        Dotted paths, in the order of the state.
    """
    named = [(name, value) for name, value in _tensors(state, "") if value.is_floating_point() and value.numel()]
    by_device: dict[torch.device, list[tuple[str, Tensor]]] = {}
    for name, value in named:
        by_device.setdefault(value.device, []).append((name, value))
    broken: set[str] = set()
    for group in by_device.values():
        sound = torch.stack([value.isfinite().all() for _, value in group]).tolist()
        broken |= {name for (name, _), whole in zip(group, sound, strict=True) if not whole}
    return [name for name, _ in named if name in broken]


def _tensors(node: Any, path: str) -> Iterator[tuple[str, Tensor]]:
    if isinstance(node, Tensor):
        yield path, node
    elif isinstance(node, Mapping):
        for key, child in node.items():
            yield from _tensors(child, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list | tuple):
        for position, child in enumerate(node):
            yield from _tensors(child, f"{path}.{position}")
