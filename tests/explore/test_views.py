"""What the page shows is what the command gives that it offers."""

import shlex
from base64 import b64decode, urlsafe_b64encode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_cli import typed  # noqa: F401 (a fixture)

ROWS = {"n": 2, "steps": 3}


def picture(address):
    head, _, content = address.partition(",")
    assert head == "data:image/png;base64"
    return b64decode(content)


@pytest.fixture
def same(client_of, typed, tmp_path):  # noqa: F811
    """Ask the page, type the command that it gives, and compare."""

    def compared(run, view, asked):
        answer = client_of(run).post(f"api/{view}", json=asked)
        assert answer.status_code == 200, answer.text
        shown = answer.json()
        words = shlex.split(shown["command"])
        out = tmp_path / ("a.gif" if words[1] == "film" else "a.png")
        assert words[0] == "gen-models"
        code, text = typed(*words[1:], "--overwrite", "--out", out)
        assert code == 0, text
        frames = getattr(Image.open(out), "n_frames", 1)
        assert len(shown["pictures"]) == frames
        if frames == 1:
            assert picture(shown["pictures"][0]) == out.read_bytes()
        return shown

    return compared


def test_a_game_is_asked_as_its_commands_are(saved, same):
    run = saved("model=cgan", "network=mlp")
    shown = same(run, "samples", {"seed": 3, "n": 12})
    assert shown["cells"]["count"] == 12
    assert shown["cells"]["columns"] == 10
    same(run, "samples", {"seed": 4, "n": 5, "class": 7, "truncation": 0.5})
    assert same(run, "real", {"seed": 1, "n": 6})["words"].startswith("6 of")
    steered = {"n": 4, "class": 3, "moves": {"direction 1": -2, "direction 2": 0.5}, "seed": 5}
    assert same(run, "steer", steered)["pictures"] != same(run, "steer", {**steered, "moves": {}})["pictures"]
    walk = same(run, "steer", {**steered, "between": [1, 3], "steps": 5, "arcs": True})
    assert walk["cells"]["count"] == walk["cells"]["columns"] == 5
    assert len(same(run, "directions", {**ROWS, "count": 2, "reach": 1.5})["labels"]) == 2


def test_codes_by_name_are_asked_as_their_commands_are(saved, same):
    run = saved("model=infogan", "network.generator.width=8")
    same(run, "steer", {"n": 3, "moves": {"class": 4, "style 1": 0.5}})
    assert same(run, "traverse", {**ROWS, "code": "style"})["labels"] == ["style 1", "style 2"]
    assert same(run, "traverse", {**ROWS, "most": 1})["words"] == "these 1 of 3 codes change pictures most"


@pytest.mark.slow
def test_scales_are_mixed_as_by_the_command(saved, same):
    run = saved("model=biggan", "network.generator.width=4")
    same(run, "mix", {"n": 2, "columns": 3, "first": 1, "last": 2, "seed": 1, "truncation": 0.5})


@pytest.mark.slow
def test_an_autoencoder_is_asked_as_its_commands_are(saved, same, client_of):
    run = saved("model=vae", "network=mlp")
    same(run, "reconstruct", {"n": 8, "columns": 4})
    added = same(run, "arithmetic", {"n": 2, "plus": "3", "minus": "5"})
    assert "after the item itself" in added["words"]
    client = client_of(run)
    placed = client.post("api/map", json={}).json()["chart"]
    assert len(placed["points"][0]) == 3
    assert placed["axes"][0].startswith("PCA 1 of")
    same(run, "at", {"x": 0.5, "y": -1.25})


def test_what_is_drawn_in_steps_is_filmed(saved, same):
    run = saved("model=draw", "model.steps=3")
    shown = same(run, "steps", {"n": 4, "steps": 2})
    assert shown["labels"] == ["step 1 of 3", "step 3 of 3"]


