"""A wandb run that can't end or delay the training: grouped by sweep, tagged by family, continued by a resumed run."""

import os
import secrets
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import WandbLogger
from lightning.pytorch.utilities import rank_zero_only

from gen_models.core.checkpoints import Store
from gen_models.core.run import CHECKPOINTS
from gen_models.core.sweeps import sweeping

INIT, FINISH = 30, 60
"""Seconds that an unreachable server may delay the beginning and the end of a run."""


class RunWandb(WandbLogger):
    """Lightning's logger, which also keeps the best checkpoint of a run on the server.

    Args:
        artifact: Whether the best checkpoint (the newest, if none was scored) goes there when the training has ended.
        options: What `WandbLogger` takes.
    """

    def __init__(self, artifact: bool, **options: Any) -> None:
        super().__init__(**options)
        self.artifact = artifact

    @rank_zero_only
    def finalize(self, status: str) -> None:
        """Upload the checkpoint of a training that has ended well."""
        super().finalize(status)
        if status == "success" and self.artifact:
            import wandb

            store = Store(Path(self.save_dir or ".", CHECKPOINTS))
            entry = store.best() or store.entries()[-1]
            artifact = wandb.Artifact(
                f"model-{self.version}", "model", metadata={"turn": entry.turn, "score": entry.score}
            )
            artifact.add_file(str(store.folder / entry.file))
            self.experiment.log_artifact(artifact, aliases=["best" if entry.score is not None else "newest"])


def wandb_logger(
    save_dir: str,
    project: str,
    name: str,
    study: str = "sweep",
    family: str = "",
    tags: tuple[str, ...] = (),
    artifact: bool = False,
    mode: str = "auto",
    **options: Any,
) -> RunWandb:
    """Make the logger, offline where there is no login or no server.

    The axes to choose from are `trainer/global_step` (turns), `images`, and wandb's own times.

    Args:
        save_dir: The run directory; a resumed run keeps its id in `wandb_id` there.
        project: Project on the server.
        name: Name of the run.
        study: Group of the runs of a sweep; a run by itself has none.
        family: The model's class, whose name is a tag.
        tags: More of them.
        artifact: Whether the best checkpoint goes to the server when the training has ended.
        mode: `online`, `offline`, `disabled`, or `auto`: online with an API key at hand, else offline.
        options: Further arguments of `wandb.init`.
    """
    import wandb

    if mode == "auto":
        mode = os.environ.get("WANDB_MODE") or ("online" if wandb.api.api_key else "offline")
    settings = wandb.Settings(console="off", disable_git=True, save_code=False)
    settings.init_timeout, settings.finish_timeout = INIT, FINISH
    options |= {"group": study if sweeping() else None}
    options |= {"tags": list(dict.fromkeys([family.rpartition(".")[2].lower(), *tags]))}
    logger = RunWandb(
        artifact, save_dir=save_dir, project=project, name=name, id=_identity(save_dir), mode=mode, settings=settings,
        **options,
    )  # fmt: skip
    _begin(logger, mode)
    return logger


@rank_zero_only
def _begin(logger: RunWandb, mode: str) -> None:
    """Start the run, offline if the server does not answer in time."""
    import wandb

    try:
        logger.experiment.define_metric("images")
    except wandb.Error as error:
        if mode != "online":
            raise
        print(f"wandb: no server ({error}); continuing offline.")
        mode = logger._wandb_init["mode"] = "offline"
        logger.experiment.define_metric("images")
    if mode == "offline":
        print(f"wandb: offline. Send the run later with: wandb sync {logger.save_dir}/wandb/offline-*")


def _identity(save_dir: str) -> str:
    """The run's id, noted by rank 0 so that a resumed run is the same on the server."""
    stored = Path(save_dir, "wandb_id")
    if not stored.exists() and not rank_zero_only.rank:  # type: ignore[attr-defined]
        stored.parent.mkdir(parents=True, exist_ok=True)
        stored.write_text(secrets.token_hex(4))
    return stored.read_text() if stored.exists() else ""
