"""Named terms that gather on the device, so that nothing in a turn waits for it."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

FOLD = 1000
"""Values of a term that are folded into their mean: what has gathered stays small however rarely it is read."""


class _Fold(NamedTuple):
    """Many values of a term as one.

    Attributes:
        mean: Their mean.
        broken: The position of the first that is no finite number; as many as there are where all are.
        turns: The turn of each.
    """

    mean: Tensor
    broken: Tensor
    turns: Sequence[int]


class Meter:
    """Scalar tensors of the turns since the last reading, read as means once in a while."""

    def __init__(self) -> None:
        self._values: dict[str, list[Tensor]] = {}
        self._turns: dict[str, list[int]] = {}
        self._folds: dict[str, list[_Fold]] = {}
        self.broken: dict[str, int] = {}
        """The first turn, of those that the last reading covered, in which a term was no finite number."""

    def add(self, name: str, value: Tensor, turn: int = 0) -> None:
        """Keep one scalar of a turn, without looking at it."""
        self._values.setdefault(name, []).append(value.detach().float())
        self._turns.setdefault(name, []).append(turn)
        if len(self._values[name]) == 2 * FOLD:  # the latest stay as they are: the usual `log_every` folds nothing
            self._fold(name)

    def _fold(self, name: str) -> None:
        """Fold the older values of a term, on the device."""
        values, self._values[name] = self._values[name][:FOLD], self._values[name][FOLD:]
        turns, self._turns[name] = self._turns[name][:FOLD], self._turns[name][FOLD:]
        stacked = torch.stack(_together(values))
        places = torch.arange(FOLD, device=stacked.device)
        broken = torch.where(stacked.isfinite(), FOLD, places).amin().float()
        self._folds.setdefault(name, []).append(_Fold(stacked.mean(), broken, _compact(turns)))

    def read(self) -> dict[str, float]:
        """Means since the last reading: the only place that waits for the device, and averages over the ranks."""
        if not self._values:
            return {}
        folds = [fold for name in self._values for fold in self._folds.get(name, ())]
        values = [value for values in self._values.values() for value in values]
        everything = torch.stack(_together([*values, *(fold.mean for fold in folds), *(f.broken for f in folds)]))
        single, whole, broken = everything.split([len(values), len(folds), len(folds)])
        means = self._means(single, whole)
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.all_reduce(means)
            means /= torch.distributed.get_world_size()
        *averages, rest = torch.cat([means, single, broken]).split([*[1] * len(means), len(values) + len(folds)])
        found = dict(zip(self._values, (float(mean) for mean in averages), strict=True))
        self.broken = self._first_broken(rest.tolist()) if not all(map(math.isfinite, found.values())) else {}
        self._values, self._turns, self._folds = {}, {}, {}
        return found

    def _means(self, single: Tensor, folded: Tensor) -> Tensor:
        """The mean of each term, of its single values and of its folds."""
        counts = [(len(values), len(self._folds.get(name, ()))) for name, values in self._values.items()]
        parts = zip(single.split([s for s, _ in counts]), folded.split([f for _, f in counts]), strict=True)
        return torch.stack(
            [
                (one.sum() + FOLD * many.sum()) / (len(one) + FOLD * len(many)) if len(many) else one.mean()
                for one, many in parts
            ]
        )

    def _first_broken(self, values: list[float]) -> dict[str, int]:
        turns = [(name, turn) for name, turns in self._turns.items() for turn in turns]
        bad = [known for known, value in zip(turns, values, strict=False) if not math.isfinite(value)]
        folds = [(name, fold) for name in self._values for fold in self._folds.get(name, ())]
        firsts = zip(folds, map(int, values[len(turns) :]), strict=True)
        bad += [(name, fold.turns[place]) for (name, fold), place in firsts if place < FOLD]
        broken: dict[str, int] = {}
        for name, turn in bad:
            broken[name] = min(turn, broken.get(name, turn))
        return broken

    def state(self) -> dict[str, Any]:
        """What has gathered, for a checkpoint: a run that goes on logs the means of an unbroken one."""
        return {
            name: {
                "values": torch.stack(_together(values)).cpu(),
                "turns": list(self._turns[name]),
                "folds": [(f.mean.cpu(), f.broken.cpu(), _told(f.turns)) for f in self._folds.get(name, ())],
            }
            for name, values in self._values.items()
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on gathering where the checkpoint was written; those of earlier versions folded nothing."""
        self._values = {name: list(part["values"]) for name, part in state.items()}
        self._turns = {name: list(part["turns"]) for name, part in state.items()}
        self._folds = {
            name: [
                _Fold(mean, broken, _compact(turns) if len(turns) != 3 else range(*turns))
                for mean, broken, turns in folds
            ]
            for name, part in state.items()
            if (folds := part.get("folds"))
        }


def _together(values: Sequence[Tensor]) -> list[Tensor]:
    """Scalars on one device: what was restored is on the CPU."""
    device = max((value.device for value in values), key=lambda device: device.type != "cpu")
    return [value.to(device) for value in values]


def _compact(turns: Sequence[int]) -> Sequence[int]:
    """Turns as a range, where each is as far from the next."""
    steps = range(turns[0], turns[-1] + 1, max(1, turns[1] - turns[0]))
    return steps if list(steps) == list(turns) else turns


def _told(turns: Sequence[int]) -> list[int]:
    """A range as its three numbers, which a checkpoint may hold."""
    return [turns.start, turns.stop, turns.step] if isinstance(turns, range) else list(turns)
