"""Training options that every family has."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Required, TypedDict

from torch import nn
from torch.optim import Optimizer

from gen_models.bounds import Above, Positive
from gen_models.core.average import Averaged
from gen_models.core.schedules import Schedule

MakeOptimizer = Callable[[Sequence[nn.Parameter]], Optimizer]
"""The constructor of an optimizer but for the parameters: `_partial_` in a config."""

ClipNorm = Annotated[float | None, Above(0)]
"""Largest norm of a gradient; None leaves it alone."""


class Training(TypedDict, total=False):
    """Training options, passed on unread by every family to `Engine`, which documents them."""

    optimizers: Required[Mapping[str, MakeOptimizer]]
    schedules: Mapping[str, Schedule] | None
    clip_norm: ClipNorm
    accumulate: Positive
    average: Averaged | None
    channels_last: bool
    compile: Mapping[str, Mapping[str, Any]] | None
    graphs: bool
    seed: int
