"""Where a training is played on the page, one at a time: begin it, let it go, look at it."""

from threading import Lock, get_ident
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from gen_models.data.interface import gathered, some
from gen_models.errors import UsageError
from gen_models.experiments.theory.least import least_losses
from gen_models.explore.live import Job, Training
from gen_models.explore.plane import COARSEST, POINTS, SIDE, plane_view, stages
from gen_models.explore.strokes import FILE, file, scattered
from gen_models.explore.theorem import Theorem, claims
from gen_models.explore.view import View, listed, thinned
from gen_models.explore.work import Desk
from gen_models.reports.catalogue import catalogue

SLOW = 0.5
"""Seconds that a look may take: after a longer one the field is coarser, for a density may be an ODE's solution."""
DRAWN = "drawn"
"""The kind of data that are drawn by hand."""
NO_METRICS = "metrics=none"
"""The usual ones judge pictures, and refuse points."""
Name = Annotated[str, Field(pattern="^[a-z0-9_]{1,40}$")]
Place = Annotated[float, Field(ge=-1, le=1)]
Stroke = Annotated[list[tuple[Place, Place]], Field(min_length=1, max_length=2000)]


class Begin(BaseModel):
    """Which training begins, in the place of the one before.

    Attributes:
        theory: An experiment of `conf/experiment/theory`; it brings its own model and data.
        strokes: Of data that are drawn by hand.
    """

    model_config = ConfigDict(extra="forbid")

    model: Name = "sngan"
    kind: Name = "ring"
    seed: int = Field(1, ge=0, lt=2**31)
    theory: Name | None = None
    strokes: list[Stroke] = Field([], max_length=200)

    @property
    def job(self) -> Job:
        """The training of a model for points on what was drawn.

        Raises:
            UsageError: Nothing was drawn.
        """
        seed, model = f"seed={self.seed}", f"model={self.model}"
        if self.theory is not None:
            return Job((f"experiment=theory/{self.theory}", seed), endless=False)
        if self.kind == DRAWN:
            data = ("data=points", f"data.x={FILE}", "data.batch_size=256", NO_METRICS)
            return Job((model, *data, seed), scattered(self.strokes))
        return Job((model, "data=toy2d", f"data.kind={self.kind}", NO_METRICS, seed))


class Go(BaseModel):
    """How many turns may be played; None for as many as it likes, 0 for none."""

    turns: int | None = Field(None, ge=0)


def routes(desk: Desk) -> tuple[APIRouter, "Stage"]:
    """The addresses of the live view, and where its training is."""
    router, stage = APIRouter(), Stage(desk)

    @router.get("/live/choices")
    def choices() -> dict[str, dict[str, str]]:
        models = {entry.name: f"{entry.title or entry.name}: {entry.purpose}" for entry in catalogue("model")}
        return {"models": models, "theory": claims()}

    @router.post("/live")
    def begin(asked: Begin) -> View:
        stage.begin(asked)
        return stage.look()

    @router.post("/live/turns")
    def go(asked: Go) -> None:
        stage.training.turns.allow(asked.turns)

    @router.get("/live")
    def look(at: int | None = None, density: bool = False) -> View | None:
        return stage.look(at, density) if stage.begun else None

    @router.get(f"/live/{FILE}")
    def drawn() -> Response:
        return Response(stage.drawn(), media_type="application/octet-stream")

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
        self._begins = Lock()

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
        """Begin a training, and end the one before; of several that are asked for at once the last one stays.

        Raises:
            UsageError: It can't begin; then the one before goes on.
        """
        with self._begins:
            with self.desk.work("begin", "begin"):
                now = Training(asked.job, self.desk)
                theorem = None if now.watch is None else Theorem(now.watch)
                floors = dict(least_losses(now.model, now.source))
            now.turns.reached.wait()
            if now.error:
                raise UsageError(now.error)
            with self.desk.turn:  # nobody looks at half of it
                before, self._training = self._training, now
                self._theorem, self._floors, self._side = theorem, floors, SIDE
            if before is not None:
                before.end()

    def end(self) -> None:
        """End the training, if there is one, and one that is beginning."""
        with self._begins:
            if self._training is not None:
                self._training.end()
            self._training = None

    def drawn(self) -> bytes:
        """Give the file of data that were drawn by hand.

        Raises:
            UsageError: The training has others.
        """
        if self.training.job.arrays is None:
            raise UsageError("these data were not drawn: choose your own drawing, and begin.")
        return file(self.training.job.arrays)

    def look(self, at: int | None = None, density: bool = False) -> View:
        """Look at the model between two turns: at one of the states of its samples, or at its density."""
        with self.desk.work(f"look {get_ident()}", "look"):
            now = self.training  # once it is our turn: another may have begun while this waited
            view = View(
                turn=now.model.clock.turn, last=now.last, playing=now.playing, ended=now.ended, error=now.error,
                command=now.command, losses=thinned(now.history.rows), floors=self._floors,
            )  # fmt: skip
            if self._theorem is not None:
                picture, figures = self._theorem.look(now.model, now.source)
                return view.model_copy(update={"picture": picture, "figures": dict(figures)})
            return view.model_copy(update=self._points(now, at, density))

    def _points(self, now: Training, at: int | None, density: bool) -> dict[str, object]:
        """What there is to see of a model of points."""
        begun = monotonic()
        found = plane_view(now.model, self._side, at, density=density)
        if monotonic() - begun > SLOW:
            self._side = max(COARSEST, self._side // 2)
        real, _ = gathered(now.source.train, some(now.source.train, POINTS))
        shown = {"samples": found.samples, "real": real / found.scale, "field": found.field, "arrows": found.arrows}
        return {
            **{name: listed(values) for name, values in shown.items()},
            **{"what": found.what, "time": found.time, "scale": found.scale, "stages": stages(now.model)},
        }
