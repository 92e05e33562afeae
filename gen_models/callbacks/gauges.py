"""What the stability watch measures: samples against data, gradients, singular values."""

from collections.abc import Mapping
from typing import Any

from lightning import Trainer
from torch.nn.utils import get_total_norm
from torch.optim import Optimizer

from gen_models.callbacks.grids import sample_grids
from gen_models.callbacks.statistics import Spread, draw, singular_values, spread
from gen_models.core.meter import Meter
from gen_models.core.model import GenerativeModel
from gen_models.data.source import Source

PICTURED = 64
"""Items of the data that samples are compared with, where those are the ones of the sample grids."""


class Gauges:
    """Signals that are not in the log, by name: those of `Spread`, `gradient/<player>`, `singular_value/<layer>`.

    Args:
        n: Samples of its own, and items of the data; 0 takes the samples of the grids.
        singular_values: Whether to look at those.
        gradients: Whether to look at those, in every move.
    """

    def __init__(self, n: int, *, singular_values: bool, gradients: bool) -> None:
        self.n = n
        self.gradients = gradients
        self._singular_values = singular_values
        self._norms = Meter()
        self._data: Spread | None = None

    def look_at(self, source: Source) -> None:
        """Measure the data; a single item has no variation to compare with."""
        if len(source.reference) > 1:
            self._data = spread(draw(source.reference, self.n or PICTURED))

    def note_gradient(self, player: str, optimizer: Optimizer) -> None:
        """Note the gradient's norm on the device, without waiting for it."""
        gradients = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        # A 16-bit step that overflowed is left out by the scaler and is no explosion.
        self._norms.add(player, get_total_norm(gradients).nan_to_num(0.0, posinf=0.0))

    def measured(self, model: GenerativeModel) -> dict[str, float]:
        """What is measured for the watch alone."""
        found = {f"gradient/{player}": norm for player, norm in self._norms.read().items()}
        if self._singular_values:
            found |= {f"singular_value/{layer}": value for layer, value in singular_values(model).items()}
        if self.n and self._data is not None:
            with model.evaluating("stability"):
                found |= spread(model.sample(self.n)).shares(self._data)
        return found

    def shown(self, trainer: Trainer, model: GenerativeModel, *, last: bool = False) -> dict[str, float]:
        """How much the samples of the grids differ, if some are drawn after this turn, or at the end."""
        if self.n or self._data is None:
            return {}
        spreads = [grids.spread(trainer, model, last=last) for grids in sample_grids(trainer)]
        known = [found.shares(self._data) for found in spreads if found is not None]
        return known[0] if known else {}

    def state(self) -> dict[str, Any]:
        """What has gathered, for a checkpoint."""
        return self._norms.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on gathering where the checkpoint was written."""
        self._norms.restore(dict(state))
