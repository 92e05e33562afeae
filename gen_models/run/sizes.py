"""Sizes below 1, and lists without any: which option is meant, where a constructor fails or a weight has no entries."""

from collections.abc import Iterator, Sequence
from typing import Any

from gen_models.run import hints
from gen_models.run.targets import resolve
from gen_models.run.typed_names import TypedNames


def too_small(tree: Any, group: str, typed: TypedNames, plugins: Sequence[str] = ()) -> str | None:
    """The sentence on the outermost option of a checked group that is no size; None where all may be some.

    Args:
        tree: What was built of the group, without interpolations.
        group: Its name.
        typed: For each path the name by which a person types it.
        plugins: Further packages that it may name.
    """
    below = list(_below(tree, group, plugins))
    if not below:
        return None
    path, value = min(below, key=lambda option: (option[1] is None, len(option[0])))
    if value is None:
        return f"{typed[path]} is empty, and needs a number at least."
    return f"{typed[path]} must be at least 1, and is {value}."


def _below(node: Any, path: str, plugins: Sequence[str], counts: bool = True) -> Iterator[tuple[str, int | None]]:
    """Negative whole numbers, and 0 where only whole numbers go and no default is 0; None for a list without any."""
    if isinstance(node, dict):
        wanted = hints.sizes(resolve(node["_target_"], plugins, around=True)) if "_target_" in node else ()
        for key, child in node.items():
            yield from _below(child, f"{path}.{key}", plugins, key in wanted)
    elif node == [] and counts:
        yield path, None
    elif isinstance(node, list):
        for place, child in enumerate(node):
            yield from _below(child, f"{path}.{place}", plugins, counts)
    elif isinstance(node, int) and (node < 0 or node == 0 and counts and not isinstance(node, bool)):
        yield path, node
