"""Serving the page on this machine until somebody presses Ctrl-C."""

import os
import secrets
import socket
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from tempfile import mkstemp
from threading import Timer

import uvicorn

from gen_models.errors import UsageError
from gen_models.explore.server import application
from gen_models.explore.session import Session

LOOPBACK = "127.0.0.1"
SOON = 1.0
"""Seconds until the server listens for sure."""


def serve(session: Session, port: int, say: Callable[[str], None], *, browser: bool) -> None:
    """Serve the page, and say its address.

    Args:
        session: The runs that it shows.
        port: Where; 0 for any that is free.
        say: Prints a line.
        browser: Open it.

    Raises:
        UsageError: The port is taken.
    """
    with _listening(port) as listener:
        port, token = listener.getsockname()[1], secrets.token_urlsafe()
        address = f"http://{LOOPBACK}:{port}/{token}/"
        app = application(session, token, {f"{LOOPBACK}:{port}", f"localhost:{port}"})
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, ws="none"))
        say(f"{address}\nCtrl-C ends it; whoever has this address and this machine can ask.")
        with _door(address) if browser else nullcontext() as door, suppress(KeyboardInterrupt):
            if door is not None:
                Timer(SOON, webbrowser.open, [door.as_uri()]).start()
            server.run([listener])


@contextmanager
def _door(address: str) -> Iterator[Path]:
    """Give a page that leads on to an address: what a browser is told on its command line every user of a machine sees.

    Nobody else can read the page. It lies where browsers that are shut in (snaps) may look: they see neither temporary
    files nor hidden folders.
    """
    home = Path.home()
    descriptor, name = mkstemp(".html", "explore-", home if os.access(home, os.W_OK) else None)
    try:
        with os.fdopen(descriptor, "w") as page:
            page.write(f'<!doctype html><meta http-equiv="refresh" content="0; url={address}">')
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise UsageError(
            f"port {port} can't be had ({error.strerror}): leave --port out, or choose another."
        ) from error
    return listener
