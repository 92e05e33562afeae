"""What a run notes in its directory once nothing can be refused any more: as its first turn is about to be played."""

from pathlib import Path
from shutil import rmtree
from typing import Any

from lightning import Callback
from lightning.pytorch.utilities import rank_zero_only, rank_zero_warn
from omegaconf import DictConfig, OmegaConf

from gen_models.files import write_text
from gen_models.run.checkpoints import CHECKPOINTS
from gen_models.run.command import note_command
from gen_models.run.forgiving import forgiven
from gen_models.run.outcome import forget
from gen_models.run.plugins import named_in
from gen_models.run.reading import CONFIG
from gen_models.run.versions import note_versions


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
        note_command(self.run, self.cfg)
        note_versions(self.run, self.turn, named_in(self.cfg))
        forget(self.run)

    def restore(self) -> None:
        """Write the configuration again if somebody deleted the directory while the run trained: its saves need it."""
        if self._noted and not (self.run / CONFIG).is_file():
            rank_zero_warn(f"{self.run} was deleted while it was training: only what was written since then is in it.")
            with forgiven(str(self.run / CONFIG)):
                self._write_config()
                note_command(self.run, self.cfg)

    @rank_zero_only
    def _renew(self) -> None:
        if self.cfg.resume == "never":
            rmtree(self.run / CHECKPOINTS, ignore_errors=True)
        self._write_config()

    @rank_zero_only
    def _write_config(self) -> None:
        resolved = OmegaConf.create(OmegaConf.to_container(self.cfg, resolve=True))
        write_text(self.run / CONFIG, OmegaConf.to_yaml(resolved))
