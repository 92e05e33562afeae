"""Tensors that are expensive to make and depend on nothing but their key."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock
from safetensors.torch import load_file, save_file
from torch import Tensor

Tensors = dict[str, Tensor]


def digest(*parts: object) -> str:
    """The first 16 hex digits of the SHA-256 of `parts` as JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def cached(folder: str | None, key: str, make: Callable[[], Tensors]) -> Tensors:
    """What `make` gives, kept in `folder` under `key`; nothing is kept where `folder` is None.

    Of several processes that ask at once one makes it and the others wait, without any collective. A file appears
    whole or not at all.
    """
    if folder is None:
        return make()
    path = Path(folder) / f"{key}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        if not path.exists():
            save_file(make(), partial := path.with_suffix(".part"))
            os.replace(partial, path)
    return load_file(path)
