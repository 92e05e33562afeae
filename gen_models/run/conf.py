"""The files that a configuration is composed of."""

import textwrap
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from gen_models.errors import UsageError, nearest

PACKAGE = Path(__file__).parents[1]

CONF = next(path for path in (PACKAGE / "conf", PACKAGE.parent / "conf") if path.is_dir())
"""Their folder: in the package where it was installed from a wheel, beside it in a checkout."""

INDENT = " " * 13
"""Where the choices of a group stand on a page of help."""


def files(group: str) -> str:
    """List the files of a group for a page of help, in lines of 100 columns below each other."""
    names = " ".join(sorted(path.stem for path in CONF.glob(f"{group}/*.yaml")))
    return textwrap.fill(names, 100, initial_indent=INDENT, subsequent_indent=INDENT).strip()


OmegaConf.register_new_resolver("files", files, replace=True)  # for hydra.help
OmegaConf.register_new_resolver("times", lambda count, each: count * each, replace=True)  # for conf/debug


def choose_metrics(cfg: DictConfig, name: str) -> None:
    """Replace the metrics that a run was made with by another file of `conf/metrics`.

    Raises:
        UsageError: There is no such file.
    """
    files = {path.stem: path for path in CONF.glob("metrics/*.yaml")}
    if name not in files:
        raise UsageError(f"there is no metrics={name}: {nearest(name, files)}")
    cfg.metrics = OmegaConf.load(files[name])


def choose_from_metrics(cfg: DictConfig, **options: Any) -> None:
    """Let the metrics of a run take other numbers of samples or items, or other figures; what is None or empty stays.

    Raises:
        UsageError: The run has no metrics.
    """
    chosen = {name: value for name, value in options.items() if value}
    if chosen and not cfg.metrics:
        raise UsageError("this run has no metrics to choose from: choose a file of conf/metrics, such as lite0.")
    if chosen:
        cfg.metrics.update(chosen)
