"""What a model of points in the plane looks like: samples or their states, its critic, density or velocity."""

from itertools import islice
from typing import NamedTuple

import torch
from torch import Tensor

from gen_models.core.abilities.judgement import Scores
from gen_models.core.abilities.likelihood import HasLogProb
from gen_models.core.abilities.sampling import HasStates, HasVelocity
from gen_models.core.model import GenerativeModel

POINTS, PUSHED = 600, 60
SIDE, COARSEST, REACH = 48, 12, 1.2
"""Places of a field along an axis, at most and at least, and where it ends."""
ARROWS = 16
"""Velocities along an axis."""
SPREAD = 2.2
"""Standard deviations of a state that are within reach."""


class PlaneView(NamedTuple):
    """A model of points as it is now.

    Attributes:
        samples: Points (N, 2), or their states, in units of `scale`.
        what: What `field` is of; empty where there is none.
        field: Rows from below (S, S) of the critic's logits, or of the density, on a square.
        arrows: Places and steps (N, 4): the critic's gradient at samples, or the velocity at states.
        time: Of the states.
        scale: By which places are to be multiplied.
    """

    samples: Tensor
    what: str = ""
    field: Tensor = torch.empty(0, 0)
    arrows: Tensor = torch.empty(0, 4)
    time: float | None = None
    scale: float = 1.0


def stages(model: GenerativeModel) -> int:
    """How many states samples go through, where they can be looked at."""
    return len(model.route()) if isinstance(model, HasStates) else 0


def plane_view(
    model: GenerativeModel, side: int = SIDE, stage: int | None = None, *, density: bool = False
) -> PlaneView:
    """Look at a model.

    Args:
        model: Of points in the plane.
        side: Places of its critic or density along an axis.
        stage: Of samples that have states: which one, the middle by default.
        density: Look at their density instead.
    """
    with model.evaluating("live"):
        if isinstance(model, HasStates) and not density:
            return _state(model, model, len(model.route()) // 2 if stage is None else stage)
        samples, places = model.sample(POINTS).float(), _places(side)
        if isinstance(model, Scores):
            field = model.score(places, torch.zeros(len(places), dtype=torch.int64)).view(side, side)
            return PlaneView(samples, "the critic's logits", field, _pushes(model, samples[:PUSHED]))
        if isinstance(model, HasLogProb):
            return PlaneView(samples, "the model's density", model.log_prob(places).exp().view(side, side))
        return PlaneView(samples)


def _places(side: int) -> Tensor:
    """Places (side², 2) of a square, row by row from below."""
    line = torch.linspace(-REACH, REACH, side)
    return torch.stack([line.repeat(side), line.repeat_interleave(side)], 1)


def _state(model: GenerativeModel, way: HasStates, stage: int) -> PlaneView:
    """Give the states of samples at one of the times, and the velocity on a square that holds them."""
    y, route = model.labels(POINTS), way.route()
    stage = min(stage, len(route) - 1)
    t, x = next(islice(way.states(torch.randn(POINTS, 2), y), stage, None))
    scale = max(1.0, SPREAD * float(x.square().mean().sqrt()) / REACH)
    arrows = torch.empty(0, 4)
    if isinstance(model, HasVelocity) and stage < len(route) - 1:
        places = _places(ARROWS)
        onward = route[stage + 1] - t
        velocity = model.velocity((scale * places).to(x), t, model.labels(len(places))) * onward
        arrows = torch.cat([places, velocity.float() / scale], 1)
    return PlaneView(x.float() / scale, arrows=arrows, time=t, scale=scale)


def _pushes(model: Scores, x: Tensor) -> Tensor:
    """Samples (N, 2) and the gradient of their scores there, (N, 4)."""
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        scores = model.score(x, torch.zeros(len(x), dtype=torch.int64))
        (slopes,) = torch.autograd.grad(scores.sum(), x)
    return torch.cat([x.detach(), slopes], 1)
