"""Items, held out or brought: reconstructed, completed, and their codes on a map whose places can be decoded."""

from typing import Annotated

import torch
from fastapi import APIRouter, Body
from pydantic import BaseModel, Field

from gen_models.analysis.codes import codes_of
from gen_models.analysis.maps import plane_of
from gen_models.analysis.restore import completions, reconstructions
from gen_models.core.abilities import Decodes
from gen_models.data.interface import Held, Items, classes_of
from gen_models.data.single import as_item
from gen_models.errors import UsageError
from gen_models.explore.asked import Asked
from gen_models.explore.drawing import answered
from gen_models.explore.session import Session, Upload, Variant
from gen_models.explore.shown import Shown, address, line
from gen_models.explore.work import Desk
from gen_models.media.pictures import grid

MAPPED = 1000
"""Held-out items on a map."""


class AskedItems(Asked):
    """Held-out items; or pictures that were brought, by their numbers."""

    n: int = Field(16, ge=1, le=64)
    uploads: list[int] = Field(default_factory=list, max_length=8)
    columns: int = Field(8, ge=1, le=32)
    tries: int = Field(4, ge=1, le=16)
    keep: float = Field(0.5, ge=0, le=1)


class AskedMap(Asked):
    """The map of codes."""


class AskedPlace(Asked):
    """A place on the map of codes."""

    x: float
    y: float


class Map(BaseModel):
    """Codes in the plane: (x, y, class) of each item, and what the axes are."""

    points: list[tuple[float, float, int]]
    classes: list[str]
    axes: tuple[str, str]
    command: str


def routes(session: Session, desk: Desk) -> APIRouter:
    """The addresses of this view."""
    router = APIRouter()

    @router.post("/upload")
    def upload(
        run: int, name: str, content: Annotated[bytes, Body(media_type="application/octet-stream")]
    ) -> dict[str, int | str]:
        x = as_item(content, session.run(run).shape)
        return {"upload": session.keep(Upload(name, content)), "picture": address(grid(x))}

    @router.post("/reconstruct")
    def reconstruct(asked: AskedItems) -> Shown:
        return answered(session, desk, "reconstruct", asked, lambda run, asked: reconstructed(session, run, asked))

    @router.post("/complete")
    def complete(asked: AskedItems) -> Shown:
        return answered(session, desk, "complete", asked, lambda run, asked: completed(session, run, asked))

    @router.post("/map")
    def code_map(asked: AskedMap) -> Map:
        return answered(session, desk, "map", asked, mapped)

    @router.post("/at")
    def at(asked: AskedPlace) -> Shown:
        return answered(session, desk, "at", asked, decoded)

    return router


def reconstructed(session: Session, run: Variant, asked: AskedItems) -> Shown:
    """Draw what `gen-models reconstruct` draws."""
    with run.model.evaluating("reconstruct"):
        items, files = _items(session, run, asked)
        rows = reconstructions(run.model, items, asked.n, asked.columns)
    options = asked.words(n=asked.n, columns=asked.columns, image=files, class_=asked.class_)
    return Shown(
        pictures=[address(grid(rows.flatten(0, 1), rows.shape[1]))],
        command=line("reconstruct", run.opened, "reconstructions.png", **options),
        words="Each item, and below it its reconstruction.",
    )


def completed(session: Session, run: Variant, asked: AskedItems) -> Shown:
    """Draw what `gen-models complete` draws."""
    with run.model.evaluating("complete", asked.seed):
        items, files = _items(session, run, asked)
        drawn = completions(run.model, items, asked.n, asked.tries, asked.keep)
    told = {"n": asked.n, "tries": asked.tries, "keep": asked.keep, "image": files, "class_": asked.class_}
    return Shown(
        pictures=[address(grid(drawn, asked.tries + 2))],
        command=line("complete", run.opened, "completions.png", **asked.words(**told, seed=asked.seed)),
        words="Each row: the item, what is kept of it, and ways to go on from there.",
    )


def mapped(run: Variant, asked: AskedMap) -> Map:
    """Place the codes of held-out items as `gen-models latents` does."""
    with run.model.evaluating("latents", asked.seed):
        codes = codes_of(run.model, run.opened.source.test, MAPPED)
    plane = plane_of(codes, asked.seed)
    classes = classes_of(run.opened.source.test, MAPPED).tolist()
    points = [(x, y, c) for (x, y), c in zip(plane.place(codes).tolist(), classes, strict=True)]
    command = line("latents", run.opened, "latents.png", **asked.words(n=MAPPED, seed=asked.seed))
    names = list(run.opened.source.class_names)
    return Map(points=points, classes=names, axes=plane.axes, command=command)


def decoded(run: Variant, asked: AskedPlace) -> Shown:
    """Decode the code at a place of the map."""
    model = run.model
    if not isinstance(model, Decodes):
        raise UsageError("this model decodes nothing: choose a run of an autoencoder, such as model=vae.")
    with model.evaluating("latents", asked.seed):
        plane = plane_of(codes_of(model, run.opened.source.test, MAPPED), asked.seed)
        codes = plane.lift(torch.tensor([[asked.x, asked.y]])).to(model.device)
        labels = torch.full((1,), asked.class_ or 0, device=model.device) if model.classes else None
        drawn = model.decode(codes, labels)
    return Shown(pictures=[address(grid(drawn.cpu(), 1))], words=f"the code at {asked.x:.2f}, {asked.y:.2f}")


def _items(session: Session, run: Variant, asked: AskedItems) -> tuple[Items, list[str]]:
    """The items that are asked for, and the files that they are, where they were brought."""
    if not asked.uploads:
        return run.opened.source.test, []
    brought = [session.upload(number) for number in asked.uploads]
    x = torch.cat([as_item(one.content, run.opened.shape) for one in brought])
    return Held(x, torch.full((len(x),), asked.class_ or 0)), [one.name for one in brought]
