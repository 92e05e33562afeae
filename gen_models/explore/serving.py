"""Serving the page on this machine until somebody presses Ctrl-C."""

import secrets
import socket
import webbrowser
from collections.abc import Callable
from contextlib import suppress
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
        if browser:
            Timer(SOON, webbrowser.open, [address]).start()
        with suppress(KeyboardInterrupt):
            server.run([listener])


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
