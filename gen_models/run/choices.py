"""Options that were chosen and that nothing reads: refused before the training.

What is read follows from the composed configuration: the groups that a job builds, its own keys, and all that these
refer to by `${…}`, directly or through others. There is no table of what goes with what.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from gen_models.beside import Rule
from gen_models.errors import UsageError, nearest
from gen_models.run.conf import CONF
from gen_models.run.former import current
from gen_models.run.hints import remarks
from gen_models.run.job_options import check_budget
from gen_models.run.plugins import allowed
from gen_models.run.scheduled import check_scheduled
from gen_models.run.sweeps import sweeping
from gen_models.run.typed_names import FILLED

if TYPE_CHECKING:
    from gen_models.data.source import Source

NAMED = ("callbacks", "logger")
"""Built groups that are maps of named objects."""

BUILT = ("data", "metrics", "model", "trainer", "paths", *NAMED)
"""Groups that a job reads by itself; the others are parts, read where something refers to them."""

NAMING = {
    "study": "it names a sweep, and this is a single run",
    "run": "it names one run, and those of a sweep are named by their options, below study=…",
    "name": "it is part of a directory's name, of which run=… says the whole",
}
"""Own keys that name things only: they are read where something refers to them; why nothing may."""
OF_SWEEPS = ("hydra.sweep", "hydra.launcher")
"""How options of Hydra begin that are of sweeps alone."""

SCHEDULES = "model.schedules"

REFERENCE = re.compile(r"[{:,]\s*(\.*)([A-Za-z_][\w.]*)")
"""A path in an interpolation, or an argument of a resolver that may be one; leading dots go up from the node."""


def typed() -> list[str]:
    """The overrides of this job as they were typed, those of a sweep included."""
    if not HydraConfig.initialized():
        return []
    task: Any = OmegaConf.to_container(HydraConfig.get().overrides.task, resolve=False)  # they may hold `${…}`
    return list(task)


def chosen(overrides: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Where each override acts, and how it was typed; none of Hydra's own, or of those that only take away."""
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        if path := _path(override):
            yield path, override.input_line or path


def check_choices(cfg: DictConfig, overrides: Sequence[str]) -> None:
    """Refuse what was chosen on the command line and would be ignored.

    Args:
        cfg: The composed configuration, with its interpolations.
        overrides: What was typed, such as `loss=hinge`.

    Raises:
        UsageError: An option that nothing reads, or `plugins` that a file brings.
    """
    tree: Any = OmegaConf.to_container(cfg, resolve=False)
    words = dict(chosen(overrides))
    check_budget(cfg, list(words))
    check_single(tree, overrides)
    read = reached(tree)
    for key, line in words.items():
        if not _is_switched_off(tree, key) and not _is_read(tree, key, read):
            raise UsageError(_ignored(cfg, tree, key, line, read))
    if tree.get("plugins") and "plugins" not in words:
        raise UsageError("plugins count on the command line only: say plugins=[…] there.")
    for key in words:
        _check_beside(tree, key)
    check_scheduled(cfg, words, set(_references(_select(tree, SCHEDULES), SCHEDULES)), tree.get("plugins") or ())


def check_alone() -> None:
    """Refuse options of Hydra's sweeps in a single run, where neither a sweeper nor a launcher is called.

    Raises:
        UsageError: The first of them.
    """
    if not HydraConfig.initialized() or sweeping():
        return
    for line in HydraConfig.get().overrides.hydra:
        if line.lstrip("+").replace("/", ".").startswith(OF_SWEEPS):
            raise UsageError(f"nothing reads {line} here, since this is a single run: leave it out, or sweep by -m.")


def check_unread(source: "Source", overrides: Sequence[str]) -> None:
    """Refuse options of the data that were typed and are without effect on these items.

    Args:
        source: The data, which are opened if any option of theirs was typed.
        overrides: What was typed.

    Raises:
        UsageError: The first of them, and why.
    """
    if any(path.startswith("data.") for path, _ in chosen(overrides)):
        refuse_unread("data", source.unread, overrides)


def refuse_unread(path: str, unread: Mapping[str, str], overrides: Sequence[str]) -> None:
    """Refuse an option of the object at a path that was typed and is among those without effect.

    Args:
        path: Where it stands, such as `data`.
        unread: Its options without effect, with the reason, as a half sentence.
        overrides: What was typed.

    Raises:
        UsageError: The first of them, and why.
    """
    words = dict(chosen(overrides))
    for name, reason in unread.items():
        if (option := f"{path}.{name}") in words:
            raise UsageError(f"{words[option]} would be without effect, since {reason}: leave it out.")