def test_a_grown_network_shows_each_resolution(saved, same):
    run = saved("model=progan", "network.generator.width=4", "network.generator.limit=8", "model.latent_dim=8")
    shown = same(run, "steps", {"n": 2})
    assert shown["labels"] == ["step 1 of 2", "step 2 of 2"]


@pytest.mark.slow
def test_what_is_drawn_pixel_by_pixel_is_completed_at_a_temperature(saved, same):
    run = saved("model=pixelcnn", "network.causal.width=8")
    cold = same(run, "samples", {"n": 2, "settings": {"temperature": 0.1}})
    assert cold["pictures"] != same(run, "samples", {"n": 2})["pictures"]
    same(run, "complete", {"n": 2, "tries": 2, "keep": 0.25, "seed": 2, "settings": {"temperature": 0.5}})


def test_what_a_mask_leaves_open_is_completed(saved, client_of, typed, tmp_path):  # noqa: F811
    run = saved("model=flow_matching", "model.steps=1")
    client = client_of(run)
    open_ = np.zeros((8, 8), np.uint8)
    open_[2:5, 3:] = 1
    Image.fromarray(255 * open_).save(tmp_path / "mask.png")
    asked = {"n": 2, "tries": 2, "mask": urlsafe_b64encode(np.packbits(open_).tobytes()).decode().rstrip("=")}
    shown = client.post("api/complete", json=asked).json()
    words = shlex.split(shown["command"])
    assert words[words.index("--mask") + 1] == "mask.png"
    words[words.index("--mask") + 1] = str(tmp_path / "mask.png")
    code, text = typed(*words[1:], "--out", tmp_path / "out.png")
    assert code == 0, text
    assert picture(shown["pictures"][0]) == (tmp_path / "out.png").read_bytes()
    Image.fromarray(0 * open_).save(tmp_path / "mask.png")
    with pytest.warns(UserWarning, match=r"mask.png is dark everywhere, so that nothing is drawn anew"):
        assert typed(*words[1:], "--out", tmp_path / "same.png")[0] == 0
    again = client.post("api/complete", json={**asked, "mask": "AA"})
    assert again.json()["error"].startswith("that mask is not of 8 x 8 pixels")
    item = Image.open(BytesIO(picture(client.post("api/originals", json={}).json()["pictures"][0])))
    assert item.size == (8, 8)


def test_what_samples_take_stands_beside_them(saved, client_of):
    client = client_of(saved("model=flow_matching"))
    words = client.get("api/runs/0").json()["words"]
    assert words == {"solver": ["euler", "heun", "midpoint", "rk4", "dopri5", "dpm++"]}
    for solver, count in (("euler", 3), ("rk4", 12)):
        asked = {"n": 2, "settings": {"steps": 3, "solver": solver}}
        assert client.post("api/samples", json=asked).json()["words"].startswith(f"{count} evaluations of the network")


def test_a_brought_picture_is_reconstructed(saved, client_of, typed, tmp_path):  # noqa: F811
    run = saved("model=vae", "network=mlp")
    client = client_of(run)
    file = tmp_path / "mine.png"
    Image.fromarray(np.arange(40 * 60 * 3, dtype=np.uint8).reshape(40, 60, 3)).save(file)
    brought = client.post("api/upload", params={"run": 0, "name": str(file)}, content=file.read_bytes()).json()
    shown = client.post("api/reconstruct", json={"uploads": [brought["upload"]]}).json()
    words = shlex.split(shown["command"])
    code, text = typed(*words[1:], "--out", tmp_path / "out.png")
    assert code == 0, text
    assert picture(shown["pictures"][0]) == (tmp_path / "out.png").read_bytes()


def test_neighbours_of_samples_are_training_items(saved, client_of):
    run = saved("model=sngan", "network=mlp")
    shown = client_of(run).post("api/nearest", json={"n": 3, "count": 2}).json()
    assert len(shown["pictures"]) == len(shown["labels"]) == 3
    assert shown["labels"][0].endswith(" away")
    assert shown["words"] == "nearest of the first 1,197 training items, in pixels"
