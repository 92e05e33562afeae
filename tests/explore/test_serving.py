"""The command: a server of its own process on this machine's own address, until Ctrl-C."""

import signal
import socket
import subprocess
import sys
from pathlib import Path
from threading import Event
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import url2pathname, urlopen

import pytest

from gen_models.explore.serving import serve
from tests.cli.test_cli import typed  # noqa: F401 (a fixture)
from tests.explore.conftest import served


@pytest.mark.slow
def test_it_answers_on_loopback_and_ends_with_ctrl_c(saved):
    with served(saved("model=vae", "network=mlp")) as (address, process):
        assert address.startswith("http://127.0.0.1:")
        assert b"gen_models explore" in urlopen(address).read()
        with pytest.raises(HTTPError, match="403"):
            urlopen(address.rsplit("/", 2)[0] + "/")
        port = int(address.split(":")[2].split("/")[0])
        taken = [sys.executable, "-m", "gen_models", "explore", *process.args[4:5], "--port", str(port), "--no-browser"]
        refused = subprocess.run(taken, capture_output=True, text=True, timeout=120)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert f"port {port} can't be had" in refused.stderr
        assert _listens_only_here(port)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def _listens_only_here(port):
    """Whether a connection to another address of this machine is refused."""
    with socket.socket() as other:
        return other.connect_ex(("127.0.0.2", port)) != 0


def test_a_browser_is_not_told_the_token_on_its_command_line(monkeypatch, tmp_path):
    opened, said, told = Event(), [], []

    def look(address):
        page = Path(url2pathname(urlsplit(address).path))
        told.append((address, page.read_text(), page.stat().st_mode & 0o777))
        opened.set()

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("webbrowser.open", look)
    monkeypatch.setattr("gen_models.explore.serving.SOON", 0.01)
    monkeypatch.setattr("uvicorn.Server.run", lambda *_: opened.wait(20))
    serve(None, 0, said.append, browser=True)
    ((address, page, mode),), where = told, said[0].split()[0]
    assert where.split("/")[-2] not in address
    assert f"url={where}" in page
    assert mode == 0o600
    assert not list(tmp_path.iterdir())


def test_a_folder_without_runs_is_refused(typed, tmp_path):  # noqa: F811
    code, text = typed("explore", tmp_path, "--no-browser")
    assert (code, text) == (
        2,
        f"{tmp_path} is no run directory: it has no config.yaml, and no run with a checkpoint is below it.\n",
    )


def test_all_runs_are_shown_and_none_is_enough_to_begin_with(typed, saved, tmp_path, monkeypatch):  # noqa: F811
    shown = []
    monkeypatch.setattr("gen_models.explore.serving.serve", lambda session, *_, **__: shown.append(session.runs))
    monkeypatch.setenv("GEN_MODELS_RUNS", str(tmp_path))
    assert typed("explore") == (0, "")
    run = saved("model=vae", "network=mlp")
    assert typed("explore")[0] == 0
    assert [[one.path for one in runs] for runs in shown] == [[], [run]]


def test_without_the_server_it_says_what_to_install(typed, monkeypatch):  # noqa: F811
    monkeypatch.setattr("gen_models.cli.explore.find_spec", lambda name: None)
    assert typed("explore") == (2, "explore needs two more packages: pip install fastapi uvicorn\n")
