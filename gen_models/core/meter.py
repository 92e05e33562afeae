"""Named terms that gather on the device, so that nothing in a turn waits for it."""

import math
from typing import Any

import torch
from torch import Tensor


class Meter:
    """Scalar tensors of the turns since the last reading, read as means once in a while."""

    def __init__(self) -> None:
        self._values: dict[str, list[Tensor]] = {}
        self._turns: dict[str, list[int]] = {}
        self.broken: dict[str, int] = {}
        """The first turn, of those that the last reading covered, in which a term was no finite number."""

    def add(self, name: str, value: Tensor, turn: int = 0) -> None:
        """Keep one scalar of a turn, without looking at it."""
        self._values.setdefault(name, []).append(value.detach().float())
        self._turns.setdefault(name, []).append(turn)

    def read(self) -> dict[str, float]:
        """Means since the last reading: the only place that waits for the device, and averages over the ranks."""
        if not self._values:
            return {}
        counts = [len(values) for values in self._values.values()]
        gathered = [value for values in self._values.values() for value in values]
        device = max((value.device for value in gathered), key=lambda device: device.type != "cpu")
        everything = torch.stack([value.to(device) for value in gathered])  # what was restored is on the CPU
        means = torch.stack([part.mean() for part in everything.split(counts)])
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.all_reduce(means)
            means /= torch.distributed.get_world_size()
        *averages, rest = torch.cat([means, everything]).split([*[1] * len(means), len(everything)])
        found = dict(zip(self._values, (float(mean) for mean in averages), strict=True))
        self.broken = self._first_broken(rest.tolist()) if not all(map(math.isfinite, found.values())) else {}
        self._values, self._turns = {}, {}
        return found

    def _first_broken(self, values: list[float]) -> dict[str, int]:
        turns = [(name, turn) for name, turns in self._turns.items() for turn in turns]
        broken: dict[str, int] = {}
        for (name, turn), value in zip(turns, values, strict=True):
            if not math.isfinite(value):
                broken.setdefault(name, turn)
        return broken

    def state(self) -> dict[str, Any]:
        """What has gathered, for a checkpoint: a run that goes on logs the means of an unbroken one."""
        return {
            name: {"values": torch.stack(values).cpu(), "turns": list(self._turns[name])}
            for name, values in self._values.items()
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on gathering where the checkpoint was written."""
        self._values = {name: list(part["values"]) for name, part in state.items()}
        self._turns = {name: list(part["turns"]) for name, part in state.items()}
