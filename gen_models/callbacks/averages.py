"""Snapshots of power-function averages, from which averages of any length are made after the training."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lightning import Callback, Trainer

from gen_models.bounds import Natural
from gen_models.core.average import Averages, PowerAveraging
from gen_models.core.clock import is_time
from gen_models.core.engine import Engine
from gen_models.errors import UsageError
from gen_models.run.forgiving import forgiven
from gen_models.run.posthoc import AVERAGES, write_snapshot


class PowerAverages(Callback):
    """Keeps power-function averages of networks, and writes them every `every` turns and at the end (post-hoc EMA).

    `gen-models average RUN --std 0.07` then gives an average of another width. They are a part of the checkpoint.
    Karras et al. 2024, section 3, https://arxiv.org/abs/2312.02696.

    Args:
        run: The run directory; the snapshots stand in its folder `averages`.
        networks: Attribute names of the model's networks; None takes those that it averages, or else all of them.
        stds: Widths, as shares of the run so far; two of them suffice.
        every: Turns between two snapshots: the more there are, the nearer is what is made of them.

    Raises:
        UsageError: No width is named.
    """

    def __init__(
        self,
        run: str,
        networks: Sequence[str] | None = None,
        stds: Sequence[float] = (0.05, 0.1),
        every: Natural = 500,
    ) -> None:
        if not stds:
            raise UsageError("callbacks.averages.stds=[] averages nothing: name two widths, such as [0.05, 0.1].")
        self.folder = Path(run) / AVERAGES
        self.networks = tuple(networks or ())
        self.stds = stds
        self.every = every
        self.averages: dict[float, Averages] = {}

    def on_fit_start(self, trainer: Trainer, pl_module: Engine) -> None:
        """Copy the networks."""
        self.networks = self.networks or tuple(pl_module.averages.copies or _trained(pl_module))
        networks = {name: pl_module.network(name) for name in self.networks}
        self.averages = {std: Averages(networks, PowerAveraging(self.networks, std)) for std in self.stds}

    def on_train_batch_end(self, trainer: Trainer, pl_module: Engine, *_: Any) -> None:
        """Let the averages follow, and write them if it is time to."""
        for averages in self.averages.values():
            for name in self.networks:
                averages.update(name, pl_module.network(name), pl_module.clock.images)
        if is_time(pl_module.clock.turn, self.every):
            self._write(trainer, pl_module)

    def on_train_end(self, trainer: Trainer, pl_module: Engine) -> None:
        """Write the end, unless the last turn has just been written."""
        if not is_time(pl_module.clock.turn, self.every):
            self._write(trainer, pl_module)

    def _write(self, trainer: Trainer, model: Engine) -> None:
        if trainer.is_global_zero:
            with forgiven(str(self.folder)):
                for std, averages in self.averages.items():
                    write_snapshot(self.folder, std, model.clock.images, averages.copies)

    def state_dict(self) -> dict[str, Any]:
        """The averages and their counters."""
        return {str(std): averages.state_dict() for std, averages in self.averages.items()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore averages and counters."""
        for std, averages in self.averages.items():
            averages.load_state_dict(state_dict[str(std)])


def _trained(model: Engine) -> list[str]:
    return [name for name, network in model.named_children() if any(p.requires_grad for p in network.parameters())]
