"""Tensors that are expensive to make and depend on nothing but their key."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from gen_models.cache import kept
from gen_models.files import replacing

Tensors = dict[str, Tensor]


def digest(*parts: object) -> str:
    """The first 16 hex digits of the SHA-256 of `parts` as JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def cached(folder: str | None, key: str, make: Callable[[], Tensors]) -> Tensors:
    """What `make` gives, kept in `folder` under `key`; nothing is kept where `folder` is None."""
    if folder is None:
        return make()
    path = Path(folder) / f"{key}.safetensors"

    def write(path: Path) -> None:
        with replacing(path) as place:
            save_file(make(), place)

    return kept(path, _read, write)


def _read(path: Path) -> Tensors | None:
    """The tensors of a file, or None where it is missing or damaged."""
    try:
        return load_file(path)
    except (OSError, SafetensorError):
        return None
