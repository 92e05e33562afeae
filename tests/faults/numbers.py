"""Numbers that are none: in a loss, a gradient, a weight, a moment, a buffer, an average, a pixel."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import product
from typing import Any

import torch
from torch import Tensor

from gen_models.core.health import not_finite
from gen_models.errors import EXIT_DEAD
from tests.faults.bench import Bench, newest
from tests.faults.patches import changed, preceded, wrapped
from tests.faults.trial import Trial

OPTIONS = ("model=sngan", "network=dcgan", "log_every=2", "turns=10", "callbacks.checkpoint.every=3")
TURN = 5
"""The turn that meets the number: behind a checkpoint, and between two rows of metrics.csv."""
Break = Callable[[Any, float], None]
"""Breaks an engine, with the number."""


def _weight(engine: Any, number: float) -> None:
    next(engine.generator.parameters()).data.view(-1)[0] = number


def _gradient(engine: Any, number: float) -> None:
    next(engine.generator.parameters()).register_hook(lambda gradient: gradient * number)


def _moment(engine: Any, number: float) -> None:
    state = next(iter(engine.trainer.optimizers[-1].state.values()))
    state["exp_avg"].view(-1)[0] = number


def _second_moment(engine: Any, number: float) -> None:
    state = next(iter(engine.trainer.optimizers[0].state.values()))
    state["exp_avg_sq"].view(-1)[0] = number


def _buffer(engine: Any, number: float) -> None:
    """The first one of several numbers: a moving average of a normalisation, or a singular vector."""
    buffers = (buffer for buffer in engine.generator.buffers() if buffer.is_floating_point())
    next(buffers).view(-1)[0] = number


def _average(engine: Any, number: float) -> None:
    next(engine.averages.parameters()).data.view(-1)[0] = number


BREAKS: Mapping[str, Break] = {
    "weight": _weight,
    "gradient": _gradient,
    "moment": _moment,
    "second moment": _second_moment,
    "buffer": _buffer,
    "average": _average,
}
LOSSES = ("critic", "generator")
KINDS = (*BREAKS, *LOSSES, "pixel")
TRIALS = tuple(product(KINDS, (float("nan"), float("inf"))))


def numbers(bench: Bench, count: int) -> Iterator[Trial]:
    """NaN and infinity: exit 76, what is saved stays finite and older; without the fault the same bits."""
    for kind, number in TRIALS[:: max(1, len(TRIALS) // count)]:
        run = bench.place("dead")
        ended = bench.ended(run, *OPTIONS, broken=lambda kind=kind, number=number: _broken(kind, number))
        turn, content = newest(run)
        told = ended.said.strip().splitlines()[-1][:110]
        seen = f"{number} in {kind}: exit {ended.code}, kept turn {turn}, {told!r}"
        held = ended.code == EXIT_DEAD and ended.quietly and turn == 3 and not not_finite(content)
        difference = bench.differs(run, *OPTIONS)
        yield Trial(held and not difference, f"{seen} {difference}".strip())


def _broken(kind: str, number: float) -> None:
    """Break the fifth turn."""
    if kind in LOSSES:
        changed(f"gen_models.losses.adversarial:Hinge.{kind}", partial(_first, number), TURN)
    elif kind == "pixel":
        changed("gen_models.core.batch:to_unit_range", partial(_first, number), TURN)
    else:
        act = preceded(lambda engine, *_: BREAKS[kind](engine, number))
        wrapped("gen_models.core.engine:Engine.training_step", act, first=TURN, last=TURN)


def _first(number: float, given: Tensor) -> Tensor:
    """A tensor whose first number is another one."""
    return torch.where(torch.arange(given.numel()).view_as(given) == 0, number, given)
