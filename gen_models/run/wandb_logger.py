"""A wandb run that can't end or delay the training: grouped by sweep, tagged by family, continued by a resumed run."""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from ssl import SSLError
from typing import Any, Literal, cast
from urllib.error import HTTPError
from urllib.request import urlopen

import numpy as np
from lightning.pytorch.loggers import WandbLogger
from lightning.pytorch.utilities import rank_zero_only, rank_zero_warn

from gen_models.errors import UsageError, nearest
from gen_models.files import write_text
from gen_models.run.checkpoints import CHECKPOINTS, Store
from gen_models.run.quoting import as_typed
from gen_models.run.sweeps import sweeping

PROBE, INIT, FINISH = 5, 12, 60
"""Seconds for a server to show that it is there, to begin a run (wandb asks who runs it before: 10 more), to end it."""

IDENTITY = "wandb_id"
"""File in the run directory with the id that the run has on the server."""
AGENT = "WANDB_SWEEP_ID"
"""Set by an agent of a sweep that wandb leads; it waits for the run that it has numbered."""


@contextmanager
def spared() -> Iterator[None]:
    """Let a server that is gone, or wandb's own process, cost what was to be sent and not the run."""
    import wandb

    try:
        yield
    except (OSError, wandb.Error) as error:
        rank_zero_warn(f"wandb does not take what it is sent: {_line(error)}")


class RunWandb(WandbLogger):
    """Lightning's logger, which can't end a run, offline where there is no login or no server.

    The axes to choose from are `trainer/global_step` (turns), `images`, and wandb's own times.

    Args:
        save_dir: The run directory; a resumed run keeps its id in `wandb_id` there.
        project: Project on the server.
        name: Name of the run.
        study: Group of the runs of a sweep.
        group: Another group; None takes `study` in a sweep, and none for a run by itself.
        family: The model's class, whose name is a tag.
        tags: More of them.
        artifact: Whether the best checkpoint (the newest, if none was scored) goes there when the training has ended.
        mode: `online`, `offline`, `disabled`, or `auto`: online with an API key at hand, else offline.
        options: Further arguments of `wandb.init`.
    """

    def __init__(
        self,
        save_dir: str,
        project: str | int,
        name: str | int,
        study: str | int = "sweep",
        group: str | int | None = None,
        family: str = "",
        tags: tuple[str | int, ...] = (),
        artifact: bool = False,
        mode: Literal["auto", "online", "offline", "disabled"] = "auto",
        **options: Any,
    ) -> None:
        import wandb

        _check_options(options)
        if group is None and sweeping():
            group = study
        labels = [family.rpartition(".")[2].lower(), *map(str, tags)]
        options |= {"group": None if group is None else str(group)}
        options |= {"tags": [tag for tag in dict.fromkeys(labels) if tag]}
        with _understood():
            chosen = _mode() if mode == "auto" else mode
            settings = wandb.Settings(
                console="off", disable_git=True, save_code=False, init_timeout=INIT, finish_timeout=FINISH
            )
            super().__init__(
                save_dir=save_dir, project=str(project), name=str(name), id=_identity(save_dir), mode=chosen,
                settings=settings, **options,
            )  # fmt: skip
            self.artifact = artifact
            del self._wandb_init["anonymous"]  # of which wandb warns, whatever it is
            self._begin(chosen)

    @rank_zero_only
    def _begin(self, mode: str) -> None:
        """Start the run, offline if the server does not answer in time."""
        import wandb

        if mode == "online":
            try:
                reach(wandb.setup().settings.base_url)
                self.experiment.define_metric("images")
            except (OSError, wandb.Error) as error:
                print(f"wandb: no server ({_line(error)}); continuing offline.")
                wandb.teardown()  # what has failed still holds the id of the run
                mode = self._wandb_init["mode"] = "offline"
        if mode == "offline":
            print(f"wandb: offline. Send the run later with: wandb sync {self.save_dir}/wandb/offline-*")
        self.experiment.define_metric("images")

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Show a row of values, also the media of Lightning's `log_image` and `log_table`."""
        with spared():
            super().log_metrics(metrics, step)

    @rank_zero_only
    def log_histograms(self, values: Mapping[str, np.ndarray], step: int) -> None:
        """Show how numbers are distributed, in 64 bins."""
        import wandb

        bins = {name: wandb.Histogram(np_histogram=np.histogram(numbers, 64)) for name, numbers in values.items()}
        self.log_metrics(cast(dict[str, float], bins), step)

    @rank_zero_only
    def summarise(self, figures: Mapping[str, float]) -> None:
        """Show what the run is worth."""
        with spared():
            self.experiment.summary.update(dict(figures))

    @rank_zero_only
    def finalize(self, status: str) -> None:
        """Upload the checkpoint of a training that has ended well."""
        super().finalize(status)
        if status == "success" and self.artifact:
            import wandb

            store = Store(Path(self.save_dir or ".", CHECKPOINTS))
            entry = store.best() or next(reversed(store.entries()), None)
            if entry is None:
                rank_zero_warn("wandb is sent no checkpoint: none was saved.")
                return
            artifact = wandb.Artifact(
                f"model-{self.version}", "model", metadata={"turn": entry.turn, "score": entry.score}
            )
            with spared():
                artifact.add_file(str(store.folder / entry.file))
                self.experiment.log_artifact(artifact, aliases=["best" if entry.score is not None else "newest"])

    @rank_zero_only
    def finish(self) -> None:
        """Send what is left, and close the run: the next one in this process would else write into it."""
        with spared():
            self.experiment.finish()


