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
from gen_models.run.posthoc import AVERAGES, rewind, write_snapshot

COUNTERS = "_extra_state"
"""Where torch keeps what a module adds to its state: of averages, a counter of images for each network."""


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
        self._past = False  # turns that these averages have not seen

    def on_fit_start(self, trainer: Trainer, pl_module: Engine) -> None:
        """Copy the networks; there are no snapshots yet of turns that are to be played."""
        self.networks = self.networks or tuple(pl_module.averages.copies or _trained(pl_module))
        networks = {name: pl_module.network(name) for name in self.networks}
        self.averages = {std: Averages(networks, PowerAveraging(self.networks, std)) for std in self.stds}
        self._past = pl_module.clock.images > 0
        if self._past and trainer.is_global_zero:
            rewind(self.folder, pl_module.clock.images)

    def on_train_batch_start(self, *_: Any) -> None:
        """Begin with the run, or where the checkpoint has left off.

        Raises:
            UsageError: The run has averaged nothing so far: what begins now would lack its past.
        """
        if self._past:
            raise UsageError(
                "callbacks.averages begin in the middle of a run that has averaged nothing: leave them out, or begin "
                "another run=…."
            )

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
        """Restore averages and counters.

        Raises:
            UsageError: The run has averaged something else so far: what begins now would lack its past.
        """
        if lacking := [std for std in self.averages if str(std) not in state_dict]:
            raise UsageError(
                f"callbacks.averages.stds={lacking} begin in the middle of a run that has averaged "
                f"[{', '.join(state_dict)}]: name some of these, or begin another run=…."
            )
        for std, averages in self.averages.items():
            if (before := list(state_dict[str(std)][COUNTERS])) != list(self.networks):
                raise UsageError(
                    f"callbacks.averages.networks={list(self.networks)} differ from {before}, which the run has "
                    "averaged: name these, or begin another run=…."
                )
            averages.load_state_dict(state_dict[str(std)])
        self._past = False


def _trained(model: Engine) -> list[str]:
    return [name for name, network in model.named_children() if any(p.requires_grad for p in network.parameters())]
