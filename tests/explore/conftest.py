"""A server of runs without a socket, and runs that were saved before their first turn."""

import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from time import sleep
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from fastapi.testclient import TestClient
from omegaconf import OmegaConf

from gen_models.explore.server import application
from gen_models.explore.session import Opening, Session
from gen_models.run.build import build_data, build_model
from gen_models.run.checkpoints import Store

TOKEN, HOST = "secret", "127.0.0.1:1"


@pytest.fixture
def client_of():
    """Ask a server that shows these runs."""

    def made(*runs):
        app = application(Session(runs, Opening()), TOKEN, {HOST})
        return TestClient(app, base_url=f"http://{HOST}/{TOKEN}/", raise_server_exceptions=False)

    return made


@pytest.fixture
def saved(compose_job, tmp_path):
    """Save an untrained model as a run, which takes a tenth of what a training takes."""

    def ran(*overrides, run=tmp_path / "run"):
        return save(compose_job(*overrides, run=run), run)

    return ran


def save(cfg, run):
    """Save the untrained model of a job as a run."""
    build_data(cfg)
    model = build_model(cfg)
    Store(run / "checkpoints").save(0, {"model": model.state_dict()})
    OmegaConf.save(cfg, run / "config.yaml", resolve=True)
    return run


@contextmanager
def served(*runs):
    """Start the command for some runs; give the address that it prints, and its process."""
    words = [sys.executable, "-m", "gen_models", "explore", *map(str, runs), "--no-browser"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    try:
        address = process.stdout.readline().strip()
        for _ in range(200):  # it is printed just before the server listens
            with suppress(URLError):
                urlopen(address)
                break
            sleep(0.05)
        yield address, process
    finally:
        process.terminate()
        process.wait(20)
