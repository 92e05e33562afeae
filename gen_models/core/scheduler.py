"""Scheduler of a training: the numbers of a model and of its optimizers that follow the clock."""

from collections.abc import Iterator, Mapping

from torch.optim import Optimizer

from gen_models.core.clock import Clock
from gen_models.core.schedules import Schedule
from gen_models.core.targets import Target, attribute, options
from gen_models.errors import UsageError


class Scheduler:
    """Scheduler of learning rates and of any other number: sets each before a turn, as its schedule says.

    Args:
        model: Whose numbers are found now, while all of them are still as configured.
        schedules: By the paths of their numbers: see `gen_models.core.targets`.
    """

    def __init__(self, model: object, schedules: Mapping[str, Schedule]) -> None:
        self._schedules = schedules
        found = {path: attribute(model, path) for path in schedules}
        self._attributes = {path: target for path, target in found.items() if target is not None}
        self._followed: list[tuple[Schedule, Target]] = []

    def attach(self, optimizers: Mapping[str, Optimizer]) -> None:
        """Take the options of optimizers, by player, that are new and still as configured.

        Raises:
            UsageError: A path leads nowhere, or counts the moves of nobody.
        """
        self._followed = list(self._targets(optimizers))

    def step(self, clock: Clock, items: int) -> None:
        """Set all numbers to what they are by the clock, where a pass is `items` images."""
        for schedule, target in self._followed:
            target.follow(schedule, clock.time(schedule.unit, items, target.player))

    @property
    def plain(self) -> list[str]:
        """Paths of the model's numbers that are numbers of Python, which a CUDA graph would keep as they were."""
        return [path for path, target in self._attributes.items() if target.plain]

    def _targets(self, optimizers: Mapping[str, Optimizer]) -> Iterator[tuple[Schedule, Target]]:
        """What each schedule changes."""
        for path, schedule in self._schedules.items():
            found = [self._attributes[path]] if path in self._attributes else options(optimizers, path)
            if not found:
                raise UsageError(
                    f"model.schedules has '{path}', which is neither an option of the optimizers (lr, "
                    f"{next(iter(optimizers))}.lr) nor a number of the model (penalties.gp.weight, averaging.halflife)."
                )
            if schedule.unit == "moves" and not all(target.player for target in found):
                raise UsageError(
                    f"model.schedules.{path} counts moves, and '{path}' is a number of the model, not of one player's "
                    "optimizer: count turns, images or passes."
                )
            yield from ((schedule, target) for target in found)
