"""Training from Python: the job of the command line, in the caller's process."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from time import time
from typing import Any

from omegaconf import DictConfig, ListConfig, open_dict

from gen_models.api.composing import composed
from gen_models.api.given import held
from gen_models.api.handle import Run
from gen_models.api.options import written
from gen_models.api.process import borrowed
from gen_models.data.arrays import Arrays
from gen_models.errors import UsageError
from gen_models.job import carry_out
from gen_models.reports.finished import read
from gen_models.reports.page import write_page
from gen_models.run.boundary import noted
from gen_models.run.new_directory import unused
from gen_models.run.plugins import allowed
from gen_models.waiting import unshown


def train(overrides: Sequence[str] = (), *, data: Any = None, progress: bool = True, **options: Any) -> Run:
    """Train a model, as `python train.py` does, in this process.

    Args:
        overrides: Options as on the command line: `["model=sngan", "model.optimizers.critic.lr=1e-4"]`.
        data: The name of a data set, as in `data="digits"`, or the data themselves: images, (images, labels), or a
            torch Dataset. `gen_models.data.Arrays` says which shapes, types and ranges are read; how they are shown is
            chosen by the options of `data=array` (`data=points` of points), such as `data.batch_size=128`.
        progress: Show a bar.
        **options: Further options by name: `model="vae"`, `turns=500`, `run="runs/first"` (which continues one that
            is there).

    Returns:
        The run, trained and measured.

    Raises:
        UsageError: The options, or the data, can't be used; nothing was trained.
        NumericalDeath: A loss or a weight is no longer a finite number.
        KeyboardInterrupt: The run was asked to end, and was saved; the same call with `run=` goes on.
    """
    arrays = None if data is None or isinstance(data, str) else _held(data, written(overrides, options))
    if data is not None:
        options |= {"data": data} if arrays is None else {"data": arrays.group, "data.content": arrays.content}
    with composed(overrides, options, place=unused) as cfg:
        run = Path(cfg.paths.run)
        with borrowed(), _stopped(run, cfg.resume), noted(run, time(), Path(cfg.paths.runs)):
            _check_devices(cfg.trainer)
            if not progress:
                _hide_progress(cfg)
            with nullcontext() if progress else unshown():
                carry_out(cfg, arrays)
        write_page([read(run)], run / "report.html")
    return Run(run, plugins=allowed(cfg.plugins))


def _held(data: Any, words: Sequence[str]) -> Arrays:
    """Lay data out as the options say, which are composed later; files beside them are refused."""
    said: dict[str, Any] = dict(word.lstrip("+").partition("=")[::2] for word in words)
    if said.keys() & {"data.x", "data.y"}:
        raise UsageError("these data are in memory: leave data.x and data.y out, or leave data= to the files.")
    return held(data, said.get("data.channels", "auto"))


def _check_devices(trainer: DictConfig) -> None:
    """Refuse several devices: Lightning starts their processes by running the caller's program again."""
    devices = trainer.get("devices", 1)
    several = len(devices) > 1 if isinstance(devices, ListConfig) else devices not in (1, "1")
    if several or trainer.get("num_nodes", 1) != 1:
        raise UsageError("from Python a model trains on one device: say trainer.devices=1, or use python train.py.")


def _hide_progress(cfg: DictConfig) -> None:
    with open_dict(cfg):
        for name in ("progress", "lines") if cfg.callbacks else ():
            cfg.callbacks.pop(name, None)


@contextmanager
def _stopped(run: Path, resume: str) -> Iterator[None]:
    """Leaving the process, as a job does after a signal, is here for its owner to decide.

    Raises:
        KeyboardInterrupt: A signal ended the run.
    """
    try:
        yield
    except SystemExit:
        words = f"run='{run}'" + (", resume='auto'" if resume == "never" else "")
        raise KeyboardInterrupt(f"stopped; gen_models.train(…, {words}) goes on after the last save.") from None