def check_single(tree: dict[str, Any], overrides: Sequence[str]) -> None:
    """Refuse several files of a group that makes one object: their options would be mixed into one.

    Args:
        tree: The composed configuration.
        overrides: What was typed.

    Raises:
        UsageError: Naming the first two of them.
    """
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        names, group = override.value(), override.key_or_group
        if isinstance(names, list) and len(names) > 1 and group in groups() and "_target_" in (tree.get(group) or ()):
            raise UsageError(f"{group} is one file, not several: say {group}={names[0]} or {group}={names[1]}.")


def _check_beside(tree: dict[str, Any], key: str) -> None:
    """Refuse an option of an object that means nothing beside the others that it is given."""
    path, _, name = key.rpartition(".")
    node = _select(tree, path) if path else None
    if not isinstance(node, dict) or "_target_" not in node or node.get(name) is None:
        return
    from gen_models.run.targets import resolve  # imports torch, for which the other refusals don't wait

    found = resolve(current(node["_target_"]), allowed(tree["plugins"]), around=True)
    for rule in remarks(found).get(name, ()):
        if isinstance(rule, Rule) and rule.idle(node):
            raise UsageError(rule.sentence(key, f"{path}.{rule.other}"))


def reached(tree: dict[str, Any]) -> set[str]:
    """The dotted paths that a job reads: where it begins, and whatever is referred to from there."""
    found: set[str] = set()
    ahead = [*BUILT, *own_keys() - NAMING.keys(), *_placed()]
    while ahead:
        if (path := ahead.pop()) not in found:
            found.add(path)
            ahead += _references(_select(tree, path), path)
    return found


@cache
def groups() -> frozenset[str]:
    """The config groups that a job is composed of."""
    defaults = OmegaConf.load(CONF / "train.yaml").defaults
    return frozenset(str(name) for entry in defaults if isinstance(entry, DictConfig) for name in entry)


@cache
def own_keys() -> frozenset[str]:
    """Top-level keys of `train.yaml` that are no groups: the program itself reads them."""
    return frozenset(map(str, OmegaConf.load(CONF / "train.yaml"))) - groups() - {"defaults"}


def _placed() -> Iterator[str]:
    """What the directory of this job is named after; all that may name one where it is given, as a rank's is."""
    if HydraConfig.initialized():
        asked: Any = HydraConfig.get().sweep if sweeping() else HydraConfig.get().run
        yield from list(_references(OmegaConf.to_container(asked, resolve=False), "")) or NAMING


def _references(node: Any, path: str) -> Iterator[str]:
    """Paths that the strings in a node refer to; rather one too many than one too few."""
    if isinstance(node, dict | list):
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _references(child, f"{path}.{key}")
    elif isinstance(node, str) and "${" in node:
        for dots, name in REFERENCE.findall(node):
            parents = path.split(".")[: -len(dots)] if dots else []
            yield ".".join([*parents, name.rstrip(".")])


def _select(tree: Any, path: str) -> Any:
    """The node at a path, or the interpolation that stands on the way; None where there is neither."""
    for part in path.split("."):
        if not isinstance(tree, dict):
            break
        tree = tree.get(part)
    return tree


def _path(override: Override) -> str:
    """Where an override acts; "" of Hydra's own options, and of those that only take away."""
    key = (override.package or override.key_or_group).replace("/", ".")
    return "" if override.is_delete() or key.split(".")[0] in ("hydra", "_global_") else key


def _is_switched_off(tree: dict[str, Any], key: str) -> bool:
    """Whether a group was told to be nothing (`penalty=[]`), or holds recipes that are laid over the whole."""
    return key in groups() and not tree.get(key)


def _is_read(tree: dict[str, Any], key: str, read: set[str]) -> bool:
    group, *rest = key.split(".")
    if group in FILLED:
        return False
    if group in NAMED and rest:
        entry = _select(tree, f"{group}.{rest[0]}")
        return not isinstance(entry, dict) or "_target_" in entry
    return any(_within(key, path) or _within(path, key) for path in read)


def _within(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other}.")


def _ignored(cfg: DictConfig, tree: dict[str, Any], key: str, line: str, read: set[str]) -> str:
    """The sentence on an option that nothing reads."""
    group, *rest = key.split(".")
    owner = "model" if group not in NAMED else group
    chosen = f"{owner}={OmegaConf.select(cfg, 'choices.model')}" if owner == "model" else f"this {group}"
    if group in FILLED:
        return f"{FILLED[group]} {key}: leave {line} out."
    if group in NAMING:
        return f"nothing reads {line} here, since {NAMING[group]}: leave it out."
    if group not in groups():
        return f"nothing reads '{key}': {nearest(key, tree.keys() - {group})}"
    if rest and (group in NAMED or any(_within(path, group) for path in read)):
        return f"{chosen} has no {group}.{rest[0]} to set: leave {line} out."
    return f"{chosen} has no {group} to choose: leave {line} out."
