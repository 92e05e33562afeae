"""A player's move by a CUDA graph: recorded, compared, captured, and replayed."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, Protocol, cast, final

import torch
from torch import Tensor, nn

from gen_models.core.batch import Batch
from gen_models.core.clock import Clock
from gen_models.core.graphs import GraphBackend
from gen_models.core.player import Noted, Player, parameters_of
from gen_models.core.recorder import Recorder, difference, numbers
from gen_models.errors import UsageError

KEPT = 4
"""Cases of a player whose graphs are kept: each holds the memory of a whole move."""


class Clocked(Protocol):
    """A model with a clock."""

    clock: Clock


class Watched:
    """A clock that notes whether it is looked at."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self.seen = clock, False

    def __getattr__(self, name: str) -> Any:
        """Give what the clock shows."""
        self.seen = True
        return getattr(self._clock, name)


@final
class GraphedMove:
    """Losses and gradients of a player by CUDA graphs: one for each case that Python distinguishes.

    A case is a shape of the batch with what the player's `variant` says. Its first move is made as ever; so are those
    1, 2, 4, 8, … moves later, and recorded: what differs between two of these would be wrong in a replay, and is
    refused. All others are replays.

    Args:
        player: Whose move it is.
        gradients: Computes the losses for a batch, and leaves their gradients in the player's parameters.
        model: Whose numbers may not change in a move.
        backend: Captures.
    """

    def __init__(
        self, player: Player, gradients: Callable[[Batch], Noted], model: nn.Module, backend: GraphBackend
    ) -> None:
        self.player, self.gradients, self.model, self.backend = player, gradients, model, backend
        self._cases: dict[Hashable, _Case] = {}

    def __call__(self, batch: Batch) -> Noted:
        """Leave the gradients for a batch in the player's parameters; give its terms.

        Raises:
            UsageError: A replay of this move would be another one.
        """
        variant = None if self.player.variant is None else self.player.variant()
        key = (variant, *(None if field is None else field.shape for field in batch))
        case = self._cases.pop(key, None) or _Case(batch)
        self._cases = {**dict([*self._cases.items()][1 - KEPT :]), key: case}  # the latest is the last
        case.take(batch)
        if case.count == 1:  # in which tables may be laid on the device
            with self.backend.warm():
                return self.gradients(case.inputs)
        return self._recorded(case) if case.recorded_now else self._replayed(case)

    def _recorded(self, case: "_Case") -> Noted:
        """Make the move as ever, and compare it with the first one."""
        recorder = Recorder(case.inputs.x.device)
        with self._watching(case), self.backend.warm(), recorder:
            found = self.gradients(case.inputs)
        if recorder.faults:
            self._refuse(recorder.faults[0])
        if case.first is not None and (parting := difference(case.first, recorder)):
            self._refuse(parting)
        case.first = case.first or recorder
        return found

    @contextmanager
    def _watching(self, case: "_Case") -> Iterator[None]:
        """Refuse a move within that looks at the clock, or in which numbers of Python are not those of the others."""
        model, before = cast(Clocked, self.model), numbers(self.model)
        clock, watched = model.clock, Watched(model.clock)
        model.clock = cast(Clock, watched)
        try:
            yield
        finally:
            model.clock = clock
        if watched.seen and self.player.variant is None:
            self._refuse("its losses look at the clock")
        after = numbers(self.model)
        case.numbers = case.numbers or before
        for name in sorted(case.numbers.keys() | before.keys() | after.keys()):
            values = [known.get(name) for known in (case.numbers, before, after)]
            if changed := [value for value in values if value != values[0]]:
                self._refuse(f"{name} is a number of Python that changes, from {values[0]} to {changed[0]}")

    def _refuse(self, reason: str) -> NoReturn:
        raise UsageError(
            f"a CUDA graph can't hold the move of {self.player.name}, since {reason}: choose model.graphs=false."
        )

    def _replayed(self, case: "_Case") -> Noted:
        if case.replay is None:
            self._capture(case)
        assert case.replay is not None
        case.replay()
        for parameter, gradient in case.gradients:
            parameter.grad = gradient
        values = () if case.values is None else case.values.clone()  # since the next replay writes over them
        return Noted(case.moves, list(zip(case.names, values, strict=True)))

    def _capture(self, case: "_Case") -> None:
        def work() -> None:
            found = self.gradients(case.inputs)
            case.moves, case.names = found.moves, [name for name, _ in found.terms]
            case.values = torch.stack([value for _, value in found.terms]) if found.terms else None

        torch.clear_autocast_cache()  # weights that were cast outside would never be cast again, or freed within
        with self._watching(case):
            case.replay = self.backend.capture(work)
        torch.clear_autocast_cache()
        case.gradients = [(parameter, parameter.grad) for parameter in parameters_of(self.player.networks)]


class _Case:
    """What is known of a player's moves with one variant and one shape of the batch.

    Args:
        batch: The first batch; `inputs` are copies of each that comes, at the addresses that the graph knows.
    """

    def __init__(self, batch: Batch) -> None:
        self.inputs = Batch(*(None if field is None else field.clone() for field in batch))  # type: ignore[arg-type]
        self.count = 0
        self.first: Recorder | None = None
        self.numbers: dict[str, Any] | None = None
        self.replay: Callable[[], None] | None = None
        self.moves = False
        self.names: Sequence[str] = ()
        self.values: Tensor | None = None
        self.gradients: list[tuple[nn.Parameter, Tensor | None]] = []

    def take(self, batch: Batch) -> None:
        """Copy a batch to where the graph reads it, and count it."""
        self.count += 1
        for place, field in zip(self.inputs, batch, strict=True):
            if place is not None and field is not None:
                place.copy_(field)

    @property
    def recorded_now(self) -> bool:
        """Whether this move comes 1, 2, 4, 8, … moves after the first one."""
        later = self.count - 1
        return later & (later - 1) == 0
