"""What a model of points in the plane looks like: samples, its critic or its density, where the critic pushes them."""

from itertools import pairwise
from threading import get_ident
from time import monotonic
from typing import Annotated

import torch
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from gen_models.core.abilities import HasLogProb, Scores
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import first, gathered
from gen_models.errors import UsageError
from gen_models.explore.live import Training
from gen_models.explore.work import Desk
from gen_models.reports.catalogue import catalogue

POINTS, PUSHED = 600, 60
SIDE, COARSEST, REACH = 48, 12, 1.2
"""Places of a field along an axis, at most and at least, and where it ends."""
SLOW = 0.5
"""Seconds that a look may take: after a longer one the field is coarser, for a density may be an ODE's solution."""
ROWS = 300
"""Of a history, at most."""
Name = Annotated[str, Field(pattern="^[a-z0-9_]{1,40}$")]


class Begin(BaseModel):
    """Which training begins, in the place of the one before."""

    model_config = ConfigDict(extra="forbid")

    model: Name = "sngan"
    kind: Name = "ring"
    seed: int = Field(1, ge=0, lt=2**31)

    @property
    def options(self) -> tuple[str, ...]:
        """As for `gen-models train`."""
        return f"model={self.model}", "data=toy2d", f"data.kind={self.kind}", f"seed={self.seed}"


class Go(BaseModel):
    """How many turns may be played; None for as many as it likes, 0 for none."""

    turns: int | None = Field(None, ge=0)


class Plane(BaseModel):
    """A model of points as it is now.

    Attributes:
        field: Rows from below of the critic's logits, or of the density, on a square; empty where there is neither.
        pushes: (x, y, dx, dy): the critic's gradient at samples.
        losses: By name: (turn, value).
    """

    turn: int
    playing: bool
    error: str
    command: str
    what: str
    samples: list[list[float]]
    real: list[list[float]]
    field: list[list[float]]
    pushes: list[list[float]]
    losses: dict[str, list[tuple[int, float]]]


def routes(desk: Desk) -> tuple[APIRouter, "Stage"]:
    """The addresses of the live view, and where its training is."""
    router, stage = APIRouter(), Stage(desk)

    @router.get("/live/models")
    def models() -> dict[str, str]:
        return {entry.name: f"{entry.title or entry.name}: {entry.purpose}" for entry in catalogue("model")}

    @router.post("/live")
    def begin(asked: Begin) -> Plane:
        stage.begin(asked)
        return stage.look()

    @router.post("/live/turns")
    def go(asked: Go) -> None:
        stage.training.turns.allow(asked.turns)

    @router.get("/live")
    def look() -> Plane | None:
        return stage.look() if stage.begun else None

    return router, stage


class Stage:
    """Where one training is played at a time.

    Args:
        desk: Where is drawn.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._training: Training | None = None
        self._side = SIDE

    @property
    def begun(self) -> bool:
        """Whether there is a training."""
        return self._training is not None

    @property
    def training(self) -> Training:
        """The training.

        Raises:
            UsageError: None has begun.
        """
        if self._training is None:
            raise UsageError("no training has begun: press Begin.")
        return self._training

    def begin(self, asked: Begin) -> None:
        """Begin a training, and end the one before."""
        self.end()
        self._side = SIDE
        with self.desk.work("begin", "begin"):
            self._training = Training(asked.options, self.desk)
        self._training.turns.reached.wait()

    def end(self) -> None:
        """End the training, if there is one."""
        if self._training is not None:
            self._training.end()
        self._training = None

    def look(self) -> Plane:
        """Look at the model between two turns."""
        now = self.training
        with self.desk.work(f"look {get_ident()}", "look"):
            begun = monotonic()
            what, field, pushes, samples = seen(now.model, self._side)
            if monotonic() - begun > SLOW:
                self._side = max(COARSEST, self._side // 2)
            real, _ = gathered(now.source.train, first(now.source.train, POINTS))
            return Plane(
                turn=now.model.clock.turn, playing=now.playing, error=now.error, command=now.command, what=what,
                samples=_listed(samples), real=_listed(real), field=_listed(field), pushes=_listed(pushes),
                losses=_thinned(now.history.rows),
            )  # fmt: skip


def seen(model: GenerativeModel, side: int = SIDE) -> tuple[str, Tensor, Tensor, Tensor]:
    """Give what a field (side, side) is of, the field, the critic's pushes (N, 4) and samples (N, 2)."""
    line = torch.linspace(-REACH, REACH, side)
    places = torch.stack([line.repeat(side), line.repeat_interleave(side)], 1)
    with model.evaluating("live"):
        samples = model.sample(POINTS).float()
        if isinstance(model, Scores):
            field = model.score(places, torch.zeros(len(places), dtype=torch.int64)).view(side, side)
            return "the critic's logits", field, _pushes(model, samples[:PUSHED]), samples
        if isinstance(model, HasLogProb):
            return "the model's density", model.log_prob(places).exp().view(side, side), torch.empty(0, 4), samples
    return "", torch.empty(0, 0), torch.empty(0, 4), samples


def _pushes(model: Scores, x: Tensor) -> Tensor:
    """Samples (N, 2) and the gradient of their scores there, (N, 4)."""
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        scores = model.score(x, torch.zeros(len(x), dtype=torch.int64))
        (slopes,) = torch.autograd.grad(scores.sum(), x)
    return torch.cat([x.detach(), slopes], 1)


def _listed(values: Tensor) -> list[list[float]]:
    """Numbers as JSON takes them: finite, of four digits."""
    rounded = values.detach().double().nan_to_num(0, 1e6, -1e6).tolist()
    return [[round(value, 4) for value in row] for row in rounded]


def _thinned(rows: list[tuple[int, dict[str, float]]]) -> dict[str, list[tuple[int, float]]]:
    """Curves by name, as means of equal parts of the rows."""
    size = max(1, -(-len(rows) // ROWS))
    bounds = [*range(0, len(rows), size), len(rows)]
    names = dict.fromkeys(name for _, values in rows for name in values)
    curves: dict[str, list[tuple[int, float]]] = {name: [] for name in names}
    for start, end in pairwise(bounds):
        for name, curve in curves.items():
            part = [values[name] for _, values in rows[start:end] if name in values]
            if part:
                curve.append((rows[end - 1][0], sum(part) / len(part)))
    return curves
