"""Tensors that are expensive to make and depend on nothing but their key."""

import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from gen_models.cache import kept
from gen_models.files import replacing

Tensors = dict[str, Tensor]
log = logging.getLogger(__name__)


def digest(*parts: object) -> str:
    """The first 16 hex digits of the SHA-256 of `parts` as JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def cached(folder: str | None, key: str, make: Callable[[], Tensors]) -> Tensors:
    """What `make` gives, kept in `folder` under `key`; nothing is kept where `folder` is None or can't be written."""
    if folder is None:
        return make()
    path, made = Path(folder) / f"{key}.safetensors", []

    def write(path: Path) -> None:
        made.append(make())
        with replacing(path) as place:
            save_file(made[-1], place)

    try:
        return kept(path, _read, write)
    except OSError as error:
        if not made:
            made.append(make())
        log.warning("%s is not kept for other runs (%s): metrics.cache names another folder.", path, error)
        return made[-1]


def _read(path: Path) -> Tensors | None:
    """The tensors of a file, or None where it is missing or damaged."""
    try:
        return load_file(path)
    except (OSError, SafetensorError):
        return None
