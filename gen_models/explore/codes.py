"""Codes: draws that are steered by name or direction, walks between them, what each code does, arithmetic."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from gen_models.analysis.arithmetic import Question, changed
from gen_models.analysis.steer import Walk
from gen_models.analysis.traverse import sheet, traversals
from gen_models.explore.asked import Asked, AskedDrawn
from gen_models.explore.drawing import answered
from gen_models.explore.session import Session, Variant
from gen_models.explore.shown import Shown, address, cells, line
from gen_models.explore.work import Desk
from gen_models.media.pictures import columns_for, grid
from gen_models.randomness import isolated


class AskedSteered(AskedDrawn):
    """Draws, with all codes changed alike; a walk where both of its ends are given."""

    moves: dict[str, float] = Field(default_factory=dict, max_length=64)
    between: tuple[int, int] | None = None
    steps: int = Field(8, ge=2, le=64)
    arcs: bool = False

    @property
    def walk(self) -> Walk | None:
        """The walk that is asked for."""
        return None if self.between is None else Walk(*self.between, self.steps, self.arcs)


class AskedRows(Asked):
    """What codes do to `n` draws: those whose names begin with `code`."""

    n: int = Field(3, ge=1, le=16)
    steps: int = Field(10, ge=2, le=32)
    code: str | None = Field(None, max_length=100)


class AskedSpread(AskedDrawn):
    """What `count` directions do to `n` draws, up to `reach` standard deviations."""

    n: int = Field(3, ge=1, le=16)
    steps: int = Field(7, ge=2, le=32)
    count: int = Field(6, ge=1, le=20)
    reach: float = Field(3.0, gt=0, le=10)


class AskedArithmetic(Asked):
    """Which values of which attribute are added and subtracted."""

    n: int = Field(6, ge=1, le=32)
    attribute: str = Field("class", max_length=100)
    plus: str = Field(max_length=100)
    minus: str = Field(max_length=100)


def routes(session: Session, desk: Desk) -> APIRouter:
    """The addresses of this view."""
    router = APIRouter()

    @router.post("/steer")
    def steer(asked: AskedSteered) -> Shown:
        return answered(session, desk, "steer", asked, steered)

    @router.post("/directions")
    def directions(asked: AskedSpread) -> Shown:
        return answered(session, desk, "directions", asked, spread)

    @router.post("/traverse")
    def traverse(asked: AskedRows) -> Shown:
        return answered(session, desk, "traverse", asked, traversed)

    @router.post("/arithmetic")
    def arithmetic(asked: AskedArithmetic) -> Shown:
        return answered(session, desk, "arithmetic", asked, added)

    return router


def steered(run: Variant, asked: AskedSteered) -> Shown:
    """Draw what `gen-models steer` draws."""
    columns = columns_for(run.model.classes if asked.class_ is None else 0) if asked.walk is None else asked.steps
    with isolated("sample", asked.seed):
        drawn = run.steering.drawn(asked.n, asked.classes, asked.moves, asked.walk).float().cpu()
    picture = grid(drawn, columns)
    moves = [f"{name}={value:g}" for name, value in asked.moves.items()]
    told = {"n": asked.n, "class_": asked.class_, "seed": asked.seed, "move": moves, **_walk(asked)}
    options = asked.words(**told)
    return Shown(
        pictures=[address(picture)],
        cells=cells(drawn, picture, columns),
        command=line("steer", run.opened, "steered.png", **options),
    )


def _walk(asked: AskedSteered) -> dict[str, Any]:
    if asked.walk is None:
        return {}
    return {"between": f"{asked.walk.start},{asked.walk.end}", "steps": asked.steps, "spherical": asked.arcs}


def spread(run: Variant, asked: AskedSpread) -> Shown:
    """Draw what `gen-models directions` draws."""
    with isolated("sample", asked.seed):
        drawn = run.steering.spread(asked.n, asked.steps, asked.count, asked.reach).float().cpu()
    options = asked.words(rows=asked.n, steps=asked.steps, count=asked.count, reach=asked.reach, seed=asked.seed)
    return Shown(
        pictures=[address(grid(drawn.flatten(0, 2), asked.steps))],
        command=line("directions", run.opened, "directions.png", **options),
        labels=[f"direction {i + 1}" for i in range(len(drawn))],
        words=f"From left to right: from -{asked.reach:g} to {asked.reach:g} standard deviations.",
    )


def traversed(run: Variant, asked: AskedRows) -> Shown:
    """Draw what `gen-models traverse` draws."""
    with run.model.evaluating("traverse", asked.seed):
        walks = traversals(run.model, asked.n, asked.steps, asked.code)
    options = asked.words(rows=asked.n, steps=asked.steps, code=asked.code, seed=asked.seed)
    return Shown(
        pictures=[address(sheet(walks))],
        command=line("traverse", run.opened, "traverse.png", **options),
        labels=list(walks),
    )


def added(run: Variant, asked: AskedArithmetic) -> Shown:
    """Draw what `gen-models arithmetic` draws."""
    question = Question(asked.attribute, asked.plus, asked.minus)
    with run.model.evaluating("arithmetic", asked.seed):
        drawn = changed(run.model, run.opened.source, question, asked.n)
    told = {"attribute": asked.attribute, "plus": asked.plus, "minus": asked.minus}
    options = asked.words(**told, rows=asked.n, seed=asked.seed)
    return Shown(
        pictures=[address(grid(drawn.flatten(0, 1), drawn.shape[1]))],
        command=line("arithmetic", run.opened, "arithmetic.png", **options),
        words="Each row: 0, ½, 1, 1½ and 2 times the difference added"
        + (", after the item itself." if drawn.shape[1] > 5 else "."),
    )
