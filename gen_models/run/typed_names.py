"""Where an option is written that the checked object only refers to: the name by which a person types it."""

import re
from collections.abc import Mapping
from typing import Any

from omegaconf import DictConfig, OmegaConf

FILLED = {"spec": "the data decides", "choices": "the files that are chosen decide"}
"""Own keys that are filled in, and by whom."""

WHOLE = re.compile(r"\$\{(?:oc\.select:)?([A-Za-z_][\w.]*)(?:,[^${}]*)?\}")
"""An interpolation that is all of a value, from the top of the configuration."""


class TypedNames:
    """Names of options as they are typed.

    `model.generator.width` is typed as `network.generator.width` where `model.generator` is `${network.generator}`.

    Args:
        cfg: The whole configuration, with its interpolations.
    """

    def __init__(self, cfg: DictConfig) -> None:
        self._tree: Any = OmegaConf.to_container(cfg, resolve=False)

    def __getitem__(self, path: str) -> str:
        """Give the name of the option at a dotted path; what the data decide keeps the name of what asks for it."""
        node, parts = self._tree, path.split(".")
        for depth, part in enumerate(parts, 1):
            node = _child(node, part)
            found = WHOLE.fullmatch(node) if isinstance(node, str) else None
            if found and found[1].split(".")[0] not in FILLED:
                return self[".".join([found[1], *parts[depth:]])]
        return path


def _child(node: Any, part: str) -> Any:
    if isinstance(node, list) and part.isdigit() and int(part) < len(node):
        return node[int(part)]
    return node.get(part) if isinstance(node, Mapping) else None
