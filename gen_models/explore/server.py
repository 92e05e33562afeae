"""The server of the page: its questions, its files, and errors as sentences."""

import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp

from gen_models.errors import UsageError
from gen_models.explore import codes, items, runs, samples
from gen_models.explore.guard import Guard
from gen_models.explore.session import Session
from gen_models.explore.work import Desk, Stopped
from gen_models.run.boundary import explained

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
VIEWS = (runs, samples, codes, items)


def application(session: Session, token: str, hosts: Collection[str]) -> ASGIApp:
    """Make the server of some runs, which answers only requests with the token in their path, to one of these hosts."""
    desk = Desk()

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.stop_all()  # or the server would wait for them

    app = FastAPI(lifespan=living, docs_url=None, redoc_url=None, openapi_url=None)
    for view in VIEWS:
        app.include_router(view.routes(session, desk), prefix="/api")
    _add_progress(app, desk)
    _add_errors(app)
    app.mount("/", StaticFiles(directory=STATIC, html=True))
    return Guard(app, token, hosts)


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
        told = explained(error) if isinstance(error, Exception) else None
        if told is None:
            log.error("a question could not be answered", exc_info=error)
        words = f"{type(error).__name__}: {error}. The whole error is in the terminal."
        return _sentence(told[0] if told else words, 500)


def _sentence(words: str, status: int) -> JSONResponse:
    return JSONResponse({"error": words}, status)
