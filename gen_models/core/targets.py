"""Targets of schedules: the options of optimizers, and the numbers that the parts of a model hold.

A key of `model.schedules` is an option of all optimizers (`lr`), of one player's (`critic.lr`), an entry of one
(`flow.betas.1`), or the way from the model to a number: `penalties.gp.weight`, `averaging.halflife`, `augment.p`,
`clip_norm`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor
from torch.optim import Optimizer

from gen_models.core.schedules import Schedule


class Target(ABC):
    """A number that follows a schedule.

    Attributes:
        player: Whose number it is; none for a number of the model.
    """

    player: str = ""

    @abstractmethod
    def follow(self, schedule: Schedule, time: float) -> None:
        """Set the number to what it is at `time`."""


class Option(Target):
    """An option of an optimizer, in all of its parameter groups, or an entry of an option such as `betas`.

    Args:
        player: Whose optimizer.
        optimizer: The optimizer, with its options as configured.
        name: The option.
        entry: Position within it; None where it is a number.
    """

    def __init__(self, player: str, optimizer: Optimizer, name: str, entry: int | None = None) -> None:
        self.player, self.optimizer, self.name, self.entry = player, optimizer, name, entry
        self.configured = [group[name] for group in optimizer.param_groups]

    def follow(self, schedule: Schedule, time: float) -> None:
        """Set the option; groups are looked up, since a loaded state brings new ones."""
        for group, configured in zip(self.optimizer.param_groups, self.configured, strict=True):
            if self.entry is None:
                group[self.name] = schedule.applied(configured, time)
            else:
                entries = list(group[self.name])
                entries[self.entry] = schedule.applied(configured[self.entry], time)
                group[self.name] = tuple(entries)


class Attribute(Target):
    """A number that a part of the model holds, plain or as a buffer.

    Args:
        owner: The part.
        name: Its attribute.
    """

    def __init__(self, owner: Any, name: str) -> None:
        self.owner, self.name = owner, name
        self.configured = float(getattr(owner, name))

    @property
    def plain(self) -> bool:
        """Whether the number is one of Python, which a CUDA graph would keep as it was."""
        return not isinstance(getattr(self.owner, self.name), Tensor)

    def follow(self, schedule: Schedule, time: float) -> None:
        """Set the attribute; a buffer is filled, so that it stays on its device."""
        value = schedule.applied(self.configured, time)
        if isinstance(present := getattr(self.owner, self.name), Tensor):
            present.fill_(value)
        else:
            setattr(self.owner, self.name, value)


def attribute(model: object, path: str) -> Attribute | None:
    """Find the number at the end of a way through attributes and mappings; None if there is none."""
    *way, name = path.split(".")
    owner: Any = model
    for step in way:
        owner = owner.get(step) if isinstance(owner, Mapping) else getattr(owner, step, None)
    number = getattr(owner, name, None)
    plain = isinstance(number, int | float) and not isinstance(number, bool)
    return Attribute(owner, name) if plain or (isinstance(number, Tensor) and number.ndim == 0) else None


def options(optimizers: Mapping[str, Optimizer], path: str) -> Sequence[Option]:
    """Find the options that a path means, of one player or of all; none if no optimizer has one of that name."""
    player, _, option = path.partition(".")
    chosen = {player: optimizers[player]} if player in optimizers else optimizers
    name, _, entry = (option if player in optimizers else path).partition(".")
    if entry and not entry.isdigit():
        return []
    position = int(entry) if entry else None
    return [Option(whose, each, name, position) for whose, each in chosen.items() if name in each.defaults]
