"""Hydra's and OmegaConf's errors in one sentence, with what was probably meant."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverrideParseException
from hydra.errors import HydraException
from hydra.version import VersionBase
from omegaconf import OmegaConf
from omegaconf.errors import InterpolationKeyError, OmegaConfBaseException

from gen_models.errors import UsageError, nearest
from gen_models.run.conf import CONF
from gen_models.run.plugins import searching_plugins

PLUGINS = {"launcher/submitit_slurm": "slurm"}
"""Files that a plugin of Hydra brings, and the extra that installs it."""

UNNAMED = "Config group override must be a string or a list"
SAID = {
    UNNAMED: "a group is chosen by the name of one of its files, as in loss=hinge; ~logger leaves one out.",
    "BasicSweeper does not support sweep type": "a grid goes through values, as in model.beta=0.1,1,4; what is written "
    "as interval(…) is searched: say hydra/sweeper=optuna, with objective=….",
    "requires --multirun": "an option that is to vary needs -m, and what is written as interval(…) also "
    "hydra/sweeper=optuna.",
    "hydra/sweeper/optuna' is validated against ConfigStore": "this project searches by a sweeper of its own: pip "
    "uninstall hydra-optuna-sweeper, which is in its way.",
}
"""Pieces of what they say, and all that is to be said of it."""
SEARCH = "hydra.searchpath="
BUDGET = "the budget is turns=… or images=…"
BUDGETS = ("epochs", "max_epochs", "steps", "max_steps", "iterations", "num_epochs")
"""What other frameworks call the length of a training."""


def sentence(error: Exception, typed: Sequence[str]) -> str:
    """Say in one sentence what Hydra or OmegaConf says in a paragraph.

    Args:
        error: Theirs.
        typed: The options that were being composed, such as `data=digits`.
    """
    text = " ".join(str(error).split())
    if found := re.search(r"Could not (override|delete from config\.) '([^']+)'", text):
        return (_unknown_key if found[1] == "override" else _not_there)(found[2], typed)
    if found := re.search(r"An item is already at '([^']+)'", text):
        return f"there is '{found[1]}' already: set it without the +."
    if isinstance(error, OverrideParseException):
        return f"{error.override} can't be read: quote special characters, as in 'name=\"(a, b)\"'."
    if found := re.search(r"Ambiguous value for argument '([^']+)'", text):
        return f"{found[1]} names several: choose one, or sweep over all by -m."
    if UNNAMED in text and (told := _left_out(typed)):
        return told
    if known := [said for piece, said in SAID.items() if piece in text]:
        return known[0]
    if extras := [extra for file, extra in PLUGINS.items() if f"hydra/{file}'" in text]:
        return f"this needs a plugin of Hydra: pip install -c constraints.txt -e '.[{extras[0]}]'."
    if found := re.search(r"Could not (?:find|load) '((?:hydra/)?[^'/]+)/([^']*)'", text):
        return _unknown_file(found[1], found[2].strip("/"), [CONF, *_searched(typed)])
    if isinstance(error, InterpolationKeyError) and (found := re.search(r"key '([\w.]+)' not found", text)):
        return _dangling(found[1], text.partition(" full_key: ")[2].split(" ")[0], typed)
    return text.split(" full_key:")[0]


def _left_out(typed: Sequence[str]) -> str:
    """Say how a group is left out that was typed as nothing; "" where none was."""
    for word in typed:
        group, _, name = word.partition("=")
        if name == "null" and (CONF / group).is_dir():
            none = (CONF / group / "none.yaml").exists()
            return f"{word} names no file: {f'say {group}=none' if none else f'name one, or leave it out by ~{group}'}."
    return ""


def _unknown_file(group: str, name: str, places: Sequence[Path]) -> str:
    """Say which file of a group was probably meant; those in its folders are found by their own names, too."""
    folders = [place / group for place in places]
    files = {str(path.relative_to(top).with_suffix("")) for top in folders for path in top.rglob("*.yaml")}
    files = {file for file in files if "shared" not in file.split("/")}
    own = [file for file in files if name and file.split("/")[-1] == name.split("/")[-1]]
    if not name:
        return f"{group}= names no file: {nearest('', files)}"
    return f"there is no {group}={name}: {nearest(name, own or files)}"


def _unknown_key(key: str, typed: Sequence[str]) -> str:
    """Say what was probably meant by a key that no file defines, or where to override what is only referred to."""
    chosen = _chosen(typed, key.partition(".")[0])
    values = dict(_leaves(chosen, ""))
    parts = key.split(".")
    group, last = parts[0], parts[-1]
    if last in BUDGETS:
        return f"there is no option '{key}': {BUDGET}."
    for parent in (".".join(parts[:depth]) for depth in range(2, len(parts) + 1)):
        value = values.get(parent)
        if value == {}:
            return f"{parent} is an open map of named parts: add one with +{parent}.NAME=…"
        if isinstance(value, str) and value.startswith("${"):
            owner = value.strip("${}")
            return f"'{key}' can't be changed there, since {parent} only refers to {owner}: change {owner}.{last}."
    if key in values and (braced := _braced(chosen, key)):
        return f"'{key}' has names with dots in it: write '{braced}'."
    if unstated := _unstated(chosen, key):
        return unstated
    within = [name for name in values if name.startswith(f"{group}.")]
    alike = [name for name in within or values if name.split(".")[-1] == last]
    owner = "" if group == "hydra" else _choice(group, typed)
    about = f"{owner} has no option '{key.partition('.')[2]}'" if owner and within else f"there is no option '{key}'"
    return f"{about}: {nearest(key, alike) if len(alike) == 1 else _any_of(alike) or nearest(key, within or values)}"


def _not_there(key: str, typed: Sequence[str]) -> str:
    """Say what was probably meant to be taken away: what stands in the same place."""
    parts = key.split(".")
    names = {tuple(name.split(".")[: len(parts)]) for name in dict(_leaves(_chosen(typed, parts[0]), ""))}
    beside = [name for name in names if name[:-1] == tuple(parts[:-1])]
    return f"there is no {key} to take away: {nearest(key, map('.'.join, beside or names))}"


def _unstated(chosen: Mapping[str, Any], key: str) -> str:
    """The sentence on an option that a class takes and its file does not state; "" where there is none such.

    What resembles an option that is stated was meant to be that one, and waits for no imports.
    """
    *path, name = key.split(".")
    node: Any = chosen
    for part in path:
        node = node.get(part) if isinstance(node, Mapping) else None
    if not isinstance(node, Mapping) or "_target_" not in node or get_close_matches(name, list(node), cutoff=0.75):
        return ""
    from gen_models.run.devices import OURS
    from gen_models.run.hints import annotations
    from gen_models.run.targets import resolve

    with suppress(UsageError):
        found = resolve(node["_target_"], around=True)
        if path == ["trainer"] and name in OURS:
            return f"{OURS[name][1]}: leave {key} out."
        if name in (annotations(found) or ()):
            return f"'{key}' is an option of {found.__name__} that no file states: set it with a +, as in +{key}=…"
    return ""


def _braced(node: Any, path: str) -> str:
    """Write a path through a name with dots in it as Hydra takes it: a.b={c.d:{e:…}}; "" where no name has any."""
    names = []
    while path:
        names.append(next(name for name in sorted(node, key=len, reverse=True) if f"{path}.".startswith(f"{name}.")))
        node, path = node[names[-1]], path[len(names[-1]) + 1 :]
    depth = next((depth for depth, name in enumerate(names) if "." in name), None)
    if depth is None:
        return ""
    inner = ":{".join(names[depth:]) + ":…" + "}" * (len(names) - depth)
    return f"{'.'.join(names[:depth])}={{{inner}"


def _any_of(names: list[str]) -> str:
    return f"did you mean {' or '.join(names[:3])}?" if names else ""


def _dangling(key: str, place: str, typed: Sequence[str]) -> str:
    """The sentence on `${…}` that leads nowhere: a kit without a network, or a model without what its networks need."""
    group, _, name = key.partition(".")
    if group == "network":
        role = name.split(".")[0]
        kits = [file.stem for file in sorted((CONF / "network").glob("*.yaml")) if role in OmegaConf.load(file)]
        return f"this network kit has no {role}: choose network={' or network='.join(kits)}."
    return (
        f"{place} refers to {key}, which is not there ({_choice(group, typed) or group}): choose another network=…, or "
        f"let the {group}'s file bring the networks that fit it by '- override /network@_global_.network: …'."
    )


def _groups(typed: Sequence[str]) -> list[str]:
    """What was typed that chooses a file: `model=vae` and the like."""
    return [
        word for word in typed if re.fullmatch(r"(hydra/)?\w+=[\w/]+", word) and (CONF / word.split("=")[0]).is_dir()
    ]


def _choice(group: str, typed: Sequence[str]) -> str:
    """The file that was chosen for a group: as it was typed, or as another choice or the default has it; or ""."""
    said = [word for word in _groups(typed) if word.startswith(f"{group}=")]
    if said or not (CONF / group).is_dir():
        return next(iter(said), "")
    name = _composed(typed)["hydra"]["runtime"]["choices"].get(group)
    return f"{group}={name}" if isinstance(name, str) else ""


def _chosen(typed: Sequence[str], group: str) -> dict[str, Any]:
    """The options that the chosen files have: those of Hydra for whoever means them, else all others."""
    return {key: options for key, options in _composed(typed).items() if (key == "hydra") == (group == "hydra")}


def _searched(typed: Sequence[str]) -> list[Path]:
    """The folders of configs beside this project's: those of plug-ins."""
    words = [word for word in searching_plugins(typed) if word.startswith(SEARCH)]
    return [Path(place) for word in words for place in re.findall(r"file://([^',\]]+)", word)]


