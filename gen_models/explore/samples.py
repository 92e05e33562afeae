"""Samples: a grid, how they came about, real data, and the training items that they are nearest to."""

import torch
from fastapi import APIRouter
from pydantic import Field
from torch import Tensor

from gen_models.core.abilities import HasTrajectory
from gen_models.data.interface import gathered, picked
from gen_models.errors import UsageError
from gen_models.explore.asked import Asked, AskedDrawn
from gen_models.explore.drawing import answered
from gen_models.explore.session import Session, Variant
from gen_models.explore.shown import Shown, address, cells, line
from gen_models.explore.work import Desk
from gen_models.media.films import thinned
from gen_models.media.pictures import columns_for, grid
from gen_models.metrics.memorisation import nearest
from gen_models.randomness import isolated


class AskedSamples(AskedDrawn):
    """A grid of samples."""


class AskedReal(Asked):
    """Training items, picked by the seed."""


class AskedSteps(AskedDrawn):
    """Steps of a trajectory: `steps` of them at most."""

    steps: int = Field(32, ge=1, le=200)


class AskedNearest(AskedDrawn):
    """How many neighbours of each sample."""

    count: int = Field(3, ge=1, le=10)


def routes(session: Session, desk: Desk) -> APIRouter:
    """The addresses of this view."""
    router = APIRouter()

    @router.post("/samples")
    def samples(asked: AskedSamples) -> Shown:
        return answered(session, desk, "samples", asked, grid_of_samples)

    @router.post("/steps")
    def steps(asked: AskedSteps) -> Shown:
        return answered(session, desk, "steps", asked, film)

    @router.post("/real")
    def real(asked: AskedReal) -> Shown:
        return answered(session, desk, "real", asked, real_items)

    @router.post("/nearest")
    def nearest_items(asked: AskedNearest) -> Shown:
        return answered(session, desk, "nearest", asked, neighbours)

    return router


def grid_of_samples(run: Variant, asked: AskedSamples) -> Shown:
    """Draw what `gen-models sample` draws."""
    columns = columns_for(run.model.classes if asked.class_ is None else 0)
    drawn = _drawn(run, asked)
    picture = grid(drawn, columns)
    options = asked.words(n=asked.n, class_=asked.class_, seed=asked.seed)
    return Shown(
        pictures=[address(picture)],
        cells=cells(drawn, picture, columns),
        command=line("sample", run.opened, "samples.png", **options),
    )


def film(run: Variant, asked: AskedSteps) -> Shown:
    """Draw the frames of what `gen-models film` films."""
    model = run.model
    if not isinstance(model, HasTrajectory):
        raise UsageError("this model draws in one step: choose a run of model=draw, model=gran or model=lapgan.")
    with model.evaluating("film", asked.seed):
        trajectory = model.trajectory(asked.n, asked.classes).cpu()
    shown, total = thinned(trajectory, asked.steps), len(trajectory)
    frames = [grid(step, columns := -(-asked.n // 4)) for step in shown]
    options = asked.words(n=asked.n, class_=asked.class_, steps=asked.steps, seed=asked.seed)
    return Shown(
        pictures=[address(frame) for frame in frames],
        cells=cells(shown[-1], frames[-1], columns),
        command=line("film", run.opened, "film.gif", **options) if total > 1 else None,
        labels=[f"step {(i + 1) * total // len(shown)} of {total}" for i in range(len(shown))],
        words="" if total > 1 else "This model draws in a single step.",
    )


def real_items(run: Variant, asked: AskedReal) -> Shown:
    """Show what `gen-models real` picks of the training items."""
    x, _ = gathered(run.opened.source.reference, picked(run.opened.source.reference, asked.n, asked.seed))
    picture = grid(x, columns := columns_for(run.model.classes if asked.class_ is None else 0))
    return Shown(
        pictures=[address(picture)],
        cells=cells(x, picture, columns),
        command=line("real", run.opened, "real.png", n=asked.n, columns=columns, seed=asked.seed),
        words=f"{len(x)} of {len(run.opened.source.reference):,} training items",
    )


def neighbours(run: Variant, asked: AskedNearest) -> Shown:
    """Find the training items that each sample of a grid is nearest to, in pixels."""
    drawn, training = _drawn(run, asked), run.opened.searched
    distances, found = nearest(drawn.flatten(1), training.flatten(1), min(asked.count, len(training)))
    return Shown(
        pictures=[address(grid(training[positions])) for positions in found],
        labels=[f"{distance:.2f} away" for distance in distances[:, 0].tolist()],
        words=f"nearest of the first {len(training):,} training items, in pixels",
    )


def _drawn(run: Variant, asked: AskedDrawn) -> Tensor:
    """Samples (n, *shape) as the command draws them, kept for the next question about the same ones."""
    key = asked.model_dump_json(include={"seed", "n", "class_", "truncation", "settings"})
    if key not in run.drawn:
        with isolated("sample", asked.seed), torch.no_grad():
            drawn = run.model.sample(asked.n, asked.classes)
        run.drawn = {key: drawn.float().cpu()}
    return run.drawn[key]
