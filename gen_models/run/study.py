"""What a person is told when a sweep has ended: how its runs are set beside each other."""

import os
import shlex
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig


class Study(Callback):
    """Hydra's hook at the end of a sweep of which no job failed."""

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Print the commands that look at the sweep as a whole."""
        folder = Path(config.hydra.sweep.dir)
        near = folder if not folder.is_absolute() else Path(os.path.relpath(folder))
        place = shlex.quote(str(folder if os.pardir in near.parts else near))
        board = shlex.quote(f"{folder.name}.html")
        print(f"sweep        gen-models compare {place} --out {board}; gen-models status {place}")
