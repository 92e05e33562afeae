"""The one place where errors become sentences and exit codes."""

import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import wraps
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverrideParseException
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import InterpolationKeyError, OmegaConfBaseException
from yaml import YAMLError

from gen_models.errors import (
    EXIT_DEAD,
    EXIT_FAILED,
    EXIT_USAGE,
    JobFailed,
    NotMeasured,
    NumericalDeath,
    Occupied,
    UsageError,
    nearest,
)
from gen_models.run.conf import CONF
from gen_models.run.outcome import note_error
from gen_models.run.quiet import quieten
from gen_models.run.sweeps import sweeping

Task = Callable[[DictConfig], float | None]
PLUGINS = {"launcher/submitit_slurm": "slurm", "sweeper/optuna": "optuna"}
"""Files that a plugin of Hydra brings, and the extra that installs it."""

UNMEASURED = "No trials are completed|Record does not exist"
"""What Optuna says at the end of a search whose trials have all failed, in memory and in a file."""


@contextmanager
def boundary() -> Iterator[None]:
    """Turn what a person got wrong into one sentence on stderr and exit code 2.

    A numerically dead run exits with 76, an interrupted one with 75, a sweep of which jobs failed with 1.
    `GEN_MODELS_DEBUG=1` shows the traceback instead.
    """
    quieten()
    try:
        yield
    except Exception as error:
        told = explained(error)
        if told is None or os.environ.get("GEN_MODELS_DEBUG"):
            raise
        message, code = told
        print(message, file=sys.stderr)
        raise SystemExit(code) from None


def explained(error: Exception) -> tuple[str, int] | None:
    """Give the sentence and the exit code for what a person can mend; None for what a programmer has to."""
    if isinstance(error, NumericalDeath):
        return f"numerically dead: {error} The last checkpoint is from before.", EXIT_DEAD
    if isinstance(error, JobFailed):
        return f"the sweep has ended, and jobs of it failed: first {error}", EXIT_FAILED
    if isinstance(error, UsageError):
        return str(error), EXIT_USAGE
    if type(error).__module__.startswith("submitit."):
        return f"a job of the sweep was ended from outside: {str(error).splitlines()[0]}", EXIT_FAILED
    # A bare ValueError is Hydra's, for a group that is given no name, or Optuna's.
    ours = isinstance(error, HydraException | OmegaConfBaseException | YAMLError)
    if (
        ours
        or isinstance(error, ValueError)
        and re.search("Config group override|No trials are completed|Record does not exist", str(error))
    ):
        return _sentence(error), EXIT_USAGE
    return None


def job(task: Task) -> Task:
    """Put the boundary around one job: its error stays in its run directory, and a sweep goes on without it.

    It is the inner one of two, and keeps Hydra from adding words of its own to what a single run says.
    """
    from gen_models.run.cluster import requeueing  # imports torch, which commands that read files don't wait for

    @wraps(task)
    def guarded(cfg: DictConfig) -> float | None:
        with nullcontext() if sweeping() else boundary(), _noted(Path(cfg.paths.run)), requeueing():
            return task(cfg)

    return guarded


@contextmanager
def _noted(run: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        sentence, _ = explained(error) or (None, 1)
        text = sentence or traceback.format_exc().strip()
        if not isinstance(error, Occupied):
            with suppress(OSError):  # a directory that can't be written is what the sentence may be about
                note_error(run, text)
        if not sweeping():
            raise
        message = f"{run}: {text.splitlines()[-1]}"
        print(message, file=sys.stderr)
        if isinstance(error, NotMeasured):
            raise SystemExit(EXIT_USAGE) from None
        raise JobFailed(message) from error


def _sentence(error: Exception) -> str:
    """Say in one sentence what Hydra or OmegaConf says in a paragraph."""
    text = " ".join(str(error).split())
    if found := re.search(r"Could not override '([^']+)'", text):
        return _unknown_key(found[1])
    if found := re.search(r"Could not load '([^'/]+)/([^']+)'", text):
        return f"there is no {found[1]}={found[2]}: {nearest(found[2], _files(found[1]))}"
    if isinstance(error, OverrideParseException):
        return f"{error.override} can't be read: quote special characters, as in 'name=\"(a, b)\"'."
    if "Config group override must be a string or a list" in text:
        return "a group is chosen by the name of one of its files, as in loss=hinge; ~logger leaves one out."
    if re.search(UNMEASURED, text):
        return "no trial of the search could be measured: gen-models status says why."
    if extras := [extra for file, extra in PLUGINS.items() if f"hydra/{file}'" in text]:
        return f"this needs a plugin of Hydra: pip install -c constraints.txt -e '.[{extras[0]}]'."
    if found := re.search(r"Could not find '([^'/]+)/([^']+)' Available options in '[^']+':(.*?)(?:Config|$)", text):
        return f"there is no {found[1]}={found[2]}: {nearest(found[2], found[3].split())}"
    if isinstance(error, InterpolationKeyError) and (found := re.search(r"'network\.(\w+)", text)):
        return _missing_role(found[1])
    return text.split(" full_key:")[0]


def _unknown_key(key: str) -> str:
    """Say what was probably meant by a key that no file defines, or where to override what is only referred to."""
    known = {name for group in [*CONF.iterdir()] for name in _options(group)}
    parts = key.split(".")
    values = dict(_values(parts[0]))
    for parent in (".".join(parts[:depth]) for depth in range(2, len(parts) + 1)):
        value = values.get(parent)
        if value == {}:
            return f"{parent} is an open map of named parts: add one with +{parent}.NAME=…"
        if isinstance(value, str) and value.startswith("${"):
            owner = value.strip("${}")
            return f"'{key}' can't be changed there, since {parent} only refers to {owner}: change {owner}.{parts[-1]}."
    alike = sorted(name for name in known if name.split(".")[0] == parts[0] and name.split(".")[-1] == parts[-1])
    return f"there is no option '{key}': {nearest(key, alike or known)}"


def _options(group: Path) -> Iterator[str]:
    """Everything that can be written before a `=`: top-level keys, groups, and the options of their files."""
    yield group.stem
    if group.is_dir():
        yield from (name for name, _ in _values(group.name))
    else:
        yield from (name for name, _ in _leaves(OmegaConf.to_container(OmegaConf.load(group)), ""))


def _values(group: str) -> Iterator[tuple[str, object]]:
    for file in (CONF / group).glob("**/*.yaml"):
        yield from _leaves(OmegaConf.to_container(OmegaConf.load(file)), f"{group}.")


def _leaves(node: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(node, dict):
        for key, child in node.items():
            if isinstance(child, dict) and child:
                yield from _leaves(child, f"{path}{key}.")
            else:
                yield f"{path}{key}", child


def _files(group: str) -> list[str]:
    return [path.stem for path in (CONF / group).glob("*.yaml")]


def home_expanded(arguments: Sequence[str]) -> list[str]:
    """Read `~` as the home directory, as in `data.root=~/cats`: shells leave it there, and Hydra can't read it."""
    return [re.sub(r"=~(?=/|$)", f"={Path.home()}", argument) for argument in arguments]


def _missing_role(role: str) -> str:
    kits = [kit for kit in sorted(_files("network")) if role in OmegaConf.load(CONF / "network" / f"{kit}.yaml")]
    return f"this network kit has no {role}: choose network={' or network='.join(kits)}."