def _composed(typed: Sequence[str]) -> dict[str, Any]:
    """The configuration of the chosen files; of the default ones where the choice can't be composed."""
    searched = [word for word in typed if word.startswith(SEARCH)]
    for words in ([*_groups(typed), *searched], searched):
        try:
            with own_hydra(), initialize_config_dir(str(CONF), version_base="1.3"):
                composed: Any = OmegaConf.to_container(compose("train", words, return_hydra_config=True), resolve=False)
                return dict(composed)
        except (HydraException, OmegaConfBaseException):
            continue
    return {"hydra": {"runtime": {"choices": {}}}}


@contextmanager
def own_hydra() -> Iterator[None]:
    """Put aside the Hydra that is being used: there is one a process."""
    before = GlobalHydra.instance().hydra, VersionBase.instance().version_base
    GlobalHydra.instance().hydra = None
    try:
        yield
    finally:
        GlobalHydra.instance().hydra, VersionBase.instance().version_base = before


def _leaves(node: object, path: str) -> Iterator[tuple[str, object]]:
    """Everything that can be written before a `=`, with its value; top-level groups, too."""
    for key, child in node.items() if isinstance(node, dict) else ():
        if isinstance(child, dict) and child:
            if not path:
                yield key, None
            yield from _leaves(child, f"{path}{key}.")
        elif key not in ("_target_", "_partial_"):
            yield f"{path}{key}", child
