"""Who is answered, and in which words."""

import shutil

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from gen_models.explore.guard import LARGEST
from gen_models.explore.server import application
from gen_models.explore.session import Opening, Session
from tests.explore.conftest import HOST, TOKEN


@pytest.fixture
def stranger():
    """Ask a server without runs by any address and any name."""

    def asked(path, host=HOST, method="GET", **options):
        client = TestClient(application(Session([], Opening()), TOKEN, {HOST}), base_url=f"http://{HOST}")
        return client.request(method, path, headers={"host": host, **options.pop("headers", {})}, **options)

    return asked


@pytest.mark.parametrize(
    "path", ["/", "/api/runs", "/wrong/", "/wrong/api/runs", f"/x{TOKEN}/", "/app.js", f"//{TOKEN}x/"]
)
def test_without_the_token_nothing_is_answered(stranger, path):
    answer = stranger(path)
    assert answer.status_code == 403
    assert "token" in answer.text
    assert stranger(f"/{TOKEN}/api/runs").json() == []


@pytest.mark.parametrize("host", ["evil.example:1", "127.0.0.1", "127.0.0.1:2", "", "127.0.0.1:1.evil.example"])
def test_another_name_of_this_machine_is_refused(stranger, host):
    answer = stranger(f"/{TOKEN}/api/runs", host)
    assert (answer.status_code, answer.text) == (403, "This server answers this machine only.")


def test_whatever_is_answered_may_load_nothing_from_elsewhere(stranger):
    for path in (f"/{TOKEN}/", f"/{TOKEN}/app.js", f"/{TOKEN}/api/runs", f"/{TOKEN}/nothing", "/"):
        headers = stranger(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'; img-src 'self' data:;")
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


def test_what_is_too_large_is_not_read(stranger):
    path = f"/{TOKEN}/api/upload?run=0&name=a.png"
    assert stranger(path, method="POST", content=b"x", headers={"content-length": str(LARGEST + 1)}).status_code == 413
    assert stranger(path, method="POST", content=iter([b"x"])).status_code == 411


def test_files_outside_the_page_are_not_served(stranger):
    for path in ("../server.py", "%2e%2e/server.py", "..%2fserver.py"):
        assert stranger(f"/{TOKEN}/{path}").status_code in (403, 404)
    assert stranger(f"/{TOKEN}/docs").status_code == stranger(f"/{TOKEN}/openapi.json").status_code == 404


@pytest.fixture
def client(saved, client_of):
    return client_of(saved("model=vae", "network=mlp"))


def test_a_run_says_what_it_can_and_what_it_would_need(client):
    assert client.get("api/runs").json()[0]["title"] == "vae on digits · run"
    card = client.get("api/runs/0").json()
    assert (card["model"], card["turn"], card["shape"], card["classes"]) == ("vae", 0, [1, 8, 8], [])
    assert card["lacks"]["class"] == "a model that was trained with classes"
    assert card["lacks"]["truncation"].startswith("a model whose latents can be truncated")
    assert card["lacks"]["complete"].startswith("a model that completes samples")
    assert not {"codes", "map", "arithmetic", "reconstruct", "pictures"} & set(card["lacks"])
    assert client.get("api/runs/0/attributes").json() == {"class": [str(digit) for digit in range(10)]}


def test_a_damaged_run_hides_no_other(saved, client_of, tmp_path):
    run = saved("model=vae", "network=mlp")
    broken = tmp_path / "broken"
    shutil.copytree(run, broken)
    (broken / "config.yaml").write_text("")
    client = client_of(broken, run)
    assert [one["title"] for one in client.get("api/runs").json()] == ["damaged · broken", "vae on digits · run"]
    assert client.get("api/runs/0").json()["error"].startswith(f"{broken}/config.yaml was not written by a run")
    assert client.get("api/runs/1").json()["model"] == "vae"


WRONG = [
    ("samples", {"n": 0}, "n: input should be greater than or equal to 1."),
    ("samples", {"n": 10**6}, "n: input should be less than or equal to 5000."),
    ("samples", {"seed": "x"}, "seed: input should be a valid integer"),
    ("samples", {"bogus": 1}, "bogus: extra inputs are not permitted."),
    ("samples", {"run": 3}, "there is no run 3: the page shows 1; load it again."),
    ("samples", {"class": 1}, "this model was trained without classes"),
    ("samples", {"truncation": 1}, "this model has no latents to truncate"),
    ("samples", {"settings": {"steps": 1}}, "the sampling of this model has no settings: leave steps out."),
    ("steps", {}, "this model draws in one step"),
    ("steer", {"moves": {"direction 99": 1}}, "there is no direction 99: they are numbered from 1 to 20."),
    ("steer", {"moves": {"smile": 1}}, "there is no code 'smile'"),
    ("steer", {"between": [0, 99]}, "there are draws 0 to 15"),
    ("complete", {}, "this model completes nothing"),
    ("arithmetic", {"plus": "3", "minus": "x"}, "no value of class is called 'x'"),
    ("complete", {"mask": "gIGBgYGBgYA"}, "this model completes no part that a mask leaves open"),
    ("reconstruct", {"uploads": [7]}, "that picture is not kept any longer"),
]  # fmt: skip


def test_errors_are_sentences(client):
    for view, asked, words in WRONG:
        answer = client.post(f"api/{view}", json=asked)
        assert answer.status_code == 400, view
        assert answer.json()["error"].startswith(words)


def test_what_is_no_picture_is_refused(client, tmp_path):
    def brought(content):
        return client.post("api/upload", params={"run": 0, "name": "a.png"}, content=content)

    assert "the picture cannot be read: not an image" in brought(b"GIF89a is not all that it takes").json()["error"]
    assert "the picture cannot be read: not an image" in brought(b"").json()["error"]
    Image.fromarray(np.zeros((9000, 9000), np.uint8)).save(tmp_path / "bomb.png")
    assert "more than 64 megapixels" in brought((tmp_path / "bomb.png").read_bytes()).json()["error"]


def test_a_directory_that_is_no_whole_run_is_said(client_of, saved, tmp_path):
    run = saved("model=vae", "network=mlp")
    for file in (run / "checkpoints").iterdir():
        file.unlink()
    answer = client_of(run).get("api/runs/0")
    assert answer.status_code == 400
    assert "no newest checkpoint that is whole" in answer.json()["error"]


def test_a_programmers_error_is_said_and_logged(client, monkeypatch, caplog):
    monkeypatch.setattr("gen_models.families.vae.VAE.sample", lambda *_: 1 / 0)
    answer = client.post("api/samples", json={})
    assert answer.status_code == 500
    assert answer.json()["error"].startswith("ZeroDivisionError: division by zero.")
    assert "a question could not be answered" in caplog.text
