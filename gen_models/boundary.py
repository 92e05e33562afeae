"""The one place where errors become sentences and exit codes."""

import logging
import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import InterpolationKeyError, OmegaConfBaseException
from yaml import YAMLError

from data import DataError
from gen_models.errors import CONF, EXIT_DEAD, EXIT_USAGE, NumericalDeath, UsageError, nearest


@contextmanager
def boundary() -> Iterator[None]:
    """Turn what a person got wrong into one sentence on stderr and exit code 2.

    A numerically dead run exits with 76, an interrupted one with 75. `GEN_MODELS_DEBUG=1` shows the traceback instead.
    """
    _quieten()
    try:
        yield
    except NumericalDeath as error:
        _leave(f"numerically dead: {error} The last checkpoint is from before.", EXIT_DEAD)
    except (UsageError, DataError) as error:
        _leave(str(error), EXIT_USAGE)
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        _leave(_sentence(error), EXIT_USAGE)


def _quieten() -> None:
    """Keep the screen for what matters: Lightning's greetings and its hints about other kinds of training do not."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    for message in (r".*isinstance\(treespec", ".*does not have many workers"):
        warnings.filterwarnings("ignore", message)


def _leave(message: str, code: int) -> None:
    if os.environ.get("GEN_MODELS_DEBUG"):
        raise  # noqa: PLE0704 (called from an except clause)
    print(message, file=sys.stderr)
    raise SystemExit(code) from None


def _sentence(error: Exception) -> str:
    """Say in one sentence what Hydra or OmegaConf says in a paragraph."""
    text = " ".join(str(error).split())
    if found := re.search(r"Could not override '([^']+)'", text):
        return _unknown_key(found[1])
    if found := re.search(r"Could not find '([^'/]+)/([^']+)' Available options in '[^']+':(.*?)(?:Config|$)", text):
        return f"there is no {found[1]}={found[2]}: {nearest(found[2], found[3].split())}"
    if isinstance(error, InterpolationKeyError) and (found := re.search(r"'network\.(\w+)", text)):
        return _missing_role(found[1])
    return text.split(" full_key:")[0]


def _unknown_key(key: str) -> str:
    """Say what was probably meant by a key that no file defines, or where to override what is only interpolated."""
    files = [path for path in CONF.rglob("*.yaml") if path.parent.name != "hydra"]
    known = {name for path in files for name in _keys(OmegaConf.to_container(OmegaConf.load(path)))}
    parts = key.split(".")
    if len(parts) > 2 and parts[-1] in known and parts[0] == "model":
        return (
            f"'{key}' can't be changed there, since model.{parts[1]} only refers to another group: change it where it "
            f"is defined, for example network.{parts[1]}.{parts[-1]}."
        )
    return f"there is no option '{key}': {nearest(parts[-1], known)}"


def _keys(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, child in node.items():
            yield str(key)
            yield from _keys(child)


def _missing_role(role: str) -> str:
    kits = [path.stem for path in sorted((CONF / "network").glob("*.yaml")) if role in OmegaConf.load(path)]
    return f"this network kit has no {role}: choose network={' or network='.join(kits)}."