def _mode() -> str:
    """What the environment says, or else online with an API key at hand."""
    import wandb

    return os.environ.get("WANDB_MODE") or ("online" if wandb.login(verify=False, prompt=False) else "offline")


def _check_options(options: Mapping[str, Any]) -> None:
    """Refuse what neither Lightning's logger nor `wandb.init` takes.

    Raises:
        UsageError: The first of these.
    """
    import wandb

    known = {*signature(WandbLogger).parameters, *signature(wandb.init).parameters} - {"kwargs", "settings"}
    for name in options:
        if name not in known:
            raise UsageError(f"logger.wandb has no option '{name}': {nearest(name, known)}")


@contextmanager
def _understood() -> Iterator[None]:
    """Say in a sentence which value wandb's own settings do not take."""
    from pydantic import ValidationError

    try:
        yield
    except ValidationError as error:
        first = error.errors()[0]
        option = ".".join(map(str, ("logger.wandb", *first["loc"])))
        reason = f"{first['msg'][:1].lower()}{first['msg'][1:]}"
        raise UsageError(f"{option} can't be {as_typed(first['input'])}: {reason}.") from error


def reach(url: str) -> None:
    """Wait until something answers at `url`, be it with an error.

    Raises:
        OSError: If nothing does in time.
    """
    try:
        urlopen(url, timeout=PROBE).close()
    except HTTPError:
        return
    except OSError as error:
        reason = getattr(error, "reason", error)
        if not isinstance(reason, SSLError):  # whose certificates are good enough is left to wandb
            raise ConnectionError(f"{url}: {reason}") from error


def _line(error: Exception) -> str:
    """The first line of what it says, for a server's answer may be a page."""
    return str(error).partition("\n")[0]


def _identity(save_dir: str) -> str:
    """The run's id, noted by rank 0 so that a resumed run is the same on the server; an agent of a sweep gives one."""
    stored = Path(save_dir, IDENTITY)
    if not stored.exists() and not rank_zero_only.rank:  # type: ignore[attr-defined]
        write_text(stored, (AGENT in os.environ and os.environ.get("WANDB_RUN_ID")) or secrets.token_hex(4))
    return stored.read_text() if stored.exists() else ""
