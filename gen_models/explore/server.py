"""The server of the page: its questions, its files, and errors as sentences."""

import logging
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from fastapi import Body, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp

from gen_models.data.single import as_item
from gen_models.errors import UsageError
from gen_models.explore import codes, items, runs, samples, stage
from gen_models.explore.guard import Guard
from gen_models.explore.question import PageQuestion
from gen_models.explore.session import Session
from gen_models.explore.shown import Shown, address
from gen_models.explore.uploads import Upload
from gen_models.explore.work import Desk, Stopped
from gen_models.media.pictures import grid
from gen_models.run.boundary import explained

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
QUESTIONS: Mapping[str, type[PageQuestion]] = MappingProxyType(
    {
        **{"samples": samples.Samples, "steps": samples.DrawingSteps, "real": samples.Real, "nearest": samples.Nearest},
        **{"steer": codes.Steer, "directions": codes.Directions, "traverse": codes.Traverse},
        **{
            "mix": codes.Mix,
            "arithmetic": codes.Arithmetic,
            "reconstruct": items.Reconstruct,
            "complete": items.Complete,
        },
        **{"originals": items.Originals, "map": items.Map, "at": items.At},
    }
)


def application(session: Session, token: str, hosts: Collection[str]) -> ASGIApp:
    """Make the server of some runs, which answers only requests with the token in their path, to one of these hosts."""
    desk = Desk()
    live, theatre = stage.routes(desk)

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.stop_all()  # or the server would wait for them
        theatre.end()

    app = FastAPI(lifespan=living, docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(runs.routes(session, desk), prefix="/api")
    app.include_router(live, prefix="/api")
    for name, kind in QUESTIONS.items():
        app.post(f"/api/{name}")(_asking(kind, session, desk))
    _add_uploads(app, session)
    _add_progress(app, desk)
    _add_errors(app)
    app.mount("/", StaticFiles(directory=STATIC, html=True))
    return Guard(app, token, hosts)


def _asking(kind: type[PageQuestion], session: Session, desk: Desk) -> Callable[..., Shown]:
    """Give what answers questions of one kind, each in its turn."""

    def question(asked: PageQuestion) -> Shown:
        with desk.work(asked.lane, asked.kind):
            return asked.answer(session.run(asked.run).variant(asked.way))

    question.__annotations__["asked"] = kind  # by which FastAPI reads it
    return question


def _add_uploads(app: FastAPI, session: Session) -> None:
    @app.post("/api/upload")
    def upload(
        run: int, name: str, content: Annotated[bytes, Body(media_type="application/octet-stream")] = b""
    ) -> dict[str, int | str]:
        opened = session.run(run)
        picture = grid(as_item(content, opened.shape, opened.config.get("data")))
        return {"upload": opened.uploads.keep(Upload(name, content)), "picture": address(picture)}


def _add_progress(app: FastAPI, desk: Desk) -> None:
    @app.get("/api/progress/{lane}")
    def progress(lane: str) -> dict[str, float | None]:
        return desk.progress(lane)

    @app.post("/api/stop/{lane}")
    def stop(lane: str) -> None:
        desk.stop(lane)


def _add_errors(app: FastAPI) -> None:
    """Say what went wrong in a sentence, as the command line does."""

    @app.exception_handler(Stopped)
    def stopped(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse({"stopped": True}, 409)

    @app.exception_handler(RequestValidationError)
    def misasked(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        return _sentence(f"{first['loc'][-1]}: {first['msg'][:1].lower()}{first['msg'][1:]}.", 400)

    @app.exception_handler(UsageError)
    def refused(_: Request, error: Exception) -> JSONResponse:
        return _sentence(str(error), 400)

    @app.exception_handler(Exception)
    def failed(_: Request, error: Exception) -> JSONResponse:
        told = explained(error)
        if told is None:
            log.error("a question could not be answered", exc_info=error)
        words = f"{type(error).__name__}: {error}. The whole error is in the terminal."
        return _sentence(told[0] if told else words, 500)


def _sentence(words: str, status: int) -> JSONResponse:
    return JSONResponse({"error": words}, status)
