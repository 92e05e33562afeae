"""A training on the page is that of the command line, turn for turn."""

import shlex
from time import monotonic, sleep

import pytest
import torch

from gen_models import load
from gen_models.explore.plane import _thinned
from tests.explore.conftest import HOST, TOKEN  # noqa: F401


@pytest.fixture
def client(client_of):
    with client_of() as client:
        yield client


def until(client, turn):
    end = monotonic() + 60
    while (plane := client.get("api/live").json())["turn"] < turn or plane["playing"]:
        assert monotonic() < end, plane["error"]
        sleep(0.02)
    return plane


def test_turns_are_played_one_by_one_and_are_those_of_the_command(client, run_job, tmp_path):
    plane = client.post("api/live", json={"model": "sngan", "kind": "moons", "seed": 3}).json()
    assert (plane["turn"], plane["playing"], plane["what"]) == (0, False, "the critic's logits")
    assert (len(plane["samples"]), len(plane["field"]), len(plane["pushes"][0])) == (600, 48, 4)
    client.post("api/live/turns", json={"turns": 1})
    assert until(client, 1)["turn"] == 1
    client.post("api/live/turns", json={"turns": 6})
    plane = until(client, 7)
    assert [turn for turn, _ in plane["losses"]["critic/adversarial"]] == [5]
    words = shlex.split(plane["command"])
    assert words[:2] == ["gen-models", "train"]
    run = run_job(*words[2:])
    model = load(run)
    with model.evaluating("live"):
        samples = model.sample(600)
    assert torch.allclose(samples, torch.tensor(plane["samples"]), atol=1e-4)


def test_it_plays_pauses_and_makes_place(client):
    client.post("api/live", json={"model": "vae"})
    client.post("api/live/turns", json={"turns": None})
    sleep(0.3)
    assert client.get("api/live").json()["playing"]
    client.post("api/live/turns", json={"turns": 0})
    sleep(0.3)
    turn = client.get("api/live").json()["turn"]
    assert turn > 0
    assert client.get("api/live").json()["turn"] == turn
    plane = client.post("api/live", json={"model": "flow_matching"}).json()
    assert plane["command"].endswith("network=mlp_denoiser turns=0")
    plane = client.post("api/live", json={"model": "nice"}).json()
    assert (plane["turn"], plane["what"]) == (0, "the model's density")


def test_what_does_not_fit_is_said(client):
    def error(**asked):
        return client.post("api/live", json=asked).json()["error"]

    assert client.get("api/live").json() is None
    assert client.post("api/live/turns", json={}).json()["error"] == "no training has begun: press Begin."
    assert "draws levels of pixels or sounds, and the data has points" in error(model="pixelcnn")
    assert "data.kind=cube is not known" in error(kind="cube")
    assert "did you mean" in error(model="vaee")
    assert error(model="gan plugins=[x]").startswith("model: string should match pattern")
    assert "gan" in client.get("api/live/models").json()


def test_long_histories_are_means():
    rows = [(turn, {"a": float(turn), **({"b": 1.0} if turn == 7 else {})}) for turn in range(1, 1201)]
    curves = _thinned(rows)
    assert curves["a"][0] == (4, 2.5)
    assert curves["a"][-1] == (1200, 1198.5)
    assert curves["b"] == [(8, 1.0)]
    assert _thinned([]) == {}
