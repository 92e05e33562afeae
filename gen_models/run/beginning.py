"""What a run notes in its directory once nothing can be refused any more: as its first turn is about to be played."""

from pathlib import Path
from typing import Any

from lightning import Callback
from lightning.pytorch.utilities import rank_zero_only, rank_zero_warn
from omegaconf import DictConfig, OmegaConf

from gen_models.files import write_text
from gen_models.run.cluster import note_job
from gen_models.run.command import note_command
from gen_models.run.comparison import changes, renew_identity
from gen_models.run.forgiving import forgiven
from gen_models.run.outcome import forget
from gen_models.run.plugins import named_in
from gen_models.run.reading import CONFIG
from gen_models.run.traces import clear, traces
from gen_models.run.versions import note_versions
from gen_models.run.wandb_logger import IDENTITY


class Beginning(Callback):
    """Writes the configuration of a new run, what this process was told, and by which versions it plays.

    Setting a training up is the last chance to refuse it. A command that is refused has written nothing by then, and
    an older run in its directory is as it was.

    Args:
        run: The run directory.
        cfg: Its configuration.
        turn: Turns that are complete; 0 begins a run, in the place of any that is there.
    """

    def __init__(self, run: Path, cfg: DictConfig, turn: int) -> None:
        self.run, self.cfg, self.turn = run, cfg, turn
        self._noted = False
        self._former: list[Path] = []
        self._identity: str | None = None

    @rank_zero_only
    def make_way(self) -> None:
        """Let the loggers begin a run of their own: what an earlier one has left is told from what they write."""
        if self.turn:
            return
        identity = self.run / IDENTITY
        self._former = [path for path in traces(self.run) if path != identity]
        if self._former and identity.is_file():
            self._identity = identity.read_text()
            identity.unlink()

    def on_train_batch_start(self, *_: Any) -> None:
        """Note the beginning before the first turn of this process."""
        self.note()

    def note(self) -> None:
        """Note the beginning, unless it was noted: a run may have no turn left to play."""
        if self._noted:
            return
        self._noted = True
        if not self.turn:
            self._renew()
        anyway = self.turn and self.cfg.resume == "anyway"
        note_command(self.run, self.cfg)
        note_job(self.run)
        note_versions(self.run, self.turn, named_in(self.cfg), changes(self.run, self.cfg) if anyway else None)
        if anyway:  # only now, when what it was is noted
            self._write_config()
        elif self.turn:
            self._renew_identity()
        forget(self.run)

    def restore(self) -> None:
        """Leave a directory that can be read: that of an earlier run as it was, if this one was refused.

        If somebody deleted the directory while the run trained, its saves need the configuration again.
        """
        if self._identity is not None and not self._noted:
            write_text(self.run / IDENTITY, self._identity)
        if self._noted and not (self.run / CONFIG).is_file():
            rank_zero_warn(f"{self.run} was deleted while it was training: only what was written since then is in it.")
            with forgiven(str(self.run / CONFIG)):
                self._write_config()
                note_command(self.run, self.cfg)

    @rank_zero_only
    def _renew(self) -> None:
        clear(self._former)
        self._write_config()

    @rank_zero_only
    def _renew_identity(self) -> None:
        if (self.run / CONFIG).is_file():  # it may have been deleted since
            renew_identity(self.run, self.cfg)

    @rank_zero_only
    def _write_config(self) -> None:
        resolved = OmegaConf.create(OmegaConf.to_container(self.cfg, resolve=True))
        write_text(self.run / CONFIG, OmegaConf.to_yaml(resolved))
