"""A run directory: what is in it, who may write to it, and how it is continued or loaded."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout
from lightning.pytorch.utilities import rank_zero_only, rank_zero_warn
from omegaconf import DictConfig

from gen_models.core.model import GenerativeModel
from gen_models.data.source import Source
from gen_models.errors import Occupied, UsageError
from gen_models.run import exported
from gen_models.run.accelerators import usable_device
from gen_models.run.build import build_model
from gen_models.run.checkpoints import CHECKPOINTS, Store
from gen_models.run.comparison import compare
from gen_models.run.damage import bereft, cut
from gen_models.run.outcome import Finish, Outcome, asked
from gen_models.run.plugins import allowed
from gen_models.run.reading import EXPORTED, LOCK, read_config, read_whole_config
from gen_models.run.sweeps import sweeping
from gen_models.run.traces import check_inside


@contextmanager
def occupied(run: Path) -> Iterator[None]:
    """Keep other processes out of a run directory.

    Raises:
        Occupied: Another process is training there.
        UsageError: The directory can't be written, or parts of it are links to elsewhere.
    """
    lock = FileLock(run / LOCK)
    try:
        run.mkdir(parents=True, exist_ok=True)
        if rank_zero_only.rank == 0:  # type: ignore[attr-defined]
            lock.acquire(timeout=1)  # since `gen-models status` looks by taking it for a moment
    except Timeout as error:
        raise Occupied(f"another process is training in {run}: wait for it, or choose another run=….") from error
    except OSError as error:
        raise UsageError(
            f"the run directory {run} can't be written ({error.strerror}): choose another run=…."
        ) from error
    try:
        check_inside(run)
        yield
    finally:
        lock.release()


def resume(run: Path, cfg: DictConfig, model: GenerativeModel, turns: int, source: Source | None = None) -> int:
    """Let the model continue from the run's newest checkpoint, and give its turn; nothing is written yet.

    Args:
        run: The run directory.
        cfg: The job.
        model: Takes on what the checkpoint holds.
        turns: Those of the whole run, as it is asked for now.
        source: Its data, opened.

    Raises:
        UsageError: The run was made by a different configuration, has played more turns than are asked for, or all of
            its checkpoints are damaged.
    """
    store = Store(run / CHECKPOINTS)
    if cfg.resume == "never":
        return 0
    if store.lost:
        rank_zero_warn(f"{store.manifest} is missing or damaged: the checkpoints beside it are read instead.")
    found = store.newest()
    if found is None:
        return 0
    if cfg.resume == "auto":
        compare(run, cfg, source)
    entry, payload, damaged = found
    if entry.turn > turns:
        raise UsageError(
            f"{run} has played {entry.turn:,} turns already, and is to end after {turns:,}: ask for more, choose "
            "another run=…, or start anew with resume=never."
        )
    _tell_passed_over(store, entry.turn, damaged)
    with _fitting(run):
        model.resume(payload)
    _say(f"{run} continues after turn {entry.turn}.")
    return entry.turn


def finished(run: Path, cfg: DictConfig) -> Outcome | None:
    """What a run has come to of which nothing is missing; None of one that has turns left, or something to measure.

    A sweep also leaves alone what the stability watch has stopped, while a run by itself goes on.

    Raises:
        UsageError: The run was made by a different configuration.
    """
    finish = Finish.read(run)
    if cfg.resume != "auto" or finish is None or finish.asked != asked(cfg):
        return None
    if finish.turn < finish.of and not sweeping():
        return None
    if bereft(run):
        rank_zero_warn(f"{run} was finished, but its checkpoints are gone: it begins anew.")
        return None
    if cut(run):
        return None  # it goes on from one that is whole, and says which it has passed over
    before = read_config(run)
    cfg.spec = before.spec  # as the data was; it need not be opened for this
    cfg.objective = before.get("objective") if cfg.objective == "auto" else cfg.objective
    compare(run, cfg)
    _say(f"{run} is finished: there is nothing left to do.")
    return finish.outcome


def load(
    run: str | Path, *, averaged: bool = True, checkpoint: str = "newest", device: str | torch.device = "cpu",
    plugins: tuple[str, ...] = (),
) -> GenerativeModel:  # fmt: skip
    """Rebuild the model of a run directory, or of a file that `gen-models export` has written, ready to sample.

    Args:
        run: The run directory, or the file (.safetensors), which holds one set of weights.
        averaged: Use the averaged weights of networks that have them.
        checkpoint: `newest` or `best`.
        device: Where to put the model.
        plugins: Packages beyond this project's that the run's configuration may name.

    Raises:
        UsageError: No such run, no whole checkpoint in it, no such device, or a file was asked for other weights.
    """
    check_checkpoint(checkpoint)
    run, device = Path(run), usable_device(device)
    if run.suffix == EXPORTED and run.is_file():
        if not averaged or checkpoint != "newest":
            raise UsageError(f"{run} holds one set of weights: which ones was chosen when it was exported.")
        return exported.read(run, plugins).eval().requires_grad_(False).to(device)
    cfg = read_whole_config(run)
    cfg.plugins = list(allowed(plugins))
    model = build_model(cfg)
    payload = _payload(Store(run / CHECKPOINTS), run, checkpoint)
    with _fitting(run):
        model.load_state_dict(payload["model"])
    if averaged:
        model.adopt_averages()
    else:
        model.forget_averages()  # which looking at the model would else put in place
    return model.eval().requires_grad_(False).to(device)


def check_checkpoint(checkpoint: str) -> None:
    """Refuse a checkpoint that is asked for by no name that there is."""
    if checkpoint not in ("newest", "best"):
        raise UsageError(f"checkpoint is newest or best, not '{checkpoint}'.")


@contextmanager
def _fitting(run: Path) -> Iterator[None]:
    """Say in one sentence that weights don't fit: torch lists every tensor."""
    try:
        yield
    except (RuntimeError, TypeError) as error:  # a stranger's state may be of any type
        first = str(error).splitlines()[-1].strip()[:200]
        raise UsageError(
            f"the weights in {run} are of other networks ({first}): load them with the version and the options that "
            "made them, or start anew with resume=never."
        ) from error


def _payload(store: Store, run: Path, checkpoint: str) -> dict[str, Any]:
    if checkpoint == "best":
        entry = store.best()
        if entry is None and store.entries():
            raise UsageError(
                f"no figure was taken at a checkpoint of {run}, so none is the best: take the newest, or train with "
                "metrics=… and callbacks.quality.every=… above 0."
            )
        payload = store.read(entry) if entry else None
    else:
        payload = _newest(store)
    if payload is None:
        reason = (
            "its file is damaged"
            if store.entries()
            else "it ended before it saved one, or was trained without callbacks.checkpoint"
        )
        raise UsageError(f"{run} has no {checkpoint} checkpoint that is whole: {reason}.")
    return payload


def _newest(store: Store) -> dict[str, Any] | None:
    found = store.newest()
    if found is None:
        return None
    entry, payload, damaged = found
    _tell_passed_over(store, entry.turn, damaged)
    return payload


def _tell_passed_over(store: Store, turn: int, damaged: Sequence[str]) -> None:
    for name in damaged:
        rank_zero_warn(f"{store.folder / name} is damaged and was passed over for that of turn {turn:,}.")


@rank_zero_only
def _say(sentence: str) -> None:
    print(sentence)
