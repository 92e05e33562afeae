"""The runs: what each is, and what it can and cannot do."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType

from fastapi import APIRouter
from pydantic import BaseModel

from gen_models.analysis.arithmetic import attributes_of
from gen_models.analysis.classes import class_names
from gen_models.analysis.latent_space import decoder_of, movable
from gen_models.analysis.mixing import scales_of
from gen_models.analysis.subject import said
from gen_models.core.abilities.codes import (
    Decodes,
    Encodes,
    HasCodePrior,
    HasCodes,
    HasItemLatents,
    HasStyles,
    Reconstructs,
)
from gen_models.core.abilities.completion import Completes, Inpaints
from gen_models.core.abilities.sampling import HasTrajectory, HasWay, Truncates, draws_in_steps
from gen_models.core.model import GenerativeModel
from gen_models.diffusion.adaptive import solvers
from gen_models.diffusion.samplers import samplers
from gen_models.errors import UsageError, visible
from gen_models.explore.question import Setting
from gen_models.explore.session import Opened, Session
from gen_models.explore.work import Desk

NEEDS: Mapping[str, type | UnionType] = {
    "truncation": Truncates,
    "settings": HasWay,
    "reconstruct": Reconstructs,
    "complete": Completes,
    "mask": Inpaints,
}
"""What parts of the page ask of a model."""


WORDS: Mapping[str, tuple[str, ...]] = {"solver": tuple(solvers()), "sampler": tuple(samplers())}
"""Of settings of sampling that are words: which there are."""


class Code(BaseModel):
    """A code with a meaning: from `low` to `high`, or one of `classes`."""

    name: str
    low: float
    high: float
    classes: int = 0


class Card(BaseModel):
    """What the page knows of a run.

    Attributes:
        scales: Of samples that have a part of the latent of their own.
        settings: Of its sampling, as they are by themselves.
        words: Of those that are words, which there are.
        lacks: For each thing that it can't do, what that would need.
    """

    name: str
    title: str
    model: str
    data: str
    turn: int
    shape: list[int]
    classes: list[str]
    settings: dict[str, Setting]
    words: dict[str, tuple[str, ...]]
    codes: list[Code]
    scales: int
    lacks: dict[str, str]


def routes(session: Session, desk: Desk) -> APIRouter:
    """The addresses of this view."""
    router = APIRouter()

    @router.get("/runs")
    def runs() -> list[dict[str, str]]:
        return [_listed(run) for run in session.runs]

    @router.get("/runs/{number}")
    def run(number: int) -> Card:
        with desk.work(f"card {number}", "card"):
            return card(session.run(number))

    @router.get("/runs/{number}/attributes")
    def attributes(number: int) -> dict[str, list[str]]:
        with desk.work(f"attributes {number}", "attributes"):
            return {name: list(values) for name, (_, values) in attributes_of(session.run(number).source).items()}

    return router


def _listed(run: Opened) -> dict[str, str]:
    """How a run stands in the list; a damaged one hides no other, and says what it lacks when it is chosen."""
    try:
        return {"name": str(run.path), "title": titled(run), "model": _chosen(run, "model")}
    except UsageError:
        return {"name": str(run.path), "title": f"damaged · {visible(Path(run.path).name)}", "model": ""}


def titled(run: Opened) -> str:
    """Name a run by its model and data, and by its folder."""
    return f"{_chosen(run, 'model')} on {_chosen(run, 'data')} · {visible(Path(run.path).name)}"


def _chosen(run: Opened, group: str) -> str:
    """What of a group of configs the run has."""
    return str((run.config.get("choices") or {}).get(group, group))


def card(run: Opened) -> Card:
    """Open a run and say what it is."""
    model = run.own.model
    settings = dict(model.way) if isinstance(model, HasWay) else {}
    names = class_names(run.config) or [str(number) for number in range(model.classes)]
    return Card(
        name=str(run.path),
        title=titled(run),
        model=_chosen(run, "model"),
        data=_chosen(run, "data"),
        turn=model.clock.turn,
        shape=list(run.shape),
        classes=names[: model.classes],
        settings=settings,
        words={name: WORDS[name] for name in settings if name in WORDS},
        codes=_codes(model),
        scales=scales_of(model),
        lacks={part: words for part, words in _lacks(model, run.shape) if words},
    )


def _codes(model: GenerativeModel) -> list[Code]:
    axes = model.codes().axes(2) if isinstance(model, HasCodes) else []
    return [
        Code(name=axis.name, low=0, high=entries - 1, classes=entries)
        if (entries := axis.place.stop - axis.place.start) > 1
        else Code(name=axis.name, low=float(axis.values[0]), high=float(axis.values[-1]))
        for axis in axes
    ]


def _lacks(model: GenerativeModel, shape: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    for part, ability in NEEDS.items():
        yield part, "" if isinstance(model, ability) else said(ability)
    yield "steps", "" if draws_in_steps(model) else said(HasTrajectory)
    yield "class", "" if model.classes else "a model that was trained with classes"
    yield "mix", "" if scales_of(model) else said(HasStyles)
    yield "codes", "" if movable(model) else said(HasCodePrior)
    coded = movable(model) or (isinstance(model, Decodes) and isinstance(model, Encodes | HasItemLatents))
    yield "arithmetic", "" if coded else said(Encodes)
    yield "map", "" if isinstance(model, Encodes) and decoder_of(model) else said(Encodes)
    yield "pictures", "" if len(shape) == 3 else "a model of pictures"
