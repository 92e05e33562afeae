"""A server of runs without a socket."""

import pytest
from fastapi.testclient import TestClient

from gen_models.explore.server import application
from gen_models.explore.session import Opening, Session

TOKEN, HOST = "secret", "127.0.0.1:1"


@pytest.fixture
def client_of():
    """Ask a server that shows these runs."""

    def made(*runs):
        app = application(Session(runs, Opening()), TOKEN, {HOST})
        return TestClient(app, base_url=f"http://{HOST}/{TOKEN}/", raise_server_exceptions=False)

    return made
