"""A training on the page is that of the command line, turn for turn."""

import shlex
from threading import Thread
from time import monotonic, sleep

import pytest
import torch

from gen_models import load
from gen_models.explore.live import Training
from gen_models.explore.stage import Begin, Stage
from gen_models.explore.theorem import claims
from gen_models.explore.view import thinned
from gen_models.explore.work import Desk
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
    assert (len(plane["samples"]), len(plane["field"]), len(plane["arrows"][0])) == (600, 48, 4)
    client.post("api/live/turns", json={"turns": 1})
    assert until(client, 1)["turn"] == 1
    client.post("api/live/turns", json={"turns": 6})
    plane = until(client, 7)
    assert [turn for turn, _ in plane["losses"]["critic/adversarial"]] == [5]
    words = shlex.split(plane["command"])
    assert words[:2] == ["gen-models", "train"]
    assert "metrics=none" in words  # the usual ones refuse points
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


@pytest.mark.parametrize("asked", [{"kind": "drawn"}, {"model": "pixelcnn"}, {"model": "glo"}])
def test_a_training_goes_on_where_the_next_one_can_not_begin(client, asked):
    client.post("api/live", json={"model": "vae"})
    client.post("api/live/turns", json={"turns": 2})
    until(client, 2)
    assert client.post("api/live", json=asked).status_code == 400
    now = client.get("api/live").json()
    assert (now["turn"], now["ended"], now["error"]) == (2, False, "")
    client.post("api/live/turns", json={"turns": 1})
    assert until(client, 3)["command"].endswith("network=mlp turns=3")


def test_what_does_not_fit_is_said(client):
    def error(**asked):
        return client.post("api/live", json=asked).json()["error"]

    assert client.get("api/live").json() is None
    assert client.post("api/live/turns", json={}).json()["error"] == "no training has begun: press Begin."
    assert "draws levels of pixels or sounds, and the data has points" in error(model="pixelcnn")
    assert "data.kind=cube is not known" in error(kind="cube")
    assert "did you mean" in error(model="vaee")
    assert error(model="gan plugins=[x]").startswith("model: string should match pattern")
    choices = client.get("api/live/choices").json()
    assert choices["models"]["gan"].startswith("GAN: ")
    assert choices["theory"]["flow_floor"] == "Flow matching's loss has a floor"
    assert error(kind="drawn") == "nothing is drawn: draw a stroke or a dot first."
    assert "there is no experiment=theory/nothing" in error(theory="nothing")


@pytest.mark.slow
def test_states_and_velocities_are_looked_at(client):
    view = client.post("api/live", json={"model": "flow_matching", "kind": "moons"}).json()
    assert view["stages"] == 11
    assert view["floors"]["flow/velocity_error"] > 0.1
    first, last = (client.get("api/live", params={"at": at}).json() for at in (0, 10))
    assert (first["time"], last["time"]) == (0.0, 1.0)
    assert first["scale"] > 1.5
    assert len(first["arrows"]) == 256
    assert (first["what"], last["arrows"]) == ("", [])
    assert view["time"] == pytest.approx(client.get("api/live", params={"at": 5}).json()["time"])
    ends = torch.tensor(last["samples"])
    assert last["scale"] == 1 or ends.square().mean().sqrt() == pytest.approx(1.2 / 2.2, rel=0.01)


def test_what_is_drawn_by_hand_is_learned_as_from_its_file(client, run_job, tmp_path):
    asked = {"model": "vae", "kind": "drawn", "strokes": [[[-0.5, 0], [0.5, 0]], [[0, 0.9]]], "seed": 2}
    view = client.post("api/live", json=asked).json()
    points = torch.tensor(view["real"])
    dots = points[:, 1] > 0.5
    assert dots.float().mean() == pytest.approx(0.1 / 1.1, abs=0.05)
    assert points[~dots, 1].std() == pytest.approx(0.03, abs=0.005)
    client.post("api/live/turns", json={"turns": 3})
    view = until(client, 3)
    (tmp_path / "drawn.npy").write_bytes(client.get("api/live/drawn.npy").content)
    words = [word.replace("drawn.npy", str(tmp_path / "drawn.npy")) for word in shlex.split(view["command"])[2:]]
    model = load(run_job(*words))
    with model.evaluating("live"):
        assert torch.allclose(model.sample(600), torch.tensor(view["samples"]), atol=1e-4)


@pytest.mark.slow
def test_a_theorem_is_played_with_its_plot(client):
    view = client.post("api/live", json={"theory": "flow_floor", "seed": 1}).json()
    assert view["command"] == "gen-models train experiment=theory/flow_floor seed=1"
    assert view["picture"].startswith("data:image/png;base64,")
    assert view["figures"]["closed form"] == pytest.approx(0.15 * torch.pi / 2)
    assert view["floors"]["flow/velocity_error"] == pytest.approx(0.15 * torch.pi / 2, rel=0.03)
    client.post("api/live/turns", json={"turns": 2})
    assert until(client, 2)["picture"] != view["picture"]
    assert client.get("api/live/drawn.npy").json()["error"].startswith("these data were not drawn")


@pytest.mark.slow
@pytest.mark.parametrize("name", [*claims()])
def test_every_theorem_can_be_played(client, name):
    view = client.post("api/live", json={"theory": name}).json()
    if name == "pixel_distance" and "picture" not in view:
        pytest.skip(view["error"])
    client.post("api/live/turns", json={"turns": 1})
    view = until(client, 1)
    assert view["picture"]
    assert not view["error"]


def test_long_histories_are_means():
    rows = [(turn, {"a": float(turn), **({"b": 1.0} if turn == 7 else {})}) for turn in range(1, 1201)]
    curves = thinned(rows)
    assert curves["a"][0] == (4, 2.5)
    assert curves["a"][-1] == (1200, 1198.5)
    assert curves["b"] == [(8, 1.0)]
    assert thinned([]) == {}


def test_two_that_begin_at_once_leave_one(monkeypatch):
    made = []

    def slow(*words):
        sleep(0.2)
        made.append(Training(*words))
        return made[-1]

    monkeypatch.setattr("gen_models.explore.stage.Training", slow)
    stage = Stage(Desk())
    asking = [Thread(target=stage.begin, args=(Begin(model="nice", seed=seed),)) for seed in (1, 2)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(60)
    assert len(made) == 2
    assert [one.ended for one in made].count(False) == 1
    stage.end()
    assert all(one.ended for one in made)
