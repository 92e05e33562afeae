"""Reading YAML that a run has left behind: plain data of bounded size, whoever wrote it.

OmegaConf would resolve `${oc.env:…}` when a value is looked at; what is read here stays text.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from gen_models.errors import UsageError
from gen_models.files import read_bytes, shown

LARGEST = 4 * 2**20
"""Bytes; the configurations of this project have some thousands."""

FLOAT = re.compile(r"[-+]?(\d[\d_]*\.?[\d_]*|\.\d+)[eE][-+]?\d+$")
"""Floats that YAML 1.1 takes for text, such as 1e-3."""


class _Loader(yaml.SafeLoader):
    """Safe YAML without aliases, by which a small file can stand for a huge tree; dates stay text."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):  # type: ignore[no-untyped-call]
            raise yaml.YAMLError("it has aliases, which no run writes")
        return super().compose_node(parent, index)  # type: ignore[no-untyped-call]


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, list("-+0123456789."))  # type: ignore[no-untyped-call]


def read_yaml(path: Path) -> Any:
    """Give what a YAML file says: nested dictionaries, lists, numbers and text.

    Raises:
        UsageError: It is too large, damaged, or holds more than plain data.
    """
    content = read_bytes(path)
    if len(content) > LARGEST:
        raise UsageError(f"{path} is larger than {LARGEST // 2**20} MB: no run writes such a file.")
    try:
        return shown(yaml.load(content.decode(), _Loader))
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UsageError(f"{path} is damaged or was not written by a run: {reason}.") from error


def interpolated(node: Any) -> bool:
    """Whether a text in nested containers would refer to something else if it were resolved."""
    if isinstance(node, dict | list):
        return any(map(interpolated, [*node, *node.values()] if isinstance(node, dict) else node))
    return isinstance(node, str) and "${" in node


def literal(node: Any) -> Any:
    """Escape what OmegaConf would resolve in nested containers, so that it stays the text that it is."""
    if isinstance(node, dict):
        return {key: literal(child) for key, child in node.items()}
    if isinstance(node, list):
        return [literal(child) for child in node]
    # A backslash before it is escaped, too: it would otherwise escape ours.
    return re.sub(r"(\\*)\$\{", r"\1\1\\${", node) if isinstance(node, str) else node
